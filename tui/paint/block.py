"""One matrix before it is painted: what stands in its header, how wide it is, and which part of it is shown.

Of an array with more than two axes it is one slice, and the name says which: ``q[1,0,:,:]``, as in NumPy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tui.grid import Index, leading
from tui.numbers import Format, axes_text, shape_text
from tui.paint.geometry import Grid
from tui.paint.text import cut, cut_sum, is_compound

HEADER = 3
"""Rows above the first row of numbers: name, shape, column indices."""

SHORTEST = 8
"""A header is never cropped to less than this."""

_LEAST_SYMBOL = 3
"""Cells of a cropped symbol without which it does not help to know the slice."""

Header = Literal["axes", "shape", "cropped"]


@dataclass(frozen=True)
class Block:
    """One matrix with everything decided: number format, visible rows and columns, header and where things stand.

    ``header`` says how much stands above it: shape and axis names, the shape only, or what is no wider than the
    matrix. ``indexed`` blocks have column indices (the focus row has, the ladder has not). Of a cropped symbol the last
    ``ending`` characters are kept. ``lead`` is the slice that is shown of an array with more than two axes; no width
    depends on it, so that nothing moves from slice to slice. Widths are in cells.
    """

    grid: Grid
    form: Format
    rows: range
    columns: range
    header: Header
    active: bool
    indexed: bool
    ending: int = 0
    lead: Index = ()

    @cached_property
    def is_number(self) -> bool:
        """A 0-d array: shown without brackets and indices."""
        return not self.grid.term.shape

    @cached_property
    def gutter(self) -> int:
        """Width of the row indices with the place for their marker."""
        return 0 if self.is_number else len(self.row_index(max(0, self.grid.rows.size - 1))) + 1

    def row_index(self, row: int) -> str:
        """What stands left of a row: its index, nothing beside a vector that lies."""
        return "" if len(self.grid.term.shape) < 2 and not self.grid.upright else str(row)

    @cached_property
    def cell(self) -> int:
        """Width of a column, one separating blank included."""
        if self.is_number or not self.indexed:
            return self.form.width
        return max(self.form.width, len(str(max(0, self.grid.columns.size - 1))) + 1)

    @cached_property
    def symbol(self) -> str:
        """The symbol as it stands above the matrix, in brackets where a slice stands behind a sum or product."""
        symbol = self.grid.term.symbol
        if self._slice:
            symbol = f"({symbol})" if is_compound(symbol) else symbol
        return self._cropped(symbol, len(self._slice) + (2 if self.active else 0), self.ending)

    @cached_property
    def name(self) -> str:
        """The symbol and the slice: ``q[1,0,:,:]``."""
        name = self.symbol + (_slice_text(self.lead or self.first) if self._slice else "")
        return f" {name} " if self.active else name

    @cached_property
    def first(self) -> Index:
        """The first slice."""
        return (0,) * len(leading(self.grid.term.shape))

    @cached_property
    def _slice(self) -> str:
        """``[1,0,:,:]`` at its widest; nothing for a matrix, and where no letter of the symbol would be left."""
        text = _slice_text(tuple(max(0, size - 1) for size in leading(self.grid.term.shape)))
        room = max(SHORTEST, self.frame) - len(text) - (2 if self.active else 0)
        return "" if self.header == "cropped" and room < min(_LEAST_SYMBOL, len(self.grid.term.symbol)) else text

    @cached_property
    def _named(self) -> int:
        """Width of the name at its widest."""
        return len(self.symbol) + len(self._slice) + (2 if self.active else 0)

    @cached_property
    def shape(self) -> str:
        """``256×64 ⋅10^-3 h₁×n``."""
        term = self.grid.term
        axes = axes_text(term.shape, term.axes) if self.header == "axes" else ""
        return self._cropped(" ".join(text for text in (shape_text(term.shape), self.form.power, axes) if text))

    def _cropped(self, text: str, reserved: int = 0, ending: int = 0) -> str:
        if self.header != "cropped":
            return text
        room = max(SHORTEST, self.frame) - reserved
        return cut(text, room, ending) if ending else cut_sum(text, room)

    @cached_property
    def cells(self) -> int:
        """Width of all visible columns."""
        return self.cell * len(self.columns)

    @cached_property
    def frame(self) -> int:
        """Width of the matrix alone: row indices, brackets and cells."""
        return self.gutter + self.cells + (0 if self.is_number else 2)

    @cached_property
    def width(self) -> int:
        """Width of matrix and header together."""
        return self.width_of(len(self.columns))

    def width_of(self, columns: int) -> int:
        """The width the block would have with that many columns."""
        frame = self.gutter + self.cell * columns + (0 if self.is_number else 2)
        if self.header == "cropped":
            return max(frame, min(SHORTEST, max(self._named, len(self.shape))))
        return max(frame, self._named, len(self.shape))

    @cached_property
    def offset(self) -> int:
        """How far the matrix stands from the left end because its header is wider."""
        return (self.width - self.frame) // 2

    def start(self, text: str) -> int:
        """Where a line of the header starts: centred over the numbers, inside the block's width."""
        middle = self.offset + self.gutter + (self.frame - self.gutter) / 2
        return max(0, min(math.floor(middle - len(text) / 2), self.width - len(text)))


def _slice_text(lead: Index) -> str:
    """``[1,0,:,:]``; nothing for a matrix."""
    return f"[{','.join(map(str, lead))},:,:]" if lead else ""
