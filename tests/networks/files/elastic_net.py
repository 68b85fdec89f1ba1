"""Linear regression with an absolute and a squared penalty (L1 and L2)."""

import numpy as np

rng = np.random.default_rng(13)

params = {"w": rng.normal(size=(4, 1)), "b": np.zeros((1, 1))}
data = {"X": rng.normal(size=(9, 4)), "y": rng.normal(size=(9, 1)), "l1": 0.03, "l2": 0.2}


def loss(X, y, l1, l2, w, b):
    residual = X @ w + b - y
    return (residual**2).mean() + l1 * np.abs(w).sum() + 0.5 * l2 * np.linalg.norm(w) ** 2
