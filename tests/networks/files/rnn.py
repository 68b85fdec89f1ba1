"""A recurrent network, unrolled over a sequence, with a softmax at every step."""

import numpy as np

rng = np.random.default_rng(4)
steps, vocabulary, hidden = 5, 4, 3
text = rng.integers(0, vocabulary, steps + 1)

params = {
    "Wxh": rng.normal(size=(hidden, vocabulary)) * 0.5,
    "Whh": rng.normal(size=(hidden, hidden)) * 0.5,
    "Why": rng.normal(size=(vocabulary, hidden)) * 0.5,
    "bh": np.zeros((hidden, 1)),
    "by": np.zeros((vocabulary, 1)),
}
data = {"inputs": [int(t) for t in text[:-1]], "targets": [int(t) for t in text[1:]], "h0": np.zeros((hidden, 1))}


def loss(inputs, targets, h0, Wxh, Whh, Why, bh, by):
    hs = {-1: h0}
    total = 0
    for t in range(len(inputs)):
        x = np.zeros((Wxh.shape[1], 1))
        x[inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, x) + np.dot(Whh, hs[t - 1]) + bh)
        y = np.dot(Why, hs[t]) + by
        p = np.exp(y) / np.sum(np.exp(y))
        total += -np.log(p[targets[t], 0])
    return total
