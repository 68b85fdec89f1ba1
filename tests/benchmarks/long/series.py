"""A series of 1,667 terms, added up one by one: 5,000 operations, one parameter."""

import numpy as np

rng = np.random.default_rng(0)
params = {"a": rng.normal(size=4)}
data = {}


def loss(a):
    s = 0.0
    for k in range(1667):
        s = s + np.tanh(a * k)
    return np.sum(s)
