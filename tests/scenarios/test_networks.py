"""The larger prepared nets (look-ups, batch norm, convolution, time, attention) and what each is there to show."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import engine
import scenarios
from engine.scenario import Scenario, load
from tests.engine.oracle import lines_give_the_values
from tests.oracles import complex_step
from tests.scenarios.networks import NETWORKS, Arrays

FOLDER = Path(scenarios.__file__).parent
NAMES = sorted(NETWORKS)


@cache
def scenario(name: str) -> Scenario:
    return load(FOLDER / f"{name}.py")


@cache
def tape(name: str, unfused: bool = False) -> engine.Tape:
    one = scenario(name)
    program = engine.trace(one.loss, one.params, one.data)
    return (program.unfused() if unfused else program).run(one.params, one.data)


@cache
def by_hand(name: str) -> Arrays:
    one = scenario(name)
    return NETWORKS[name](**one.params, **one.data)


@pytest.mark.parametrize("name", NAMES)
def test_every_quantity_is_that_of_the_pass_written_by_hand(name: str) -> None:
    """All that the hand-written pass names is a quantity, or what it adds up to, and has the same value."""
    recorded, expected = tape(name), by_hand(name)
    shared = set(recorded.program.by_name) & set(expected)
    assert {f"d{parameter}" for parameter in scenario(name).params} <= shared
    assert "f" in shared
    for quantity in shared:
        np.testing.assert_allclose(recorded[quantity], expected[quantity], rtol=1e-12, atol=1e-14, err_msg=quantity)
    assert recorded.loss == pytest.approx(expected["L"], rel=1e-14)


@pytest.mark.parametrize("unfused", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_the_complex_step(name: str, unfused: bool) -> None:
    """To 1e-13 of the largest entry, with the short forms and operation by operation."""
    one, recorded = scenario(name), tape(name, unfused)
    for parameter, gradient in recorded.gradients.items():
        expected = complex_step(one.loss, one.params, one.data, (parameter,))
        assert abs(gradient - expected).max() <= 1e-13 * max(1.0, abs(expected).max())


@pytest.mark.parametrize("unfused", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_printed_lines_give_the_recorded_bits(name: str, unfused: bool) -> None:
    """Executing the lines of all steps in order, given only NumPy and the inputs, gives every quantity bit for bit."""
    lines_give_the_values(tape(name, unfused))


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_check_agrees(name: str) -> None:
    """G finds every entry right."""
    report = engine.check(tape(name))
    assert report.ok, report.message


@pytest.mark.parametrize("name", NAMES)
def test_the_convention_is_seen(name: str) -> None:
    """The recurrent net has its examples in columns, the others in rows."""
    convention = "column" if name == "rnn" else "row"
    assert tape(name).program.convention == convention


def test_the_recurrent_net_turns_into_the_other_convention() -> None:
    """Nothing in it needs a reshape, so the same gradients stand transposed in the row convention."""
    one, written = scenario("rnn"), tape("rnn")
    turned = written.program.mirror().run(one.params, one.data)
    for parameter, gradient in written.gradients.items():
        np.testing.assert_allclose(turned.gradients[parameter].T, gradient, rtol=1e-12, atol=1e-14)


def test_a_letter_that_is_never_looked_up_gets_no_gradient() -> None:
    """Rows of ∂L/∂C: the sum over three look-ups for the dot, over two for o, exact zeros for y."""
    recorded = tape("embedding")
    dC, demb = recorded["dC"], recorded["demb"]
    assert np.flatnonzero(~dC.any(axis=1)).tolist() == [3]
    np.testing.assert_allclose(dC[0], demb[0, 0] + demb[0, 1] + demb[1, 0], rtol=1e-14)
    np.testing.assert_allclose(dC[2], demb[2, 1] + demb[3, 0], rtol=1e-14)


def test_batch_norm_leaves_columns_that_add_up_to_zero() -> None:
    """Moving a whole column of z changes nothing; nor does, but for the small constant, making it wider."""
    recorded = tape("embedding")
    np.testing.assert_allclose(recorded["dz"].sum(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose((recorded["dz"] * recorded["normed"]).sum(axis=0), 0, atol=1e-4)


def test_pooling_passes_the_gradient_to_one_entry_of_each_block() -> None:
    """Six of the 24 entries of z get a gradient, and the kernels' gradient is made of their patches alone."""
    recorded = tape("convolution")
    assert (recorded["dblocks"] != 0).sum(axis=1).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert np.count_nonzero(recorded["dz"]) == 6
    assert 0 < (recorded["z"] > 0).mean() < 1


def test_each_time_step_adds_its_own_term() -> None:
    """∂L/∂Wh is the sum over three steps, the first state being zero, and gradients get smaller back in time."""
    recorded = tape("rnn")
    terms = [recorded[f"dz{t}"] @ recorded[f"h{t - 1}"].T for t in (2, 3, 4)]
    np.testing.assert_allclose(recorded["dWh"], sum(terms), rtol=1e-12)
    sizes = [float(np.linalg.norm(recorded[f"dh{t}"])) for t in (1, 2, 3, 4)]
    assert sizes == sorted(sizes)


def test_no_token_looks_ahead() -> None:
    """Above the diagonal weights and the gradient of the scores are exactly zero; each row of the latter cancels."""
    recorded = tape("attention")
    ahead = np.triu(np.ones((3, 3), dtype=bool), k=1)
    assert not recorded["weights"][:, ahead].any()
    assert not recorded["dscores"][:, ahead].any()
    np.testing.assert_allclose(recorded["weights"].sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(recorded["dscores"].sum(axis=-1), 0, atol=1e-15)
