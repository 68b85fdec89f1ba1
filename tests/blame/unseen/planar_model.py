"""Two-layer classifier on 2-D points: tanh hidden layer, softmax output, model dict, regularised weights."""

import numpy as np

np_rng = np.random.default_rng(31)
nn_input_dim, nn_hdim, nn_output_dim = 2, 5, 3
params = {
    "W1": np_rng.normal(size=(nn_input_dim, nn_hdim)) / np.sqrt(nn_input_dim),
    "b1": 0.2 * np_rng.normal(size=(1, nn_hdim)),
    "W2": np_rng.normal(size=(nn_hdim, nn_output_dim)) / np.sqrt(nn_hdim),
    "b2": 0.2 * np_rng.normal(size=(1, nn_output_dim)),
}
data = {
    "X": np_rng.normal(size=(8, nn_input_dim)),
    "y": np.array([0, 2, 1, 1, 0, 2, 2, 0]),
    "reg_lambda": 0.05,
}


def forward(model, X):
    W1, b1, W2, b2 = model["W1"], model["b1"], model["W2"], model["b2"]
    z1 = X.dot(W1) + b1
    a1 = np.tanh(z1)
    z2 = a1.dot(W2) + b2
    exp_scores = np.exp(z2)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    return a1, probs


def loss(params, data):
    X, y = data["X"], data["y"]
    num_examples = len(X)
    _, probs = forward(params, X)
    correct_logprobs = -np.log(probs[range(num_examples), y])
    data_loss = np.sum(correct_logprobs) / num_examples
    data_loss += data["reg_lambda"] / 2 * (np.sum(np.square(params["W1"])) + np.sum(np.square(params["W2"])))
    return data_loss


def backward(params, data):
    X, y, reg_lambda = data["X"], data["y"], data["reg_lambda"]
    W1, W2 = params["W1"], params["W2"]
    num_examples = len(X)
    grads = {}

    a1, probs = forward(params, X)

    # Backpropagation
    delta3 = probs
    delta3[range(num_examples), y] -= 1
    delta3 /= num_examples
    grads["dW2"] = (a1.T).dot(delta3)
    grads["db2"] = np.sum(delta3, axis=0, keepdims=True)
    delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
    grads["dW1"] = np.dot(X.T, delta2)
    grads["db1"] = np.sum(delta2, axis=0, keepdims=True)

    # Add regularization terms (b1 and b2 don't have regularization terms)
    grads["dW2"] += reg_lambda * W2
    grads["dW1"] += reg_lambda * W1
    return grads
