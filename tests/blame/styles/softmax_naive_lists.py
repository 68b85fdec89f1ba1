"""Softmax regression, the 'naive' exercise: three nested loops over plain lists, regularisation added at the end."""

import math

import numpy as np

params = {
    "W": np.array([[0.2, -0.5, 0.9], [1.1, 0.3, -0.7], [-0.4, 0.8, 0.6], [0.1, -1.2, 0.5]]),
    "b": np.array([0.05, -0.3, 0.15]),
}
data = {
    "X": [
        [5.1, 3.5, 1.4, 0.2],
        [4.9, 3.0, 1.3, 0.3],
        [7.0, 3.2, 4.7, 1.5],
        [6.4, 2.9, 4.3, 1.6],
        [6.3, 3.3, 6.0, 2.5],
        [5.8, 2.7, 5.2, 1.9],
    ],
    "y": [0, 0, 1, 1, 2, 2],
    "reg": 0.1,
}


def loss(X, y, reg, W, b):
    scores = np.array(X) @ W + b
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_probs = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    picked = log_probs[np.arange(len(y)), y]
    return -np.mean(picked) + 0.5 * reg * np.sum(W * W)


def backward(X, y, reg, W, b):
    W, b = W.tolist(), b.tolist()
    n, n_features, n_classes = len(X), len(W), len(b)
    dW = [[0.0] * n_classes for _ in range(n_features)]
    db = [0.0] * n_classes

    for i in range(n):
        scores = []
        for k in range(n_classes):
            scores.append(b[k] + sum(X[i][j] * W[j][k] for j in range(n_features)))
        top = max(scores)
        exps = [math.exp(s - top) for s in scores]
        total = sum(exps)
        for k in range(n_classes):
            p = exps[k] / total
            d = p - 1 if k == y[i] else p
            db[k] += d / n
            for j in range(n_features):
                dW[j][k] += d * X[i][j] / n

    for j in range(n_features):
        for k in range(n_classes):
            dW[j][k] += reg * W[j][k]
    return {"W": dW, "b": db}
