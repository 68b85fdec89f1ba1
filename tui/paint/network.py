"""The network strip: values from left to right, the gradients that come back beneath them, and where we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.reading import reached, strip
from engine.reading.model import Step, Stop
from tui.canvas import Canvas
from tui.paint.badges import WRONG, mark
from tui.remembered import numbers

if TYPE_CHECKING:
    from engine import Program
    from engine.blame import LineVerdict
    from engine.check import Verdict

_EDGE = "─────"
_ARROW = "────→"
_CAPTION = "◀ gradients"
PENDING = "∙"  # U+2219: no product of matrices (U+00B7), which --ascii would write as @


Reached = tuple[int, str]
"""The number of a stop and the id of the step that makes what stands there."""


@dataclass(frozen=True, slots=True)
class Place:
    """One symbol on the strip: where it stands and the steps that make the value and its gradient."""

    x: int
    text: str
    forward: str | None
    backward: str | None
    parameter: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """One stop and its edge: texts and places, from its own left end."""

    edges: list[tuple[int, str]]
    places: list[Place]
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A stretch of the strip: edges as (x, text), places, its width, and the x of the current place."""

    edges: list[tuple[int, str]]
    places: list[Place]
    width: int
    place: int
    from_start: bool
    to_end: bool

    @property
    def whole(self) -> bool:
        """Whether this is all of the strip."""
        return self.from_start and self.to_end


Own = Mapping[str, "LineVerdict"]
"""What was found of somebody's own backward, by the id of the step."""
_NOBODYS: Own = {}


def paint_network(
    program: Program,
    steps: Sequence[Step],
    current: int,
    checks: Mapping[str, Verdict],
    width: int,
    own: Own = _NOBODYS,
) -> Canvas:
    """Two lines for the step number ``current`` of ``steps``; clicks go to ``("step", id)``.

    A net wider than ``width`` is shown through a window around the current place, with ``…`` where it goes on.
    """
    return paint_strip(strip(program), steps, current, checks, width, reached(program, current), own)


def paint_strip(
    stops: Sequence[Stop],
    steps: Sequence[Step],
    current: int,
    checks: Mapping[str, Verdict],
    width: int,
    here: Reached | None = None,
    own: Own = _NOBODYS,
) -> Canvas:
    """The two lines for a strip that is known already; ``here`` is the place on it, looked for where it is None."""
    here = here or _reached(stops, steps, current)
    canvas = Canvas(width, 2)
    room = width - 1
    layout = _lay_out(stops, here, room)
    left = 0 if layout.whole and layout.width <= room else _window(layout, room)
    view = Canvas(room, 2)
    view.blit(_draw(layout, steps, current, checks, own), -left, 0)
    if left > 0 or not layout.from_start:
        view.put(0, 0, "…", "dim")
    if layout.width - left > room:
        view.put(room - 1, 0, "…", "dim")
    canvas.blit(view, 1, 0)
    _caption(canvas)
    return canvas


def _draw(layout: Layout, steps: Sequence[Step], current: int, checks: Mapping[str, Verdict], own: Own) -> Canvas:
    """What is laid out, as wide as it is."""
    canvas = Canvas(layout.width, 2)
    number = numbers(steps)
    for x, text in layout.edges:
        canvas.put(x, 0, text, "dim")
    for place in layout.places:
        _draw_value(canvas, place, number, current)
        if place.backward is not None and place.backward in number:
            index = number[place.backward]
            verdict = checks.get(steps[index].of or "")
            glyph, style = _gradient_mark(index, current, verdict, own.get(place.backward))
            canvas.put(place.x, 1, glyph, style)
            canvas.hit(place.x, 1, max(1, len(place.text)), 1, ("step", place.backward))
    return canvas


def _lay_out(stops: Sequence[Stop], here: Reached | None, room: int) -> Layout:
    """The stops about the current place, as many on either side as a window of ``room`` cells may show."""
    at, step = here or (0, None)
    first = last = at
    pieces = [_piece(stops, at)]
    inside = next((p.x for p in pieces[0].places if step is not None and step in (p.forward, p.backward)), 0)
    before, after = inside, pieces[0].width - inside
    while first > 0 and before <= room:
        first -= 1
        pieces.insert(0, _piece(stops, first))
        before += pieces[0].width
    while last + 1 < len(stops) and after <= room:
        last += 1
        pieces.append(_piece(stops, last))
        after += pieces[-1].width
    return _joined(pieces, before, first == 0, last + 1 == len(stops))


def _joined(pieces: Sequence[_Piece], place: int, from_start: bool, to_end: bool) -> Layout:
    edges: list[tuple[int, str]] = []
    places: list[Place] = []
    x = 0
    for piece in pieces:
        edges += [(x + at, text) for at, text in piece.edges]
        places += [replace(one, x=x + one.x) for one in piece.places]
        x += piece.width
    return Layout(edges, places, x, place, from_start, to_end)


def _piece(stops: Sequence[Stop], number: int) -> _Piece:
    """One stop with the edge that leads to it: ``─────W₁ b₁────→z₁``; an edge to the first only for what is on it.

    Where the edge does not start at the stop before it, what it starts from stands in front of it once more.
    """
    stop = stops[number]
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

    if number > 0 or stop.parameters or stop.label:
        if stop.origin is not None:
            edge(f"  {stop.origin}")
        if stop.label:
            edge(f"─{stop.label}")
        if stop.parameters:
            edge(_EDGE if not stop.label else "─")
        for k, (symbol, backward) in enumerate(stop.parameters):
            x += 1 if k else 0
            place(symbol, None, backward, True)
        edge(_ARROW)
    place(stop.symbol, stop.forward, stop.backward, False)
    return _Piece(edges, places, x)


def _draw_value(canvas: Canvas, place: Place, number: Mapping[str, int], current: int) -> None:
    index = None if place.forward is None else number.get(place.forward)
    if index is None:
        style = "param" if place.parameter else "bold"
    else:
        style = "pending" if index > current else "active" if index == current else "bold"
        canvas.hit(place.x, 0, len(place.text), 1, ("step", place.forward))
    canvas.put(place.x, 0, place.text, style)


def _gradient_mark(index: int, current: int, verdict: Verdict | None, own: LineVerdict | None) -> tuple[str, str]:
    """Where we are, what is wrong, what is to come, what is done; somebody's own mistake is seen from everywhere."""
    mistaken = own in ("own-error", "inherited")
    found = mark(own if mistaken else None, verdict)
    if index == current:
        return (found[0] if mistaken and found else "▲"), "active"
    if found is not None and (mistaken or found == WRONG):
        return found
    if index > current:
        return PENDING, "pending"
    return found or ("●", "done")


def _reached(stops: Sequence[Stop], steps: Sequence[Step], current: int) -> Reached | None:
    """Where the current step is on the strip; a step inside an edge is at the place that was reached last."""
    at: dict[str, int] = {}
    for number, stop in enumerate(stops):
        for step in (*(backward for _, backward in stop.parameters), stop.forward, stop.backward):
            if step is not None:
                at[step] = number
    passed = [(at[step.id], step.id) for step in steps[: current + 1] if step.id in at]
    return passed[-1] if passed else None


def _window(layout: Layout, room: int) -> int:
    """The left edge of the window that has the current place in its middle where it can."""
    return min(max(0, layout.place - room // 2), layout.width - room)


def _caption(canvas: Canvas) -> None:
    """The words at the right of the gradient line, as many of them as the marks leave room for."""
    used = len(canvas.rows()[1])
    for text in (_CAPTION, _CAPTION[0]):
        x = canvas.width - 1 - len(text)
        if x > used:
            canvas.put(x, 1, text, "grad")
            return
