"""A recurrent net over 400 time steps, its loss added up over all of them."""

import numpy as np

rng = np.random.default_rng(0)
params = {
    "W": 0.9 * np.linalg.qr(rng.normal(size=(8, 8)))[0],
    "U": 0.3 * rng.normal(size=(8, 4)),
    "b": np.zeros(8),
}
data = {"x": rng.normal(size=(400, 4))}


def loss(x, W, U, b):
    h = np.zeros(8)
    total = 0.0
    for x_t in x:
        h = np.tanh(W @ h + U @ x_t + b)
        total = total + np.sum(h**2)
    return total
