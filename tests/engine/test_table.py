"""Every row of the table of operations has the right gradient: no row is without a claim here.

Each operation stands in a loss that weighs every entry of its result differently; the gradient is compared with
five-point differences of the plain function, short, long and mirrored, and the printed lines with what ran.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine.ops import TABLE
from tests.engine.oracle import Array, holds
from tests.engine.test_operations import check, drawn, weighted

Function = Callable[..., Any]
POSITIVE, ANY = (0.5, 2.0), (-2.0, 2.0)
# away from whole numbers and from halves, where step functions jump
BETWEEN_JUMPS = (0.1, 0.4)

# row of the table, operation, shape of its operand, where the values lie
ONE: list[tuple[str, Function, tuple[int, ...], tuple[float, float]]] = [
    ("reciprocal", lambda a: np.reciprocal(a), (3, 4), POSITIVE),
    ("clip", lambda a: np.clip(a, -0.7, 0.9), (3, 4), ANY),
    ("clip", lambda a: a.clip(-0.7, 0.9), (4,), ANY),
    ("clip", lambda a: np.clip(a, None, 0.9), (2, 2, 3), ANY),
    ("clip", lambda a: np.clip(a, 0.1, None), (3, 4), ANY),
    ("clip", lambda a: a.clip(min=0.1), (3, 4), ANY),
    ("clip", lambda a: np.clip(a, a.mean() - 0.31, a.mean() + 0.52), (3, 4), ANY),
    ("expm1", lambda a: np.expm1(a), (3, 4), ANY),
    ("log1p", lambda a: np.log1p(a), (3, 4), POSITIVE),
    ("log2", lambda a: np.log2(a), (3, 4), POSITIVE),
    ("log10", lambda a: np.log10(a), (3, 4), POSITIVE),
    ("sin", lambda a: np.sin(a), (3, 4), ANY),
    ("cos", lambda a: np.cos(a), (3, 4), ANY),
    ("tan", lambda a: np.tan(a), (3, 4), (-1.0, 1.0)),
    ("arctan", lambda a: np.arctan(a), (3, 4), ANY),
    ("sinh", lambda a: np.sinh(a), (3, 4), ANY),
    ("cosh", lambda a: np.cosh(a), (3, 4), ANY),
    ("sign", lambda a: np.sign(a) + a, (3, 4), ANY),
    ("floor", lambda a: np.floor(a) * a, (3, 4), BETWEEN_JUMPS),
    ("ceil", lambda a: np.ceil(a) * a, (3, 4), BETWEEN_JUMPS),
    ("trunc", lambda a: np.trunc(a) + a, (3, 4), BETWEEN_JUMPS),
    ("rint", lambda a: np.rint(a) + a, (3, 4), BETWEEN_JUMPS),
    ("round", lambda a: np.round(a) + a, (3, 4), BETWEEN_JUMPS),
    ("round", lambda a: a.round() * a, (3, 4), BETWEEN_JUMPS),
    ("power", lambda a: a ** np.array([0.0, 1.0, 2.0, 3.0]), (3, 4), ANY),
    ("power", lambda a: np.array([0.0, 1.0, 2.0, 3.0]) ** a, (3, 4), POSITIVE),
    ("prod", lambda a: np.prod(a), (3, 4), POSITIVE),
    ("prod", lambda a: np.prod(a), (4,), POSITIVE),
    ("prod", lambda a: np.prod(a), (), POSITIVE),
    ("prod", lambda a: a.prod(axis=0), (3, 4), ANY),
    ("prod", lambda a: np.prod(a, axis=1, keepdims=True), (3, 4), ANY),
    ("prod", lambda a: np.prod(a, axis=-1), (2, 3, 2), ANY),
    ("prod", lambda a: np.prod(a, axis=1), (3, 1), ANY),
    ("var", lambda a: np.var(a), (3, 4), ANY),
    ("var", lambda a: a.var(axis=0), (3, 4), ANY),
    ("var", lambda a: np.var(a, axis=1, keepdims=True, ddof=1), (3, 4), ANY),
    ("var", lambda a: np.var(a, axis=(0, 2)), (2, 3, 2), ANY),
    ("std", lambda a: np.std(a, axis=0), (3, 4), ANY),
    ("std", lambda a: a.std(), (4,), ANY),
    ("std", lambda a: a.std(axis=-1, keepdims=True, ddof=1), (2, 3), ANY),
    ("norm", lambda a: np.linalg.norm(a), (3, 4), ANY),
    ("norm", lambda a: np.linalg.norm(a, axis=1), (3, 4), ANY),
    ("norm", lambda a: np.linalg.norm(a, axis=0, keepdims=True), (3, 4), ANY),
    ("norm", lambda a: np.linalg.norm(a, ord=1, axis=1), (3, 4), ANY),
    ("norm", lambda a: np.linalg.norm(a, 2), (4,), ANY),
    ("norm", lambda a: np.linalg.norm(a, "fro"), (3, 4), ANY),
    ("trace", lambda a: np.trace(a), (3, 3), ANY),
    ("trace", lambda a: a.trace(), (2, 3), ANY),
    ("argmax", lambda a: a[np.arange(3), np.argmax(a, axis=1)], (3, 4), ANY),
    ("argmax", lambda a: a.argmax(axis=0) * a, (3, 4), ANY),
    ("argmin", lambda a: a[np.argmin(a, axis=0), np.arange(4)], (3, 4), ANY),
    ("cumsum", lambda a: np.cumsum(a), (3, 4), ANY),
    ("cumsum", lambda a: np.cumsum(a, axis=0), (3, 4), ANY),
    ("cumsum", lambda a: a.cumsum(axis=-1), (2, 3, 2), ANY),
    ("transpose", lambda a: a.swapaxes(0, 1), (2, 3, 2), ANY),
    ("transpose", lambda a: np.swapaxes(a, -1, -2), (2, 3, 2), ANY),
    ("transpose", lambda a: np.moveaxis(a, 0, -1), (2, 3, 2), ANY),
    ("transpose", lambda a: np.moveaxis(a, (0, 1), (2, 0)), (2, 3, 2), ANY),
    ("transpose", lambda a: a.transpose(2, 0, 1), (2, 3, 2), ANY),
    ("transpose", lambda a: np.transpose(a, (1, 0, 2)), (2, 3, 2), ANY),
    ("transpose", lambda a: a.T, (2, 3, 2), ANY),
    ("reshape", lambda a: a.reshape(2, 3, 2), (3, 4), ANY),
    ("reshape", lambda a: np.ravel(a), (2, 3, 2), ANY),
    ("squeeze", lambda a: np.squeeze(a), (3, 1), ANY),
    ("squeeze", lambda a: a.squeeze(axis=1), (2, 1, 3), ANY),
    ("expand_dims", lambda a: np.expand_dims(a, (0, 2)), (3, 4), ANY),
    ("expand_dims", lambda a: np.expand_dims(a, -1), (4,), ANY),
    ("broadcast_to", lambda a: np.broadcast_to(a, (2, 3, 4)), (3, 1), ANY),
    ("broadcast_to", lambda a: np.broadcast_to(a, (3, 4)), (), ANY),
    ("full_like", lambda a: np.full_like(a, a[0]) * a, (3,), ANY),
    ("copy", lambda a: a.T.copy() * a.T, (3, 4), ANY),
    ("repeat", lambda a: np.repeat(a, 3), (3, 4), ANY),
    ("repeat", lambda a: a.repeat(2, axis=1), (3, 4), ANY),
    ("repeat", lambda a: np.repeat(a, 2, axis=0), (4,), ANY),
    ("tile", lambda a: np.tile(a, 3), (3, 4), ANY),
    ("tile", lambda a: np.tile(a, (2, 1, 3)), (3, 4), ANY),
    ("tile", lambda a: np.tile(a, (2, 3)), (4,), ANY),
    ("tile", lambda a: np.tile(a, 2), (2, 3, 2), ANY),
    ("pad", lambda a: np.pad(a, 1), (3, 4), ANY),
    ("pad", lambda a: np.pad(a, ((0, 2), (1, 0))), (3, 4), ANY),
    ("pad", lambda a: np.pad(a, ((0, 0), (1, 1), (1, 1))), (2, 3, 2), ANY),
    ("roll", lambda a: np.roll(a, 1), (3, 4), ANY),
    ("roll", lambda a: np.roll(a, 2, axis=1), (3, 4), ANY),
    ("roll", lambda a: np.roll(a, (1, -1), axis=(0, 1)), (3, 4), ANY),
    ("flip", lambda a: np.flip(a), (3, 4), ANY),
    ("flip", lambda a: np.flip(a, axis=1), (3, 4), ANY),
    ("flip", lambda a: np.flipud(a) * np.fliplr(a), (3, 4), ANY),
    ("diag", lambda a: np.diag(a), (3,), ANY),
    ("diag", lambda a: np.diag(a), (3, 3), ANY),
    ("diag", lambda a: np.diag(a, k=1), (3, 3), ANY),
    ("diag", lambda a: np.diag(a, k=-1), (3,), ANY),
    ("diag", lambda a: np.diagonal(a, 1), (3, 3), ANY),
    ("tril", lambda a: np.tril(a), (3, 4), ANY),
    ("tril", lambda a: np.tril(a, k=-1), (2, 3, 3), ANY),
    ("triu", lambda a: np.triu(a, k=1), (3, 4), ANY),
    ("split", lambda a: np.split(a, 2, axis=1)[1], (3, 4), ANY),
    ("split", lambda a: np.split(a, [1, 3])[1] * a[:2], (4, 3), ANY),
    ("split", lambda a: np.array_split(a, 3, axis=-1)[0], (3, 4), ANY),
    ("split", lambda a: np.hsplit(a, 2)[0] + np.vsplit(a, 1)[0][:, 2:], (3, 4), ANY),
    ("take", lambda a: np.take(a, [2, 0, 2], axis=0), (3, 4), ANY),
    ("take", lambda a: a.take(np.array([[1, 1], [3, 0]]), axis=1), (3, 4), ANY),
    ("take", lambda a: np.take(a, np.array([1, 1, 2])), (3,), ANY),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.array([[0, 2], [1, 1], [3, 0]]), axis=1), (3, 4), ANY),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.argsort(-np.arange(3))[:, None] * [[1, 1]], 0), (3, 2), ANY),
    ("getitem", lambda a: a[np.array([[0, 2], [2, 1]])], (3, 4), ANY),
    ("getitem", lambda a: a[np.array([[0, 2], [2, 1]]), ::-1], (3, 4), ANY),
    ("getitem", lambda a: a[()] * 2, (), ANY),
    ("getitem", lambda a: a[..., None] * a[:, None], (3, 3), ANY),
    ("getitem", lambda a: a[:, 1, ...], (2, 3, 2), ANY),
    ("setitem", lambda a: added_in_place(a), (3, 4), ANY),
    ("einsum", lambda a: np.einsum("ij->ji", a), (3, 4), ANY),
    ("einsum", lambda a: np.einsum("ij->j", a), (3, 4), ANY),
    ("einsum", lambda a: np.einsum("ij->", a), (3, 4), ANY),
    ("sum", lambda a: np.sum(a, axis=(0, 2)), (2, 3, 2), ANY),
    ("max", lambda a: a.max(axis=(1, 2)), (2, 3, 2), ANY),
    ("min", lambda a: np.min(a, axis=0, keepdims=True), (2, 3, 2), ANY),
    ("zeros_like", lambda a: a + np.zeros_like(a), (3, 4), ANY),
    ("ones_like", lambda a: a * np.ones_like(a), (3, 4), ANY),
    ("full_like", lambda a: a * np.full_like(a, 0.5), (3, 4), ANY),
    ("zeros", lambda a: a + np.zeros((3, 4)), (3, 4), ANY),
    ("ones", lambda a: a * np.ones((3, 4)), (3, 4), ANY),
    ("arange", lambda a: a[np.arange(3), np.arange(3)], (3, 4), ANY),
    ("where", lambda a: np.where(a > 1, a**2, np.where(a > 0, a, np.where(a > -1, 0.1 * a, -0.1))), (3, 4), ANY),
]


def added_in_place(a: Any) -> Any:
    h = a * 1.0
    h[0] += a[1]
    h[:, 1] *= 2
    h[1:, 2:] -= a[0, 0]
    return h


# row, operation, the shapes of its two operands
TWO: list[tuple[str, Function, tuple[int, ...], tuple[int, ...]]] = [
    ("logaddexp", lambda a, b: np.logaddexp(a, b), (3, 4), (4,)),
    ("logaddexp", lambda a, b: np.logaddexp(0, a) * np.logaddexp(b, 1.0), (3,), (3,)),
    ("power", lambda a, b: np.abs(a) ** b, (3, 4), (3, 1)),
    ("matmul", lambda a, b: a @ b, (2, 3, 4), (2, 4, 2)),
    ("matmul", lambda a, b: a @ b, (2, 3, 4), (4, 2)),
    ("matmul", lambda a, b: a @ b, (3, 4), (2, 4, 2)),
    ("matmul", lambda a, b: np.matmul(a, b), (2, 1, 2, 3), (3, 3, 2)),
    ("matmul", lambda a, b: a @ b, (2, 3, 4), (4,)),
    ("matmul", lambda a, b: a @ b, (3,), (2, 3, 2)),
    ("matmul", lambda a, b: a @ b.swapaxes(-1, -2), (2, 3, 4), (2, 2, 4)),
    ("matmul", lambda a, b: np.dot(a, b), (2, 3, 4), (4, 2)),
    ("matmul", lambda a, b: a.dot(b), (2, 3, 4), (4,)),
    ("outer", lambda a, b: np.outer(a, b), (3,), (4,)),
    ("inner", lambda a, b: np.inner(a, b), (3, 4), (2, 4)),
    ("inner", lambda a, b: np.inner(a, b), (4,), (4,)),
    ("inner", lambda a, b: np.inner(a, b), (2, 3, 4), (4,)),
    ("vdot", lambda a, b: np.vdot(a, b), (3, 4), (3, 4)),
    ("vdot", lambda a, b: np.vdot(a, b), (4,), (4,)),
    ("tensordot", lambda a, b: np.tensordot(a, b, axes=1), (3, 4), (4, 2)),
    ("tensordot", lambda a, b: np.tensordot(a, b), (2, 3, 4), (3, 4)),
    ("tensordot", lambda a, b: np.tensordot(a, b, axes=([0, 2], [1, 0])), (2, 3, 4), (4, 2, 3)),
    ("tensordot", lambda a, b: np.tensordot(a, b, axes=0), (2,), (3,)),
    ("einsum", lambda a, b: np.einsum("ij,jk->ik", a, b), (3, 4), (4, 2)),
    ("einsum", lambda a, b: np.einsum("ij,jk", a, b), (3, 4), (4, 2)),
    ("einsum", lambda a, b: np.einsum("bij,bkj->bik", a, b), (2, 3, 4), (2, 2, 4)),
    ("einsum", lambda a, b: np.einsum("bij,jk->", a, b), (2, 3, 4), (4, 2)),
    ("einsum", lambda a, b: np.einsum("i,j->ij", a, b), (3,), (4,)),
    ("einsum", lambda a, b: np.einsum("ij,k->ki", a, b), (3, 4), (2,)),
    ("einsum", lambda a, b: np.einsum("bij,bjk,kl->il", a, b, b[0]), (2, 3, 3), (2, 3, 3)),
    ("concatenate", lambda a, b: np.concatenate([a, b]), (2, 4), (3, 4)),
    ("concatenate", lambda a, b: np.concatenate((a, b, a), axis=1), (3, 2), (3, 1)),
    ("concatenate", lambda a, b: np.concatenate([a, b], axis=-1), (2, 3, 2), (2, 3, 1)),
    ("stack", lambda a, b: np.stack([a, b]), (3, 4), (3, 4)),
    ("stack", lambda a, b: np.stack([a, b, a * b], axis=-1), (3,), (3,)),
    ("stack", lambda a, b: np.stack([a, b], axis=1), (3, 4), (3, 4)),
    ("stack", lambda a, b: np.stack([a, b]), (), ()),
    ("vstack", lambda a, b: np.vstack([a, b]), (2, 4), (4,)),
    ("vstack", lambda a, b: np.vstack((a, b)), (4,), (4,)),
    ("hstack", lambda a, b: np.hstack([a, b]), (3, 2), (3, 1)),
    ("hstack", lambda a, b: np.hstack([a, b]), (3,), (2,)),
    ("column_stack", lambda a, b: np.column_stack([a, b]), (3,), (3, 2)),
    ("column_stack", lambda a, b: np.column_stack([a, b]), (3,), (3,)),
    ("take", lambda a, b: np.take(a, np.array([0, 1]), axis=-1) * b, (3, 4), (3, 1)),
    ("greater", lambda a, b: (a > b) * a + (a >= b) * b, (3, 4), (4,)),
    ("equal", lambda a, b: (a == b) * a + (a != b) * b, (3, 4), (4,)),
    ("less", lambda a, b: a * ((a < b) | (b <= 0)) + b * ~((a < b) & (b > 0)), (3, 4), (3, 4)),
]
# rows whose claims stand in test_operations.py, or that only the backward pass uses
ELSEWHERE = {
    "add", "subtract", "multiply", "divide", "negative", "maximum", "minimum", "exp", "log", "sqrt", "square", "abs",
    "tanh", "greater_equal", "less_equal", "not_equal", "logical_and", "logical_or", "invert",
    "astype", "same", "scatter", "product_of_others", "eye",
}  # fmt: skip


@pytest.mark.parametrize(("row", "operation", "shape", "between"), ONE, ids=[f"{o[0]}-{k}" for k, o in enumerate(ONE)])
def test_a_row_of_one_operand(
    row: str, operation: Function, shape: tuple[int, ...], between: tuple[float, float]
) -> None:
    """The gradient is that of the plain function, and the row is what was recorded."""
    a = drawn(shape, between)
    check(operation, {"a": a})
    recorded(row, operation, {"a": a})


@pytest.mark.parametrize(("row", "operation", "one", "two"), TWO, ids=[f"{o[0]}-{k}" for k, o in enumerate(TWO)])
def test_a_row_of_two_operands(row: str, operation: Function, one: tuple[int, ...], two: tuple[int, ...]) -> None:
    """Both operands get their gradients, also when the other one is data."""
    a, b = drawn(one, (-1.5, 1.5), seed=1), drawn(two, (-1.5, 1.5), seed=2) + 0.0137
    check(operation, {"a": a, "b": b})
    check(operation, {"b": b}, {"a": a})
    check(operation, {"a": a}, {"b": b})
    recorded(row, operation, {"a": a, "b": b})


def recorded(row: str, operation: Function, params: dict[str, Array]) -> None:
    shape = np.shape(operation(**params))
    data = {"w": drawn(shape, (-1, 1), seed=7)}
    program = engine.trace(weighted(operation), params, data)
    assert row in {node.op for node in program.nodes} or row in ("zeros", "ones", "arange")


def test_every_row_has_a_claim() -> None:
    """No operation is in the table without a test of its gradient."""
    claimed = {name for name, *_ in ONE} | {name for name, *_ in TWO} | ELSEWHERE
    assert claimed == set(TABLE)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_product_of_entries_with_zeros_among_them(dtype: str) -> None:
    """The gradient of a product is the product of the other entries, also where an entry is zero."""
    for zeros in ([], [1], [0, 2]):
        a = np.array([2.0, 3.0, 4.0], dtype)
        a[zeros] = 0
        gradient = engine.trace(lambda a: np.prod(a), {"a": a}, {}).recorded().gradients["a"]
        assert gradient.tolist() == [a[1] * a[2], a[0] * a[2], a[0] * a[1]]
        assert gradient.dtype == a.dtype


def test_a_power_at_zero_has_a_finite_gradient() -> None:
    """x⁰ is constant and x¹ has slope 1, also at x = 0; 0ˣ does not change with x."""
    base, exponent = np.array([0.0, 0.0, 2.0]), np.array([0.0, 1.0, 3.0])
    tape = engine.trace(lambda a, b: np.sum(a**b), {"a": base, "b": exponent}, {}).recorded()
    assert tape.gradients["a"].tolist() == [0.0, 1.0, 12.0]
    np.testing.assert_allclose(tape.gradients["b"], [0.0, 0.0, 8 * np.log(2)])


def test_what_is_clipped_has_no_gradient() -> None:
    """Beyond a bound and at it nothing passes; a bound that is a parameter gets what it holds back."""
    a, low = np.array([-2.0, -1.0, 0.5, 3.0]), np.array(-1.0)
    tape = engine.trace(
        lambda a, low, w: np.sum(w * np.clip(a, low, 1.0)), {"a": a, "low": low}, {"w": np.arange(1.0, 5)}
    )
    assert tape.recorded().gradients["a"].tolist() == [0.0, 0.0, 3.0, 0.0]
    assert tape.recorded().gradients["low"] == 3.0


def test_operations_work_in_single_precision() -> None:
    """float32 stays float32 through every kind of new row."""

    def loss(a: Any, b: Any) -> Any:
        joined = np.concatenate([np.stack([a, b]).sum(axis=0), np.clip(a, -1, 1)], axis=1)
        spread = (joined - joined.mean(axis=1, keepdims=True)) / joined.std(axis=1, keepdims=True)
        return np.sum(np.log1p(np.einsum("ij,kj->ik", spread, spread) ** 2)) + np.linalg.norm(a) + np.cumsum(b)[-1]

    a = drawn((3, 4), (-1.5, 1.5), "float32", seed=1)
    tape = holds(loss, {"a": a, "b": drawn((3, 4), (-1.5, 1.5), "float32", seed=2)})
    assert all(gradient.dtype == np.float32 for gradient in tape.gradients.values())


def test_a_choice_that_is_made_outside_takes_one_side_only() -> None:
    """np.where with a condition that is a single number of the file: the side that is not chosen has no gradient."""
    limit = np.array(0.5)
    tape = holds(lambda a: np.sum(np.where(limit >= 0.3, 0.0, a)) + np.sum(a), {"a": np.array([1.0, 2.0])})
    assert tape.gradients["a"].tolist() == [1.0, 1.0]


def test_writing_to_positions_of_data_is_no_mask() -> None:
    """Whole numbers as many as the array has entries are positions; other positions are never silently the old ones."""

    def loss(a: Any, ids: Any) -> Any:
        h = a * 1.0
        h[ids] = a[0] * 2
        return np.sum(h * np.array([1.0, 10.0]))

    tape = holds(loss, {"a": np.array([0.5, 3.0])}, {"ids": np.array([-1, -2])})
    with pytest.raises(engine.RunError, match="Trace again"):
        tape.program.run({"a": np.array([0.5, 3.0])}, {"ids": np.array([1, 1])})
