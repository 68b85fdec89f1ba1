"""Multi-class hinge loss with a squared penalty on the weights."""

import numpy as np

rng = np.random.default_rng(12)

params = {"W": rng.normal(size=(4, 3))}
data = {"X": rng.normal(size=(6, 4)), "y": np.array([2, 0, 1, 1, 2, 0]), "reg": 0.1}


def loss(X, y, reg, W):
    scores = X @ W
    correct = scores[np.arange(len(X)), y][:, np.newaxis]
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(len(X)), y] = 0
    return np.sum(margins) / len(X) + reg * np.sum(W * W)
