"""The lines that the screen lists: somebody's functions, a mark on each judged line, and below it its arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tui.own.compared import Compared
from tui.own.source import Line, functions

if TYPE_CHECKING:
    from engine.blame import LineVerdict

Kind = Literal["def", "code", "array", "gap", "file"]

_INDENT = 4
"""How far the arrays of a line stand to the right of it."""

WORST: tuple[LineVerdict, ...] = ("own-error", "inherited", "unrecognised", "in-progress", "right")
"""Of several verdicts the one that is shown for all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the listing.

    ``def`` is the line that defines ``backward``, where the whole of it is told of; ``array`` is one of several arrays
    of the line above it; ``gap`` and ``file`` stand between functions. ``array`` is the number of the one array that
    is told of here. The cursor can stand where ``stop`` is true. ``stopped`` is the line that a run ended on.
    """

    kind: Kind
    file: str = ""
    number: int = 0
    text: str = ""
    verdict: LineVerdict | None = None
    array: int | None = None
    stop: bool = False
    stopped: bool = False


def worst(verdicts: Iterable[LineVerdict]) -> LineVerdict | None:
    """The verdict that matters most, None of none."""
    found = set(verdicts)
    return next((verdict for verdict in WORST if verdict in found), None)


Place = tuple[str, int]
"""A file and a line of it."""


def listing(start: Place, arrays: Sequence[Compared], stopped: Place | None = None) -> tuple[Row, ...]:
    """The function at ``start`` (the ``def`` of the backward) and every other one with a judged line in it.

    Those of the first file come first. ``stopped`` is the line on which the run ended.
    """
    at: dict[Place, list[int]] = defaultdict(list)
    for number, array in enumerate(arrays):
        at[array.judged.file, array.judged.line].append(number)
    wanted = {start, *at, *({stopped} if stopped else ())}
    files = [start[0], *sorted({file for file, _ in wanted} - {start[0]})]
    rows: list[Row] = []
    for file in files:
        if file != start[0]:
            rows.append(Row("file", file, text=Path(file).name))
        for k, lines in enumerate(functions(file, [number for other, number in wanted if other == file])):
            rows += [Row("gap")] if k else []
            for line in lines:
                rows += _rows(line, start, at.get((file, line.number), []), arrays, (file, line.number) == stopped)
    return tuple(rows)


def _rows(line: Line, start: Place, own: list[int], arrays: Sequence[Compared], stopped: bool) -> list[Row]:
    place = (line.file, line.number)
    if place == start:
        return [Row("def", *place, line.text, stop=True)]
    verdict = worst(arrays[number].judged.verdict for number in own)
    if len(own) < 2:
        array = own[0] if own else None
        return [Row("code", *place, line.text, verdict, array, line.starts or bool(own) or stopped, stopped)]
    indent = " " * (len(line.text) - len(line.text.lstrip()) + _INDENT)
    below = [Row("array", *place, indent + arrays[k].judged.name, arrays[k].judged.verdict, k, True) for k in own]
    return [Row("code", *place, line.text, verdict, None, stopped, stopped), *below]


def moved(before: Sequence[Row], after: Sequence[Row], row: int) -> int:
    """Where the row number ``row`` is after an edit: the same line, else the one most like it in its place."""
    old, new = [_key(one) for one in before], [_key(one) for one in after]
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if first <= row < last:
            if tag == "equal":
                return start + row - first
            return start + _most_alike(before[row], after[start:end], row - first) if end > start else _in(start, new)
    return _in(len(new), new)


def _most_alike(row: Row, others: Sequence[Row], place: int) -> int:
    def likeness(k: int) -> tuple[float, int]:
        return SequenceMatcher(None, row.text.strip(), others[k].text.strip()).ratio(), -abs(k - place)

    return max(range(len(others)), key=likeness)


def _in(row: int, rows: Sequence[object]) -> int:
    return max(0, min(row, len(rows) - 1))


def _key(row: Row) -> tuple[str, str]:
    return (row.kind, row.text.strip())
