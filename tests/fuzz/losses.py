"""Generators of losses of classes: softmax and sigmoid with labels, in the ways in which people write them down.

The engine has short forms for these, and each takes something of its labels for granted.
"""

from __future__ import annotations

import re

import numpy as np

from tests.fuzz.description import Array, Statement
from tests.fuzz.maker import Draw, Maker, below
from tests.fuzz.registry import generator
from tests.fuzz.structures import LOGSUMEXP, PLAIN_SOFTMAX, SIGMOID, SIGMOID_NEG, SOFTMAX


@generator(weight=1.5)
def class_loss(maker: Maker) -> Statement:
    """Softmax or sigmoid with the loss that belongs to it, in the ways in which people write it down."""
    f = maker.array(2)
    rows, classes = f.shape
    if maker.chance(0.3):
        y = maker.leaf(f.shape, "data", lambda rng, shape: rng.integers(0, 2, size=shape).astype(float), "y")
        text = maker.choose([
            f"-np.mean({y.name} * np.log(sigmoid({f.name})) + (1 - {y.name}) * np.log(1 - sigmoid({f.name})))",
            f"-({y.name} * np.log(sigmoid({f.name})) + (1 - {y.name}) * np.log(1 - sigmoid({f.name}))).sum(axis=0)",
        ])  # fmt: skip
        return maker.statement("class_loss", [f, y], "{out} = " + text, helpers=[SIGMOID])
    y = maker.leaf((rows,), "data", below(classes), "y")
    where = f"np.arange({rows}), {y.name}"
    text = maker.choose([
        f"-np.mean(np.log(softmax({f.name})[{where}]))",
        f"-np.sum(np.eye({classes})[{y.name}] * np.log(softmax({f.name})))",
        f"np.mean(logsumexp({f.name})[:, 0] - {f.name}[{where}])",
        f"-np.sum(np.log(softmax({f.name}))[{where}]) / {rows}",
        f"-np.log(plain_softmax({f.name})[{where}]).mean()",
    ])  # fmt: skip
    used = [h for h in (SOFTMAX, PLAIN_SOFTMAX, LOGSUMEXP) if re.search(rf"\b{h.name}\(", text)]
    return maker.statement("class_loss", [f, y], "{out} = " + text, helpers=used)


def labels(axis: int) -> Draw:
    """One-hot along an axis, sums to one, or neither: what a short form takes for granted holds or does not."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        rows, classes = (shape if axis == 1 else shape[::-1])[:2]
        kind = rng.integers(4)
        if kind < 2:
            y = np.eye(classes)[rng.integers(classes, size=rows)]
        else:
            y = np.round(rng.uniform(0.1, 1.0, size=(rows, classes)), 2)
            y = y / y.sum(axis=1, keepdims=True) if kind == 2 else y
        return y if axis == 1 else y.T

    return draw


@generator(weight=1.5)
def label_loss(maker: Maker) -> Statement:
    """Cross-entropy with a matrix of labels, in either convention."""
    f = maker.array(2)
    axis = maker.choose([0, 1])
    y = maker.leaf(f.shape, "data", labels(axis), "y")
    n = f.shape[1 - axis]
    p = f"softmax({f.name}, {axis})"
    text = maker.choose([
        f"-np.sum({y.name} * np.log({p})) / {n}",
        f"-np.mean(np.sum({y.name} * np.log({p}), axis={axis}))",
        f"-({y.name} * np.log({p} + 1e-9)).sum()",
        f"np.sum({y.name} * -np.log({p}), axis={axis}).mean()",
        f"-np.einsum('ij,ij->', {y.name}, np.log({p}))",
        f"0.5 * np.sum(({p} - {y.name}) ** 2)",
        f"-np.sum({y.name} * ({f.name} - np.log(np.sum(np.exp({f.name}), axis={axis}, keepdims=True))))",
        f"np.mean(np.log(np.exp({f.name}).sum(axis={axis})) - ({y.name} * {f.name}).sum(axis={axis}))",
        f"-np.log(np.sum({y.name} * {p}, axis={axis})).mean()",
    ])  # fmt: skip
    return maker.statement("label_loss", [f, y], "{out} = " + text, helpers=[SOFTMAX] if "softmax" in text else [])


@generator(weight=1.0)
def binary_loss(maker: Maker) -> Statement:
    """Sigmoid with its loss in the ways people write it, with labels 0 and 1 or in between."""
    z = maker.number_or_array()

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        whole = rng.integers(0, 2, size=shape).astype(float)
        return whole if rng.random() < 0.6 else np.round(rng.uniform(size=shape), 2)

    y = maker.leaf(z.shape, "data", draw, "y")
    helper = maker.choose([SIGMOID, SIGMOID_NEG])
    lines = [f"{{out}}_p = {helper.name}({maker.text(z)})"]
    lines.append("{out} = " + maker.choose([
        f"-np.mean({y.name} * np.log({{out}}_p) + (1 - {y.name}) * np.log(1 - {{out}}_p))",
        f"-({y.name} * np.log({{out}}_p) + (1.0 - {y.name}) * np.log(1.0 - {{out}}_p))",
        f"-np.sum(np.where({y.name} > 0.5, np.log({{out}}_p), np.log(1 - {{out}}_p)))",
        f"np.sum(({{out}}_p - {y.name}) ** 2)",
        f"-np.sum({y.name} * np.log({{out}}_p + 1e-9) + (1 - {y.name}) * np.log(1 - {{out}}_p + 1e-9))",
        f"-np.log(np.clip({{out}}_p, 1e-6, 1 - 1e-6)).mean() * {y.name}.sum()",
        f"(np.logaddexp(0, {z.name}) - {y.name} * {z.name}).mean() + {{out}}_p.sum()",
    ]))  # fmt: skip
    return maker.statement("binary_loss", [z, y], *lines, helpers=[helper])
