"""Rows, as few lines as will do: products of three factors, regularised weights, deltas called delta2 and delta1."""

import numpy as np

rng = np.random.default_rng(15)
params = {
    "W1": rng.normal(size=(4, 4)),
    "b1": rng.normal(size=(1, 4)),
    "W2": rng.normal(size=(4, 3)),
    "b2": rng.normal(size=(1, 3)),
}
data = {"X": rng.normal(size=(6, 4)), "Y": np.eye(3)[[0, 2, 1, 2, 0, 1]], "lam": 0.2}


def loss(X, Y, lam, W1, b1, W2, b2):
    H = np.maximum(X @ W1 + b1, 0)
    S = H @ W2 + b2
    e = np.exp(S)
    P = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.sum(Y * np.log(P), axis=1)) + lam * (np.sum(W1**2) + np.sum(W2**2))


def backward(X, Y, lam, W1, b1, W2, b2):
    N = len(X)
    Z = X @ W1 + b1
    H = np.maximum(Z, 0)
    e = np.exp(H @ W2 + b2)
    P = e / e.sum(axis=1, keepdims=True)
    # backward
    delta2 = (P - Y) / N
    delta1 = (delta2 @ W2.T) * (Z > 0)
    return {
        "W1": X.T @ delta1 + 2 * lam * W1,
        "b1": delta1.sum(axis=0, keepdims=True),
        "W2": H.T @ delta2 + 2 * lam * W2,
        "b2": delta2.sum(axis=0, keepdims=True),
    }
