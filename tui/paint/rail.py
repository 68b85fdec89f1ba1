"""The rail: all steps by phase and layer, as names with shapes or as the NumPy listing, and where we are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.reading.model import Step
from tui.canvas import Canvas
from tui.debugger import Debugger, RailMode
from tui.numbers import shape_text
from tui.paint.badges import badge
from tui.paint.text import cut

_MARK = 3  # cells at the right for ✓ ✗ ⚠
_INDENT = 3
_NARROWEST = 24
_WIDEST = {"names": 36, "numpy": 44, "off": 0}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the rail: a heading, or a line of the step with that number."""

    text: str
    index: int | None = None
    first: bool = True


def rail_width(steps: Sequence[Step], mode: RailMode) -> int:
    """The width in which the rail can be read without taking more room than it is worth; 0 when it is off."""
    if mode == "off":
        return 0
    wanted = max(len(line.text) for line in _lines(steps, mode)) + _INDENT + _MARK
    return min(max(wanted, _NARROWEST), _WIDEST[mode])


def paint_rail(debugger: Debugger, width: int, height: int, mode: RailMode | None = None) -> Canvas:
    """The listing scrolled so that the step in view is on it; a click on a step goes to ``("step", id)``."""
    mode = mode or debugger.rail
    canvas = Canvas(width, height)
    if mode == "off" or not width or not height:
        return canvas
    lines = _lines(debugger.steps, mode)
    here = next(k for k, line in enumerate(lines) if line.index == debugger.index)
    top = min(max(0, here - height // 2), max(0, len(lines) - height))
    for y, line in enumerate(lines[top : top + height]):
        if line.index is None:
            canvas.put(0, y, line.text, "italic" if line.text.startswith(" ") else "bold")
        else:
            _draw_step(canvas, y, line, line.index, debugger)
    return canvas


def _draw_step(canvas: Canvas, y: int, line: Line, index: int, debugger: Debugger) -> None:
    step = debugger.steps[index]
    state = "pending" if index > debugger.index else "text"
    room = canvas.width - _INDENT - _MARK
    text = cut(line.text, room)
    if index == debugger.index:
        if line.first:
            canvas.put(1, y, "▶", "marker")
        canvas.put(_INDENT, y, text.ljust(room), "rail-here")
    else:
        canvas.put(_INDENT, y, text, state)
    verdict = debugger.verdict(step) if step.phase == "backward" else None
    if verdict is not None and line.first:
        glyph, style = badge(verdict)
        canvas.put(canvas.width - 2, y, glyph, style)
    canvas.hit(0, y, canvas.width, 1, ("step", step.id))


def _lines(steps: Sequence[Step], mode: RailMode) -> list[Line]:
    """All lines of the listing, with a heading wherever the phase or the layer changes."""
    columns = _columns(steps)
    lines: list[Line] = []
    before: Step | None = None
    for index, step in enumerate(steps):
        if before is None or step.phase != before.phase:
            lines += [Line("")] if lines else []
            lines.append(Line(step.phase))
        if step.layer is not None and (before is None or (step.phase, step.layer) != (before.phase, before.layer)):
            lines.append(Line(f" layer {step.layer}"))
        if mode == "names":
            lines.append(Line(_name(step, columns), index))
        else:
            lines += [Line(text, index, k == 0) for k, text in enumerate(step.lines)]
        before = step
    return lines


def _columns(steps: Sequence[Step]) -> tuple[int, int]:
    """Widths of the columns for ids and for symbols."""
    return max(3, *(len(step.id) for step in steps)), max(8, *(len(step.symbol) for step in steps))


def _name(step: Step, columns: tuple[int, int]) -> str:
    return f"{step.id:<{columns[0]}} {step.symbol:<{columns[1]}} {shape_text(step.result.shape)}"
