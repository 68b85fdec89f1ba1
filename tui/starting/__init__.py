"""Starting files: from an architecture, with or without a data file, to the text of a plain NumPy scenario."""
