"""Two residual blocks x + F(x) with softplus between linear maps; rows, mean squared error over all entries."""

import numpy as np

rng = np.random.default_rng(1512)
d, k = 3, 5
params = {
    "U1": rng.normal(scale=0.7, size=(d, k)),
    "c1": rng.normal(scale=0.3, size=(1, k)),
    "V1": rng.normal(scale=0.7, size=(k, d)),
    "U2": rng.normal(scale=0.7, size=(d, k)),
    "c2": rng.normal(scale=0.3, size=(1, k)),
    "V2": rng.normal(scale=0.7, size=(k, d)),
}
data = {"x": rng.normal(size=(6, d)), "target": rng.normal(size=(6, d))}


def softplus(a):
    return np.log(1 + np.exp(a))


def logistic(a):
    return 1 / (1 + np.exp(-a))


def block(x, U, c, V):
    pre = x @ U + c
    s = softplus(pre)
    return x + s @ V, {"x": x, "pre": pre, "s": s, "U": U, "V": V}


def block_grad(g, cache):
    gV = cache["s"].T @ g
    gs = g @ cache["V"].T
    gpre = gs * logistic(cache["pre"])
    gU = cache["x"].T @ gpre
    gc = gpre.sum(axis=0, keepdims=True)
    gx = g + gpre @ cache["U"].T  # the skip connection passes g on unchanged
    return gx, gU, gc, gV


def loss(x, target, U1, c1, V1, U2, c2, V2):
    r1, _ = block(x, U1, c1, V1)
    r2, _ = block(r1, U2, c2, V2)
    return np.mean((r2 - target) ** 2)


def backward(x, target, U1, c1, V1, U2, c2, V2):
    r1, cache1 = block(x, U1, c1, V1)
    r2, cache2 = block(r1, U2, c2, V2)
    mse = np.mean((r2 - target) ** 2)

    g = 2 * (r2 - target) / target.size
    g, gU2, gc2, gV2 = block_grad(g, cache2)
    g, gU1, gc1, gV1 = block_grad(g, cache1)
    return mse, {"U1": gU1, "c1": gc1, "V1": gV1, "U2": gU2, "c2": gc2, "V2": gV2}
