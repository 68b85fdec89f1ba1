"""Regression with one residual block: softplus units, einsum everywhere, Huber loss averaged over all outputs."""

import numpy as np

gen = np.random.default_rng(77)
params = {
    "W_in": gen.normal(size=(3, 4)),
    "W_a": 0.6 * gen.normal(size=(4, 6)),
    "b_a": gen.normal(size=(6,)),
    "W_b": 0.6 * gen.normal(size=(6, 4)),
    "W_out": gen.normal(size=(4, 2)),
    "b_out": gen.normal(size=(2,)),
}
data = {
    "inputs": gen.normal(size=(7, 3)),
    "targets": gen.normal(size=(7, 2)),
    "delta": 1.5,
}


def softplus(t):
    return np.log(1.0 + np.exp(t))


def loss(inputs, targets, delta, W_in, W_a, b_a, W_b, W_out, b_out):
    s = inputs @ W_in
    s = s + softplus(s @ W_a + b_a) @ W_b
    r = s @ W_out + b_out - targets
    quad = 0.5 * r**2
    lin = delta * (np.abs(r) - 0.5 * delta)
    return np.where(np.abs(r) <= delta, quad, lin).mean()


def backward(inputs, targets, delta, W_in, W_a, b_a, W_b, W_out, b_out):
    grads = {}

    stem = np.einsum("ni,ij->nj", inputs, W_in)
    u = np.einsum("nj,jk->nk", stem, W_a) + b_a
    act = softplus(u)
    block = np.einsum("nk,kj->nj", act, W_b)
    trunk = stem + block
    pred = np.einsum("nj,jo->no", trunk, W_out) + b_out
    r = pred - targets

    # derivative of Huber: r in the middle, +-delta outside
    g_pred = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / r.size

    grads["W_out"] = np.einsum("nj,no->jo", trunk, g_pred)
    grads["b_out"] = np.einsum("no->o", g_pred)
    g_trunk = np.einsum("no,jo->nj", g_pred, W_out)

    # branch
    grads["W_b"] = np.einsum("nk,nj->kj", act, g_trunk)
    g_act = np.einsum("nj,kj->nk", g_trunk, W_b)
    g_u = g_act / (1.0 + np.exp(-u))
    grads["W_a"] = np.einsum("nj,nk->jk", stem, g_u)
    grads["b_a"] = np.einsum("nk->k", g_u)

    # skip + branch meet again
    g_stem = g_trunk + np.einsum("nk,jk->nj", g_u, W_a)
    grads["W_in"] = np.einsum("ni,nj->ij", inputs, g_stem)
    return grads
