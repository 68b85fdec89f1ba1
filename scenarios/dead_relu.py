"""A dead ReLU: one hidden unit is off for every example.

It can never learn. Row 2 of z1 is negative in all five columns, so the mask turns row 2 of ∂L/∂z₁, ∂L/∂W₁ and ∂L/∂b₁
into exact zeros; column 2 of ∂L/∂W₂ is zero because row 2 of h1 is. No training step moves the unit again.
"""

import numpy as np

params = {
    "W1": np.array([
        [-0.1,  1.4, -0.5],
        [ 0.2, -0.2, -0.5],
        [ 1.4, -1.1,  0.9],
        [ 0.2, -0.8,  0.1],
    ]),
    "b1": np.array([[0.2], [-0.1], [-1.8], [-0.1]]),
    "W2": np.array([
        [-0.7,  0.3, -1.5,  0.4],
        [ 0.3,  0.3, -1.2,  0.3],
    ]),
    "b2": np.array([[0.4], [-0.3]]),
}

data = {
    "x": np.array([
        [-0.1,  0.1, -1.7,  1.1,  0.4],
        [ 0.4, -0.2, -0.5,  0.7,  0.2],
        [ 0.6,  1.2,  1.4, -1.2, -1.4],
    ]),
    "y": np.array([
        [-0.1,  1.1,  0.3,  0.7, -1.7],
        [ 0.7, -0.3,  2.1,  0.2,  0.4],
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
