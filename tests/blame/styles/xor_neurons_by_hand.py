"""XOR with two sigmoid neurons and one output neuron, every weight a separate float, a loop over the table."""

import numpy as np

params = {
    "w11": np.array(0.8),
    "w12": np.array(-1.3),
    "b1": np.array(0.25),
    "w21": np.array(-0.6),
    "w22": np.array(1.1),
    "b2": np.array(-0.4),
    "v1": np.array(1.7),
    "v2": np.array(-0.9),
    "c": np.array(0.15),
}
data = {
    "samples": [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.5, 0.9]],
    "labels": [1.0, 1.0, 0.0, 0.0, 1.0],
}


def sigmoid(s):
    return 1.0 / (1.0 + np.exp(-s))


def predict(p, q, w11, w12, b1, w21, w22, b2, v1, v2, c):
    n1 = sigmoid(w11 * p + w12 * q + b1)
    n2 = sigmoid(w21 * p + w22 * q + b2)
    return n1, n2, sigmoid(v1 * n1 + v2 * n2 + c)


def loss(samples, labels, w11, w12, b1, w21, w22, b2, v1, v2, c):
    total = 0.0
    for (p, q), t in zip(samples, labels):
        _, _, o = predict(p, q, w11, w12, b1, w21, w22, b2, v1, v2, c)
        total -= t * np.log(o) + (1.0 - t) * np.log(1.0 - o)
    return total / len(labels)


def backward(samples, labels, w11, w12, b1, w21, w22, b2, v1, v2, c):
    g = {name: 0.0 for name in params}
    for (p, q), t in zip(samples, labels):
        n1, n2, o = predict(p, q, w11, w12, b1, w21, w22, b2, v1, v2, c)

        # dL/do * do/dnet
        dL_do = (o - t) / (o * (1.0 - o))
        dL_dnet = dL_do * o * (1.0 - o)
        g["v1"] += dL_dnet * n1
        g["v2"] += dL_dnet * n2
        g["c"] += dL_dnet

        # first neuron
        dL_dnet1 = dL_dnet * v1 * n1 * (1.0 - n1)
        g["w11"] += dL_dnet1 * p
        g["w12"] += dL_dnet1 * q
        g["b1"] += dL_dnet1

        # second neuron
        dL_dnet2 = dL_dnet * v2 * n2 * (1.0 - n2)
        g["w21"] += dL_dnet2 * p
        g["w22"] += dL_dnet2 * q
        g["b2"] += dL_dnet2

    for name in g:
        g[name] /= len(labels)
    return g
