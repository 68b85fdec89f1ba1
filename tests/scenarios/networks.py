"""The larger prepared nets with their backward passes written out by hand, from the published formulas.

Nothing here knows the engine. Each function takes a scenario's arrays and returns what it computed by name; gradients
are called dW, df, ... Batch norm, layer norm and softmax go back in one line each, the convolution goes window by
window over the picture, the recurrent net step by step back in time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = dict[str, Any]


def softmax(a: Any, axis: int) -> Any:
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def embedding(contexts: Any, y: Any, C: Any, W1: Any, gamma: Any, beta: Any, W2: Any, b2: Any) -> Arrays:
    x = np.array([np.concatenate([C[i] for i in context]) for context in contexts])
    z = x @ W1
    std = np.sqrt(z.var(axis=0, keepdims=True) + 1e-5)
    normed = (z - z.mean(axis=0, keepdims=True)) / std
    h = np.tanh(gamma * normed + beta)
    f = h @ W2 + b2
    p = softmax(f, axis=1)
    L = -np.sum([np.log(p[i, k]) for i, k in enumerate(y)])
    df = p.copy()
    for i, k in enumerate(y):
        df[i, k] -= 1
    dW2, db2 = h.T @ df, df.sum(axis=0, keepdims=True)
    dscaled = df @ W2.T * (1 - h**2)
    dgamma, dbeta = (dscaled * normed).sum(axis=0, keepdims=True), dscaled.sum(axis=0, keepdims=True)
    dnormed = dscaled * gamma
    along = np.mean(dnormed * normed, axis=0, keepdims=True)
    dz = (dnormed - dnormed.mean(axis=0, keepdims=True) - normed * along) / std
    dW1, dx = x.T @ dz, dz @ W1.T
    dC = np.zeros_like(C)
    for context, row in zip(contexts, dx, strict=True):
        for i, vector in zip(context, np.split(row, len(context)), strict=True):
            dC[i] += vector
    return locals()


def convolution(x: Any, patch: Any, block: Any, Y: Any, K: Any, b: Any, W: Any, c: Any) -> Arrays:
    places = [(row, column) for row in range(2) for column in range(4)]
    windows = [x[row : row + 3, column : column + 3] for row, column in places]
    kernels = [kernel.reshape(3, 3) for kernel in K.T]
    z = np.array([[np.sum(kernel * window) for kernel in kernels] for window in windows]) + b
    h = np.maximum(z, 0)
    squares = [[places.index((row, left + i)) for row in (0, 1) for i in (0, 1)] for left in (0, 2)]
    winners = [[max(square, key=lambda place: h[place, kernel]) for kernel in range(3)] for square in squares]
    pooled = np.array([[h[place, kernel] for kernel, place in enumerate(of)] for of in winners])
    v = pooled.reshape(1, -1)
    f = v @ W + c
    p = softmax(f, axis=1)
    L = -float(np.log(p[Y == 1]).sum())
    df = p - Y
    dW, dc = np.outer(v, df), df
    dpooled = (df @ W.T).reshape(pooled.shape)
    dz, dK = np.zeros_like(z), np.zeros_like(K)
    for of, gradients in zip(winners, dpooled, strict=True):
        for kernel, place in enumerate(of):
            dz[place, kernel] = gradients[kernel] * (z[place, kernel] > 0)
            dK[:, kernel] += dz[place, kernel] * windows[place].reshape(-1)
    db = dz.sum(axis=0, keepdims=True)
    return {name: array for name, array in locals().items() if isinstance(array, np.ndarray | float)}


def rnn(xs: Any, start: Any, y: Any, Wx: Any, Wh: Any, b: Any, Wy: Any, c: Any) -> Arrays:
    h = [start]
    for x in xs:
        h.append(np.tanh(Wx @ x + Wh @ h[-1] + b))
    f = Wy @ h[-1] + c
    L = 0.5 * np.sum((f - y) ** 2)
    made: Arrays = {"f": f, "L": L, "df": f - y}
    made |= {"dWy": made["df"] @ h[-1].T, "dc": made["df"].sum(axis=1, keepdims=True)}
    made |= {"dWx": np.zeros_like(Wx), "dWh": np.zeros_like(Wh), "db": np.zeros_like(b)}
    dh = Wy.T @ made["df"]
    for t in range(len(xs), 0, -1):
        dz = dh * (1 - h[t] ** 2)
        made |= {f"h{t}": h[t], f"dh{t}": dh, f"dz{t}": dz}
        made["dWx"] += dz @ xs[t - 1].T
        made["dWh"] += dz @ h[t - 1].T
        made["db"] += dz.sum(axis=1, keepdims=True)
        dh = Wh.T @ dz
    return made


def attention(x: Any, y: Any, seen: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, gamma: Any, beta: Any) -> Arrays:
    """One sequence after the other, one token's scores after the other; a token looks at itself and those before it."""
    named = {"Wq": Wq, "Wk": Wk, "Wv": Wv, "Wo": Wo, "gamma": gamma, "beta": beta}
    made: Arrays = {f"d{name}": np.zeros_like(array) for name, array in named.items()}
    made |= {name: [] for name in ("q", "k", "v", "weights", "mixed", "a", "f", "dweights", "dscores", "da")}
    L = 0.0
    for own, target in zip(x, y, strict=True):
        q, k, v = own @ Wq, own @ Wk, own @ Wv
        weights = np.zeros((len(own), len(own)))
        for token in range(len(own)):
            weights[token, : token + 1] = softmax(k[: token + 1] @ q[token] / 2, axis=0)
        mixed = weights @ v
        a = own + mixed @ Wo
        std = np.sqrt(a.var(axis=1, keepdims=True) + 1e-5)
        normed = (a - a.mean(axis=1, keepdims=True)) / std
        f = gamma * normed + beta
        L += 0.5 * np.sum((f - target) ** 2)
        df = f - target
        made["dgamma"] += (df * normed).sum(axis=0)
        made["dbeta"] += df.sum(axis=0)
        dn = df * gamma
        along = np.mean(dn * normed, axis=1, keepdims=True)
        da = (dn - dn.mean(axis=1, keepdims=True) - normed * along) / std
        made["dWo"] += mixed.T @ da
        dmixed = da @ Wo.T
        dweights = dmixed @ v.T
        dscores = weights * (dweights - np.sum(dweights * weights, axis=1, keepdims=True))
        made["dWq"] += own.T @ (dscores @ k) / 2
        made["dWk"] += own.T @ (dscores.T @ q) / 2
        made["dWv"] += own.T @ (weights.T @ dmixed)
        here = locals()
        for name in ("q", "k", "v", "weights", "mixed", "a", "f", "dweights", "dscores", "da"):
            made[name].append(here[name])
    return {name: np.array(value) for name, value in made.items()} | {"L": L}


NETWORKS: dict[str, Callable[..., Arrays]] = {
    "attention": attention,
    "convolution": convolution,
    "embedding": embedding,
    "rnn": rnn,
}
