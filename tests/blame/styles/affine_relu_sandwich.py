"""Columns, affine and ReLU as pairs with dict caches and a sandwich of both; a mean, half squared error."""

import numpy as np

RETURNS = "dWa dba dWb dbb dWc"

rng = np.random.default_rng(17)
params = {
    "Wa": rng.normal(size=(5, 4)) * 0.7,
    "ba": rng.normal(size=(5, 1)) * 0.2,
    "Wb": rng.normal(size=(6, 5)) * 0.7,
    "bb": rng.normal(size=(6, 1)) * 0.2,
    "Wc": rng.normal(size=(2, 6)) * 0.7,
}
data = {"x": rng.normal(size=(4, 8)), "y": rng.normal(size=(2, 8))}


def affine_forward(x, w, b):
    return np.dot(w, x) + b, {"x": x, "w": w}


def affine_backward(dout, cache):
    dx = np.dot(cache["w"].T, dout)
    dw = np.dot(dout, cache["x"].T)
    db = np.sum(dout, axis=1, keepdims=True)
    return dx, dw, db


def relu_forward(x):
    return x * (x > 0), {"x": x}


def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache["x"] <= 0] = 0
    return dx


def affine_relu_forward(x, w, b):
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, {"fc": fc_cache, "relu": relu_cache}


def affine_relu_backward(dout, cache):
    da = relu_backward(dout, cache["relu"])
    return affine_backward(da, cache["fc"])


def loss(x, y, Wa, ba, Wb, bb, Wc):
    h1, _ = affine_relu_forward(x, Wa, ba)
    h2, _ = affine_relu_forward(h1, Wb, bb)
    diff = np.dot(Wc, h2) - y
    return np.mean(0.5 * np.sum(diff**2, axis=0))


def backward(x, y, Wa, ba, Wb, bb, Wc):
    h1, cache_a = affine_relu_forward(x, Wa, ba)
    h2, cache_b = affine_relu_forward(h1, Wb, bb)
    yhat = np.dot(Wc, h2)

    dyhat = (yhat - y) / y.shape[1]
    dWc = np.dot(dyhat, h2.T)
    dh2 = np.dot(Wc.T, dyhat)
    dh1, dWb, dbb = affine_relu_backward(dh2, cache_b)
    _, dWa, dba = affine_relu_backward(dh1, cache_a)
    return dWa, dba, dWb, dbb, dWc
