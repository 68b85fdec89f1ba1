"""Character RNN in a class: column states kept in dicts by time step, cross-entropy summed over the sequence."""

import numpy as np

rng = np.random.default_rng(42)
H, V = 5, 4
params = {
    "Wxh": rng.normal(size=(H, V)) * 0.7,
    "Whh": rng.normal(size=(H, H)) * 0.5,
    "Why": rng.normal(size=(V, H)) * 0.7,
    "bh": rng.normal(size=(H, 1)) * 0.2,
    "by": rng.normal(size=(V, 1)) * 0.2,
}
data = {"inputs": [0, 1, 2, 2, 3, 1], "targets": [1, 2, 2, 3, 1, 0], "hprev": 0.3 * rng.normal(size=(H, 1))}


class CharRNN:
    def __init__(self, Wxh, Whh, Why, bh, by):
        self.Wxh, self.Whh, self.Why = Wxh, Whh, Why
        self.bh, self.by = bh, by

    def forward(self, inputs, targets, hprev):
        self.inputs, self.targets = inputs, targets
        self.xs, self.hs, self.ps = {}, {-1: hprev}, {}
        total = 0
        for t in range(len(inputs)):
            self.xs[t] = np.zeros((V, 1))
            self.xs[t][inputs[t]] = 1
            self.hs[t] = np.tanh(self.Wxh @ self.xs[t] + self.Whh @ self.hs[t - 1] + self.bh)
            y = self.Why @ self.hs[t] + self.by
            self.ps[t] = np.exp(y) / np.sum(np.exp(y))
            total += -np.log(self.ps[t][targets[t], 0])
        return total

    def bptt(self):
        dWxh, dWhh, dWhy = np.zeros_like(self.Wxh), np.zeros_like(self.Whh), np.zeros_like(self.Why)
        dbh, dby = np.zeros_like(self.bh), np.zeros_like(self.by)
        dhnext = np.zeros_like(self.hs[0])
        for t in reversed(range(len(self.inputs))):
            dy = np.copy(self.ps[t])
            dy[self.targets[t]] -= 1
            dWhy += np.dot(dy, self.hs[t].T)
            dby += dy
            dh = np.dot(self.Why.T, dy) + dhnext
            dhraw = (1 - self.hs[t] * self.hs[t]) * dh
            dbh += dhraw
            dWxh += np.dot(dhraw, self.xs[t].T)
            dWhh += np.dot(dhraw, self.hs[t - 1].T)
            dhnext = np.dot(self.Whh.T, dhraw)
        return dict(Wxh=dWxh, Whh=dWhh, Why=dWhy, bh=dbh, by=dby)


def loss(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    return CharRNN(Wxh, Whh, Why, bh, by).forward(inputs, targets, hprev)


def backward(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    rnn = CharRNN(Wxh, Whh, Why, bh, by)
    value = rnn.forward(inputs, targets, hprev)
    return value, rnn.bptt()
