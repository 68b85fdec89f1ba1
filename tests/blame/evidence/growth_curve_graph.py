"""A logistic growth curve K / (1 + exp(-r (t - t0))) fitted to counts, one node of the graph per line."""

import numpy as np

params = {"K": np.array(4.2), "r": np.array(0.9), "t0": np.array(2.3)}
data = {
    "times": np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.5]),
    "counts": np.array([0.3, 1.1, 1.6, 3.4, 3.7, 5.0]),
}


def loss(times, counts, K, r, t0):
    predicted = K / (1 + np.exp(-r * (times - t0)))
    return np.mean((predicted - counts) ** 2)


def backward(times, counts, K, r, t0):
    N = len(times)
    dK, dr, dt0 = 0.0, 0.0, 0.0
    mse = 0.0

    for t, count in zip(times, counts):
        # forward pass, every gate gets a name
        shift = t - t0  # (1)
        mul = r * shift  # (2)
        neg = -mul  # (3)
        ex = np.exp(neg)  # (4)
        den = 1 + ex  # (5)
        inv = 1 / den  # (6)
        out = K * inv  # (7)
        diff = out - count  # (8)
        mse += diff**2 / N  # (9)

        # backprop mse += diff**2 / N
        ddiff = 2 * diff / N  # (9)
        # backprop diff = out - count
        dout = ddiff  # (8)
        # backprop out = K * inv
        dK += inv * dout  # (7)
        dinv = K * dout  # (7)
        # backprop inv = 1 / den
        dden = (-1.0 / den**2) * dinv  # (6)
        # backprop den = 1 + ex
        dex = dden  # (5)
        # backprop ex = exp(neg)
        dneg = ex * dex  # (4)
        # backprop neg = -mul
        dmul = -dneg  # (3)
        # backprop mul = r * shift
        dr += shift * dmul  # (2)
        dshift = r * dmul  # (2)
        # backprop shift = t - t0
        dt0 += -dshift  # (1)

    return mse, {"K": dK, "r": dr, "t0": dt0}
