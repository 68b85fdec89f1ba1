"""Columns, three layers in lists of weights, deltas collected in a list, mean at the end."""

import numpy as np

rng = np.random.default_rng(23)
sizes = [3, 4, 4, 2]
params = {
    "W": [rng.normal(size=(b, a)) for a, b in zip(sizes, sizes[1:])],
    "b": [rng.normal(size=(b, 1)) for b in sizes[1:]],
}
data = {"x": rng.normal(size=(3, 6)), "y": rng.random(size=(2, 6))}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(x, y, W, b):
    a = x
    for weights, bias in zip(W, b):
        a = sigmoid(weights @ a + bias)
    return 0.5 * np.sum((a - y) ** 2) / x.shape[1]


def backward(x, y, W, b):
    m = x.shape[1]
    a, zs = [x], []
    for weights, bias in zip(W, b):
        zs.append(weights @ a[-1] + bias)
        a.append(sigmoid(zs[-1]))
    # backward
    nabla_W, nabla_b = [None] * 3, [None] * 3
    delta = (a[3] - y) * a[3] * (1 - a[3])
    nabla_W[2] = delta @ a[2].T / m
    nabla_b[2] = delta.sum(axis=1, keepdims=True) / m
    for l in (1, 0):
        delta = (W[l + 1].T @ delta) * a[l + 1] * (1 - a[l + 1])
        nabla_W[l] = delta @ a[l].T / m
        nabla_b[l] = delta.sum(axis=1, keepdims=True) / m
    return {"W": nabla_W, "b": nabla_b}
