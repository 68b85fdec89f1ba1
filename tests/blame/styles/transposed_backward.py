"""The loss is written with rows; the backward pass, from a lecture with columns, turns everything round first."""

import numpy as np

rng = np.random.default_rng(229)
params = {
    "W1": rng.normal(size=(3, 6)),
    "b1": rng.normal(size=6),
    "W2": 0.8 * rng.normal(size=(6, 4)),
    "b2": rng.normal(size=4),
}
data = {"X": rng.normal(size=(8, 3)), "y": np.array([3, 0, 1, 2, 2, 1, 0, 3]), "lam": 0.02}


def loss(X, y, lam, W1, b1, W2, b2):
    B = X.shape[0]
    H = 1 / (1 + np.exp(-(X @ W1 + b1)))
    logits = H @ W2 + b2
    Y = np.eye(4)[y]
    log_Z = np.log(np.sum(np.exp(logits), axis=1))
    ce = np.sum(log_Z - np.sum(Y * logits, axis=1)) / B
    return ce + lam * (np.sum(W1**2) + np.sum(W2**2))


def forward_columns(a0, V1, c1, V2, c2):
    z1 = V1 @ a0 + c1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = V2 @ a1 + c2
    expz = np.exp(z2)
    yhat = expz / expz.sum(axis=0)
    return a1, yhat


def backward(X, y, lam, W1, b1, W2, b2):
    a0 = X.T
    B = a0.shape[1]
    V1, c1 = W1.T, b1[:, np.newaxis]
    V2, c2 = W2.T, b2[:, np.newaxis]
    a1, yhat = forward_columns(a0, V1, c1, V2, c2)

    onehot = np.zeros((4, B))
    onehot[y, np.arange(B)] = 1

    delta2 = (yhat - onehot) / B
    gradV2 = delta2 @ a1.T + 2 * lam * V2
    gradc2 = delta2.sum(axis=1)
    delta1 = (V2.T @ delta2) * a1 * (1 - a1)
    gradV1 = delta1 @ a0.T + 2 * lam * V1
    gradc1 = delta1.sum(axis=1)

    return {"W1": gradV1.T, "b1": gradc1, "W2": gradV2.T, "b2": gradc2}
