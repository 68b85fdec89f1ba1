"""Rows, a softmax whose gradient goes through p in steps of its own; a bare tuple comes back."""

import numpy as np

RETURNS = "dW1 db1 dW2 db2"

rng = np.random.default_rng(13)
params = {
    "W1": rng.normal(size=(3, 5)),
    "b1": rng.normal(size=(1, 5)),
    "W2": rng.normal(size=(5, 4)),
    "b2": rng.normal(size=(1, 4)),
}
data = {"x": rng.normal(size=(6, 3)), "Y": np.eye(4)[[0, 2, 1, 3, 0, 1]]}


def loss(x, Y, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    f = h @ W2 + b2
    e = np.exp(f - np.max(f, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.sum(Y * np.log(p)) / len(x)


def backward(x, Y, W1, b1, W2, b2):
    N = len(x)
    z = x @ W1 + b1
    h = np.tanh(z)
    f = h @ W2 + b2
    e = np.exp(f - np.max(f, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    # backward
    dp = -Y / p / N
    df = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    dW2 = h.T @ df
    db2 = np.sum(df, axis=0, keepdims=True)
    dh = df @ W2.T
    dz = (1 - h**2) * dh
    dW1 = x.T @ dz
    db1 = np.sum(dz, axis=0, keepdims=True)
    return dW1, db1, dW2, db2
