"""Plain Python numbers and lists, index by index, one example after the other."""

import numpy as np

rng = np.random.default_rng(9)
params = {
    "W1": rng.normal(size=(3, 2)),
    "b1": rng.normal(size=3),
    "W2": rng.normal(size=(2, 3)),
    "b2": rng.normal(size=2),
}
data = {"x": rng.normal(size=(4, 2)), "y": rng.normal(size=(4, 2))}


def loss(x, y, W1, b1, W2, b2):
    h = np.maximum(x @ W1.T + b1, 0)
    f = h @ W2.T + b2
    return 0.5 * np.sum((f - y) ** 2)


def backward(x, y, W1, b1, W2, b2):
    x, y = x.tolist(), y.tolist()
    W1, b1, W2, b2 = W1.tolist(), b1.tolist(), W2.tolist(), b2.tolist()
    dW1 = [[0.0 for _ in range(2)] for _ in range(3)]
    db1 = [0.0 for _ in range(3)]
    dW2 = [[0.0 for _ in range(3)] for _ in range(2)]
    db2 = [0.0 for _ in range(2)]
    for n in range(4):
        z = [0.0, 0.0, 0.0]
        h = [0.0, 0.0, 0.0]
        f = [0.0, 0.0]
        for j in range(3):
            z[j] = b1[j] + sum(W1[j][i] * x[n][i] for i in range(2))
            h[j] = max(z[j], 0.0)
        for k in range(2):
            f[k] = b2[k] + sum(W2[k][j] * h[j] for j in range(3))
        # backward
        df = [0.0, 0.0]
        dz = [0.0, 0.0, 0.0]
        for k in range(2):
            df[k] = f[k] - y[n][k]
            db2[k] += df[k]
            for j in range(3):
                dW2[k][j] += df[k] * h[j]
        for j in range(3):
            dh = 0.0
            for k in range(2):
                dh += df[k] * W2[k][j]
            dz[j] = dh * (z[j] > 0)
            db1[j] += dz[j]
            for i in range(2):
                dW1[j][i] += dz[j] * x[n][i]
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
