"""How a reference step can be wrong: every change of its node list that has a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.blame.changes.contributions import of_chain, of_contribution
from engine.blame.changes.factors import of_activation, of_factor, of_unary, of_where
from engine.blame.changes.facts import Change, Facts, Site
from engine.blame.changes.operands import of_operands, of_updates
from engine.blame.changes.products import of_product
from engine.blame.changes.sums import of_sum
from engine.blame.quantities import Quantities
from engine.blame.reference import Array, Cannot, Cut, Reference
from engine.ir import Node

__all__ = ["Change", "Mutations", "attempt"]


class Mutations:
    """The changes of the steps of one reference."""

    def __init__(self, quantities: Quantities, number: int) -> None:
        self.facts = Facts(quantities, number)

    def skip_name(self, target: int, upstream: int) -> str | None:
        """What is left out where the gradient ``upstream`` stands for ``target``; None unless it is one named step."""
        return self.facts.skip_name(target, upstream)

    def changes(self, target: int, cut: Cut, stale: Mapping[int, Sequence[tuple[str, Array]]]) -> Iterator[Change]:
        """All single changes of the step from the cut to ``target``; ``stale`` are later arrays of a parameter."""
        yield from self.at(Site(self.facts, target, cut, stale))

    def at(self, site: Site) -> Iterator[Change]:
        """All single changes of a step."""
        yield from of_updates(site)
        for node in site.step:
            yield from _of_node(site, node)
            if node.op in ("add", "subtract"):
                yield from of_chain(site, node.output)
            if node.output in self.facts.reference.gradient_of:
                yield from of_activation(site, node.output)
            yield from of_operands(site, node)


def _of_node(site: Site, node: Node) -> Iterator[Change]:
    match node.op:
        case "multiply" | "divide":
            yield from of_factor(site, node)
        case "where":
            yield from of_where(site, node)
        case "matmul" | "outer" | "inner":
            yield from of_product(site, node)
        case "sum" | "mean":
            yield from of_sum(site, node)
        case "add" | "subtract":
            yield from of_contribution(site, node)
        case "power" | "negative" | "transpose":
            yield from of_unary(site, node)
        case _:
            pass


def attempt(reference: Reference, target: int, cut: Cut, changes: Sequence[Change]) -> Array | None:
    """``target`` with all ``changes`` made; None where the shapes do not allow it."""
    try:
        return reference.value(target, cut, {change.at: change.instead for change in changes})
    except Cannot:
        return None
