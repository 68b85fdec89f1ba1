"""The pages of the inspector, one module each; every module has ``rows(debugger, width)``."""
