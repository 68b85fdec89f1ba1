"""Everything is 3 by 3: shapes explain no transpose here.

Three inputs, three hidden units, three outputs, three examples. Every product of two of these matrices fits, transposed
or not and in either order, and nearly all of them are wrong. Only the indices tell which one is the gradient.
"""

import numpy as np

params = {
    "W1": np.array([
        [-0.3,  0.2,  0.5],
        [-0.8,  0.6,  0.2],
        [ 0.6,  0.2,  0.9],
    ]),
    "b1": np.array([[-0.4], [0.7], [0.5]]),
    "W2": np.array([
        [-0.3, -0.6, -0.9],
        [-0.4,  0.4, -0.2],
        [ 0.9, -0.2,  0.0],
    ]),
    "b2": np.array([[-0.2], [0.3], [0.2]]),
}

data = {
    "x": np.array([
        [-1.7,  0.6, -0.6],
        [-0.3, -0.6, -0.4],
        [ 0.1,  0.1, -1.6],
    ]),
    "y": np.array([
        [-0.4, -1.9, -1.8],
        [-0.5,  1.2,  0.9],
        [-0.8, -1.0, -1.2],
    ]),
}

references = {
    "h1": "eq. (12)",
    "f": "eq. (13)",
    "df": "eq. (4)",
    "dW2": "eq. (14)",
    "db2": "eq. (16)",
    "dh1": "eq. (15)",
    "dW1": "eq. (17)",
    "db1": "eq. (19)",
}

learning_rate = 0.05
iterations = 40


def loss(x, y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    return 0.5 * np.sum((f - y) ** 2)
