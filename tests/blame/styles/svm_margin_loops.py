"""Multiclass SVM on leaky ReLU features, margins in nested loops, example by example, weight decay at the end."""

import numpy as np

rng = np.random.default_rng(99)
num_classes = 4
params = {
    "theta": rng.standard_normal((5, 3)),
    "bias": rng.standard_normal(5),
    "W": rng.standard_normal((num_classes, 5)),
}
data = {
    "X": rng.standard_normal((6, 3)),
    "y": np.array([3, 0, 2, 1, 1, 0]),
    "reg": 0.05,
    "slope": 0.1,
}


def loss(X, y, reg, slope, theta, bias, W):
    total = 0.0
    for i in range(X.shape[0]):
        a = theta @ X[i] + bias
        feats = np.where(a > 0, a, slope * a)
        s = W @ feats
        for j in range(num_classes):
            if j == y[i]:
                continue
            total += np.maximum(0.0, s[j] - s[y[i]] + 1.0)
    return total / X.shape[0] + reg * (np.sum(W * W) + np.sum(theta * theta))


def backward(X, y, reg, slope, theta, bias, W):
    num_train = X.shape[0]
    dtheta = np.zeros(theta.shape)
    dbias = np.zeros(bias.shape)
    dW = np.zeros(W.shape)

    for i in range(num_train):
        a = theta.dot(X[i]) + bias
        feats = np.where(a > 0, a, slope * a)
        scores = W.dot(feats)
        correct = scores[y[i]]
        dfeats = np.zeros_like(feats)
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct + 1.0  # note delta = 1
            if margin > 0:
                dW[j] += feats
                dW[y[i]] -= feats
                dfeats += W[j] - W[y[i]]
        dfeats[a <= 0] *= slope
        dtheta += dfeats[:, np.newaxis] * X[i][np.newaxis, :]
        dbias += dfeats

    dW /= num_train
    dtheta /= num_train
    dbias /= num_train
    dW += 2 * reg * W
    dtheta += 2 * reg * theta
    return {"dtheta": dtheta, "dbias": dbias, "dW": dW}
