"""Rows, any number of layers in a loop: dicts of parameters, of what was computed and of gradients."""

import numpy as np

rng = np.random.default_rng(10)
sizes = [3, 4, 4, 2]
params = {f"W{i}": rng.normal(size=(sizes[i - 1], sizes[i])) for i in (1, 2, 3)}
params |= {f"b{i}": rng.normal(size=(1, sizes[i])) for i in (1, 2, 3)}
data = {"x": rng.normal(size=(6, 3)), "y": rng.normal(size=(6, 2))}


def loss(params, data):
    a = data["x"]
    for i in (1, 2):
        a = np.maximum(a @ params[f"W{i}"] + params[f"b{i}"], 0)
    f = a @ params["W3"] + params["b3"]
    return np.mean(np.sum((f - data["y"]) ** 2, axis=1))


def backward(params, data):
    cache, grads = {"a0": data["x"]}, {}
    N = len(data["x"])
    for i in (1, 2, 3):
        cache[f"z{i}"] = cache[f"a{i - 1}"] @ params[f"W{i}"] + params[f"b{i}"]
        cache[f"a{i}"] = np.maximum(cache[f"z{i}"], 0) if i < 3 else cache[f"z{i}"]
    # backward
    dz = 2 * (cache["a3"] - data["y"]) / N
    for i in (3, 2, 1):
        grads[f"W{i}"] = cache[f"a{i - 1}"].T @ dz
        grads[f"b{i}"] = np.sum(dz, axis=0, keepdims=True)
        if i > 1:
            da = dz @ params[f"W{i}"].T
            dz = da * (cache[f"z{i - 1}"] > 0)
    return grads
