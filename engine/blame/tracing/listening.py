"""How Python tells of the lines it runs: `sys.settrace`, and from 3.12 `sys.monitoring`, which asks less of other code.

Both tell a recorder the same. Nothing but the person's own functions is followed, in the thread that runs them.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from engine.blame.tracing.monitoring import Told, free_tool, monitoring
from engine.blame.tracing.own import Own


def listening(told: Told, own: Own) -> AbstractContextManager[None]:
    """Tell ``told`` of everything that happens inside the ``with``, in the way that asks least of this Python."""
    tool = free_tool()
    return tracing(told, own) if tool is None else monitoring(told, own, tool)


@lru_cache
def _endless_jumps(code: CodeType) -> frozenset[int]:
    """Where a jump leads to itself: ``while True: pass`` on one line, of which Python 3.11 tells no second time."""
    instructions = dis.get_instructions(code)
    return frozenset(i.offset for i in instructions if i.opname.startswith("JUMP_") and i.argval == i.offset)


@contextmanager
def tracing(told: Told, own: Own) -> Iterator[None]:
    """By `sys.settrace`; a debugger's or coverage's own trace function is put back afterwards."""

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            told.moved(frame, frame.f_lineno)
        elif event == "opcode":
            if frame.f_lasti in _endless_jumps(frame.f_code):
                told.moved(frame, frame.f_lineno)
        elif event == "return":
            told.left(frame, argument)
        elif event == "exception":
            told.failed(frame)
        return local

    def called(frame: FrameType, event: str, _: Any) -> Any:
        if event != "call" or not own.follows(frame.f_code):
            return None
        frame.f_trace_opcodes = bool(_endless_jumps(frame.f_code))
        told.entered(frame)
        return local

    before = sys.gettrace()
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)
