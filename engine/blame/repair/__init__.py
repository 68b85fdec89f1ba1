"""Trying out cures: a line of the backward is changed a little, and the whole backward is run again.

A change with which every gradient is right proves two things that no comparison of arrays can: where the mistake is,
and what to write. `edits` are the small changes of a statement, `trials` runs them, `search` decides what they say.
"""
