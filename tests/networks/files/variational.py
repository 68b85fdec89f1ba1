"""A variational autoencoder: mean and log-variance, noise drawn beforehand, and the KL term."""

import numpy as np

rng = np.random.default_rng(25)
inputs, latent, hidden, batch = 5, 2, 4, 3

params = {
    "enc": rng.normal(size=(inputs, hidden)) * 0.5,
    "mu": rng.normal(size=(hidden, latent)) * 0.5,
    "logvar": rng.normal(size=(hidden, latent)) * 0.5,
    "dec": rng.normal(size=(latent, inputs)) * 0.5,
    "bias": np.zeros(inputs),
}
data = {"x": (rng.random((batch, inputs)) < 0.5).astype(float), "noise": rng.normal(size=(batch, latent))}


def loss(x, noise, enc, mu, logvar, dec, bias):
    h = np.tanh(x @ enc)
    m, s = h @ mu, h @ logvar
    z = m + np.exp(0.5 * s) * noise
    logits = z @ dec + bias
    reconstruction = np.sum(np.logaddexp(0, logits) - x * logits, axis=1)
    divergence = -0.5 * np.sum(1 + s - m**2 - np.exp(s), axis=1)
    return np.mean(reconstruction + divergence)
