from __future__ import annotations


def steps(program):
    return ()
