"""The order of the steps, and what stands inside each.

Forward quantities come as they were computed. A gradient comes as soon as it can: first those of parameters (W, then
b), then the one that is passed on. Inside a step, a value that more than one expression reads gets a line of its own.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.graph import Graph
from engine.layers import Layers, parameter_of
from engine.naming import Naming
from engine.ops import TABLE

_CHEAP = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "add", "subtract", "negative")
_DEEPEST_EXPRESSION = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """One step to come: the quantity, the temporaries its lines need first, where it belongs."""

    quantity: int
    temporaries: tuple[int, ...]
    phase: str
    layer: int | None
    of: int | None
    place: str = ""


def schedule(
    graph: Graph,
    layers: Layers,
    naming: Naming,
    quantities: Sequence[int],
    gradients: Mapping[int, int],
    loss: int,
) -> tuple[Plan, ...]:
    """One plan per quantity, in the order in which a person goes through them."""
    order = [*quantities, *_backward_order(graph, layers, naming, gradients)]
    temporaries = _temporaries(graph, naming, order)
    value_of = {g: v for v, g in gradients.items()}
    boundary = _last_with_parameter(graph, naming, quantities, loss)
    plans = []
    for position, index in enumerate(order):
        lines = tuple(temporaries[index])
        if index in value_of:
            value = value_of[index]
            layer = layers.of_gradient(value)
            plans.append(Plan(index, lines, "backward", layer, value, layers.place_of_gradient(value)))
        elif position > boundary:
            plans.append(Plan(index, lines, "loss", None, None))
        else:
            layer = layers.behind[index] or None
            plans.append(Plan(index, lines, "forward", layer, None, layers.place(index)))
    return tuple(plans)


def _read(graph: Graph, naming: Naming, index: int) -> set[int]:
    """Values below ``index`` down to the next named ones (those included)."""
    seen: set[int] = set()
    node = graph.node_of(index)
    stack = list(node.inputs) if node else []
    while stack:
        top = stack.pop()
        if top in seen:
            continue
        seen.add(top)
        inner = graph.node_of(top)
        if top not in naming.names and inner is not None:
            stack.extend(inner.inputs)
    return seen


def _backward_order(graph: Graph, layers: Layers, naming: Naming, gradients: Mapping[int, int]) -> list[int]:
    """List scheduling: of the gradients that can be made, parameters first, as they enter; then the latest value."""
    value_of = {g: v for v, g in gradients.items()}
    needs = {g: {i for i in _read(graph, naming, g) if i in value_of} for g in value_of}
    needed_by: dict[int, list[int]] = {}
    for gradient, operands in needs.items():
        for operand in operands:
            needed_by.setdefault(operand, []).append(gradient)

    def rank(gradient: int) -> tuple[int, int, int, int]:
        value = value_of[gradient]
        if graph.cells[value].kind == "parameter":
            return (0, layers.introduced.get(value, len(graph.nodes)), value, gradient)
        return (1, -value, value, gradient)

    ready = [rank(g) for g, operands in needs.items() if not operands]
    heapq.heapify(ready)
    order = []
    while ready:
        gradient = heapq.heappop(ready)[3]
        order.append(gradient)
        for following in needed_by.get(gradient, []):
            needs[following].discard(gradient)
            if not needs[following]:
                heapq.heappush(ready, rank(following))
    return order


def _temporaries(graph: Graph, naming: Naming, order: Sequence[int]) -> dict[int, list[int]]:
    """The values that get a line of their own, by the first quantity that reads them; each is named here."""
    chosen = _shared(graph, naming, order)
    placed: dict[int, list[int]] = {}
    done: set[int] = set()
    for quantity in order:
        needed = sorted(_read(graph, naming, quantity) & chosen - done)
        placed[quantity] = needed
        done.update(needed)
    for values in placed.values():
        for value in values:
            naming.temporary(value)
    return placed


def _shared(graph: Graph, naming: Naming, order: Sequence[int]) -> set[int]:
    """Unnamed values that are read twice and are not trivial, that need a statement, or that would nest too deep."""
    uses: dict[int, int] = {}
    visited: set[int] = set()
    stack = list(order)
    while stack:
        top = stack.pop()
        if top in visited:
            continue
        visited.add(top)
        node = graph.node_of(top)
        for i in node.inputs if node else ():
            uses[i] = uses.get(i, 0) + 1
            stack.append(i)
    depth: dict[int, int] = {}
    chosen: set[int] = set()
    for node in graph.nodes:
        value = node.output
        if value not in visited:
            continue
        below = (0 if i in naming.names or i in chosen else depth.get(i, 0) for i in node.inputs)
        depth[value] = 1 + max(below, default=0)
        if value in naming.names:
            continue
        row = TABLE[node.op]
        plain = all(i in naming.names or graph.cells[i].kind == "literal" for i in node.inputs)
        trivial = row.view or row.family == "constant" or (node.op in _CHEAP and plain)
        if row.statement or depth[value] > _DEEPEST_EXPRESSION or (uses[value] > 1 and not trivial):
            chosen.add(value)
    return chosen


def _last_with_parameter(graph: Graph, naming: Naming, quantities: Sequence[int], loss: int) -> int:
    """Position of the last quantity, not a single number, that is made with a parameter: the loss starts after it."""
    last = -1
    for position, value in enumerate(quantities):
        reads = any(parameter_of(graph, i) is not None for i in _read(graph, naming, value))
        reads = reads and parameter_of(graph, value) is None
        if reads and value != loss and graph.cells[value].shape != ():
            last = position
    return last if last >= 0 else len(quantities) - 2
