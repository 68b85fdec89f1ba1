"""Columns, two tanh layers, every product by its letters, an L2 term, half the squared error per example."""

import numpy as np

rng = np.random.default_rng(32)
params = {
    "A": rng.normal(size=(5, 3)),
    "a": rng.normal(size=(5, 1)),
    "B": 0.6 * rng.normal(size=(4, 5)),
    "b": rng.normal(size=(4, 1)),
    "C": rng.normal(size=(2, 4)),
    "c": rng.normal(size=(2, 1)),
}
data = {"x": rng.normal(size=(3, 8)), "t": rng.normal(size=(2, 8)), "l2": 0.15}


def loss(x, t, l2, A, a, B, b, C, c):
    u = np.tanh(A @ x + a)
    v = np.tanh(B @ u + b)
    miss = C @ v + c - t
    weights = np.sum(A**2) + np.sum(B**2) + np.sum(C**2)
    return np.sum(miss**2) / (2 * x.shape[1]) + 0.5 * l2 * weights


def backward(x, t, l2, A, a, B, b, C, c):
    n = x.shape[1]
    u = np.tanh(np.einsum("ij,jn->in", A, x) + a)
    v = np.tanh(np.einsum("ij,jn->in", B, u) + b)
    o = np.einsum("ij,jn->in", C, v) + c
    # backward
    g_o = (o - t) / n
    g_C = np.einsum("in,jn->ij", g_o, v) + l2 * C
    g_c = np.einsum("in->i", g_o)[:, None]
    g_v = np.einsum("ij,in->jn", C, g_o)
    g_v = g_v * (1 - v * v)
    g_B = np.einsum("in,jn->ij", g_v, u) + l2 * B
    g_b = np.einsum("in->i", g_v)[:, None]
    g_u = np.einsum("ij,in->jn", B, g_v)
    g_u = g_u * (1 - u * u)
    g_A = np.einsum("in,jn->ij", g_u, x) + l2 * A
    g_a = np.einsum("in->i", g_u)[:, None]
    return {"A": g_A, "a": g_a, "B": g_B, "b": g_b, "C": g_C, "c": g_c}
