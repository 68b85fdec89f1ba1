"""A backward written by hand with one wrong line: find it and mend it.

The two-layer ReLU net, examples in rows, and beside the loss the gradients as the notes have them in code. Run
`chainstep check` on this file (a copy of your own is best): it goes through `backward` line by line and says which
line is the first wrong one, and why. Mend that line, run it again, until every line is right. Then open the file with
`chainstep` to see the same steps one by one. Your own net is checked in the same way: write `loss`, write `backward`.
"""

import numpy as np

params = {
    "W1": np.array([
        [ 0.6, -0.5,  0.3,  0.4],
        [-0.8,  0.5, -0.9,  0.2],
        [-0.4, -0.7,  0.6,  0.9],
    ]),
    "b1": np.array([[0.2, -0.1, 0.1, 0.3]]),
    "W2": np.array([
        [ 0.4, -0.2],
        [ 0.9,  1.4],
        [-0.6,  0.5],
        [ 0.3, -0.5],
    ]),
    "b2": np.array([[0.1, 0.2]]),
}

data = {
    "x": np.array([
        [ 1.9, -0.3, -0.2],
        [-0.7,  0.8,  0.5],
        [ 0.4,  1.1, -1.3],
        [-1.2, -0.6,  0.9],
        [ 0.3, -1.4,  0.7],
    ]),
    "y": np.array([
        [ 1.2,  1.6],
        [-0.4,  0.3],
        [ 0.8, -1.1],
        [-0.9,  0.6],
        [ 0.2,  1.3],
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
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    return 0.5 * np.sum((f - y) ** 2)


def backward(x, y, W1, b1, W2, b2):
    z1 = np.dot(x, W1) + b1
    h1 = np.maximum(z1, 0)
    f = np.dot(h1, W2) + b2

    # layer 2
    df = f - y
    dw2 = np.dot(h1.T, df)
    db2 = np.sum(df, axis=0, keepdims=True)

    # layer 1
    dh1 = np.dot(df, W2.T)
    dw1 = np.dot(x.T, dh1)
    db1 = np.sum(dh1, axis=0, keepdims=True)
    return {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}
