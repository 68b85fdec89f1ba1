"""The nets that are measured: a loss as a person writes it, and the same pass with its gradients by hand.

Row convention (batch × feature), 1-D biases, ReLU, softmax, mean cross-entropy. ``labels`` are integers (``y``) or
one-hot rows (``Y``); both are as common. The passes by hand keep every intermediate, as a recording does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How many examples, and the sizes from the inputs to the classes."""

    batch: int
    layers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.layers))}, batch {self.batch}"


SIZES = {
    "tiny": Size(1, (4, 10, 3)),
    "small": Size(64, (64, 64, 10)),
    "medium": Size(256, (784, 256, 10)),
    "large": Size(1024, (1024, 1024, 10)),
    "three": Size(64, (64, 64, 64, 10)),
}


@dataclass(frozen=True)
class Net:
    """A loss, its arrays, and the names in which the pass by hand returns its gradients."""

    loss: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, ...]]
    params: Arrays
    data: Arrays

    @property
    def arguments(self) -> list[Any]:
        """Data and parameters in the order of both functions."""
        return [*self.data.values(), *self.params.values()]


def net(size: Size, dtype: str, labels: str) -> Net:
    """The two-layer or three-layer net of this size with random parameters and data."""
    rng = np.random.default_rng(0)
    params: Arrays = {}
    for k, (rows, columns) in enumerate(zip(size.layers, size.layers[1:], strict=False), start=1):
        params[f"W{k}"] = rng.normal(0.0, (2 / rows) ** 0.5, (rows, columns)).astype(dtype)
        params[f"b{k}"] = rng.normal(0.0, 0.1, columns).astype(dtype)
    x = rng.normal(size=(size.batch, size.layers[0])).astype(dtype)
    y = rng.integers(0, size.layers[-1], size.batch)
    data = {"x": x, "y": y} if labels == "integers" else {"x": x, "Y": np.eye(size.layers[-1], dtype=dtype)[y]}
    loss, by_hand = _FUNCTIONS[len(size.layers) - 1, labels]
    return Net(loss, by_hand, params, data)


def loss_integers(x, y, W1, b1, W2, b2):  # type: ignore[no-untyped-def]
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    s = f - f.max(axis=1, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def by_hand_integers(x, y, W1, b1, W2, b2):  # type: ignore[no-untyped-def]
    n = len(y)
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    s = f - f.max(axis=1, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(n), y]))
    df = p.copy()
    df[np.arange(n), y] -= 1
    df /= n
    dW2 = h1.T @ df
    db2 = df.sum(axis=0)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2, z1, h1, f, s, e, p, loss, df, dh1, dz1


def loss_one_hot(x, Y, W1, b1, W2, b2):  # type: ignore[no-untyped-def]
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    s = f - f.max(axis=1, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(np.sum(p * Y, axis=1)))


def by_hand_one_hot(x, Y, W1, b1, W2, b2):  # type: ignore[no-untyped-def]
    n = len(x)
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    s = f - f.max(axis=1, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(np.sum(p * Y, axis=1)))
    df = (p - Y) / n
    dW2 = h1.T @ df
    db2 = df.sum(axis=0)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2, z1, h1, f, s, e, p, loss, df, dh1, dz1


def loss_three(x, y, W1, b1, W2, b2, W3, b3):  # type: ignore[no-untyped-def]
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    f = h2 @ W3 + b3
    s = f - f.max(axis=1, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def by_hand_three(x, y, W1, b1, W2, b2, W3, b3):  # type: ignore[no-untyped-def]
    n = len(y)
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    f = h2 @ W3 + b3
    s = f - f.max(axis=1, keepdims=True)
    e = np.exp(s)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(n), y]))
    df = p.copy()
    df[np.arange(n), y] -= 1
    df /= n
    dW3 = h2.T @ df
    db3 = df.sum(axis=0)
    dh2 = df @ W3.T
    dz2 = dh2 * (z2 > 0)
    dW2 = h1.T @ dz2
    db2 = dz2.sum(axis=0)
    dh1 = dz2 @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0)
    return dW1, db1, dW2, db2, dW3, db3, z1, h1, z2, h2, f, s, e, p, loss, df, dh2, dz2, dh1, dz1


_FUNCTIONS: dict[tuple[int, str], tuple[Callable[..., Any], Callable[..., tuple[Any, ...]]]] = {
    (2, "integers"): (loss_integers, by_hand_integers),
    (2, "one-hot"): (loss_one_hot, by_hand_one_hot),
    (3, "integers"): (loss_three, by_hand_three),
}
