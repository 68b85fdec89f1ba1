"""Sums, means, extremes, products, spreads, running sums and norms over the axes that people use.

The cases are those of stat_check in test_systematic.py, of test_numpy.py and of the norms in test_linalg.py of
HIPS/autograd (MIT licence); the tests are our own. Shapes of a hundred entries and more are cut.
"""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
import pytest

import engine
from tests.ported.cases import Case, case, each, is_right


def _shown(options: dict[str, Any]) -> str:
    return ", ".join(f"{k}={v}" for k, v in options.items())


def _with(name: str, function: Any, *shapes: tuple[int, ...], between: Any = (-2, 2), **options: Any) -> Case:
    return case(f"{name}({_shown(options)})", partial(function, **options), *shapes, between=between)


STATISTICS = {
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
    "sum": np.sum,
    "prod": np.prod,
    "var": np.var,
    "std": np.std,
}
CASES = [
    *(case(name, f, ()) for name, f in STATISTICS.items() if name != "std"),
    *(
        _with(name, f, shape, axis=axis, keepdims=keepdims)
        for name, f in STATISTICS.items()
        for shape, axis in [((3,), None), ((3,), 0), *itertools.product([(2, 3), (1, 3)], [None, 0, 1])]
        for keepdims in (True, False)
        if not (name == "std" and shape == (1, 3) and axis == 0)
    ),
    *(
        _with(name, f, shape, axis=None, keepdims=keepdims, ddof=ddof)
        for name, f in (("var", np.var), ("std", np.std))
        for shape in [(3,), (3, 4), (1, 3)]
        for keepdims in (True, False)
        for ddof in (0, 1)
    ),
    *(
        _with(name, f, shape, axis=axis, keepdims=keepdims, ddof=2)
        for name, f in (("var", np.var), ("std", np.std))
        for shape in [(3, 4), (1, 3)]
        for axis in (None, 1)
        for keepdims in (True, False)
    ),
    _with("max", np.max, (3, 4, 5), axis=1),
    _with("max", np.max, (3, 4, 5), axis=1, keepdims=True),
    _with("min", np.min, (3, 4, 5), axis=1),
    _with("min", np.min, (3, 4, 5), axis=1, keepdims=True),
    _with("sum over two axes", np.sum, (3, 4, 2), axis=(1, 2)),
    case("sum of a list of arrays, by Python", lambda x, y: sum([x, y]), (3, 4), (3, 4)),
    case("prod of positive numbers", lambda x: np.prod(x), (7,), between=(0.1, 2)),
    case("prod of small numbers", lambda x: np.prod(x), (2, 3), between=(0.1, 0.6)),
    _with("cumsum", np.cumsum, (4, 5), axis=0),
    _with("cumsum", np.cumsum, (4, 5), axis=1),
    case("cumsum of a vector", lambda x: np.cumsum(x), (10,)),
    case("cumsum of all entries", lambda x: np.cumsum(x), (4, 5)),
    case("norm of a vector", lambda x: np.linalg.norm(x), (6,)),
    case("Frobenius norm", lambda x: np.linalg.norm(x), (6, 5)),
    case("Frobenius norm over two axes", lambda x: np.linalg.norm(x, axis=(0, 1)), (4, 3, 2)),
    _with("norm of a vector", np.linalg.norm, (6,), ord=2),
    *(_with("norm", np.linalg.norm, (4, 3, 2), axis=axis) for axis in range(3)),
    *(case(f"trace of {s}", lambda x: np.trace(x), s) for s in [(5, 5), (4, 5), (5, 4)]),
    case("max of equal entries", lambda x: np.max(np.stack([x, x])), ()),
    case("softmax", lambda x: np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True), (3, 4)),
]


@each(CASES)
def test_a_reduction_has_the_right_gradient(case: Case) -> None:
    """Every reduction over no axis, each axis and several, with the axis kept or not."""
    is_right(case)


@pytest.mark.parametrize("keepdims", [True, False])
def test_a_spread_of_one_entry_is_constant(keepdims: bool) -> None:
    """The standard deviation over an axis of length 1 is 0 whatever the entry is, and so is its gradient."""
    params = {"x": np.array([[0.4, -1.2, 0.9]])}
    tape = engine.trace(lambda x: np.sum(np.std(x, axis=0, keepdims=keepdims)), params, {}).run(params, {})
    np.testing.assert_array_equal(tape.gradients["x"], np.zeros((1, 3)))


@pytest.mark.parametrize("at", [1.0, -1.0])
def test_entries_that_tie_share_the_gradient(at: float) -> None:
    """Three equal largest entries get a third each; in sum the number behind them has the gradient 1."""
    params = {"x": np.array(at)}
    data = {"half": np.array(0.5)}

    def loss(x: Any, half: Any) -> Any:
        rows = [np.stack([x, x, x]), np.stack([x, half * 1.0, half * 1.0]), np.stack([x, x, half * 1.0])]
        return np.sum(np.min(np.stack(rows), axis=0) * 2.0)

    tape = engine.trace(loss, params, data).run(params, data)
    step = 1e-6
    wide = [loss(params["x"] + k * step, data["half"]) for k in (1, -1)]
    np.testing.assert_allclose(tape.gradients["x"], (wide[0] - wide[1]) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize("function", [np.maximum, np.minimum])
def test_the_larger_of_one_array_and_itself_is_that_array(function: np.ufunc) -> None:
    """max(x, x) is x: the gradient is 1, not 2 and not 0."""
    params = {"x": np.array([1.0, -2.0])}
    tape = engine.trace(lambda x: np.sum(function(x, x)), params, {}).run(params, {})
    np.testing.assert_array_equal(tape.gradients["x"], [1.0, 1.0])
