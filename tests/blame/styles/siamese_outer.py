"""Both halves of a pair go through the same W and b; the squared distance feeds a sigmoid. One pair at a time."""

import numpy as np

rng = np.random.default_rng(31)
params = {
    "W": rng.normal(size=(4, 3)) * 0.8,
    "b": rng.normal(size=4) * 0.3,
    "v": rng.normal(size=4),
    "t": np.array(0.25),
}
data = {
    "left": rng.normal(size=(6, 3)),
    "right": rng.normal(size=(6, 3)),
    "same": np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0]),
}


def sigmoid(s):
    return 1.0 / (1.0 + np.exp(-s))


def encode(x, W, b):
    return np.tanh(np.dot(W, x) + b)


def loss(left, right, same, W, b, v, t):
    total = 0.0
    for i in range(len(same)):
        e1 = encode(left[i], W, b)
        e2 = encode(right[i], W, b)
        s = np.dot(v, (e1 - e2) ** 2) + t
        q = sigmoid(s)
        total -= same[i] * np.log(q) + (1 - same[i]) * np.log(1 - q)
    return total / len(same)


def backward(left, right, same, W, b, v, t):
    n_pairs = len(same)
    W_grad, b_grad, v_grad, t_grad = np.zeros_like(W), np.zeros_like(b), np.zeros_like(v), 0.0
    for x1, x2, label in zip(left, right, same):
        e1 = encode(x1, W, b)
        e2 = encode(x2, W, b)
        diff = e1 - e2
        q = sigmoid(np.dot(v, diff**2) + t)

        err = (q - label) / n_pairs
        t_grad += err
        v_grad += err * diff**2
        diff_err = err * v * 2 * diff

        # e1 enters with +, e2 with -
        pre1_err = diff_err * (1 - e1**2)
        pre2_err = -diff_err * (1 - e2**2)
        W_grad += np.outer(pre1_err, x1)
        W_grad += np.outer(pre2_err, x2)
        b_grad += pre1_err + pre2_err
    return {"W": W_grad, "b": b_grad, "v": v_grad, "t": t_grad}
