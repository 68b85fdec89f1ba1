"""What ``chainstep list``, ``show`` and ``check`` print: an exit status and lines. None of it loads Textual."""
