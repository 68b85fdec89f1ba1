"""Logistic regression with w and a scalar b in columns, L2 on w; cost, gradient and one update in one function."""

import numpy as np

rng = np.random.default_rng(5)
n_x, m = 4, 7
params = {"w": rng.normal(size=(n_x, 1)), "b": np.array(0.4)}
data = {
    "X": rng.normal(size=(n_x, m)),
    "Y": np.array([[0, 1, 1, 0, 1, 0, 1]]),
    "learning_rate": 0.05,
    "lambd": 0.3,
}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(X, Y, lambd, w, b):
    A = sigmoid(np.dot(w.T, X) + b)
    cross_entropy = np.mean(-Y * np.log(A) - (1 - Y) * np.log(1 - A))
    return cross_entropy + lambd / (2 * X.shape[1]) * np.sum(np.square(w))


def backward(X, Y, learning_rate, lambd, w, b):
    m = X.shape[1]

    # FORWARD PROPAGATION (FROM X TO COST)
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    cost += lambd / (2 * m) * np.sum(w**2)

    # BACKWARD PROPAGATION (TO FIND GRAD)
    dw = 1 / m * np.dot(X, (A - Y).T) + lambd / m * w
    db = 1 / m * np.sum(A - Y)

    # one step of gradient descent
    w = w - learning_rate * dw
    b = b - learning_rate * db

    grads = {"dw": dw, "db": db}
    return cost, grads
