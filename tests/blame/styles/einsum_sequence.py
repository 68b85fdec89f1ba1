"""A position-wise feed-forward net over (batch, time, channel), every product an einsum, half mean squared error."""

import numpy as np

rng = np.random.default_rng(1234)
B, T, C, F, O = 3, 4, 5, 6, 2

params = {
    "Win": rng.normal(0, 0.5, (C, F)),
    "bin": rng.normal(0, 0.5, (F,)),
    "Wout": rng.normal(0, 0.5, (F, O)),
    "bout": rng.normal(0, 0.5, (O,)),
}
data = {"x": rng.normal(size=(B, T, C)), "y": rng.normal(size=(B, T, O))}


def sigmoid(u):
    return 1.0 / (1.0 + np.exp(-u))


def forward(x, params):
    u = np.einsum("btc,cf->btf", x, params["Win"]) + params["bin"]
    gate = sigmoid(u)
    act = u * gate  # swish
    pred = np.einsum("btf,fo->bto", act, params["Wout"]) + params["bout"]
    return pred, (u, gate, act)


def loss(params, data):
    pred, _ = forward(data["x"], params)
    return 0.5 * np.mean((pred - data["y"]) ** 2)


def backward(params, data):
    x, y = data["x"], data["y"]
    pred, (u, gate, act) = forward(x, params)

    d_pred = (pred - y) / pred.size
    d_Wout = np.einsum("btf,bto->fo", act, d_pred)
    d_bout = np.einsum("bto->o", d_pred)
    d_act = np.einsum("bto,fo->btf", d_pred, params["Wout"])
    d_u = d_act * (gate + u * gate * (1 - gate))
    d_Win = np.einsum("btc,btf->cf", x, d_u)
    d_bin = d_u.sum(axis=(0, 1))

    return dict(Win=d_Win, bin=d_bin, Wout=d_Wout, bout=d_bout)
