"""Columns, three layers, two of them of one size; a single g is written over on its way back."""

import numpy as np

rng = np.random.default_rng(5)
params = {
    "W1": rng.normal(size=(4, 3)),
    "b1": rng.normal(size=(4, 1)),
    "W2": rng.normal(size=(4, 4)),
    "b2": rng.normal(size=(4, 1)),
    "W3": rng.normal(size=(2, 4)),
    "b3": rng.normal(size=(2, 1)),
}
data = {"x": rng.normal(size=(3, 5)), "y": rng.normal(size=(2, 5))}


def loss(x, y, W1, b1, W2, b2, W3, b3):
    h1 = np.maximum(W1 @ x + b1, 0)
    h2 = np.maximum(W2 @ h1 + b2, 0)
    f = W3 @ h2 + b3
    return 0.5 * np.sum((f - y) ** 2)


def backward(x, y, W1, b1, W2, b2, W3, b3):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    z2 = W2 @ h1 + b2
    h2 = np.maximum(z2, 0)
    f = W3 @ h2 + b3
    # backward
    g = f - y
    dW3 = g @ h2.T
    db3 = g.sum(axis=1, keepdims=True)
    g = W3.T @ g
    g = g * (z2 > 0)
    dW2 = g @ h1.T
    db2 = g.sum(axis=1, keepdims=True)
    g = W2.T @ g
    g = g * (z1 > 0)
    dW1 = g @ x.T
    db1 = g.sum(axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
