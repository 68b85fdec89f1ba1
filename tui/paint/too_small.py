"""What is said in a terminal that is too small: the step, so that nobody is blind while resizing, and the cure."""

from __future__ import annotations

from engine.reading.model import Step
from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.numbers import shape_text
from tui.paint.text import Row, paint_rows, row

SMALLEST_WIDTH = 64
SMALLEST_HEIGHT = 20


def is_too_small(width: int, height: int) -> bool:
    """Whether the debugger cannot be laid out in a terminal of this size."""
    return width < SMALLEST_WIDTH or height < SMALLEST_HEIGHT


def paint_too_small(debugger: Debugger, width: int, height: int) -> Canvas:
    """The step with its formula and shapes, the size that is needed, and that the step keys still work."""
    step = debugger.step
    rows: list[Row] = [
        row((f"{step.id}  ", "phase"), (step.formula, "bold"), (f"   {_shapes(step)}", "dim")),
        row((f"Terminal {width}×{height} is too small: needs {SMALLEST_WIDTH}×{SMALLEST_HEIGHT}.", "warn"), hanging=0),
        row(("n N still step. Enlarge it, or use `chainstep show`.", "text"), hanging=0, spare=1),
    ]
    margin = 2 if width > 8 else 0
    body = paint_rows(rows, width, max(0, height - 1) if height > 3 else height, margin)
    canvas = Canvas(width, height)
    canvas.blit(body, 0, 1 if height > 3 else 0)
    return canvas


def _shapes(step: Step) -> str:
    """``(4×5)(5×2) → 4×2``."""
    part = step.parts[step.main]
    terms = [part.left] if part.right is None else [part.left, part.right]
    return "".join(f"({shape_text(term.shape)})" for term in terms) + f" → {shape_text(part.result.shape)}"
