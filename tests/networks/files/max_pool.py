"""A 1x1 convolution and max pooling by reshape, then a linear classifier."""

import numpy as np

rng = np.random.default_rng(22)

params = {
    "K": rng.normal(size=(2, 3)),
    "b": rng.normal(size=3) * 0.1,
    "W": rng.normal(size=(12, 2)) * 0.5,
}
data = {"x": rng.normal(size=(3, 4, 4, 2)), "y": np.array([1, 0, 1])}


def max_pool(a, size=2):
    n, height, width, channels = a.shape
    tiles = a.reshape(n, height // size, size, width // size, size, channels)
    return tiles.max(axis=(2, 4))


def loss(x, y, K, b, W):
    h = np.maximum(np.tensordot(x, K, axes=1) + b, 0)
    flat = max_pool(h).reshape(len(x), -1)
    scores = flat @ W
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return -np.log(np.take_along_axis(p, y[:, None], axis=1)).mean()
