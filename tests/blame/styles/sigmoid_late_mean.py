"""Columns, tanh and sigmoid, cross-entropy of yes and no; the 1/m stands at the weights and not before."""

import numpy as np

rng = np.random.default_rng(3)
params = {
    "W1": rng.normal(size=(5, 3)),
    "b1": rng.normal(size=(5, 1)),
    "W2": rng.normal(size=(2, 5)),
    "b2": rng.normal(size=(2, 1)),
}
data = {"X": rng.normal(size=(3, 7)), "Y": (rng.random(size=(2, 7)) > 0.5).astype(float)}


def loss(X, Y, W1, b1, W2, b2):
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m


def backward(X, Y, W1, b1, W2, b2):
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    # backward
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.mean(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.mean(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
