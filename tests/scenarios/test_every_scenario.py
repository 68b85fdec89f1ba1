"""Every prepared net of the notes through the engine: the bits of the hand-written pass, and the complex step.

A reading is a convention (the file's own, or its mirror) and a chain (with the notes' short forms, or op by op).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import engine
import scenarios
from engine.scenario import Scenario, load
from tests.oracles import complex_step, derivative
from tests.scenarios.oracle import BY_HAND, by_hand

FOLDER = Path(scenarios.__file__).parent
NAMES = sorted(BY_HAND)
FINITE = sorted(set(NAMES) - {"overflow"})
SMALL = sorted(set(FINITE) - {"digits_size"})


@cache
def scenario(name: str) -> Scenario:
    return load(FOLDER / f"{name}.py")


@cache
def tape(name: str, mirrored: bool = False, unfused: bool = False) -> engine.Tape:
    """The scenario traced and run once in one reading."""
    one = scenario(name)
    program = engine.trace(one.loss, one.params, one.data)
    program = program.mirror() if mirrored else program
    program = program.unfused() if unfused else program
    return program.run(one.params, one.data)


@cache
def complex_gradient(name: str, parameter: str) -> np.ndarray:
    """The gradient by complex step, in the convention of the file."""
    one = scenario(name)
    return complex_step(one.loss, one.params, one.data, (parameter,))


def own_arrays(recorded: engine.Tape, name: str) -> dict[str, np.ndarray]:
    """The parameters and data as the tape holds them, in its own convention."""
    return {key: recorded[key] for key in (*scenario(name).params, *scenario(name).data)}


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_is_that_of_the_file(name: str) -> None:
    """Bit for bit what calling the function gives."""
    one = scenario(name)
    with np.errstate(all="ignore"):
        plain = float(one.loss(**one.params, **one.data))
    assert np.array_equal(tape(name).loss, plain, equal_nan=True)


@pytest.mark.parametrize("name", NAMES)
def test_the_convention_is_seen(name: str) -> None:
    """Two stand in rows, all others in columns; the mirror is the other one, and its mirror the first."""
    program = tape(name).program
    own, other = ("row", "column") if name in ("iris", "handwritten") else ("column", "row")
    assert (program.convention, program.mirror().convention) == (own, other)
    assert program.as_written
    assert not program.mirror().as_written
    assert program.mirror().mirror() is program


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_quantity_has_the_bits_of_the_pass_written_by_hand(name: str, mirrored: bool) -> None:
    """All values and gradients that both name, in both conventions; and all gradients of parameters are among them."""
    recorded = tape(name, mirrored)
    expected = by_hand(name, recorded.program.convention, own_arrays(recorded, name))
    compared = {key for key in expected if key in recorded.program.by_name}
    for key in sorted(compared):
        # (what hand-written code calls e is not always a quantity; what both name must agree)
        assert np.array_equal(recorded[key], expected[key], equal_nan=recorded[key].dtype.kind == "f"), key
    assert {f"d{parameter}" for parameter in scenario(name).params} <= compared
    for parameter, gradient in recorded.gradients.items():
        assert np.array_equal(gradient, expected[f"d{parameter}"], equal_nan=True)


@pytest.mark.parametrize("name", NAMES)
def test_quantities_of_the_notes_are_all_there(name: str) -> None:
    """Everything that the hand-written pass names, down to the mask's z1, is a quantity of the program."""
    expected = set(by_hand(name, tape(name).program.convention, own_arrays(tape(name), name)))
    # e is an operation inside the softmax; dA is the data matrix G itself.
    assert expected - {"e"} - set(tape(name).program.by_name) <= {"dA"}


@pytest.mark.parametrize("unfused", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", SMALL)
def test_gradients_agree_with_the_complex_step(name: str, mirrored: bool, unfused: bool) -> None:
    """To 1e-13 of the largest entry, whatever the reading; shapes are those of the parameters."""
    recorded = tape(name, mirrored, unfused)
    assert list(recorded.gradients) == list(scenario(name).params)
    for parameter, gradient in recorded.gradients.items():
        assert gradient.shape == recorded[parameter].shape
        expected = complex_gradient(name, parameter)
        found = gradient.T if mirrored else gradient
        assert abs(found - expected).max() <= 1e-13 * abs(expected).max()


@pytest.mark.parametrize("unfused", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_large_net_agrees_with_the_complex_step_in_random_directions(mirrored: bool, unfused: bool) -> None:
    """A direction sums over all 200,000 entries, so one wrong entry would show."""
    one, recorded = scenario("digits_size"), tape("digits_size", mirrored, unfused)
    rng = np.random.default_rng(3)
    for parameter, array in one.params.items():
        gradient = recorded.gradients[parameter].T if mirrored else recorded.gradients[parameter]
        direction = rng.normal(size=array.shape)
        slope = derivative(one.loss, one.params, one.data, (parameter,), direction)
        scale = np.linalg.norm(gradient) * np.linalg.norm(direction)
        assert abs(np.sum(gradient * direction) - slope) <= 1e-13 * scale


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", FINITE)
def test_unfused_is_the_longer_chain_to_the_same_gradients(name: str, mirrored: bool) -> None:
    """Equal to rounding; where there is a softmax, the long chain has more steps."""
    short, long = tape(name, mirrored), tape(name, mirrored, unfused=True)
    for parameter, gradient in short.gradients.items():
        difference = abs(long.gradients[parameter] - gradient).max()
        assert difference <= 1e-13 * abs(gradient).max()
    assert len(long.program.steps) > len(short.program.steps)


@pytest.mark.parametrize("name", FINITE)
def test_the_mirror_has_the_same_numbers_transposed(name: str) -> None:
    """Every quantity of one convention is the transpose of the other's, to rounding."""
    one, other = tape(name), tape(name, mirrored=True)
    assert other.loss == pytest.approx(one.loss, rel=1e-13)
    assert set(one.program.by_name) == set(other.program.by_name)
    for key in one.program.by_name:
        if one[key].ndim == 2:
            np.testing.assert_allclose(other[key].T, one[key], rtol=1e-10, atol=1e-13, err_msg=key)


@pytest.mark.parametrize("name", NAMES)
def test_both_conventions_have_the_same_steps(name: str) -> None:
    """Ids and quantities agree, so that a change of convention keeps the place."""
    one, other = tape(name).program, tape(name).program.mirror()
    assert [(step.id, step.quantity) for step in one.steps] == [(step.id, step.quantity) for step in other.steps]


@pytest.mark.parametrize("mirrored", [False, True])
def test_where_softmax_overflows_nan_is_recorded_and_located(mirrored: bool) -> None:
    """Nothing is refused or hidden: NaN first stands in p, one example's column of it."""
    recorded = tape("overflow", mirrored)
    first = recorded.first_not_finite()
    assert first is not None
    assert recorded.program.step(first).quantity == "p"
    assert np.isnan(recorded["p"]).any(axis=1 if mirrored else 0).tolist() == [False, False, True, False, False]


@pytest.mark.parametrize("unfused", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_printed_lines_give_the_recorded_bits(name: str, mirrored: bool, unfused: bool) -> None:
    """Executing the lines of all steps in order, given only NumPy and the inputs, gives every quantity bit for bit."""
    recorded = tape(name, mirrored, unfused)
    program = recorded.program
    given = {key: recorded[key] for key, index in program.by_name.items() if program.values[index].node is None}
    names: dict[str, object] = {"np": np, **given}
    with np.errstate(all="ignore"):
        for step in program.steps:
            for line in step.lines:
                exec(line, names)
            assert np.array_equal(np.asarray(names[step.quantity]), recorded[step.quantity], equal_nan=True), step.id
    assert {f"d{parameter}" for parameter in scenario(name).params} <= set(names)
