"""A recurrent net: one matrix, used in four time steps.

Each of five sequences is one column of the four arrays in xs. Wh appears in every step, so ∂L/∂Wh is a sum of one term
per step: ∂L/∂z at that time, times what Wh was multiplied by then, the state before. On its way back in time the
gradient is multiplied by Whᵀ and by the slope of tanh, 1 − h², again and again; compare the sizes of ∂L/∂h₄ and ∂L/∂h₁.
At the start the state is zero, so the first step adds nothing to ∂L/∂Wh.
"""

import numpy as np

params = {
    "Wx": np.array([
        [ 0.2,  0.7,  0.5],
        [ 0.4,  1.1, -0.8],
        [-0.6, -0.9, -0.1],
        [ 0.7,  0.1,  0.3],
    ]),
    "Wh": np.array([
        [-0.9,  0.1, -0.5,  0.8],
        [ 0.5,  0.6,  0.2,  0.4],
        [ 0.4, -0.2, -0.3, -0.1],
        [-0.7, -0.4,  0.3, -0.6],
    ]),
    "b": np.array([[0.2], [-0.5], [0.3], [-0.2]]),
    "Wy": np.array([
        [-0.4, -1.1, -0.1, -0.2],
        [ 0.3, -0.5,  0.1,  1.4],
    ]),
    "c": np.array([[0.1], [-0.2]]),
}

data = {
    "xs": [
        np.array([
            [ 1.0, -0.1,  0.6,  0.5, -0.4],
            [-1.9, -0.3,  0.6, -0.4,  0.4],
            [ 1.0, -0.5,  1.2,  1.6,  1.1],
        ]),
        np.array([
            [ 1.2,  1.1,  2.3,  0.2, -0.1],
            [ 0.6, -0.9, -1.6, -0.9,  0.4],
            [ 0.5, -1.5, -1.9, -0.3, -0.2],
        ]),
        np.array([
            [ 0.1,  0.7,  1.2,  0.2,  0.6],
            [-1.1, -1.2,  0.2,  0.7,  0.7],
            [ 0.6,  0.8,  0.8, -1.8, -0.7],
        ]),
        np.array([
            [ 0.5,  0.6, -1.5,  1.2, -0.4],
            [-0.2,  0.3,  0.7, -1.4,  1.0],
            [ 0.1, -0.8, -0.3, -2.2, -0.6],
        ]),
    ],
    "start": np.zeros((4, 5)),
    "y": np.array([
        [ 2.2,  1.9,  2.3,  1.6,  3.3],
        [-0.5, -1.8, -1.7, -1.0, -0.4],
    ]),
}

learning_rate = 0.02
iterations = 40


def loss(xs, start, y, Wx, Wh, b, Wy, c):
    h = start
    for x in xs:
        z = Wx @ x + Wh @ h + b
        h = np.tanh(z)
    f = Wy @ h + c
    return 0.5 * np.sum((f - y) ** 2)
