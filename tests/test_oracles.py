"""The complex step is what other tests trust, so it is compared with derivatives known from a book."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.oracles import complex_step, derivative

W = np.array([[0.3, -1.2, 2.0], [-0.7, 0.4, 1.1]])
LARGEST = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        (lambda w: np.sum(np.exp(w)), np.exp(W)),
        (lambda w: (w**3).sum(), 3 * W**2),
        (lambda w: np.mean(np.sin(w) / 2), np.cos(W) / 12),
        (lambda w: np.sum(np.maximum(w, 0) ** 2), 2 * W * (W > 0)),
        (lambda w: np.minimum(0, w).sum(), (W < 0) * 1.0),
        (lambda w: np.abs(w).sum(), np.sign(W)),
        (lambda w: np.where(w > 0, w, 0.1 * w).sum(), np.where(W > 0, 1, 0.1)),
        (lambda w: np.max(w, axis=1, keepdims=True).sum(), LARGEST),
        (lambda w: w.max(axis=-1).sum(), LARGEST),
        (lambda w: np.max(w), np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])),
        (lambda w: w[np.arange(2), [1, 2]].sum(), np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])),
        (lambda w: np.sum(w @ w.T), 2 * np.broadcast_to(W.sum(axis=0), W.shape)),
    ],
)
def test_the_complex_step_finds_known_derivatives(loss: Any, gradient: np.ndarray) -> None:
    """To the last digits, with kinks, maxima and picked entries."""
    np.testing.assert_allclose(complex_step(loss, {"w": W}, {}, ("w",)), gradient, rtol=4e-16, atol=1e-15)


def test_it_reaches_into_nested_parameters() -> None:
    """The path names the array, the others stay as they are."""
    params = {"layers": [{"W": W}, {"W": 2 * W}]}

    def loss(layers: Any, c: float) -> Any:
        return c * np.sum(layers[0]["W"] * layers[1]["W"])

    np.testing.assert_allclose(complex_step(loss, params, {"c": 3.0}, ("layers", 1, "W")), 3 * W, rtol=4e-16)
    assert derivative(loss, params, {"c": 3.0}, ("layers", 0, "W"), np.eye(2, 3)) == pytest.approx(6 * (0.3 + 0.4))
