"""One attention head with a causal mask, a residual connection and layer norm."""

import numpy as np

rng = np.random.default_rng(6)
tokens, width, head = 5, 4, 3

params = {
    "Wq": rng.normal(size=(width, head)) * 0.5,
    "Wk": rng.normal(size=(width, head)) * 0.5,
    "Wv": rng.normal(size=(width, head)) * 0.5,
    "Wo": rng.normal(size=(head, width)) * 0.5,
    "gamma": 1 + 0.1 * rng.normal(size=width),
    "beta": 0.1 * rng.normal(size=width),
}
data = {"x": rng.normal(size=(tokens, width)), "y": rng.normal(size=(tokens, width))}


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def layer_norm(a, gamma, beta):
    mean = a.mean(axis=-1, keepdims=True)
    std = np.sqrt(a.var(axis=-1, keepdims=True) + 1e-5)
    return gamma * (a - mean) / std + beta


def loss(x, y, Wq, Wk, Wv, Wo, gamma, beta):
    normed = layer_norm(x, gamma, beta)
    q, k, v = normed @ Wq, normed @ Wk, normed @ Wv
    scores = q @ k.T / np.sqrt(q.shape[-1])
    causal = np.tril(np.ones((len(x), len(x)))) == 1
    scores = np.where(causal, scores, -np.inf)
    weights = softmax(scores)
    out = x + weights @ v @ Wo
    return 0.5 * np.sum((out - y) ** 2)
