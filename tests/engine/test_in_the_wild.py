"""NumPy code as people write it: what a file says in other words than the prepared nets is recorded all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy import array, dot, exp, mean, zeros
from numpy import zeros as blank

import engine
from tests.engine.oracle import holds

PARAMS = {"W": np.array([[0.7, -0.4, 0.2], [0.1, 0.9, -0.6]]), "b": np.array([0.3, -0.2])}
DATA = {"X": np.array([[1.0, 2.0, -1.0], [0.5, -0.3, 0.8], [-1.2, 0.4, 0.6]])}


def filled_by_an_imported_constructor(W: Any, b: Any, X: Any) -> Any:
    out = zeros((3, 2))
    for i in range(len(X)):
        out[i] = 1 / (1 + exp(-dot(W, X[i]) - b))
    return mean(out**2)


def filled_by_a_constructor_of_another_name(W: Any, b: Any, X: Any) -> Any:
    out = blank(2, float)
    out += W @ X[0]
    out[1] *= b[0]
    return (out * out).sum()


def rows_made_an_array_of_floats(W: Any, b: Any, X: Any) -> Any:
    rows = array([dot(W, x) + b for x in X], dtype=float)
    W = np.asarray(W, dtype=np.float64)
    return np.sum(rows**2) + np.array(W, dtype="float64").sum() + np.asarray(rows[0], float) @ np.array(b, copy=True)


def statistics_of_a_list(W: Any, b: Any, X: Any) -> Any:
    errors = [np.sum((W @ x + b) ** 2) for x in X]
    total = np.sum(errors) / len(errors) + np.mean(errors) + np.sqrt(np.var(errors)) + np.max(errors)
    return total + np.sum([np.sum(W**2), np.sum(b**2), 1.0]) + mean([W[c] for c in (0, 1)], axis=0) @ X[0]


def products_with_a_list(W: Any, b: Any, X: Any) -> Any:
    return np.dot([b[0], b[1]], W) @ X[0] + np.outer([b[0], 2.0], b).sum()


def joins_of_numbers_and_lists(W: Any, b: Any, X: Any) -> Any:
    h = np.concatenate(([1.0], W @ X[0], [b[0], b[1]], np.zeros(1)))
    return h @ h + np.sum(np.vstack([[b[0], b[1], 0.5], W]) ** 3)


def laid_out_again(W: Any, b: Any, X: Any) -> Any:
    return np.sum(np.ascontiguousarray(W.T) @ np.tanh(np.asanyarray(b)))


LOSSES: list[Callable[..., Any]] = [
    filled_by_an_imported_constructor,
    filled_by_a_constructor_of_another_name,
    rows_made_an_array_of_floats,
    statistics_of_a_list,
    products_with_a_list,
    joins_of_numbers_and_lists,
    laid_out_again,
]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_is_that_of_the_plain_function(loss: Callable[..., Any]) -> None:
    """Loss, gradients and printed lines are right, whatever way of writing it was taken."""
    holds(loss, PARAMS, DATA)


def test_imported_names_are_as_they_were_after_a_recording() -> None:
    """What a file imported from NumPy is NumPy's own again, also after a refusal."""

    def loss(W: Any, b: Any) -> Any:
        return array([W.sum(), mean([b[0], b[1]])]).sum() + float(W.sum())

    with pytest.raises(engine.TraceError):
        engine.trace(loss, PARAMS, {})
    assert [array, zeros, blank, mean] == [np.array, np.zeros, np.zeros, np.mean]
    assert type(zeros(2)) is np.ndarray
