"""A gradient that is zero whatever the numbers are says why."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine.reading import entry, why


def loss(stepped: Any, used: Any, unused: Any) -> Any:
    return np.sum(np.floor(stepped) * used)


PARAMS = {"stepped": np.array([1.2, 2.3]), "used": np.array([1.0, 2.0]), "unused": np.ones(2)}


def said(quantity: str) -> str:
    tape = engine.trace(loss, PARAMS, {}).recorded()
    step = tape.program.step(quantity)
    shown = entry(tape, step.parts[step.main], (0,))
    return " ".join((*why(tape.program, step.id).instead, *shown.remarks))


def test_an_operation_that_jumps_is_named_where_the_gradient_ends() -> None:
    """floor passes nothing back, and both pages of the parameter's gradient say that it is floor."""
    assert engine.trace(loss, PARAMS, {}).recorded().gradients["stepped"].tolist() == [0.0, 0.0]
    assert "floor is constant between its jumps" in said("dstepped")


def test_a_parameter_that_is_not_used_is_said_not_to_be() -> None:
    """Its gradient is shown as zero, with the reason."""
    assert "the loss does not depend on unused" in said("dunused")


def test_a_gradient_that_happens_to_be_zero_is_explained_as_any_other() -> None:
    """Only what is zero for every input is called so."""
    assert "depend" not in said("dused") and "jumps" not in said("dused")
