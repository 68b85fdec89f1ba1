"""Columns, two ReLU layers, squared error without a mean: every gradient a name of its own."""

import numpy as np

rng = np.random.default_rng(1)
params = {
    "W1": rng.normal(size=(4, 3)),
    "b1": rng.normal(size=(4, 1)),
    "W2": rng.normal(size=(2, 4)),
    "b2": rng.normal(size=(2, 1)),
}
data = {"x": rng.normal(size=(3, 6)), "y": rng.normal(size=(2, 6))}


def loss(x, y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    return 0.5 * np.sum((f - y) ** 2)


def backward(x, y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    # backward
    df = f - y
    dW2 = df @ h1.T
    db2 = np.sum(df, axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = np.sum(dz1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
