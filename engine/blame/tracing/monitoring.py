"""Being told of lines by `sys.monitoring`: of code that is not the person's own it tells once, and then no more."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Protocol

from engine.blame.tracing.own import Own

_WATCH: Any = getattr(sys, "monitoring", None)


class Told(Protocol):
    """Who is told."""

    def entered(self, frame: FrameType) -> None: ...
    def moved(self, frame: FrameType, line: int) -> None: ...
    def failed(self, frame: FrameType) -> None: ...
    def left(self, frame: FrameType, result: Any) -> None: ...


def free_tool() -> int | None:
    """A number for `sys.monitoring` that nobody uses, the unnamed ones first; None where there is none."""
    if _WATCH is None:
        return None
    return next((number for number in (3, 4, 2, 1, 0, 5) if _WATCH.get_tool(number) is None), None)


@contextmanager
def monitoring(told: Told, own: Own, tool: int) -> Iterator[None]:
    """By `sys.monitoring` (Python 3.12) under the number ``tool``, which is free again afterwards."""
    watch, events = _WATCH, _WATCH.events
    heard = _Heard(told, own, tool)
    by_event = {
        events.PY_START: heard.started,
        events.PY_RESUME: heard.started,
        events.PY_THROW: heard.resumed_by_exception,
        events.PY_RETURN: heard.returned,
        events.PY_YIELD: heard.returned,
        events.PY_UNWIND: heard.unwound,
        events.LINE: heard.line,
        events.JUMP: heard.jumped,
        events.RAISE: heard.raised,
        events.STOP_ITERATION: heard.raised,
    }
    watch.use_tool_id(tool, "chainstep")
    try:
        for event, function in by_event.items():
            watch.register_callback(tool, event, function)
        # what an earlier run did not want to hear of may be wanted now
        watch.restart_events()
        watch.set_events(tool, events.PY_START | events.PY_THROW | events.PY_UNWIND | events.RAISE)
        yield
    finally:
        watch.set_events(tool, 0)
        for code in heard.codes:
            watch.set_local_events(tool, code, 0)
        for event in by_event:
            watch.register_callback(tool, event, None)
        watch.free_tool_id(tool)
        watch.restart_events()


class _Heard:
    """What `sys.monitoring` calls. It tells of every thread, so that others have to be left out here."""

    def __init__(self, told: Told, own: Own, tool: int) -> None:
        self._told, self._own, self._tool = told, own, tool
        self._thread = threading.get_ident()
        self.codes: set[CodeType] = set()
        self._lines: dict[CodeType, dict[int, int]] = {}

    def _is_followed(self, code: CodeType) -> bool:
        return code in self.codes and threading.get_ident() == self._thread

    def started(self, code: CodeType, _: int) -> Any:
        """A function begins; of one that is not the person's own nothing more is heard."""
        if not self._own.follows(code):
            return _WATCH.DISABLE
        if threading.get_ident() != self._thread:
            return None
        if code not in self.codes:
            self.codes.add(code)
            events = _WATCH.events
            local = events.LINE | events.PY_RETURN | events.PY_YIELD | events.PY_RESUME | events.STOP_ITERATION
            _WATCH.set_local_events(self._tool, code, local | events.JUMP)
        self._told.entered(sys._getframe(1))
        return None

    def resumed_by_exception(self, code: CodeType, _: int, __: BaseException) -> None:
        if self._is_followed(code):
            self._told.entered(sys._getframe(1))

    def line(self, code: CodeType, number: int) -> None:
        if threading.get_ident() == self._thread:
            self._told.moved(sys._getframe(1), number)

    def jumped(self, code: CodeType, start: int, end: int) -> None:
        """Back to where the line began: a loop on one line, which `sys.settrace` calls a line again."""
        if end > start or threading.get_ident() != self._thread:
            return
        lines = self._lines_of(code)
        if lines.get(start) is not None and lines.get(start) == lines.get(end):
            self._told.moved(sys._getframe(1), lines[end])

    def _lines_of(self, code: CodeType) -> dict[int, int]:
        if code not in self._lines:
            self._lines[code] = {
                at: line for first, last, line in code.co_lines() if line is not None for at in range(first, last, 2)
            }
        return self._lines[code]

    def returned(self, code: CodeType, _: int, value: Any) -> None:
        if threading.get_ident() == self._thread:
            self._told.left(sys._getframe(1), value)

    def unwound(self, code: CodeType, _: int, __: BaseException) -> None:
        if self._is_followed(code):
            self._told.left(sys._getframe(1), None)

    def raised(self, code: CodeType, _: int, __: BaseException) -> None:
        if self._is_followed(code):
            self._told.failed(sys._getframe(1))
