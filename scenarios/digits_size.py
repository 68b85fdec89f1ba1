"""A net the size of a digit classifier: 784-256-10, 64 examples.

Random numbers in place of pictures (one pixel in five has ink) and random labels: this file is about size, about
finding one's way in a 256 by 784 gradient. The loss is a mean, so 1/64 is part of the backward pass.
"""

import numpy as np

rng = np.random.default_rng(784)

params = {
    "W1": rng.normal(0.0, 0.05, (256, 784)),
    "b1": np.zeros((256, 1)),
    "W2": rng.normal(0.0, 0.1, (10, 256)),
    "b2": np.zeros((10, 1)),
}

ink = rng.random((784, 64)) < 0.2
labels = rng.integers(0, 10, 64)

data = {
    "x": ink * rng.random((784, 64)),
    "Y": np.eye(10)[:, labels],
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
iterations = 20


def softmax(f):
    s = f - np.max(f, axis=0, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=0, keepdims=True)


def loss(x, Y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    p = softmax(f)
    return -np.mean(np.log(np.sum(p * Y, axis=0, keepdims=True)))
