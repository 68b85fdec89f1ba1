"""A pre-norm residual block in columns: x + W2 relu(W1 layernorm(x)), the norm by hand, mean absolute error."""

import numpy as np

rng = np.random.default_rng(707)
D, H, M = 4, 6, 5
EPS = 1e-5

params = {
    "gamma": 1 + 0.3 * rng.normal(size=(D, 1)),
    "beta": 0.2 * rng.normal(size=(D, 1)),
    "W1": rng.normal(size=(H, D)) * np.sqrt(2 / D),
    "b1": 0.2 * rng.normal(size=(H, 1)),
    "W2": rng.normal(size=(D, H)) * np.sqrt(1 / H),
    "A": rng.normal(size=(D, 3)),
}
data = {"x": rng.normal(size=(3, M)), "y": 2 * rng.normal(size=(D, M))}


def layernorm_forward(a, gamma, beta):
    mu = a.mean(axis=0, keepdims=True)
    centered = a - mu
    var = (centered**2).mean(axis=0, keepdims=True)
    std = np.sqrt(var + EPS)
    a_hat = centered / std
    return gamma * a_hat + beta, (a_hat, centered, std, gamma)


def layernorm_backward(dout, cache):
    a_hat, centered, std, gamma = cache
    d = dout.shape[0]
    dgamma = np.sum(dout * a_hat, axis=1, keepdims=True)
    dbeta = np.sum(dout, axis=1, keepdims=True)
    da_hat = dout * gamma
    dstd = -np.sum(da_hat * centered, axis=0, keepdims=True) / std**2
    dvar = 0.5 * dstd / std
    dcentered = da_hat / std + 2 * centered * dvar / d
    dmu = -np.sum(dcentered, axis=0, keepdims=True)
    da = dcentered + dmu / d
    return da, dgamma, dbeta


def forward(x, gamma, beta, W1, b1, W2, A):
    a = A.dot(x)
    n, ln_cache = layernorm_forward(a, gamma, beta)
    z = W1.dot(n) + b1
    r = np.where(z > 0, z, 0)
    return a + W2.dot(r), (n, z, r, ln_cache)


def loss(x, y, gamma, beta, W1, b1, W2, A):
    out, _ = forward(x, gamma, beta, W1, b1, W2, A)
    return np.abs(out - y).mean()


def backward(x, y, gamma, beta, W1, b1, W2, A):
    out, (n, z, r, ln_cache) = forward(x, gamma, beta, W1, b1, W2, A)
    dout = np.sign(out - y) / out.size
    dW2 = dout.dot(r.T)
    dz = np.where(z > 0, W2.T.dot(dout), 0)
    dW1 = dz.dot(n.T)
    db1 = dz.sum(axis=1, keepdims=True)
    dn = W1.T.dot(dz)
    da, dgamma, dbeta = layernorm_backward(dn, ln_cache)
    da += dout  # the skip connection
    dA = da.dot(x.T)
    return {"gamma": dgamma, "beta": dbeta, "W1": dW1, "b1": db1, "W2": dW2, "A": dA}
