"""A program of thousands of steps is stepped through like a small one: a key costs what is seen, not what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import engine
from engine.reading import steps as steps_module
from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.paint.network import paint_network
from tui.paint.rail import paint_rail
from tui.paint.status import paint_status
from tui.widgets.views import Stage, shown

WIDTH, HEIGHT = 120, 40


def recurrent(rounds: int) -> engine.Program:
    """``h = tanh(W @ h + U @ x_t + b)``: two quantities forward and five gradients back in every round."""
    rng = np.random.default_rng(3)

    def loss(x: Any, W: Any, U: Any, b: Any) -> Any:
        h = np.zeros((4, 2))
        for t in range(rounds):
            h = np.tanh(W @ h + U @ x[t] + b)
        return np.sum(h**2)

    params = {"W": np.linalg.qr(rng.normal(size=(4, 4)))[0], "U": rng.normal(size=(4, 3)), "b": np.zeros((4, 1))}
    return engine.trace(loss, params, {"x": rng.normal(size=(rounds, 3, 2))})


def deep(layers: int) -> engine.Program:
    """``h = tanh(W[k] @ h)`` with a matrix of its own in every layer."""
    rng = np.random.default_rng(4)

    def loss(x: Any, W: Any) -> Any:
        h = x
        for k in range(layers):
            h = np.tanh(W[k] @ h)
        return np.sum(h**2)

    return engine.trace(
        loss, {"W": [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(layers)]}, {"x": rng.normal(size=(3, 2))}
    )


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the steps whose lines, formula and parts were worked out."""
    found: list[str] = []
    describe = steps_module._described

    def counting(program: Any, plan: Any, identifier: str) -> Any:
        found.append(identifier)
        return describe(program, plan, identifier)

    monkeypatch.setattr(steps_module, "_described", counting)
    yield found


def paint(here: Debugger, stage: Stage, height: int = HEIGHT) -> dict[str, Canvas]:
    """Every pane of the screen, as after a key press."""
    arrangement, views = shown(here, "net", stage, WIDTH, height)
    heights = {"status": 1, "network": 2, "chain": arrangement.chain, "inspector": arrangement.inspector}
    widths = {"status": WIDTH, "network": WIDTH, "rail": arrangement.rail}
    main = WIDTH - arrangement.rail
    return {name: view.paint(widths.get(name, main), heights.get(name, height)) for name, view in views.items()}


KEYS: dict[str, Callable[[Debugger], Debugger]] = {
    "n": Debugger.next_step,
    "N": Debugger.previous_step,
    "next part": Debugger.next_part,
    "next layer": Debugger.next_layer,
    "parameter": Debugger.finish,
    "numpy listing": Debugger.cycle_rail,
    "why": lambda here: here.set_page(2),
    "both conventions": lambda here: here.set_page(3),
    "first": Debugger.first,
    "last": Debugger.last,
}


@pytest.mark.parametrize("net", [lambda: recurrent(400), lambda: deep(400)], ids=["recurrent", "deep"])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.95])
def test_a_key_describes_at_most_the_steps_that_are_to_be_seen(
    net: Callable[[], engine.Program], place: float, described: list[str]
) -> None:
    """Rail, strip, chain and stage together: fewer steps than the terminal has rows and columns to name them in."""
    program = net()
    assert len(program.steps) > 1600
    here, stage = Debugger.start(program.recorded()).go_to_index(int(place * (len(program.steps) - 1))), Stage()
    paint(here, stage)
    assert len(described) < HEIGHT + WIDTH // 4
    for name, press in KEYS.items():
        described.clear()
        here = press(here)
        paint(here, stage)
        assert len(described) < HEIGHT + WIDTH // 4, name


def test_all_steps_are_described_no_more_than_once(described: list[str]) -> None:
    program = recurrent(30)
    here, stage = Debugger.start(program.recorded()), Stage()
    for _ in range(2):
        for index in range(len(program.steps)):
            paint(here.go_to_index(index), stage)
    assert sorted(described) == sorted(step.id for step in program.steps)


@pytest.mark.parametrize("mode", ["names", "numpy"])
@pytest.mark.parametrize("height", [9, 36])
def test_the_rail_is_a_window_of_the_whole_listing(mode: Any, height: int) -> None:
    """Whatever it leaves unpainted, it shows the same lines as a rail that is tall enough for all of them."""
    here = Debugger.start(recurrent(40).recorded())
    count = len(here.steps)
    whole = paint_rail(here, 40, 5 * count, mode).text().rstrip("\n").split("\n")
    listing = [line.replace("▶", " ").rstrip() for line in whole]
    while not listing[-1]:
        listing.pop()
    for index in range(0, count, 7):
        place = here.go_to_index(index)
        rows = [row.replace("▶", " ").rstrip() for row in paint_rail(place, 40, height, mode).rows()]
        tops = [top for top in range(len(listing) - height + 1) if listing[top : top + height] == rows]
        assert tops, index
        marked = next(y for y, row in enumerate(paint_rail(place, 40, height, mode).rows()) if "▶" in row)
        assert marked == height // 2 or 0 in tops or len(listing) - height in tops


def test_the_strip_is_a_window_of_the_whole_net() -> None:
    """The window says of every place what the strip in full width says, and a click in it leads to the same step."""
    program = deep(60)
    steps = program.steps
    for index in range(0, len(steps), 11):
        whole = paint_network(program, steps, index, {}, 2000)
        narrow = paint_network(program, steps, index, {}, 90)
        values, marks = whole.rows()[0], whole.rows()[1].ljust(2000)
        seen = narrow.rows()[0][2:-2].rstrip()
        seen = seen.removesuffix("…")
        at = values.index(seen[:60])
        assert seen in values
        assert narrow.rows()[1][2:60].rstrip() in marks[at : at + 80]
        for x in range(2, 60):
            assert narrow.target_at(x, 0) == whole.target_at(at + x - 2, 0), (index, x)


def test_the_current_place_is_on_the_strip_of_a_long_net() -> None:
    """Forward the value itself is in view, backward the mark of the gradient that is made."""
    program = deep(300)
    for quantity, row, sign in (
        ("h150", 0, "h₁₅₀"),
        ("dh150", 1, "▲"),
        ("dW_150", 1, "▲"),
        ("z1", 0, "z₁"),
        ("L", 0, "L"),
    ):
        step = program.step(quantity) if quantity != "L" else program.steps[program.directory.ids.index("B1") - 1]
        index = program.steps.index(step)
        assert sign in paint_network(program, program.steps, index, {}, 100).rows()[row], quantity


def test_the_other_convention_of_a_long_program_is_not_made_for_one_page() -> None:
    """The page says which key makes it; once it has been made, both stand there."""
    program = deep(200)
    here = Debugger.start(program.recorded()).go_to("dW_7").set_page(3)
    text = paint(here, Stage(), 50)["inspector"].text()
    assert "v makes the other convention" in text and "batch×feature" not in text
    program.mirror()
    text = paint(here.set_page(1).set_page(3).say(""), Stage(), 50)["inspector"].text()
    assert "batch×feature" in text and "feature×batch" in text


def test_the_status_line_counts_the_examples_of_a_net_whatever_its_length() -> None:
    assert "N=2" in paint_status(Debugger.start(deep(300).recorded()), "deep", 120).text()
