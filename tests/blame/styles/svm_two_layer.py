"""CS231n-like two layer net with the multiclass hinge (SVM) loss, integer labels and L2 on both weights."""

import numpy as np

rng = np.random.default_rng(231)
D, H, C, N = 4, 6, 3, 8
params = {
    "W1": 0.7 * rng.standard_normal((D, H)),
    "b1": 0.2 * rng.standard_normal(H),
    "W2": 0.7 * rng.standard_normal((H, C)),
    "b2": 0.2 * rng.standard_normal(C),
}
data = {"X": rng.standard_normal((N, D)), "y": np.array([0, 2, 1, 1, 0, 2, 2, 0]), "reg": 0.05}


def svm_margins(scores, y, delta=1.0):
    num_train = scores.shape[0]
    correct = scores[np.arange(num_train), y].reshape(num_train, 1)
    return np.maximum(0, scores - correct + delta)


def loss(X, y, reg, W1, b1, W2, b2):
    hidden = np.maximum(0, X.dot(W1) + b1)
    scores = hidden.dot(W2) + b2
    margins = svm_margins(scores, y)
    # the correct class adds exactly delta = 1 to every row
    data_loss = np.sum(margins) / X.shape[0] - 1.0
    reg_loss = 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    return data_loss + reg_loss


def backward(X, y, reg, W1, b1, W2, b2):
    num_train = X.shape[0]
    pre = X.dot(W1) + b1
    hidden = np.maximum(0, pre)
    scores = hidden.dot(W2) + b2
    margins = svm_margins(scores, y)
    margins[np.arange(num_train), y] = 0

    dscores = np.zeros_like(scores)
    dscores[margins > 0] = 1
    dscores[np.arange(num_train), y] -= np.sum(margins > 0, axis=1)
    dscores /= num_train

    grads = {}
    grads["W2"] = hidden.T.dot(dscores)
    grads["b2"] = np.sum(dscores, axis=0)
    dhidden = dscores.dot(W2.T)
    dhidden[pre <= 0] = 0
    grads["W1"] = X.T.dot(dhidden)
    grads["b1"] = np.sum(dhidden, axis=0)

    grads["W2"] += reg * W2
    grads["W1"] += reg * W1
    return grads
