"""Long losses are recorded like short ones: nothing in the engine recurses along the program."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import engine
from engine import reading
from engine.reading import steps as steps_module
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


def test_a_sum_of_five_thousand_unnamed_terms() -> None:
    """``sum(...)`` of a generator is one line with fifteen thousand operations in it; its lines run as they stand."""

    def loss(w: Any) -> Any:
        return sum(w[n % 5] ** 2 for n in range(5000))

    w = np.linspace(-1, 1, 5)
    tape = engine.trace(loss, {"w": w}, {}).run({"w": w}, {})
    np.testing.assert_allclose(tape["dw"], 2000 * w, rtol=1e-12)
    lines_give_the_values(tape)


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


def layers(count: int) -> tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]:
    """``h = tanh(W[k] @ h)``, one orthogonal matrix after the other, out of a list."""
    rng = np.random.default_rng(2)

    def loss(W: Any, x: Any) -> Any:
        h = x
        for k in range(count):
            h = np.tanh(W[k] @ h)
        return np.sum(h**2)

    return loss, {"W": [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(count)]}, {"x": rng.normal(size=(3, 2))}


def by_hand(params: Any, data: Any) -> list[np.ndarray[Any, Any]]:
    """The gradients of ``layers``, written down as in a lecture."""
    h = [data["x"]]
    for W in params["W"]:
        h.append(np.tanh(W @ h[-1]))
    gradient, found = 2 * h[-1], []
    for W, before, after in zip(params["W"][::-1], h[-2::-1], h[:0:-1], strict=True):
        gradient = gradient * (1 - after**2)
        found.append(gradient @ before.T)
        gradient = W.T @ gradient
    return found[::-1]


def test_a_thousand_layers_in_every_reading() -> None:
    """As written, op by op, and in the other convention: each gives the gradients of a pass written by hand."""
    loss, params, data = layers(1000)
    program = engine.trace(loss, params, data)
    wanted = by_hand(params, data)
    for one in (program, program.unfused(), program.mirror()):
        found = one.run(params, data).gradients
        assert len(found) == 1000
        for k, gradient in enumerate(wanted):
            shown = found[f"W_{k}"] if one.as_written else found[f"W_{k}"].T
            np.testing.assert_allclose(shown, gradient, rtol=1e-9, atol=1e-15, err_msg=f"W[{k}]")


def test_every_step_of_a_long_net_is_in_its_own_layer() -> None:
    """Layer k holds z and h of round k and, coming back, the gradient of that round's matrix."""
    program = engine.trace(*layers(300))
    for step in program.steps:
        if step.phase == "forward":
            assert step.layer == int(step.quantity[1:]), step.id
        elif step.quantity.startswith("dW"):
            assert step.layer == int(step.quantity.removeprefix("dW_")) + 1, step.id


def test_a_chain_of_hundreds_of_factors_is_whole_unless_one_step_of_it_is_looked_at() -> None:
    """Whole: one fraction per quantity. About a step: both ends, that step and its neighbours, dots between."""
    program = engine.trace(*layers(400))
    target = program.step("dW_0")
    whole = reading.chain(program, target.id)
    path = [f"∂h{sub(k)}/∂z{sub(k)} · ∂z{sub(k)}/∂h{sub(k - 1)}" for k in range(400, 1, -1)]
    assert whole.paper_text == " · ".join(["∂L/∂h₄₀₀", *path, "∂h₁/∂z₁", "∂z₁/∂W₀"])
    here = program.step("dz200")
    near = reading.chain(program, target.id, here.id)
    assert near.paper[0] == whole.paper[0] and near.paper[-1] == whole.paper[-1]
    texts = [link.text for link in near.paper]
    assert texts.count("…") == 2 and len(texts) < 250
    at, before = texts.index("∂h₂₀₀/∂z₂₀₀"), [link.text for link in whole.paper].index("∂h₂₀₀/∂z₂₀₀")
    assert near.paper[at - 30 : at + 30] == whole.paper[before - 30 : before + 30]
    brackets = "".join(token.text for token in near.operators if token.kind == "bracket")
    assert brackets.count("(") == brackets.count(")")


def sub(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def test_a_gradient_that_adds_up_over_four_hundred_rounds_names_the_gradient_that_each_addend_comes_from() -> None:
    """Written out, 400 paths of 400 factors each would be more than anybody reads: ∂L/∂z₄₀₀ · ∂z₄₀₀/∂U + …"""
    rng = np.random.default_rng(1)
    params = {"W": rng.normal(size=(3, 2)), "U": np.linalg.qr(rng.normal(size=(3, 3)))[0]}
    program = engine.trace(recurrent(400), params, {"x": rng.normal(size=(2, 400)) * 0.1})
    found = reading.chain(program, "dU")
    assert len(found.paper) < 300 and len(found.operators) < 600
    texts = {link.text for link in found.paper if link.step == program.step("dU").id}
    assert {"∂z₄₀₀/∂U", "∂z₂/∂U"} <= texts
    assert "…" in [link.text for link in found.paper]


def test_looking_at_one_step_describes_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of two thousand steps is not read through to find one: not by id, part, quantity, symbol or place."""
    described: list[str] = []
    describe = steps_module._described

    def counting(program: Any, plan: Any, identifier: str) -> Any:
        described.append(identifier)
        return describe(program, plan, identifier)

    monkeypatch.setattr(steps_module, "_described", counting)
    program = engine.trace(*layers(400))
    step = program.step("dW_199")
    for key in (step.id, step.id.lower(), f"{step.id}b", step.quantity, step.symbol):
        assert program.step(key) is step
    assert program.steps.index(step) == [one.id for one in program.steps].index(step.id)
    assert reading.path_target(program, "dh200") == step.id
    reading.why(program, step.id)
    reading.chain(program, step.id)
    assert set(described) == {step.id}
    assert len(described) == 1


def test_the_chain_beside_a_step_leads_to_a_gradient_whose_lines_read_it() -> None:
    """Read off the NumPy lines alone: the step goes into the gradient that is aimed at, and stands in its chain."""
    rng = np.random.default_rng(1)
    params = {"W": rng.normal(size=(3, 2)), "U": rng.normal(size=(3, 3)), "b": rng.normal(size=(3, 1))}

    def loss(x: Any, W: Any, U: Any, b: Any) -> Any:
        h = np.zeros((3, 1))
        for n in range(6):
            h = np.tanh(W @ x[:, n : n + 1] + U @ h + b) + 0.1 * h
        return np.sum(h**2)

    for program in (made := engine.trace(loss, params, {"x": rng.normal(size=(2, 6))}), made.unfused()):
        backward = [step for step in program.steps if step.of is not None]
        mentions = {step.id: set(re.findall(r"\w+", " ".join(step.lines))) for step in program.steps}
        made_by = {line.split(" = ")[0]: step.id for step in program.steps for line in step.lines}
        for here, step in enumerate(backward):
            reached = {step.id}
            for later in backward[here + 1 :]:
                if reached & {made_by.get(name) for name in mentions[later.id]}:
                    reached.add(later.id)
            target = reading.path_target(program, step.id)
            assert target in reached
            shown = reading.chain(program, target, step.id)
            assert step.id in {link.step for link in shown.paper}, step.id
            assert step.of not in params or target == step.id


def test_a_dict_that_collects_every_activation_names_them_all() -> None:
    """``cache["h7"] = h``, read while it grows, and an entry that is written to in place."""

    def loss(a: Any, x: Any) -> Any:
        cache = {}
        for k in range(200):
            cache[f"h{k}"] = np.tanh((cache[f"h{k - 1}"] if k else x) * a)
        cache["h5"] += 1.0
        return np.sum(cache["h199"] ** 2) + np.sum(cache["h5"] * x)

    params, data = {"a": np.array([0.3, -0.7])}, {"x": np.array([1.0, 2.0])}
    tape = engine.trace(loss, params, data).run(params, data)
    h = data["x"]
    for k in range(200):
        h = np.tanh(h * params["a"])
        np.testing.assert_array_equal(tape["h5_1" if k == 5 else f"h{k}"], h)
        if k == 5:
            np.testing.assert_array_equal(tape["h5_2"], h + 1.0)
    assert tape.loss == float(loss(**params, **data))


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
