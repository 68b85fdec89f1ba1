"""A gated recurrent unit over a short sequence, reading out every state."""

import numpy as np

rng = np.random.default_rng(17)
steps, batch, inputs, hidden = 4, 2, 3, 5


def matrix(*shape):
    return rng.normal(size=shape) * 0.4


params = {
    "gates": {
        name: {"W": matrix(inputs, hidden), "U": matrix(hidden, hidden), "b": matrix(hidden)}
        for name in ("update", "reset", "candidate")
    },
    "Wy": matrix(hidden, 1),
}
data = {"x": rng.normal(size=(batch, steps, inputs)), "y": rng.normal(size=(batch, steps))}


def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


def loss(x, y, gates, Wy):
    def affine(name, inputs, state):
        gate = gates[name]
        return inputs @ gate["W"] + state @ gate["U"] + gate["b"]

    h = np.zeros((x.shape[0], Wy.shape[0]))
    outputs = []
    for t in range(x.shape[1]):
        update = sigmoid(affine("update", x[:, t], h))
        reset = sigmoid(affine("reset", x[:, t], h))
        candidate = np.tanh(affine("candidate", x[:, t], reset * h))
        h = (1 - update) * h + update * candidate
        outputs.append((h @ Wy).squeeze(axis=1))
    predicted = np.stack(outputs, axis=1)
    return np.mean((predicted - y) ** 2)
