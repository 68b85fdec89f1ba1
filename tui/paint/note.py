"""The line below the matrices that says what of them is in view: one slice of a larger array, windows over indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tui.canvas import Canvas
from tui.paint.geometry import Dimension
from tui.paint.slices import SliceAxis, number
from tui.paint.text import Piece, length

_GAP = "   "


@dataclass(frozen=True, slots=True)
class Note:
    """``windows`` are what is shown of every dimension, by its index letter; ``scrolled`` is the letter that scrolls.

    Without ``keys`` (in print) nothing is said about how to see more.
    """

    slices: Sequence[SliceAxis]
    windows: Mapping[Dimension, tuple[str, range]]
    scrolled: str | None
    keys: bool


def paint_note(canvas: Canvas, y: int, note: Note) -> None:
    """As much as fits of ``slice 5 of 8: b=1 h=0   < > others   shown: j 0–20 of 256   , . scroll n``."""
    tried = list(_tried(note))
    fitting = next((pieces for pieces in tried if length(pieces) < canvas.width), tried[-1])
    canvas.run(0, y, [(" ", "dim"), *fitting])


def _tried(note: Note) -> Iterator[list[Piece]]:
    """The texts from the longest to the shortest: the slice is said to the last, and how to see another one."""
    head: list[Piece] = []
    if note.slices:
        this, all_of_them = number(note.slices)
        places = " ".join(f"{axis.letter}={axis.position}" for axis in note.slices if axis.letter)
        summed = [axis.letter for axis in note.slices if axis.summed]
        over = f", summed over {' '.join(summed)}" if summed else ""
        head = [(f"slice {this} of {all_of_them}{': ' if places else ''}{places}{over}", "text")]
    ways: list[Piece] = [(f"{_GAP}<", "key"), (" ", "dim"), (">", "key"), (" other slices", "dim")]
    told = head + (ways if head and note.keys else [])
    shown = [
        f"{letter} {window.start}–{window.stop - 1} of {dimension.size}".lstrip()
        for dimension, (letter, window) in note.windows.items()
    ]
    if shown:
        gap = _GAP if head else ""
        seen: list[Piece] = [(f"{gap}shown: {_GAP.join(shown)}", "dim")]
        if note.scrolled is not None and note.keys:
            yield [*told, *seen, (f"    , . scroll {note.scrolled}".rstrip(), "dim")]
        yield told + seen
        if not head:
            return
    yield told
    yield head
