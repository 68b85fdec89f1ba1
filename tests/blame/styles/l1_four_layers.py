"""Four layers, alternating activations chosen by name, L1 loss; list of layers walked backwards, rows."""

import numpy as np

rng = np.random.default_rng(404)
dims = [3, 6, 5, 4, 2]
ACTS = ["tanh", "sigmoid", "tanh", "linear"]
params = {
    "Ws": [rng.normal(size=(i, o)) / np.sqrt(i) for i, o in zip(dims[:-1], dims[1:])],
    "bs": [0.1 * rng.normal(size=(1, o)) for o in dims[1:]],
}
data = {"X": 1.5 * rng.normal(size=(7, 3)), "T": rng.normal(size=(7, 2))}


def activate(z, kind):
    if kind == "tanh":
        return np.tanh(z)
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-z))
    return z


def slope(out, kind):
    """Derivative of the activation, written with its output."""
    if kind == "tanh":
        return 1 - out**2
    if kind == "sigmoid":
        return out * (1 - out)
    return np.ones_like(out)


def loss(X, T, Ws, bs):
    out = X
    for W, b, kind in zip(Ws, bs, ACTS):
        out = activate(out @ W + b, kind)
    return np.abs(out - T).sum() / X.shape[0]


def backward(X, T, Ws, bs):
    outs = [X]
    for W, b, kind in zip(Ws, bs, ACTS):
        outs.append(activate(outs[-1] @ W + b, kind))

    w_grads, b_grads = [], []
    upstream = np.sign(outs[-1] - T) / X.shape[0]
    for i in range(len(Ws) - 1, -1, -1):
        local = upstream * slope(outs[i + 1], ACTS[i])
        w_grads.insert(0, outs[i].T @ local)
        b_grads.insert(0, local.sum(axis=0, keepdims=True))
        upstream = local @ Ws[i].T
    return {"Ws": w_grads, "bs": b_grads}
