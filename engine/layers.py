"""Layers, read off the graph: a new one starts at each operation that brings in a parameter matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.graph import Graph
from engine.ops import TABLE

VIEWS = ("transpose", "reshape", "expand_dims", "squeeze", "astype", "broadcast_to", "getitem")
_LINEAR = ("add", "subtract")


def parameter_of(graph: Graph, index: int) -> int | None:
    """The parameter that ``index`` is, possibly transposed, reshaped or sliced; None if it is anything else.

    Rows that are looked up (``C[ids]``) are an input, not the parameter.
    """
    while True:
        cell = graph.cells[index]
        if cell.kind == "parameter":
            return index
        node = graph.node_of(index)
        if node is None or node.op not in VIEWS or len(node.inputs) > 1:
            return None
        index = node.inputs[0]


def brings_matrix(graph: Graph, number: int) -> bool:
    """Whether node ``number`` is a product with a parameter: where a layer starts."""
    node = graph.nodes[number]
    if node.op not in ("matmul", "outer"):
        return False
    return any(parameter_of(graph, i) is not None for i in node.inputs)


class Layers:
    """The layers of a forward graph: how many lie behind each value, where parameters enter, where products end."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.count = len(graph.cells)
        self.behind = _layer_numbers(graph)
        self.last = max(self.behind, default=0)
        self.affine = affine_results(graph)
        self.rounds = _rounds(graph, self.behind)
        self.introduced: dict[int, int] = {}
        self._users: dict[int, list[int]] = {}
        for number, node in enumerate(graph.nodes):
            for i in node.inputs:
                self._users.setdefault(i, []).append(node.output)
                parameter = parameter_of(graph, i)
                if parameter is None:
                    continue
                self.introduced.setdefault(parameter, number)
                if parameter != i and not TABLE[node.op].view:
                    self._users.setdefault(parameter, []).append(node.output)

    def is_product(self, value: int) -> bool:
        """Whether a value is a layer's bare product."""
        number = self.graph.cells[value].node
        return number is not None and brings_matrix(self.graph, number)

    def of_gradient(self, value: int) -> int | None:
        """The layer through which a value's gradient has just come: that of the first operation that uses it."""
        user = self._through(value)
        return (self.last if user is None else self.behind[user]) or None

    def _through(self, value: int) -> int | None:
        """The first operation in a layer that uses a value, directly or through others in front of all layers."""
        while True:
            users = self._users.get(value, [])
            if self.graph.cells[value].kind == "parameter":
                users = [user for user in users if self.behind[user]] or users
            if not users:
                return None
            value = min(users, key=lambda user: (self.behind[user], user))
            if self.behind[value]:
                return value

    def place(self, value: int) -> str:
        """What the layer of a forward value is called: rounds with the same weights are time steps."""
        layer = self.behind[value]
        if not self.rounds.numbers:
            return f"layer {layer}" if layer else ""
        if self.rounds.after[value]:  # all rounds together count as one layer
            return f"layer {self.rounds.first + self.rounds.after[value]}"
        number = self.rounds.numbers[value]
        return f"time step {number}" if number else f"layer {layer}" if layer else ""

    def place_of_gradient(self, value: int) -> str:
        """What the layer is called through which a value's gradient has just come."""
        layer, through = self.of_gradient(value), self._through(value)
        users = self._users.get(value, [])
        if not self.rounds.numbers or through is None:
            return "" if layer is None else f"layer {layer}"
        if self.graph.cells[value].kind == "parameter" and len({self._round_of(user) for user in users}) > 1:
            return "all time steps"
        return self.place(through)

    def _round_of(self, value: int) -> int:
        """The round that a value belongs to, or goes into."""
        while not self.rounds.numbers[value] and self._users.get(value):
            value = self._users[value][0]
        return self.rounds.numbers[value]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds with the same weights: for each value the round it belongs to (0: none; empty where there are none).

    ``after`` counts the layers with weights of their own behind the last round, ``first`` is the layer they start in.
    """

    numbers: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    first: int = 0


def _rounds(graph: Graph, behind: Sequence[int]) -> Rounds:
    """A matrix that several layers multiply with, the same way round, makes each of them a round."""
    layers: dict[tuple[int, bool], set[int]] = {}
    products: dict[int, list[tuple[int, bool]]] = {}
    for number, node in enumerate(graph.nodes):
        for i in node.inputs if brings_matrix(graph, number) else ():
            parameter, made = parameter_of(graph, i), graph.node_of(i)
            if parameter is not None:
                key = (parameter, made is not None and made.op == "transpose")
                layers.setdefault(key, set()).add(behind[node.output])
                products.setdefault(number, []).append(key)
    order = {key: sorted(found) for key, found in layers.items() if len(found) > 1}
    if not order:
        return Rounds()
    numbers, after = [0] * len(graph.cells), [0] * len(graph.cells)
    for number, node in enumerate(graph.nodes):
        out = node.output
        numbers[out] = max((numbers[i] for i in node.inputs), default=0)
        after[out] = max((after[i] for i in node.inputs), default=0)
        shared = [order[key].index(behind[out]) + 1 for key in products.get(number, ()) if key in order]
        if shared:
            numbers[out], after[out] = max(numbers[out], *shared), 0
        elif number in products and numbers[out]:
            after[out] += 1
    return Rounds(tuple(numbers), tuple(after), min(found[0] for found in order.values()))


def _layer_numbers(graph: Graph) -> list[int]:
    """How many layers lie behind each value (0: none yet).

    A net without any product with a parameter has one layer, which starts at the first operation with a parameter.
    """
    layers = [0] * len(graph.cells)
    products = any(brings_matrix(graph, k) for k in range(len(graph.nodes)))
    for number, node in enumerate(graph.nodes):
        behind = max((layers[i] for i in node.inputs), default=0)
        if products:
            behind += brings_matrix(graph, number)
        elif any(parameter_of(graph, i) is not None for i in node.inputs):
            behind = max(behind, 1)
        layers[node.output] = behind
    return layers


def affine_results(graph: Graph) -> list[int]:
    """The value each layer's product and biases end in, before a nonlinearity: where a pre-activation stands."""
    consumers: dict[int, list[int]] = {}
    for number, node in enumerate(graph.nodes):
        for i in node.inputs:
            consumers.setdefault(i, []).append(number)
    results = []
    for number, node in enumerate(graph.nodes):
        if not brings_matrix(graph, number):
            continue
        value = node.output
        while True:
            users = consumers.get(value, [])
            if len(users) != 1:
                break
            following = graph.nodes[users[0]]
            others = [i for i in following.inputs if i != value]
            grows = graph.cells[following.output].shape == graph.cells[value].shape
            biased = others and (parameter_of(graph, others[0]) is not None or _is_product(graph, others[0]))
            if following.op not in _LINEAR or not biased or not grows:
                break
            value = following.output
        if value not in results:
            results.append(value)
    return results


def _is_product(graph: Graph, index: int) -> bool:
    """A sum of products (``x @ U + h @ V + b``) is one pre-activation."""
    node = graph.node_of(index)
    if node is None:
        return False
    if node.op in _LINEAR:
        return all(_is_product(graph, i) or parameter_of(graph, i) is not None for i in node.inputs)
    return node.op == "matmul" and any(parameter_of(graph, i) is not None for i in node.inputs)
