"""Neuron and Layer classes, a row of weights and one bias per neuron, tanh then sigmoid, squared error per pattern."""

import numpy as np

rng = np.random.default_rng(17)
params = {
    "hidden_weights": rng.uniform(-1, 1, size=(4, 2)),
    "hidden_biases": rng.uniform(-0.5, 0.5, size=4),
    "output_weights": rng.uniform(-1, 1, size=(2, 4)),
    "output_biases": rng.uniform(-0.5, 0.5, size=2),
}
data = {
    "patterns": np.array([[0.0, 0.3], [0.1, 1.0], [1.0, -0.2], [0.9, 1.1], [-0.7, 0.5]]),
    "targets": np.array([[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.1, 0.7], [0.4, 0.6]]),
}


class Neuron:
    def __init__(self, weights, bias, kind):
        self.weights, self.bias, self.kind = weights, bias, kind
        self.grad_weights = np.zeros(len(weights))
        self.grad_bias = 0.0

    def forward(self, inputs):
        self.inputs = inputs
        self.z = np.dot(self.weights, inputs) + self.bias
        self.a = np.tanh(self.z) if self.kind == "tanh" else 1 / (1 + np.exp(-self.z))
        return self.a

    def backward(self, error):
        slope = 1 - self.a**2 if self.kind == "tanh" else self.a * (1 - self.a)
        self.delta = error * slope
        self.grad_weights += self.delta * self.inputs
        self.grad_bias += self.delta
        return self.delta * self.weights


class Layer:
    def __init__(self, weights, biases, kind):
        self.neurons = [Neuron(w, b, kind) for w, b in zip(weights, biases)]

    def forward(self, inputs):
        return np.array([n.forward(inputs) for n in self.neurons])

    def backward(self, errors):
        return sum(n.backward(e) for n, e in zip(self.neurons, errors))


def loss(patterns, targets, hidden_weights, hidden_biases, output_weights, output_biases):
    hidden = Layer(hidden_weights, hidden_biases, "tanh")
    output = Layer(output_weights, output_biases, "sigmoid")
    return sum(np.sum((output.forward(hidden.forward(p)) - t) ** 2) for p, t in zip(patterns, targets))


def backward(patterns, targets, hidden_weights, hidden_biases, output_weights, output_biases):
    hidden = Layer(hidden_weights, hidden_biases, "tanh")
    output = Layer(output_weights, output_biases, "sigmoid")
    for p, t in zip(patterns, targets):
        guess = output.forward(hidden.forward(p))
        hidden.backward(output.backward(2 * (guess - t)))
    return {
        "hidden_weights": np.array([n.grad_weights for n in hidden.neurons]),
        "hidden_biases": np.array([n.grad_bias for n in hidden.neurons]),
        "output_weights": np.array([n.grad_weights for n in output.neurons]),
        "output_biases": np.array([n.grad_bias for n in output.neurons]),
    }
