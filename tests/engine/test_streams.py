"""A user's prints are out of the way, whatever runs at the same time."""

from __future__ import annotations

import io
import sys

import pytest

from engine.streams import apart


def test_prints_go_where_the_caller_says_and_nobody_is_asked() -> None:
    """And both streams are back afterwards, after an exception too."""
    before, said = (sys.stdin, sys.stdout), io.StringIO()
    with pytest.raises(EOFError), apart(said):
        print("hello")
        input()
    assert said.getvalue() == "hello\n"
    assert (sys.stdin, sys.stdout) == before


def test_two_that_overlap_may_leave_in_any_order() -> None:
    """An abandoned run leaves after the one that followed it came: the streams come back with the last of them."""
    before, first, second = (sys.stdin, sys.stdout), io.StringIO(), io.StringIO()
    one, two = apart(first), apart(second)
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    print("hello")
    two.__exit__(None, None, None)
    assert (first.getvalue(), second.getvalue()) == ("", "hello\n")
    assert (sys.stdin, sys.stdout) == before
