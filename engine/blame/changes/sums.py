"""Sums over the examples: left out, along another axis, of the last example alone."""

from __future__ import annotations

from collections.abc import Iterator

from engine.blame.changes.facts import Change, Site
from engine.blame.changes.products import LAST, WHOLE
from engine.blame.reference import Apply, Of
from engine.ir import Node


def of_sum(site: Site, node: Node) -> Iterator[Change]:
    """Changes of the sum that makes the gradient of a bias."""
    facts = site.facts
    operand = node.inputs[0]
    inside = facts.shape(operand)
    of = facts.reference.gradient_of.get(site.target)
    if of is None or facts.program.values[of].role != "parameter":
        return
    axis = node.attributes.get("axis")
    yield Change("bias-not-summed", node.output, Of(operand))
    for other in range(len(inside)):
        if other == axis:
            continue
        for keep in (True, False):
            made = Apply("sum", (Of(operand),), {"axis": other, "keepdims": keep})
            yield Change("bias-wrong-axis", node.output, made)
            if isinstance(axis, int) and axis < len(inside):  # np.mean divides by the length of the axis it runs along
                mean = Apply("multiply", (inside[axis] / inside[other], made))
                yield Change("bias-wrong-axis", node.output, mean)
    if axis is not None:
        yield Change("bias-wrong-axis", node.output, Apply("sum", (Of(operand),), {"axis": None}))
    if isinstance(axis, int) and axis < len(inside):
        picked = tuple(LAST if k == axis else WHOLE for k in range(axis + 1))
        last = Apply("getitem", (Of(operand),), {"index": picked}, "operator")
        yield Change("last-example-only", node.output, Apply("sum", (last,), dict(node.attributes)))
