"""A grid of characters and style names with a map of clickable rectangles: what every painter paints on.

A style is a semantic name (``"active"``, ``"heat+07"``), never a colour, and one character is one terminal cell.
So the same drawing becomes Textual strips, plain text on a pipe, or a golden file; nothing here knows which.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from string import ascii_letters, digits

DEFAULT = "text"
HEAT_LEVELS = 33
"""Style names of heat are heat+00 … heat+32 and heat-00 … heat-32, from faint to full."""
_GREEK_AND_CYRILLIC = "".join(chr(point) for point in (*range(0x3B1, 0x3C0), *range(0x410, 0x450)))
_LETTERS = ascii_letters + digits + _GREEK_AND_CYRILLIC


@lru_cache(maxsize=4096)
def _one_cell_each(text: str) -> str:
    """``text`` with everything that would not take exactly one cell replaced, its length unchanged."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_one_cell(char) else " " if char.isspace() else "?" for char in text)


def _is_one_cell(char: str) -> bool:
    return char.isprintable() and not unicodedata.combining(char) and unicodedata.east_asian_width(char) not in "WF"


class Canvas:
    """``width`` × ``height`` cells, all blank and in the style ``"text"`` at first; either size may be 0."""

    def __init__(self, width: int, height: int) -> None:
        self.width = max(0, width)
        self.height = max(0, height)
        self._chars = [[" "] * self.width for _ in range(self.height)]
        self._styles = [[DEFAULT] * self.width for _ in range(self.height)]
        self._hits: list[tuple[int, int, int, int, object]] = []

    def put(self, x: int, y: int, text: str, style: str = DEFAULT) -> int:
        """Write ``text`` from cell (x, y) rightwards, clipped at all four edges; gives the x after the whole text."""
        end = x + len(text)
        left, right = max(x, 0), min(end, self.width)
        if left < right and 0 <= y < self.height:
            self._chars[y][left:right] = _one_cell_each(text)[left - x : right - x]
            self._styles[y][left:right] = [style] * (right - left)
        return end

    def run(self, x: int, y: int, pieces: Iterable[tuple[str, str]]) -> int:
        """Write (text, style) pieces one after the other; gives the x after the last one."""
        for text, style in pieces:
            x = self.put(x, y, text, style)
        return x

    def blit(self, other: Canvas, x: int, y: int) -> None:
        """Copy another canvas, blanks and clickable rectangles included, with its corner at (x, y), clipped."""
        left, right = max(x, 0), min(x + other.width, self.width)
        if left < right:
            for row in range(max(y, 0), min(y + other.height, self.height)):
                self._chars[row][left:right] = other._chars[row - y][left - x : right - x]
                self._styles[row][left:right] = other._styles[row - y][left - x : right - x]
        self._hits += [(hx + x, hy + y, width, height, target) for hx, hy, width, height, target in other._hits]

    def hit(self, x: int, y: int, width: int, height: int, target: object) -> None:
        """Make a rectangle clickable: ``target_at`` answers ``target`` inside it."""
        self._hits.append((x, y, width, height, target))

    def target_at(self, x: int, y: int) -> object | None:
        """The target registered last over cell (x, y), or None."""
        for left, top, width, height, target in reversed(self._hits):
            if left <= x < left + width and top <= y < top + height:
                return target
        return None

    def targets(self) -> list[tuple[int, int, int, int, object]]:
        """All clickable rectangles as (x, y, width, height, target), in the order in which they were registered."""
        return self._hits.copy()

    def restyle(self, change: Callable[[str], str]) -> None:
        """Replace every style name by ``change(name)``, for example to dim a finished drawing."""
        new: dict[str, str] = {}
        for styles in self._styles:
            for x, style in enumerate(styles):
                if style not in new:
                    new[style] = change(style)
                styles[x] = new[style]

    def translate(self, table: Mapping[int, str]) -> Canvas:
        """A copy with every character sent through a one-to-one ``str.translate`` table (``--ascii``).

        Raises ValueError if the table changes the length of a row: the layout would break.
        """
        copy = Canvas(self.width, self.height)
        for y, chars in enumerate(self._chars):
            row = "".join(chars).translate(table)
            if len(row) != self.width:
                raise ValueError("a translation table for a canvas must map one character to one character")
            copy._chars[y] = list(row)
            copy._styles[y] = self._styles[y].copy()
        copy._hits = self._hits.copy()
        return copy

    def segments(self, y: int) -> list[tuple[str, str]]:
        """Row ``y`` as (text, style) runs over the whole width, neighbours of one style merged."""
        row, runs, x = "".join(self._chars[y]), [], 0
        for style, cells in groupby(self._styles[y]):
            end = x + len(tuple(cells))
            runs.append((row[x:end], style))
            x = end
        return runs

    def differences(self, other: Canvas) -> list[int]:
        """The rows in which characters or styles differ from those of a canvas of the same size."""
        own = zip(self._chars, self._styles, strict=True)
        others = zip(other._chars, other._styles, strict=True)
        return [y for y, (one, two) in enumerate(zip(own, others, strict=True)) if one != two]

    def rows(self) -> list[str]:
        """The characters of every row, blanks at the right end stripped."""
        return ["".join(chars).rstrip() for chars in self._chars]

    def text(self) -> str:
        """All rows as one string, as ``chainstep show`` prints it."""
        return "\n".join(self.rows())

    def style_at(self, x: int, y: int) -> str:
        """The style name of one cell."""
        return self._styles[y][x]

    def style_plane(self) -> tuple[list[str], dict[str, str]]:
        """Rows with one letter per cell, and which style each letter means; ``.`` is always ``"text"``."""
        letters: dict[str, str] = {DEFAULT: "."}
        rows = []
        for styles in self._styles:
            for style in styles:
                if style not in letters:
                    letters[style] = _LETTERS[len(letters) - 1]
            rows.append("".join(letters[style] for style in styles))
        return rows, {letter: style for style, letter in letters.items()}
