"""An autoencoder that decodes with the transposed weights of its encoder."""

import numpy as np

rng = np.random.default_rng(8)

params = {
    "W": rng.normal(size=(3, 5)) * 0.5,
    "b": np.zeros((3, 1)),
    "c": np.zeros((5, 1)),
}
data = {"x": rng.normal(size=(5, 4))}


def loss(x, W, b, c):
    code = np.tanh(W @ x + b)
    decoded = W.T @ code + c
    return np.sum((decoded - x) ** 2) / x.shape[1]
