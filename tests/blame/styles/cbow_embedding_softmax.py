"""Continuous bag of words: average the context embeddings, tanh layer, softmax over the vocabulary."""

import numpy as np

VOCAB, EMBED, HIDDEN = 8, 4, 5
RETURNS = "dE dW db dU dc"

rng = np.random.default_rng(314)
params = {
    "E": rng.normal(0, 0.8, size=(VOCAB, EMBED)),
    "W": rng.normal(0, 0.8, size=(EMBED, HIDDEN)),
    "b": rng.normal(0, 0.3, size=HIDDEN),
    "U": rng.normal(0, 0.8, size=(HIDDEN, VOCAB)),
    "c": rng.normal(0, 0.3, size=VOCAB),
}
data = {
    "context": np.array([[0, 1, 3], [1, 2, 4], [2, 3, 5], [7, 4, 6], [4, 5, 4], [0, 6, 1]]),
    "target": np.array([2, 3, 4, 5, 6, 7]),
}


def loss(context, target, E, W, b, U, c):
    v = E[context].mean(axis=1)
    h = np.tanh(v @ W + b)
    logits = h @ U + c
    logits = logits - logits.max(axis=1, keepdims=True)
    logZ = np.log(np.exp(logits).sum(axis=1))
    return np.mean(logZ - logits[np.arange(len(target)), target])


def backward(context, target, E, W, b, U, c):
    batch, window = context.shape

    # forward pass
    emb = E[context]  # (batch, window, EMBED)
    v = emb.mean(axis=1)  # (batch, EMBED)
    h = np.tanh(v.dot(W) + b)
    logits = h.dot(U) + c
    expl = np.exp(logits - logits.max(axis=1, keepdims=True))
    yhat = expl / expl.sum(axis=1, keepdims=True)

    # output layer
    err = yhat - np.eye(VOCAB)[target]
    err /= batch
    dU = h.T.dot(err)
    dc = err.sum(axis=0)

    # hidden layer
    grad_h = err.dot(U.T)
    grad_pre = (1.0 - np.square(h)) * grad_h
    dW = v.T.dot(grad_pre)
    db = grad_pre.sum(axis=0)

    # every word of the window gets its share; a word can occur more than once
    grad_v = grad_pre.dot(W.T)
    dE = np.zeros_like(E)
    for k in range(window):
        np.add.at(dE, context[:, k], grad_v / window)

    return dE, dW, db, dU, dc
