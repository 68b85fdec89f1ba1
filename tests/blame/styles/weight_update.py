"""Rows, a whole training step in one function: gradients, then the weights, in place."""

import numpy as np

rng = np.random.default_rng(11)
params = {"W1": rng.normal(size=(3, 4)), "W2": rng.normal(size=(4, 2))}
data = {"x": rng.normal(size=(5, 3)), "y": rng.normal(size=(5, 2)), "rate": 0.1}


def loss(x, y, W1, W2):
    h = 1 / (1 + np.exp(-(x @ W1)))
    out = 1 / (1 + np.exp(-(h @ W2)))
    return 0.5 * np.sum((y - out) ** 2)


def backward(x, y, rate, W1, W2):
    h = 1 / (1 + np.exp(-(x @ W1)))
    out = 1 / (1 + np.exp(-(h @ W2)))
    # backward
    error = out - y
    delta2 = error * out * (1 - out)
    grad2 = h.T @ delta2
    delta1 = delta2 @ W2.T * h * (1 - h)
    grad1 = x.T @ delta1
    W2 -= rate * grad2
    W1 -= rate * grad1
    return {"W1": grad1, "W2": grad2}
