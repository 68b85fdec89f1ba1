"""Iris: 150 real flowers in rows, whole-number labels, mean loss.

Each row of x is one flower: sepal length and width, petal length and width, standardised. Examples stand in rows here,
as most code has them, so the layers read x @ W1 + b1 and the products of the notes turn round.

Data: R. A. Fisher, "The use of multiple measurements in taxonomic problems" (1936), from the UCI Machine Learning
Repository, licence CC BY 4.0 (iris.csv beside this file).
"""

from pathlib import Path

import numpy as np

table = np.loadtxt(Path(__file__).with_name("iris.csv"), delimiter=",", skiprows=1, dtype=str)
measurements = table[:, :4].astype(float)
species, labels = np.unique(table[:, 4], return_inverse=True)

params = {
    "W1": np.array([
        [-0.3, -0.1,  0.7,  0.3, -0.7],
        [ 0.2, -0.2,  0.1, -0.6,  0.1],
        [ 0.1,  0.6,  0.1,  0.2, -0.6],
        [ 0.9, -0.8,  0.4, -0.1, -0.4],
    ]),
    "b1": np.array([[0.1, 0.2, -0.1, 0.3, 0.1]]),
    "W2": np.array([
        [-0.3, -0.3,  0.2],
        [ 0.1,  0.6, -0.7],
        [-0.2, -0.4,  0.3],
        [-0.8, -0.1,  0.1],
        [-0.6,  0.4,  0.1],
    ]),
    "b2": np.array([[0.1, -0.1, 0.2]]),
}

data = {
    "x": (measurements - measurements.mean(axis=0)) / measurements.std(axis=0),
    "y": labels,
}

references = {
    "h1": "eq. (21)",
    "f": "eq. (22)",
    "p": "eq. (23)",
    "df": "eq. (24)",
    "dW2": "eq. (25)",
    "db2": "eq. (27)",
    "dh1": "eq. (26)",
    "dW1": "eq. (28)",
    "db1": "eq. (30)",
}

learning_rate = 0.5
iterations = 100


def softmax(f):
    s = f - np.max(f, axis=1, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=1, keepdims=True)


def loss(x, y, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    p = softmax(f)
    return -np.mean(np.log(p[np.arange(len(y)), y]))
