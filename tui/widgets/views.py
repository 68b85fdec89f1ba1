"""Which part of the debugger's state each pane shows, and with which painter.

The inputs of a view are all that its painter reads; a pane whose inputs stay equal is not painted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.reading import chain, path_target
from tui.arrangement import CHAIN, Arrangement, arrange
from tui.canvas import Canvas
from tui.paint.chain import paint_chain
from tui.paint.inspector import paint_inspector
from tui.paint.network import paint_network
from tui.paint.rail import paint_rail
from tui.paint.stage import StageInfo, paint_stage
from tui.paint.status import paint_status
from tui.paint.too_small import paint_too_small
from tui.paint.unfolded import paint_unfolded
from tui.remembered import numbers
from tui.widgets.pane import View

if TYPE_CHECKING:
    from engine.reading.model import Step
    from tui.debugger import Debugger

_RULE = "│"


def shown(debugger: Debugger, name: str, stage: Stage, width: int, height: int) -> tuple[Arrangement, dict[str, View]]:
    """Who gets how much of the terminal, and the view of every pane that is to be seen."""
    arrangement = arrange(debugger, width, height)
    if arrangement.too_small:
        return arrangement, {"too-small": too_small_view(debugger)}
    found = {
        "status": status_view(debugger, name),
        "network": network_view(debugger),
        "chain": chain_view(debugger, arrangement.bar),
        "stage": stage.view(debugger),
    }
    if arrangement.rail:
        found["rail"] = rail_view(debugger)
    if arrangement.column:
        found["column"] = column_view(debugger)
    else:
        found["inspector"] = inspector_view(debugger)
    return arrangement, found


def status_view(debugger: Debugger, name: str) -> View:
    """The status line."""
    place = (debugger.tape, debugger.index, debugger.part_index, debugger.message, debugger.progress)
    return View((name, *place), lambda width, _: paint_status(debugger, name, width))


def network_view(debugger: Debugger) -> View:
    """The network strip."""
    program, steps, index, checks = debugger.tape.program, debugger.steps, debugger.index, debugger.checks
    inputs = (program, index, checks, debugger.own)
    return View(inputs, lambda width, _: paint_network(program, steps, index, checks, width, debugger.own))


def chain_view(debugger: Debugger, lines: int) -> View:
    """The chain bar in as many of its ``lines`` as its pane has; more than the usual ones show it unfolded."""

    def paint(width: int, height: int) -> Canvas:
        canvas, room = Canvas(width, height), min(height, lines)
        painted = paint_unfolded(debugger, width, room) if room > CHAIN else paint_chain(debugger, width, room, True)
        canvas.blit(painted, 0, 0)
        return canvas

    return View((debugger.tape.program, debugger.index, lines), paint)


def rail_view(debugger: Debugger) -> View:
    """The list of steps with a line at its right."""

    def paint(width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        canvas.blit(paint_rail(debugger, width - 1, height), 0, 0)
        return _ruled(canvas, width - 1)

    return View((debugger.tape.program, debugger.index, debugger.rail, debugger.checks, debugger.own), paint)


def inspector_view(debugger: Debugger) -> View:
    """The page in use beneath the tabs."""
    inputs = (debugger.page, *_inspected(debugger))
    return View(inputs, lambda width, height: paint_inspector(debugger, width, height))


def column_view(debugger: Debugger) -> View:
    """All pages at once, with a line at their left."""

    def paint(width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        canvas.blit(paint_inspector(debugger, width - 1, height, all_pages=True), 1, 0)
        return _ruled(canvas, 0)

    return View((debugger.page, *_inspected(debugger)), paint)


def _inspected(debugger: Debugger) -> tuple[object, ...]:
    place = (debugger.tape, debugger.other, debugger.index, debugger.part_index, debugger.operand, debugger.entry_index)
    return (*place, debugger.decimals, debugger.checks, debugger.check_message, debugger.progress, debugger.own)


def too_small_view(debugger: Debugger) -> View:
    """The step and what to do about the terminal."""
    inputs = (debugger.tape.program, debugger.index)
    return View(inputs, lambda width, height: paint_too_small(debugger, width, height))


class Stage:
    """The view of the matrices, which remembers how much of them was to be seen."""

    def __init__(self) -> None:
        self.info: StageInfo | None = None

    def view(self, debugger: Debugger) -> View:
        """The ladder and the focus row."""

        def paint(width: int, height: int) -> Canvas:
            canvas, self.info = paint_stage(
                debugger.tape,
                debugger.step,
                debugger.part_index,
                debugger.view,
                width,
                height,
                ladder_steps=finished(debugger),
            )
            return canvas

        look = debugger.view
        place = (debugger.tape, debugger.index, debugger.part_index)
        window = (look.summed, look.decimals, look.indices, look.chosen)
        return View((*place, look.cursor, look.operand, *window), paint)


def finished(debugger: Debugger) -> Sequence[Step]:
    """The steps of the chain in the chain bar that lie before the one in view; none in the forward pass."""
    if debugger.phase != "backward":
        return ()
    program = debugger.tape.program
    steps, number = debugger.steps, numbers(debugger.steps)
    links = chain(program, path_target(program, debugger.step.id), debugger.step.id).paper
    on_path = {number[link.step] for link in links if link.step in number}
    return [steps[index] for index in sorted(on_path) if index < debugger.index]


def _ruled(canvas: Canvas, x: int) -> Canvas:
    for y in range(canvas.height):
        canvas.put(x, y, _RULE, "page")
    return canvas
