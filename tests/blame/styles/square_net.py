"""Columns, every size is four: what is transposed, or multiplied entry by entry, still fits."""

import numpy as np

rng = np.random.default_rng(16)
params = {
    "W1": rng.normal(size=(4, 4)),
    "b1": rng.normal(size=(4, 1)),
    "W2": rng.normal(size=(4, 4)),
    "b2": rng.normal(size=(4, 1)),
    "W3": rng.normal(size=(4, 4)),
    "b3": rng.normal(size=(4, 1)),
}
data = {"X": rng.normal(size=(4, 4)), "Y": np.eye(4)[:, [1, 0, 3, 1]]}


def loss(X, Y, W1, b1, W2, b2, W3, b3):
    A1 = np.maximum(0, W1 @ X + b1)
    A2 = np.maximum(0, W2 @ A1 + b2)
    Z3 = W3 @ A2 + b3
    T = np.exp(Z3 - Z3.max(axis=0, keepdims=True))
    A3 = T / T.sum(axis=0, keepdims=True)
    return -np.sum(Y * np.log(A3)) / Y.shape[1]


def backward(X, Y, W1, b1, W2, b2, W3, b3):
    m = Y.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.maximum(0, Z1)
    Z2 = W2 @ A1 + b2
    A2 = np.maximum(0, Z2)
    Z3 = W3 @ A2 + b3
    T = np.exp(Z3 - Z3.max(axis=0, keepdims=True))
    A3 = T / T.sum(axis=0, keepdims=True)
    # backward
    dZ3 = A3 - Y
    dW3 = dZ3 @ A2.T / m
    db3 = dZ3.sum(axis=1, keepdims=True) / m
    dA2 = W3.T @ dZ3
    dZ2 = dA2 * (Z2 > 0)
    dW2 = dZ2 @ A1.T / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (Z1 > 0)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
