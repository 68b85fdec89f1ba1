"""Stacked autoencoder 6-4-3-4-6: layers in lists, tanh code, sigmoid reconstruction, mean of squares."""

import numpy as np

rng = np.random.default_rng(1986)


def make(n_in, n_out):
    return rng.uniform(-1, 1, size=(n_in, n_out)) * np.sqrt(6 / (n_in + n_out)), rng.uniform(-0.3, 0.3, size=n_out)


params = {}
params["enc1_W"], params["enc1_b"] = make(6, 4)
params["enc2_W"], params["enc2_b"] = make(4, 3)
params["dec2_W"], params["dec2_b"] = make(3, 4)
params["dec1_W"], params["dec1_b"] = make(4, 6)
data = {"images": rng.uniform(size=(9, 6))}

LAYERS = [("enc1", "tanh"), ("enc2", "tanh"), ("dec2", "tanh"), ("dec1", "sigmoid")]


def activate(z, kind):
    return np.tanh(z) if kind == "tanh" else 1 / (1 + np.exp(-z))


def activation_grad(out, kind):
    return 1 - out**2 if kind == "tanh" else out * (1 - out)


def reconstruct(images, params):
    outs = [images]
    for name, kind in LAYERS:
        outs.append(activate(outs[-1] @ params[name + "_W"] + params[name + "_b"], kind))
    return outs


def loss(params, data):
    images = data["images"]
    recon = reconstruct(images, params)[-1]
    return np.mean((recon - images) ** 2)


def backward(params, data):
    images = data["images"]
    outs = reconstruct(images, params)
    recon = outs.pop()
    grads = {}
    grad_out = 2 * (recon - images) / images.size
    out = recon
    for (name, kind), inp in zip(reversed(LAYERS), reversed(outs)):
        grad_pre = grad_out * activation_grad(out, kind)
        grads[name + "_W"] = inp.T @ grad_pre
        grads[name + "_b"] = grad_pre.sum(axis=0)
        grad_out = grad_pre @ params[name + "_W"].T
        out = inp
    return grads
