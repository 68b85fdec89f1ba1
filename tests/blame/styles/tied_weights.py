"""An autoencoder with one matrix for both directions, sigmoid, mean over the examples."""

import numpy as np

rng = np.random.default_rng(21)
params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=3), "c": rng.normal(size=4)}
data = {"x": rng.random(size=(6, 4))}


def loss(x, W, b, c):
    h = 1 / (1 + np.exp(-(x @ W.T + b)))
    r = h @ W + c
    return 0.5 * np.sum((r - x) ** 2) / len(x)


def backward(x, W, b, c):
    N = len(x)
    u = x @ W.T + b
    h = 1 / (1 + np.exp(-u))
    r = h @ W + c
    # backward
    dr = (r - x) / N
    dc = np.sum(dr, axis=0)
    dW = h.T @ dr
    dh = dr @ W.T
    du = dh * h * (1 - h)
    db = np.sum(du, axis=0)
    dW += du.T @ x
    return {"W": dW, "b": db, "c": dc}
