"""Two-layer ReLU classification: softmax and log-loss, three classes.

Equations (21) to (31) of the notes, for five examples at once: each is a column of x, and of the one-hot labels Y.
The losses of the examples are added up. The mask of (28) to (31) acts entry by entry (⊙).
"""

import numpy as np

params = {
    "W1": np.array([
        [ 1.6, -2.4],
        [ 0.4, -0.5],
        [-0.4,  0.0],
        [-1.8,  0.0],
    ]),
    "b1": np.array([[0.6], [0.9], [0.2], [0.3]]),
    "W2": np.array([
        [-0.3, -0.6, -0.9, -0.4],
        [ 0.4, -0.2,  0.9, -0.2],
        [ 0.0,  1.4,  0.5, -0.5],
    ]),
    "b2": np.array([[-0.4], [-0.5], [1.0]]),
}

data = {
    "x": np.array([
        [-0.3, -0.2,  1.0, -0.9, -0.3],
        [ 0.9,  0.6,  0.1,  0.7, -2.8],
    ]),
    "Y": np.array([
        [1.0, 0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0, 0.0, 1.0],
        [0.0, 1.0, 0.0, 0.0, 0.0],
    ]),
}

references = {
    "h1": "eq. (21)",
    "f": "eq. (22)",
    "p": "eq. (23)",
    "df": "eq. (24)",
    "dW2": "eq. (25)",
    "db2": "eq. (27)",
    "dh1": "eq. (26)",
    "dW1": "eq. (28)",
    "db1": "eq. (30)",
}

learning_rate = 0.1
iterations = 40


def softmax(f):
    s = f - np.max(f, axis=0, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=0, keepdims=True)


def loss(x, Y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * Y, axis=0, keepdims=True)))
