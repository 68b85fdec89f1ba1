"""The status line: which net, which convention, how many examples, the loss, and where we are."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.numbers import not_finite
from tui.paint.text import Piece, cut, length, shorten

if TYPE_CHECKING:
    from engine import Program

WIDE = 100
_GAP = 2
_CONVENTIONS = {
    "column": ("column", "column (feature×batch)"),
    "row": ("row", "row (batch×feature)"),
    "as-written": ("as written", "as written"),
}


def paint_status(debugger: Debugger, name: str, width: int) -> Canvas:
    """One line: ``softmax  column  N=5  L=10.41 ... B6b 2/2  BACKWARD  step 11/12``; a message takes the middle.

    What a message needs is taken from the loss, N, the convention, the phase, the name and the place, in this order.
    """
    canvas = Canvas(width, 1)
    message = _message(debugger)
    left = _left(debugger, name, width)
    right, *shorter = _rights(debugger, width)
    needed = min(len(message), width) + _GAP if message else 0
    while len(left) > 1 and _taken(left, right) + needed > width:
        left.pop()
    while shorter and _taken(left, right) + needed > width:
        right = shorter.pop(0)
        if message and not shorter:
            left = []
    if not left and _taken(left, right) + needed > width >= len(message) + 2:
        right = []
    start = width - 1 - length(right)
    room = start - _GAP - 1
    if left and length(left) > room:
        left = [(cut(left[0][0], room), left[0][1])]
    x = canvas.run(1, 0, left) + (_GAP if left else 0)
    canvas.put(x, 0, shorten(message, start - _GAP - x), "warn")
    canvas.run(start, 0, right)
    return canvas


def _taken(left: list[Piece], right: list[Piece]) -> int:
    """Columns that are not free for a message: both sides, a margin at either end, and the gap between them."""
    return length(left) + (_GAP if left else 0) + length(right) + 2


def examples(program: Program) -> int | None:
    """The size of the axis of examples, None where the program has none."""
    return program.examples


def loss_text(loss: float) -> str:
    """Four significant digits: ``10.41``; NaN and infinities as on the stage."""
    return f"{float(loss):.4g}" if isfinite(loss) else not_finite(loss)


def _message(debugger: Debugger) -> str:
    if debugger.message:
        return debugger.message
    if debugger.progress is not None:
        done, total = debugger.progress
        return f"checking gradients {done}/{total}"
    return ""


def _rights(debugger: Debugger, width: int) -> list[list[Piece]]:
    """Where we are, ever shorter: the letter of the id says the phase too."""
    name = debugger.part_position
    part = (f"{name.replace(' ', '  part ') if width >= WIDE else name}  ", "marker")
    step = debugger.position.partition("  ")[2]
    return [[part, (debugger.position, "phase")], [part, (step, "phase")], [(step, "phase")]]


def _left(debugger: Debugger, name: str, width: int) -> list[Piece]:
    """Name, convention, N and the loss, in the order in which they can be done without."""
    tape = debugger.tape
    short, long = _CONVENTIONS.get(tape.program.convention, (tape.program.convention,) * 2)
    size = examples(tape.program)
    pieces: list[Piece] = [(f" {name} ", "title"), (f"  {long if width >= WIDE else short}", "bold")]
    pieces += [(f"  N={size}", "dim")] if size is not None else []
    loss = tape.loss
    return [*pieces, ("  ", "text"), (f"L={loss_text(loss)}", "bold" if isfinite(loss) else "bad")]
