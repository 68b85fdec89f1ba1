"""Rows in float32, layers as objects with forward and backward, mean squared error, regularised weights."""

import numpy as np

rng = np.random.default_rng(22)
params = {
    "W1": rng.normal(size=(3, 5)).astype(np.float32),
    "b1": rng.normal(size=(1, 5)).astype(np.float32),
    "W2": rng.normal(size=(5, 2)).astype(np.float32),
    "b2": rng.normal(size=(1, 2)).astype(np.float32),
}
data = {
    "x": rng.normal(size=(7, 3)).astype(np.float32),
    "y": rng.normal(size=(7, 2)).astype(np.float32),
    "decay": 0.25,
}


def loss(x, y, decay, W1, b1, W2, b2):
    h = np.maximum(x @ W1 + b1, 0)
    f = h @ W2 + b2
    return np.sum((f - y) ** 2) / len(x) + decay * np.sum(W1**2) + decay * np.sum(W2**2)


class Dense:
    def __init__(self, W, b, decay):
        self.W, self.b, self.decay = W, b, decay

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad + 2 * self.decay * self.W
        self.db = grad.sum(axis=0, keepdims=True)
        return grad @ self.W.T


class Relu:
    def forward(self, z):
        self.mask = z > 0
        return np.maximum(z, 0)

    def backward(self, grad):
        out = grad.copy()
        out[~self.mask] = 0
        return out


def backward(x, y, decay, W1, b1, W2, b2):
    N = len(x)
    first, relu, second = Dense(W1, b1, decay), Relu(), Dense(W2, b2, decay)
    f = second.forward(relu.forward(first.forward(x)))
    # backward
    grad = 2 * (f - y) / N
    grad = second.backward(grad)
    grad = relu.backward(grad)
    grad = first.backward(grad)
    return {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}
