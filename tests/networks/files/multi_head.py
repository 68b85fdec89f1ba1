"""Multi-head self-attention on (batch, heads, tokens, features), as a transformer block."""

import numpy as np

rng = np.random.default_rng(7)
batch, tokens, width, heads, inner = 2, 3, 4, 2, 5

params = {
    "Wqkv": rng.normal(size=(width, 3 * width)) * 0.5,
    "Wo": rng.normal(size=(width, width)) * 0.5,
    "W1": rng.normal(size=(width, inner)) * 0.5,
    "b1": np.zeros(inner),
    "W2": rng.normal(size=(inner, width)) * 0.5,
    "b2": np.zeros(width),
}
data = {"x": rng.normal(size=(batch, tokens, width)), "y": rng.normal(size=(batch, tokens, width)), "heads": heads}


def split_heads(a, heads):
    batch, tokens, width = a.shape
    return a.reshape(batch, tokens, heads, width // heads).transpose(0, 2, 1, 3)


def normalise(a):
    return (a - a.mean(-1, keepdims=True)) / (a.std(-1, keepdims=True) + 1e-3)


def gelu(a):
    return 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))


def loss(x, y, heads, Wqkv, Wo, W1, b1, W2, b2):
    qkv = normalise(x) @ Wqkv
    q, k, v = (split_heads(part, heads) for part in np.split(qkv, 3, axis=-1))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights /= weights.sum(axis=-1, keepdims=True)
    mixed = (weights @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    x = x + mixed @ Wo
    x = x + gelu(normalise(x) @ W1 + b1) @ W2 + b2
    return np.mean((x - y) ** 2)
