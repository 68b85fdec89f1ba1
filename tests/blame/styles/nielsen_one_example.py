"""Three sigmoid layers, one example at a time as a column, nabla_w added up, as in Nielsen's book."""

import numpy as np

rng = np.random.default_rng(2015)
params = {
    "w": [rng.standard_normal((5, 3)), rng.standard_normal((4, 5)), rng.standard_normal((3, 4))],
    "b": [rng.standard_normal((5, 1)), rng.standard_normal((4, 1)), rng.standard_normal((3, 1))],
}
data = {
    "batch": rng.standard_normal((6, 3)),
    "labels": np.array([2, 0, 1, 1, 2, 0]),
}


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def vectorized_result(j):
    e = np.zeros((3, 1))
    e[j] = 1.0
    return e


def feedforward(a, w, b):
    for weight, bias in zip(w, b):
        a = sigmoid(np.dot(weight, a) + bias)
    return a


def loss(batch, labels, w, b):
    cost = 0.0
    for x, j in zip(batch, labels):
        y = vectorized_result(j)
        a = feedforward(x.reshape(-1, 1), w, b)
        cost += np.sum(-y * np.log(a) - (1 - y) * np.log(1 - a))
    return cost / len(batch)


def backward(batch, labels, w, b):
    nabla_w = [np.zeros(weight.shape) for weight in w]
    nabla_b = [np.zeros(bias.shape) for bias in b]
    for x, j in zip(batch, labels):
        activation = x.reshape(-1, 1)
        activations, zs = [activation], []
        for weight, bias in zip(w, b):
            z = np.dot(weight, activation) + bias
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = activations[-1] - vectorized_result(j)
        nabla_b[-1] += delta
        nabla_w[-1] += np.dot(delta, activations[-2].transpose())
        for l in range(2, len(w) + 1):
            delta = np.dot(w[-l + 1].transpose(), delta) * sigmoid_prime(zs[-l])
            nabla_b[-l] += delta
            nabla_w[-l] += np.dot(delta, activations[-l - 1].transpose())
    nabla_w = [nw / len(batch) for nw in nabla_w]
    nabla_b = [nb / len(batch) for nb in nabla_b]
    return {"w": nabla_w, "b": nabla_b}
