"""Deep network from the course: linear_activation_forward/backward with nested caches, BCE and L2."""

import numpy as np

rng = np.random.default_rng(64)
layers_dims = [5, 4, 3, 1]
params = {}
for l in range(1, len(layers_dims)):
    params[f"W{l}"] = rng.standard_normal((layers_dims[l], layers_dims[l - 1])) / np.sqrt(layers_dims[l - 1])
    params[f"b{l}"] = 0.4 * rng.standard_normal((layers_dims[l], 1))
data = {
    "X": rng.standard_normal((5, 7)),
    "Y": np.array([[0, 1, 1, 0, 1, 0, 0]]),
    "lambd": 0.7,
}


def linear_activation_forward(A_prev, W, b, activation):
    Z = W.dot(A_prev) + b
    if activation == "sigmoid":
        A = 1 / (1 + np.exp(-Z))
    elif activation == "tanh":
        A = np.tanh(Z)
    linear_cache = (A_prev, W, b)
    return A, (linear_cache, A)


def linear_backward(dZ, cache, lambd):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1.0 / m * np.dot(dZ, A_prev.T) + lambd / m * W
    db = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def linear_activation_backward(dA, cache, activation, lambd):
    linear_cache, A = cache
    if activation == "sigmoid":
        dZ = dA * A * (1 - A)
    elif activation == "tanh":
        dZ = dA * (1 - A**2)
    return linear_backward(dZ, linear_cache, lambd)


def loss(X, Y, lambd, W1, b1, W2, b2, W3, b3):
    m = Y.shape[1]
    A1, _ = linear_activation_forward(X, W1, b1, "tanh")
    A2, _ = linear_activation_forward(A1, W2, b2, "tanh")
    A3, _ = linear_activation_forward(A2, W3, b3, "sigmoid")
    cross_entropy_cost = -np.sum(np.multiply(Y, np.log(A3)) + np.multiply(1 - Y, np.log(1 - A3))) / m
    L2_cost = lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
    return cross_entropy_cost + L2_cost


def backward(X, Y, lambd, W1, b1, W2, b2, W3, b3):
    grads = {}
    A1, cache1 = linear_activation_forward(X, W1, b1, "tanh")
    A2, cache2 = linear_activation_forward(A1, W2, b2, "tanh")
    A3, cache3 = linear_activation_forward(A2, W3, b3, "sigmoid")

    dA3 = -(np.divide(Y, A3) - np.divide(1 - Y, 1 - A3))
    dA2, grads["W3"], grads["b3"] = linear_activation_backward(dA3, cache3, "sigmoid", lambd)
    dA1, grads["W2"], grads["b2"] = linear_activation_backward(dA2, cache2, "tanh", lambd)
    dA0, grads["W1"], grads["b1"] = linear_activation_backward(dA1, cache1, "tanh", lambd)
    return grads
