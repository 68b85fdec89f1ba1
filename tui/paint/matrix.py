"""One matrix on a canvas: name, shape, indices, brackets and its visible cells with heat behind the numbers.

Of an array with more than two axes it is one slice, and the name says which: ``q[1,0,:,:]``, as in NumPy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from engine.ir import Role
from tui.canvas import Canvas
from tui.grid import Index, leading
from tui.numbers import Format, Number, axes_text, shape_text
from tui.paint.geometry import Grid, Operand, Selector
from tui.paint.text import cut, cut_sum

HEADER = 3
"""Rows above the first row of numbers: name, shape, column indices."""

SHORTEST = 8
"""A header is never cropped to less than this."""

_LEAST_SYMBOL = 3
"""Cells of a cropped symbol without which it does not help to know the slice."""

Header = Literal["axes", "shape", "cropped"]

ROLE_STYLES: dict[Role, str] = {
    "parameter": "param",
    "data": "data",
    "activation": "activation",
    "mask": "mask",
    "constant": "constant",
    "gradient": "grad",
    "loss": "loss",
}


class CellTarget(NamedTuple):
    """What a click on a number means: the operand, row and column as ``tui.grid`` counts them, and the slice."""

    operand: Operand
    row: int
    column: int
    lead: Index = ()


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
            symbol = f"({symbol})" if " " in symbol else symbol
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


def paint_block(
    canvas: Canvas,
    x: int,
    y: int,
    block: Block,
    array: NDArray[Any],
    *,
    lit: Selector | None = None,
    cursor: tuple[int, ...] | None = None,
    inner: int | None = None,
    drop: int = 0,
) -> None:
    """Paint a block with its corner at (x, y).

    ``lit`` selects the cells to light, ``cursor`` is the array index of the active cell, ``inner`` the axis of the
    shape that is the inner dimension of a product, ``drop`` how many rows further down a number is set.
    """
    left = x + block.offset
    style = "active" if block.active else ROLE_STYLES[block.grid.term.role]
    canvas.put(x + block.start(block.name), y, block.name, style)
    _paint_shape(canvas, x + block.start(block.shape), y + 1, block, inner)
    top = y + (HEADER if block.indexed else HEADER - 1) + (drop if block.is_number else 0)
    if block.indexed and not block.is_number and not block.grid.upright:
        _paint_column_indices(canvas, left + block.gutter + 1, top - 1, block, lit)
    for k, row in enumerate(block.rows):
        is_lit = _row_is_lit(block.grid, row, lit) and _slice_is_lit(block, lit)
        marked = is_lit and lit is not None and _selects_rows(block.grid, lit)
        _paint_frame(canvas, left, top + k, block, row, marked)
        _paint_cells(canvas, left, top + k, block, row, _values(array, block, row), lit if is_lit else None, cursor)


def _paint_cells(
    canvas: Canvas,
    left: int,
    y: int,
    block: Block,
    row: int,
    values: list[Number],
    lit: Selector | None,
    cursor: tuple[int, ...] | None,
) -> None:
    """The numbers of one row and, in the focus row, what a click on them means."""
    x = left + block.gutter + (0 if block.is_number else 1)
    active = None if cursor is None else block.grid.cell(cursor)
    lead = block.lead or block.first
    for column, value in zip(block.columns, values, strict=True):
        is_lit = _column_is_lit(block.grid, column, lit)
        _paint_cell(canvas, x, y, block, value, (row, column) == active, is_lit)
        if block.indexed:
            place = (0, row) if block.grid.upright else (row, column)
            canvas.hit(x, y, block.cell, 1, CellTarget(block.grid.operand, *place, lead))
        x += block.cell


def _values(array: NDArray[Any], block: Block, row: int) -> list[Number]:
    """The visible entries of one row, as Python numbers."""
    if block.is_number:
        return [array.item()]
    if block.grid.upright:
        return [array[row].item()]
    entry = block.grid.index(row, 0, block.lead)[:-1]
    values: list[Number] = array[entry][block.columns.start : block.columns.stop].tolist()
    return values


def _paint_shape(canvas: Canvas, x: int, y: int, block: Block, inner: int | None) -> None:
    """The header's second line, the inner dimension of a product underlined in it."""
    shape = block.grid.term.shape
    if inner is None or not block.shape.startswith(shape_text(shape)):
        canvas.put(x, y, block.shape, "dim")
        return
    for axis, size in enumerate(shape):
        x = canvas.put(x, y, "×" if axis else "", "dim")
        x = canvas.put(x, y, str(size), "active-underline" if axis == inner else "dim")
    canvas.put(x, y, block.shape[len(shape_text(shape)) :], "dim")


def _paint_column_indices(canvas: Canvas, x: int, y: int, block: Block, lit: Selector | None) -> None:
    selects = bool(lit) and lit is not None and lit[-1] is not None
    for k, column in enumerate(block.columns):
        marked = selects and _column_is_lit(block.grid, column, lit)
        text = f"▾{column}" if marked else str(column)
        canvas.put(x + (k + 1) * block.cell - len(text), y, text, "marker" if marked else "dim")


def _paint_frame(canvas: Canvas, x: int, y: int, block: Block, row: int, marked: bool) -> None:
    """Row index and brackets. A bracket is closed only where the matrix ends, so a window is seen to be one."""
    if block.is_number:
        return
    text = f"▸{block.row_index(row)}" if marked else block.row_index(row)
    canvas.put(x + block.gutter - len(text), y, text, "marker" if marked else "dim")
    first, last = row == 0, row == block.grid.rows.size - 1
    left, right = "[]" if first and last else "⎡⎤" if first else "⎣⎦" if last else "⎢⎥"
    style = "operator" if block.active else "bracket"
    canvas.put(x + block.gutter, y, left, style)
    canvas.put(x + block.gutter + 1 + block.cells, y, right, style)


def _paint_cell(canvas: Canvas, x: int, y: int, block: Block, value: Number, active: bool, lit: bool) -> None:
    text = block.form.cell(value).rjust(block.cell)
    style = "active" if active else cell_style(block, value)
    canvas.put(x, y, text, style)
    if lit and not active and style != "bad":
        # Only the number is underlined; the heat goes on behind the blank before it.
        number = text.lstrip()
        canvas.put(x + block.cell - len(number), y, number, f"lit{style[4:]}" if style.startswith("heat") else "lit")


def cell_style(block: Block, value: Number) -> str:
    """The style of an entry that is neither lit nor under the cursor."""
    if value != value or value in (math.inf, -math.inf):
        return "bad"
    if block.is_number:
        return "text"
    if value == 0:
        return "zero"
    if block.form.binary:
        return "one"
    return f"heat{'-' if value < 0 else '+'}{block.form.heat(value):02}"


def _row_is_lit(grid: Grid, row: int, lit: Selector | None) -> bool:
    if lit is None:
        return False
    axis = 0 if grid.upright else len(lit) - 2
    return axis < 0 or lit[axis] is None or lit[axis] == row


def _slice_text(lead: Index) -> str:
    """``[1,0,:,:]``; nothing for a matrix."""
    return f"[{','.join(map(str, lead))},:,:]" if lead else ""


def _slice_is_lit(block: Block, lit: Selector | None) -> bool:
    here = block.lead or block.first
    return lit is not None and all(one is None or one == k for one, k in zip(lit, here, strict=False))


def _column_is_lit(grid: Grid, column: int, lit: Selector | None) -> bool:
    if lit is None:
        return False
    return grid.upright or not lit or lit[-1] is None or lit[-1] == column


def _selects_rows(grid: Grid, lit: Selector) -> bool:
    return any(position is not None for position in (lit if grid.upright else lit[-2:-1]))
