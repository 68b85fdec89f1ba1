"""One matrix on a canvas: name, shape, indices, brackets and its visible cells with heat behind the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.ir import Role
from tui.canvas import Canvas
from tui.grid import Index
from tui.numbers import Number, shape_text
from tui.paint.block import HEADER, Block
from tui.paint.geometry import Grid, Operand, Selector

ROLE_STYLES: dict[Role, str] = {
    "parameter": "param",
    "data": "data",
    "activation": "activation",
    "mask": "mask",
    "constant": "constant",
    "gradient": "grad",
    "loss": "loss",
}


Agrees = Callable[[Index], bool]
"""Whether an entry is as it should be: where two arrays are compared, only the others stand out."""


class CellTarget(NamedTuple):
    """What a click on a number means: the operand, row and column as ``tui.grid`` counts them, and the slice."""

    operand: Operand
    row: int
    column: int
    lead: Index = ()


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
    meant: Callable[[], bool] = lambda: False,
    agrees: Agrees | None = None,
) -> None:
    """Paint a block with its corner at (x, y).

    ``lit`` selects the cells to light, ``cursor`` is the array index of the active cell, ``inner`` the axis of the
    shape that is the inner dimension of a product, ``drop`` how many rows further down a number is set.
    ``meant`` tells, when one is met, whether infinities do no harm (−∞ in a mask below a softmax): then none alarms.
    Entries that ``agrees`` is true of are dim.
    """
    left = x + block.offset
    style = "active" if block.active else ROLE_STYLES[block.grid.term.role]
    canvas.put(x + block.start(block.name), y, block.name, style)
    _paint_shape(canvas, x + block.start(block.shape), y + 1, block, inner)
    top = y + (HEADER if block.indexed else HEADER - 1) + (drop if block.is_number else 0)
    if block.indexed and not block.is_number and not block.grid.upright:
        _paint_column_indices(canvas, left + block.gutter + 1, top - 1, block, lit)
    for k, row in enumerate(block.rows):
        is_lit = _row_is_lit(block.grid, row, lit)
        marked = is_lit and lit is not None and _selects_rows(block.grid, lit)
        _paint_frame(canvas, left, top + k, block, row, marked)
        values = _values(array, block, row)
        _paint_cells(canvas, left, top + k, block, row, values, lit if is_lit else None, cursor, meant, agrees)


def _paint_cells(
    canvas: Canvas,
    left: int,
    y: int,
    block: Block,
    row: int,
    values: list[Number],
    lit: Selector | None,
    cursor: tuple[int, ...] | None,
    meant: Callable[[], bool],
    agrees: Agrees | None,
) -> None:
    """The numbers of one row and, in the focus row, what a click on them means."""
    x = left + block.gutter + (0 if block.is_number else 1)
    active = None if cursor is None else block.grid.cell(cursor)
    lead = block.lead or block.first
    for column, value in zip(block.columns, values, strict=True):
        is_lit = _column_is_lit(block.grid, column, lit)
        style = "active" if (row, column) == active else cell_style(block, value, meant)
        if agrees is not None and style not in ("active", "bad") and agrees(block.grid.index(row, column, lead)):
            style = "zero"
        _paint_cell(canvas, x, y, block, value, style, is_lit)
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


def _paint_cell(canvas: Canvas, x: int, y: int, block: Block, value: Number, style: str, lit: bool) -> None:
    text = block.form.cell(value).rjust(block.cell)
    canvas.put(x, y, text, style)
    if lit and style not in ("active", "bad"):
        # Only the number is underlined; the heat goes on behind the blank before it.
        number = text.lstrip()
        canvas.put(x + block.cell - len(number), y, number, f"lit{style[4:]}" if style.startswith("heat") else "lit")


def cell_style(block: Block, value: Number, meant: Callable[[], bool]) -> str:
    """The style of an entry that is neither lit nor under the cursor."""
    if value in (math.inf, -math.inf):
        return "zero" if meant() else "bad"
    if value != value:
        return "bad"
    if block.is_number or (isinstance(value, int) and not isinstance(value, bool) and not block.form.binary):
        return "text"  # a whole number is a position or a label: no amount
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


def _column_is_lit(grid: Grid, column: int, lit: Selector | None) -> bool:
    if lit is None:
        return False
    return grid.upright or not lit or lit[-1] is None or lit[-1] == column


def _selects_rows(grid: Grid, lit: Selector) -> bool:
    return any(position is not None for position in (lit if grid.upright else lit[-2:-1]))
