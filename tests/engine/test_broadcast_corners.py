"""Where operands of different rank meet: each gradient against central differences of the plain loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine

rng = np.random.default_rng(5)


def differences(loss: Callable[..., Any], params: dict[str, np.ndarray], data: dict[str, Any], name: str) -> np.ndarray:
    """Central differences of the plain function, entry by entry."""
    gradient = np.zeros_like(params[name])
    for index in np.ndindex(gradient.shape):
        sides = []
        for h in (1e-6, -1e-6):
            moved = {k: v.copy() for k, v in params.items()}
            moved[name][index] += h
            sides.append(float(loss(**moved, **data)))
        gradient[index] = (sides[0] - sides[1]) / 2e-6
    return gradient


def row_from_a_matrix_of_one_row(x: Any, W: Any, b: Any) -> Any:
    h = x @ W
    h[0] = b
    return np.sum(h**2)


def column_from_a_row(x: Any, W: Any, b: Any) -> Any:
    h = x @ W
    h[:, 0] = b
    return np.sum(h**3)


def quotient_of_column_and_vector(x: Any, W: Any, b: Any) -> Any:
    return np.sum(np.sum(x @ W, axis=1, keepdims=True) / (b.ravel() + 9))


def chosen_by_numbers(x: Any, W: Any, b: Any) -> Any:
    return np.sum(np.where(np.array([0, 1, 2]), (x @ W) ** 2, b.sum()))


@pytest.mark.parametrize(
    ("loss", "columns"),
    [
        (row_from_a_matrix_of_one_row, 3),
        (column_from_a_row, 4),
        (quotient_of_column_and_vector, 2),
        (chosen_by_numbers, 3),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_operands_of_different_rank_have_the_right_gradients(loss: Callable[..., Any], columns: int) -> None:
    """A (1, K) value in a row, a column over a vector, a condition of numbers."""
    wide = 3 if loss is not column_from_a_row else 2
    params = {"W": rng.normal(size=(2, wide)), "b": rng.normal(size=(1, columns))}
    data = {"x": rng.normal(size=(4, 2))}
    gradients = engine.trace(loss, params, data).recorded().gradients
    for name in params:
        np.testing.assert_allclose(gradients[name], differences(loss, params, data, name), rtol=1e-6, atol=1e-7)


def test_a_reshape_across_rows_has_no_mirror_and_says_where() -> None:
    """Transposed, the order of the entries in memory is another one: a mirror would be another function."""
    program = engine.trace(lambda w: np.sum(w.reshape(2, 3)[:, 1] ** 2), {"w": np.arange(6.0)}, {})
    with pytest.raises(engine.MirrorError, match="reshape"):
        program.mirror()
