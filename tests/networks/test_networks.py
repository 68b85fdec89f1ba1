"""Networks as people write them in NumPy: each is traced, right in all its readings, and readable to the last part.

The files beside this one import NumPy only and use whatever is handy (einsum, split, pad, take, linalg.norm, ...).
Their gradients are compared with differences of the plain loss, with the complex step where the loss is analytic, and
with PyTorch where it is installed.
"""

from __future__ import annotations

import operator
from functools import cache, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.reading import chain, entry, idioms, strip, why
from engine.reading.model import Factor, Part, Term
from engine.scenario import Scenario, load
from tests import oracles
from tests.command.running import chainstep
from tests.engine.oracle import call, close, differences, leaves, lines_give_the_values
from tests.networks import torch_oracle

FOLDER = Path(__file__).with_name("files")
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
# What the complex step cannot pass through: functions without a complex version, norms and spreads by absolute values,
# and arrays of real zeros that are filled.
NOT_ANALYTIC = {"contrastive", "cosine", "elastic_net", "gated_where", "multilabel_naive", "multilabel_stable"}
NOT_ANALYTIC |= {"triplet", "variational", "max_pool", "multi_head", "conv_loops", "conv_naive", "rnn_states"}
READINGS = ["as written", "unfused", "mirrored", "mirrored and unfused"]


@cache
def network(name: str) -> Scenario:
    return load(FOLDER / f"{name}.py")


@cache
def program(name: str) -> engine.Program:
    one = network(name)
    return engine.trace(one.loss, one.params, one.data)


@cache
def expected(name: str) -> list[np.ndarray[Any, Any]]:
    """The gradient of every parameter array by five-point differences of the plain loss."""
    one = network(name)
    return differences(one.loss, one.params, one.data)


@cache
def mirrored(name: str) -> engine.Program | engine.MirrorError:
    try:
        return program(name).mirror()
    except engine.MirrorError as reason:
        return reason


def tape(name: str, reading: str) -> engine.Tape:
    """One reading of a network, run on its own arrays; skips where the other convention does not exist."""
    one, chosen = network(name), program(name)
    if "mirrored" in reading:
        turned = mirrored(name)
        if isinstance(turned, engine.MirrorError):
            pytest.skip(f"no other convention: {turned.reason}")
        chosen = turned
    chosen = chosen.unfused() if "unfused" in reading else chosen
    return chosen.run(one.params, one.data)


def as_written(gradient: np.ndarray[Any, Any], shape: tuple[int, ...], reading: str) -> np.ndarray[Any, Any]:
    """A gradient in the shape that its parameter has in the file."""
    if "mirrored" not in reading:
        return gradient
    if len(shape) < 2:  # a vector that became one row or one column
        return gradient.reshape(shape)
    return np.swapaxes(gradient, -1, -2)


def test_there_are_many_kinds_of_networks() -> None:
    """Each file has a title for the picker, a number as its loss, and an equivalent in PyTorch."""
    assert set(NAMES) == set(torch_oracle.LOSSES)
    for name in NAMES:
        one = network(name)
        assert one.title != name
        assert np.isfinite(call(one.loss, one.params, one.data))


@pytest.mark.parametrize("name", NAMES)
def test_the_differences_agree_with_pytorch(name: str) -> None:
    """The oracle itself is right: PyTorch's own layers and losses give the same loss and gradients."""
    pytest.importorskip("torch")
    one = network(name)
    loss, gradients = torch_oracle.loss_and_gradients(name, one.params, one.data)
    assert loss == pytest.approx(call(one.loss, one.params, one.data), rel=1e-12)
    for gradient, right in zip(gradients, expected(name), strict=True):
        close(gradient, right)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", NAMES)
def test_loss_and_gradients_are_right(name: str, reading: str) -> None:
    """Bit for bit the loss of the plain run (to rounding in the mirror), and the slopes that differences find."""
    one, recorded = network(name), tape(name, reading)
    plain = call(one.loss, one.params, one.data)
    assert recorded.loss == (pytest.approx(plain, rel=1e-11) if "mirrored" in reading else plain)
    own = recorded.gradients.values()
    for leaf, gradient, right in zip(leaves(one.params), own, expected(name), strict=True):
        assert gradient.dtype == leaf.dtype
        close(as_written(gradient, leaf.shape, reading), right)


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_ANALYTIC))
def test_gradients_agree_with_the_complex_step(name: str) -> None:
    """To the last digits, entry by entry."""
    one, recorded = network(name), tape(name, "as written")
    paths = [path for path, _ in oracles.leaves(one.params)]
    for path, gradient in zip(paths, recorded.gradients.values(), strict=True):
        right = oracles.complex_step(one.loss, one.params, one.data, path)
        assert abs(gradient - right).max() <= 1e-12 * max(1.0, abs(right).max())


@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_pytorch(name: str) -> None:
    """To the last digits, against another library's own layers and its automatic differentiation."""
    pytest.importorskip("torch")
    one, recorded = network(name), tape(name, "as written")
    _, gradients = torch_oracle.loss_and_gradients(name, one.params, one.data)
    for gradient, right in zip(recorded.gradients.values(), gradients, strict=True):
        assert abs(gradient - right).max() <= 1e-12 * max(1.0, abs(right).max())


@pytest.mark.parametrize("name", NAMES)
def test_the_other_convention_exists_or_is_refused_with_the_line(name: str) -> None:
    """What cannot be turned says why, and on which line of the file."""
    turned = mirrored(name)
    if isinstance(turned, engine.MirrorError):
        assert turned.reason.endswith(".")
        assert turned.file == str(network(name).path)
        named = (
            turned.reason.split()[0] in program(name).by_name
        )  # an array of params or data stands on no line of loss
        assert turned.line is not None or named, turned
    else:
        assert {program(name).convention, turned.convention} in ({"column", "row"}, {"as-written"})


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", NAMES)
def test_the_printed_lines_give_every_value(name: str, reading: str) -> None:
    """Running the lines of all steps, given np and the inputs alone, gives every quantity bit for bit."""
    lines_give_the_values(tape(name, reading))


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_check_agrees(name: str) -> None:
    """G finds every gradient right, and checks every entry of nets as small as these."""
    report = engine.check(tape(name, "as written"))
    assert list(report.results) == list(tape(name, "as written").gradients)
    for parameter, verdict in report.results.items():
        assert verdict.ok, (parameter, verdict)
        assert verdict.entries_checked + verdict.near_kink == verdict.entries_total, (parameter, verdict)


def corners(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The first and the last cell of an array."""
    if 0 in shape:
        return []
    first, last = tuple(0 for _ in shape), tuple(size - 1 for size in shape)
    return [first] if first == last else [first, last]


def operands(part: Part) -> list[tuple[str, Term]]:
    """The matrices of a part that have cells to stand on, with the names the cursor knows them by."""
    sides = [("result", part.result), ("left", part.left), ("right", part.right)]
    return [(side, term) for side, term in sides if term is not None]


JOINS = {"⋅": operator.mul, "+": operator.add, "−": operator.sub, "/": operator.truediv}


def added_up(terms: tuple[tuple[Factor, ...], ...], join: str) -> float:
    """What the written-out terms come to."""
    return sum(reduce(JOINS[join], (float(factor.value) for factor in term)) for term in terms)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_can_be_asked_about(name: str, reading: str) -> None:
    """First and last cell of every matrix of every part: where it comes from, and where it goes."""
    recorded = tape(name, reading)
    with np.errstate(all="ignore"):
        for step in recorded.program.steps:
            for part in step.parts:
                for side, term in operands(part):
                    for index in corners(term.shape):
                        told = entry(recorded, part, index, side)
                        assert told.heading, (part.id, side, index)
                        assert told.lit


def written_out(part: Part, join: str) -> bool:
    """Whether the terms of an entry are to be combined by their sign and added up; functions and maxima are not."""
    if part.kind == "reduce":
        return part.operator.startswith("Σ") and "(" not in part.operator
    return part.kind in ("product", "transpose", "index", "same") or (part.kind == "entrywise" and join in JOINS)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", NAMES)
def test_terms_add_up_to_the_entry(name: str, reading: str) -> None:
    """What is written out beneath the matrices has the value of the cell it explains."""
    recorded = tape(name, reading)
    compared = 0
    with np.errstate(all="ignore"):
        for step in recorded.program.steps:
            for part in step.parts:
                for index in corners(part.result.shape):
                    told = entry(recorded, part, index)
                    place = (part.id, part.numpy, index, told)
                    actual = float(np.asarray(recorded.array(part.result))[index])
                    assert told.value is None or float(told.value) == pytest.approx(actual, nan_ok=True), place
                    if told.terms and written_out(part, told.join):
                        compared += 1
                        join = told.join if told.join in JOINS else "+"
                        assert added_up(told.terms, join) == pytest.approx(actual, rel=1e-9, abs=1e-12), place
    assert compared


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_an_answer_on_every_page(name: str, reading: str) -> None:
    """The strip, and for each step: a formula, its lines, why a transpose, both conventions, the chain."""
    shown = tape(name, reading).program
    assert strip(shown)
    for step in shown.steps:
        assert step.parts, step.id
        assert step.formula, step.id
        assert step.lines or step.parts[step.main].kind == "same", step.id
        answer = why(shown, step.id)
        assert answer.candidates or answer.instead, step.id
        assert idioms(shown, step.id)
        if step.phase == "backward":
            told = chain(shown, step.id)
            assert told.operators_text, step.id
            assert told.paper, step.id


@pytest.mark.parametrize("name", NAMES)
def test_no_gradient_is_made_of_what_hangs_on_data_alone(name: str) -> None:
    """Each backward step belongs to a quantity that a parameter reaches."""
    shown = program(name)
    reached = {value.index for value in shown.parameters}
    for node in shown.nodes:
        if not node.backward and reached.intersection(node.inputs):
            reached.add(node.output)
    needless = [step.quantity for step in shown.steps if step.of and shown.by_name[step.of] not in reached]
    assert not needless


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_said_to_come_from_the_same_place_only_where_it_does(name: str) -> None:
    """Not for look-ups, reshapes and sums, whose entries come from elsewhere or from several places."""
    shown = program(name)
    for step in shown.steps:
        part = step.parts[step.main]
        if any("same place" in sentence for sentence in why(shown, step.id).instead):
            assert part.kind in ("apply", "entrywise", "same"), (step.id, step.formula)
            assert part.left.shape == part.result.shape, (step.id, step.formula)
            assert not any(other.summed for other in step.parts), (step.id, step.formula)


@pytest.mark.parametrize("name", ["character_mlp", "lstm", "multi_head", "conv_im2col"])
def test_the_command_says_that_the_gradients_are_right(name: str) -> None:
    """``chainstep check FILE`` ends with status 0 and names every parameter."""
    ran = chainstep("check", str(FOLDER / f"{name}.py"))
    assert ran.status == 0, ran.err
    for parameter in tape(name, "as written").gradients:
        assert f" {parameter} " in f" {ran.out} ".replace("\n", " "), ran.out
