"""Corners of the rules, held in place one by one: ties, zeros, repeats, axes, shapes, types, and what else a row says.

The gradients are compared with five-point differences of the plain function or with numbers worked out by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import axes as axis_rules
from engine.axes import AxisClasses
from engine.graph import Graph
from engine.trace import record
from tests.engine.oracle import Array, mirrored
from tests.engine.test_operations import check, drawn, weighted
from tests.engine.test_table import ONE, TWO

Function = Callable[..., Any]


def gradients(loss: Function, params: dict[str, Array], data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The gradients as nested lists."""
    found = engine.trace(loss, params, data or {}).recorded().gradients
    return {name: gradient.tolist() for name, gradient in found.items()}


# every operation is compared by the gradient check, and with complex numbers where they can tell

BY_DIFFERENCES = ("abs",)


@pytest.mark.parametrize(("row", "operation", "shape", "between"), ONE, ids=[f"{o[0]}-{k}" for k, o in enumerate(ONE)])
def test_the_gradient_check_passes_an_operation_of_one_operand(
    row: str, operation: Function, shape: tuple[int, ...], between: tuple[float, float]
) -> None:
    """By complex step, to the last digits, and a gradient that is off by a hundredth is found."""
    compared(operation, {"a": drawn(shape, between)})


@pytest.mark.parametrize(("row", "operation", "one", "two"), TWO, ids=[f"{o[0]}-{k}" for k, o in enumerate(TWO)])
def test_the_gradient_check_passes_an_operation_of_two_operands(
    row: str, operation: Function, one: tuple[int, ...], two: tuple[int, ...]
) -> None:
    """With both operands as parameters, so that both move, and with each of them alone."""
    a, b = drawn(one, (-1.5, 1.5), seed=1), drawn(two, (-1.5, 1.5), seed=2) + 0.0137
    compared(operation, {"a": a, "b": b})
    compared(operation, {"a": a}, {"b": b})
    compared(operation, {"b": b}, {"a": a})


def compared(operation: Function, params: dict[str, Array], data: dict[str, Array] | None = None) -> None:
    shape = np.shape(operation(**params, **(data or {})))
    given = {**(data or {}), "w": drawn(shape, (-1, 1), seed=7)}
    tape = engine.trace(weighted(operation), params, given).recorded()
    report = engine.check(tape)
    assert report.ok
    kinks = any(node.op in BY_DIFFERENCES for node in tape.program.nodes)
    for verdict in report.results.values():
        assert verdict.method == "complex step" or kinks
        assert verdict.entries_checked == verdict.entries_total


# entries that are zero, entries that are equal, and square matrices, which can be turned without anybody noticing

SQUARE = np.array([[0.0, 0.7, -1.1], [0.7, 0.0, 1.3], [-0.4, 1.3, 0.0]])
OTHER = np.array([[0.5, 0.7, 0.0], [-0.2, 0.0, 1.3], [0.0, 0.9, 0.0]])
SMOOTH: list[tuple[str, Function]] = [
    ("negative", lambda a: -a),
    ("multiply", lambda a: a * np.sin(a)),
    ("divide", lambda a: np.sin(a) / (a + 2)),
    ("matmul", lambda a: a @ a.T + a.T @ np.tanh(a)),
    ("outer", lambda a: np.outer(a[0], a[1] ** 2)),
    ("logaddexp", lambda a: np.logaddexp(a, np.sin(a))),
    ("einsum", lambda a: np.einsum("ij,jk->ik", a, np.tanh(a))),
    ("where", lambda a: np.where(OTHER > 0.4, a**2, np.sin(a))),
    ("concatenate", lambda a: np.concatenate([a, a**2])),
    ("square", lambda a: np.square(a)),
    ("power", lambda a: a**2 + a**3 + a**1),
    ("power", lambda a: (a + 2) ** a),
    ("exp", lambda a: np.exp(a)),
    ("expm1", lambda a: np.expm1(a)),
    ("log1p", lambda a: np.log1p(a * 0.5)),
    ("log", lambda a: np.log(a + 2)),
    ("log2", lambda a: np.log2(a + 2)),
    ("log10", lambda a: np.log10(a + 2)),
    ("sqrt", lambda a: np.sqrt(a + 2)),
    ("reciprocal", lambda a: np.reciprocal(a + 2)),
    ("sin", lambda a: np.sin(a)),
    ("cos", lambda a: np.cos(a + 0.3)),
    ("tan", lambda a: np.tan(a)),
    ("arctan", lambda a: np.arctan(a)),
    ("sinh", lambda a: np.sinh(a)),
    ("cosh", lambda a: np.cosh(a + 0.3)),
    ("tanh", lambda a: np.tanh(a)),
    ("astype", lambda a: a.astype(np.float64) * 2),
    ("where", lambda a: np.where(OTHER > 0.4, a, 3 * a)),
    ("clip", lambda a: np.clip(a, -1.0, 1.2)),
    ("maximum", lambda a: np.maximum(a, -1.0) + np.maximum(a, 1.0)),
    ("minimum", lambda a: np.minimum(a, -1.0) + np.minimum(a, 1.0)),
    ("abs", lambda a: np.abs(a - 0.3)),
    ("sum", lambda a: a.sum(axis=0) * np.sum(a, axis=1, keepdims=True)),
    ("max", lambda a: np.max(a + 2 * OTHER, axis=0)),
    ("min", lambda a: np.min(a + 2 * OTHER, axis=1)),
    ("prod", lambda a: a.prod(axis=0)),
    ("prod", lambda a: np.prod(a[:, 1:], axis=-1)),
    ("var", lambda a: a.var(axis=1)),
    ("std", lambda a: np.std(a, axis=0, ddof=1)),
    ("norm", lambda a: np.linalg.norm(a, axis=0)),
    ("norm", lambda a: np.linalg.norm(a + 2, ord=1, axis=1)),
    ("trace", lambda a: np.trace(a)),
    ("cumsum", lambda a: np.cumsum(a, axis=0)),
    ("cumsum", lambda a: np.cumsum(a, axis=1)),
    ("copy", lambda a: a.T.copy()),
    ("copy", lambda a: a.copy(order="F")),
    ("prod", lambda a: np.prod(a + 2)),
    ("var", lambda a: a.var(axis=1, keepdims=True)),
    ("var", lambda a: a.var(ddof=1)),
    ("norm", lambda a: np.linalg.norm(a + 2, ord=1, axis=0)),
    ("squeeze", lambda a: np.squeeze(a.reshape(3, 1, 3))),
    ("broadcast_to", lambda a: np.broadcast_to(a[0], (3, 3))),
    ("broadcast_to", lambda a: np.broadcast_to(a[:, :1], (3, 3))),
    ("tile", lambda a: np.tile(a, 1)),
    ("tile", lambda a: np.tile(a[0], (1, 1))),
    ("tile", lambda a: np.tile(a, (1, 1, 2))),
    ("pad", lambda a: np.pad(a[:1], ((0, 2), (0, 0)))),
    ("pad", lambda a: np.pad(a[:, :2], ((0, 0), (1, 4)))),
    ("roll", lambda a: np.roll(a, 1, axis=(0, 1))),
    ("repeat", lambda a: np.repeat(a, 1)),
    ("einsum", lambda a: np.einsum("ijk->j", np.stack([a, a * a]))),
    ("einsum", lambda a: np.einsum("ijk->k", np.stack([a, a * a]))),
    ("max", lambda a: np.max(a * [[1, 1, 1], [1, 2, 1], [1, 1, 1]] - [[9, 9, 9], [9, 0, 9], [9, 9, 9]])),
    ("full_like", lambda a: np.full_like(a, a[0, 1]) * a),
    ("full_like", lambda a: np.full_like(a, np.zeros(3)) * 2 + np.full_like(a, a[0]) * OTHER),
    ("transpose", lambda a: a.T),
    ("transpose", lambda a: np.stack([a, a]).transpose(2, 0, 1)),
    ("reshape", lambda a: a.reshape(9)),
    ("reshape", lambda a: a[:, :2].reshape(2, 3)),
    ("squeeze", lambda a: a[None].squeeze(axis=0)),
    ("squeeze", lambda a: np.squeeze(a[:, :1])),
    ("expand_dims", lambda a: np.expand_dims(a, 1)),
    ("broadcast_to", lambda a: np.broadcast_to(a, (2, 3, 3))),
    ("repeat", lambda a: np.repeat(a, 2, axis=1)),
    ("tile", lambda a: np.tile(a, (2, 1))),
    ("pad", lambda a: np.pad(a, 1)),
    ("roll", lambda a: np.roll(a, 1, axis=0)),
    ("roll", lambda a: np.roll(a, 1, axis=1)),
    ("flip", lambda a: np.flip(a, axis=0)),
    ("diag", lambda a: np.diag(a, k=1)),
    ("diag", lambda a: np.diag(a[0])),
    ("tril", lambda a: np.tril(a)),
    ("triu", lambda a: np.triu(a)),
    ("split", lambda a: np.split(a, 3, axis=1)[2]),
    ("split", lambda a: np.split(a, [3])[0]),
    ("take", lambda a: np.take(a, [2, 0, 2], axis=1)),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.array([[0, 2, 0], [1, 1, 1], [2, 0, 1]]), axis=1)),
    ("getitem", lambda a: a[[0, 2, 0]]),
    ("getitem", lambda a: a[:, ::-1]),
    ("einsum", lambda a: np.einsum("ij->ji", a)),
]
SMOOTH_OF_TWO: list[tuple[str, Function]] = [
    ("add", lambda a, b: a + b),
    ("subtract", lambda a, b: a - b),
    ("multiply", lambda a, b: a * b),
    ("divide", lambda a, b: a / (b + 2)),
    ("divide", lambda a, b: b / (a + 2)),
    ("divide", lambda a, b: (a + 2) / (b + 2)),
    ("power", lambda a, b: (a + 2) ** (b + 2)),
    ("logaddexp", lambda a, b: np.logaddexp(a, b)),
    ("where", lambda a, b: np.where(np.eye(3) > 0, a, b)),
    ("where", lambda a, b: np.where(np.eye(3), a, b)),
    ("clip", lambda a, b: np.clip(a, b - 2, b + 2)),
    ("clip", lambda a, b: np.clip(a, b + 2, b + 4) + np.clip(a, b - 4, b - 2)),
    ("maximum", lambda a, b: np.maximum(a, b + 0.1) + np.maximum(a + 0.1, b)),
    ("minimum", lambda a, b: np.minimum(a, b + 0.1) + np.minimum(a + 0.1, b)),
    ("matmul", lambda a, b: a @ b),
    ("matmul", lambda a, b: a @ b[0] + a[1] @ b),
    ("matmul", lambda a, b: a[0] @ b[1]),
    ("matmul", lambda a, b: np.stack([a, b]) @ np.stack([b, a])),
    ("matmul", lambda a, b: np.stack([a, b, b]) @ b[0]),
    ("matmul", lambda a, b: a[0] @ np.stack([a, b, b])),
    ("outer", lambda a, b: np.outer(a[0], b[1])),
    ("einsum", lambda a, b: np.einsum("ij,jk->ki", a, b)),
    ("einsum", lambda a, b: np.einsum("ij,kj,k->i", a, b, b[0])),
    ("tensordot", lambda a, b: np.tensordot(a, b, axes=([0], [1]))),
    ("inner", lambda a, b: np.inner(a, b)),
    ("vdot", lambda a, b: np.vdot(a, b)),
    ("concatenate", lambda a, b: np.concatenate([a, b, b[::-1]], axis=1)),
    ("concatenate", lambda a, b: np.concatenate([b, a, a[::-1]])),
    ("stack", lambda a, b: np.stack([a, b, b[::-1]], axis=1)),
    ("vstack", lambda a, b: np.vstack([a, b, b[::-1]])),
    ("vstack", lambda a, b: np.vstack([a, b, a[0]])),
    ("hstack", lambda a, b: np.hstack([a, b, b[::-1]])),
    ("column_stack", lambda a, b: np.column_stack([a, b, b[::-1]])),
    ("column_stack", lambda a, b: np.column_stack([a, b, a[:, 0]])),
    ("setitem", lambda a, b: written(a, b)),
]


def written(a: Any, b: Any) -> Any:
    h = a * 1.0
    h[np.eye(3) > 0] = b[0]
    h[:, 2] = b[:, 1]
    h[0] += b[2]
    return h


@pytest.mark.parametrize(("row", "operation"), SMOOTH, ids=[f"{o[0]}-{k}" for k, o in enumerate(SMOOTH)])
def test_zeros_and_equal_entries_of_a_square_matrix(row: str, operation: Function) -> None:
    """A function that is smooth there has its right gradient at zeros and at ties, and not the transposed one."""
    check(operation, {"a": SQUARE})
    compared(operation, {"a": SQUARE})


@pytest.mark.parametrize(("row", "operation"), SMOOTH_OF_TWO, ids=[f"{o[0]}-{k}" for k, o in enumerate(SMOOTH_OF_TWO)])
def test_zeros_and_equal_entries_of_two_square_matrices(row: str, operation: Function) -> None:
    """As above; the two share entries, and either may be the only parameter."""
    check(operation, {"a": SQUARE, "b": OTHER})
    compared(operation, {"a": SQUARE, "b": OTHER})
    check(operation, {"a": SQUARE}, {"b": OTHER})
    check(operation, {"b": OTHER}, {"a": SQUARE})


def test_an_array_filled_with_a_number_depends_on_the_number_only() -> None:
    """np.full_like takes its shape from a parameter, which is no dependence."""
    a = np.ones((2, 3))
    with pytest.raises(engine.TraceError, match="does not depend on any parameter"):
        engine.trace(lambda a: np.sum(np.full_like(a, 2.0)), {"a": a}, {})
    found = gradients(lambda a, b: np.sum(np.full_like(a, b) * 2), {"a": a, "b": np.ones(3)})
    assert found == {"a": [[0.0] * 3] * 2, "b": [4.0] * 3}


def test_a_cast_is_compared_with_complex_numbers() -> None:
    """float32 parameters in a float64 pass, and the other way round."""
    for given, used in ((np.float32, np.float64), (np.float64, np.float32)):
        tape = engine.trace(
            lambda a, used=used: np.sum(np.sin(a.astype(used)) * a.astype(used)), {"a": SQUARE.astype(given)}, {}
        ).recorded()
        assert "astype" in {node.op for node in tape.program.nodes}
        verdict = engine.check(tape).results["a"]
        assert verdict.ok
        assert verdict.method == "complex step"
        assert tape.gradients["a"].dtype == given


def test_a_sum_of_exponentials_does_not_overflow() -> None:
    """log(exp(a) + exp(b)) with a and b far apart: the gradient and its check are those of the larger one."""
    a, b = np.array([800.0, -800.0, 3.0]), np.array([-800.0, 800.0, 3.0])
    tape = engine.trace(lambda a, b: np.sum(np.logaddexp(a, b)), {"a": a, "b": b}, {}).recorded()
    np.testing.assert_allclose(tape.gradients["a"], [1.0, 0.0, 0.5], rtol=1e-15)
    np.testing.assert_allclose(tape.gradients["b"], [0.0, 1.0, 0.5], rtol=1e-15)
    assert engine.check(tape).ok


# kinks: what is agreed there, worked out by hand

T = np.array([-1.0, 0.0, 1.0])
W = np.array([2.0, 3.0, 5.0])


@pytest.mark.parametrize(
    ("row", "loss", "expected"),
    [
        ("maximum", lambda a, w: np.sum(w * np.maximum(a, 0)), [0, 0, 5]),
        ("maximum", lambda a, w: np.sum(w * np.maximum(0, a)), [0, 0, 5]),
        ("maximum", lambda a, w: np.sum(w * np.maximum(a, np.zeros(3))), [0, 0, 5]),
        ("maximum", lambda a, w: np.sum(w * np.maximum(a, a * 1.0)), [2, 3, 5]),
        ("minimum", lambda a, w: np.sum(w * np.minimum(a, 0)), [2, 0, 0]),
        ("minimum", lambda a, w: np.sum(w * np.minimum(0, a)), [2, 0, 0]),
        ("minimum", lambda a, w: np.sum(w * np.minimum(a, a * 1.0)), [2, 3, 5]),
        ("abs", lambda a, w: np.sum(w * np.abs(a)), [-2, 0, 5]),
        ("norm", lambda a, w: np.sum(w) * np.linalg.norm(a, ord=1), [-10, 0, 10]),
        ("norm", lambda a, w: np.sum(w * np.linalg.norm(a[:, None] * np.ones(2), axis=1)), None),
        ("clip", lambda a, w: np.sum(w * np.clip(a, -1, 1)), [0, 3, 0]),
        ("clip", lambda a, w: np.sum(w * np.clip(a, None, 0)), [2, 0, 0]),
        ("clip", lambda a, w: np.sum(w * np.clip(a, 0, None)), [0, 0, 5]),
        ("std", lambda a, w: np.sum(w[:2] * np.std(a[:, None] * np.ones((3, 2)), axis=1)[:2]) + a[0], [1, 0, 0]),
        ("where", lambda a, w: np.sum(w * np.where(a > 0, a, 0.1 * a)), [0.2, 0.3, 5]),
        ("where", lambda a, w: np.sum(w * np.where(a >= 0, a, 0.1 * a)), [0.2, 3, 5]),
        ("where", lambda a, w: np.sum(w * np.where(a, 3 * a, 0.5 * a)), [6, 1.5, 15]),
    ],
)
def test_on_a_kink_the_gradient_is_what_is_agreed(row: str, loss: Function, expected: list[float] | None) -> None:
    """ReLU′(0) = 0 in both orders, |·|′(0) = 0, nothing passes at a bound, a norm at the origin passes nothing."""
    found = gradients(loss, {"a": T}, {"w": W})["a"]
    root = float(np.sqrt(2.0))
    np.testing.assert_allclose(found, [-2 * root, 0, 5 * root] if expected is None else expected, rtol=1e-14)


def test_a_tie_of_two_parameters_goes_to_the_first() -> None:
    """Where two parameters are equal the first is the larger and the smaller one: their gradients add up to g."""
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    assert gradients(lambda a, b, w: np.sum(w * np.maximum(a, b)), {"a": a, "b": b}, {"w": W}) == {
        "a": [0.0, 3.0, 5.0],
        "b": [2.0, 0.0, 0.0],
    }
    assert gradients(lambda a, b, w: np.sum(w * np.minimum(a, b)), {"a": a, "b": b}, {"w": W}) == {
        "a": [2.0, 3.0, 0.0],
        "b": [0.0, 0.0, 5.0],
    }


def test_a_bound_that_is_a_parameter_holds_back_what_reaches_it() -> None:
    """At a bound the bound is the result and not what it cuts; where the bounds cross, NumPy gives the upper one."""

    def both(a: Any, low: Any, high: Any, w: Any) -> Any:
        return np.sum(w * np.clip(a, low, high))

    w = np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0])
    a = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 0.5])
    low = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 2.0])
    high = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert gradients(both, {"a": a, "low": low, "high": high}, {"w": w}) == {
        "a": [0.0, 0.0, 5.0, 0.0, 0.0, 0.0],
        "low": [2.0, 3.0, 0.0, 0.0, 0.0, 0.0],
        "high": [0.0, 0.0, 0.0, 7.0, 11.0, 13.0],
    }
    zero = {"a": T, "low": np.full(3, -3.0), "high": np.zeros(3)}
    assert gradients(both, zero, {"w": W})["high"] == [0.0, 3.0, 5.0]
    equal = np.array([1.0, 1.0, 1.0])
    assert gradients(both, {"a": np.array([0.0, 1.0, 2.0]), "low": equal, "high": equal}, {"w": W}) == {
        "a": [0.0, 0.0, 0.0],
        "low": [0.0, 0.0, 0.0],
        "high": [2.0, 3.0, 5.0],
    }
    assert gradients(
        lambda a, high, w: np.sum(w * np.clip(a, None, high)), {"a": T, "high": np.zeros(3)}, {"w": W}
    ) == {
        "a": [2.0, 0.0, 0.0],
        "high": [0.0, 3.0, 5.0],
    }
    assert gradients(lambda a, low, w: np.sum(w * np.clip(a, low, None)), {"a": T, "low": np.zeros(3)}, {"w": W}) == {
        "a": [0.0, 0.0, 5.0],
        "low": [2.0, 3.0, 0.0],
    }


@pytest.mark.parametrize(
    ("row", "loss", "expected"),
    [
        ("max", lambda a: np.max(a), [[0.25, 0, 0.25], [0, 0, 0.25], [0.25, 0, 0]]),
        ("min", lambda a: np.min(a), [[0, 0.5, 0], [0, 0.5, 0], [0, 0, 0]]),
        ("max", lambda a: np.sum(np.array([2.0, 3.0, 5.0]) * a.max(axis=0)), [[1, 0, 2.5], [0, 0, 2.5], [1, 3, 0]]),
        ("max", lambda a: np.sum(np.array([2.0, 3.0, 5.0]) * a.max(axis=-1)), [[1, 0, 1], [0, 0, 3], [5, 0, 0]]),
        (
            "max",
            lambda a: np.sum(np.array([[2.0], [3.0], [5.0]]) * a.max(axis=1, keepdims=True)),
            [[1, 0, 1], [0, 0, 3], [5, 0, 0]],
        ),
        ("min", lambda a: np.sum(np.array([2.0, 3.0, 5.0]) * a.min(axis=0)), [[0, 1.5, 0], [2, 1.5, 0], [0, 0, 5]]),
        ("max", lambda a: 8 * np.max(a, axis=(0, 1)), [[2, 0, 2], [0, 0, 2], [2, 0, 0]]),
    ],
)
def test_tied_extremes_share_equally(row: str, loss: Function, expected: list[list[float]]) -> None:
    """Each of k entries that attain the maximum gets 1/k of the gradient, along whatever axes it is taken."""
    a = np.array([[4.0, 1.0, 4.0], [2.0, 1.0, 4.0], [4.0, 3.0, 2.0]])
    assert gradients(loss, {"a": a})["a"] == expected
    single = engine.trace(loss, {"a": a.astype(np.float32)}, {}).recorded().gradients["a"]
    assert single.dtype == np.float32
    assert single.tolist() == expected


def test_a_root_of_zero_passes_nothing_on() -> None:
    """A norm or a deviation of equal entries is zero and has a kink there; the rows beside it are not touched."""
    a = np.array([[0.0, 0.0], [3.0, 4.0]])
    found = gradients(lambda a: np.sum(np.linalg.norm(a, axis=1)), {"a": a})["a"]
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.6, 0.8]], rtol=1e-15)
    assert gradients(lambda a: np.linalg.norm(a), {"a": np.zeros(2)})["a"] == [0.0, 0.0]
    same = np.array([[2.0, 2.0], [1.0, 5.0]])
    assert gradients(lambda a: np.sum(np.std(a, axis=1)), {"a": same})["a"] == [[0.0, 0.0], [-0.5, 0.5]]
    assert gradients(lambda a: np.std(a), {"a": np.full(3, 2.0)})["a"] == [0.0, 0.0, 0.0]


def test_powers_at_zero_and_of_zero() -> None:
    """With exponents 0, 1 and 2 at the base 0; with the bases 0 and 1 at any exponent."""
    zero = np.zeros(3)
    for exponents in ([0.0, 1.0, 2.0], [0, 1, 2]):
        power = np.array(exponents)
        assert gradients(lambda a, e: np.sum(a**e), {"a": zero}, {"e": power})["a"] == [0.0, 1.0, 0.0]
        assert gradients(lambda a, e: np.sum(a**e), {"a": zero + 3}, {"e": power})["a"] == [0.0, 1.0, 6.0]
    for exponent, expected in ((0, [0.0, 0.0]), (1, [1.0, 1.0]), (2, [0.0, 6.0]), (3, [0.0, 27.0])):
        found = gradients(lambda a, exponent=exponent: np.sum(a**exponent) + np.sum(0 * a), {"a": np.array([0.0, 3.0])})
        assert found["a"] == expected
    e = np.array([1.0, 2.0])
    assert np.isnan(gradients(lambda e: np.sum((-2) ** e), {"e": e})["e"]).all()
    assert gradients(lambda e: np.sum(0**e) + np.sum(e), {"e": e})["e"] == [1.0, 1.0]
    assert gradients(lambda e: np.sum(1**e) + np.sum(e), {"e": e})["e"] == [1.0, 1.0]
    np.testing.assert_allclose(gradients(lambda e: np.sum(2**e), {"e": e})["e"], np.log(2) * 2.0**e, rtol=1e-15)
    np.testing.assert_allclose(
        gradients(lambda e, b: np.sum(b**e), {"e": e}, {"b": np.array([0.0, 3.0])})["e"], [0, 9 * np.log(3)], rtol=1e-15
    )


@pytest.mark.parametrize("zeros", [[], [0], [1], [2], [0, 2], [0, 1, 2]])
def test_a_product_with_zeros_along_every_axis(zeros: list[int]) -> None:
    """The other entries' product, by hand, along the first axis, the last one and over all entries."""
    row = np.array([2.0, 3.0, 5.0])
    row[zeros] = 0.0
    others = [row[1] * row[2], row[0] * row[2], row[0] * row[1]]
    wide = np.array([row, [1.0, 7.0, 2.0]])
    w = np.array([2.0, 3.0])
    expected = [[2 * n for n in others], [3 * 14.0, 3 * 2.0, 3 * 7.0]]
    assert gradients(lambda a, w: np.sum(w * np.prod(a, axis=1)), {"a": wide}, {"w": w})["a"] == expected
    assert gradients(lambda a, w: np.sum(w * np.prod(a, axis=-1)), {"a": wide}, {"w": w})["a"] == expected
    tall = gradients(lambda a, w: np.sum(w * np.prod(a, axis=0)), {"a": wide.T.copy()}, {"w": w})["a"]
    assert tall == np.transpose(expected).tolist()
    assert gradients(lambda a: np.prod(a), {"a": wide})["a"][0] == [14 * n for n in others]


def test_a_matmul_with_a_vector_gives_the_matrix_an_outer_product() -> None:
    """∂L/∂W of Wx is ∂L/∂z xᵀ, of xW it is x ∂L/∂z: written with np.outer, as it is on paper."""
    W, x = drawn((3, 4), (-1, 1)), drawn((4,), (-1, 1))
    column = engine.trace(lambda W, x: np.sum((W @ x) ** 2), {"W": W, "x": x}, {})
    assert column.source().splitlines()[-2:] == ["dW = np.outer(dz1, x)", "dx = W.T @ dz1"]
    row = engine.trace(lambda W, x: np.sum((x @ W) ** 2), {"W": W.T.copy(), "x": x}, {})
    assert row.source().splitlines()[-2:] == ["dW = np.outer(x, dz1)", "dx = dz1 @ W.T"]


# repeated indices: what is picked twice gets both gradients


def test_whatever_is_picked_several_times_gets_the_sum() -> None:
    """A look-up with repeats, by index array, by take, along an axis and by pairs of positions, with whole numbers."""
    table = np.arange(12.0).reshape(4, 3)
    ids = np.array([1, 3, 1, 1])
    w = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [100.0, 200.0, 300.0], [1000.0, 2000.0, 3000.0]])
    expected = np.zeros((4, 3))
    expected[1], expected[3] = w[0] + w[2] + w[3], w[1]
    for pick in (lambda C: C[ids], lambda C: np.take(C, ids, axis=0), lambda C: C.take(ids, axis=0)):
        assert gradients(lambda C, w, pick=pick: np.sum(w * pick(C)), {"C": table}, {"w": w})["C"] == expected.tolist()
    along = gradients(
        lambda C, w: np.sum(w * np.take_along_axis(C, np.array([[0, 0, 2], [1, 1, 1], [2, 1, 2], [0, 1, 2]]), 1)),
        {"C": table},
        {"w": w},
    )
    assert along["C"] == [[3.0, 0.0, 3.0], [0.0, 60.0, 0.0], [0.0, 200.0, 400.0], [1000.0, 2000.0, 3000.0]]
    down = gradients(
        lambda C, w: np.sum(w[:2] * np.take_along_axis(C, np.array([[0, 0, 2], [0, 3, 2]]), 0)), {"C": table}, {"w": w}
    )
    assert down["C"] == [[11.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 33.0], [0.0, 20.0, 0.0]]
    pairs = gradients(
        lambda C, v: np.sum(v * C[np.array([0, 0, 2]), np.array([1, 1, 0])]),
        {"C": table},
        {"v": np.array([1.0, 2.0, 4.0])},
    )
    assert pairs["C"] == [[0.0, 3.0, 0.0], [0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_a_step_function_says_that_no_gradient_passes() -> None:
    """A loss that changes in jumps only is refused with the operation, its name and the reason."""
    a = np.array([0.3, 1.2])
    for name, operation in {
        "sign": lambda a: np.sign(a),
        "floor": lambda a: np.floor(a),
        "ceil": lambda a: np.ceil(a),
        "trunc": lambda a: np.trunc(a),
        "rint": lambda a: np.rint(a),
        "round": lambda a: np.round(a, 0),
    }.items():
        with pytest.raises(engine.TraceError, match=rf"every gradient of loss is zero: {name} is constant") as caught:
            engine.trace(lambda a, operation=operation: np.sum((operation(a) > 0) * 2.0), {"a": a}, {})
        assert caught.value.line is not None
    for name in ("argmax", "argmin"):
        with pytest.raises(engine.TraceError, match=rf"{name} gives a position"):
            engine.trace(lambda a, name=name: np.sum(getattr(np, name)(a) * 1.0), {"a": a}, {})


# which axis is which: letters as in an einsum; · is an axis that broadcasts, a letter that is new is a new axis

NO = False
PICKED = np.array([True, False, True])
OF_ONE_ENTRY = (
    "negative", "reciprocal", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square", "abs", "sin", "cos",
    "tan", "arctan", "sinh", "cosh", "tanh", "sign", "floor", "ceil", "trunc", "rint", "round", "copy",
)  # fmt: skip
STEPS = ("sign", "floor", "ceil", "trunc", "rint", "round")
OF_TWO_ENTRIES = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "logaddexp")


def one(name: str) -> Function:
    return lambda a: getattr(np, name)(a) if name in ("copy", *STEPS) else getattr(np, name)(a + 3)


def two(name: str) -> Function:
    return lambda a, b: getattr(np, name)(a + 3, b)


AXES: list[tuple[str, Function, list[tuple[int, ...]], str, bool]] = [
    ("exp", lambda a: np.exp(a), [(3, 4)], "ab->ab", True),
    ("exp", lambda a: np.exp(a), [(2, 3, 4)], "abc->abc", NO),
    ("clip", lambda a: np.clip(a, 0, 1), [(3, 4)], "ab->ab", True),
    ("round", lambda a: np.round(a) + a, [(3, 4)], "ab->ab", True),
    ("astype", lambda a: a.astype(np.float32), [(3, 4)], "ab->ab", True),
    *((name, one(name), [(3, 4)], "ab->ab", True) for name in OF_ONE_ENTRY),
    *((name, one(name), [(3,)], "a->a", True) for name in OF_ONE_ENTRY),
    *((name, two(name), [(3, 4), (4,)], "ab,b->ab", True) for name in OF_TWO_ENTRIES),
    *((name, two(name), [(4,), (3, 4)], "a,ba->ba", True) for name in OF_TWO_ENTRIES),
    *((name, two(name), [(3, 1), (4,)], "a·,b->ab", True) for name in OF_TWO_ENTRIES),
    ("clip", lambda a, b: np.clip(a, b - 1, 1), [(4,), (3, 4)], "a,ba->ba", True),
    ("where", lambda a, b: np.where(np.ones((3, 4)) > 0, a, b), [(4,), (3, 1)], "a,b·->ba", True),
    ("add", lambda a, b: a + b, [(3, 4), (3, 4)], "ab,ab->ab", True),
    ("add", lambda a, b: a + b, [(3, 4), (4,)], "ab,b->ab", True),
    ("add", lambda a, b: a + b, [(3, 4), (3, 1)], "ab,a·->ab", True),
    ("add", lambda a, b: a + b, [(3, 1), (4,)], "a·,b->ab", True),
    ("add", lambda a, b: a + b, [(4,), (3, 1, 1)], "a,b··->b·a", NO),
    ("maximum", lambda a, b: np.maximum(a, b), [(3, 4), (4,)], "ab,b->ab", True),
    ("where", lambda a, b: np.where(np.ones((3, 4)) > 0, a, b), [(3, 4), (3, 1)], "ab,a·->ab", True),
    ("power", lambda a, b: (a + 3) ** b, [(3, 4), (3, 4)], "ab,ab->ab", True),
    ("logaddexp", lambda a, b: np.logaddexp(a, b), [(3, 4), (4,)], "ab,b->ab", True),
    ("matmul", lambda a, b: a @ b, [(3, 4), (4, 2)], "ab,bc->ac", True),
    ("matmul", lambda a, b: a @ b, [(3, 3), (3, 3)], "ab,bc->ac", True),
    ("matmul", lambda a, b: a @ b, [(3, 4), (4,)], "ab,b->a", True),
    ("matmul", lambda a, b: a @ b, [(3,), (3, 4)], "a,ab->b", True),
    ("matmul", lambda a, b: a @ b, [(4,), (4,)], "a,a->", True),
    ("matmul", lambda a, b: a @ b, [(2, 3, 4), (2, 4, 5)], "abc,acd->abd", NO),
    ("matmul", lambda a, b: a @ b, [(2, 3, 4), (4, 5)], "abc,cd->abd", NO),
    ("matmul", lambda a, b: a @ b, [(3, 4), (2, 4, 5)], "ab,cbd->cad", NO),
    ("matmul", lambda a, b: a @ b, [(2, 3, 4), (4,)], "abc,c->ab", NO),
    ("matmul", lambda a, b: a @ b, [(4,), (2, 4, 5)], "a,bac->bc", NO),
    ("outer", lambda a, b: np.outer(a, b), [(3,), (4,)], "a,b->ab", True),
    ("einsum", lambda a, b: np.einsum("ij,jk->ki", a, b), [(3, 4), (4, 2)], "ab,bc->ca", True),
    ("einsum", lambda a, b: np.einsum("bij,bkj->bik", a, b), [(2, 3, 4), (2, 5, 4)], "abc,adc->abd", NO),
    ("tensordot", lambda a, b: np.tensordot(a, b, axes=([0], [1])), [(3, 4), (2, 3)], "ab,ca->bc", True),
    ("inner", lambda a, b: np.inner(a, b), [(3, 4), (2, 4)], "ab,cb->ac", True),
    ("vdot", lambda a, b: np.vdot(a, b), [(3, 4), (3, 4)], "ab,ab->", True),
    ("vdot", lambda a, b: np.vdot(a, b), [(3,), (3,)], "a,a->", True),
    ("sum", lambda a: np.sum(a), [(3, 4)], "ab->", True),
    ("sum", lambda a: np.sum(a, axis=0), [(3, 4)], "ab->b", True),
    ("sum", lambda a: np.sum(a, axis=-1), [(3, 4)], "ab->a", True),
    ("sum", lambda a: a.sum(axis=(0, 2)), [(2, 3, 4)], "abc->b", NO),
    ("sum", lambda a: a.sum(axis=(0, 1)), [(3, 4)], "ab->", True),
    ("sum", lambda a: a.sum(axis=1, keepdims=True), [(3, 4)], "ab->a·", True),
    ("sum", lambda a: a.sum(axis=(-1, 0), keepdims=True), [(3, 4)], "ab->··", True),
    ("max", lambda a: np.max(a, axis=0), [(3, 4)], "ab->b", True),
    ("min", lambda a: np.min(a, axis=0, keepdims=True), [(3, 4)], "ab->·b", True),
    ("prod", lambda a: np.prod(a, axis=1), [(3, 4)], "ab->a", True),
    ("prod", lambda a: np.prod(a, axis=0, keepdims=True), [(3, 4)], "ab->·b", True),
    ("var", lambda a: np.var(a, axis=1, ddof=1), [(3, 4)], "ab->a", True),
    ("std", lambda a: np.std(a, axis=0, keepdims=True), [(3, 4)], "ab->·b", True),
    ("norm", lambda a: np.linalg.norm(a, axis=1), [(3, 4)], "ab->a", True),
    ("norm", lambda a: np.linalg.norm(a, ord=1, axis=0), [(3, 4)], "ab->b", True),
    ("trace", lambda a: np.trace(a), [(3, 4)], "ab->", True),
    ("cumsum", lambda a: np.cumsum(a, axis=0), [(3, 4)], "ab->ab", True),
    ("cumsum", lambda a: np.cumsum(a, axis=-1), [(3, 4)], "ab->ab", True),
    ("cumsum", lambda a: np.cumsum(a), [(3,)], "a->a", True),
    ("cumsum", lambda a: np.cumsum(a), [(3, 4)], "ab->c", NO),
    ("transpose", lambda a: a.T, [(3, 4)], "ab->ba", True),
    ("transpose", lambda a: a.transpose(2, 0, 1), [(2, 3, 4)], "abc->cab", NO),
    ("transpose", lambda a: a.swapaxes(0, 1), [(3, 4)], "ab->ba", True),
    ("reshape", lambda a: a.reshape(2, 6), [(3, 4)], "ab->cd", NO),
    ("reshape", lambda a: a.reshape(3, 1, 4), [(3, 4)], "ab->a·b", NO),
    ("reshape", lambda a: a.reshape(3, 1), [(3,)], "a->a·", True),
    ("reshape", lambda a: a.reshape(1, 3), [(3,)], "a->·a", True),
    ("reshape", lambda a: a.reshape(3), [(1, 3)], "·a->a", True),
    ("reshape", lambda a: a.reshape(2, 3, 4), [(6, 4)], "ab->cdb", NO),
    ("reshape", lambda a: a.ravel(), [(3, 4)], "ab->c", NO),
    ("reshape", lambda a: a.reshape(5, 6), [(5, 2, 3)], "abc->ad", NO),
    ("reshape", lambda a: a.reshape(5, 2, 3), [(5, 6)], "ab->acd", NO),
    ("reshape", lambda a: a.reshape(6, 4), [(2, 3, 4)], "abc->dc", NO),
    ("reshape", lambda a: a.reshape(2, 6, 5), [(2, 3, 2, 5)], "abcd->aed", NO),
    ("reshape", lambda a: a.reshape(2, 5, 12), [(2, 5, 3, 4)], "abcd->abe", NO),
    ("reshape", lambda a: a.reshape(6, 5, 2), [(2, 3, 5, 2)], "abcd->ecd", NO),
    ("reshape", lambda a: a.reshape(6, 2), [(4, 3)], "ab->cd", NO),
    ("reshape", lambda a: a.reshape(4, 2, 3, 5), [(4, 6, 5)], "abc->adec", NO),
    ("reshape", lambda a: a.reshape(6, 5, 6), [(2, 3, 5, 3, 2)], "abcde->fcg", NO),
    ("full_like", lambda a: np.full_like(a, a[0, 0]), [(3, 4)], "ab->ab", True),
    ("copy", lambda a: a.T.copy(), [(3, 4)], "ab->ba", True),
    ("squeeze", lambda a: np.squeeze(a), [(3, 1)], "a·->a", True),
    ("expand_dims", lambda a: np.expand_dims(a, 0), [(3,)], "a->·a", True),
    ("broadcast_to", lambda a: np.broadcast_to(a, (3, 4)), [(3, 1)], "a·->ab", True),
    ("broadcast_to", lambda a: np.broadcast_to(a, (3, 4)), [(4,)], "a->ba", True),
    ("broadcast_to", lambda a: np.broadcast_to(a, (2, 3, 4)), [(3, 1)], "a·->bac", NO),
    ("repeat", lambda a: np.repeat(a, 2, axis=1), [(3, 4)], "ab->ac", True),
    ("repeat", lambda a: np.repeat(a, 2, axis=0), [(3, 4)], "ab->cb", True),
    ("repeat", lambda a: np.repeat(a, 2), [(3, 4)], "ab->c", NO),
    ("repeat", lambda a: np.repeat(a, 2), [(3,)], "a->b", True),
    ("tile", lambda a: np.tile(a, (2, 1)), [(3, 4)], "ab->cb", True),
    ("tile", lambda a: np.tile(a, 2), [(3, 4)], "ab->ac", True),
    ("tile", lambda a: np.tile(a, (2, 1)), [(3,)], "a->ba", NO),
    ("pad", lambda a: np.pad(a, ((0, 0), (1, 2))), [(3, 4)], "ab->ac", True),
    ("pad", lambda a: np.pad(a, ((2, 0), (0, 0))), [(3, 4)], "ab->cb", True),
    ("roll", lambda a: np.roll(a, 1, axis=0), [(3, 4)], "ab->ab", True),
    ("roll", lambda a: np.roll(a, (1, 2), axis=(1, 0)), [(3, 4)], "ab->ab", True),
    ("roll", lambda a: np.roll(a, 1), [(3, 4)], "ab->ab", NO),
    ("flip", lambda a: np.flip(a), [(3, 4)], "ab->ab", True),
    ("flip", lambda a: np.flip(a, axis=-1), [(3, 4)], "ab->ab", True),
    ("diag", lambda a: np.diag(a), [(3,)], "a->bc", True),
    ("diag", lambda a: np.diag(a, k=1), [(3, 3)], "ab->c", True),
    ("diag", lambda a: np.diag(a, k=-1), [(3,)], "a->bc", True),
    ("tril", lambda a: np.tril(a, k=1), [(3, 4)], "ab->ab", True),
    ("triu", lambda a: np.triu(a, k=-1), [(3, 4)], "ab->ab", True),
    ("split", lambda a: np.split(a, 2, axis=1)[1], [(3, 4)], "ab->ac", True),
    ("split", lambda a: np.split(a, [1], axis=0)[1], [(3, 4)], "ab->cb", True),
    ("concatenate", lambda a, b: np.concatenate([a, b]), [(2, 4), (3, 4)], "ab,cb->db", True),
    ("concatenate", lambda a, b: np.concatenate([a, b], axis=1), [(3, 2), (3, 4)], "ab,ac->ad", True),
    ("concatenate", lambda a, b: np.concatenate([a, b]), [(2,), (3,)], "a,b->c", True),
    ("concatenate", lambda a, b: np.concatenate([a, b], axis=1), [(2, 3, 4), (2, 5, 4)], "abc,adc->aec", NO),
    ("stack", lambda a, b: np.stack([a, b]), [(3,), (3,)], "a,a->ba", True),
    ("stack", lambda a, b: np.stack([a, b], axis=1), [(3,), (3,)], "a,a->ab", True),
    ("stack", lambda a, b: np.stack([a, b], axis=1), [(3, 4), (3, 4)], "ab,ab->acb", NO),
    ("vstack", lambda a, b: np.vstack([a, b]), [(4,), (4,)], "a,a->ba", True),
    ("vstack", lambda a, b: np.vstack([a, b]), [(2, 4), (4,)], "ab,b->cb", NO),
    ("hstack", lambda a, b: np.hstack([a, b]), [(3, 2), (3, 4)], "ab,ac->ad", True),
    ("column_stack", lambda a, b: np.column_stack([a, b]), [(3,), (3,)], "a,a->ab", True),
    ("take", lambda a: np.take(a, [2, 0, 2, 1, 1], axis=0), [(3, 4)], "ab->cb", True),
    ("take", lambda a: np.take(a, [2, 0, 2], axis=1), [(3, 4)], "ab->ac", True),
    ("take", lambda a: np.take(a, [[2, 0], [0, 1]], axis=1), [(3, 4)], "ab->acd", NO),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.array([[0], [1], [1]]), axis=1), [(3, 4)], "ab->a·", True),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.zeros((3, 2), int), axis=1), [(3, 4)], "ab->ac", True),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.zeros((2, 4), int), axis=0), [(3, 4)], "ab->cb", True),
    ("getitem", lambda a: a[:], [(3, 4)], "ab->ab", True),
    ("getitem", lambda a: a[1:], [(3, 4)], "ab->cb", True),
    ("getitem", lambda a: a[::1, :], [(3, 4)], "ab->ab", True),
    ("getitem", lambda a: a[..., 0, 1], [(2, 3, 4)], "abc->a", NO),
    ("getitem", lambda a: a[0, ..., 1], [(2, 3, 4)], "abc->b", NO),
    ("getitem", lambda a: a[..., None, 1], [(2, 3, 4)], "abc->ab·", NO),
    ("getitem", lambda a: a[np.eye(3, 4) > 0], [(3, 4, 2)], "abc->dc", NO),
    ("getitem", lambda a: a[:, np.eye(3, 4) > 0], [(2, 3, 4)], "abc->ad", NO),
    ("getitem", lambda a: a[..., np.eye(3, 4) > 0], [(2, 3, 4)], "abc->ad", NO),
    ("getitem", lambda a: a[0:], [(3, 4)], "ab->ab", True),
    ("getitem", lambda a: a[:, :2], [(3, 4)], "ab->ac", True),
    ("getitem", lambda a: a[:, ::-1], [(3, 4)], "ab->ac", True),
    ("getitem", lambda a: a[0], [(3, 4)], "ab->b", True),
    ("getitem", lambda a: a[:, 0], [(3, 4)], "ab->a", True),
    ("getitem", lambda a: a[..., 0], [(2, 3, 4)], "abc->ab", NO),
    ("getitem", lambda a: a[0, ...], [(2, 3, 4)], "abc->bc", NO),
    ("getitem", lambda a: a[:, 1, :], [(2, 3, 4)], "abc->ac", NO),
    ("getitem", lambda a: a[None], [(3,)], "a->·a", True),
    ("getitem", lambda a: a[:, None], [(3,)], "a->a·", True),
    ("getitem", lambda a: a[:, None], [(3, 4)], "ab->a·b", NO),
    ("getitem", lambda a: a[[0, 2, 0, 1, 1]], [(3, 4)], "ab->cb", True),
    ("getitem", lambda a: a[:, [0, 2]], [(3, 4)], "ab->ac", True),
    ("getitem", lambda a: a[np.arange(3), [0, 2, 2]], [(3, 4)], "ab->a", True),
    ("getitem", lambda a: a[[0, 2, 2, 1], np.arange(4)], [(3, 4)], "ab->b", True),
    ("getitem", lambda a: a[[0, 1], [1, 3]], [(3, 4)], "ab->c", True),
    ("getitem", lambda a: a[[[0, 2, 1]] * 2, [0, 1, 3]], [(3, 4)], "ab->cd", NO),
    ("getitem", lambda a: a[[0, 2, 1], [[0, 1, 3]] * 2], [(3, 4)], "ab->cd", NO),
    ("getitem", lambda a: a[np.arange(3), ...], [(3, 4)], "ab->ab", True),
    ("getitem", lambda a: a[..., np.arange(2)], [(3, 2, 2)], "abc->abd", NO),
    ("getitem", lambda a, b: a[PICKED] + np.sum(b * PICKED), [(3, 4), (3,)], "ab,c->db", True),
    ("getitem", lambda a: a[..., 0], [(3, 4)], "ab->a", True),
    ("getitem", lambda a: a[1, ...], [(3, 4)], "ab->b", True),
    ("getitem", lambda a: a[None, 0], [(3, 4)], "ab->·b", NO),
    ("getitem", lambda a: a[np.array([[0, 1], [1, 2]]), 0], [(3, 4)], "ab->cd", NO),
    ("getitem", lambda a: a[None], [()], "->·", True),
    ("getitem", lambda a: a[np.array([[0, 1, 1], [1, 2, 0]])], [(4,)], "a->bc", True),
    ("sum", lambda a: np.sum(a, axis=0), [(3,)], "a->", True),
    ("sum", lambda a: np.sum(a, axis=-1, keepdims=True), [(3,)], "a->·", True),
    ("broadcast_to", lambda a: np.broadcast_to(a, (4,)), [(1,)], "·->a", True),
    ("broadcast_to", lambda a: np.broadcast_to(a, (4,)), [()], "->a", True),
    ("getitem", lambda a: a[np.eye(3, 4) > 0], [(3, 4)], "ab->c", NO),
    ("getitem", lambda a: a[np.array([True, False, True])], [(3, 4)], "ab->cb", True),
    ("getitem", lambda a: a[np.array([[0, 1, 2, 0, 1]])], [(3, 4)], "ab->·cb", NO),
    ("setitem", lambda a: set_to(a, 0.5), [(3, 4)], "ab->ab", True),
    ("setitem", lambda a, b: set_to(a, b), [(3, 4), (4,)], "ab,b->ab", True),
]


def set_to(a: Any, value: Any) -> Any:
    h = a * 1
    h[0] = value
    return h


def on_the_way_forward(loss: Function, params: dict[str, Array], data: dict[str, Array]) -> tuple[Graph, int]:
    """The graph before any backward pass has put axes together once more, and the value ``made`` of made * made."""
    recording = record(loss, params, data)
    graph = recording.graph
    total = graph.node_of(recording.loss)
    squared = graph.node_of(total.inputs[0]) if total is not None else None
    assert squared is not None and squared.op == "multiply"
    return graph, squared.inputs[0]


def letters_of(operation: Function, operands: dict[str, Array]) -> str:
    """The axes of operands and result as in an einsum, in the order in which they occur."""

    def loss(**operands: Any) -> Any:
        made = operation(**operands)
        return np.sum(made * made)

    graph, made = on_the_way_forward(loss, operands, {})
    known: dict[int, str] = {}
    words = []
    for index in (*range(len(operands)), made):
        cell = graph.cells[index]
        word = ""
        for axis, size in zip(cell.axes, cell.shape, strict=True):
            root = graph.classes.find(axis)
            if size != 1 and not graph.classes.is_unit(axis):
                known.setdefault(root, "abcdefgh"[len(known)])
            word += known.get(root, "·")
        words.append(word)
    return f"{','.join(words[:-1])}->{words[-1]}"


AXES_IDS = [f"{o[0]}-{k}" for k, o in enumerate(AXES)]


@pytest.mark.parametrize(("row", "operation", "shapes", "axes", "turns"), AXES, ids=AXES_IDS)
def test_the_axes_of_a_result_are_those_that_the_operation_puts_together(
    row: str, operation: Function, shapes: list[tuple[int, ...]], axes: str, turns: bool
) -> None:
    """Sizes say nothing: in a square product the two outer axes stay apart."""
    operands = {
        name: drawn(shape, (-1.5, 1.5), seed=k) for k, (name, shape) in enumerate(zip("ab", shapes, strict=False))
    }
    assert letters_of(operation, operands) == axes


@pytest.mark.parametrize(("row", "operation", "shapes", "axes", "turns"), AXES, ids=AXES_IDS)
def test_an_operation_has_a_mirror_image_or_says_why_not(
    row: str, operation: Function, shapes: list[tuple[int, ...]], axes: str, turns: bool
) -> None:
    """Of matrices, unless it goes by the order in memory: the mirror image has the transposed gradients."""
    operands = {
        name: drawn(shape, (-1.5, 1.5), seed=k) for k, (name, shape) in enumerate(zip("ab", shapes, strict=False))
    }
    given = {"w": drawn(np.shape(operation(**operands)), (-1, 1), seed=7)}
    tape = engine.trace(weighted(operation), operands, given).recorded()
    if turns:
        mirrored(tape, operands, given)
    else:
        with pytest.raises(engine.MirrorError) as caught:
            tape.program.mirror()
        assert caught.value.line is not None
        assert any(word in caught.value.reason for word in ("axes", "memory", "side by side"))
        assert "Error" not in caught.value.reason


# a batch of one example: its axis is not the broadcast axis of a parameter


def one_example_in_a_column(x: Any, y: Any, W: Any, b: Any) -> Any:
    z = W @ x + b
    return np.sum((z - y) ** 2)


def one_example_in_a_row(x: Any, y: Any, W: Any, b: Any) -> Any:
    z = x @ W + b
    return np.sum((z - y) ** 2)


def test_with_one_example_the_axis_of_the_bias_is_still_summed_over() -> None:
    """db is the sum over n although n is 1: what is printed does not change with the size of the batch."""
    params, data = {"W": np.ones((4, 3)), "b": np.ones((4, 1))}, {"x": np.ones((3, 1)), "y": np.ones((4, 1))}
    column = engine.trace(one_example_in_a_column, params, data)
    assert column.source().splitlines()[-1] == "db = dz.sum(axis=1, keepdims=True)"
    assert column.values[column.by_name["b"]].axes == ("out", None)
    assert column.values[column.by_name["z"]].axes == ("out", "n")
    params, data = {n: a.T for n, a in params.items()}, {n: a.T for n, a in data.items()}
    row = engine.trace(one_example_in_a_row, params, data)
    assert row.source().splitlines()[-1] == "db = dz.sum(axis=0, keepdims=True)"
    assert row.values[row.by_name["b"]].axes == (None, "out")
    assert row.values[row.by_name["z"]].axes == ("n", "out")


def test_what_axes_of_size_one_become_beside_others() -> None:
    """A parameter's gives way to the data's; units give way to both; two of a kind become one, two units do not."""
    for order in (1, -1):
        classes = AxisClasses()
        data, hidden, unit, second = (
            classes.new(data=True),
            classes.new(),
            classes.new(unit=True),
            classes.new(unit=True),
        )
        own, other = classes.new(), classes.new()
        ones = {"data": data, "hidden": hidden, "unit": unit, "second": second, "own": own, "other": other}

        def beside(*names: str, classes: AxisClasses = classes, ones: dict[str, int] = ones, order: int = order) -> int:
            operands = [((1,), (ones[n],), n in ("own", "other")) for n in names][::order]
            (made,) = axis_rules.elementwise(classes, (1,), operands)
            return made

        assert classes.same(beside("own", "data"), data)
        assert not classes.same(own, data)
        assert classes.same(beside("unit", "data"), data)
        assert classes.same(beside("unit", "own"), own)
        assert classes.same(beside("unit", "hidden"), hidden)
        assert classes.is_unit(beside("unit", "second"))
        assert not classes.same(unit, second)
        assert classes.same(beside("own", "other"), other)
        assert classes.same(own, other)
        assert classes.is_unit(unit) and not classes.is_unit(own)
        # known to be that axis from elsewhere: then it is that axis here too
        classes.unify(own, data)
        assert classes.same(beside("own", "data"), data)
        assert classes.same(beside("hidden", "data"), data)
        assert classes.same(hidden, data)


def test_the_axis_of_a_stack_of_one_is_that_of_the_other_stack() -> None:
    """Whichever side the data are on: stacks are matched, and a size of 1 on both sides is one axis."""
    for left_is_data in (True, False):
        classes = AxisClasses()
        left, right = classes.new(data=left_is_data), classes.new(data=not left_is_data)
        a, b, c, d = (classes.new() for _ in range(4))
        made = axis_rules.matmul(classes, ((1, 3, 4), (left, a, b)), ((1, 4, 2), (right, c, d)))
        assert classes.same(left, right)
        assert [classes.find(k) for k in made] == [classes.find(k) for k in (left, a, d)]
        assert classes.same(b, c)


def test_the_axis_of_a_reduction_in_every_way_of_writing_it() -> None:
    """None is all of them; a negative one counts from the end; several come in order."""
    assert axis_rules.normalised(None, 3) == (0, 1, 2)
    assert axis_rules.normalised(1, 3) == (1,)
    assert axis_rules.normalised(-1, 3) == (2,)
    assert axis_rules.normalised((-1, 0), 3) == (0, 2)


def test_axes_that_were_put_together_stay_so() -> None:
    """Whatever the order: one class, data if one of them is, a unit only if all of them are."""
    classes = AxisClasses()
    a, b, c, d = classes.new(), classes.new(data=True), classes.new(unit=True), classes.new(unit=True)
    assert not classes.same(a, b)
    assert [classes.is_data(k) for k in (a, b, c)] == [False, True, False]
    classes.unify(c, d)
    assert classes.is_unit(c) and classes.is_unit(d)
    assert classes.unify(d, b) == classes.find(b)
    assert not classes.is_unit(d)
    assert classes.is_data(c)
    assert not classes.is_data(a)
    classes.unify(a, b)
    assert classes.is_data(a)
    assert len({classes.find(k) for k in (a, b, c, d)}) == 1
    for unit_first in (True, False):
        e, f = classes.new(unit=unit_first), classes.new(unit=not unit_first)
        classes.unify(e, f)
        assert not classes.is_unit(e) and not classes.is_unit(f)


def written_at(*items: Any) -> Function:
    def operation(a: Any, b: Any) -> Any:
        h = a * 2
        h[items[0] if len(items) == 1 else items] = b
        return h * h

    return operation


CORNERS = np.arange(12).reshape(3, 4) % 5 == 0


@pytest.mark.parametrize(
    ("operation", "shapes", "refused"),
    [
        (written_at(0), [(3, 4), (4,)], ""),
        (written_at(slice(None), 1), [(3, 4), (3,)], ""),
        (written_at(slice(None)), [(3, 4), (4,)], ""),
        (written_at(slice(1, None)), [(3, 4), (4,)], ""),
        (written_at(Ellipsis), [(3, 4), (4,)], ""),
        (written_at([0, 2]), [(3, 4), (4,)], ""),
        (written_at(slice(None), [0, 2]), [(3, 4), (2,)], ""),
        (written_at(0, slice(1, 3)), [(3, 4), (2,)], ""),
        (written_at([0, 1], [1, 3]), [(3, 4), (2,)], ""),
        (written_at(slice(None), slice(1, None)), [(3, 4), (3, 3)], ""),
        (written_at(1, 2), [(3, 4), ()], ""),
        (written_at(CORNERS), [(3, 4), ()], ""),
        (written_at(CORNERS), [(3, 4), (3,)], "fills entries in the order of memory"),
        (written_at(slice(1, 3)), [(4,), (2,)], ""),
        (written_at([0, 2]), [(4,), ()], ""),
        (lambda a, b: (a + b * 2) * (b * 3) - (b + 1), [(3, 4), (4,)], ""),
        (lambda a, b: np.where(a > 0, b * 2, b * 3), [(3, 4), (4,)], ""),
        (lambda a, b: np.sum(a, axis=(0, 1)) ** 2 * b, [(3, 4), (4,)], ""),
        (lambda a, b: np.sum(np.stack([a, b]) ** 2) * a, [(3, 4), (3, 4)], "this has 3 axes"),
        (lambda a, b: np.sum(np.broadcast_to(a, (2, 3, 4)) ** 2) * b, [(3, 4), (4,)], "this has 3 axes"),
        (lambda a, b: np.maximum(a @ b, b[0]) + b.sum(axis=0), [(3, 4), (4, 2)], ""),
        (lambda a, b: a.reshape(3, 4) * b.reshape(1, 4), [(3, 4), (4,)], ""),
        (lambda a, b: np.take(a, [[0, 1]], axis=0).sum() * b, [(3, 4), (4,)], "axes"),
        (lambda a, b: np.take(a, [[0, 1], [1, 1]]) * b, [(4,), (2,)], "axes"),
        (lambda a, b: np.repeat(a, 2).sum() * b, [(3, 4), (4,)], "from 2 to 1 axes"),
        (lambda a, b: a[CORNERS].sum() * b, [(3, 4), (4,)], "picks entries in the order of memory"),
    ],
)
def test_the_mirror_image_of_writing_and_of_vectors_beside_matrices(
    operation: Function, shapes: list[tuple[int, ...]], refused: str
) -> None:
    """A vector beside a mirrored matrix stands as a column; what goes by memory is refused with its line."""
    a, b = (drawn(shape, (-1.5, 1.5), seed=k) for k, shape in enumerate(shapes))
    given = {"w": drawn(np.shape(operation(a, b)), (-1, 1), seed=7)}
    tape = engine.trace(weighted(operation), {"a": a, "b": b}, given).recorded()
    if not refused:
        mirrored(tape, {"a": a, "b": b}, given)
        return
    with pytest.raises(engine.MirrorError, match=refused) as caught:
        tape.program.mirror()
    assert caught.value.line is not None
    assert "Error" not in caught.value.reason


def test_a_leaf_of_three_axes_is_refused_where_it_is_read() -> None:
    """With the line that reads it; one that nothing reads has no line; a vector that nothing reads stays one."""

    def loss(a: Any, b: Any) -> Any:
        first = np.sum(a * a)
        second = np.sum(b, axis=0)
        return first + np.sum(second**2)

    def unread(a: Any, b: Any) -> Any:
        return np.sum(a * a)

    a = drawn((3, 4), (-1, 1))
    with pytest.raises(engine.MirrorError, match="b has 3 axes") as caught:
        engine.trace(loss, {"a": a, "b": drawn((2, 3, 2), (-1, 1))}, {}).mirror()
    assert caught.value.line == loss.__code__.co_firstlineno + 2
    with pytest.raises(engine.MirrorError, match="b has 3 axes") as caught:
        engine.trace(unread, {"a": a, "b": np.ones((2, 3, 2))}, {}).mirror()
    assert caught.value.line is None
    program = engine.trace(unread, {"a": a, "b": np.ones(3)}, {})
    assert {p.name: p.shape for p in program.mirror().parameters} == {"a": (4, 3), "b": (3,)}


def first_product(loss: Function, **shapes: tuple[int, ...]) -> str:
    """The convention of a loss of parameters in capitals and data in small letters."""
    arrays = {name: drawn(shape, (-1, 1)) for name, shape in shapes.items()}
    params = {n: a for n, a in arrays.items() if n.isupper()}
    return engine.trace(loss, params, {n: a for n, a in arrays.items() if n.islower()}).convention


def test_the_first_product_with_a_parameter_decides_the_convention() -> None:
    """A parameter on the left is column, on the right row; it is known in every view, a looked-up row is an input."""
    assert first_product(lambda W, x: np.sum((W @ x) ** 2), W=(4, 3), x=(3, 5)) == "column"
    assert first_product(lambda W, x: np.sum((x @ W) ** 2), W=(3, 4), x=(5, 3)) == "row"
    assert first_product(lambda W, x: np.sum((W.T @ x) ** 2), W=(3, 4), x=(3, 5)) == "column"
    assert first_product(lambda W, x: np.sum((x @ W.T) ** 2), W=(4, 3), x=(5, 3)) == "row"
    assert first_product(lambda W, x: np.sum((W[1:] @ x) ** 2), W=(4, 3), x=(3, 5)) == "column"
    assert first_product(lambda W, x: np.sum((x @ W[:, 1:]) ** 2), W=(3, 4), x=(5, 3)) == "row"
    assert first_product(lambda W, x: np.sum((W.reshape(4, 3) @ x) ** 2), W=(12,), x=(3, 5)) == "column"
    assert first_product(lambda C, W: np.sum((C[np.array([0, 2])] @ W) ** 2), C=(4, 3), W=(3, 2)) == "row"
    assert first_product(lambda C, W: np.sum((W @ C[:, np.array([0, 2])]) ** 2), C=(3, 4), W=(2, 3)) == "column"
    assert first_product(lambda W, V, x: np.sum((V @ (x @ W)) ** 2), W=(3, 4), V=(2, 5), x=(5, 3)) == "row"
    assert first_product(lambda W, x: np.sum((np.tanh(W) @ x) ** 2), W=(4, 3), x=(3, 5)) == "as-written"
    assert first_product(lambda W: np.sum(W**2), W=(4, 3)) == "as-written"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (lambda z: np.tanh(z), ".n"),
        (lambda z: z.T, "n."),
        (lambda z: z[:, 1:], ".n"),
        (lambda z: z[1:], ".n"),
        (lambda z: z[::2, ::-1], ".n"),
        (lambda z: z.sum(axis=0), "n"),
        (lambda z: z.sum(axis=1, keepdims=True), ".1"),
        (lambda z: z.sum(axis=0, keepdims=True), "1n"),
        (lambda z: z[:, None], ".1n"),
        (lambda z: z.reshape(2, 2, 5), "..n"),
        (lambda z: z.reshape(20), "n"),
        (lambda z: z.reshape(2, 10), "nn"),
        (lambda z: z.reshape(2, 2, 5, 1), "..n."),
        (lambda z: z.reshape(1, 4, 5), "1.n"),
        (lambda z: z.reshape(4, 1, 5), ".1n"),
        (lambda z: z.reshape(10, 1, 2), "n.n"),
        (lambda z: z[:, :4].reshape(2, 2, 4), "..n"),
        (lambda z: z[:, :4].T.reshape(2, 2, 4), "nn."),
        (lambda z: np.concatenate([z, z], axis=1), ".n"),
        (lambda z: np.concatenate([z, z], axis=0), ".n"),
        (lambda z: np.stack([z, z], axis=0), "..n"),
        (lambda z: np.concatenate([z, z, z], axis=1), ".n"),
        (lambda z: np.hstack([z, z[:, :2], z]), ".n"),
        (lambda z: np.vstack([z, z[0]]), ".n"),
        (lambda z: np.pad(z, 1), ".n"),
        (lambda z: np.pad(z.T, 1), "n."),
        (lambda z: np.repeat(z, 2, axis=1), ".n"),
        (lambda z: np.tile(z, (2, 2)), ".n"),
        (lambda z: np.split(z, [2], axis=1)[1], ".n"),
        (lambda z: z[[0, 0]], ".n"),
        (lambda z: np.outer(z[0], z[:, 0]), "n."),
        (lambda z: np.einsum("ij,ik->jk", z, z[:, :2]), "nn"),
        (lambda z: z.T @ z, "nn"),
        (lambda z: z @ z.T, ".."),
    ],
)
def test_the_axis_of_the_examples_is_still_known_after_an_operation(operation: Function, expected: str) -> None:
    """n is where data come in; a part of it, a longer one, a padded one are still examples; 1 only broadcasts."""

    def loss(x: Any, W: Any) -> Any:
        made = operation(W @ x)
        return np.sum(made * made)

    graph, made = on_the_way_forward(loss, {"W": drawn((4, 3), (-1, 1))}, {"x": drawn((3, 5), (-1, 1))})
    axes = graph.cells[made].axes
    kinds = ["n" if graph.classes.is_data(k) else "1" if graph.classes.is_unit(k) else "." for k in axes]
    assert "".join(kinds) == expected


# the lines: as a person would write them, with nothing that could be left out


def used_twice(a: Any, w: Any) -> Any:
    first = np.exp(a)
    second = np.sin(a)
    return np.sum(w * first) + np.sum(w * second)


@pytest.mark.parametrize(
    ("loss", "shapes", "expected"),
    [
        (lambda a, w: np.sum((w @ a.T) ** 2), [(3, 4), (5, 4)], ["dz1 = 2 * z1", "da = dz1.T @ w"]),
        (lambda a, b, w: np.sum(w * np.where(a > 0, a, b)), [(3, 4)] * 3, ["da = w * (a > 0)", "db = w * (a <= 0)"]),
        (lambda a, b: np.sum(np.concatenate([a, b]) ** 2), [(3, 4)] * 2, ["da = 2 * t1[:3]", "db = 2 * t1[3:]"]),
        (used_twice, [(3, 4)] * 2, ["dsecond = w", "dfirst = w", "da = dfirst * first + dsecond * np.cos(a)"]),
        (
            lambda a: np.sum(np.exp(a.sum(axis=-1))),
            [(3, 4)],
            ["da = np.broadcast_to(np.expand_dims(t1, axis=1), (3, 4))"],
        ),
        (lambda a: np.sum(np.exp(a.sum())), [(3, 4)], ["da = np.broadcast_to(t1, (3, 4))"]),
        (
            lambda a, b: np.sum((a @ b) ** 2),
            [(2, 3, 4), (2, 4, 5)],
            ["dz1 = 2 * z1", "da = dz1 @ b.swapaxes(1, 2)", "db = a.swapaxes(1, 2) @ dz1"],
        ),
        (
            lambda a, b: np.sum((a @ b.swapaxes(-1, -2)) ** 2),
            [(2, 3, 4), (2, 5, 4)],
            ["dz1 = 2 * z1", "db = dz1.swapaxes(1, 2) @ a", "da = dz1 @ b"],
        ),
        (lambda a, b, w: np.sum(w * (a + b)), [(3, 4), (4,), (3, 4)], ["da = w", "db = w.sum(axis=0)"]),
        (lambda a, b, w: np.sum(w * (a + b)), [(3, 4), (), (3, 4)], ["da = w", "db = w.sum()"]),
        (
            lambda a, b, w: np.sum(w * (a + b)),
            [(3, 4), (3, 1), (3, 4)],
            ["da = w", "db = w.sum(axis=1, keepdims=True)"],
        ),
        (lambda a, b, w: np.sum(w * (a + b)), [(2, 3, 4), (4,), (2, 3, 4)], ["da = w", "db = w.sum(axis=(0, 1))"]),
        (lambda a: np.trace(a), [(3, 3)], ["da = np.eye(3)"]),
        (lambda a: 3 * np.trace(a), [(3, 4)], ["da = 3 * np.eye(3, 4)"]),
    ],
)
def test_the_printed_lines_say_no_more_than_needed(
    loss: Function, shapes: list[tuple[int, ...]], expected: list[str]
) -> None:
    """No transpose of a transpose, no reshape to the same shape, no start of a slice that is 0; ¬(a > 0) is a <= 0."""
    names = loss.__code__.co_varnames[: loss.__code__.co_argcount]
    arrays = {name: drawn(shape, (-1, 1), seed=k) for k, (name, shape) in enumerate(zip(names, shapes, strict=True))}
    data = {"w": arrays.pop("w")} if "w" in arrays else {}
    lines = engine.trace(loss, arrays, data).source().splitlines()
    assert [line for line in lines if line.startswith("d")] == expected


def test_what_is_not_used_prints_zeros_of_its_own_type() -> None:
    """A float32 parameter that the loss never reads has a gradient of float32 zeros, a float64 one says no type."""
    params = {"a": SQUARE, "b": np.ones(3, np.float32), "c": np.ones(2)}
    program = engine.trace(lambda a, b, c: np.sum(a**2), params, {})
    assert program.source().splitlines()[-2:] == ["db = np.zeros((3,), dtype=np.float32)", "dc = np.zeros((2,))"]
    tape = program.recorded()
    assert tape.gradients["b"].dtype == np.float32
