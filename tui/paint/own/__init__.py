"""The screen of somebody's own backward: the lines, what is said of one, its matrices. Pure painters."""
