"""Every recorded operation has the right gradient, for every shape, float type and memory order it is used with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import Array, holds, mirrored

Function = Callable[..., Any]

# Name, operation, where its operands may lie. Values keep well away from kinks and poles.
UNARY: list[tuple[str, Function, tuple[float, float]]] = [
    ("negative", lambda a: -a, (-2, 2)),
    ("np.negative", lambda a: np.negative(a), (-2, 2)),
    ("positive", lambda a: +a, (-2, 2)),
    ("exp", lambda a: np.exp(a), (-2, 2)),
    ("log", lambda a: np.log(a), (0.5, 3)),
    ("sqrt", lambda a: np.sqrt(a), (0.5, 3)),
    ("square", lambda a: np.square(a), (-2, 2)),
    ("abs", lambda a: np.abs(a), (0.2, 2)),
    ("abs of a negative", lambda a: abs(-a), (0.2, 2)),
    ("tanh", lambda a: np.tanh(a), (-2, 2)),
    ("sigmoid", lambda a: 1 / (1 + np.exp(-a)), (-2, 2)),
    ("power 2", lambda a: a**2, (-2, 2)),
    ("power 3", lambda a: a**3, (-2, 2)),
    ("power -1", lambda a: a**-1, (0.5, 2)),
    ("power 0.5", lambda a: a**0.5, (0.5, 2)),
    ("power 1", lambda a: a**1, (-2, 2)),
    ("power 0", lambda a: a**0 + a, (0.5, 2)),
    ("np.power", lambda a: np.power(a, 3), (-2, 2)),
    ("2 ** a", lambda a: 2**a, (-2, 2)),
    ("relu", lambda a: np.maximum(a, 0), (0.2, 2)),
    ("relu of a negative", lambda a: np.maximum(0, -a) + a, (0.2, 2)),
    ("minimum", lambda a: np.minimum(a, 1.0), (1.2, 2)),
    ("leaky relu", lambda a: np.where(a > 0, a, 0.1 * a), (0.2, 2)),
    ("relu by mask", lambda a: a * (a > 0), (0.2, 2)),
    ("mask by and", lambda a: a * ((a > 0) & (a < 5)), (0.2, 2)),
    ("mask by not", lambda a: a * ~(a < 0), (0.2, 2)),
    ("scale", lambda a: 0.5 * a, (-2, 2)),
    ("halve", lambda a: a / 2, (-2, 2)),
    ("reciprocal", lambda a: 3 / a, (0.5, 2)),
    ("one minus", lambda a: 1 - a, (-2, 2)),
    ("sum", lambda a: np.sum(a), (-2, 2)),
    (".sum()", lambda a: a.sum(), (-2, 2)),
    ("mean", lambda a: np.mean(a), (-2, 2)),
    (".mean()", lambda a: a.mean(), (-2, 2)),
    ("max", lambda a: np.max(a), (-2, 2)),
    (".max()", lambda a: a.max(), (-2, 2)),
    ("min", lambda a: np.min(a), (-2, 2)),
    ("T", lambda a: a.T, (-2, 2)),
    ("transpose", lambda a: np.transpose(a), (-2, 2)),
    ("reshape", lambda a: a.reshape(-1), (-2, 2)),
    ("np.reshape", lambda a: np.reshape(a, (-1, 1)), (-2, 2)),
    ("ravel", lambda a: a.ravel(), (-2, 2)),
    ("copy", lambda a: a.copy(), (-2, 2)),
    ("new axis", lambda a: a[None], (-2, 2)),
    ("ellipsis", lambda a: a[...], (-2, 2)),
    ("same value twice", lambda a: a * a + a, (-2, 2)),
    ("astype", lambda a: a.astype(np.float64), (-2, 2)),
]
MATRIX: list[tuple[str, Function]] = [
    ("sum over rows", lambda a: np.sum(a, axis=0)),
    ("sum over columns", lambda a: a.sum(axis=1, keepdims=True)),
    ("sum over the last axis", lambda a: a.sum(axis=-1)),
    ("sum over both axes", lambda a: a.sum(axis=(0, 1))),
    ("mean over rows", lambda a: a.mean(axis=0)),
    ("mean over columns", lambda a: np.mean(a, axis=1, keepdims=True)),
    ("max over rows", lambda a: a.max(axis=0)),
    ("max over columns", lambda a: np.max(a, axis=1, keepdims=True)),
    ("min over columns", lambda a: np.min(a, axis=1)),
    ("softmax", lambda a: np.exp(a) / np.exp(a).sum(axis=0, keepdims=True)),
    ("log-softmax", lambda a: a - np.log(np.sum(np.exp(a), axis=1, keepdims=True))),
    ("first row", lambda a: a[0]),
    ("one entry", lambda a: a[1, -1]),
    ("some rows", lambda a: a[1:]),
    ("some columns", lambda a: a[:, ::2]),
    ("reversed", lambda a: a[::-1]),
    ("column as a matrix", lambda a: a[:, 1:2]),
    ("middle axis", lambda a: a[:, None]),
    ("pairs of integers", lambda a: a[np.arange(3), np.array([2, 0, 3])]),
    ("repeated integers", lambda a: a[np.array([0, 2, 0])]),
    ("a list of integers", lambda a: a[[0, 2, 0]]),
    ("repeated columns", lambda a: a[:, np.array([1, 1, 2])]),
    ("rows and one column", lambda a: a[np.array([1, 2, 1]), 0]),
    ("a boolean mask", lambda a: a[np.arange(12).reshape(3, 4) % 3 == 0]),
    ("boolean rows", lambda a: a[np.array([True, False, True])]),
    ("its own mask", lambda a: a[a > 0]),
    ("reshape", lambda a: a.reshape(2, 6)),
    ("a tuple to reshape", lambda a: a.reshape((4, -1))),
    ("flatten", lambda a: a.flatten()),
    ("expand_dims", lambda a: np.expand_dims(a, 1)),
    ("squeeze", lambda a: a[None].squeeze()),
    ("transpose by axes", lambda a: a.transpose(1, 0)),
    ("transpose of three axes", lambda a: a.reshape(3, 2, 2).transpose(2, 0, 1)),
    ("sum of three axes", lambda a: a.reshape(3, 2, 2).sum(axis=(0, 2))),
    ("normalised rows", lambda a: a / np.sqrt(np.sum(a**2, axis=1, keepdims=True))),
    ("standardised", lambda a: (a - a.mean(axis=0)) / np.sqrt(((a - a.mean(axis=0)) ** 2).mean(axis=0) + 1e-3)),
]
BINARY: list[tuple[str, Function, tuple[float, float]]] = [
    ("add", lambda a, b: a + b, (-2, 2)),
    ("subtract", lambda a, b: a - b, (-2, 2)),
    ("multiply", lambda a, b: a * b, (-2, 2)),
    ("divide", lambda a, b: a / b, (0.5, 2)),
    ("power", lambda a, b: a**b, (0.5, 2)),
    ("maximum", lambda a, b: np.maximum(a, b), (-2, 2)),
    ("minimum", lambda a, b: np.minimum(a, b), (-2, 2)),
    ("where", lambda a, b: np.where(a > b, a * 2, b * 3), (-2, 2)),
    ("np.add", lambda a, b: np.add(a, b), (-2, 2)),
    ("np.subtract", lambda a, b: np.subtract(a, b), (-2, 2)),
    ("np.multiply", lambda a, b: np.multiply(a, b), (-2, 2)),
    ("np.divide", lambda a, b: np.divide(a, b), (0.5, 2)),
]
PRODUCTS: list[tuple[str, Function, list[tuple[tuple[int, ...], tuple[int, ...]]]]] = [
    ("@", lambda a, b: a @ b, [((3, 4), (4, 2)), ((3, 4), (4,)), ((3,), (3, 4)), ((4,), (4,)), ((1, 1), (1, 1))]),
    ("np.dot", lambda a, b: np.dot(a, b), [((3, 4), (4, 2)), ((3, 4), (4,)), ((3,), (3, 4)), ((4,), (4,)), ((), (3,))]),
    (".dot", lambda a, b: a.dot(b), [((3, 4), (4, 2)), ((3, 4), (4,)), ((4,), (4,))]),
    ("np.matmul", lambda a, b: np.matmul(a, b), [((3, 4), (4, 2)), ((4,), (4, 2))]),
    ("a.T @ b", lambda a, b: a.T @ b, [((4, 3), (4, 2)), ((4,), (4, 2))]),
    ("a @ b.T", lambda a, b: a @ b.T, [((3, 4), (2, 4)), ((3, 4), (4,))]),
    ("np.outer", lambda a, b: np.outer(a, b), [((3,), (4,)), ((1,), (4,))]),
]
SHAPES = [(3, 4), (4,), (), (1, 1), (3, 1)]
PAIRS = [
    ((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 4), (3, 1)), ((3, 4), (1, 4)), ((3, 4), (1, 1)), ((3, 4), ()),
    ((4,), (3, 4)), ((1, 4), (3, 1)), ((4,), (3, 1)), ((4,), (4,)), ((4,), ()), ((), ()), ((1, 1), ()),
]  # fmt: skip


def drawn(shape: tuple[int, ...], between: tuple[float, float], dtype: str = "float64", seed: int = 0) -> Array:
    """Distinct values between two bounds, none near 0 or near another one."""
    size = int(np.prod(shape, dtype=int))
    low, high = between
    even = low + (high - low) * (np.arange(2 * size + 3) + 0.37) / (2 * size + 3)
    even = even[np.abs(even) > 0.02]
    chosen = np.random.default_rng(seed + size).permutation(even)[:size]
    return np.array(chosen.reshape(shape), dtype=dtype)


def weighted(operation: Function) -> Function:
    """A loss that weighs every entry of the result differently, so that a gradient in the wrong place shows."""

    def loss(w: Any, **operands: Any) -> Any:
        return np.sum(w * operation(**operands))

    return loss


def check(operation: Function, params: dict[str, Array], data: dict[str, Array] | None = None) -> None:
    data = data or {}
    with np.errstate(all="ignore"):
        shape = np.shape(operation(**params, **data))
    weights = drawn(shape, (-1, 1), str(next(iter(params.values())).dtype), seed=7)
    given = {**data, "w": weights}
    tape = holds(weighted(operation), params, given)
    try:
        mirrored(tape, params, given)
    except engine.MirrorError as reason:
        assert reason.file is not None and reason.reason


def variants(array: Array) -> Iterator[Array]:
    """The same values in the memory layouts that people hand over."""
    yield array
    yield np.asfortranarray(array)
    wide = np.zeros(tuple(2 * n for n in array.shape), array.dtype)
    strided = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    strided[...] = array
    yield strided


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "operation", "domain"), UNARY, ids=[u[0] for u in UNARY])
def test_an_operation_on_one_array(
    name: str, operation: Function, domain: tuple[float, float], shape: tuple[int, ...]
) -> None:
    """Gradients agree with differences of the plain function for matrices, vectors and numbers."""
    check(operation, {"a": drawn(shape, domain)})


@pytest.mark.parametrize(("name", "operation"), MATRIX, ids=[m[0] for m in MATRIX])
def test_an_operation_along_the_axes_of_a_matrix(name: str, operation: Function) -> None:
    """Reductions over axes, every kind of index, and reshapes send each entry's gradient where it came from."""
    check(operation, {"a": drawn((3, 4), (-2, 2))})


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize(("name", "operation", "domain"), BINARY, ids=[b[0] for b in BINARY])
def test_an_operation_on_two_arrays_that_broadcast(
    name: str, operation: Function, domain: tuple[float, float], shapes: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    """A gradient is summed over exactly the axes along which its operand was broadcast, on either side."""
    a, b = drawn(shapes[0], domain, seed=1), drawn(shapes[1], domain, seed=2)
    b = b + 0.0137
    check(operation, {"a": a, "b": b})
    check(operation, {"b": b}, {"a": a})
    check(operation, {"a": a}, {"b": b})


@pytest.mark.parametrize(("name", "operation", "shapes"), PRODUCTS, ids=[p[0] for p in PRODUCTS])
def test_a_product(name: str, operation: Function, shapes: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    """Matrix, vector and inner products, in every spelling, with either factor a parameter."""
    for left, right in shapes:
        a, b = drawn(left, (-2, 2), seed=3), drawn(right, (-2, 2), seed=4)
        check(operation, {"a": a, "b": b})
        check(operation, {"b": b}, {"a": a})
        check(operation, {"a": a}, {"b": b})


FLOAT32 = [u for u in UNARY if u[0] != "astype"]


@pytest.mark.parametrize(("name", "operation", "domain"), FLOAT32, ids=[u[0] for u in FLOAT32])
def test_float32_stays_float32(name: str, operation: Function, domain: tuple[float, float]) -> None:
    """A float32 program computes nothing in float64, forwards or backwards: not a value, not a gradient."""
    for shape in ((3, 4), (4,)):
        a = drawn(shape, domain, "float32")
        check(operation, {"a": a})
        program = engine.trace(lambda a: np.sum(operation(a)), {"a": a}, {})
        for reading in (program, program.unfused()):
            floats = {v.dtype for v in reading.values if v.dtype.kind == "f" and not v.literal}
            assert floats == {np.dtype(np.float32)}


@pytest.mark.parametrize(("name", "operation"), MATRIX, ids=[m[0] for m in MATRIX])
def test_float32_matrices_stay_float32(name: str, operation: Function) -> None:
    check(operation, {"a": drawn((3, 4), (-2, 2), "float32")})
    program = engine.trace(lambda a: np.sum(operation(a)), {"a": drawn((3, 4), (-2, 2), "float32")}, {})
    assert {v.dtype for v in program.values if v.dtype.kind == "f" and not v.literal} == {np.dtype(np.float32)}


def test_mixed_precision_gives_each_parameter_a_gradient_of_its_own_type() -> None:
    """A float32 parameter beside float64 data is computed in float64, and its gradient comes back as float32."""
    w = drawn((3, 4), (-1, 1), "float32")
    x = drawn((4, 2), (-1, 1))
    tape = holds(lambda W, x: np.sum(np.tanh(W @ x) ** 2), {"W": w}, {"x": x})
    assert tape["dW"].dtype == np.float32


@pytest.mark.parametrize("operation", [u[1] for u in UNARY[:12]] + [m[1] for m in MATRIX[:16]])
def test_memory_order_makes_no_difference(operation: Function) -> None:
    """C order, Fortran order and strided slices of a larger array all give the right gradient."""
    for array in variants(drawn((3, 4), (0.5, 2))):
        check(operation, {"a": array})


@pytest.mark.parametrize("operation", [p[1] for p in PRODUCTS[:6]])
def test_memory_order_makes_no_difference_to_products(operation: Function) -> None:
    shapes = {5: ((3, 4), (2, 4)), 4: ((4, 3), (4, 2))}.get([p[1] for p in PRODUCTS].index(operation), ((3, 4), (4, 2)))
    for a in variants(drawn(shapes[0], (-2, 2), seed=3)):
        for b in variants(drawn(shapes[1], (-2, 2), seed=4)):
            check(operation, {"a": a, "b": b})


def masked(a: Any) -> Any:
    h = a * 2
    h[h < 0] = 0
    return h


def masked_with_values(a: Any) -> Any:
    h = a * 2
    mask = np.arange(12).reshape(3, 4) % 2 == 0
    h[mask] = a.ravel()[:6]
    return h * h


def rows_replaced(a: Any) -> Any:
    h = np.tanh(a)
    h[0] = a[1] * 3
    h[1:, 2] = 0.5
    return h


def entry_replaced(a: Any) -> Any:
    h = a + 1
    h[1, 2] = h[0, 0] * a[2, 3]
    return h


def augmented(a: Any) -> Any:
    h = np.exp(a)
    h += a
    h *= 2
    h -= 1
    h /= 3
    h **= 2
    return h


def rows_augmented(a: Any) -> Any:
    h = a * 1.0
    h[0] = h[0] + a[1]
    h[:, 1] = h[:, 1] * 2
    h[h > 1] += 0.5
    return h


def entries_replaced(a: Any) -> Any:
    h = a * 2
    h[np.arange(3), [3, 0, 2]] = a[:, 0] ** 2
    h[[2, 0]] = a[1]
    h[:, [1]] = 0.5
    h[-1, np.array([0, 3])] = np.sum(a)
    return h * h


def rows_chosen_by_mask(a: Any) -> Any:
    h = a * 2
    h[np.array([True, False, True])] = a[1] * 3
    h[:, np.array([True, False, False, True])] *= 2
    return h * h


def rows_swapped(a: Any) -> Any:
    h = np.tanh(a)
    h[0] = h[1]
    h[:, 2] = h[:, 0]
    return h * np.arange(12).reshape(3, 4)


def filled(a: Any) -> Any:
    h = a * 1
    h[...] = 0
    h[:] = a * 3
    return h


@pytest.mark.parametrize(
    "operation",
    [
        masked,
        masked_with_values,
        rows_replaced,
        entry_replaced,
        entries_replaced,
        rows_chosen_by_mask,
        rows_swapped,
        augmented,
        rows_augmented,
        filled,
    ],
    ids=lambda f: f.__name__,
)
def test_writing_into_an_array_of_its_own(operation: Function) -> None:
    """In-place writes become new values: what was overwritten gets no gradient, what was written gets its own."""
    check(operation, {"a": drawn((3, 4), (-2, 2))})
    check(operation, {"a": drawn((3, 4), (-2, 2), "float32")})


def test_ties_of_a_maximum_share_the_gradient() -> None:
    """Where a maximum is attained twice no derivative exists; the gradient is then shared equally, and adds up."""
    tape = holds_not = engine.trace(lambda a: np.sum(a.max(axis=0)), {"a": np.array([[1.0, 3.0], [1.0, 2.0]])}, {})
    gradient = tape.run({"a": np.array([[1.0, 3.0], [1.0, 2.0]])}, {})["da"]
    assert holds_not.names
    np.testing.assert_array_equal(gradient, [[0.5, 1.0], [0.5, 0.0]])


def test_relu_at_zero_has_gradient_zero() -> None:
    """ReLU′(0) = 0, in each spelling, as in the notes' mask z > 0."""
    z = np.array([[0.0, 1.0, -1.0]])
    for relu in (
        lambda z: np.maximum(z, 0),
        lambda z: np.maximum(0, z),
        lambda z: z * (z > 0),
        lambda z: np.where(z > 0, z, 0),
    ):
        gradient = engine.trace(lambda z, relu=relu: np.sum(relu(z)), {"z": z}, {}).run({"z": z}, {})["dz"]
        np.testing.assert_array_equal(gradient, [[0.0, 1.0, 0.0]])


def test_a_parameter_that_the_loss_does_not_use_has_gradient_zero() -> None:
    tape = holds(lambda a, b: np.sum(a**2), {"a": drawn((2, 2), (-1, 1)), "b": drawn((3,), (-1, 1))})
    np.testing.assert_array_equal(tape["db"], np.zeros(3))


def test_a_parameter_used_several_times_gets_the_sum_over_all_uses() -> None:
    holds(lambda W, x: np.sum(np.tanh(W @ np.tanh(W @ x)) * (W @ x)), {"W": drawn((3, 3), (-1, 1))},
          {"x": drawn((3, 2), (-1, 1))})  # fmt: skip


def test_a_value_that_is_used_after_it_was_overwritten_elsewhere_keeps_its_old_gradient() -> None:
    """``h`` is used, then updated, then used again: both uses count, each with the value it had."""

    def loss(a: Any) -> Any:
        h = a * 2
        first = np.sum(h**2)
        h[0] = a[1] ** 2
        return first + np.sum(h**3)

    holds(loss, {"a": drawn((3, 2), (-1, 1))})
