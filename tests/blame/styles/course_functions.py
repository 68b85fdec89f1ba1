"""Columns, ReLU then sigmoid, yes or no with its cross-entropy; small functions, named tuples, 1/m in front."""

from collections import namedtuple

import numpy as np

Pass = namedtuple("Pass", ["Z1", "A1", "Z2", "A2"])

rng = np.random.default_rng(33)
params = {
    "W1": rng.normal(size=(6, 4)),
    "b1": rng.normal(size=(6, 1)),
    "W2": 0.5 * rng.normal(size=(1, 6)),
    "b2": rng.normal(size=(1, 1)),
}
data = {"X": rng.normal(size=(4, 11)), "Y": (rng.random(size=(1, 11)) < 0.4).astype(float)}


def sigmoid(Z):
    return 1.0 / (1.0 + np.exp(-Z))


def run(X, W1, b1, W2, b2):
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    return Pass(Z1, A1, Z2, A2)


def loss(X, Y, W1, b1, W2, b2):
    A2 = run(X, W1, b1, W2, b2).A2
    return -(1 / X.shape[1]) * np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def cost_grad(AL, Y):
    return -(Y / AL - (1 - Y) / (1 - AL))


def sigmoid_grad(dA, Z):
    s = sigmoid(Z)
    return dA * s * (1 - s)


def relu_grad(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def linear_grad(dZ, A_prev, W):
    m = A_prev.shape[1]
    dW = 1 / m * np.dot(dZ, A_prev.T)
    db = 1 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def backward(X, Y, W1, b1, W2, b2):
    kept = run(X, W1, b1, W2, b2)
    grads = {}
    # backward
    dA2 = cost_grad(kept.A2, Y)
    dZ2 = sigmoid_grad(dA2, kept.Z2)
    dA1, grads["dW2"], grads["db2"] = linear_grad(dZ2, kept.A1, W2)
    dZ1 = relu_grad(dA1, kept.Z1)
    _, grads["dW1"], grads["db1"] = linear_grad(dZ1, X, W1)
    return grads
