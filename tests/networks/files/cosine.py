"""Cosine similarity of pairs of embedded sentences, words averaged after np.take."""

import numpy as np

rng = np.random.default_rng(24)

params = {"E": rng.normal(size=(8, 3)), "W": rng.normal(size=(3, 3))}
data = {
    "left": rng.integers(0, 8, size=(4, 5)),
    "right": rng.integers(0, 8, size=(4, 3)),
    "alike": np.array([1.0, 0.0, 1.0, 0.0]),
}


def sentence(words, E, W):
    return np.take(E, words, axis=0).mean(axis=1) @ W


def loss(left, right, alike, E, W):
    a, b = sentence(left, E, W), sentence(right, E, W)
    cosine = np.sum(a * b, axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return np.mean((cosine - alike) ** 2)
