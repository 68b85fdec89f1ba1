"""The network strip: values from left to right, the gradients that come back beneath them, and where we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.reading import strip
from engine.reading.model import Step, Stop
from tui.canvas import Canvas
from tui.paint.badges import WRONG, badge

if TYPE_CHECKING:
    from engine import Program
    from engine.check import Verdict

_EDGE = "─────"
_ARROW = "────→"
_CAPTION = "◀ gradients"
PENDING = "∙"  # U+2219: no product of matrices (U+00B7), which --ascii would write as @


@dataclass(frozen=True, slots=True)
class Place:
    """One symbol on the strip: where it stands and the steps that make the value and its gradient."""

    x: int
    text: str
    forward: str | None
    backward: str | None
    parameter: bool


def paint_network(
    program: Program, steps: Sequence[Step], current: int, checks: Mapping[str, Verdict], width: int
) -> Canvas:
    """Two lines for the step number ``current`` of ``steps``; clicks go to ``("step", id)``.

    A net wider than ``width`` is shown through a window around the current place, with ``…`` where it goes on.
    """
    return paint_strip(strip(program), steps, current, checks, width)


def paint_strip(
    stops: Sequence[Stop], steps: Sequence[Step], current: int, checks: Mapping[str, Verdict], width: int
) -> Canvas:
    """The two lines for a strip that is known already."""
    whole, places = _draw(stops, steps, current, checks)
    canvas = Canvas(width, 2)
    room = width - 1
    left = 0 if whole.width <= room else _window(_place_of(places, steps, current), whole.width, room)
    view = Canvas(room, 2)
    view.blit(whole, -left, 0)
    if left > 0:
        view.put(0, 0, "…", "dim")
    if whole.width - left > room:
        view.put(room - 1, 0, "…", "dim")
    canvas.blit(view, 1, 0)
    _caption(canvas)
    return canvas


def _draw(
    stops: Sequence[Stop], steps: Sequence[Step], current: int, checks: Mapping[str, Verdict]
) -> tuple[Canvas, list[Place]]:
    """The whole strip as wide as it is, and its places."""
    edges, places, width = _lay_out(stops)
    canvas = Canvas(width, 2)
    number = {step.id: index for index, step in enumerate(steps)}
    for x, text in edges:
        canvas.put(x, 0, text, "dim")
    for place in places:
        _draw_value(canvas, place, number, current)
        if place.backward is not None and place.backward in number:
            index = number[place.backward]
            verdict = checks.get(steps[index].of or "")
            glyph, style = _gradient_mark(index, current, verdict)
            canvas.put(place.x, 1, glyph, style)
            canvas.hit(place.x, 1, max(1, len(place.text)), 1, ("step", place.backward))
    return canvas, places


def _lay_out(stops: Sequence[Stop]) -> tuple[list[tuple[int, str]], list[Place], int]:
    """Edges as (x, text), the places, and the width of ``x─────W₁ b₁────→z₁─relu────→h₁``."""
    edges: list[tuple[int, str]] = []
    places: list[Place] = []
    x = 0

    def edge(text: str) -> None:
        nonlocal x
        edges.append((x, text))
        x += len(text)

    def place(text: str, forward: str | None, backward: str | None, parameter: bool) -> None:
        nonlocal x
        places.append(Place(x, text, forward, backward, parameter))
        x += len(text)

    for number, stop in enumerate(stops):
        if number > 0 or stop.parameters or stop.label:
            if stop.label:
                edge(f"─{stop.label}")
            if stop.parameters:
                edge(_EDGE if not stop.label else "─")
            for k, (symbol, backward) in enumerate(stop.parameters):
                x += 1 if k else 0
                place(symbol, None, backward, True)
            edge(_ARROW)
        place(stop.symbol, stop.forward, stop.backward, False)
    return edges, places, x


def _draw_value(canvas: Canvas, place: Place, number: Mapping[str, int], current: int) -> None:
    index = None if place.forward is None else number.get(place.forward)
    if index is None:
        style = "param" if place.parameter else "bold"
    else:
        style = "pending" if index > current else "active" if index == current else "bold"
        canvas.hit(place.x, 0, len(place.text), 1, ("step", place.forward))
    canvas.put(place.x, 0, place.text, style)


def _gradient_mark(index: int, current: int, verdict: Verdict | None) -> tuple[str, str]:
    if index == current:
        return "▲", "active"
    if verdict is not None and not verdict.ok:
        return WRONG
    if index > current:
        return PENDING, "pending"
    return badge(verdict) if verdict is not None else ("●", "done")


def _place_of(places: Sequence[Place], steps: Sequence[Step], current: int) -> int:
    """Where the current step is on the strip; a step inside an edge is at the place that was reached last."""
    at: dict[str, int] = {}
    for place in places:
        for step in (place.forward, place.backward):
            if step is not None:
                at[step] = place.x
    reached = [at[step.id] for step in steps[: current + 1] if step.id in at]
    return reached[-1] if reached else 0


def _window(place: int, whole: int, room: int) -> int:
    """The left edge of the window that has ``place`` in its middle where it can."""
    return min(max(0, place - room // 2), whole - room)


def _caption(canvas: Canvas) -> None:
    """The words at the right of the gradient line, as many of them as the marks leave room for."""
    used = len(canvas.rows()[1])
    for text in (_CAPTION, _CAPTION[0]):
        x = canvas.width - 1 - len(text)
        if x > used:
            canvas.put(x, 1, text, "grad")
            return
