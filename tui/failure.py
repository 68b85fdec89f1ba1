"""What a person is told when something could not be done: the place, the reason, the cure, and the lines around."""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from pathlib import Path

_AROUND = 4


@dataclass(frozen=True, slots=True)
class Failure:
    """``file`` and ``line`` where there is a place; ``source`` are (number, text) of the lines around it."""

    reason: str
    place: str = ""
    cure: str = ""
    file: str | None = None
    line: int | None = None
    source: tuple[tuple[int, str], ...] = ()

    @property
    def sentences(self) -> list[str]:
        """At most three lines: place, reason, cure."""
        return [text for text in (self.place, self.reason, self.cure) if text]

    @property
    def brief(self) -> str:
        """One line: the place without its source text, and the reason."""
        if self.file is None or self.line is None:
            return " ".join(self.sentences[:2]) if self.file is None else self.reason
        return f"{Path(self.file).name}, line {self.line}: {self.reason}"


def failure_of(error: Exception) -> Failure:
    """The failure that an exception stands for. What is not ours to refuse is our mistake, and is called that."""
    from engine.errors import ChainstepError

    if isinstance(error, ChainstepError):
        place, reason, cure = (_on_one_line(text) for text in (error.place, error.reason, error.cure))
        return Failure(reason, place, cure, error.file, error.line, _around(error.file, error.line))
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"
    told = f"{type(error).__name__}: {_on_one_line(str(error))}{where}"
    return Failure(told, "This is a mistake in chainstep, not in your file:")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _around(file: str | None, line: int | None) -> tuple[tuple[int, str], ...]:
    """The lines of the file as it was run, or as it is on disk."""
    if file is None or line is None:
        return ()
    lines = linecache.getlines(file)
    numbers = range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1)
    return tuple((number, lines[number - 1].rstrip("\n")) for number in numbers)
