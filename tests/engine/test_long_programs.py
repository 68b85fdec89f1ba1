"""Long losses are recorded like short ones: nothing in the engine recurses along the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import lines_give_the_values


@pytest.fixture(autouse=True)
def shallow_stack() -> Iterator[None]:
    """The recursion limit people have, or less: a program of thousands of lines must not come near it."""
    kept = sys.getrecursionlimit()
    sys.setrecursionlimit(min(kept, 600))
    yield
    sys.setrecursionlimit(kept)


def test_a_sum_of_three_thousand_terms_in_one_expression() -> None:
    x = np.linspace(-1, 1, 3000)

    def loss(w: Any, x: Any) -> Any:
        total = 0.0
        for n in range(3000):
            total = total + w[n % 7] * x[n]
        return total

    w = np.linspace(0.1, 0.7, 7)
    tape = engine.trace(loss, {"w": w}, {"x": x}).run({"w": w}, {"x": x})
    np.testing.assert_allclose(tape["dw"], [x[k::7].sum() for k in range(7)], rtol=0, atol=1e-12)
    lines_give_the_values(tape)


def test_a_sum_of_three_thousand_unnamed_terms() -> None:
    """``sum(...)`` of a generator is one line with three thousand operations in it."""

    def loss(w: Any) -> Any:
        return sum(w[n % 5] ** 2 for n in range(3000))

    w = np.linspace(-1, 1, 5)
    tape = engine.trace(loss, {"w": w}, {}).run({"w": w}, {})
    np.testing.assert_allclose(tape["dw"], 1200 * w, rtol=1e-12)


def recurrent(steps: int) -> Callable[..., Any]:
    def loss(x: Any, W: Any, U: Any) -> Any:
        h = np.zeros((3, 1))
        for n in range(steps):
            h = np.tanh(W @ x[:, n : n + 1] + U @ h)
        return np.sum(h**2)

    return loss


def test_a_loop_of_four_hundred_steps() -> None:
    """A recurrent net: 400 products with the same two matrices, whose gradients add up over all of them."""
    rng = np.random.default_rng(1)
    params = {"W": rng.normal(size=(3, 2)), "U": np.linalg.qr(rng.normal(size=(3, 3)))[0]}
    data = {"x": rng.normal(size=(2, 400)) * 0.1}
    loss = recurrent(400)
    program = engine.trace(loss, params, data)
    tape = program.run(params, data)
    assert tape.loss == float(loss(**params, **data))

    def at(step: float) -> float:
        return float(loss(**{**params, "U": params["U"] + step * np.eye(3)}, **data))

    slope = (at(-2e-4) - 8 * at(-1e-4) + 8 * at(1e-4) - at(2e-4)) / 12e-4
    assert np.trace(tape["dU"]) == pytest.approx(slope, rel=1e-6)
    assert len(program.steps) > 800


def test_a_thousand_in_place_updates() -> None:
    def loss(w: Any) -> Any:
        h = w * 1.0
        for _ in range(1000):
            h += w * 0.001
        return np.sum(h**2)

    w = np.array([1.0, -2.0])
    tape = engine.trace(loss, {"w": w}, {}).run({"w": w}, {})
    np.testing.assert_allclose(tape["dw"], 8 * w, rtol=1e-10)


def test_the_check_walks_a_long_program_too() -> None:
    """Four hundred steps are checked from the recorded arrays, one batch of entries at a time."""
    rng = np.random.default_rng(1)
    params = {"W": rng.normal(size=(3, 2)), "U": np.linalg.qr(rng.normal(size=(3, 3)))[0]}
    data = {"x": rng.normal(size=(2, 400)) * 0.1}
    report = engine.check(engine.trace(recurrent(400), params, data).run(params, data))
    assert report.ok
    assert report.results["U"].entries_checked == 9
