"""A user's code runs with its prints out of the way and nobody to ask.

What it prints goes where the caller says; ``input()`` finds an empty input and raises EOFError, which is told like any
other error, instead of waiting for somebody who sees no question.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from threading import Lock
from typing import Any, TextIO

_changing = Lock()
_inside: list[TextIO] = []
_own: list[Any] = []


@contextlib.contextmanager
def apart(output: TextIO) -> Iterator[None]:
    """Standard output into ``output``, standard input empty; both come back whatever happens.

    Several threads may be inside at once (an abandoned run goes on for a while), and leave in any order: the streams
    come back when the last one leaves. Until then prints go to the output of the one that entered last.
    """
    with _changing:
        if not _inside:
            _own[:] = sys.stdin, sys.stdout
        _inside.append(output)
        sys.stdin, sys.stdout = io.StringIO(), output
    try:
        yield
    finally:
        with _changing:
            del _inside[next(k for k in reversed(range(len(_inside))) if _inside[k] is output)]
            if _inside:
                sys.stdout = _inside[-1]
            else:
                sys.stdin, sys.stdout = _own
