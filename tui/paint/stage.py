"""The focus row: one operation as matrices side by side, ``left ∘ right = result``, always on screen.

Above it, when there is height, the ladder of the factors that are finished (``ladder.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.reading.model import Part, Step
from tui.canvas import Canvas
from tui.paint.block import HEADER
from tui.paint.geometry import SUMMED, Dimension, Operand, index_names
from tui.paint.ladder import paint_ladder
from tui.paint.layout import Layout, fit
from tui.paint.matrix import Agrees, paint_block
from tui.paint.note import Note, paint_note
from tui.paint.scene import Scene
from tui.paint.scene import StageView as StageView

if TYPE_CHECKING:
    from engine.tape import Tape

UNLIMITED = 10**9


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
    scene = Scene(tape, step.parts[part_index], view)
    needed = focus_height(scene, width)
    canvas = Canvas(width, height)
    y = 0
    room = height - needed - 1
    if room > 0:
        finished = [other for other in ladder_steps if other.id != step.id]
        ladder = paint_ladder(tape, finished, width, room, view.decimals, view.chosen)
        canvas.blit(ladder, 0, 0)
        y = ladder.height + 1 if ladder.height else 0
    label = step.id if part_index == step.main else scene.part.id
    focus, info = paint_focus(scene, width, height - y, label)
    canvas.blit(focus, 0, y)
    return canvas, info


def paint_focus(
    scene: Scene, width: int, height: int, label: str = "", relation: str | None = None, agrees: Agrees | None = None
) -> tuple[Canvas, StageInfo]:
    """One operation as a row of matrices and, where not everything is in view, the line that says what is.

    ``relation`` takes the place of the equals sign. Entries that ``agrees`` is true of step back: what is left differs.
    """
    layout, noted = _fit(scene, width, height)
    canvas = Canvas(width, height)
    _paint_row(canvas, scene, layout, label, relation, agrees)
    if noted:
        last = HEADER + max(len(block.rows) for _, block in layout.blocks)
        paint_note(canvas, min(last, height - 1), _note(scene, layout))
    return canvas, _info(scene, layout, focus_height(scene, width))


def stage_height(tape: Tape, step: Step, part_index: int, view: StageView, width: int) -> int:
    """Rows that the focus row needs in ``width`` columns to show every row of its matrices."""
    return focus_height(Scene(tape, step.parts[part_index], view), width)


def focus_height(scene: Scene, width: int) -> int:
    """Rows that an operation needs in ``width`` columns to show every row of its matrices."""
    layout, noted = _fit(scene, width, UNLIMITED)
    return HEADER + max(len(block.rows) for _, block in layout.blocks) + noted


def _fit(scene: Scene, width: int, height: int) -> tuple[Layout, bool]:
    """The layout, and whether it shows only windows or slices; those cost one row for saying which."""
    rows, sliced = height - HEADER, bool(scene.slices)
    layout = _fitted(scene, width, rows - sliced)
    if sliced or not _cut(layout):
        return layout, sliced
    return _fitted(scene, width, rows - 1), True


def _fitted(scene: Scene, width: int, rows: int) -> Layout:
    part, view = scene.part, scene.view
    active: Operand | None = part.factor
    place = (view.decimals, scene.start, active, scene.leads, scene.compared)
    return fit(part, scene.grids, scene.arrays, width, rows, *place)


def _cut(layout: Layout) -> list[Dimension]:
    """The dimensions that are only partly shown."""
    return [dimension for dimension, window in _windows(layout).items() if len(window) < dimension.size]


def _windows(layout: Layout) -> dict[Dimension, range]:
    """What is shown of every dimension, from left to right."""
    return {
        dimension: window
        for _, block in layout.blocks
        for dimension, window in ((block.grid.rows, block.rows), (block.grid.columns, block.columns))
    }


def _paint_row(
    canvas: Canvas, scene: Scene, layout: Layout, label: str, relation: str | None, agrees: Agrees | None
) -> None:
    row = layout.operator_row
    for x, text in layout.texts:
        shown = text.replace("=", relation) if relation else text
        canvas.put(x, HEADER + row, shown, "operator")
    for x, block in layout.blocks:
        here, marked = block.grid.operand, scene.view.marked
        paint_block(
            canvas,
            x,
            0,
            block,
            scene.arrays[here],
            lit=scene.lit.get(here) if marked else None,
            cursor=scene.cursor if marked and here == scene.focus.operand else None,
            inner=_inner(scene.part, here),
            drop=row,
            meant=lambda: scene.finite,
            agrees=agrees,
        )
    _paint_label(canvas, label)


def _paint_label(canvas: Canvas, label: str) -> None:
    """The step's id at the left, in the first row of the header where it stands clear of what is there."""
    header = canvas.rows()[:HEADER]
    place = next((k for k, row in enumerate(header) if not row[: len(label) + 2].strip()), None)
    if place is not None:
        canvas.put(1, place, label, "marker")


def _inner(part: Part, operand: Operand) -> int | None:
    """The axis of an operand that a matrix product sums over."""
    names = index_names(part)[operand]
    return names.index(SUMMED) if part.kind == "product" and SUMMED in names else None


def _note(scene: Scene, layout: Layout) -> Note:
    """Which slices and windows are in view, the windows only where not everything is."""
    windows, letters = _windows(layout), scene.letters
    shown = {one: (letters[one], window) for one, window in windows.items() if one.size > 1} if _cut(layout) else {}
    scrolled = [letters[one] for one in scene.free if len(windows[one]) < one.size]
    return Note(scene.slices, shown, scrolled[0] if scrolled else None, scene.view.marked)


def _info(scene: Scene, layout: Layout, height: int) -> StageInfo:
    block = next(block for _, block in layout.blocks if block.grid is scene.focus)
    visible = {dimension: len(window) for dimension, window in _windows(layout).items()}
    shown = min(scene.free, key=lambda dimension: visible[dimension] / dimension.size, default=None)
    return StageInfo(
        len(block.rows),
        len(block.columns),
        visible[shown] if shown else 0,
        shown.size if shown else 0,
        height,
    )
