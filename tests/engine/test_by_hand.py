"""The recorded pass gives the very bits of a pass written by hand, line by line as in the notes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import Array

RNG = np.random.default_rng(33)
SIZES = {"tiny": (3, 4, 5, 2, 1), "some": (7, 9, 8, 4, 13), "wide": (31, 64, 32, 10, 40)}
Pass = dict[str, Array]


def arrays(size: str, column: bool, layers: int, dtype: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Parameters and data of a net; the same numbers in either convention."""
    d, h, g, k, n = SIZES[size]
    widths = (d, h, k) if layers == 2 else (d, h, g, k)
    params = {}
    for number, (inputs, outputs) in enumerate(itertools.pairwise(widths), start=1):
        params[f"W{number}"] = RNG.normal(size=(outputs, inputs)) / np.sqrt(inputs)
        params[f"b{number}"] = RNG.normal(size=(outputs, 1))
    data = {"x": RNG.normal(size=(d, n)), "y": RNG.normal(size=(k, n)), "Y": np.eye(k)[:, RNG.integers(0, k, n)]}
    if not column:
        params = {name: np.ascontiguousarray(a.T) for name, a in params.items()}
        data = {name: np.ascontiguousarray(a.T) for name, a in data.items()}
    return {n: a.astype(dtype) for n, a in params.items()}, {n: a.astype(dtype) for n, a in data.items()}


# the losses, as people write them


def column_squares(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    return 0.5 * np.sum((f - y) ** 2)


def row_squares(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    return 0.5 * np.sum((f - y) ** 2)


def column_three_tanh(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
    z1 = W1 @ x + b1
    h1 = np.tanh(z1)
    z2 = W2 @ h1 + b2
    h2 = np.tanh(z2)
    f = W3 @ h2 + b3
    return 0.5 * np.sum((f - y) ** 2)


def row_three(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    f = h2 @ W3 + b3
    return 0.5 * np.sum((f - y) ** 2)


def column_softmax_sum(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    e = np.exp(f - np.max(f, axis=0, keepdims=True))
    p = e / np.sum(e, axis=0, keepdims=True)
    return -np.sum(np.log(np.sum(p * Y, axis=0, keepdims=True)))


def row_softmax_mean(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    e = np.exp(f - np.max(f, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.mean(np.log(np.sum(p * Y, axis=1, keepdims=True)))


def column_sigmoids(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = W1 @ x + b1
    h1 = 1 / (1 + np.exp(-z1))
    z2 = W2 @ h1 + b2
    p = 1 / (1 + np.exp(-z2))
    return -np.sum(Y * np.log(p) + (1 - Y) * np.log(1 - p))


# the passes, written by hand


def by_hand_column(x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Pass:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    df = f - y
    dW2 = df @ h1.T
    db2 = df.sum(axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return {
        "z1": z1,
        "h1": h1,
        "f": f,
        "df": df,
        "dW2": dW2,
        "db2": db2,
        "dh1": dh1,
        "dz1": dz1,
        "dW1": dW1,
        "db1": db1,
    }


def by_hand_row(x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Pass:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    df = f - y
    dW2 = h1.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return {
        "z1": z1,
        "h1": h1,
        "f": f,
        "df": df,
        "dW2": dW2,
        "db2": db2,
        "dh1": dh1,
        "dz1": dz1,
        "dW1": dW1,
        "db1": db1,
    }


def by_hand_three_tanh(
    x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array
) -> Pass:
    h1 = np.tanh(W1 @ x + b1)
    h2 = np.tanh(W2 @ h1 + b2)
    f = W3 @ h2 + b3
    df = f - y
    dz2 = W3.T @ df * (1 - h2**2)
    dz1 = W2.T @ dz2 * (1 - h1**2)
    return {
        "f": f, "h2": h2, "dW3": df @ h2.T, "db3": df.sum(axis=1, keepdims=True),
        "dz2": dz2, "dW2": dz2 @ h1.T, "db2": dz2.sum(axis=1, keepdims=True),
        "dz1": dz1, "dW1": dz1 @ x.T, "db1": dz1.sum(axis=1, keepdims=True),
    }  # fmt: skip


def by_hand_three_row(
    x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array
) -> Pass:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    f = h2 @ W3 + b3
    df = f - y
    dz2 = (df @ W3.T) * (z2 > 0)
    dz1 = (dz2 @ W2.T) * (z1 > 0)
    return {
        "f": f, "h2": h2, "dW3": h2.T @ df, "db3": df.sum(axis=0, keepdims=True),
        "dz2": dz2, "dW2": h1.T @ dz2, "db2": dz2.sum(axis=0, keepdims=True),
        "dz1": dz1, "dW1": x.T @ dz1, "db1": dz1.sum(axis=0, keepdims=True),
    }  # fmt: skip


def by_hand_softmax_column(x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Pass:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    e = np.exp(f - f.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    df = p - Y
    dz1 = (W2.T @ df) * (z1 > 0)
    return {
        "p": p, "df": df, "dW2": df @ h1.T, "db2": df.sum(axis=1, keepdims=True),
        "dz1": dz1, "dW1": dz1 @ x.T, "db1": dz1.sum(axis=1, keepdims=True),
    }  # fmt: skip


def by_hand_softmax_row_mean(x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Pass:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    e = np.exp(f - f.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    df = (p - Y) / len(x)
    dz1 = (df @ W2.T) * (z1 > 0)
    return {
        "p": p, "df": df, "dW2": h1.T @ df, "db2": df.sum(axis=0, keepdims=True),
        "dz1": dz1, "dW1": x.T @ dz1, "db1": dz1.sum(axis=0, keepdims=True),
    }  # fmt: skip


def by_hand_sigmoids(x: Array, y: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Pass:
    h1 = 1 / (1 + np.exp(-(W1 @ x + b1)))
    p = 1 / (1 + np.exp(-(W2 @ h1 + b2)))
    dz2 = p - Y
    dh1 = W2.T @ dz2
    dz1 = dh1 * h1 * (1 - h1)
    return {
        "p": p, "dz2": dz2, "dW2": dz2 @ h1.T, "db2": dz2.sum(axis=1, keepdims=True),
        "dh1": dh1, "dz1": dz1, "dW1": dz1 @ x.T, "db1": dz1.sum(axis=1, keepdims=True),
    }  # fmt: skip


PASSES: list[tuple[Callable[..., Any], Callable[..., Pass], bool, int]] = [
    (column_squares, by_hand_column, True, 2),
    (row_squares, by_hand_row, False, 2),
    (column_three_tanh, by_hand_three_tanh, True, 3),
    (row_three, by_hand_three_row, False, 3),
    (column_softmax_sum, by_hand_softmax_column, True, 2),
    (row_softmax_mean, by_hand_softmax_row_mean, False, 2),
    (column_sigmoids, by_hand_sigmoids, True, 2),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("loss", "by_hand", "column", "layers"), PASSES, ids=[p[0].__name__ for p in PASSES])
def test_every_bit_is_that_of_the_pass_written_by_hand(
    loss: Callable[..., Any], by_hand: Callable[..., Pass], column: bool, layers: int, size: str, dtype: str
) -> None:
    """Values and gradients, forwards and backwards, in single and double precision; the loss as the file gives it."""
    params, data = arrays(size, column, layers, dtype)
    tape = engine.trace(loss, params, data).run(params, data)
    expected = by_hand(**params, **data)
    for name, array in expected.items():
        assert tape[name].dtype == array.dtype == np.dtype(dtype), name
        np.testing.assert_array_equal(tape[name], array, err_msg=name)
    assert tape.loss == float(loss(**params, **data))


@pytest.mark.parametrize(("loss", "by_hand", "column", "layers"), PASSES, ids=[p[0].__name__ for p in PASSES])
def test_a_step_of_training_is_the_step_taken_by_hand(
    loss: Callable[..., Any], by_hand: Callable[..., Pass], column: bool, layers: int
) -> None:
    """One program runs on ever new parameters; after five updates every bit is still the same."""
    params, data = arrays("some", column, layers, "float64")
    own = dict(params)
    program = engine.trace(loss, params, data)
    for _ in range(5):
        tape = program.run(params, data)
        params = {name: array - 0.05 * tape.gradients[name] for name, array in params.items()}
        expected = by_hand(**own, **data)
        own = {name: array - 0.05 * expected[f"d{name}"] for name, array in own.items()}
    for name, array in own.items():
        np.testing.assert_array_equal(params[name], array)


@pytest.mark.parametrize("spelling", [lambda s: s**3, lambda s: np.power(s, 3), lambda s: s**2, lambda s: s * s])
def test_a_number_keeps_the_bits_of_the_spelling(spelling: Callable[[Any], Any]) -> None:
    """``s ** 3`` and ``np.power(s, 3)`` differ in their last bit for some numbers; the recording follows the file."""
    for value in RNG.normal(size=40):
        params = {"s": np.float64(value)}
        tape = engine.trace(lambda s: spelling(s), params, {}).run(params, {})
        assert tape.loss == float(spelling(np.float64(value)))
