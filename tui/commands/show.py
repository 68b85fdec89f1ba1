"""``chainstep show``: a whole pass as text, drawn by the painters of the app, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine import Tape
from engine.reading.model import Step
from tui.canvas import Canvas
from tui.commands.outcome import Outcome
from tui.commands.paper import Paper
from tui.debugger import Debugger
from tui.document import document
from tui.jsontext import json_lines
from tui.numbers import shape_text
from tui.opening import open_target
from tui.paint.chain import paint_chain
from tui.paint.slices import moved, number
from tui.paint.stage import StageView, paint_stage, stage_height
from tui.paint.status import examples, loss_text
from tui.paint.text import paint_rows, row

TALLEST = 28
"""Rows of a printed step's matrices with their headers; a taller one is printed through a window.

Of arrays with more than two axes every slice is printed where all of them together are no taller, else the first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the pass to show: a step or a part of one (None: all), in which reading, with or without the numbers."""

    target: str
    step: str | None = None
    convention: str = "as-written"
    unfused: bool = False
    values: bool = True


def run(wanted: Wanted, form: str, paper: Paper) -> Outcome:
    """The pass as text on ``paper``, or as JSON. Raises engine.ChainstepError for what cannot be shown."""
    opened = open_target(wanted.target)
    tape = opened.read_as(wanted.convention, wanted.unfused)
    steps = tape.program.steps if wanted.step is None else (_only(tape, wanted.step),)
    if form == "json":
        title = opened.scenario.title
        return Outcome(0, json_lines(document(tape, wanted.target, title, steps=steps, values=wanted.values)))
    heading = _heading(tape, opened.scenario.name, opened.scenario.title, paper.width)
    return Outcome(0, _text(tape, heading, steps, wanted.values, paper))


def _only(tape: Tape, key: str) -> Step:
    """The step of that name; of a part (``B6a``) the step with this part alone."""
    place = Debugger.start(tape).go_to(key)
    names_part = place.part.id.casefold() == key.strip().casefold() != place.step.id.casefold()
    return replace(place.step, parts=(place.part,)) if names_part else place.step


def _text(tape: Tape, heading: Canvas, steps: Sequence[Step], values: bool, paper: Paper) -> Iterator[str]:
    yield from paper.lines(heading)
    for step in steps:
        yield ""
        yield from paper.lines(_step(tape, step, values, paper.width))


def _heading(tape: Tape, name: str, title: str, width: int) -> Canvas:
    """The title, and beneath it name, convention, number of examples and the loss."""
    program = tape.program
    size = examples(program)
    pieces = [(name, "bold"), (f"  {program.convention.replace('-', ' ')} convention", "text")]
    pieces += [(f"  N={size}", "dim")] if size is not None else []
    pieces += [("  unfused", "dim")] if not program.fused else []
    return paint_rows([row((title, "bold")), row(*pieces, (f"  L={loss_text(tape.loss)}", "bold"))], width, margin=0)


def _step(tape: Tape, step: Step, values: bool, width: int) -> Canvas:
    """One step: its name, the chain bar, the focus row of its last part, the NumPy lines."""
    place = Debugger.start(tape).go_to(step.parts[-1].id)
    # The bar of a forward step starts with the NumPy lines, which are printed below anyway.
    bar = paint_chain(place, width, 3 if step.phase == "backward" else 2)
    stages = _stages(place, width) if values else []
    canvas = Canvas(width, 1 + bar.height + sum(stage.height for stage in stages) + len(step.lines))
    _title(canvas, step)
    canvas.blit(bar, 0, 1)
    y = 1 + bar.height
    for stage in stages:
        canvas.blit(stage, 0, y)
        y += stage.height
    for y, line in enumerate(step.lines, canvas.height - len(step.lines)):
        canvas.put(1, y, line, "bold")
    return canvas


def _stages(place: Debugger, width: int) -> list[Canvas]:
    """The focus row, and beneath it the same for every other slice where they are all small enough to be printed."""
    view = StageView(marked=False)
    painted = [_stage(place, view, width)]
    axes = place.slice_axes
    slices = number(axes)[1] if axes else 1
    if painted[0].height * slices <= TALLEST:
        others = (replace(view, chosen=moved(axes, by)) for by in range(1, slices))
        painted += [_stage(place, other, width) for other in others]
    return painted


def _stage(place: Debugger, view: StageView, width: int) -> Canvas:
    """The matrices of one slice."""
    height = min(stage_height(place.tape, place.step, place.part_index, view, width), TALLEST)
    return paint_stage(place.tape, place.step, place.part_index, view, width, height)[0]


def _title(canvas: Canvas, step: Step) -> None:
    """``B6  layer 1  ∂L/∂W₁  4×2``, over a rule."""
    canvas.put(0, 0, "─" * canvas.width, "page")
    layer = f"{step.phase}, {step.layer_text}" if step.layer_text else step.phase
    pieces = [(f" {step.id} ", "title"), (f" {layer} ", "dim"), (f" {step.symbol} ", "bold")]
    pieces.append((f" {shape_text(step.result.shape)} ", "dim"))
    x = 2
    for text, style in pieces:
        x = canvas.put(x, 0, text, style)
