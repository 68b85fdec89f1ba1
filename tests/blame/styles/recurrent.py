"""Columns, one tanh cell in three time steps: gradients of shared weights are added up."""

import numpy as np

rng = np.random.default_rng(14)
params = {
    "Wx": rng.normal(size=(4, 3)),
    "Wh": rng.normal(size=(4, 4)),
    "b": rng.normal(size=(4, 1)),
    "Wy": rng.normal(size=(2, 4)),
}
data = {"xs": [rng.normal(size=(3, 5)) for _ in range(3)], "y": rng.normal(size=(2, 5))}


def loss(xs, y, Wx, Wh, b, Wy):
    h = np.zeros((4, 5))
    for x in xs:
        h = np.tanh(Wx @ x + Wh @ h + b)
    return 0.5 * np.sum((Wy @ h - y) ** 2)


def backward(xs, y, Wx, Wh, b, Wy):
    hs = [np.zeros((4, 5))]
    for x in xs:
        hs.append(np.tanh(Wx @ x + Wh @ hs[-1] + b))
    f = Wy @ hs[-1]
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    # backward
    df = f - y
    dWy = df @ hs[-1].T
    dh = Wy.T @ df
    for t in range(2, -1, -1):
        dz = dh * (1 - hs[t + 1] ** 2)
        dWx += dz @ xs[t].T
        dWh += dz @ hs[t].T
        db += np.sum(dz, axis=1, keepdims=True)
        dh = Wh.T @ dz
    return {"Wx": dWx, "Wh": dWh, "b": db, "Wy": dWy}
