"""min-char-rnn: one-hot column inputs, cross-entropy at every time step, dhnext carried back."""

import numpy as np

rng = np.random.default_rng(100)
vocab_size, hidden_size = 5, 4
params = {
    "Wxh": rng.standard_normal((hidden_size, vocab_size)) * 0.8,
    "Whh": rng.standard_normal((hidden_size, hidden_size)) * 0.6,
    "Why": rng.standard_normal((vocab_size, hidden_size)) * 0.9,
    "bh": rng.standard_normal((hidden_size, 1)) * 0.2,
    "by": rng.standard_normal((vocab_size, 1)) * 0.2,
}
data = {
    "inputs": [0, 3, 1, 4, 2],
    "targets": [3, 1, 4, 2, 0],
    "hprev": rng.standard_normal((hidden_size, 1)) * 0.5,
}


def loss(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    h = hprev
    total = 0
    for t in range(len(inputs)):
        x = np.zeros((vocab_size, 1))
        x[inputs[t]] = 1
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        y = np.dot(Why, h) + by
        p = np.exp(y) / np.sum(np.exp(y))
        total += -np.log(p[targets[t], 0])
    return total


def backward(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    xs, hs, ps = {}, {}, {}
    hs[-1] = np.copy(hprev)
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        y = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))

    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return {"Wxh": dWxh, "Whh": dWhh, "Why": dWhy, "bh": dbh, "by": dby}
