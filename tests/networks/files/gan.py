"""The discriminator's loss of a small GAN, real and generated examples in one batch."""

import numpy as np

rng = np.random.default_rng(21)

params = {
    "G": {"W": rng.normal(size=(2, 3)) * 0.5, "b": np.zeros(3)},
    "D": {"W": rng.normal(size=(3, 4)) * 0.5, "b": np.zeros(4), "v": rng.normal(size=4)},
}
data = {"real": rng.normal(size=(5, 3)), "noise": rng.normal(size=(4, 2))}


def generate(noise, G):
    return np.tanh(noise @ G["W"] + G["b"])


def judge(x, D):
    h = x @ D["W"] + D["b"]
    h = np.maximum(h, 0.2 * h)
    return h @ D["v"]


def loss(real, noise, G, D):
    both = np.vstack((real, generate(noise, G)))
    logits = judge(both, D)
    labels = np.concatenate((np.ones(len(real)), np.zeros(len(noise))))
    return np.mean(np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits))))
