"""The loss has examples in columns, the backward turns everything round and works in rows."""

import numpy as np

rng = np.random.default_rng(12)
params = {
    "W1": rng.normal(size=(4, 3)),
    "b1": rng.normal(size=(4, 1)),
    "W2": rng.normal(size=(2, 4)),
    "b2": rng.normal(size=(2, 1)),
}
data = {"x": rng.normal(size=(3, 5)), "y": rng.normal(size=(2, 5))}


def loss(x, y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    return 0.5 * np.mean(np.sum((f - y) ** 2, axis=0))


def backward(x, y, W1, b1, W2, b2):
    X, Y, V1, V2 = x.T, y.T, W1.T, W2.T
    N = X.shape[0]
    Z1 = X @ V1 + b1.T
    H1 = np.maximum(Z1, 0)
    F = H1 @ V2 + b2.T
    # backward
    dF = (F - Y) / N
    dV2 = H1.T @ dF
    dc2 = dF.sum(axis=0)
    dH1 = dF @ V2.T
    dZ1 = np.where(Z1 > 0, dH1, 0)
    dV1 = X.T @ dZ1
    dc1 = dZ1.sum(axis=0)
    return {"W1": dV1.T, "b1": dc1.reshape(-1, 1), "W2": dV2.T, "b2": dc2.reshape(-1, 1)}
