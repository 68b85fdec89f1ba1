"""Rows, one tanh layer, mean squared error over all entries; long names with grad_ in front."""

import numpy as np

rng = np.random.default_rng(4)
params = {
    "W1": rng.normal(size=(3, 4)),
    "b1": rng.normal(size=(1, 4)),
    "W2": rng.normal(size=(4, 2)),
    "b2": rng.normal(size=(1, 2)),
}
data = {"x": rng.normal(size=(5, 3)), "y": rng.normal(size=(5, 2))}


def loss(x, y, W1, b1, W2, b2):
    h1 = np.tanh(x @ W1 + b1)
    prediction = h1 @ W2 + b2
    return np.mean((prediction - y) ** 2)


def backward(x, y, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h1 = np.tanh(z1)
    prediction = h1 @ W2 + b2
    # backward
    grad_prediction = 2 * (prediction - y) / y.size
    grad_W2 = h1.T @ grad_prediction
    grad_b2 = grad_prediction.sum(axis=0, keepdims=True)
    grad_h1 = grad_prediction @ W2.T
    grad_z1 = grad_h1 * (1 - h1**2)
    grad_W1 = x.T @ grad_z1
    grad_b1 = grad_z1.sum(axis=0, keepdims=True)
    return {"W1": grad_W1, "b1": grad_b1, "W2": grad_W2, "b2": grad_b2}
