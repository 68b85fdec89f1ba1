"""Contrastive loss: each picture belongs to its own caption, similarities by einsum."""

import numpy as np

rng = np.random.default_rng(20)

params = {
    "Wa": rng.normal(size=(5, 3)),
    "Wb": rng.normal(size=(4, 3)),
    "log_scale": np.array(0.7),
}
data = {"pictures": rng.normal(size=(6, 5)), "captions": rng.normal(size=(6, 4))}


def unit(v):
    return v / np.sqrt(np.einsum("nd,nd->n", v, v))[:, None]


def cross_entropy(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.diag(logp).mean()


def loss(pictures, captions, Wa, Wb, log_scale):
    a = unit(np.einsum("ni,id->nd", pictures, Wa))
    b = unit(np.einsum("ni,id->nd", captions, Wb))
    scores = np.einsum("nd,md->nm", a, b) * np.exp(log_scale)
    return (cross_entropy(scores) + cross_entropy(scores.T)) / 2
