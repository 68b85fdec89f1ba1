"""XOR with two hidden sigmoid neurons and no matrices: every weight is a number with its own name."""

import numpy as np

params = {
    "w11": np.array(0.8),
    "w12": np.array(-1.1),
    "b1": np.array(0.3),
    "w21": np.array(-0.75),
    "w22": np.array(1.4),
    "b2": np.array(-0.2),
    "v1": np.array(1.2),
    "v2": np.array(-0.9),
    "c": np.array(0.1),
}
data = {"samples": [[0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def loss(samples, w11, w12, b1, w21, w22, b2, v1, v2, c):
    total = 0.0
    for x1, x2, target in samples:
        h1 = sigmoid(w11 * x1 + w12 * x2 + b1)
        h2 = sigmoid(w21 * x1 + w22 * x2 + b2)
        o = sigmoid(v1 * h1 + v2 * h2 + c)
        total += 0.5 * (target - o) ** 2
    return total


def backward(samples, w11, w12, b1, w21, w22, b2, v1, v2, c):
    g_w11 = g_w12 = g_b1 = 0.0
    g_w21 = g_w22 = g_b2 = 0.0
    g_v1 = g_v2 = g_c = 0.0
    for x1, x2, target in samples:
        h1 = sigmoid(w11 * x1 + w12 * x2 + b1)
        h2 = sigmoid(w21 * x1 + w22 * x2 + b2)
        o = sigmoid(v1 * h1 + v2 * h2 + c)

        err_o = -(target - o) * o * (1 - o)
        g_v1 += err_o * h1
        g_v2 += err_o * h2
        g_c += err_o

        err_h1 = err_o * v1 * h1 * (1 - h1)
        g_w11 += err_h1 * x1
        g_w12 += err_h1 * x2
        g_b1 += err_h1

        err_h2 = err_o * v2 * h2 * (1 - h2)
        g_w21 += err_h2 * x1
        g_w22 += err_h2 * x2
        g_b2 += err_h2
    return {
        "w11": g_w11,
        "w12": g_w12,
        "b1": g_b1,
        "w21": g_w21,
        "w22": g_w22,
        "b2": g_b2,
        "v1": g_v1,
        "v2": g_v2,
        "c": g_c,
    }
