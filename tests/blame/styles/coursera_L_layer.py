"""L-layer network in columns: parameters W1, b1, ... in one dict, caches in a list, binary cross-entropy."""

import numpy as np


def initialize_parameters_deep(layer_dims, seed):
    rng = np.random.default_rng(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        scale = np.sqrt(2 / layer_dims[l - 1])
        parameters["W" + str(l)] = rng.normal(size=(layer_dims[l], layer_dims[l - 1])) * scale
        parameters["b" + str(l)] = rng.normal(size=(layer_dims[l], 1)) * 0.3
    return parameters


params = initialize_parameters_deep([4, 6, 5, 1], seed=42)
rng = np.random.default_rng(3)
data = {"X": rng.normal(size=(4, 8)), "Y": np.array([[1, 0, 0, 1, 1, 0, 1, 0]])}


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        Z = np.dot(parameters["W" + str(l)], A_prev) + parameters["b" + str(l)]
        A = np.maximum(0, Z)
        caches.append((A_prev, Z))
    ZL = np.dot(parameters["W" + str(L)], A) + parameters["b" + str(L)]
    caches.append((A, ZL))
    return sigmoid(ZL), caches


def loss(params, data):
    Y = data["Y"]
    AL, _ = L_model_forward(data["X"], params)
    m = Y.shape[1]
    cost = -1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    return np.squeeze(cost)


def backward(params, data):
    Y = data["Y"]
    m = Y.shape[1]
    AL, caches = L_model_forward(data["X"], params)
    L = len(caches)
    grads = {}
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    dZ = dAL * AL * (1 - AL)
    for l in reversed(range(L)):
        A_prev, Z = caches[l]
        if l < L - 1:
            dZ = np.array(grads["dA" + str(l + 1)], copy=True)
            dZ[Z <= 0] = 0
        grads["dW" + str(l + 1)] = 1 / m * np.dot(dZ, A_prev.T)
        grads["db" + str(l + 1)] = 1 / m * np.sum(dZ, axis=1, keepdims=True)
        grads["dA" + str(l)] = np.dot(params["W" + str(l + 1)].T, dZ)
    return {name: grads["d" + name] for name in params}
