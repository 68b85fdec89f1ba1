"""The prepared nets with their backward passes, written out by hand line by line in both conventions.

Nothing here knows the engine. Each function takes a scenario's arrays in its own convention and returns everything it
computed by name; gradients are called dW1, df, ... The lines are the notes' formulas as a person types them, and the
engine has to give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = dict[str, Any]


def product_column(G: Any, B: Any, C: Any) -> Arrays:
    A = B @ C
    L = np.sum(G * A)
    dA = G
    dB = dA @ C.T
    dC = B.T @ dA
    return locals()


def product_row(G: Any, B: Any, C: Any) -> Arrays:
    A = C @ B
    L = np.sum(G * A)
    dA = G
    dB = C.T @ dA
    dC = dA @ B.T
    return locals()


def linear_column(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    h = W1 @ x + b1
    f = W2 @ h + b2
    L = 0.5 * np.sum((f - y) ** 2)
    df = f - y
    dW2 = df @ h.T
    db2 = df.sum(axis=1, keepdims=True)
    dh = W2.T @ df
    dW1 = dh @ x.T
    db1 = dh.sum(axis=1, keepdims=True)
    return locals()


def linear_row(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    h = x @ W1 + b1
    f = h @ W2 + b2
    L = 0.5 * np.sum((f - y) ** 2)
    df = f - y
    dW2 = h.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh = df @ W2.T
    dW1 = x.T @ dh
    db1 = dh.sum(axis=0, keepdims=True)
    return locals()


def regression_column(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    L = 0.5 * np.sum((f - y) ** 2)
    df = f - y
    dW2 = df @ h1.T
    db2 = df.sum(axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def regression_row(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    L = 0.5 * np.sum((f - y) ** 2)
    df = f - y
    dW2 = h1.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


def softmax_column(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    e = np.exp(f - f.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    L = -np.sum(np.log((p * Y).sum(axis=0, keepdims=True)))
    df = p - Y
    dW2 = df @ h1.T
    db2 = df.sum(axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def softmax_row(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    e = np.exp(f - f.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    L = -np.sum(np.log((p * Y).sum(axis=1, keepdims=True)))
    df = p - Y
    dW2 = h1.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


def overflow_column(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    e = np.exp(f)
    p = e / e.sum(axis=0, keepdims=True)
    L = -np.sum(np.log((p * Y).sum(axis=0, keepdims=True)))
    df = p - Y
    dW2 = df @ h1.T
    db2 = df.sum(axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def overflow_row(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    e = np.exp(f)
    p = e / e.sum(axis=1, keepdims=True)
    L = -np.sum(np.log((p * Y).sum(axis=1, keepdims=True)))
    df = p - Y
    dW2 = h1.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


def digits_size_column(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    e = np.exp(f - f.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    L = -np.mean(np.log((p * Y).sum(axis=0, keepdims=True)))
    df = (p - Y) / 64
    dW2 = df @ h1.T
    db2 = df.sum(axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def digits_size_row(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    e = np.exp(f - f.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    L = -np.mean(np.log((p * Y).sum(axis=1, keepdims=True)))
    df = (p - Y) / 64
    dW2 = h1.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


def iris_row(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    e = np.exp(f - f.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    L = -np.mean(np.log(p[np.arange(150), y]))
    df = (p - np.eye(3)[y]) / 150
    dW2 = h1.T @ df
    db2 = df.sum(axis=0, keepdims=True)
    dh1 = df @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


def iris_column(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    e = np.exp(f - f.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    L = -np.mean(np.log(p[y, np.arange(150)]))
    df = (p - np.eye(3)[:, y]) / 150
    dW2 = df @ h1.T
    db2 = df.sum(axis=1, keepdims=True)
    dh1 = W2.T @ df
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def three_layer_column(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    z2 = W2 @ h1 + b2
    h2 = np.maximum(z2, 0)
    f = W3 @ h2 + b3
    L = 0.5 * np.sum((f - y) ** 2)
    df = f - y
    dW3 = df @ h2.T
    db3 = df.sum(axis=1, keepdims=True)
    dh2 = W3.T @ df
    dz2 = dh2 * (z2 > 0)
    dW2 = dz2 @ h1.T
    db2 = dz2.sum(axis=1, keepdims=True)
    dh1 = W2.T @ dz2
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def three_layer_row(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    f = h2 @ W3 + b3
    L = 0.5 * np.sum((f - y) ** 2)
    df = f - y
    dW3 = h2.T @ df
    db3 = df.sum(axis=0, keepdims=True)
    dh2 = df @ W3.T
    dz2 = dh2 * (z2 > 0)
    dW2 = h1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    dh1 = dz2 @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


def three_layer_softmax_column(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Arrays:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    z2 = W2 @ h1 + b2
    h2 = np.maximum(z2, 0)
    f = W3 @ h2 + b3
    e = np.exp(f - f.max(axis=0, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    L = -np.sum(np.log((p * Y).sum(axis=0, keepdims=True)))
    df = p - Y
    dW3 = df @ h2.T
    db3 = df.sum(axis=1, keepdims=True)
    dh2 = W3.T @ df
    dz2 = dh2 * (z2 > 0)
    dW2 = dz2 @ h1.T
    db2 = dz2.sum(axis=1, keepdims=True)
    dh1 = W2.T @ dz2
    dz1 = dh1 * (z1 > 0)
    dW1 = dz1 @ x.T
    db1 = dz1.sum(axis=1, keepdims=True)
    return locals()


def three_layer_softmax_row(x: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Arrays:
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    f = h2 @ W3 + b3
    e = np.exp(f - f.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    L = -np.sum(np.log((p * Y).sum(axis=1, keepdims=True)))
    df = p - Y
    dW3 = h2.T @ df
    db3 = df.sum(axis=0, keepdims=True)
    dh2 = df @ W3.T
    dz2 = dh2 * (z2 > 0)
    dW2 = h1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    dh1 = dz2 @ W2.T
    dz1 = dh1 * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return locals()


BY_HAND: dict[str, dict[str, Callable[..., Arrays]]] = {
    "product": {"column": product_column, "row": product_row},
    "linear": {"column": linear_column, "row": linear_row},
    "regression": {"column": regression_column, "row": regression_row},
    "handwritten": {"column": regression_column, "row": regression_row},
    "square": {"column": regression_column, "row": regression_row},
    "dead_relu": {"column": regression_column, "row": regression_row},
    "softmax": {"column": softmax_column, "row": softmax_row},
    "overflow": {"column": overflow_column, "row": overflow_row},
    "digits_size": {"column": digits_size_column, "row": digits_size_row},
    "iris": {"column": iris_column, "row": iris_row},
    "three_layer": {"column": three_layer_column, "row": three_layer_row},
    "three_layer_softmax": {"column": three_layer_softmax_column, "row": three_layer_softmax_row},
}


def by_hand(name: str, convention: str, arrays: Arrays) -> Arrays:
    """Everything the hand-written pass of scenario ``name`` computes from ``arrays`` (in that convention)."""
    with np.errstate(all="ignore"):
        return BY_HAND[name][convention](**arrays)
