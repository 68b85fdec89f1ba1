"""Character model: embedding, batch normalisation step by step, tanh, softmax."""

import numpy as np

rng = np.random.default_rng(1)
vocabulary, context, width, hidden, batch = 7, 3, 2, 5, 6

params = {
    "C": rng.normal(size=(vocabulary, width)),
    "W1": rng.normal(size=(context * width, hidden)) * 0.6,
    "b1": rng.normal(size=hidden) * 0.1,
    "gain": 1 + 0.1 * rng.normal(size=(1, hidden)),
    "bias": 0.1 * rng.normal(size=(1, hidden)),
    "W2": rng.normal(size=(hidden, vocabulary)) * 0.5,
    "b2": rng.normal(size=vocabulary) * 0.1,
}
data = {
    "contexts": rng.integers(0, vocabulary, size=(batch, context)),
    "targets": rng.integers(0, vocabulary, size=batch),
}


def loss(contexts, targets, C, W1, b1, gain, bias, W2, b2):
    n = len(targets)
    emb = C[contexts]
    flat = emb.reshape(n, -1)
    pre = flat @ W1 + b1
    mean = pre.sum(axis=0, keepdims=True) / n
    centred = pre - mean
    variance = (centred**2).sum(axis=0, keepdims=True) / (n - 1)
    inv_std = (variance + 1e-5) ** -0.5
    normed = centred * inv_std
    scaled = gain * normed + bias
    h = np.tanh(scaled)
    logits = h @ W2 + b2
    shifted = logits - logits.max(axis=1, keepdims=True)
    counts = np.exp(shifted)
    probs = counts / counts.sum(axis=1, keepdims=True)
    logprobs = np.log(probs)
    return -logprobs[np.arange(n), targets].mean()
