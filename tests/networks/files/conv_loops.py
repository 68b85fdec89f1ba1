"""Convolution as a sum over kernel positions, then mean pooling and a linear layer."""

import numpy as np

rng = np.random.default_rng(3)

params = {
    "K": rng.normal(size=(2, 3, 3)) * 0.5,
    "b": rng.normal(size=2) * 0.1,
    "W": rng.normal(size=(2, 3)),
    "c": np.zeros(3),
}
data = {"images": rng.normal(size=(4, 6, 5)), "targets": rng.normal(size=(4, 3))}


def convolve(images, K, b):
    n, height, width = images.shape
    count, size, _ = K.shape
    out = np.zeros((n, count, height - size + 1, width - size + 1))
    for i in range(size):
        for j in range(size):
            window = images[:, i : i + height - size + 1, j : j + width - size + 1]
            out += window[:, None] * K[:, i, j].reshape(1, count, 1, 1)
    return out + b[None, :, None, None]


def loss(images, targets, K, b, W, c):
    z = convolve(images, K, b)
    h = np.maximum(0, z)
    pooled = h.mean(axis=(2, 3))
    f = pooled @ W + c
    return np.mean((f - targets) ** 2)
