"""Layers, read off the graph: a new one starts at each operation that brings in a parameter matrix."""

from __future__ import annotations

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
        self.introduced: dict[int, int] = {}
        self._used: dict[int, list[int]] = {}
        for number, node in enumerate(graph.nodes):
            for i in node.inputs:
                self._used.setdefault(i, []).append(self.behind[node.output])
                parameter = parameter_of(graph, i)
                if parameter is None:
                    continue
                self.introduced.setdefault(parameter, number)
                if parameter != i and not TABLE[node.op].view:
                    self._used.setdefault(parameter, []).append(self.behind[node.output])

    def is_product(self, value: int) -> bool:
        """Whether a value is a layer's bare product."""
        number = self.graph.cells[value].node
        return number is not None and brings_matrix(self.graph, number)

    def of_gradient(self, value: int) -> int | None:
        """The layer through which a value's gradient has just come: that of the first operation that uses it."""
        users = self._used.get(value, [])
        if self.graph.cells[value].kind == "parameter":
            users = [u for u in users if u] or users
        return min(users, default=self.last) or self.last or None


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
