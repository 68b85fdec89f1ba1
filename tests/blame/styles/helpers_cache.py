"""Rows, one function for each layer that hands a tuple of what it needs to its backward."""

import numpy as np

rng = np.random.default_rng(7)
params = {
    "W1": rng.normal(size=(3, 5)),
    "b1": rng.normal(size=5),
    "W2": rng.normal(size=(5, 4)),
    "b2": rng.normal(size=4),
}
data = {"x": rng.normal(size=(6, 3)), "y": rng.integers(0, 4, size=6)}


def affine_forward(x, w, b):
    out = x @ w + b
    return out, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    dx = dout * (cache > 0)
    return dx


def softmax_loss(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    N = len(y)
    return -log_probs[np.arange(N), y].sum() / N, log_probs


def softmax_backward(log_probs, y):
    N = len(y)
    dscores = np.exp(log_probs)
    dscores[np.arange(N), y] -= 1
    dscores = dscores / N
    return dscores


def loss(x, y, W1, b1, W2, b2):
    a, _ = affine_forward(x, W1, b1)
    h, _ = relu_forward(a)
    scores, _ = affine_forward(h, W2, b2)
    return softmax_loss(scores, y)[0]


def backward(x, y, W1, b1, W2, b2):
    a, cache1 = affine_forward(x, W1, b1)
    h, relu_cache = relu_forward(a)
    scores, cache2 = affine_forward(h, W2, b2)
    value, log_probs = softmax_loss(scores, y)
    # backward
    dscores = softmax_backward(log_probs, y)
    dh, dW2, db2 = affine_backward(dscores, cache2)
    da = relu_backward(dh, relu_cache)
    dx, dW1, db1 = affine_backward(da, cache1)
    return value, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
