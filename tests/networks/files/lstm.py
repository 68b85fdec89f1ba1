"""An LSTM cell over four steps: one matrix for all gates, split into four."""

import numpy as np

rng = np.random.default_rng(5)
steps, batch, inputs, hidden = 4, 3, 2, 4

params = {
    "W": rng.normal(size=(inputs + hidden, 4 * hidden)) * 0.4,
    "b": rng.normal(size=4 * hidden) * 0.2,
    "V": rng.normal(size=(hidden, 1)),
}
data = {"x": rng.normal(size=(steps, batch, inputs)), "y": rng.normal(size=(batch, 1))}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def loss(x, y, W, b, V):
    steps, batch, _ = x.shape
    hidden = V.shape[0]
    h = np.zeros((batch, hidden))
    c = np.zeros((batch, hidden))
    for t in range(steps):
        gates = np.concatenate([x[t], h], axis=1) @ W + b
        i, f, o, g = np.split(gates, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return np.mean((h @ V - y) ** 2)
