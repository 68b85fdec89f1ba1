"""The ladder: the factors that are finished, one rung each, above the focus row – the call stack of the chain rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.reading.model import Part, Step
from tui.canvas import Canvas
from tui.numbers import shape_text
from tui.paint.block import HEADER
from tui.paint.geometry import Operand, grids
from tui.paint.layout import LABEL_MARGIN, Arrays, Form, Layout, arrange, forms, whole
from tui.paint.matrix import paint_block
from tui.paint.slices import Chosen, chosen_lead

if TYPE_CHECKING:
    from engine.tape import Tape

LARGEST = 12
"""Rungs with more rows than this are written as one line: the ladder is a reminder, not a second stage."""
_HEADER = HEADER - 1


class RungTarget(NamedTuple):
    """What a click on a rung means: go to that step."""

    step: str


_FIRST: Chosen = {}


def paint_ladder(
    tape: Tape,
    steps: Sequence[Step],
    width: int,
    height: int,
    decimals: int | None = None,
    chosen: Chosen = _FIRST,
) -> Canvas:
    """The rungs of finished steps, the latest at the bottom, in at most ``height`` rows (the canvas may be lower).

    Where the height runs out, older rungs become one line of text each, then they are left out. Arrays with more than
    two axes show the ``chosen`` slice.
    """
    rungs: list[Canvas] = []
    room = height
    for step in reversed(steps):
        below = rungs[-1].height if rungs else 0
        rung = _matrix_rung(tape, step, width, room - (below > 0), decimals, chosen)
        if rung is None:
            rung = _text_rung(step, width)
        gap = int(below > 0 and max(below, rung.height) > 1)
        if rung.height + gap > room:
            break
        room -= rung.height + gap
        rungs.append(rung)
    return _stacked(rungs[::-1], width)


def _stacked(rungs: Sequence[Canvas], width: int) -> Canvas:
    """The rungs beneath each other, a blank row around every one that has matrices."""
    places, y, above = [], 0, 0
    for rung in rungs:
        y += above > 0 and max(above, rung.height) > 1
        places.append(y)
        y, above = y + rung.height, rung.height
    canvas = Canvas(width, y)
    for rung, place in zip(rungs, places, strict=True):
        canvas.blit(rung, 0, place)
    return canvas


def _matrix_rung(
    tape: Tape, step: Step, width: int, height: int, decimals: int | None, chosen: Chosen
) -> Canvas | None:
    """The step's equation as matrices, dim and without column indices; None where it does not fit."""
    part = step.parts[step.main]
    rows = max(grid.rows.size for grid in grids(part))
    columns = max(grid.columns.size for grid in grids(part))
    if rows > LARGEST or rows + _HEADER > height or 2 * columns > width:
        return None
    arrays = {grid.operand: tape.array(grid.term) for grid in grids(part)}
    layout = _layout(part, arrays, width, decimals, chosen)
    if layout is None:
        return None
    canvas = Canvas(width, rows + _HEADER)
    row = layout.operator_row
    for x, text in layout.texts:
        canvas.put(x, _HEADER + row, text)
    for x, block in layout.blocks:
        paint_block(canvas, x, 0, block, arrays[block.grid.operand], drop=row, meant=lambda: tape.finite)
    canvas.restyle(_dimmed)
    return _labelled(canvas, step)


def _layout(part: Part, arrays: Arrays, width: int, decimals: int | None, chosen: Chosen) -> Layout | None:
    """The whole equation; else without the operand that is the rung above; only then fewer decimals."""
    best, *fewer = forms(decimals)
    hidden: Operand | None = None
    if part.right is not None and part.factor is not None:
        hidden = "left" if part.factor == "right" else "right"
    tries: list[tuple[Form, Operand | None]] = [(best, None), (best, hidden), *((form, hidden) for form in fewer)]
    shown = {grid.operand: chosen_lead(grid.term, chosen) for grid in grids(part)}
    for form, without in tries:
        layout = arrange(
            part,
            grids(part),
            arrays,
            whole(grids(part)),
            form,
            margin=LABEL_MARGIN,
            indexed=False,
            hidden=without,
            leads=shown,
        )
        if layout.width <= width:
            return layout
    return None


def _text_rung(step: Step, width: int) -> Canvas:
    """``B4  ∂L/∂h₁ = W₂ᵀ · ∂L/∂f   (256×10)(10×64) → 256×64``, the shapes only where there is room for them."""
    canvas = Canvas(width, 1)
    x = canvas.put(max(LABEL_MARGIN, len(step.id) + 2), 0, step.formula, "dim")
    part = step.parts[step.main]
    *operands, result = grids(part)
    shapes = "".join(f"({shape_text(grid.term.shape)})" for grid in operands)
    text = f"   {shapes} → {shape_text(result.term.shape)}"
    if x + len(text) <= width:
        canvas.put(x, 0, text, "dim")
    elif x > width:
        canvas.put(width - 1, 0, "…", "dim")
    return _labelled(canvas, step)


def _labelled(canvas: Canvas, step: Step) -> Canvas:
    canvas.put(1, 0, step.id, "dim")
    canvas.hit(0, 0, canvas.width, canvas.height, RungTarget(step.id))
    return canvas


def _dimmed(style: str) -> str:
    """A finished rung steps back; zeros and the ones of a mask stay told apart."""
    return {"one": "dim-bold", "zero": "zero", "bad": "bad"}.get(style, "dim")
