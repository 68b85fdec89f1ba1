"""Three-layer ReLU regression: the extension the notes leave to you.

Six examples, two masks. ∂L/∂W₁ is (𝟙(z₁>0) ⊙ (W₂ᵀ · (𝟙(z₂>0) ⊙ (W₃ᵀ · ∂L/∂f)))) · xᵀ. There is no new rule in it:
each layer repeats ∂L/∂W = ∂L/∂z · hᵀ (3) and ∂L/∂h = Wᵀ · ∂L/∂z (2), and each ReLU puts its mask in between.
"""

import numpy as np

params = {
    "W1": np.array([
        [ 0.3, -1.3,  0.2],
        [ 0.2,  0.1,  1.2],
        [ 0.3,  0.9,  0.8],
        [-0.5,  0.7,  0.6],
        [-1.4,  0.4, -0.3],
    ]),
    "b1": np.array([[0.4], [0.4], [0.5], [0.2], [-0.1]]),
    "W2": np.array([
        [ 1.3, -1.8, -0.2, -0.7,  0.3],
        [ 0.8,  0.7, -0.7,  0.1, -0.4],
        [-0.7,  0.4,  0.7, -0.4, -1.0],
        [-1.2, -0.9, -0.5, -0.3,  2.1],
    ]),
    "b2": np.array([[-0.2], [0.2], [-0.3], [0.4]]),
    "W3": np.array([
        [ 0.4, -0.9, -2.1, -0.1],
        [ 0.9,  0.1, -0.1, -0.3],
    ]),
    "b3": np.array([[0.2], [0.5]]),
}

data = {
    "x": np.array([
        [ 1.4, -0.3,  1.6, -0.8,  0.7, -1.2],
        [-1.9, -0.1,  1.0,  2.0,  0.4,  0.2],
        [ 0.7,  1.9, -0.3, -0.6,  0.4,  0.3],
    ]),
    "y": np.array([
        [-0.9, -0.1,  0.3,  0.4, -0.1, -1.4],
        [ 0.0,  0.4,  0.9, -0.8, -0.4, -0.4],
    ]),
}

references = {
    "df": "eq. (4)",
    "dW3": "eq. (3)",
    "dh2": "eq. (2)",
    "dW2": "eq. (3)",
    "dh1": "eq. (2)",
    "dW1": "eq. (3)",
}

learning_rate = 0.02
iterations = 40


def loss(x, y, W1, b1, W2, b2, W3, b3):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    z2 = W2 @ h1 + b2
    h2 = np.maximum(z2, 0)
    f = W3 @ h2 + b3
    return 0.5 * np.sum((f - y) ** 2)
