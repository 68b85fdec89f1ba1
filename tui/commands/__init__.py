"""What ``list``, ``show``, ``check`` and ``new`` print: an exit status and lines. None of it loads Textual."""
