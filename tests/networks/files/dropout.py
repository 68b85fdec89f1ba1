"""Dropout with a mask drawn beforehand, and a leaky ReLU."""

import numpy as np

rng = np.random.default_rng(14)
keep = 0.75

params = {
    "W1": rng.normal(size=(6, 3)),
    "b1": rng.normal(size=(6, 1)) * 0.1,
    "W2": rng.normal(size=(2, 6)) * 0.5,
    "b2": np.zeros((2, 1)),
}
data = {"x": rng.normal(size=(3, 4)), "y": rng.normal(size=(2, 4)), "kept": rng.random((6, 4)) < keep}


def loss(x, y, kept, W1, b1, W2, b2):
    z = W1 @ x + b1
    h = np.where(z > 0, z, 0.01 * z)
    dropped = h * kept / keep
    f = W2 @ dropped + b2
    return 0.5 * ((f - y) ** 2).sum(axis=0).mean()
