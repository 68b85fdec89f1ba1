"""Three-layer ReLU classification: three classes, six examples.

The softmax loss of the two-layer net on top of the three-layer net: ∂L/∂f = p − 𝟙(y) takes the place of f − y,
everything below it stays the same.
"""

import numpy as np

params = {
    "W1": np.array([
        [ 0.4, -0.5],
        [-1.0, -0.5],
        [ 1.0,  0.1],
        [-1.3,  0.4],
        [ 0.5, -0.4],
    ]),
    "b1": np.array([[-0.5], [0.5], [-0.2], [0.1], [0.2]]),
    "W2": np.array([
        [-0.7, -0.7,  0.2,  0.3,  0.4],
        [ 1.3, -0.8,  0.7, -0.4, -0.8],
        [-0.9,  0.5, -0.3, -1.0,  1.0],
        [-1.4,  0.5,  0.8, -0.5,  0.6],
    ]),
    "b2": np.array([[0.4], [0.5], [-0.2], [0.4]]),
    "W3": np.array([
        [-0.1, -0.9,  0.9, -0.4],
        [-0.4, -0.4,  0.4, -0.2],
        [-0.6,  0.8,  0.6, -0.4],
    ]),
    "b3": np.array([[0.5], [0.3], [-0.3]]),
}

data = {
    "x": np.array([
        [ 1.7,  1.9, -0.5, -1.1,  0.7,  0.8],
        [ 0.6, -0.4, -0.3,  2.9, -1.3,  0.3],
    ]),
    "Y": np.array([
        [0.0, 0.0, 0.0, 1.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 0.0, 1.0, 0.0],
        [1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    ]),
}

references = {
    "p": "eq. (23)",
    "df": "eq. (24)",
    "dW3": "eq. (3)",
    "dh2": "eq. (2)",
    "dW2": "eq. (3)",
    "dh1": "eq. (2)",
    "dW1": "eq. (3)",
}

learning_rate = 0.1
iterations = 40


def softmax(f):
    s = f - np.max(f, axis=0, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=0, keepdims=True)


def loss(x, Y, W1, b1, W2, b2, W3, b3):
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    z2 = W2 @ h1 + b2
    h2 = np.maximum(z2, 0)
    f = W3 @ h2 + b3
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * Y, axis=0, keepdims=True)))
