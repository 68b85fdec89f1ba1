"""Vanilla RNN on a minibatch of sequences: rnn_step_forward/backward, an output and squared error at every step."""

import numpy as np

rng = np.random.default_rng(231)
N, T, D, H, M = 3, 4, 6, 5, 2
params = {
    "Wx": 0.5 * rng.normal(size=(D, H)),
    "Wh": 0.5 * rng.normal(size=(H, H)),
    "b": 0.2 * rng.normal(size=H),
    "Wy": 0.5 * rng.normal(size=(H, M)),
    "by": 0.2 * rng.normal(size=M),
}
data = {"x": rng.normal(size=(N, T, D)), "targets": rng.normal(size=(N, T, M)), "h0": rng.normal(size=(N, H))}


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, next_h, Wx, Wh)
    return next_h, cache


def rnn_step_backward(dnext_h, cache):
    x, prev_h, next_h, Wx, Wh = cache
    dtanh = dnext_h * (1 - next_h**2)
    dx = dtanh.dot(Wx.T)
    dprev_h = dtanh.dot(Wh.T)
    dWx = x.T.dot(dtanh)
    dWh = prev_h.T.dot(dtanh)
    db = dtanh.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def loss(x, targets, h0, Wx, Wh, b, Wy, by):
    N, T, _ = x.shape
    h = h0
    total = 0.0
    for t in range(T):
        h, _ = rnn_step_forward(x[:, t, :], h, Wx, Wh, b)
        y = h.dot(Wy) + by
        total += 0.5 * np.sum((y - targets[:, t, :]) ** 2)
    return total / (N * T)


def backward(x, targets, h0, Wx, Wh, b, Wy, by):
    N, T, _ = x.shape
    h = h0
    hs, ys, caches = [], [], []
    for t in range(T):
        h, cache = rnn_step_forward(x[:, t, :], h, Wx, Wh, b)
        hs.append(h)
        ys.append(h.dot(Wy) + by)
        caches.append(cache)

    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        dy = (ys[t] - targets[:, t, :]) / (N * T)
        dWy += hs[t].T.dot(dy)
        dby += dy.sum(axis=0)
        dh = dy.dot(Wy.T) + dh_next
        _, dh_next, dWx_t, dWh_t, db_t = rnn_step_backward(dh, caches[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return {"Wx": dWx, "Wh": dWh, "b": db, "Wy": dWy, "by": dby}
