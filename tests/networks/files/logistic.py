"""Logistic regression: one weight vector, a sigmoid and the cross-entropy."""

import numpy as np

rng = np.random.default_rng(9)

params = {"w": rng.normal(size=3) * 0.5, "b": np.zeros(())}
data = {"X": rng.normal(size=(7, 3)), "y": np.array([0, 1, 1, 0, 1, 0, 1])}


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def loss(X, y, w, b):
    p = sigmoid(X.dot(w) + b)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
