"""Rows, as many ReLU layers as the lists hold, softmax over whole-number labels, one walk back over the lists."""

import numpy as np

rng = np.random.default_rng(31)
widths = (4, 6, 5, 3)
params = {
    "Ws": [rng.normal(size=(i, o)) * np.sqrt(2 / i) for i, o in zip(widths[:-1], widths[1:])],
    "bs": [0.3 * rng.normal(size=o) for o in widths[1:]],
}
data = {"X": rng.normal(size=(9, 4)), "y": rng.integers(0, 3, size=9)}


def loss(X, y, Ws, bs):
    out = X
    for l in range(len(Ws)):
        out = out @ Ws[l] + bs[l]
        if l < len(Ws) - 1:
            out = np.maximum(out, 0)
    out = out - np.max(out, axis=1, keepdims=True)
    logp = out - np.log(np.sum(np.exp(out), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(y)), y])


def backward(X, y, Ws, bs):
    L = len(Ws)
    num = X.shape[0]
    inputs, pre = [], []
    out = X
    for l in range(L):
        inputs.append(out)
        out = out @ Ws[l] + bs[l]
        pre.append(out)
        if l < L - 1:
            out = np.maximum(out, 0)
    ex = np.exp(out - out.max(axis=1, keepdims=True))
    dscores = ex / ex.sum(axis=1, keepdims=True)
    # backward
    dscores[np.arange(num), y] -= 1
    dscores /= num
    dWs = [np.zeros_like(w) for w in Ws]
    dbs = [np.zeros_like(v) for v in bs]
    dout = dscores
    for l in reversed(range(L)):
        if l < L - 1:
            dout = dout * (pre[l] > 0)
        dWs[l] += inputs[l].T @ dout
        dbs[l] += dout.sum(axis=0)
        dout = dout @ Ws[l].T
    return {"Ws": dWs, "bs": dbs}
