"""From a recorded forward pass to a complete program: backward pass, names, axes, order of the steps.

A `Forward` is what the recording leaves when its arrays are thrown away: leaves, nodes and the user's names. A program
is always built by evaluating a `Forward` anew, so the same function serves the program as written, its mirror image and
the long chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine import fuse, layers
from engine.axisnames import AxisNames
from engine.backward import differentiate
from engine.graph import Graph
from engine.ir import Condition, Frozen, Group, Node, Role, Value
from engine.names import Pool, choose, gradient_name, symbol
from engine.ops import TABLE
from engine.trace import Recording

_TRIVIAL_FAMILIES = ("constant",)
_CHEAP = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "add", "subtract", "negative")
_DEEPEST_EXPRESSION = 40


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
    them). ``size`` is the number of values, ``convention`` the one this forward pass is in.
    """

    leaves: tuple[Leaf, ...]
    nodes: tuple[Node, ...]
    loss: int
    names: Mapping[int, str]
    outer: frozenset[int]
    frozen: tuple[Frozen, ...]
    size: int
    file: str | None
    symbols: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """One step to come: the quantity, the temporaries its lines need first, where it belongs."""

    quantity: int
    temporaries: tuple[int, ...]
    phase: str
    layer: int | None
    of: int | None


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
    return Forward(leaves, nodes, recording.loss, names, outer, recording.frozen, len(graph.cells), recording.file)


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


def evaluate_value(forward: Forward, leaves: Sequence[Leaf], index: int) -> Any:
    """The array that value ``index`` of a forward pass has with other leaves."""
    graph, moved = replay(replace(forward, leaves=tuple(leaves)))
    return graph.cells[moved[index]].array


def build(forward: Forward, *, fused: bool) -> Built:
    """Differentiate, name and order a forward pass."""
    graph, moved = replay(forward)
    return _Builder(graph, forward, moved, fused).run()


class _Builder:
    """The stages of building one program, in order; each method is one stage."""

    def __init__(self, graph: Graph, forward: Forward, moved: Mapping[int, int], fused: bool) -> None:
        self.graph, self.fused = graph, fused
        self.forward = forward
        self.loss = moved[forward.loss]
        self.user = {moved[i]: n for i, n in forward.names.items() if i in moved}
        self.outer = frozenset(moved[i] for i in forward.outer if i in moved)
        self.count = len(graph.cells)
        self.layer = layers.layer_numbers(graph, self.count)
        self.last_layer = max(self.layer, default=0)
        self.pool = Pool()
        self.names: dict[int, str] = {}
        self.symbols: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.parameters = [i for i, c in enumerate(graph.cells) if c.kind == "parameter"]

    def run(self) -> Built:
        forms = fuse.find(self.graph)
        if not self.fused:
            forms.shortcuts.clear()
            forms.conditions.clear()
        hidden = self._hidden_in(forms.groups) if self.fused else frozenset()
        quantities = self._quantities(hidden)
        self._name_leaves()
        self._name_forward(quantities)
        gradients = differentiate(self.graph, self.loss, frozenset(quantities), self.parameters, forms.shortcuts)
        if not self.fused:
            gradients = self._long_chain(gradients)
        for value, gradient in gradients.items():
            self.names[gradient] = self.pool.take(gradient_name(self.names[value]))
            self.symbols[gradient] = "∂L/∂" + self.symbols[value]
        self._label_one_hot(forms.conditions)
        order = self._scheduled(quantities, gradients)
        temporaries = self._temporaries(order)
        plans = self._plans(order, temporaries, quantities, gradients)
        return self._finished(forms, gradients, plans)

    # which values are quantities
    def _hidden_in(self, groups: Sequence[Group]) -> frozenset[int]:
        """Values inside a short form that only a helper named: they are parts of it, not steps."""
        return frozenset(m for g in groups for m in g.members - {g.output} if m not in self.outer)

    def _quantities(self, hidden: frozenset[int]) -> list[int]:
        """The forward values that become steps, in order of computation."""
        promoted = {
            v
            for v in layers.affine_results(self.graph, self.count)
            if v != self.loss and self.graph.cells[v].active and v not in hidden
        }
        self._rename_preactivations(promoted)
        result = []
        for node in self.graph.nodes:
            value = node.output
            if not self.fused:
                chosen = self._is_operation(node)
            else:
                chosen = (value in self.user and value not in hidden) or value in promoted
            if chosen or value == self.loss:
                result.append(value)
        return result

    def _is_operation(self, node: Node) -> bool:
        row = TABLE[node.op]
        return not (row.view or row.family in _TRIVIAL_FAMILIES) and (
            self.graph.cells[node.output].active or node.output in self.user
        )

    def _rename_preactivations(self, promoted: set[int]) -> None:
        """``h = W @ x + b; h[h < 0] = 0`` binds one name twice: the first is the pre-activation and reads as z."""
        for value in promoted:
            name = self.user.get(value)
            if name is None:
                continue
            for node in self.graph.nodes:
                if value in node.inputs and self.user.get(node.output) == name and node.op not in ("matmul", "add"):
                    del self.user[value]
                    break

    # names
    def _name_leaves(self) -> None:
        fixed = [i for i, c in enumerate(self.graph.cells) if c.kind in ("parameter", "data") and c.name]
        for index in fixed:
            name = self.graph.cells[index].name
            assert name is not None
            self.names[index] = self.pool.take(name)
        nested = [i for i, c in enumerate(self.graph.cells) if c.kind in ("parameter", "data") and not c.name]
        by_name: dict[str, list[int]] = {}
        for index in nested:
            by_name.setdefault(self.user.get(index, ""), []).append(index)
        for name, indices in by_name.items():
            plain = [f"{name}{k}" for k in range(1, len(indices) + 1)] if name else []
            if len(indices) == 1 and name and self.pool.free(name):
                plain = [name]
            usable = (
                bool(name) and all(self.pool.free(p) for p in plain) and (len(indices) == 1 or not name[-1].isdigit())
            )
            for k, index in enumerate(indices):
                path = self.graph.cells[index].path or "value"
                self.names[index] = self.pool.take(plain[k] if usable else _flattened(path))
        for index, cell in enumerate(self.graph.cells):
            if cell.kind == "constant":
                self.names[index] = self.pool.take(cell.name or "c")
        self.symbols |= {i: symbol(n) for i, n in self.names.items()}

    def _name_forward(self, quantities: Sequence[int]) -> None:
        """The user's names, numbered where one is bound again; ``z`` and the layer for a hidden pre-activation."""
        by_name: dict[str, list[int]] = {}
        for value in quantities:
            if value in self.user:
                by_name.setdefault(self.user[value], []).append(value)
        chosen: dict[int, str] = {}
        for name, values in by_name.items():
            single = len(values) == 1 and self.pool.free(name)
            for value, picked in zip(
                values, [self.pool.take(name)] if single else self.pool.numbered(name, len(values)), strict=True
            ):
                chosen[value] = picked
        for value in quantities:
            if value in chosen:
                self.names[value] = chosen[value]
            elif value == self.loss:
                self.names[value] = self.pool.take("L")
            elif value in layers.affine_results(self.graph, self.count):
                self.names[value] = self.pool.take(f"z{self.layer[value]}")
            elif self._is_layer_product(value):
                self.names[value] = self.pool.take(f"a{self.layer[value]}")
            else:
                self.names[value] = self.pool.fresh("t")
            self.symbols[value] = symbol(self.names[value])

    def _is_layer_product(self, value: int) -> bool:
        number = self.graph.cells[value].node
        return number is not None and layers.brings_matrix(self.graph, number)

    def _label_one_hot(self, conditions: Sequence[Condition]) -> None:
        """Labels that stand in p − Y are written 𝟙(y) in formulas."""
        for condition in conditions:
            name = self.names.get(condition.value)
            if name is not None:
                self.labels[condition.value] = f"𝟙({symbol(name[0].lower() + name[1:])})"

    def _long_chain(self, gradients: dict[int, int]) -> dict[int, int]:
        return {v: g for v, g in gradients.items() if v in self.names}

    # order
    def _inner(self, index: int) -> list[int]:
        """Values below ``index`` down to the next named ones (those included), each once."""
        seen: dict[int, None] = {}
        node = self.graph.node_of(index)
        stack = list(node.inputs) if node else []
        while stack:
            top = stack.pop()
            if top in seen:
                continue
            seen[top] = None
            inner = self.graph.node_of(top)
            if top not in self.names and inner is not None:
                stack.extend(inner.inputs)
        return list(seen)

    def _scheduled(self, quantities: Sequence[int], gradients: Mapping[int, int]) -> list[int]:
        """Forward quantities as computed; backward ones as soon as they can be, parameters first: W, b, then pass on."""
        order = list(quantities)
        introduced: dict[int, int] = {}
        for number, node in enumerate(self.graph.nodes[: self._forward_nodes()]):
            for i in node.inputs:
                parameter = layers.parameter_of(self.graph, i)
                if parameter is not None:
                    introduced.setdefault(parameter, number)
        waiting = {g: v for v, g in gradients.items()}
        needs = {g: {i for i in self._inner(g) if i in waiting} for g in waiting}
        while waiting:
            ready = [g for g in waiting if not needs[g] & waiting.keys()]

            def rank(g: int) -> tuple[int, int]:
                value = waiting[g]
                if self.graph.cells[value].kind == "parameter":
                    return (0, introduced.get(value, 1 << 30))
                return (1, -value)

            first = min(ready, key=rank)
            order.append(first)
            del waiting[first]
        return order

    def _forward_nodes(self) -> int:
        return next((k for k, n in enumerate(self.graph.nodes) if n.backward), len(self.graph.nodes))

    def _temporaries(self, order: Sequence[int]) -> dict[int, list[int]]:
        """Unnamed values that more than one expression reads, or that grow too deep, get a line and a name of their own."""
        uses: dict[int, int] = {}
        visited: set[int] = set()
        stack = list(order)
        while stack:
            top = stack.pop()
            if top in visited:
                continue
            visited.add(top)
            node = self.graph.node_of(top)
            for i in node.inputs if node else ():
                uses[i] = uses.get(i, 0) + 1
                stack.append(i)
        depth: dict[int, int] = {}
        chosen: set[int] = set()
        for node in self.graph.nodes:
            value = node.output
            if value not in visited:
                continue
            depth[value] = 1 + max(
                (0 if i in self.names or i in chosen else depth.get(i, 0) for i in node.inputs), default=0
            )
            if value in self.names:
                continue
            row = TABLE[node.op]
            plain = all(i in self.names or self.graph.cells[i].kind == "literal" for i in node.inputs)
            trivial = row.view or row.family == "constant" or (node.op in _CHEAP and plain)
            if row.statement or depth[value] > _DEEPEST_EXPRESSION or (uses[value] > 1 and not trivial):
                chosen.add(value)
        placed: dict[int, list[int]] = {}
        done: set[int] = set()
        for quantity in order:
            needed = sorted(self._below(quantity, chosen) - done)
            placed[quantity] = needed
            done.update(needed)
        for value in [v for vs in placed.values() for v in vs]:
            user = self.user.get(value)
            self.names[value] = self.pool.take(user) if user else self.pool.fresh("t")
            self.symbols[value] = symbol(self.names[value])
        return placed

    def _below(self, index: int, chosen: set[int]) -> set[int]:
        found: set[int] = set()
        seen: set[int] = set()
        stack = [index]
        while stack:
            top = stack.pop()
            node = self.graph.node_of(top)
            for i in node.inputs if node else ():
                if i in seen or i in self.names:
                    continue
                seen.add(i)
                if i in chosen:
                    found.add(i)
                stack.append(i)
        return found

    def _plans(
        self,
        order: Sequence[int],
        temporaries: Mapping[int, list[int]],
        quantities: Sequence[int],
        gradients: Mapping[int, int],
    ) -> tuple[Plan, ...]:
        value_of = {g: v for v, g in gradients.items()}
        boundary = self._last_with_parameter(quantities)
        plans = []
        for position, index in enumerate(order):
            temps = tuple(temporaries[index])
            if index in value_of:
                value = value_of[index]
                plans.append(Plan(index, temps, "backward", self._backward_layer(value), value))
            elif position > boundary:
                plans.append(Plan(index, temps, "loss", None, None))
            else:
                plans.append(Plan(index, temps, "forward", self.layer[index] or None, None))
        return tuple(plans)

    def _last_with_parameter(self, quantities: Sequence[int]) -> int:
        """Position of the last quantity, not a single number, that is made with a parameter."""
        last = -1
        for position, value in enumerate(quantities):
            uses_parameter = any(self.graph.cells[i].kind == "parameter" for i in self._inner(value))
            if uses_parameter and value != self.loss and self.graph.cells[value].shape != ():
                last = position
        return last if last >= 0 else len(quantities) - 2

    def _backward_layer(self, value: int) -> int | None:
        """A gradient belongs to the layer through which it has just come: that of the first operation that uses the value."""
        users = [self.layer[n.output] for n in self.graph.nodes[: self._forward_nodes()] if value in n.inputs]
        if self.graph.cells[value].kind == "parameter":
            users = self._through_views(value)
        return min(users, default=self.last_layer) or self.last_layer or None

    def _through_views(self, parameter: int) -> list[int]:
        users = []
        for node in self.graph.nodes[: self._forward_nodes()]:
            if any(layers.parameter_of(self.graph, i) == parameter for i in node.inputs) and not TABLE[node.op].view:
                users.append(self.layer[node.output])
        return [u for u in users if u] or users

    # the immutable result
    def _finished(self, forms: fuse.Forms, gradients: Mapping[int, int], plans: tuple[Plan, ...]) -> Built:
        graph = self.graph
        axes = AxisNames(graph, self.count, self.layer)
        quantity = {p.quantity for p in plans}
        values = []
        for index, cell in enumerate(graph.cells):
            values.append(
                Value(
                    index=index,
                    shape=tuple(int(n) for n in cell.shape),
                    dtype=cell.dtype,
                    role=self._role(index),
                    name=self.names.get(index),
                    symbol=self.symbols.get(index, ""),
                    axes=axes.names(cell.axes),
                    letters=axes.letters(cell.axes),
                    quantity=index in quantity,
                    active=cell.active,
                    literal=cell.kind == "literal",
                    path=cell.path,
                    node=cell.node,
                )
            )
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
            labels=dict(self.labels),
        )

    def _role(self, index: int) -> Role:
        cell = self.graph.cells[index]
        if cell.kind == "parameter":
            return "parameter"
        if cell.kind == "data":
            return "data"
        if cell.kind:
            return "constant"
        if index == self.loss:
            return "loss"
        node = self.graph.node_of(index)
        if cell.gradient_of is not None:
            return "gradient"
        if cell.dtype == np.bool_:
            return "mask"
        if node is not None and node.op in ("ones", "zeros", "eye", "arange"):
            return "constant"
        if node is not None and node.backward and any(self._role_is_gradient(i) for i in node.inputs):
            return "gradient"
        return "activation"

    def _role_is_gradient(self, index: int) -> bool:
        cell = self.graph.cells[index]
        if cell.gradient_of is not None:
            return True
        node = self.graph.node_of(index)
        return node is not None and node.backward and any(self._role_is_gradient(i) for i in node.inputs)


def _flattened(path: str) -> str:
    """``layers[0]['W']`` as an identifier: ``layers_0_W``."""
    return "".join(c if c.isalnum() else "_" for c in path.replace("']", "").replace("['", "_").replace("]", "")).strip(
        "_"
    )


def shapes_of(forward: Forward) -> dict[int, tuple[int, ...]]:
    """The shape of every value of a forward pass."""
    graph, moved = replay(forward)
    return {index: graph.cells[new].shape for index, new in moved.items()}
