"""The focus row: one operation as matrices side by side, ``left ∘ right = result``, always on screen.

Above it, when there is height, the ladder of the factors that are finished (``ladder.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.reading.model import Part, Step
from tui.canvas import Canvas
from tui.grid import Cell, Index, clamp, index_of
from tui.paint.geometry import SUMMED, Dimension, Grid, Operand, grids, index_names, light
from tui.paint.ladder import paint_ladder
from tui.paint.layout import LABEL_MARGIN, Arrays, Layout, fit
from tui.paint.matrix import HEADER, paint_block
from tui.paint.note import Note, paint_note
from tui.paint.slices import Chosen, SliceAxis, chosen_lead, leads, slice_axes

if TYPE_CHECKING:
    from engine.tape import Tape

UNLIMITED = 10**9


@dataclass(frozen=True)
class StageView:
    """Where a person looks on the stage.

    ``cursor`` is the cell of ``operand`` as ``tui.grid`` counts it (a vector is one row). ``summed`` is the first
    entry shown of a summed index that does not fit. ``indices`` tells, by index letter, which entry of the other
    dimensions to keep in view while the cursor is in an operand that has not got them. ``chosen`` tells, by the name
    of a leading axis, which slice to show. In print (``marked`` is False) nobody points at a cell, so no cell and no
    row is lit.
    """

    cursor: Cell = (0, 0)
    operand: Operand = "result"
    summed: int = 0
    decimals: int | None = None
    indices: Mapping[str, int] = field(default_factory=dict)
    chosen: Chosen = field(default_factory=dict)
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
    layout, noted = _fit(part, arrays, view, width, height)
    needed = _height(part, arrays, view, width)
    canvas = Canvas(width, height)
    y = 0
    room = height - needed - 1
    if room > 0:
        finished = [other for other in ladder_steps if other.id != step.id]
        ladder = paint_ladder(tape, finished, width, room, view.decimals, view.chosen)
        canvas.blit(ladder, 0, 0)
        y = ladder.height + 1 if ladder.height else 0
    label = step.id if part_index == step.main else part.id
    _paint_focus(canvas, y, part, arrays, layout, view, label)
    if noted:
        last = y + HEADER + max(len(block.rows) for _, block in layout.blocks)
        paint_note(canvas, min(last, height - 1), _note(part, layout, view))
    return canvas, _info(part, layout, view, needed)


def stage_height(tape: Tape, step: Step, part_index: int, view: StageView, width: int) -> int:
    """Rows that the focus row needs in ``width`` columns to show every row of its matrices."""
    part = step.parts[part_index]
    return _height(part, _arrays(tape, part), view, width)


def _arrays(tape: Tape, part: Part) -> Arrays:
    return {grid.operand: tape.array(grid.term) for grid in grids(part)}


def _height(part: Part, arrays: Arrays, view: StageView, width: int) -> int:
    layout, noted = _fit(part, arrays, view, width, UNLIMITED)
    return HEADER + max(len(block.rows) for _, block in layout.blocks) + noted


def _fit(part: Part, arrays: Arrays, view: StageView, width: int, height: int) -> tuple[Layout, bool]:
    """The layout, and whether it shows only windows or slices; those cost one row for saying which."""
    start = _Starts(part, view)
    active: Operand | None = part.factor
    rows = height - HEADER
    shown = stage_leads(part, view)
    sliced = bool(stage_slices(part, view))
    layout = fit(part, grids(part), arrays, width, rows - sliced, view.decimals, start, active, shown)
    if sliced or not _cut(layout):
        return layout, sliced
    return fit(part, grids(part), arrays, width, rows - 1, view.decimals, start, active, shown), True


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


def _cursor_index(grid: Grid, view: StageView) -> Index:
    shape = grid.term.shape
    return index_of(shape, clamp(view.cursor, shape), chosen_lead(grid.term, view.chosen))


def stage_leads(part: Part, view: StageView) -> Mapping[Operand, Index]:
    """The slice that every operand shows; in print, where no cell is looked at, the one that was chosen for it."""
    if not view.marked:
        return {grid.operand: chosen_lead(grid.term, view.chosen) for grid in grids(part)}
    grid = _operand(part, view)
    return leads(part, grid.operand, _cursor_index(grid, view), view.chosen)


def stage_slices(part: Part, view: StageView) -> tuple[SliceAxis, ...]:
    """The axes along which there are other slices than those in view."""
    grid = _operand(part, view)
    axes = slice_axes(part, grid.operand, _cursor_index(grid, view), view.chosen)
    if view.marked:
        return axes
    return tuple(replace(axis, position=view.chosen.get(axis.keys[0], 0)) for axis in axes)


@dataclass(frozen=True, slots=True)
class _Starts:
    """Where the window over a dimension starts, from the view alone.

    Along the cursor's matrix it turns pages, so that numbers stay in their places while the cursor moves in them.
    """

    part: Part
    view: StageView

    def __call__(self, dimension: Dimension, count: int) -> int:
        grid = _operand(self.part, self.view)
        position = _places(self.part, grid.operand, _cursor_index(grid, self.view)).get(dimension)
        if position is not None:
            return position // count * count
        if dimension in _free(self.part):
            return self.view.summed
        return self.view.indices.get(_letters(self.part).get(dimension, ""), 0) // count * count


def _places(part: Part, operand: Operand, index: Index) -> dict[Dimension, int]:
    """Where the cursor's entry, and what lights up with it, stands along every dimension that it decides on."""
    lit = light(part, operand, index)
    found: dict[Dimension, int] = {}
    for grid in sorted(grids(part), key=lambda one: one.operand != operand):
        selector = lit.get(grid.operand, ())
        pair = (grid.rows,) if grid.upright else (grid.rows, grid.columns)
        for dimension, position in zip(pair[::-1], selector[::-1], strict=False):
            if dimension.size > 1 and position is not None:
                found.setdefault(dimension, position)
    return found


def _free(part: Part) -> list[Dimension]:
    """The dimensions that the result has not got: what is summed over, or picked from."""
    operands = [grid for grid in grids(part) if grid.operand != "result"]
    found = dict.fromkeys(dimension for grid in operands for dimension in (grid.rows, grid.columns))
    kept = {name for name, size in zip(index_names(part)["result"], part.result.shape, strict=True) if size > 1}
    return [one for one in found if one.size > 1 and kept.isdisjoint(one.names)]


def _letters(part: Part) -> dict[Dimension, str]:
    """The index letter of every dimension that has more than one entry, from left to right."""
    found: dict[Dimension, str] = {}
    for grid in grids(part):
        letters = grid.term.letters if len(grid.term.letters) == len(grid.term.shape) else ()
        rows, columns = (letters, ()) if grid.upright else (letters[-2:-1], letters[-1:])
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


def _note(part: Part, layout: Layout, view: StageView) -> Note:
    """Which slices and windows are in view, the windows only where not everything is."""
    windows: dict[Dimension, range] = {}
    for _, block in layout.blocks:
        windows |= {block.grid.rows: block.rows, block.grid.columns: block.columns}
    letters = _letters(part)
    shown = {one: (letters[one], window) for one, window in windows.items() if one.size > 1} if _cut(layout) else {}
    scrolled = [letters[one] for one in _free(part) if len(windows[one]) < one.size]
    return Note(stage_slices(part, view), shown, scrolled[0] if scrolled else None, view.marked)


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
