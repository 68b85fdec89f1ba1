"""A weight used at every time step: its gradient is a sum of many products, one step with many parts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tape
from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.paint.ladder import RungTarget
from tui.paint.stage import paint_stage
from tui.paint.status import paint_status
from tui.widgets.views import finished

TIMES = 15


@cache
def recurrent() -> Tape:
    """h = tanh(U·h + V·x) over fifteen inputs."""
    rng = np.random.default_rng(0)
    params = {"U": rng.normal(size=(3, 3)), "V": rng.normal(size=(3, 2)), "h0": rng.normal(size=(3, 4))}
    data = {"xs": rng.normal(size=(TIMES, 2, 4))}

    def loss(xs: Any, U: Any, V: Any, h0: Any) -> Any:
        h = h0
        for t in range(TIMES):
            h = np.tanh(U @ h + V @ xs[t])
        return np.sum(h**2)

    return engine.trace(loss, params, data).run(params, data)


def parts() -> list[Debugger]:
    here = Debugger.start(recurrent()).go_to("dU")
    step = here.step
    assert len(step.parts) >= 2 * TIMES - 1, "products and the sums of them"
    return [here.go_to(part.id) for part in step.parts]


def paint(here: Debugger, width: int, height: int, rungs: bool = True) -> Canvas:
    view, ladder = here.view, finished(here) if rungs else ()
    return paint_stage(here.tape, here.step, here.part_index, view, width, height, ladder_steps=ladder)[0]


@pytest.mark.parametrize("width", [64, 80, 120])
def test_every_part_says_which_of_how_many_it_is(width: int) -> None:
    places = parts()
    for k, here in enumerate(places, 1):
        assert here.part_position == f"{here.part.id} {k}/{len(places)}"
        text = paint_status(here, "net", width).text()
        assert f"{here.part.id}  part {k}/{len(places)}" in text or here.part_position in text


@pytest.mark.parametrize("width", [50, 64, 80, 120])
def test_the_matrices_of_a_partial_sum_have_names_that_tell_them_apart(width: int) -> None:
    """Sum so far, next product, sum with it: three names, however much of them had to go."""
    sums = [here for here in parts() if here.part.operator == "+"]
    assert len(sums) == TIMES - 1
    for here in sums:
        header = paint(here, width, 8, rungs=False).rows()[0].replace(f" {here.part.id} ", "", 1)
        names = [name.strip() for name in header.split("  ") if name.strip()]
        assert len(names) == len(set(names)) == 3, header


@pytest.mark.parametrize(("width", "height"), [(64, 8), (80, 12), (120, 26), (120, 60)])
def test_the_ladder_takes_the_room_that_is_left_and_no_more(width: int, height: int) -> None:
    """Thirty finished factors: the focus row is whole, the rungs are the last ones, in their order."""
    here = parts()[-1]
    canvas = paint(here, width, height)
    assert canvas.height == height
    assert "∂L/∂U" in canvas.text()
    ids = [step.id for step in here.steps]
    rungs = [ids.index(target.step) for *_, target in canvas.targets() if isinstance(target, RungTarget)]
    assert rungs == sorted(rungs)
    assert len(rungs) <= height
