"""One attention head: causal mask, residual, layer norm.

Two sequences of four tokens, six numbers each. A token asks (q), every token offers (k) and brings (v). scores says how
well question and offer agree, weights how the answers are mixed. A token must not look ahead: above the diagonal the
scores are −∞, so their weights and their gradients are exactly zero.

Look at three places. ∂L/∂scores is the softmax rule, row by row: weights ⊙ (∂L/∂weights − a weighted mean), and each of
its rows adds up to 0. x enters by four ways: q, k, v and the residual connection around them. Layer norm takes mean
and variance over the six numbers of one token, so no token touches another there.
"""

import numpy as np

params = {
    "Wq": np.array([
        [ 1.1, -1.2,  0.6],
        [ 0.2,  0.8, -0.3],
        [ 0.9,  0.1, -0.4],
        [ 0.3,  0.5, -0.2],
        [-0.1,  0.4,  0.7],
        [-0.5, -0.2, -1.0],
    ]),
    "Wk": np.array([
        [ 1.0, -0.1,  0.8],
        [ 0.3,  1.2,  0.9],
        [ 0.2,  0.6, -0.7],
        [ 0.8, -0.9,  0.4],
        [ 0.5,  0.1, -0.2],
        [-0.3, -0.4,  0.7],
    ]),
    "Wv": np.array([
        [ 0.5, -0.2, -0.7],
        [ 0.4, -0.9, -0.3],
        [-0.6,  0.3,  0.1],
        [ 0.2,  0.7, -0.4],
        [ 0.8,  0.9,  0.3],
        [-0.1, -0.5,  0.6],
    ]),
    "Wo": np.array([
        [ 0.4,  0.5,  0.2,  1.0, -0.3, -0.2],
        [-0.4,  0.3, -0.6, -0.1,  0.8,  0.7],
        [ 0.6, -1.1, -0.5,  0.9, -0.7,  0.1],
    ]),
    "gamma": np.array([1.3, 0.9, 0.8, 1.1, 1.2, 0.7]),
    "beta": np.array([-0.1, 0.3, 0.1, -0.4, -0.3, 0.2]),
}

data = {
    "x": np.array([
        [
            [ 0.8, -0.5, -1.0, -0.2, -1.2, -0.3],
            [ 1.7,  0.1,  1.2, -0.4,  0.3,  1.4],
            [-1.3, -0.6, -0.2,  0.5,  1.6,  0.7],
            [-1.5, -0.3, -0.9, -0.8,  2.0, -1.1],
        ],
        [
            [ 0.2, -0.7,  0.9,  0.4,  0.1, -0.1],
            [ 1.1, -0.9, -0.7, -1.2,  1.3, -0.3],
            [-1.0, -0.4,  2.5, -0.1,  0.9,  0.5],
            [ 0.1, -0.6, -0.3, -0.4, -2.2,  2.6],
        ],
    ]),
    "y": np.array([
        [
            [ 1.4, -0.3, -1.0,  0.6, -1.4,  0.7],
            [ 0.9, -0.4,  0.8, -2.0,  0.5,  0.3],
            [-1.7, -0.1, -0.2,  0.2,  1.6,  0.1],
            [-1.0,  0.2, -0.6, -0.2,  2.1, -0.4],
        ],
        [
            [ 0.3, -1.3,  1.8,  0.4,  0.1, -1.1],
            [ 1.2, -0.8, -0.7, -1.0,  1.5, -0.2],
            [-1.6, -0.9,  1.0, -0.1,  0.5,  1.1],
            [ 1.1, -0.9,  0.8, -0.7, -1.3,  0.9],
        ],
    ]),
    # row: the token that asks; column: the token that it may look at
    "seen": np.array([
        [True, False, False, False],
        [True, True,  False, False],
        [True, True,  True,  False],
        [True, True,  True,  True],
    ]),
}

learning_rate = 0.1
iterations = 40


def softmax(s):
    e = np.exp(s - np.max(s, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def layer_norm(a, gamma, beta):
    centred = a - np.mean(a, axis=-1, keepdims=True)
    variance = np.mean(centred ** 2, axis=-1, keepdims=True)
    normed = centred / np.sqrt(variance + 1e-5)
    return gamma * normed + beta


def loss(x, y, seen, Wq, Wk, Wv, Wo, gamma, beta):
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(3)   # 2 sequences × 4 tokens × 4 tokens
    masked = np.where(seen, scores, -np.inf)
    weights = softmax(masked)
    mixed = weights @ v
    a = x + mixed @ Wo
    f = layer_norm(a, gamma, beta)
    return 0.5 * np.sum((f - y) ** 2) / 2          # per sequence
