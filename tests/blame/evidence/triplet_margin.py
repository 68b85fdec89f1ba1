"""Triplet loss: anchor, positive and negative through the same two matrices, squared distances, a margin of one."""

import numpy as np

rng = np.random.default_rng(1)
params = {
    "W": rng.normal(scale=0.6, size=(4, 6)),
    "b": rng.normal(scale=0.2, size=(6,)),
    "P": rng.normal(scale=0.5, size=(6, 3)),
}
data = {
    "anchor": rng.normal(size=(7, 4)),
    "positive": rng.normal(size=(7, 4)),
    "negative": rng.normal(size=(7, 4)),
    "margin": 1.0,
}


def embed(x, W, b, P):
    hid = np.maximum(0, x.dot(W) + b)
    return hid.dot(P), (x, hid)


def embed_grad(dembedding, P, cache):
    x, hid = cache
    dP = hid.T.dot(dembedding)
    dhid = dembedding.dot(P.T)
    dhid[hid <= 0] = 0
    return x.T.dot(dhid), dhid.sum(axis=0), dP


def loss(anchor, positive, negative, margin, W, b, P):
    fa, _ = embed(anchor, W, b, P)
    fp, _ = embed(positive, W, b, P)
    fn, _ = embed(negative, W, b, P)
    pos_dist = np.sum((fa - fp) ** 2, axis=1)
    neg_dist = np.sum((fa - fn) ** 2, axis=1)
    return np.mean(np.maximum(pos_dist - neg_dist + margin, 0))


def backward(anchor, positive, negative, margin, W, b, P):
    fa, cache_a = embed(anchor, W, b, P)
    fp, cache_p = embed(positive, W, b, P)
    fn, cache_n = embed(negative, W, b, P)
    pos_dist = np.sum((fa - fp) ** 2, axis=1)
    neg_dist = np.sum((fa - fn) ** 2, axis=1)
    violation = pos_dist - neg_dist + margin

    # only the triplets that violate the margin count
    active = np.ones((len(anchor), 1))
    active[violation <= 0] = 0
    active /= len(anchor)

    dfa = 2 * active * (fn - fp)
    dfp = 2 * active * (fp - fa)
    dfn = 2 * active * (fa - fn)

    dW_a, db_a, dP_a = embed_grad(dfa, P, cache_a)
    dW_p, db_p, dP_p = embed_grad(dfp, P, cache_p)
    dW_n, db_n, dP_n = embed_grad(dfn, P, cache_n)
    return {"W": dW_a + dW_p + dW_n, "b": db_a + db_p + db_n, "P": dP_a + dP_p + dP_n}
