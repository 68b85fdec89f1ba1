"""Functions of single entries, with numbers, vectors and matrices that broadcast.

The cases (which functions, shapes and ranges) are those of test_scalar_ops.py, test_binary_ops.py and the ufunc part
of test_systematic.py of HIPS/autograd (MIT licence); the tests are our own.
"""

from __future__ import annotations

import itertools
import operator

import numpy as np
import pytest

import engine
from tests.ported.cases import Case, case, each, is_right

SHAPES = [(), (2,), (3, 2), (1, 2)]
UNARY = {
    "sin": (np.sin, (-2, 2)),
    "abs": (np.abs, (0.1, 4)),
    "abs of negatives": (np.abs, (-4, -0.1)),
    "absolute": (np.absolute, (0.1, 4)),
    "ceil": (np.ceil, (0.1, 0.9)),
    "cos": (np.cos, (-2, 2)),
    "cosh": (np.cosh, (-2, 2)),
    "exp": (np.exp, (-2, 2)),
    "expm1": (np.expm1, (-2, 2)),
    "floor": (np.floor, (0.1, 0.9)),
    "log": (np.log, (0.2, 2)),
    "log10": (np.log10, (0.2, 2)),
    "log1p": (np.log1p, (0.2, 2)),
    "log2": (np.log2, (0.2, 2)),
    "negative": (np.negative, (-2, 2)),
    "minus": (operator.neg, (-2, 2)),
    "reciprocal": (np.reciprocal, (0.3, 2)),
    "sign": (np.sign, (0.1, 2)),
    "sign of negatives": (np.sign, (-2, -0.1)),
    "sinh": (np.sinh, (-2, 2)),
    "sqrt": (np.sqrt, (1, 3)),
    "square": (np.square, (-2, 2)),
    "tan": (np.tan, (-1.1, 1.1)),
    "tanh": (np.tanh, (-2, 2)),
    "arctan": (np.arctan, (-2, 2)),
}
BINARY = {
    "add": (np.add, ((-2, 2), (-2, 2))),
    "logaddexp": (np.logaddexp, ((-2, 2), (-2, 2))),
    "true_divide": (np.true_divide, ((-2, 2), (0.8, 1.2))),
    "true_divide by negatives": (np.true_divide, ((-2, 2), (-2, -0.3))),
    "divide": (np.divide, ((0.5, 2), (0.5, 2))),
    "multiply": (np.multiply, ((-2, 2), (-2, 2))),
    "*": (operator.mul, ((-2, 2), (-2, 2))),
    "+": (operator.add, ((-2, 2), (-2, 2))),
    "-": (operator.sub, ((-2, 2), (-2, 2))),
    "/": (operator.truediv, ((0.7, 2), (0.7, 2))),
    "**": (operator.pow, ((0.7, 2), (-2, 2))),
    "power": (np.power, ((1.1, 3), (-2, 2))),
}
CHOICES = [(1,), (1, 4), (3, 4)]
CASES = [
    *(case(name, f, shape, between=between) for name, (f, between) in UNARY.items() for shape in SHAPES),
    *(
        case(name, f, one, two, between=between)
        for name, (f, between) in BINARY.items()
        for one, two in itertools.product(SHAPES, SHAPES)
    ),
    *(
        case(f.__name__, f, one, two)
        for f in (np.maximum, np.minimum)
        for one, two in itertools.product(CHOICES, CHOICES)
    ),
    case("power, number as exponent", lambda x: np.power(x, 1.7), (), between=(1, 2)),
    case("power, number as base", lambda y: np.power(0.6, y), (), between=(0, 1)),
    case("where", lambda x, y: np.where(np.eye(4, 5) > 0, x, y), (4, 5), (4, 5)),
    case("clip", lambda x: np.clip(x, a_min=0.1, a_max=1.1), (5, 5)),
    case("clip below", lambda x: np.clip(x, 0.1, None), (5, 5)),
    case("clip method", lambda x: x.clip(0.1, 1.1), (5, 5)),
]


@each(CASES)
def test_a_function_of_entries_has_the_right_gradient(case: Case) -> None:
    """Every function over every pair of shapes that broadcast, each array being a parameter."""
    is_right(case)


@pytest.mark.parametrize("function", [np.multiply, np.add, np.subtract, np.divide, np.power], ids=lambda f: f.__name__)
def test_one_array_in_both_places_gets_both_shares(function: np.ufunc) -> None:
    """x*x, x+x, x-x, x/x and x**x of one parameter: its two shares add up."""
    is_right(case(f"{function.__name__} with itself", lambda x: function(x, x), (3, 2), between=(0.7, 2)))


@pytest.mark.parametrize(
    ("function", "point"), [(np.abs, 0.0), (lambda x: np.power(x, 0.0), 0.0)], ids=["abs", "power 0"]
)
def test_where_there_is_a_choice_the_gradient_is_zero(function: np.ufunc, point: float) -> None:
    """|x| at 0 lies between -1 and 1, and x**0 is constant, at 0 too."""
    params = {"x": np.array(0.0)}
    tape = engine.trace(lambda x: function(x) * 3.0, params, {}).run(params, {})
    assert tape.gradients["x"] == 0.0


def test_a_power_of_zero_does_not_depend_on_a_positive_exponent() -> None:
    """0**y is 0 for all y above 0."""
    params = {"y": np.array(0.4)}
    tape = engine.trace(lambda y: np.power(0.0, y), params, {}).run(params, {})
    assert tape.gradients["y"] == 0.0
