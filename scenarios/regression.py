"""Two-layer ReLU regression, one example, as in the notes.

Equations (12) to (20). The notes call the hidden layer h and never name what goes into the ReLU; here that is z1,
because the mask of the backward pass, 𝟙(z₁>0), is made from it. The mask acts entry by entry (⊙), which (17) to (20)
leave out, and (19) is the gradient of b₁.
"""

import numpy as np

params = {
    "W1": np.array([
        [ 0.6, -0.5,  0.3],
        [-0.8,  0.5, -0.9],
        [-0.4, -0.7,  0.6],
        [ 0.2,  0.4,  0.3],
    ]),
    "b1": np.array([[0.2], [-0.1], [0.1], [0.3]]),
    "W2": np.array([
        [ 0.4, -0.2,  0.9, -0.2],
        [ 0.0,  1.4,  0.5, -0.5],
    ]),
    "b2": np.array([[0.1], [0.2]]),
}

data = {
    "x": np.array([[1.9], [-0.3], [-0.2]]),
    "y": np.array([[1.2], [1.6]]),
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

learning_rate = 0.1
iterations = 40


def loss(x, y, W1, b1, W2, b2):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    return 0.5 * np.sum((f - y) ** 2)
