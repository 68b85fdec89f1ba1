"""Values that are used several times, parameters in lists, tuples and dicts, and losses of odd shapes.

The cases are those of test_graphs.py, test_list.py, test_tuple.py, test_dict.py and test_logic.py of HIPS/autograd
(MIT licence), as far as they ask for first derivatives; the tests are our own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import holds
from tests.ported.cases import Case, case, each, is_right


def _shared(a: Any) -> Any:
    b = a + 1.0
    c = b + 1.5
    d = a + b
    return d + c


def _shared_by_index(a: Any) -> Any:
    b = a + 1.0
    c = b[0] + 1.5
    d = a + b
    return d + c


CASES = [
    case("one value twice", lambda x: np.sin(np.sin(x) + np.sin(x)), ()),
    case("two arguments", lambda x, y: np.sin(np.sin(x) + np.sin(y)), (), ()),
    case("the argument itself", lambda x: x, ()),
    case("a product with fixed numbers", lambda x: np.sin(np.dot(x, np.linspace(-1, 1, 10))), (10,)),
    case("values that meet again", _shared, (5,)),
    case("values that meet again by an index", _shared_by_index, (5,)),
    case("abs to a power", lambda x: np.abs(x) ** 1.4, (5, 3), between=(0.2, 2)),
]


@each(CASES)
def test_a_value_used_several_times_gets_all_its_shares(case: Case) -> None:
    """Gradients add up over all uses and are not mixed up between them."""
    is_right(case)


@pytest.mark.parametrize(("shape", "axis"), [((3, 3), None), ((3, 1), 0), ((1, 3), 1)])
@pytest.mark.parametrize("keepdims", [True, False])
def test_a_loss_may_have_any_shape_of_one_entry(shape: tuple[int, ...], axis: int | None, keepdims: bool) -> None:
    """``(1, 1)`` and ``(1,)`` are numbers too."""
    x = np.random.default_rng(3).normal(size=shape)
    holds(lambda x: np.sum(np.sin(x), axis=axis, keepdims=keepdims), {"x": x})


ITEMS = {"item_1": (5, 6), "item_2": (4, 3), "item_X": (2, 4)}


def _items() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {name: rng.normal(size=shape) for name, shape in ITEMS.items()}


@pytest.mark.parametrize("kind", [list, tuple])
def test_parameters_in_a_list_or_tuple(kind: type) -> None:
    """The first is used once, the second twice, the third not at all: its gradient is zero, not missing."""
    params = {"items": kind(_items().values())}

    def loss(items: Any) -> Any:
        return np.sum(items[0]) + np.sum(items[1]) + np.sum(items[1])

    tape = engine.trace(loss, params, {}).run(params, {})
    first, second, third = tape.gradients.values()
    np.testing.assert_array_equal(first, np.ones((5, 6)))
    np.testing.assert_array_equal(second, 2 * np.ones((4, 3)))
    np.testing.assert_array_equal(third, np.zeros((2, 4)))


def test_parameters_in_a_dict_by_key() -> None:
    """The same for a dict, looked up, walked over and asked for with ``get``."""
    params = {"items": _items()}

    def loss(items: Any) -> Any:
        total = 0.0
        for number, key in enumerate(sorted(items)):
            total = total + np.sum(np.sin(items[key])) * (number + 1.0)
        for value in items.values():
            total = total + np.sum(np.cos(value))
        return total + np.sum(items.get("item_1", 0.0) ** 2)

    holds(loss, params)


def test_an_assertion_on_data_holds_and_changes_nothing() -> None:
    """``assert np.allclose(...)`` on data is fine."""

    def loss(x: Any, y: Any) -> Any:
        assert np.allclose(y, (y * 3.0) / 3.0)
        return np.sum(x * y)

    holds(loss, {"x": np.array([1.0, 2.0, 3.0])}, {"y": np.array([0.5, 1.0, -2.0])})
