"""Neural language model: three context words looked up in C, laid side by side, tanh, softmax over the vocabulary."""

import numpy as np

RETURNS = "dC dW1 db1 dW2 db2"

g = np.random.default_rng(2147483647)
n_vocab, n_embd, block_size, n_hidden = 6, 2, 3, 7
params = {
    "C": g.normal(size=(n_vocab, n_embd)),
    "W1": g.normal(size=(block_size * n_embd, n_hidden)) * 0.6,
    "b1": g.normal(size=n_hidden) * 0.1,
    "W2": g.normal(size=(n_hidden, n_vocab)) * 0.7,
    "b2": g.normal(size=n_vocab) * 0.1,
}
data = {
    "Xb": np.array([[0, 0, 1], [0, 1, 4], [1, 4, 4], [4, 4, 2], [3, 5, 0]]),
    "Yb": np.array([4, 4, 2, 5, 3]),
}


def loss(Xb, Yb, C, W1, b1, W2, b2):
    emb = C[Xb]
    embcat = emb.reshape(emb.shape[0], -1)
    h = np.tanh(embcat @ W1 + b1)
    logits = h @ W2 + b2
    logits = logits - logits.max(axis=1, keepdims=True)
    counts = np.exp(logits)
    probs = counts / counts.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(len(Yb)), Yb]).mean()


def backward(Xb, Yb, C, W1, b1, W2, b2):
    n = Xb.shape[0]
    emb = C[Xb]
    embcat = emb.reshape(n, -1)
    hpreact = embcat @ W1 + b1
    h = np.tanh(hpreact)
    logits = h @ W2 + b2
    counts = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = counts / counts.sum(axis=1, keepdims=True)

    dlogits = probs.copy()
    dlogits[range(n), Yb] -= 1
    dlogits /= n
    dh = dlogits @ W2.T
    dW2 = h.T @ dlogits
    db2 = dlogits.sum(0)
    dhpreact = (1.0 - h**2) * dh
    dembcat = dhpreact @ W1.T
    dW1 = embcat.T @ dhpreact
    db1 = dhpreact.sum(0)
    demb = dembcat.reshape(emb.shape)
    dC = np.zeros_like(C)
    for k in range(Xb.shape[0]):
        for j in range(Xb.shape[1]):
            ix = Xb[k, j]
            dC[ix] += demb[k, j]
    return dC, dW1, db1, dW2, db2
