"""Another array in the place of an operand: one that the line reads, or one that exists and fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.blame.changes.facts import MASKS, PRODUCTS, Change, Facts, Site
from engine.blame.reference import Apply, Array, Expr, Given, Known, Of
from engine.ir import Node


def of_updates(site: Site) -> Iterator[Change]:
    """A parameter that the step reads more than once, in all places as it is after its update."""
    for index, several in site.stale.items():
        if site.facts.reference.node(index) is None and sum(index in node.inputs for node in site.step) > 1:
            for name, array in several:
                yield Change("stale-weight", index, Given(array, name), wrong=name)


def of_operands(site: Site, node: Node) -> Iterator[Change]:
    """Every operand of a node exchanged: by a later array of the same parameter, by what is known, by what is read."""
    facts = site.facts
    if node.op in ("same", "scatter", *MASKS):
        return
    for k, operand in enumerate(node.inputs):
        if facts.is_literal(operand) or facts.program.values[operand].dtype.kind != "f":
            continue
        stale = site.stale.get(operand, ())
        for name, array in stale:
            yield Change("stale-weight", node.output, _with(node, k, Given(array, name)), wrong=name)
        right = facts.said(operand)
        for index in site.alike(operand):
            name = exchanged(facts, node, operand, index)
            yield Change(name, node.output, _with(node, k, Known(index)), facts.label(index), right, operand)
        if len(facts.shape(operand)) == 2 and node.op in ("matmul", "outer"):
            inner = facts.untransposed(operand)
            for index in site.turned(operand):
                name = exchanged(facts, node, inner, index)
                other = Apply("transpose", (Known(index),))
                yield Change(name, node.output, _with(node, k, other), facts.label(index), right, inner)
        if node.backward or node.output == site.target:
            inner = facts.untransposed(operand)
            if right or operand in facts.reference.gradient_of:  # an inner value is nothing that a name stands for
                yield from _read(site, node, k, [array for i in (operand, inner) for _, array in site.stale.get(i, ())])


def _read(site: Site, node: Node, k: int, stale: list[Array]) -> Iterator[Change]:
    """What the line reads in the place of operand ``k``, as it is and transposed."""
    facts = site.facts
    operand = node.inputs[k]
    shape = facts.shape(operand)
    inner = facts.untransposed(operand)
    # the learner's gradients carry the scale, and what stands for one of them has to be freed from it as well
    scale = site.scale if facts.is_gradient(operand) else 1.0
    own = site.cut.get(operand, site.cut.get(inner, facts.reference.arrays[operand]))
    for name, array in site.read:
        if any(array is one for one in stale) or _is(array, own) or _is(array / scale, own):
            continue
        right = facts.said(operand)
        mistake = _by_place(facts, node, operand) if node.op not in PRODUCTS else "wrong-operand"
        for other in _ways(array, shape):
            if node.op not in PRODUCTS and other.shape != shape:
                continue
            freed = other / scale if scale != 1.0 else other
            yield Change(mistake, node.output, _with(node, k, Given(freed, name)), name, right, inner, True)


def _ways(array: Array, shape: tuple[int, ...]) -> list[Array]:
    """The array as it is, the other way round, and as a loop reads it: entry by entry, or one for every example."""
    if array.ndim == 2:
        return [array, array.T]
    if array.ndim != 1 or len(shape) != 2:
        return [array]
    if array.size == shape[0] * shape[1]:
        return [array, array.reshape(shape), array.reshape(shape[::-1]).T]
    rows = [np.broadcast_to(array, shape)] if array.size == shape[1] else []
    columns = [np.broadcast_to(array[:, None], shape)] if array.size == shape[0] else []
    return [array, *rows, *columns]


def _is(array: Array, own: Array) -> bool:
    """Whether it is the operand itself, or the operand the other way round: that is another mistake."""
    if array.size != np.size(own):
        return False
    return any(a.shape == np.shape(own) and np.allclose(a, own, rtol=1e-9, atol=0) for a in (array, array.T))


def _with(node: Node, k: int, other: Expr) -> Expr:
    operands = tuple(other if j == k else Of(i) for j, i in enumerate(node.inputs))
    return Apply(node.op, operands, node.attributes, node.spelling)


def exchanged(facts: Facts, node: Node, operand: int, other: int) -> str:
    """dh1 in the place of dz1 is a step left out; z1 for h1 in 1 - h1 ** 2 is a derivative of the wrong array."""
    if facts.is_gradient(operand) and facts.is_gradient(other) and other in facts.reference.below(operand):
        return facts.skip_name(operand, other) or "wrong-operand"
    return _by_place(facts, node, operand)


def _by_place(facts: Facts, node: Node, operand: int) -> str:
    if facts.is_regularisation(node.output):
        return "regularisation-factor"
    if not node.backward or facts.is_gradient(operand):
        return "wrong-operand"
    slope = facts.is_slope(operand) and node.op != "transpose" and not facts.is_other_factor(node, operand)
    return "activation-derivative-wrong-value" if slope else "wrong-operand"
