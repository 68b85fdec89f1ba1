"""From a recorded forward pass to a complete program: backward pass, names, axes, order of the steps.

A `Forward` is what the recording leaves when its arrays are thrown away: leaves, nodes and the user's names. A program
is always built by evaluating a `Forward` anew, so the same function serves the program as written, its mirror image and
the long chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import fuse
from engine.axisnames import AxisNames
from engine.backward import differentiate
from engine.graph import Graph
from engine.ir import Condition, Frozen, Group, Node, Role, Value
from engine.layers import Layers
from engine.names import choose, symbol
from engine.naming import Naming
from engine.ops import TABLE, evaluate
from engine.schedule import Plan, schedule
from engine.trace import Recording


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A parameter, data array, captured constant or literal; arrays are kept by reference."""

    index: int
    kind: str
    name: str | None
    path: str | None
    array: Any


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """A forward pass without its intermediate arrays.

    ``names`` are the user's names of inner values, ``outer`` those given in ``loss`` itself (a short form does not hide
    them). ``size`` is the number of values, ``plain`` what the arguments hold besides arrays (`engine.given`).
    """

    leaves: tuple[Leaf, ...]
    nodes: tuple[Node, ...]
    loss: int
    names: Mapping[int, str]
    outer: frozenset[int]
    frozen: tuple[Frozen, ...]
    size: int
    file: str | None
    plain: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """Everything a `Program` holds; see there."""

    values: tuple[Value, ...]
    nodes: tuple[Node, ...]
    loss: int
    gradients: Mapping[int, int]
    plans: tuple[Plan, ...]
    groups: tuple[Group, ...]
    conditions: tuple[Condition, ...]
    literals: Mapping[int, Any]
    constants: Mapping[int, Any]
    arrays: Sequence[Any]
    labels: Mapping[int, str]


def forward_of(recording: Recording) -> Forward:
    """Strip a recording of its intermediate arrays and settle which value carries which of the user's names."""
    graph = recording.graph
    leaves = tuple(
        Leaf(i, c.kind, c.name or recording.namer.constants.get(i), c.path, c.array)
        for i, c in enumerate(graph.cells)
        if c.kind
    )
    leaf_indices = {leaf.index for leaf in leaves}
    unnamed = {leaf.index for leaf in leaves if leaf.name is None and leaf.kind in ("parameter", "data")}
    names = choose(recording.namer.bindings, leaf_indices, unnamed)
    outer = frozenset(b.value for b in recording.namer.bindings if b.depth <= 1)
    nodes = _reachable(graph.nodes, recording.loss)
    size = len(graph.cells)
    return Forward(leaves, nodes, recording.loss, names, outer, recording.frozen, size, recording.file, recording.plain)


def _reachable(nodes: Sequence[Node], loss: int) -> tuple[Node, ...]:
    """The nodes the loss depends on; what the user computed and did not use is left out."""
    needed = {loss}
    kept = []
    for node in reversed(nodes):
        if node.output in needed:
            needed.update(node.inputs)
            kept.append(node)
    return tuple(reversed(kept))


def replay(forward: Forward) -> tuple[Graph, dict[int, int]]:
    """Evaluate a forward pass in a new graph; returns the graph and where each value has gone."""
    graph = Graph()
    moved: dict[int, int] = {}
    for leaf in forward.leaves:
        if leaf.kind == "literal":
            moved[leaf.index] = graph.literal(leaf.array)
        else:
            moved[leaf.index] = graph.leaf(leaf.array, leaf.kind, leaf.name, leaf.path)
    for node in forward.nodes:
        inputs = tuple(moved[i] for i in node.inputs)
        moved[node.output] = graph.apply(
            node.op, inputs, dict(node.attributes), spelling=node.spelling, source=node.source
        )
    return graph, moved


def evaluate_value(known: Mapping[int, Any], nodes: Sequence[Node], index: int) -> Any:
    """The array of value ``index``, which ``nodes`` compute from the ``known`` ones."""
    arrays = dict(known)
    for node in nodes:
        operands = tuple(arrays[i] for i in node.inputs)
        arrays[node.output] = evaluate(node.op, node.attributes, node.spelling, operands)
    return arrays[index]


def build(forward: Forward, *, fused: bool) -> Built:
    """Differentiate, name and order a forward pass."""
    graph, moved = replay(forward)
    return _Builder(graph, forward, moved, fused).run()


class _Builder:
    """The stages of building one program, in order; each method is one stage."""

    def __init__(self, graph: Graph, forward: Forward, moved: Mapping[int, int], fused: bool) -> None:
        self.graph, self.fused = graph, fused
        self.loss = moved[forward.loss]
        self.user = {moved[i]: n for i, n in forward.names.items() if i in moved}
        self.outer = frozenset(moved[i] for i in forward.outer if i in moved)
        self.layers = Layers(graph)
        self.labels: dict[int, str] = {}

    def run(self) -> Built:
        forms = fuse.find(self.graph)
        if not self.fused:
            forms.shortcuts.clear()
            forms.conditions.clear()
        quantities = self._quantities(self._hidden_in(forms.groups) if self.fused else frozenset())
        naming = Naming(self.graph, self.layers, self.user)
        naming.leaves()
        naming.forward(quantities, self.loss)
        parameters = [i for i, c in enumerate(self.graph.cells) if c.kind == "parameter"]
        gradients = differentiate(self.graph, self.loss, frozenset(quantities), parameters, forms.shortcuts)
        naming.backward(gradients)
        for condition in forms.conditions:
            name = naming.names.get(condition.value)
            if name is not None and condition.kind == "one-hot":
                self.labels[condition.value] = f"𝟙({symbol(name[0].lower() + name[1:])})"
        plans = schedule(self.graph, self.layers, naming, quantities, gradients, self.loss)
        return self._finished(forms, gradients, plans, naming)

    def _hidden_in(self, groups: Sequence[Group]) -> frozenset[int]:
        """Values inside a short form that only a helper named: they are parts of it, not steps."""
        return frozenset(m for g in groups for m in g.members - {g.output} if m not in self.outer)

    def _quantities(self, hidden: frozenset[int]) -> list[int]:
        """The forward values that become steps, in order of computation."""
        promoted = {v for v in self.layers.affine if v != self.loss and self.graph.cells[v].active and v not in hidden}
        self._release_names(promoted)
        result = []
        for node in self.graph.nodes:
            value = node.output
            if not self.fused:
                chosen = self._is_operation(node)
            else:
                made_of_nothing = TABLE[node.op].family in ("constant", "like")
                named = value in self.user and value not in hidden and not made_of_nothing
                chosen = named or value in promoted
            if chosen or value == self.loss:
                result.append(value)
        return result

    def _is_operation(self, node: Node) -> bool:
        row = TABLE[node.op]
        moves_nothing = row.view or row.family in ("constant", "like")
        return not moves_nothing and (self.graph.cells[node.output].active or node.output in self.user)

    def _release_names(self, promoted: set[int]) -> None:
        """``h = W @ x + b; h[h < 0] = 0`` binds one name twice: the first is the pre-activation and reads as z."""
        for node in self.graph.nodes:
            if node.op in ("matmul", "add"):
                continue
            for value in node.inputs:
                if value in promoted and value in self.user and self.user.get(node.output) == self.user[value]:
                    del self.user[value]

    def _finished(
        self, forms: fuse.Forms, gradients: Mapping[int, int], plans: tuple[Plan, ...], naming: Naming
    ) -> Built:
        graph = self.graph
        axes = AxisNames(graph, self.layers.count, self.layers.behind)
        quantity = {p.quantity for p in plans}
        roles = self._roles()
        values = [
            Value(
                index=index,
                shape=tuple(int(n) for n in cell.shape),
                dtype=cell.dtype,
                role=roles[index],
                name=naming.names.get(index),
                symbol=naming.symbols.get(index, ""),
                axes=axes.names(cell.axes),
                letters=axes.letters(cell.axes),
                quantity=index in quantity,
                active=cell.active,
                literal=cell.kind == "literal",
                path=cell.path,
                node=cell.node,
            )
            for index, cell in enumerate(graph.cells)
        ]
        return Built(
            values=tuple(values),
            nodes=tuple(graph.nodes),
            loss=self.loss,
            gradients=dict(gradients),
            plans=plans,
            groups=tuple(forms.groups) if self.fused else (),
            conditions=tuple(forms.conditions),
            literals={i: c.array for i, c in enumerate(graph.cells) if c.kind == "literal"},
            constants={i: c.array for i, c in enumerate(graph.cells) if c.kind == "constant"},
            arrays=[c.array for c in graph.cells],
            labels=self.labels,
        )

    def _roles(self) -> list[Role]:
        """The role of every value; what a gradient flows through inside a line is a gradient too."""
        roles: list[Role] = []
        for index, cell in enumerate(self.graph.cells):
            node = self.graph.node_of(index)
            role: Role = "activation"
            if cell.kind:
                role = "parameter" if cell.kind == "parameter" else "data" if cell.kind == "data" else "constant"
            elif index == self.loss:
                role = "loss"
            elif cell.gradient_of is not None:
                role = "gradient"
            elif cell.dtype == np.bool_:
                role = "mask"
            elif node is not None and TABLE[node.op].family in ("constant", "like"):
                role = "constant"
            elif node is not None and node.backward and any(roles[i] == "gradient" for i in node.inputs):
                role = "gradient"
            roles.append(role)
        return roles


def shapes_of(forward: Forward) -> dict[int, tuple[int, ...]]:
    """The shape of every value of a forward pass."""
    graph, moved = replay(forward)
    return {index: graph.cells[new].shape for index, new in moved.items()}
