"""What cannot be recorded faithfully is refused, with the file, the line, the text there and the reason.

Each loss below has the comment ``# here`` on the line that the message must name.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine

COUNTER = 0
GENERATOR = np.random.default_rng(5)
STATE: dict[str, Any] = {"scale": 1.0}

PARAMS = {"W": np.array([[0.5, -0.3, 0.8], [-0.7, 0.4, 0.1]]), "b": np.array([[0.1], [-0.2]])}
DATA = {"x": np.array([[1.4, 0.2], [-0.8, 0.6], [0.5, -1.1]]), "n": np.array([0, 1])}


def out_argument(x: Any, W: Any) -> Any:
    h = W @ x
    np.maximum(h, 0, out=h)  # here
    return np.sum(h)


def out_on_a_plain_array(x: Any, W: Any) -> Any:
    store = np.zeros((2, 2))
    np.matmul(W, x, out=store)  # here
    return np.sum(store)


STORE = np.zeros((2, 2))


def assigned_into_an_array_of_the_file(x: Any, W: Any) -> Any:
    STORE[0] = W[0] @ x  # here
    return np.sum(STORE)


def fft(x: Any, W: Any) -> Any:
    f = np.fft.fft(W @ x)  # here
    return np.sum(f)


def einsum_with_dots(x: Any, W: Any) -> Any:
    return np.sum(np.einsum("...j,jk->...k", W, x))  # here


def einsum_of_a_diagonal(x: Any, W: Any) -> Any:
    return np.sum(np.einsum("ii->i", W @ x))  # here


def spectral_norm(x: Any, W: Any) -> Any:
    return np.linalg.norm(W @ x, ord=2)  # here


def only_argmax(x: Any, W: Any) -> Any:
    best = np.argmax(W @ x, axis=0)  # here
    return np.sum(best * 1.0)


def cumprod(x: Any, W: Any) -> Any:
    return np.sum(np.cumprod(W @ x))  # here


def sort_method(x: Any, W: Any) -> Any:
    order = (W @ x).argsort(axis=0)  # here
    return np.sum(W) * np.sum(order)


def difference(x: Any, W: Any) -> Any:
    return np.sum(np.ediff1d(W @ x) ** 2)  # here


def inverse(x: Any, W: Any) -> Any:
    return np.sum(np.linalg.inv(W @ x))  # here


def convolved(x: Any, W: Any) -> Any:
    return np.sum(np.convolve(W[0], x[0]))  # here


def counted_repeats(x: Any, W: Any) -> Any:
    return np.sum(np.repeat(W, [1, 2], axis=0))  # here


def padded_with_the_edge(x: Any, W: Any) -> Any:
    return np.sum(np.pad(W, 1, mode="edge"))  # here


def product_over_two_of_three_axes(x: Any, W: Any) -> Any:
    return np.sum(np.prod(W[None], axis=(0, 1)))  # here


def variance_without_freedom(x: Any, W: Any) -> Any:
    return np.sum(np.var(W[:, :1], axis=1, ddof=1))  # here


def dot_of_stacks(x: Any, W: Any) -> Any:
    return np.sum(np.dot(W, x[None]))  # here


def greatest_without_nan(x: Any, W: Any) -> Any:
    return np.sum(np.fmax(W @ x, 0))  # here


def columns_by_index_trick(x: Any, W: Any) -> Any:
    return np.sum(np.c_[np.ones((1, 2, 2)), W[None]])  # here


def unknown_argument(x: Any, W: Any) -> Any:
    return np.sum(np.take(W, [0, 1], axis=1, mode="wrap"))  # here


def another_library(x: Any, W: Any) -> Any:
    squash = np.frompyfunc(lambda v: v / (1 + abs(v)), 1, 1)
    return np.sum(squash(W @ x))  # here


def as_array(x: Any, W: Any) -> Any:
    plain = np.array(W @ x, ndmin=3)  # here
    return np.sum(plain)


def as_new_array(x: Any, W: Any) -> Any:
    plain = np.array(W, dtype=int) * 2  # here
    return np.sum(plain)


def list_operand(x: Any, W: Any) -> Any:
    return np.sum(x[0] * [W[0, 0], W[0, 1]])  # here


def median_of_list(x: Any, W: Any) -> Any:
    return np.median([W[0, 0], W[0, 1]])  # here


def to_float(x: Any, W: Any) -> Any:
    scale = float(np.sum(W))  # here
    return np.sum(W @ x) * scale


def to_int(x: Any, W: Any) -> Any:
    times = int(np.sum(W))  # here
    return np.sum(W @ x) * times


def item(x: Any, W: Any) -> Any:
    return np.sum(W @ x) * W[0, 0].item()  # here


def to_list(x: Any, W: Any) -> Any:
    return np.sum(x) * sum((W[0]).tolist())  # here


def an_if(x: Any, W: Any) -> Any:
    if np.sum(W @ x) > 0:  # here
        return np.sum(W)
    return np.sum(W @ x)


def a_while(x: Any, W: Any) -> Any:
    total = np.sum(W @ x)
    while total > 1:  # here
        total = total / 2
    return total


def a_bool(x: Any, W: Any) -> Any:
    return np.sum(W @ x) * bool(W[0, 0] > 0)  # here


def a_python_max(x: Any, W: Any) -> Any:
    return max(np.sum(W), 0)  # here


def math_exp(x: Any, W: Any) -> Any:
    return np.sum(W) * math.exp(W[0, 0])  # here


def formatted_condition(x: Any, W: Any) -> Any:
    f = W @ x
    assert np.all(f < 100)  # here
    return np.sum(f)


def writes_to_a_parameter(x: Any, W: Any) -> Any:
    W -= 0.1  # here
    return np.sum(W @ x)


def writes_to_an_entry_of_data(x: Any, W: Any) -> Any:
    x[0] = 0  # here
    return np.sum(W @ x)


def writes_through_a_view(x: Any, W: Any) -> Any:
    h = W @ x
    row = h[0]
    row[:] = 0  # here
    return np.sum(h)


def adds_through_a_transpose(x: Any, W: Any) -> Any:
    h = W @ x
    turned = h.T
    turned += 1  # here
    return np.sum(h)


def adds_to_a_named_row(x: Any, W: Any) -> Any:
    h = W @ x
    row = h[0]
    row += 1  # here
    return np.sum(h)


def writes_beside_a_live_view(x: Any, W: Any) -> Any:
    h = W @ x
    row = h[0]
    h[h < 0] = 0  # here
    return np.sum(h) + np.sum(row)


def repeated_integers(x: Any, W: Any) -> Any:
    h = W @ x
    h[np.array([0, 0])] = x[:2]  # here
    return np.sum(h)


def repeated_integers_of_active_values(x: Any, W: Any) -> Any:
    h = W @ x
    h[[1, 1], [0, 0]] += 1  # here
    return np.sum(h)


def remainder(x: Any, W: Any) -> Any:
    return np.sum((W @ x) % 2)  # here


def whole_division(x: Any, W: Any) -> Any:
    return np.sum(1 // (W @ x))  # here


def rounds_to_integers(x: Any, W: Any) -> Any:
    return np.sum((W @ x).astype(int))  # here


def complex_number(x: Any, W: Any) -> Any:
    return np.sum(W @ x * 1j)  # here


def complex_array(x: Any, W: Any) -> Any:
    return np.sum((W @ x) * np.array([1j, 2]))  # here


def object_array(x: Any, W: Any) -> Any:
    return np.sum((W @ x) * np.array([1, 2], dtype=object))  # here


def active_single_index(x: Any, W: Any) -> Any:
    return np.sum(x * W[0, 0]) * x[W[0, 0] > 0, 0]  # here


def sum_with_where(x: Any, W: Any) -> Any:
    return np.sum(W @ x, where=np.array([True, False]))  # here


def add_reduceat(x: Any, W: Any) -> Any:
    return np.sum(np.add.reduceat(W[0], [0, 2]))  # here


def swallowed(x: Any, W: Any) -> Any:
    f = W @ x
    try:
        scale = float(np.sum(f))  # here
    except Exception:
        scale = 1.0
    return np.sum(f) * scale


def swallowed_by_type(x: Any, W: Any) -> Any:
    f = W @ x
    try:
        scale = math.sqrt(np.sum(f))  # here
    except (TypeError, ValueError):
        scale = 1.0
    return np.sum(f) * scale


REFUSED: list[tuple[Callable[..., Any], str, tuple[str, ...]]] = [
    (out_argument, "np.maximum(h, 0, out=h)", ("np.maximum", "out=")),
    (out_on_a_plain_array, "np.matmul(W, x, out=store)", ("np.matmul", "out=")),
    (assigned_into_an_array_of_the_file, "STORE[0] = W[0] @ x", ("depends on a parameter",)),
    (fft, "np.fft.fft(W @ x)", ("np.fft.fft", "not among the operations")),
    (einsum_with_dots, "np.einsum", ("np.einsum", "...", "Name every axis")),
    (einsum_of_a_diagonal, "np.einsum", ("one letter twice", "np.diag")),
    (spectral_norm, "np.linalg.norm(W @ x, ord=2)", ("np.linalg.norm", "ord=2", "matrix norm")),
    (only_argmax, "np.argmax(W @ x, axis=0)", ("every gradient of loss is zero", "argmax", "jumps")),
    (cumprod, "np.cumprod(W @ x)", ("np.cumprod", "not among the operations", "np.cumsum(np.log(a))")),
    (sort_method, "(W @ x).argsort", (".argsort", "outside loss")),
    (difference, "np.ediff1d(W @ x)", ("np.ediff1d", "list --operations")),
    (inverse, "np.linalg.inv(W @ x)", ("np.linalg.inv", "chainstep list --operations")),
    (convolved, "np.convolve(W[0], x[0])", ("np.convolve", "kernel")),
    (counted_repeats, "np.repeat(W, [1, 2], axis=0)", ("np.repeat", "each entry", "Index")),
    (padded_with_the_edge, 'np.pad(W, 1, mode="edge")', ("np.pad", "zeros", "np.concatenate")),
    (product_over_two_of_three_axes, "np.prod(W[None], axis=(0, 1))", ("np.prod", "several axes")),
    (variance_without_freedom, "np.var(W[:, :1], axis=1, ddof=1)", ("np.var", "ddof=1", "divides by 0")),
    (dot_of_stacks, "np.dot(W, x[None])", ("np.dot", "two dimensions", "a @ b")),
    (greatest_without_nan, "np.fmax(W @ x, 0)", ("np.fmax", "np.maximum(a, b)")),
    (columns_by_index_trick, "np.c_[np.ones((1, 2, 2)), W[None]]", ("np.c_", "np.concatenate")),
    (unknown_argument, 'np.take(W, [0, 1], axis=1, mode="wrap")', ("np.take", "mode=")),
    (another_library, "squash(W @ x)", ("not among the operations",)),
    (as_array, "np.array(W @ x, ndmin=3)", ("plain array", "depends on a parameter")),
    (as_new_array, "np.array(W, dtype=int)", ("plain array", "depends on a parameter")),
    (list_operand, "x[0] * [W[0, 0], W[0, 1]]", ("list",)),
    (median_of_list, "np.median([W[0, 0], W[0, 1]])", ("plain array",)),
    (to_float, "float(np.sum(W))", ("float()", "depends on a parameter")),
    (to_int, "int(np.sum(W))", ("int()", "depends on a parameter")),
    (item, "W[0, 0].item()", (".item()", "depends on a parameter")),
    (to_list, "(W[0]).tolist()", (".tolist()", "depends on a parameter")),
    (an_if, "np.sum(W @ x) > 0", ("condition", "depends on a parameter")),
    (a_while, "total > 1", ("condition", "depends on a parameter")),
    (a_bool, "bool(W[0, 0] > 0)", ("condition", "depends on a parameter")),
    (a_python_max, "max(np.sum(W), 0)", ("condition", "depends on a parameter", "np.maximum(a, b)")),
    (math_exp, "math.exp(W[0, 0])", ("float()", "depends on a parameter", "np.exp instead of math.exp")),
    (formatted_condition, "np.all(f < 100)", ("np.all",)),
    (writes_to_a_parameter, "W -= 0.1", ("-=", "argument")),
    (writes_to_an_entry_of_data, "x[0] = 0", ("assignment", "argument")),
    (writes_through_a_view, "row[:] = 0", ("view",)),
    (adds_through_a_transpose, "turned += 1", ("+=", "view")),
    (adds_to_a_named_row, "row += 1", ("+=", "view")),
    (writes_beside_a_live_view, "h[h < 0] = 0", ("view", "in use")),
    (repeated_integers, "h[np.array([0, 0])] = x[:2]", ("integer", "comes twice")),
    (repeated_integers_of_active_values, "h[[1, 1], [0, 0]] += 1", ("comes twice",)),
    (remainder, "(W @ x) % 2", ("the operator %", "not among the operations")),
    (whole_division, "1 // (W @ x)", ("the operator //", "not among the operations")),
    (rounds_to_integers, "(W @ x).astype(int)", (".astype(int64)",)),
    (complex_number, "W @ x * 1j", ("complex", "real numbers")),
    (complex_array, "(W @ x) * np.array([1j, 2])", ("complex", "real numbers")),
    (object_array, "(W @ x) * np.array([1, 2], dtype=object)", ("object", "real numbers")),
    (active_single_index, "x[W[0, 0] > 0, 0]", ("single True or False",)),
    (sum_with_where, "np.sum(W @ x, where=np.array([True, False]))", ("np.sum", "where=")),
    (add_reduceat, "np.add.reduceat(W[0], [0, 2])", ("np.add.reduceat",)),
    (swallowed, "float(np.sum(f))", ("float()", "depends on a parameter")),
    (swallowed_by_type, "math.sqrt(np.sum(f))", ("float()", "depends on a parameter")),
]


def line_marked(function: Callable[..., Any]) -> int:
    """The line number of ``# here``."""
    lines, first = inspect.getsourcelines(function)
    return first + next(k for k, line in enumerate(lines) if "# here" in line)


def refused(loss: Callable[..., Any], params: Any = None, data: Any = None) -> engine.TraceError:
    """The TraceError of recording ``loss``, on arrays that only hold what it asks for."""
    names = inspect.signature(loss).parameters
    params = {k: v for k, v in PARAMS.items() if k in names} if params is None else params
    data = {k: v for k, v in DATA.items() if k in names} if data is None else data
    with pytest.raises(engine.TraceError) as caught:
        engine.trace(loss, params, data)
    return caught.value


@pytest.mark.parametrize(("loss", "text", "said"), REFUSED, ids=[f[0].__name__ for f in REFUSED])
def test_a_refusal_names_the_place_and_the_reason(loss: Callable[..., Any], text: str, said: tuple[str, ...]) -> None:
    """File, line, the very expression, and what about it cannot be recorded."""
    error = refused(loss)
    assert Path(error.file or "").name == "test_refusals.py"
    assert error.line == line_marked(loss)
    assert text in error.text
    for words in said:
        assert words in f"{error.reason} {error.cure}"
    assert str(error).startswith(f"test_refusals.py, line {error.line}: {error.text}")
    assert str(error).count("\n") <= 2


def test_a_refusal_is_neither_a_type_error_nor_a_value_error() -> None:
    """So that a person's own ``except (TypeError, ValueError)`` lets it through."""
    assert not issubclass(engine.TraceError, TypeError | ValueError)


def test_the_arrays_that_were_handed_over_are_never_changed() -> None:
    params, data = {"W": PARAMS["W"].copy()}, {"x": DATA["x"].copy()}
    refused(writes_to_a_parameter, params, data)
    refused(writes_to_an_entry_of_data, params, data)
    np.testing.assert_array_equal(params["W"], PARAMS["W"])
    np.testing.assert_array_equal(data["x"], DATA["x"])


# what changes from run to run, or depends on more than the arguments


def dropout(x: Any, W: Any) -> Any:
    mask = np.random.rand(2, 2) > 0.5  # noqa: NPY002
    return np.sum(W @ x * mask)  # here


def dropout_with_an_unseeded_generator(x: Any, W: Any) -> Any:
    noise = np.random.default_rng().normal(size=(2, 2))
    h = W @ x
    return np.sum(h + noise)  # here


def dropout_with_a_shared_generator(x: Any, W: Any) -> Any:
    return np.sum(W @ x + GENERATOR.normal(size=(2, 2)))  # here


def random_number(x: Any, W: Any) -> Any:
    return np.sum(W @ x) * GENERATOR.random()  # here


def counts_calls(x: Any, W: Any) -> Any:
    global COUNTER
    COUNTER += 1
    return np.sum(W @ x) * COUNTER  # here


def remembers(x: Any, W: Any) -> Any:
    STATE["scale"] = STATE["scale"] * 0.5
    return np.sum(W @ x) * STATE["scale"]  # here


def asks_for_the_type(x: Any, W: Any) -> Any:
    f = W @ x
    if isinstance(f, np.ndarray):
        f = f * 3
    return np.sum(f)


def asks_for_the_exact_type(x: Any, W: Any) -> Any:
    return np.sum(W @ x) if type(W) is np.ndarray else np.sum(W @ x) * 2


CHANGING = [
    dropout, dropout_with_an_unseeded_generator, dropout_with_a_shared_generator, random_number, counts_calls, remembers
]  # fmt: skip


@pytest.mark.parametrize("loss", CHANGING, ids=lambda f: f.__name__)
def test_numbers_that_change_from_run_to_run_are_refused_where_they_are_used(loss: Callable[..., Any]) -> None:
    """A gradient of one random draw is not the gradient of the next; the message says to draw outside."""
    error = refused(loss)
    assert "changes from run to run" in error.reason
    assert "data" in error.cure
    assert error.line == line_marked(loss)


def draws_without_effect_by_chance(x: Any, W: Any) -> Any:
    return np.sum(W @ x) * (np.random.rand() < 2)  # noqa: NPY002


def test_drawing_from_the_global_generator_is_refused_even_if_two_runs_happen_to_agree() -> None:
    """The state of NumPy's and Python's generators is compared, not only the loss."""
    error = refused(draws_without_effect_by_chance)
    assert "random numbers" in error.reason
    assert error.line == draws_without_effect_by_chance.__code__.co_firstlineno


@pytest.mark.parametrize("loss", [asks_for_the_type, asks_for_the_exact_type], ids=lambda f: f.__name__)
def test_a_loss_that_treats_plain_arrays_differently_is_refused(loss: Callable[..., Any]) -> None:
    """A loss that gives another number when it is recorded is never shown as if nothing were wrong."""
    error = refused(loss)
    assert Path(error.file or "").name == "test_refusals.py"
    assert "depends on something besides its arguments" in error.reason


def test_a_seeded_generator_inside_the_loss_is_no_randomness() -> None:
    """The same numbers every time: recorded as a constant."""

    def loss(x: Any, W: Any) -> Any:
        noise = np.random.default_rng(3).normal(size=(2, 2))
        return np.sum(W @ x + noise)

    params, data = {"W": PARAMS["W"]}, {"x": DATA["x"]}
    assert engine.trace(loss, params, data).run(params, data).loss == loss(**params, **data)


# what loss returns


def returns_nothing(x: Any, W: Any) -> Any:
    np.sum(W @ x)


def returns_an_array(x: Any, W: Any) -> Any:
    return W @ x


def returns_a_number(x: Any, W: Any) -> Any:
    return 1.5


def returns_data(x: Any, W: Any) -> Any:
    return np.sum(x)


def returns_a_tuple(x: Any, W: Any) -> Any:
    return W @ x, np.sum(W @ x)


def returns_a_string(x: Any, W: Any) -> Any:
    return "0.5"


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (returns_nothing, "returns nothing"),
        (returns_an_array, "an array of shape (2, 2)"),
        (returns_a_number, "does not depend on any parameter"),
        (returns_data, "does not depend on any parameter"),
        (returns_a_tuple, "returns a tuple"),
        (returns_a_string, "returns a str"),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_a_loss_must_return_one_number_that_depends_on_a_parameter(loss: Callable[..., Any], said: str) -> None:
    error = refused(loss)
    assert said in error.reason
    assert Path(error.file or "").name == "test_refusals.py"
    assert error.line == loss.__code__.co_firstlineno


def test_an_argument_in_neither_dict_is_named_with_what_there_is() -> None:
    def loss(x: Any, W: Any, missing: Any) -> Any:
        return np.sum(W @ x)

    error = refused(loss)
    assert "`missing`" in error.reason
    assert "neither params nor data" in error.reason
    assert "W" in error.cure
    assert "x" in error.cure


def test_an_argument_with_a_default_may_be_in_neither_dict() -> None:
    def loss(x: Any, W: Any, scale: float = 2.0) -> Any:
        return scale * np.sum(W @ x)

    params, data = {"W": PARAMS["W"]}, {"x": DATA["x"]}
    assert engine.trace(loss, params, data).run(params, data).loss == loss(**params, **data)


def test_a_name_in_both_dicts_is_refused() -> None:
    error = refused(lambda W: np.sum(W), {"W": PARAMS["W"]}, {"W": PARAMS["W"]})
    assert "`W` is in params and in data" in error.reason


# errors of the person's own


def raises_itself(x: Any, W: Any) -> Any:
    if x.shape[0] != 4:
        raise ValueError("expected four features")  # here
    return np.sum(W @ x)


def shapes_do_not_fit(x: Any, W: Any) -> Any:
    h = W.T @ x  # here
    return np.sum(h)


def name_is_missing(x: Any, W: Any) -> Any:
    return np.sum(W @ z)  # type: ignore[name-defined]  # noqa: F821  # here


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (raises_itself, "ValueError: expected four features"),
        (shapes_do_not_fit, "ValueError"),
        (name_is_missing, "NameError"),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_an_exception_in_loss_is_told_with_the_persons_own_line(loss: Callable[..., Any], said: str) -> None:
    error = refused(loss)
    assert said in error.reason
    assert error.line == line_marked(loss)
    assert Path(error.file or "").name == "test_refusals.py"


def helper_that_fails(f: Any) -> Any:
    return f @ np.ones(17)  # here


def test_an_exception_in_a_helper_names_the_line_in_the_helper() -> None:
    error = refused(lambda x, W: np.sum(helper_that_fails(W @ x)))
    assert error.line == line_marked(helper_that_fails)


@pytest.mark.parametrize(
    "operation",
    [
        lambda f: np.sum(f, axis=5),
        lambda f: f.reshape(7, 7),
        lambda f: f[9],
        lambda f: f + np.ones((5, 7)),
        lambda f: f["a"],
        lambda f: f(),
        lambda f: f.no_such_thing,
        lambda f: len(f[0, 0]),
        lambda f: f @ 3,
        lambda f: np.exp(f, f, f),
        lambda f: np.sum(f, 0, 1, 2, 3, 4),
        lambda f: f[1.5],
        lambda f: f[:, :, 0],
        lambda f: f % 2,
        lambda f: f // 2,
        lambda f: f.transpose(0),
        lambda f: f.astype("nonsense"),
        lambda f: np.sum(f, axis="rows"),
        lambda f: np.reshape(f),
        lambda f: np.where(f > 0),
        lambda f: f < None,
        lambda f: f + None,
        lambda f: f + "1",
        lambda f: {}[f],
        lambda f: f @ [[1, 2]],
        lambda f: np.dot(f, {}),
        lambda f: f.sum(axis=0, out=f),
        lambda f: f.mean(dtype=np.float32),
        lambda f: np.max(f, initial=3),
        lambda f: f.reshape(4, order="F"),
        lambda f: iter(f[0, 0]),
        lambda f: np.concatenate([f, f]),
        lambda f: f.real,
        lambda f: f.fill(0),
        lambda f: f.sort(),
        lambda f: divmod(f, 2),
        lambda f: np.vectorize(math.exp)(f),
        lambda f: np.linalg.inv(f),
        lambda f: np.add.outer(f, f),
        lambda f: np.add.at(f, 0, 1),
        lambda f: f.__array__(),
        lambda f: memoryview(f),
        lambda f: hash(f),
        lambda f: np.random.default_rng(0).normal(f),
        lambda f: np.float64(f[0, 0]),
        lambda f: f"{f[0, 0]:d}",
        lambda f: range(f[0, 0]),
        lambda f: [1, 2, 3][f[0, 0]],
        lambda f: math.floor(f[0, 0]),
        lambda f: sorted(f[0]),
        lambda f: 1.0 in f,
        lambda f: f and f,
        lambda f: not f,
        lambda f: f[0, 0] or 1,
        lambda f: complex(f[0, 0]),
        lambda f: round(f[0, 0]),
        lambda f: np.dtype(f),
        lambda f: np.zeros(f),
        lambda f: np.full((2, 2), f[0, 0]),
        lambda f: np.broadcast_to(f, (2, 2, 2)),
        lambda f: np.linspace(0, f[0, 0], 3),
    ],
)  # fmt: skip
def test_no_misuse_of_an_array_ends_in_anything_but_a_refusal(operation: Callable[[Any], Any]) -> None:
    """Whatever people do with an array, a trace gives a program or a TraceError; never another exception."""

    def loss(x: Any, W: Any) -> Any:
        f = W @ x
        operation(f)
        return np.sum(f)

    refused_or_recorded(loss)


def refused_or_recorded(loss: Callable[..., Any]) -> None:
    params, data = {"W": PARAMS["W"]}, {"x": DATA["x"]}
    try:
        tape = engine.trace(loss, params, data).run(params, data)
    except engine.TraceError as error:
        assert error.line is not None
        assert Path(error.file or "").name == "test_refusals.py"
    else:
        assert tape.loss == float(loss(**params, **data))
