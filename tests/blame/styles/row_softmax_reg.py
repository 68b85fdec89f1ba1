"""Rows, softmax over whole-number labels, mean loss, weights regularised; masks and 1/N are written in place."""

import numpy as np

rng = np.random.default_rng(2)
params = {
    "W1": 0.7 * rng.normal(size=(4, 6)),
    "b1": rng.normal(size=6),
    "W2": 0.7 * rng.normal(size=(6, 3)),
    "b2": rng.normal(size=3),
}
data = {"X": rng.normal(size=(7, 4)), "y": rng.integers(0, 3, size=7), "reg": 0.3}


def loss(X, y, reg, W1, b1, W2, b2):
    N = X.shape[0]
    hidden = np.maximum(0, X @ W1 + b1)
    scores = hidden @ W2 + b2
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs = e / np.sum(e, axis=1, keepdims=True)
    data_loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    return data_loss + 0.5 * reg * np.sum(W1 * W1) + 0.5 * reg * np.sum(W2 * W2)


def backward(X, y, reg, W1, b1, W2, b2):
    N = X.shape[0]
    hidden = np.maximum(0, X @ W1 + b1)
    scores = hidden @ W2 + b2
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs = e / np.sum(e, axis=1, keepdims=True)
    value = -np.sum(np.log(probs[np.arange(N), y])) / N
    value = value + 0.5 * reg * np.sum(W1 * W1) + 0.5 * reg * np.sum(W2 * W2)
    # backward
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    dW2 = np.dot(hidden.T, dscores)
    db2 = np.sum(dscores, axis=0)
    dhidden = np.dot(dscores, W2.T)
    dhidden[hidden <= 0] = 0
    dW1 = np.dot(X.T, dhidden)
    db1 = np.sum(dhidden, axis=0)
    dW2 += reg * W2
    dW1 += reg * W1
    return value, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
