"""The rail: all steps by phase and layer, as names with shapes or as the NumPy listing, and where we are in it.

Only the lines that are to be seen are made, from the step in view upwards and downwards: a program may have thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from engine.reading.model import Step
from tui.canvas import Canvas
from tui.debugger import Debugger, RailMode
from tui.numbers import shape_text
from tui.paint.text import cut
from tui.remembered import once

_MARK = 3  # cells at the right for ✓ ✗ ⚠ ↳
_INDENT = 3
_NARROWEST = 24
_WIDEST = {"names": 36, "numpy": 44, "off": 0}
_MOST_MEASURED = 400
"""Steps up to which every line of the NumPy listing is printed to see how wide it is."""


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
    return min(max(_MEASURES[mode](steps) + _INDENT + _MARK, _NARROWEST), _WIDEST[mode])


def paint_rail(debugger: Debugger, width: int, height: int, mode: RailMode | None = None) -> Canvas:
    """The listing scrolled so that the step in view is on it; a click on a step goes to ``("step", id)``."""
    mode = mode or debugger.rail
    canvas = Canvas(width, height)
    if mode == "off" or not width or not height:
        return canvas
    lines_of = partial(_lines, debugger.steps, mode)
    for y, line in enumerate(_window(lines_of, len(debugger.steps), debugger.index, height)):
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
    mark = debugger.mark(step)
    if mark is not None and line.first:
        canvas.put(canvas.width - 2, y, *mark)
    canvas.hit(0, y, canvas.width, 1, ("step", step.id))


def _window(lines_of: Callable[[int], list[Line]], count: int, index: int, height: int) -> list[Line]:
    """``height`` lines of the listing with the first line of step ``index`` in the middle, where the ends allow it."""
    here = lines_of(index)
    headings = next(k for k, line in enumerate(here) if line.index is not None)
    above, below = here[:headings], here[headings:]
    first, last = index, index
    while first > 0 and len(above) < height:
        first -= 1
        above = lines_of(first) + above
    while last + 1 < count and len(below) < height:
        last += 1
        below = below + lines_of(last)
    top = min(max(0, len(above) - height // 2), max(0, len(above) + len(below) - height))
    return (above + below)[top : top + height]


def _lines(steps: Sequence[Step], mode: RailMode, index: int) -> list[Line]:
    """The lines of one step, with a heading before them where the phase or the layer changes."""
    step, before = steps[index], steps[index - 1] if index else None
    lines: list[Line] = []
    if before is None or step.phase != before.phase:
        lines += [Line("")] if before is not None else []
        lines.append(Line(step.phase))
    if step.layer_text and (before is None or (step.phase, step.layer_text) != (before.phase, before.layer_text)):
        lines.append(Line(f" {step.layer_text}"))
    if mode == "names":
        return [*lines, Line(_name(step, _columns(steps)), index)]
    return [*lines, *(Line(text, index, k == 0) for k, text in enumerate(step.lines))]


@once
def _columns(steps: Sequence[Step]) -> tuple[int, int]:
    """Widths of the columns for ids and for symbols."""
    return max(3, *(len(step.id) for step in steps)), max(8, *(len(step.symbol) for step in steps))


def _name(step: Step, columns: tuple[int, int]) -> str:
    return f"{step.id:<{columns[0]}} {step.symbol:<{columns[1]}} {shape_text(step.result.shape)}"


@once
def _widest_name(steps: Sequence[Step]) -> int:
    columns = _columns(steps)
    return max(len(_name(step, columns)) for step in steps)


@once
def _widest_code(steps: Sequence[Step]) -> int:
    if len(steps) > _MOST_MEASURED:
        return _WIDEST["numpy"]
    return max(len(line) for step in steps for line in step.lines)


_MEASURES = {"names": _widest_name, "numpy": _widest_code}
