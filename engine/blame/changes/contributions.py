"""Sums of several contributions: one lost, one with another factor, a difference the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from engine.blame.changes.facts import Change, Facts, Site
from engine.blame.quantities import ratio
from engine.blame.reference import Apply, Expr, Of
from engine.ir import Node


@dataclass(frozen=True)
class Share:
    """``of`` is added at value ``at`` with a factor that may be another one in the learner's line."""

    at: int
    of: Expr
    regularisation: bool
    lost: str


def of_contribution(site: Site, node: Node) -> Iterator[Change]:
    """One side of ``a + b`` lost, ``a - b`` for it or the other way round."""
    facts = site.facts
    left, right = node.inputs
    if facts.is_gradient(node.output) and _regularised(site, node.output) > 1:
        return  # the parts of one regularisation are lost, or have a wrong factor, together
    for kept, lost in ((left, right), (right, left)):
        if facts.is_literal(lost) or facts.shape(kept) != facts.shape(node.output):
            continue
        negative = node.op == "subtract" and kept == right
        instead: Expr = Apply("negative", (Of(kept),)) if negative else Of(kept)
        name = _lost(facts, node, kept, lost)
        if name == "wrong-operand":
            yield Change(name, node.output, instead, facts.label(kept), facts.label(node.output), node.output)
        else:
            yield Change(name, node.output, instead, wrong=facts.label(lost))
    if node.op == "subtract":
        yield Change("sign", node.output, Apply("subtract", (Of(right), Of(left))))
        yield Change("sign", node.output, Apply("add", (Of(left), Of(right))))
    else:
        yield Change("sign", node.output, Apply("subtract", (Of(left), Of(right))))
        yield Change("sign", node.output, Apply("subtract", (Of(right), Of(left))))


def of_chain(site: Site, at: int) -> Iterator[Change]:
    """Of three contributions or more: one alone, as a ``=`` in the place of ``+=`` leaves it."""
    parts = [i for i, sign in contributions(site, at) if sign > 0]
    gradients = [i for i in parts if site.facts.is_gradient(i) and not site.facts.is_regularisation(i)]
    if len(gradients) > 2:
        for kept in reversed(gradients):
            yield Change("accumulation-overwritten", at, Of(kept))
    regular = [i for i in parts if site.facts.is_regularisation(i)]
    others = [i for i in parts if i not in regular]
    if len(regular) > 1 and others:
        yield Change("regularisation-missing", at, _sum(others))
        yield Change("accumulation-overwritten", at, _sum(regular))


def shares(site: Site) -> Iterator[Share]:
    """The contributions of the step whose factor can be wrong; those of one regularisation taken together."""
    facts = site.facts
    inner: set[int] = set()
    for node in site.step:
        if node.op not in ("add", "subtract"):
            continue
        top = node.output not in inner
        parts = contributions(site, node.output) if top else []
        inner |= {i for i, _ in parts} | _between(site, node.output)
        regular = [(i, sign) for i, sign in parts if facts.is_regularisation(i)]
        if regular and facts.is_gradient(node.output):
            kinds = _kinds(facts, regular)
            for several in [regular, *(kinds if len(kinds) > 1 else ())]:
                yield Share(node.output, _added_up(several), True, "regularisation-missing")
        for k, lost in enumerate(node.inputs):
            if facts.is_literal(lost) or facts.is_regularisation(lost):
                continue
            minus = node.op == "subtract" and k == 1
            kept = node.inputs[1 - k]
            yield Share(node.output, _signed(lost, -1 if minus else 1), False, _lost(facts, node, kept, lost))


def contributions(site: Site, at: int) -> list[tuple[int, int]]:
    """What is added up at a value, through the sums inside the step: (value, 1 or -1)."""
    found: list[tuple[int, int]] = []
    stack = [(at, 1)]
    while stack:
        index, sign = stack.pop()
        node = site.facts.reference.node(index)
        if node is None or node.op not in ("add", "subtract") or (index in site.cut and index != at):
            found.append((index, sign))
            continue
        stack.append((node.inputs[1], sign if node.op == "add" else -sign))
        stack.append((node.inputs[0], sign))
    return found


def _regularised(site: Site, at: int) -> int:
    """How many parts of the whole sum that a value belongs to are regularisation."""
    while True:
        above = [n.output for n in site.facts.uses(at) if n.op in ("add", "subtract") and at not in site.cut]
        if len(above) != 1 or at == site.target:
            break
        at = above[0]
    return sum(site.facts.is_regularisation(i) for i, _ in contributions(site, at))


def _between(site: Site, at: int) -> set[int]:
    """The sums that a sum is made of."""
    node = site.facts.reference.node(at)
    if node is None or node.op not in ("add", "subtract"):
        return set()
    return {at}.union(*(_between(site, i) for i in node.inputs if i not in site.cut))


def _kinds(facts: Facts, parts: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Contributions that are multiples of each other, as the halves of 2 W are; those of W and of sign(W) are not."""
    found: list[list[tuple[int, int]]] = []
    for part in parts:
        own = facts.reference.arrays[part[0]]
        firsts = (ratio(own, facts.reference.arrays[kind[0][0]], facts.quantities.tolerance) for kind in found)
        place = next((k for k, factor in enumerate(firsts) if factor is not None), None)
        if place is None:
            found.append([part])
        else:
            found[place].append(part)
    return found


def _added_up(parts: list[tuple[int, int]]) -> Expr:
    first, *rest = (_signed(i, sign) for i, sign in parts)
    return reduce(lambda a, b: Apply("add", (a, b)), rest, first)


def _signed(index: int, sign: int) -> Expr:
    return Of(index) if sign > 0 else Apply("negative", (Of(index),))


def _sum(parts: list[int]) -> Expr:
    first: Expr = Of(parts[0])
    return reduce(lambda a, b: Apply("add", (a, Of(b))), parts[1:], first)


def _lost(facts: Facts, node: Node, kept: int, lost: int) -> str:
    """What it is called when ``lost`` is not added."""
    if not node.backward:
        return "forward-bias-forgotten" if facts.is_parameter(lost) else "wrong-operand"
    if facts.is_gradient(kept) and facts.is_regularisation(lost):
        return "regularisation-missing"
    if facts.is_gradient(kept) and facts.is_gradient(lost):
        both = facts.is_branch(kept) and facts.is_branch(lost)  # max(z, 0.1 z) has a slope on either side
        return "activation-derivative-wrong-value" if both else "accumulation-overwritten"
    return "activation-derivative-wrong-value" if facts.is_slope(node.output) else "wrong-operand"
