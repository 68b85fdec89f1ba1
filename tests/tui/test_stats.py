"""Statistics of whole arrays, compared with plain Python loops."""

from __future__ import annotations

import gc
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tui import stats as module
from tui.stats import dead, stats

NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -2.5, 1e-300, 3.25, math.nan, math.inf, -math.inf])


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=5), elements=NUMBERS))
def test_figures_are_those_of_the_finite_entries_and_counts_those_of_all(array: np.ndarray) -> None:  # type: ignore[type-arg]
    entries = [float(value) for value in array.ravel()]
    finite = [value for value in entries if math.isfinite(value)]
    found = stats(array)
    assert found.zeros == sum(value == 0 for value in entries)
    assert found.not_finite == len(entries) - len(finite)
    assert found.zero_share == pytest.approx(found.zeros / len(entries))
    if finite:
        assert (found.low, found.high) == (min(finite), max(finite))
        assert found.mean == pytest.approx(sum(finite) / len(finite))
        assert found.norm == pytest.approx(math.sqrt(sum(value * value for value in finite)))
    else:
        assert math.isnan(found.low) and math.isnan(found.mean)


def test_a_broadcast_vector_of_ones_counts_as_what_it_stands_for() -> None:
    ones = np.broadcast_to(np.float64(1.0), (3, 4))
    assert (stats(ones).norm, stats(ones).mean, stats(ones).size) == (pytest.approx(math.sqrt(12)), 1.0, 12)
    assert stats(np.broadcast_to(np.array([[0.0], [2.0]]), (2, 5))).zeros == 5


def test_a_dead_unit_is_one_that_is_zero_for_every_example() -> None:
    h = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    assert dead(h, examples=1) == (1,)
    assert dead(h, examples=0) == (2,)
    assert dead(np.zeros(3), examples=0) == ()


def test_nan_is_not_dead() -> None:
    assert dead(np.array([[math.nan, 0.0], [0.0, 0.0]]), examples=1) == (1,)


def test_an_array_is_looked_at_once_even_through_new_views_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key press asks again for the transpose of the same array: nothing of the size of the matrix happens."""
    asked = []
    compute = module._stats
    monkeypatch.setattr(module, "_stats", lambda array: asked.append(array.shape) or compute(array))
    array = np.arange(12.0).reshape(3, 4)
    for _ in range(3):
        assert stats(array.T).high == 11
    assert asked == [(4, 3)]
    assert stats(array[:2]).high == 7, "another part of the same memory is another matrix"


def test_nothing_is_remembered_of_arrays_that_are_gone() -> None:
    before = len(module._known)
    array = np.ones((5, 5))
    stats(array)
    assert len(module._known) == before + 1
    del array
    gc.collect()
    assert len(module._known) == before
