"""A user's code runs with its prints out of the way and nobody to ask.

What it prints goes where the caller says; ``input()`` finds an empty input and raises EOFError, which is told like any
other error, instead of waiting for somebody who sees no question.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def apart(output: TextIO) -> Iterator[None]:
    """Standard output into ``output``, standard input empty; both come back whatever happens."""
    own = sys.stdin
    sys.stdin = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            yield
    finally:
        sys.stdin = own
