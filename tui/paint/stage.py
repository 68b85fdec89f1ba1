"""The focus row: one operation as matrices side by side, ``left ∘ right = result``, always on screen.

Above it, when there is height, the ladder of the factors that are finished (``ladder.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.reading.model import Part, Step
from tui.canvas import Canvas
from tui.grid import Cell, clamp, index_of
from tui.paint.geometry import SUMMED, Dimension, Grid, Operand, grids, index_names, light
from tui.paint.ladder import paint_ladder
from tui.paint.layout import LABEL_MARGIN, Arrays, Layout, fit
from tui.paint.matrix import HEADER, paint_block

if TYPE_CHECKING:
    from engine.tape import Tape

UNLIMITED = 10**9


@dataclass(frozen=True)
class StageView:
    """Where a person looks on the stage.

    ``cursor`` is the cell of ``operand`` as ``tui.grid`` counts it (a vector is one row). ``summed`` is the first
    entry shown of a summed index that does not fit. ``indices`` tells, by index letter, which entry of the other
    dimensions to keep in view while the cursor is in an operand that has not got them. In print (``marked`` is False)
    nobody points at a cell, so no cell and no row is lit.
    """

    cursor: Cell = (0, 0)
    operand: Operand = "result"
    summed: int = 0
    decimals: int | None = None
    indices: Mapping[str, int] = field(default_factory=dict)
    marked: bool = True


@dataclass(frozen=True, slots=True)
class StageInfo:
    """What the keys need to know of a painted stage.

    ``rows`` and ``columns`` are how many of the cursor's matrix are visible, ``summed`` how many entries of the
    summed index are, out of ``summed_size`` (0 where nothing is summed). ``height`` is what the focus row needs at
    this width to show every row.
    """

    rows: int
    columns: int
    summed: int
    summed_size: int
    height: int


def paint_stage(
    tape: Tape,
    step: Step,
    part_index: int,
    view: StageView,
    width: int,
    height: int,
    *,
    ladder_steps: Sequence[Step] = (),
) -> tuple[Canvas, StageInfo]:
    """The focus row of one part and above it the ladder of the finished steps on its path, as far as there is room."""
    part = step.parts[part_index]
    arrays = _arrays(tape, part)
    layout, windowed = _fit(part, arrays, view, width, height)
    needed = _height(part, arrays, view, width)
    canvas = Canvas(width, height)
    y = 0
    room = height - needed - 1
    if room > 0:
        finished = [other for other in ladder_steps if other.id != step.id]
        ladder = paint_ladder(tape, finished, width, room, view.decimals)
        canvas.blit(ladder, 0, 0)
        y = ladder.height + 1 if ladder.height else 0
    label = step.id if part_index == step.main else part.id
    _paint_focus(canvas, y, part, arrays, layout, view, label)
    if windowed:
        last = y + HEADER + max(len(block.rows) for _, block in layout.blocks)
        _paint_shown(canvas, min(last, height - 1), part, layout, keys=view.marked)
    return canvas, _info(part, layout, view, needed)


def stage_height(tape: Tape, step: Step, part_index: int, view: StageView, width: int) -> int:
    """Rows that the focus row needs in ``width`` columns to show every row of its matrices."""
    part = step.parts[part_index]
    return _height(part, _arrays(tape, part), view, width)


def _arrays(tape: Tape, part: Part) -> Arrays:
    return {grid.operand: tape.array(grid.term) for grid in grids(part)}


def _height(part: Part, arrays: Arrays, view: StageView, width: int) -> int:
    layout, windowed = _fit(part, arrays, view, width, UNLIMITED)
    return HEADER + max(len(block.rows) for _, block in layout.blocks) + windowed


def _fit(part: Part, arrays: Arrays, view: StageView, width: int, height: int) -> tuple[Layout, bool]:
    """The layout, and whether it shows only a window of the matrices; a window costs one row for saying which."""
    start = _Starts(part, view)
    active: Operand | None = part.factor
    rows = height - HEADER
    layout = fit(part, grids(part), arrays, width, rows, view.decimals, start, active)
    if not _cut(layout):
        return layout, False
    return fit(part, grids(part), arrays, width, rows - 1, view.decimals, start, active), True


def _cut(layout: Layout) -> list[Dimension]:
    """The dimensions that are only partly shown."""
    shown = {
        dimension: window
        for _, block in layout.blocks
        for dimension, window in ((block.grid.rows, block.rows), (block.grid.columns, block.columns))
    }
    return [dimension for dimension, window in shown.items() if len(window) < dimension.size]


def _operand(part: Part, view: StageView) -> Grid:
    """The matrix that the cursor is in; the result where the part has no such operand."""
    found = {grid.operand: grid for grid in grids(part)}
    return found.get(view.operand, found["result"])


def _cursor_index(grid: Grid, view: StageView) -> tuple[int, ...]:
    shape = grid.term.shape
    return index_of(shape, clamp(view.cursor, shape))


@dataclass(frozen=True, slots=True)
class _Starts:
    """Where the window over a dimension starts, from the view alone.

    Along the cursor's matrix it turns pages, so that numbers stay in their places while the cursor moves in them.
    """

    part: Part
    view: StageView

    def __call__(self, dimension: Dimension, count: int) -> int:
        grid = _operand(self.part, self.view)
        row, column = grid.cell(_cursor_index(grid, self.view))
        if dimension == grid.rows:
            return row // count * count
        if dimension == grid.columns:
            return column // count * count
        if dimension in _free(self.part):
            return self.view.summed
        return self.view.indices.get(_letters(self.part).get(dimension, ""), 0) // count * count


def _free(part: Part) -> list[Dimension]:
    """The dimensions that the result has not got: what is summed over, or picked from."""
    *operands, result = grids(part)
    found = dict.fromkeys(dimension for grid in operands for dimension in (grid.rows, grid.columns))
    return [one for one in found if one.size > 1 and one not in (result.rows, result.columns)]


def _letters(part: Part) -> dict[Dimension, str]:
    """The index letter of every dimension that has more than one entry, from left to right."""
    found: dict[Dimension, str] = {}
    for grid in grids(part):
        letters = grid.term.letters if len(grid.term.letters) == len(grid.term.shape) else ()
        rows, columns = (letters, ()) if grid.upright else (letters[:-1], letters[-1:])
        for dimension, own in ((grid.rows, rows), (grid.columns, columns)):
            if dimension.size > 1 and not found.get(dimension):
                found[dimension] = ",".join(own)
    return found


def _paint_focus(
    canvas: Canvas, y: int, part: Part, arrays: Arrays, layout: Layout, view: StageView, label: str
) -> None:
    grid = _operand(part, view)
    cursor = _cursor_index(grid, view)
    lit = light(part, grid.operand, cursor) if view.marked else {}
    row = layout.operator_row
    for x, text in layout.texts:
        canvas.put(x, y + HEADER + row, text, "operator")
    for x, block in layout.blocks:
        here = block.grid.operand
        paint_block(
            canvas,
            x,
            y,
            block,
            arrays[here],
            lit=lit.get(here),
            cursor=cursor if view.marked and here == grid.operand else None,
            inner=_inner(part, here),
            drop=row,
        )
    x, first = layout.blocks[0]
    if layout.margin == LABEL_MARGIN or x + first.start(first.name) > len(label) + 1:
        canvas.put(1, y, label, "marker")


def _inner(part: Part, operand: Operand) -> int | None:
    """The axis of an operand that a matrix product sums over."""
    names = index_names(part)[operand]
    return names.index(SUMMED) if part.kind == "product" and SUMMED in names else None


def _paint_shown(canvas: Canvas, y: int, part: Part, layout: Layout, keys: bool) -> None:
    """``shown: j 0–20 of 256   n 0–3 of 64    , . scroll n``: which part of which index is in view."""
    windows: dict[Dimension, range] = {}
    for _, block in layout.blocks:
        windows |= {block.grid.rows: block.rows, block.grid.columns: block.columns}
    letters = _letters(part)
    pieces = [
        f"{letters[dimension]} {window.start}–{window.stop - 1} of {dimension.size}".lstrip()
        for dimension, window in windows.items()
        if dimension.size > 1
    ]
    text = " shown: " + "   ".join(pieces)
    scrolled = [dimension for dimension in _free(part) if len(windows[dimension]) < dimension.size]
    hint = f"    , . scroll {letters[scrolled[0]]}".rstrip() if scrolled and keys else ""
    canvas.put(0, y, text + hint if len(text + hint) <= canvas.width else text, "dim")


def _info(part: Part, layout: Layout, view: StageView, height: int) -> StageInfo:
    operand = _operand(part, view).operand
    block = next(block for _, block in layout.blocks if block.grid.operand == operand)
    free = _free(part)
    visible = {block.grid.rows: len(block.rows) for _, block in layout.blocks}
    visible |= {block.grid.columns: len(block.columns) for _, block in layout.blocks}
    shown = min(free, key=lambda dimension: visible[dimension] / dimension.size, default=None)
    return StageInfo(
        len(block.rows),
        len(block.columns),
        visible[shown] if shown else 0,
        shown.size if shown else 0,
        height,
    )
