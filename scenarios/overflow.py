"""A softmax that overflows: exp(f) without the shift.

Pixels from 0 to 255 go in as they are, f reaches the hundreds, and exp is infinite above 709: p becomes Inf/Inf = NaN.
One of the five examples is enough, from there NaN spreads into the loss and into all of ∂L/∂W₁. Subtracting the largest
f of each column before exp, as softmax.py does, changes nothing in exact arithmetic and everything here.
"""

import numpy as np

params = {
    "W1": np.array([
        [ 0.9, -0.4],
        [-0.7,  0.8],
        [ 1.3, -0.6],
        [-0.5,  0.9],
    ]),
    "b1": np.array([[0.1], [-0.3], [0.2], [0.4]]),
    "W2": np.array([
        [ 1.4, -0.6,  1.9,  0.3],
        [-0.9,  0.7,  1.2, -0.4],
        [ 0.5,  1.1, -0.7,  0.2],
    ]),
    "b2": np.array([[0.3], [-0.2], [0.1]]),
}

data = {
    "x": np.array([
        [  2.0,   0.0, 231.0,   1.0, 255.0],
        [  0.0,   3.0,  12.0,   5.0, 198.0],
    ]),
    "Y": np.array([
        [1.0, 0.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 1.0, 0.0],
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


def softmax(f):
    e = np.exp(f)
    return e / np.sum(e, axis=0, keepdims=True)


def loss(x, Y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * Y, axis=0, keepdims=True)))
