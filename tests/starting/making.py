"""Makes starting files in this process, and walks through a net by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui.cli import main

Arrays = dict[str, np.ndarray]


def make(path: Path, *options: str) -> Path:
    """`chainstep new PATH OPTIONS`, which must succeed."""
    assert main(["new", str(path), *options]) == 0
    return path


def refused(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> str:
    """What `chainstep new` says where it writes nothing: status 2, one to three lines on stderr, no file left."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    capsys.readouterr()
    assert main(["new", str(path), *options]) == 2
    ran = capsys.readouterr()
    assert ran.out == ""
    assert 1 <= len(ran.err.splitlines()) <= 3
    assert "mistake in chainstep" not in ran.err
    assert {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()} == before
    return ran.err


def backward_by_hand(params: Arrays, data: dict[str, Any], loss: str, activation: str) -> tuple[float, Arrays]:
    """The loss and all gradients of a net whose examples stand in rows: one textbook pass, no chain of operations.

    ``params`` are W1 (in, out), b1 (1, out), W2, ...; ``data`` has x (N, in) and y, (N, out) or whole numbers (N,).
    """
    depth = len(params) // 2
    h: list[Any] = [np.asarray(data["x"], dtype=float)]
    for layer in range(1, depth + 1):
        z = h[-1] @ params[f"W{layer}"] + params[f"b{layer}"]
        last = layer == depth
        h.append(z if last else {"relu": z * (z > 0), "tanh": np.tanh(z), "sigmoid": sigma(z)}[activation])
    f, y, n = h[-1], data["y"], len(data["x"])
    if loss == "mse":
        value, df = ((f - y) ** 2).sum() / 2 / n, (f - y) / n
    elif loss == "sigmoid":  # log(1 + exp f) - y f is the same binary cross-entropy
        value, df = (np.logaddexp(0, f) - y * f).sum() / n, (sigma(f) - y) / n
    else:
        logarithms = f - np.log(np.exp(f).sum(axis=1, keepdims=True))
        value = -sum(logarithms[i, k] for i, k in enumerate(y)) / n
        df = (np.exp(logarithms) - np.eye(f.shape[1])[y]) / n
    gradients = {}
    upstream = df
    for layer in range(depth, 0, -1):
        gradients[f"W{layer}"] = h[layer - 1].T @ upstream
        gradients[f"b{layer}"] = upstream.sum(axis=0, keepdims=True)
        below = h[layer - 1]
        slope = {"relu": below > 0, "tanh": 1 - below**2, "sigmoid": below * (1 - below)}[activation]
        upstream = (upstream @ params[f"W{layer}"].T) * slope
    return float(value), gradients


def sigma(z: np.ndarray) -> np.ndarray:
    """The logistic function by way of tanh."""
    result: np.ndarray = (1 + np.tanh(z / 2)) / 2
    return result
