"""Sparse autoencoder exercise in columns: half squared error, weight decay and a KL sparsity penalty."""

import numpy as np

rng = np.random.default_rng(2011)
visible_size, hidden_size = 6, 4
r = np.sqrt(6) / np.sqrt(hidden_size + visible_size + 1)
params = {
    "W1": rng.uniform(-r, r, size=(hidden_size, visible_size)),
    "W2": rng.uniform(-r, r, size=(visible_size, hidden_size)),
    "b1": rng.uniform(-0.3, 0.3, size=(hidden_size, 1)),
    "b2": rng.uniform(-0.3, 0.3, size=(visible_size, 1)),
}
data = {
    "patches": rng.uniform(0.1, 0.9, size=(visible_size, 8)),
    "lambda_": 0.02,
    "rho": 0.15,
    "beta": 0.5,
}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loss(patches, lambda_, rho, beta, W1, W2, b1, b2):
    m = patches.shape[1]
    a2 = sigmoid(np.dot(W1, patches) + b1)
    a3 = sigmoid(np.dot(W2, a2) + b2)
    rho_hat = np.sum(a2, axis=1) / m
    KL_divergence = np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    reconstruction = np.sum((a3 - patches) ** 2) / (2 * m)
    weight_decay = (lambda_ / 2) * (np.sum(W1**2) + np.sum(W2**2))
    return reconstruction + weight_decay + beta * KL_divergence


def backward(patches, lambda_, rho, beta, W1, W2, b1, b2):
    m = patches.shape[1]

    # forward pass
    z2 = np.dot(W1, patches) + b1
    a2 = sigmoid(z2)
    z3 = np.dot(W2, a2) + b2
    a3 = sigmoid(z3)
    rho_hat = np.mean(a2, axis=1, keepdims=True)

    # errors of the output and the hidden layer
    delta3 = -(patches - a3) * a3 * (1 - a3)
    sparsity_delta = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))
    delta2 = (np.dot(W2.T, delta3) + sparsity_delta) * a2 * (1 - a2)

    W1_grad = np.dot(delta2, patches.T) / m + lambda_ * W1
    W2_grad = np.dot(delta3, a2.T) / m + lambda_ * W2
    b1_grad = np.mean(delta2, axis=1, keepdims=True)
    b2_grad = np.mean(delta3, axis=1, keepdims=True)
    return {"W1": W1_grad, "W2": W2_grad, "b1": b1_grad, "b2": b2_grad}
