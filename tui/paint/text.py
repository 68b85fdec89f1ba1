"""Styled text for the painters: wrapping at word boundaries, cutting, and centring, none of it losing a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tui.canvas import Canvas

Piece = tuple[str, str]

GLUE = "\u00a0"
"""A space at which a line is never broken: ``+`` stays with the number behind it."""


MAKE_HIGHER = "make the window higher"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text before it is fitted into a width.

    ``hanging`` is the indent of the lines that a long row continues on. ``spare`` says how easily the row
    can be done without when there is too little height: 0 never, the highest number goes first.
    """

    pieces: tuple[Piece, ...]
    hanging: int = 4
    spare: int = 0


def row(*pieces: Piece, hanging: int = 4, spare: int = 0) -> Row:
    """A row of (text, style) pieces."""
    return Row(pieces, hanging, spare)


def length(pieces: Iterable[Piece]) -> int:
    """Cells that the pieces take."""
    return sum(len(text) for text, _ in pieces)


def cut(text: str, width: int, ending: int = 0) -> str:
    """``text`` in at most ``width`` cells, with ``…`` where something was cut out before its last ``ending`` ones."""
    if len(text) <= width:
        return text
    if width <= 0:
        return ""
    ending = min(ending, width - 1)
    return text[: width - 1 - ending] + "…" + text[len(text) - ending :]


def cut_sum(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells; of a sum the last addend is kept and, where it fits, the first one.

    Sums over many steps begin alike: what is left is ``∂L/∂z₁·xᵀ + … + ∂L/∂z₉·h₈ᵀ``, else ``… + ∂L/∂z₉·h₈ᵀ``.
    """
    if len(text) <= width:
        return text
    signs = _signs(text)
    if signs:
        first, last = text[: signs[0]], text[signs[-1] :]
        tried = (first + text[signs[0] :][:3] + "…" + last, "…" + last)
        return next((one for one in tried if len(one) <= width), cut(text, width))
    return cut(text, width)


def is_compound(text: str) -> bool:
    """Whether a formula needs brackets before anything can stand behind it: there is a blank outside of its own."""
    return " " in _outside(text)


def _signs(text: str) -> list[int]:
    """Where `` + `` and `` − `` stand between addends, not inside brackets."""
    outside = _outside(text)
    return [k for k in range(len(text)) if outside[k : k + 3] in (" + ", " − ")]


def _outside(text: str) -> str:
    """``text`` with everything inside brackets blotted out, its length unchanged."""
    depth, shown = 0, []
    for char in text:
        depth -= char in ")]"
        shown.append("x" if depth else char)
        depth += char in "(["
    return "".join(shown)


def shorten(text: str, width: int) -> str:
    """A sentence in at most ``width`` cells, words left out of its middle: its end often is a figure or a place."""
    if len(text) <= width:
        return text
    words = text.split(" ")
    head, tail = 1, 1
    best = ""
    while head + tail < len(words):
        shortened = " ".join([*words[:head], "…", *words[-tail:]])
        if len(shortened) > width:
            break
        best = shortened
        shorter_head = len(" ".join(words[:head])) <= len(" ".join(words[-tail:]))
        head, tail = (head + 1, tail) if shorter_head else (head, tail + 1)
    return best or cut(text, width)


def wrap(pieces: Sequence[Piece], width: int, hanging: int = 0) -> list[list[Piece]]:
    """The pieces in lines of at most ``width`` cells, broken at spaces; words longer than a line are split."""
    cells = [(char, style) for text, style in pieces for char in text]
    lines: list[list[tuple[str, str]]] = []
    indent = 0
    while cells or not lines:
        room = max(1, width - indent)
        end, rest = _break(cells, room)
        lines.append([(" ", "text")] * indent + cells[:end])
        cells = cells[rest:]
        indent = min(hanging, max(0, width - 8))
    return [_merged(line) for line in lines]


def _break(cells: Sequence[tuple[str, str]], room: int) -> tuple[int, int]:
    """Where a line ends and where the next one starts."""
    if len(cells) <= room:
        return len(cells), len(cells)
    first = next((k for k, (char, _) in enumerate(cells) if char != " "), 0)
    space = next((k for k in range(room, first, -1) if cells[k][0] == " "), None)
    if space is None:
        return room, room
    end = space
    while end > 0 and cells[end - 1][0] == " ":
        end -= 1
    rest = space
    while rest < len(cells) and cells[rest][0] == " ":
        rest += 1
    return end, rest


def _merged(cells: Iterable[tuple[str, str]]) -> list[Piece]:
    return [
        ("".join(char for char, _ in run).replace(GLUE, " "), style)
        for style, run in groupby(cells, key=lambda cell: cell[1])
    ]


def paint_rows(
    rows: Sequence[Row], width: int, height: int | None = None, margin: int = 1, advice: str = MAKE_HIGHER
) -> Canvas:
    """The rows wrapped into ``width`` cells, as many lines as they need or exactly ``height``.

    Where the height is too small the rows marked as spare are left out first, then the last line says how many
    lines are missing and, with ``advice``, how they come into view.
    """
    room = max(1, width - 2 * margin)
    fitted = [(one.spare, line) for one in rows for line in wrap(one.pieces, room, one.hanging)]
    if height is None:
        height = len(fitted)
    while len(fitted) > height and any(spare for spare, _ in fitted):
        worst = max(spare for spare, _ in fitted)
        last = max(k for k, (spare, _) in enumerate(fitted) if spare == worst)
        del fitted[last]
    canvas = Canvas(width, height)
    missing = len(fitted) - height
    shown = fitted[: height - 1] if missing > 0 and height > 1 else fitted[:height]
    for y, (_, line) in enumerate(shown):
        canvas.run(margin, y, line)
    if missing > 0 and height > 1:
        canvas.put(margin, height - 1, cut(f"… {missing + 1} more lines: {advice}", room), "dim")
    return canvas


def lines_needed(rows: Iterable[Row], width: int, margin: int = 1) -> int:
    """Lines that ``paint_rows`` needs for these rows."""
    room = max(1, width - 2 * margin)
    return sum(len(wrap(one.pieces, room, one.hanging)) for one in rows)
