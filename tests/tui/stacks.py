"""Nets with arrays of three and four axes, for the screens that show them slice by slice."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import Tape

SOURCE = '''"""Two examples, two heads: a stack of matrices, scaled per example, summed over the heads."""
import numpy as np

rng = np.random.default_rng(4)
params = {"W": rng.normal(size=(6, 8)).round(1), "b": rng.normal(size=(3, 1)).round(1)}
data = {"scale": np.array([0.5, 2.0]).reshape(2, 1, 1, 1)}

def loss(scale, W, b):
    q = np.reshape(W, (2, 2, 3, 4))
    s = q * scale
    t = np.tanh(s + b)
    m = t.sum(axis=1)
    return np.sum(m ** 2)
'''


def stacked() -> Tape:
    """q of four axes from a matrix, scaled by one number per example, a batched product, a sum over the second axis."""
    rng = np.random.default_rng(4)
    params = {"W": rng.normal(size=(6, 8)), "V": rng.normal(size=(2, 1, 4, 3)), "b": rng.normal(size=(3, 1))}
    data = {"scale": np.array([0.5, 2.0]).reshape(2, 1, 1, 1), "xs": rng.normal(size=(4, 3, 3))}

    def loss(scale: Any, xs: Any, W: Any, V: Any, b: Any) -> Any:
        q = np.reshape(W, (2, 2, 3, 4))
        s = q * scale
        p = s @ V
        t = np.tanh(p + b)
        m = t.sum(axis=1)
        x = xs[2]
        return np.sum(m**2) + np.sum(x * b)

    return engine.trace(loss, params, data).run(params, data)
