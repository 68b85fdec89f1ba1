"""A tiny NeuralNetwork class: feedforward, backprop with the chain rule, and a training step on self."""

import numpy as np

rng = np.random.default_rng(1)
params = {
    "weights1": rng.uniform(-1, 1, size=(3, 4)),
    "bias1": rng.uniform(-0.5, 0.5, size=4),
    "weights2": rng.uniform(-1, 1, size=(4, 2)),
    "bias2": rng.uniform(-0.5, 0.5, size=2),
}
data = {
    "X": np.array([[0.0, 0.2, 1.0], [0.1, 1.0, 0.9], [1.0, 0.3, 0.8], [0.7, 1.0, -0.4], [-0.6, 0.5, 0.1]]),
    "y": np.array([[0.0, 1.0], [1.0, 0.2], [1.0, 0.0], [0.1, 0.9], [0.4, 0.6]]),
}


def sigmoid(x):
    return 1.0 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    # x is already the output of the sigmoid
    return x * (1.0 - x)


class NeuralNetwork:
    def __init__(self, x, y, weights1, bias1, weights2, bias2):
        self.input = x
        self.y = y
        self.weights1 = weights1
        self.bias1 = bias1
        self.weights2 = weights2
        self.bias2 = bias2

    def feedforward(self):
        self.layer1 = sigmoid(np.dot(self.input, self.weights1) + self.bias1)
        self.output = sigmoid(np.dot(self.layer1, self.weights2) + self.bias2)
        return self.output

    def backprop(self):
        error = self.output - self.y
        d_output = 2 * error * sigmoid_derivative(self.output)
        self.d_weights2 = np.dot(self.layer1.T, d_output)
        self.d_bias2 = d_output.sum(axis=0)
        d_layer1 = np.dot(d_output, self.weights2.T) * sigmoid_derivative(self.layer1)
        self.d_weights1 = np.dot(self.input.T, d_layer1)
        self.d_bias1 = d_layer1.sum(axis=0)

    def update(self, lr=0.1):
        self.weights1 = self.weights1 - lr * self.d_weights1
        self.bias1 = self.bias1 - lr * self.d_bias1
        self.weights2 = self.weights2 - lr * self.d_weights2
        self.bias2 = self.bias2 - lr * self.d_bias2


def loss(X, y, weights1, bias1, weights2, bias2):
    nn = NeuralNetwork(X, y, weights1, bias1, weights2, bias2)
    return np.sum((y - nn.feedforward()) ** 2)


def backward(X, y, weights1, bias1, weights2, bias2):
    nn = NeuralNetwork(X, y, weights1, bias1, weights2, bias2)
    nn.feedforward()
    nn.backprop()
    nn.update()
    return {"weights1": nn.d_weights1, "bias1": nn.d_bias1, "weights2": nn.d_weights2, "bias2": nn.d_bias2}
