"""Gradients found without any chain rule, and the claims that every recorded program must meet.

The derivative comes from running the person's own loss at four neighbouring points in double precision (five-point
stencil); nothing of the engine takes part in it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import engine

Array = np.ndarray[Any, Any]
Loss = Callable[..., Any]
STEP = 1e-3


def number(value: Any) -> float:
    """A loss as a number, whatever size-1 shape it has."""
    return float(np.asarray(value).reshape(-1)[0])


def wide(tree: Any) -> Any:
    """A copy of nested arrays with every float array in double precision."""
    if isinstance(tree, dict):
        return {k: wide(v) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(wide(v) for v in tree)
    if isinstance(tree, np.ndarray | np.generic) and tree.dtype.kind == "f":
        return np.array(tree, dtype=np.float64)
    return copy.deepcopy(tree)


def leaves(tree: Any) -> list[Array]:
    """The arrays of a nested structure, in order."""
    if isinstance(tree, dict):
        return [leaf for v in tree.values() for leaf in leaves(v)]
    if isinstance(tree, list | tuple):
        return [leaf for v in tree for leaf in leaves(v)]
    return [tree] if isinstance(tree, np.ndarray | np.generic) else []


def call(loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any]) -> float:
    """The loss of a plain run on copies."""
    with np.errstate(all="ignore"):
        return number(loss(**copy.deepcopy(dict(params)), **copy.deepcopy(dict(data))))


def differences(loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any], step: float = STEP) -> list[Array]:
    """The gradient of every parameter array, in the order of `leaves`, by five-point differences."""
    params, data = wide(dict(params)), wide(dict(data))
    found = []
    for leaf in leaves(params):
        gradient = np.zeros(leaf.shape)
        for index in np.ndindex(leaf.shape):
            kept = leaf[index]
            total = 0.0
            for steps, weight in ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0)):
                leaf[index] = kept + steps * step
                total += weight * call(loss, params, data)
            leaf[index] = kept
            gradient[index] = total / (12 * step)
        found.append(gradient)
    return found


def close(own: Array, expected: Array, single: bool = False) -> None:
    """The two gradients agree as far as differences in double precision (and a float32 pass) can tell."""
    assert own.shape == expected.shape
    allowed = (2e-4 if single else 1e-7) * max(float(np.abs(expected).max(initial=0.0)), 1e-3)
    np.testing.assert_allclose(own, expected, rtol=0, atol=allowed)


def values_of(tape: engine.Tape) -> dict[str, Array]:
    """Every named value of the pass, leaves included."""
    return {name: tape.value(index) for name, index in tape.program.by_name.items()}


def lines_of(program: engine.Program) -> list[str]:
    """The NumPy lines of all steps, in order."""
    order = [i for plan in program.plans for i in (*plan.temporaries, plan.quantity)]
    return [line for i in order for line in program.printer.lines(i, program.names[i])]


def lines_give_the_values(tape: engine.Tape) -> None:
    """Running the shown lines, given np and the leaves alone, gives every value bit for bit."""
    program = tape.program
    computed = {program.names[i] for plan in program.plans for i in (*plan.temporaries, plan.quantity)}
    known = values_of(tape)
    kept = tape.kept()
    given = {name: kept[index] for name, index in program.by_name.items() if name not in computed}
    scope: dict[str, Any] = {"np": np, **given}
    with np.errstate(all="ignore"):
        exec("\n".join(lines_of(program)), scope)
    for name in computed:
        assert np.asarray(scope[name]).dtype == known[name].dtype, name
        assert np.asarray(scope[name]).shape == known[name].shape, name
        assert np.array_equal(scope[name], known[name], equal_nan=True), name


def traced(loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> engine.Tape:
    """Record a loss and run it on the same arrays."""
    data = data or {}
    return engine.trace(loss, params, data).run(params, data)


def holds(loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> engine.Tape:
    """What must be true of every program: loss and gradients are right, in all its readings; the lines are what ran."""
    data = data or {}
    tape = traced(loss, params, data)
    assert tape.loss == call(loss, params, data)
    single = any(leaf.dtype == np.float32 for leaf in leaves(params))
    expected = differences(loss, params, data)
    long = tape.program.unfused().run(params, data)
    for reading in (tape, long):
        lines_give_the_values(reading)
        own = list(reading.gradients.values())
        for leaf, gradient, right in zip(leaves(params), own, expected, strict=True):
            assert gradient.dtype == leaf.dtype
            close(gradient, right, single)
    return tape


def mirrored(tape: engine.Tape, params: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> engine.Tape:
    """The other convention gives the same loss and the transposed gradients, to rounding; raises MirrorError."""
    other = tape.program.mirror().run(params, data or {})
    single = any(g.dtype == np.float32 for g in tape.gradients.values())
    rounding = 1e-4 if single else 1e-11
    np.testing.assert_allclose(other.loss, tape.loss, rtol=rounding, atol=rounding)
    for name, gradient in tape.gradients.items():
        turned = other.gradients[name]
        assert turned.dtype == gradient.dtype
        if gradient.ndim == 1 and turned.ndim == 2:
            gradient = gradient[None]
        scale = max(float(np.abs(gradient).max(initial=0.0)), 1e-3)
        np.testing.assert_allclose(turned, gradient.T, rtol=0, atol=rounding * scale)
    lines_give_the_values(other)
    return other
