"""House-price style regression: rows, leaky ReLU through np.where, Huber loss averaged over the batch."""

import numpy as np

rng = np.random.default_rng(77)
n_samples, n_features, n_hidden = 8, 5, 4

params = {
    "theta1": rng.uniform(-1, 1, size=(n_features, n_hidden)),
    "bias1": rng.uniform(-0.5, 0.5, size=n_hidden),
    "theta2": rng.uniform(-1, 1, size=(n_hidden, 1)),
    "bias2": rng.uniform(-0.5, 0.5, size=1),
}
data = {
    "features": rng.normal(size=(n_samples, n_features)),
    "prices": 2.5 * rng.normal(size=(n_samples, 1)),
    "alpha": 0.1,
    "delta": 1.0,
}


def leaky_relu(t, alpha):
    return np.where(t > 0, t, alpha * t)


def loss(features, prices, alpha, delta, theta1, bias1, theta2, bias2):
    hidden = leaky_relu(features @ theta1 + bias1, alpha)
    pred = hidden @ theta2 + bias2
    r = pred - prices
    quadratic = 0.5 * r**2
    linear = delta * (np.abs(r) - 0.5 * delta)
    return np.mean(np.where(np.abs(r) <= delta, quadratic, linear))


def backward(features, prices, alpha, delta, theta1, bias1, theta2, bias2):
    n = prices.shape[0]
    pre_act = features @ theta1 + bias1
    hidden = leaky_relu(pre_act, alpha)
    residual = hidden @ theta2 + bias2 - prices

    # d huber / d residual: the residual itself, clipped at +-delta
    grad_pred = np.where(np.abs(residual) <= delta, residual, delta * np.sign(residual)) / n
    grad_theta2 = hidden.T @ grad_pred
    grad_bias2 = grad_pred.sum(axis=0)

    grad_hidden = grad_pred @ theta2.T
    grad_pre = grad_hidden * np.where(pre_act > 0, 1.0, alpha)
    grad_theta1 = features.T @ grad_pre
    grad_bias1 = grad_pre.sum(axis=0)

    return {
        "theta1": grad_theta1,
        "bias1": grad_bias1,
        "theta2": grad_theta2,
        "bias2": grad_bias2,
    }
