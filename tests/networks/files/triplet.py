"""Triplet loss: the anchor shall lie nearer to its like than to the other, by a margin."""

import numpy as np

rng = np.random.default_rng(23)

params = {"W1": rng.normal(size=(4, 6)) * 0.6, "W2": rng.normal(size=(6, 2)) * 0.6}
data = {
    "anchor": rng.normal(size=(5, 4)),
    "positive": rng.normal(size=(5, 4)),
    "negative": rng.normal(size=(5, 4)),
    "margin": 0.5,
}


def embed(x, W1, W2):
    return np.tanh(x @ W1) @ W2


def loss(anchor, positive, negative, margin, W1, W2):
    a, p, n = (embed(x, W1, W2) for x in (anchor, positive, negative))
    near = np.linalg.norm(a - p, axis=1)
    far = np.linalg.norm(a - n, axis=1)
    return np.maximum(near - far + margin, 0).mean()
