"""A regressor in a class: leaky ReLU, Huber loss, self.grads filled and the step taken in fit_step."""

import numpy as np

rng = np.random.default_rng(8)
params = {
    "weights1": rng.normal(size=(4, 6)) * 0.5,
    "bias1": rng.normal(size=(1, 6)) * 0.1,
    "weights2": rng.normal(size=(6, 1)) * 0.5,
    "bias2": rng.normal(size=(1, 1)) * 0.1,
}
data = {"inputs": rng.normal(size=(8, 4)), "y_true": rng.normal(size=(8, 1)) * 2}


class LeakyRegressor:
    def __init__(self, weights1, bias1, weights2, bias2, slope=0.1, lr=0.01):
        self.params = {"weights1": weights1, "bias1": bias1, "weights2": weights2, "bias2": bias2}
        self.slope = slope
        self.lr = lr
        self.grads = {}

    def forward(self, inputs):
        self.inputs = inputs
        self.pre = inputs @ self.params["weights1"] + self.params["bias1"]
        self.act = np.where(self.pre > 0, self.pre, self.slope * self.pre)
        return self.act @ self.params["weights2"] + self.params["bias2"]

    def huber(self, y_pred, y_true, delta=1.0):
        r = np.abs(y_pred - y_true)
        return np.mean(np.where(r <= delta, 0.5 * r**2, delta * (r - 0.5 * delta)))

    def huber_grad(self, y_pred, y_true, delta=1.0):
        return np.clip(y_pred - y_true, -delta, delta) / y_true.size

    def fit_step(self, inputs, y_true):
        y_pred = self.forward(inputs)
        g = self.huber_grad(y_pred, y_true)
        self.grads["weights2"] = self.act.T @ g
        self.grads["bias2"] = np.sum(g, axis=0, keepdims=True)
        g = g @ self.params["weights2"].T
        g = g * np.where(self.pre > 0, 1.0, self.slope)
        self.grads["weights1"] = self.inputs.T @ g
        self.grads["bias1"] = np.sum(g, axis=0, keepdims=True)
        for key in self.params:
            self.params[key] = self.params[key] - self.lr * self.grads[key]
        return self.huber(y_pred, y_true)


def loss(inputs, y_true, weights1, bias1, weights2, bias2):
    model = LeakyRegressor(weights1, bias1, weights2, bias2)
    return model.huber(model.forward(inputs), y_true)


def backward(inputs, y_true, weights1, bias1, weights2, bias2):
    model = LeakyRegressor(weights1, bias1, weights2, bias2)
    cost = model.fit_step(inputs, y_true)
    return cost, model.grads
