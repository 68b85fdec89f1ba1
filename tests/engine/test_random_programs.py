"""Any small program over the recorded operations has the right gradient, short, long and mirrored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import engine
from tests.engine.oracle import Array, close, differences, holds, mirrored

Values = list[Any]
Instruction = Callable[[Values], Any]
SHAPES = [(), (3,), (2, 3), (3, 2), (2, 1), (1, 3), (3, 3), (2,)]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(f: Any, axis: int) -> Any:
    e = np.exp(f - f.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def switched_off(a: Any, at: float) -> Any:
    h = a * 1.0
    h[h < at] = 0
    return h


def first_replaced(a: Any) -> Any:
    h = np.tanh(a)
    h[0] = a[-1] * 0.5
    return h


def in_place(a: Any, b: Any) -> Any:
    h = a * 0.5
    h += b
    h *= 2
    h -= 0.3
    return h


def outer(a: Any, b: Any) -> Any:
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("rows of matrices only")
    return np.outer(a[0], b[0])


UNARY: list[Callable[[Any], Any]] = [
    lambda a: np.tanh(a), lambda a: np.exp(np.tanh(a)), lambda a: np.log(1 + a * a), lambda a: np.sqrt(1 + a**2),
    lambda a: -a, lambda a: 0.5 * a, lambda a: a - 1, lambda a: 1 - a, lambda a: np.square(a), lambda a: a**3,
    lambda a: np.maximum(a, 0.1), lambda a: np.minimum(0.3, a), lambda a: np.where(a > 0.05, a, 0.2 * a),
    lambda a: np.abs(a - 0.1), lambda a: a * (a > 0.2), lambda a: sigmoid(a), lambda a: a / 3, lambda a: 2 / (1 + a**2),
    lambda a: a.sum(), lambda a: np.mean(a), lambda a: a.T, lambda a: a.reshape(-1), lambda a: a.copy(),
    lambda a: a * np.array(0.7), lambda a: np.max(a), lambda a: a * a.mean(),
]  # fmt: skip
ARRAY: list[Callable[[Any], Any]] = [
    lambda a: a[0], lambda a: a[::-1], lambda a: a[-1:], lambda a: a[[0, 0]],
    lambda a: a[np.array([True, *[False] * (len(a) - 1)])], lambda a: np.expand_dims(a, 0)[0] * 2,
    lambda a: a.sum(axis=0), lambda a: a.mean(axis=-1, keepdims=True), lambda a: a.max(axis=0, keepdims=True),
    lambda a: np.min(a, axis=-1), lambda a: softmax(a, -1), lambda a: softmax(a, 0) * 2,
    lambda a: a - np.log(np.sum(np.exp(a), axis=-1, keepdims=True)), lambda a: switched_off(a, 0.15), first_replaced,
    lambda a: a - a.mean(axis=0), lambda a: np.log(softmax(a, 0)),
]  # fmt: skip
MATRIX: list[Callable[[Any], Any]] = [
    lambda a: a[:, 0], lambda a: a[0, -1], lambda a: a[:, 1:], lambda a: a[:, :1] * a, lambda a: a.sum(axis=1),
    lambda a: a.T @ a, lambda a: a @ a.T, lambda a: a[np.arange(len(a)), np.zeros(len(a), int)],
    lambda a: np.transpose(a), lambda a: a.max(axis=1)[:, None] * a, lambda a: a.sum(axis=(0, 1)),
]  # fmt: skip
BINARY: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (1 + b * b), np.maximum, np.minimum,
    lambda a, b: np.where(a > b, a, 2 * b), lambda a, b: np.tanh(a) * b + a, lambda a, b: sigmoid(a) * (b < 0.3),
]  # fmt: skip
PRODUCTS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a @ b, lambda a, b: np.dot(a, b), lambda a, b: a.dot(b), outer,
    lambda a, b: np.tanh(a @ b) + 0.1, lambda a, b: a.reshape(-1, 1) * b.ravel(), lambda a, b: np.abs(a @ b.T - 0.1),
]  # fmt: skip


def usable(result: Any) -> bool:
    return np.ndim(result) <= 2 and 0 < np.size(result) <= 12 and bool(np.all(np.isfinite(result)))


@st.composite
def programs(draw: st.DrawFn) -> tuple[dict[str, Array], dict[str, Array], list[Instruction]]:
    """Two parameters, one data array, and up to ten operations that fit what is there."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    shapes = [draw(st.sampled_from(SHAPES)) for _ in range(3)]
    a, b, x = (np.asarray(rng.uniform(-1.5, 1.5, size=s)) for s in shapes)
    values: Values = [a, b, x]
    instructions: list[Instruction] = []

    def number(options: int) -> int:
        return draw(st.integers(0, options - 1))

    for _ in range(draw(st.integers(3, 12))):
        i, j = number(len(values)), number(len(values))
        left, right = values[i], values[j]
        kinds: list[tuple[list[Any], bool]] = [(UNARY, False), (BINARY, True), (PRODUCTS, True)]
        kinds += [(ARRAY, False)] * (np.ndim(left) > 0) + [(MATRIX, False)] * (np.ndim(left) == 2)
        kinds += [([in_place], True)] * (np.ndim(left) > 0)
        table, two = kinds[number(len(kinds))]
        operation = table[number(len(table))]
        try:
            with np.errstate(all="ignore"):
                result = operation(left, right) if two else operation(left)
        except (ValueError, IndexError, AttributeError, TypeError):
            continue
        if not usable(result):
            continue
        if np.max(np.abs(result)) > 4:
            operation = (lambda f: lambda *v: np.tanh(f(*v)))(operation)
            result = np.tanh(result)
        where = (i, j) if two else (i,)
        instructions.append((lambda f, w: lambda vs: f(*(vs[k] for k in w)))(operation, where))
        values.append(result)
    return {"a": a, "b": b}, {"x": x}, instructions


def loss_of(instructions: list[Instruction]) -> Callable[..., Any]:
    def loss(a: Any, b: Any, x: Any) -> Any:
        values: Values = [a, b, x]
        for instruction in instructions:
            values.append(instruction(values))
        total = 0.1 * np.sum(a * 1.0) + 0.1 * np.sum(b**2)
        for weight, value in enumerate(values[-3:], start=1):
            total = total + weight * np.sum(np.tanh(value))
        return total

    return loss


def smooth(loss: Callable[..., Any], params: dict[str, Array], data: dict[str, Array]) -> bool:
    """Whether differences of two widths agree: no kink is near, so that there is a derivative to compare with."""
    wide, narrow = differences(loss, params, data), differences(loss, params, data, step=3e-4)
    pairs = zip(wide, narrow, strict=True)
    return all(np.allclose(a, b, rtol=1e-7, atol=1e-7 * max(1, np.abs(a).max())) for a, b in pairs)


@settings(max_examples=120)
@given(programs())
def test_a_random_program_has_the_right_gradient(
    program: tuple[dict[str, Array], dict[str, Array], list[Instruction]],
) -> None:
    """Shapes, broadcasting, reductions, indices, helpers, in-place writes: the short form, the long chain and the
    mirror image agree with differences of the plain function, the lines are what ran, and the check finds no fault."""
    params, data, instructions = program
    loss = loss_of(instructions)
    assume(smooth(loss, params, data))
    tape = holds(loss, params, data)
    try:
        mirrored(tape, params, data)
    except engine.MirrorError as reason:
        assert reason.reason
    report = engine.check(tape)
    assert all(v.ok for v in report.results.values()), report


@settings(max_examples=40)
@given(programs(), st.floats(-0.2, 0.2))
def test_a_recorded_program_runs_on_other_arrays_as_the_file_would(
    program: tuple[dict[str, Array], dict[str, Array], list[Instruction]], shift: float
) -> None:
    """Recorded once, run on other parameters and data: the loss is that of the plain function, bit for bit."""
    params, data, instructions = program
    loss = loss_of(instructions)
    recorded = engine.trace(loss, params, data)
    others = {k: np.asarray(v * 1.1 + shift) for k, v in params.items()}
    other_data = {k: np.asarray(v - shift) for k, v in data.items()}
    assume(smooth(loss, others, other_data))
    tape = recorded.run(others, other_data)
    assert tape.loss == float(loss(**others, **other_data))
    for own, right in zip(tape.gradients.values(), differences(loss, others, other_data), strict=True):
        close(own, right)
