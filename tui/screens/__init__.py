"""The screens, one module each; all but the debugger are imported when they are first opened."""
