"""One matrix product A = B C: where the two transposes come from.

The loss is the sum of the entries of A, weighted with G, so that ∂L/∂A is G itself. What is left to see is the rule
of the notes: ∂L/∂B = ∂L/∂A · Cᵀ (1) and ∂L/∂C = Bᵀ · ∂L/∂A (2). Every other step of every net uses one of the two.
"""

import numpy as np

params = {
    "B": np.array([
        [ 1.2, -0.4,  0.7],
        [-0.3,  0.9,  0.5],
    ]),
    "C": np.array([
        [ 0.8, -0.6,  1.1,  0.2],
        [-1.3,  0.4,  0.3, -0.7],
        [ 0.5,  0.9, -0.2,  1.4],
    ]),
}

data = {
    "G": np.array([
        [ 0.6, -1.1,  0.3,  0.8],
        [-0.5,  0.2,  1.3, -0.9],
    ]),
}

references = {"dB": "eq. (1)", "dC": "eq. (2)"}


def loss(G, B, C):
    A = B @ C
    return np.sum(G * A)
