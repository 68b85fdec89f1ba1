"""Two convolution layers as matrix products over gathered patches (im2col)."""

import numpy as np

rng = np.random.default_rng(2)

params = {
    "K1": rng.normal(size=(3, 2, 3, 3)) * 0.3,
    "b1": rng.normal(size=(3, 1)) * 0.1,
    "K2": rng.normal(size=(2, 3, 2, 2)) * 0.4,
    "b2": rng.normal(size=(2, 1)) * 0.1,
    "W": rng.normal(size=(18, 4)) * 0.3,
}
data = {"x": rng.normal(size=(2, 2, 4, 4)), "y": np.array([3, 1])}


def patch_indices(channels, height, width, size):
    """For every patch: which channel, row and column each of its entries comes from."""
    rows, columns = height - size + 1, width - size + 1
    channel = np.repeat(np.arange(channels), size * size).reshape(-1, 1)
    row = np.tile(np.repeat(np.arange(size), size), channels).reshape(-1, 1) + np.repeat(np.arange(rows), columns)
    column = np.tile(np.arange(size), size * channels).reshape(-1, 1) + np.tile(np.arange(columns), rows)
    return channel, row, column


def convolve(x, kernel, bias, pad):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    n, channels, height, width = x.shape
    count, _, size, _ = kernel.shape
    channel, row, column = patch_indices(channels, height, width, size)
    patches = x[:, channel, row, column].transpose(1, 2, 0).reshape(channels * size * size, -1)
    out = kernel.reshape(count, -1) @ patches + bias
    return out.reshape(count, height - size + 1, width - size + 1, n).transpose(3, 0, 1, 2)


def loss(x, y, K1, b1, K2, b2, W):
    h1 = np.maximum(convolve(x, K1, b1, pad=1), 0)
    h2 = np.maximum(convolve(h1, K2, b2, pad=0), 0)
    scores = h2.reshape(len(h2), -1) @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    logp = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(y)), y])
