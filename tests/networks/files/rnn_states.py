"""A recurrent net over a batch that keeps its states in one array, forwards and backwards in time."""

import numpy as np

rng = np.random.default_rng(42)
batch, steps, inputs, hidden = 3, 4, 2, 3

params = {
    way: {
        "Wx": rng.normal(size=(inputs, hidden)) * 0.6,
        "Wh": rng.normal(size=(hidden, hidden)) * 0.4,
        "b": np.zeros(hidden),
    }
    for way in ("forwards", "backwards")
}
params["out"] = rng.normal(size=(2 * hidden, 1)) * 0.7
data = {"x": rng.normal(size=(batch, steps, inputs)), "y": rng.normal(size=(batch, steps))}


def run(x, Wx, Wh, b):
    n, steps, _ = x.shape
    states = np.zeros((n, steps, len(Wh)))
    h = np.zeros((n, len(Wh)))
    for t in range(steps):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
        states[:, t] = h
    return states


def loss(x, y, forwards, backwards, out):
    left = run(x, **forwards)
    right = run(x[:, ::-1], **backwards)[:, ::-1]
    both = np.concatenate([left, right], axis=2)
    predicted = (both @ out)[..., 0]
    return np.mean((predicted - y) ** 2)
