"""Following a backward line by line: what its variables hold, and how Python tells of the lines it runs."""
