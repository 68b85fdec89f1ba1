"""A small PyTorch imitation: Module classes with .forward/.backward in a Sequential, BCE with logits averaged."""

import numpy as np

rng = np.random.default_rng(64)
params = {
    "w_in": rng.normal(size=(6, 4)) / 2,
    "b_in": rng.normal(size=6) / 4,
    "w_mid": rng.normal(size=(3, 6)) / 2,
    "b_mid": rng.normal(size=3) / 4,
    "w_out": rng.normal(size=(1, 3)),
}
data = {"inputs": rng.normal(size=(8, 4)), "targets": np.array([1.0, 0, 0, 1, 1, 0, 1, 1])}


def loss(inputs, targets, w_in, b_in, w_mid, b_mid, w_out):
    h1 = np.tanh(inputs @ w_in.T + b_in)
    h2 = np.tanh(h1 @ w_mid.T + b_mid)
    logit = (h2 @ w_out.T)[:, 0]
    return np.mean(np.log(1 + np.exp(logit)) - targets * logit)


class Linear:
    def __init__(self, weight, bias=None):
        self.weight, self.bias = weight, bias

    def forward(self, input):
        self.input = input
        out = input @ self.weight.T
        return out if self.bias is None else out + self.bias

    def backward(self, grad_output):
        self.grad_weight = grad_output.T @ self.input
        if self.bias is not None:
            self.grad_bias = grad_output.sum(0)
        return grad_output @ self.weight


class Tanh:
    def forward(self, input):
        self.output = np.tanh(input)
        return self.output

    def backward(self, grad_output):
        return grad_output * (1 - self.output**2)


def backward(inputs, targets, w_in, b_in, w_mid, b_mid, w_out):
    layers = [Linear(w_in, b_in), Tanh(), Linear(w_mid, b_mid), Tanh(), Linear(w_out)]
    out = inputs
    for layer in layers:
        out = layer.forward(out)
    logit = out[:, 0]

    prob = 1 / (1 + np.exp(-logit))
    grad = (prob - targets)[:, None] / len(targets)
    for layer in layers[::-1]:
        grad = layer.backward(grad)
    return {
        "w_in": layers[0].grad_weight,
        "b_in": layers[0].grad_bias,
        "w_mid": layers[2].grad_weight,
        "b_mid": layers[2].grad_bias,
        "w_out": layers[4].grad_weight,
    }
