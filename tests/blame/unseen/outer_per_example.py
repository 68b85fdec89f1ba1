"""One sample at a time with vectors: leaky ReLU hidden layer, softmax, np.outer added up, then divided by n."""

import numpy as np

rng = np.random.default_rng(77)
params = {
    "W": 0.6 * rng.normal(size=(5, 4)),
    "b": 0.3 * rng.normal(size=5),
    "U": 0.6 * rng.normal(size=(3, 5)),
    "c": 0.3 * rng.normal(size=3),
}
data = {"X": rng.normal(size=(6, 4)), "labels": np.array([1, 0, 2, 2, 0, 1]), "alpha": 0.1}

RETURNS = "dW db dU dc"


def softmax(v):
    e = np.exp(v - np.max(v))
    return e / np.sum(e)


def loss(X, labels, alpha, W, b, U, c):
    n = X.shape[0]
    total = 0.0
    for i in range(n):
        z = W @ X[i] + b
        h = np.where(z > 0, z, alpha * z)
        p = softmax(U @ h + c)
        total -= np.log(p[labels[i]])
    return total / n


def backward(X, labels, alpha, W, b, U, c):
    n = X.shape[0]
    dW = np.zeros_like(W)
    db = np.zeros_like(b)
    dU = np.zeros_like(U)
    dc = np.zeros_like(c)

    for i in range(n):
        x = X[i]
        z = W @ x + b
        h = np.where(z > 0, z, alpha * z)
        p = softmax(U @ h + c)

        # output layer
        err = p.copy()
        err[labels[i]] -= 1.0
        dU += np.outer(err, h)
        dc += err

        # hidden layer
        grad_h = U.T @ err
        grad_z = grad_h * np.where(z > 0, 1.0, alpha)
        dW += np.outer(grad_z, x)
        db += grad_z

    dW /= n
    db /= n
    dU /= n
    dc /= n
    return dW, db, dU, dc
