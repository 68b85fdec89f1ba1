"""A network of sines that fits a function of the plane, with a smooth (log-cosh) loss."""

import numpy as np

rng = np.random.default_rng(27)

weights = [rng.uniform(-1, 1, size=(2, 5)), rng.uniform(-0.5, 0.5, size=(5, 4)), rng.uniform(-0.5, 0.5, size=(4, 1))]
params = {"Ws": weights, "phase": rng.uniform(-1, 1, size=5)}
points = np.stack(np.meshgrid(np.linspace(-1, 1, 3), np.linspace(-1, 1, 4)), axis=-1).reshape(-1, 2)
data = {"xy": points, "target": np.cos(3 * points[:, 0]) * points[:, 1]}


def loss(xy, target, Ws, phase):
    h = np.sin(3 * (xy @ Ws[0]) + phase)
    h = np.sin(h @ Ws[1])
    out = np.squeeze(h @ Ws[2], axis=-1)
    return np.sum(np.log(np.cosh(out - target))) / target.size
