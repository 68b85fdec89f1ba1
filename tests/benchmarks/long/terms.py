"""A sum of 5,000 terms in a loop: 20,000 operations."""

import numpy as np

params = {"w": np.linspace(0.1, 0.7, 7)}
data = {"x": np.linspace(-1, 1, 5000)}


def loss(x, w):
    total = 0.0
    for n in range(5000):
        total = total + w[n % 7] * x[n]
    return total
