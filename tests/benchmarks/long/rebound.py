"""Four names that are bound anew 1,250 times: 5,000 operations, each a step."""

import numpy as np

rng = np.random.default_rng(0)
params = {"a": rng.normal(size=4)}
data = {"x": rng.normal(size=4)}


def loss(a, x):
    v = a * x
    for _ in range(1250):
        u = v * a
        w = u + x
        t = np.tanh(w)
        v = t - u
    return np.sum(v**2)
