"""One attention head: causal mask, residual, layer norm.

Two sequences of three tokens, five numbers each. A token asks (q), every token offers (k) and brings (v). scores says
how well question and offer agree, weights how the answers are mixed. A token must not look ahead: above the diagonal
the scores are −∞, so their weights and their gradients are exactly zero.

Look at three places. ∂L/∂masked is the softmax rule, row by row: weights ⊙ (∂L/∂weights − a weighted mean), and each of
its rows adds up to 0. ∂L/∂a reaches x directly and the head through out: that is the residual connection. Layer norm
takes mean and variance over the five numbers of one token, so no token touches another there.
"""

import numpy as np

params = {
    "Wq": np.array([
        [ 0.2,  0.7, -0.8,  0.8],
        [ 0.1, -0.4, -0.3, -0.5],
        [-0.1,  0.4,  0.3,  0.6],
        [-0.8, -0.7,  0.7,  0.4],
        [ 1.0,  0.5, -0.5,  0.6],
    ]),
    "Wk": np.array([
        [-0.1,  0.4,  0.1,  0.7],
        [-0.3,  0.2,  0.5, -0.4],
        [-0.5,  0.6,  0.2, -0.1],
        [ 0.2, -0.3,  0.1, -0.6],
        [ 0.1,  0.4, -0.2,  0.3],
    ]),
    "Wv": np.array([
        [ 0.4, -0.1, -0.2,  0.6],
        [ 0.6, -0.5,  0.5, -0.8],
        [-0.3,  0.1,  0.7, -0.5],
        [-0.4,  0.3, -0.6, -0.1],
        [ 0.3,  0.4, -0.7,  0.2],
    ]),
    "Wo": np.array([
        [ 0.3,  0.5, -0.1,  0.1,  0.2],
        [-0.1, -0.2,  0.4, -0.4,  0.6],
        [ 0.7, -0.1,  0.3,  0.5,  0.2],
        [-0.8,  0.4, -0.2, -0.3,  0.1],
    ]),
    "gamma": np.array([1.3, 0.9, 0.8, 1.1, 1.2]),
    "beta": np.array([-0.1, 0.3, 0.1, -0.4, -0.3]),
}

data = {
    "x": np.array([
        [
            [ 0.8, -0.5, -1.0, -0.2, -1.2],
            [ 1.7,  0.1,  1.2, -0.4,  0.3],
            [-1.3, -0.6, -0.2,  0.5,  1.6],
        ],
        [
            [ 0.2, -0.7,  0.9,  0.4,  0.1],
            [ 1.1, -0.9, -0.7, -1.2,  1.3],
            [-1.0, -0.4,  2.5, -0.1,  0.9],
        ],
    ]),
    "y": np.array([
        [
            [ 1.2, -0.7,  0.3,  0.7, -1.8],
            [ 1.3, -0.5,  0.4, -1.5, -0.7],
            [-1.5, -1.2,  0.1,  0.9,  1.0],
        ],
        [
            [ 0.2, -1.3,  1.0, -1.3,  1.2],
            [ 1.1,  0.1, -0.8, -1.6,  1.2],
            [-1.1,  0.4,  0.5, -1.3,  1.6],
        ],
    ]),
    # row: the token that asks; column: a token that it may look at
    "seen": np.array([
        [True, False, False],
        [True, True,  False],
        [True, True,  True],
    ]),
}

learning_rate = 0.05
iterations = 40


def softmax(s):
    e = np.exp(s - np.max(s, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def layer_norm(a, gamma, beta):
    centred = a - np.mean(a, axis=-1, keepdims=True)
    variance = np.mean(centred ** 2, axis=-1, keepdims=True)
    std = np.sqrt(variance + 1e-5)
    normed = centred / std
    return gamma * normed + beta


def loss(x, y, seen, Wq, Wk, Wv, Wo, gamma, beta):
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    scores = q @ k.swapaxes(-1, -2) / 2            # by the root of the head's width, 4
    masked = np.where(seen, scores, -np.inf)
    weights = softmax(masked)
    mixed = weights @ v
    out = mixed @ Wo
    a = x + out                                    # the residual connection
    f = layer_norm(a, gamma, beta)
    return 0.5 * np.sum((f - y) ** 2)
