"""The status line: which net, which convention, how many examples, the loss, and where we are."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.numbers import not_finite
from tui.paint.text import Piece, cut, length

if TYPE_CHECKING:
    from engine import Program

WIDE = 100
_CONVENTIONS = {
    "column": ("column", "column (feature×batch)"),
    "row": ("row", "row (batch×feature)"),
    "as-written": ("as written", "as written"),
}


def paint_status(debugger: Debugger, name: str, width: int) -> Canvas:
    """One line: ``softmax  column  N=5  L=10.41 ... BACKWARD  step 11/12``; a message takes the middle."""
    canvas = Canvas(width, 1)
    right = _right(debugger, width)
    start = width - 1 - length(right)
    left = _left(debugger, name, width, start - 2)
    x = canvas.run(1, 0, left) + 2
    message = _message(debugger)
    if message:
        canvas.put(x, 0, cut(message, start - 2 - x), "warn")
    canvas.run(start, 0, right)
    return canvas


def examples(program: Program) -> int | None:
    """The size of the axis of examples, None where the program has none."""
    for step in program.steps:
        for part in step.parts:
            for term in (part.left, part.right, part.result):
                if term is not None and "n" in term.axes:
                    return term.shape[term.axes.index("n")]
    return None


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


def _right(debugger: Debugger, width: int) -> list[Piece]:
    part = debugger.part_position
    pieces = [(debugger.position, "phase")]
    return [(f"{part}  ", "dim"), *pieces] if part and width >= WIDE else pieces


def _left(debugger: Debugger, name: str, width: int, room: int) -> list[Piece]:
    """Name, convention, N and the loss; the last ones make way where there is a message and too little room."""
    tape = debugger.tape
    short, long = _CONVENTIONS.get(tape.program.convention, (tape.program.convention,) * 2)
    size = examples(tape.program)
    convention = (f"  {long if width >= WIDE else short}", "bold")
    pieces: list[Piece] = [(f" {name} ", "title"), convention]
    pieces += [(f"  N={size}", "dim")] if size is not None else []
    pieces += [(f"  L={loss_text(tape.loss)}", "bold")]
    wanted = min(len(_message(debugger)), room) + 2 if _message(debugger) else 0
    while len(pieces) > 2 and length(pieces) + wanted > room:
        pieces.pop()
    if length(pieces) + wanted > room:
        pieces[1] = (f"  {short}", "bold")
    if wanted and length(pieces) + wanted > room:
        pieces.pop()
    return pieces if length(pieces) <= room else [(cut(f" {name} ", max(0, room)), "title")]
