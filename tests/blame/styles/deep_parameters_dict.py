"""Course style L-layer binary classifier: caches in a list, examples in columns, tanh then sigmoid, L2 penalty."""

import numpy as np

np_rng = np.random.default_rng(1)
layer_dims = [4, 6, 5, 3, 1]
params = {}
for l in range(1, len(layer_dims)):
    params["W" + str(l)] = np_rng.normal(size=(layer_dims[l], layer_dims[l - 1])) / np.sqrt(layer_dims[l - 1])
    params["b" + str(l)] = 0.1 * np_rng.normal(size=(layer_dims[l], 1))
data = {
    "X": np_rng.normal(size=(4, 8)),
    "Y": np.array([[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0]]),
    "lambd": 0.7,
}


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        A_prev = A
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = np.dot(W, A_prev) + b
        A = 1 / (1 + np.exp(-Z)) if l == L else np.tanh(Z)
        caches.append((A_prev, W, A))
    return A, caches


def loss(params, data):
    X, Y, lambd = data["X"], data["Y"], data["lambd"]
    m = Y.shape[1]
    AL, caches = L_model_forward(X, params)
    cross_entropy = -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m
    L2 = 0
    for _, W, _ in caches:
        L2 = L2 + np.sum(np.square(W))
    return cross_entropy + lambd / (2 * m) * L2


def backward(params, data):
    X, Y, lambd = data["X"], data["Y"], data["lambd"]
    m = Y.shape[1]
    AL, caches = L_model_forward(X, params)
    L = len(caches)
    grads = {}

    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(L)):
        A_prev, W, A = caches[l]
        if l == L - 1:
            dZ = dA * A * (1 - A)
        else:
            dZ = dA * (1 - np.power(A, 2))
        grads["dW" + str(l + 1)] = 1.0 / m * np.dot(dZ, A_prev.T) + lambd / m * W
        grads["db" + str(l + 1)] = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
        dA = np.dot(W.T, dZ)
    return grads
