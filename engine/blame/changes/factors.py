"""Masks and derivatives: left out, of another array, of another function."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.blame.changes.facts import MASKS, OPPOSITE, SLOPE, Change, Facts, Site
from engine.blame.reference import Apply, Expr, Known, Of
from engine.ir import Node


def of_factor(site: Site, node: Node) -> Iterator[Change]:
    """A mask or a derivative that is multiplied with (or divided by), left out or exchanged."""
    facts = site.facts
    left, right = node.inputs
    for kept, dropped in ((left, right), (right, left)) if node.op == "multiply" else ((left, right),):
        if facts.shape(kept) != facts.shape(node.output) or facts.is_literal(dropped):
            continue
        if facts.is_mask(dropped):
            yield Change("relu-mask-missing", node.output, Of(kept))
            yield from _other_masks(site, dropped, kept)
        elif node.backward and not facts.is_gradient(dropped):
            missing = facts.is_gradient(kept)
            name = "activation-derivative-missing" if missing else "activation-derivative-wrong-value"
            yield Change(name, node.output, Of(kept))


def of_where(site: Site, node: Node) -> Iterator[Change]:
    """A mask that chooses: left out or exchanged."""
    mask, *branches = node.inputs
    for kept in branches:
        if site.facts.is_gradient(kept) and site.facts.shape(kept) == site.facts.shape(node.output):
            yield Change("relu-mask-missing", node.output, Of(kept))
            yield from _other_masks(site, mask, kept)


def _other_masks(site: Site, mask: int, upstream: int) -> Iterator[Change]:
    facts = site.facts
    node = facts.reference.node(mask)
    if node is None or node.op not in MASKS:
        return
    compared = next((i for i in node.inputs if not facts.is_literal(i)), None)
    if compared is None:
        return

    def other(operand: Expr) -> Expr:
        return Apply(node.op, tuple(operand if i == compared else Of(i) for i in node.inputs))

    needed = facts.label(compared)
    yield Change("relu-mask-from-gradient", mask, other(Of(upstream)), right=needed)
    opposite = Apply("less_equal" if node.op.startswith("greater") else "greater", tuple(Of(i) for i in node.inputs))
    yield Change("activation-derivative-wrong-value", mask, opposite, operand=OPPOSITE)
    for index in site.alike(compared):
        name = "relu-mask-from-gradient" if facts.is_gradient(index) else "relu-mask-wrong-layer"
        yield Change(name, mask, other(Known(index)), facts.label(index), needed)


def of_unary(site: Site, node: Node) -> Iterator[Change]:
    """A sign or a square left out, a square matrix that is not turned round."""
    operand = node.inputs[0]
    shape = site.facts.shape(operand)
    if node.op == "negative":
        yield Change("sign", node.output, Of(operand))
    elif node.op == "power" and not site.facts.is_gradient(node.output):
        for instead in (Of(operand), Apply("multiply", (2, Of(operand)))):
            yield Change("activation-derivative-wrong-value", node.output, instead)
    elif node.op == "transpose" and len(shape) == 2 and shape[0] == shape[1]:
        yield Change("transposed", node.output, Of(operand))


def of_activation(site: Site, gradient: int) -> Iterator[Change]:
    """The step through an activation left out, or with the derivative of another function or at another array."""
    facts = site.facts
    of = facts.gradient_of(gradient)
    below = facts.reference.below(gradient)
    for upstream in sorted(facts.reference.gradient_of):
        if upstream == gradient or upstream not in below or facts.shape(upstream) != facts.shape(gradient):
            continue
        name = facts.skip_name(gradient, upstream)
        if name is None:
            continue
        yield Change(name, gradient, Known(upstream), facts.label(upstream))
        for came in facts.gradient_of(upstream):
            group = facts.groups.get(came)
            if group is not None and group.kind == "softmax" and group.operand in of:
                p = Known(came)
                for factor in (Apply("multiply", (p, Apply("subtract", (1, p)))), p):
                    yield Change("softmax-jacobian-diagonal", gradient, _times(upstream, factor))
        if site.slopes:
            yield from _other_slopes(site, gradient, upstream, of)


def _other_slopes(site: Site, gradient: int, upstream: int, of: frozenset[int]) -> Iterator[Change]:
    facts = site.facts
    near = [*dict.fromkeys([*sorted(facts.gradient_of(upstream)), *sorted(of)])]
    near = [v for v in near if facts.shape(v) == facts.shape(gradient) and _varies(facts, v)]
    for value in near:
        for text, slope in _slopes(value):
            yield _of_slope(gradient, upstream, slope, text(facts, value))
    for value in site.alike(near[0]) if near else ():
        if value not in near and _varies(facts, value):
            for text, slope in _slopes(value)[:2]:
                yield _of_slope(gradient, upstream, slope, text(facts, value))


def _of_slope(gradient: int, upstream: int, slope: Expr, wrong: str) -> Change:
    name = "activation-derivative-wrong-value"
    return Change(name, gradient, _times(upstream, slope), wrong=wrong, operand=SLOPE)


def _varies(facts: Facts, value: int) -> bool:
    """Not so for the zeros that a recurrent net starts from: 1 - 0 ** 2 is no derivative."""
    array = facts.reference.arrays[value]
    return bool(np.any(array != array.reshape(-1)[0]))


class _Text:
    """``1 - {} ** 2`` with the name of a value in it; '' where the value has none."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __call__(self, facts: Facts, value: int) -> str:
        name = facts.label(value)
        return self.pattern.format(name) if name else ""


def _slopes(value: int) -> list[tuple[_Text, Expr]]:
    """The derivatives of common activations, at one array: those of tanh and of the sigmoid by their output first."""
    v = Known(value)
    square = Apply("multiply", (v, v))
    tanh, logistic = (
        Apply("tanh", (v,)),
        Apply("divide", (1, Apply("add", (1, Apply("exp", (Apply("negative", (v,)),)))))),
    )
    rest = Apply("subtract", (1, v))
    return [
        (_Text("1 - {} ** 2"), Apply("subtract", (1, square))),
        (_Text("{0} * (1 - {0})"), Apply("multiply", (v, rest))),
        (_Text("{} > 0"), Apply("multiply", (1.0, Apply("greater", (v, 0))))),
        (_Text("1 - {}"), rest),
        (_Text("{}"), v),
        (_Text("{} ** 2"), square),
        (_Text("2 * {}"), Apply("multiply", (2, v))),
        (_Text("1 + {} ** 2"), Apply("add", (1, square))),
        (_Text("1 - np.tanh({}) ** 2"), Apply("subtract", (1, Apply("multiply", (tanh, tanh))))),
        (_Text("1 / (1 + np.exp(-{}))"), logistic),
        (_Text("s * (1 - s) with s of {}"), Apply("multiply", (logistic, Apply("subtract", (1, logistic))))),
        (_Text("np.exp({})"), Apply("exp", (v,))),
        (_Text("np.sin({})"), Apply("sin", (v,))),
        (_Text("-np.sin({})"), Apply("negative", (Apply("sin", (v,)),))),
        (_Text("np.cos({})"), Apply("cos", (v,))),
        (_Text("1 / {}"), Apply("divide", (1, v))),
    ]


def _times(upstream: int, factor: Expr) -> Expr:
    return Apply("multiply", (Known(upstream), factor))
