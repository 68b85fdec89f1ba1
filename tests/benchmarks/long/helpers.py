"""Elementwise operations in helper functions: 714 sigmoids of seven operations, 5,000 in all."""

import numpy as np

rng = np.random.default_rng(0)
params = {"a": rng.normal(size=4), "b": rng.normal(size=4)}
data = {"x": rng.normal(size=4)}


def sigmoid(z):
    e = np.exp(-z)
    return 1 / (1 + e)


def block(h, a, b):
    z = h * a + b
    return sigmoid(z) - 0.5


def loss(x, a, b):
    h = x
    for _ in range(714):
        h = block(h, a, b)
    return np.sum(h**2)
