"""Rows, one example after the other: outer products added up, vectors instead of matrices."""

import numpy as np

rng = np.random.default_rng(6)
params = {
    "W1": rng.normal(size=(4, 3)),
    "b1": rng.normal(size=4),
    "W2": rng.normal(size=(2, 4)),
    "b2": rng.normal(size=2),
}
data = {"x": rng.normal(size=(6, 3)), "y": rng.normal(size=(6, 2))}


def loss(x, y, W1, b1, W2, b2):
    h = np.maximum(x @ W1.T + b1, 0)
    f = h @ W2.T + b2
    return np.sum((f - y) ** 2) / (2 * len(x))


def backward(x, y, W1, b1, W2, b2):
    N = len(x)
    dW1 = np.zeros_like(W1)
    db1 = np.zeros_like(b1)
    dW2 = np.zeros_like(W2)
    db2 = np.zeros_like(b2)
    for i in range(N):
        z = W1 @ x[i] + b1
        h = np.maximum(z, 0)
        f = W2 @ h + b2
        # backward
        df = (f - y[i]) / N
        dW2 += np.outer(df, h)
        db2 += df
        dh = W2.T @ df
        dz = dh * (z > 0)
        dW1 += np.outer(dz, x[i])
        db1 += dz
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
