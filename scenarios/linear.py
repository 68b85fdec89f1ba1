"""Two linear layers without ReLU, one example.

Equations (5) to (11) of the notes. No mask stands in the way yet: only the two transposes, applied twice.
(7) is the equation ∂L/∂W₂ = ∂L/∂f · hᵀ, whose number the notes forgot to print.
"""

import numpy as np

params = {
    "W1": np.array([
        [ 0.5, -0.3,  0.8],
        [-0.7,  0.4,  0.1],
        [ 0.2,  1.1, -0.6],
        [ 0.9, -0.2,  0.3],
    ]),
    "b1": np.array([[0.1], [-0.2], [0.3], [-0.4]]),
    "W2": np.array([
        [ 0.6, -0.4,  0.3,  1.2],
        [-0.5,  0.7,  0.9, -0.1],
    ]),
    "b2": np.array([[0.2], [-0.3]]),
}

data = {
    "x": np.array([[1.4], [-0.8], [0.5]]),
    "y": np.array([[0.7], [-1.2]]),
}

references = {
    "h": "eq. (6)",
    "f": "eq. (5)",
    "df": "eq. (4)",
    "dW2": "eq. (7)",
    "db2": "eq. (9)",
    "dh": "eq. (8)",
    "dW1": "eq. (10)",
    "db1": "eq. (11)",
}

learning_rate = 0.05
iterations = 40


def loss(x, y, W1, b1, W2, b2):
    h = W1 @ x + b1
    f = W2 @ h + b2
    return 0.5 * np.sum((f - y) ** 2)
