"""Names and index letters for axis classes: n, in, h1, ..., out.

Names are given where a layer's product puts a parameter between its input and its output: the examples, n, are what the
last layer leaves alone. An axis of data beside the examples is t (the tokens of a sentence, the letters of a word);
everything else that has a size of its own is called a, b, c, ... in order of appearance. Every axis longer than 1 has a
name, and a broadcast axis none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count as count_up

from engine.graph import Graph
from engine.layers import brings_matrix, parameter_of

_HIDDEN_LETTERS = "jlmpqrstuvw"
_BESIDE_EXAMPLES = "t"
_OTHER = "aemrvupbcdghswqlxyzo"
"""Those that Unicode can write below the line come first."""


class AxisNames:
    """The names of one graph's axes."""

    def __init__(self, graph: Graph, count: int, layer: Sequence[int]) -> None:
        self._classes = graph.classes
        self._names: dict[int, str] = {}
        self._taken: set[str] = set()
        self._letters: dict[str, str] = {"n": "n", "in": "i", "out": "k"}
        self._layers(graph, layer)
        self._beside_examples(graph, count)
        hidden = sorted((name for name in self._taken if name[0] == "h"), key=_number)
        for position, name in enumerate(hidden):
            self._letters[name] = _HIDDEN_LETTERS[position % len(_HIDDEN_LETTERS)]
        self._others(graph)

    def _layers(self, graph: Graph, layer: Sequence[int]) -> None:
        """The axes of the products with a parameter, each named by the first layer that has it, but n by the last."""
        last = max(layer, default=0)
        left_alone: list[list[int]] = []
        for number, node in enumerate(graph.nodes):
            if node.backward or not brings_matrix(graph, number) or node.op != "matmul":
                continue
            left, right = (graph.cells[i] for i in node.inputs)
            if parameter_of(graph, node.inputs[0]) is not None and parameter_of(graph, node.inputs[1]) is not None:
                continue
            weight_left = parameter_of(graph, node.inputs[0]) is not None
            inner = left.axes[-1]
            rest, made = (right, left.axes[:-1]) if weight_left else (left, right.axes[1:])
            self._name(inner, "in" if graph.classes.is_data(inner) else None)
            for axis in made:
                self._name(axis, "out" if layer[node.output] == last else f"h{layer[node.output]}")
            left_alone.append([a for a in rest.axes if graph.classes.is_data(a) and not graph.classes.same(a, inner)])
        for axes in reversed(left_alone):
            for axis in axes:
                self._name(axis, "n")

    def _beside_examples(self, graph: Graph, count: int) -> None:
        """The axis behind the examples in data of two or three axes, where it is not what the first layer reads."""
        for cell in graph.cells[:count]:
            names = self.names(cell.axes)
            if cell.kind == "data" and len(names) in (2, 3) and names[:2] == ("n", None) and cell.shape[1] != 1:
                self._name(cell.axes[1], _BESIDE_EXAMPLES)
                self._letters[_BESIDE_EXAMPLES] = _BESIDE_EXAMPLES

    def _others(self, graph: Graph) -> None:
        used = {*self._letters.values()}
        spare = (letter + "′" * round for round in count_up() for letter in _OTHER if letter not in used)
        for cell in graph.cells:
            for axis, size in zip(cell.axes, cell.shape, strict=True):
                if size == 1 or self._classes.find(axis) in self._names:
                    continue
                letter = next(spare)
                self._names[self._classes.find(axis)] = self._letters[letter] = letter

    def _name(self, axis: int, name: str | None) -> None:
        root = self._classes.find(axis)
        if name is not None and root not in self._names and name not in self._taken:
            self._names[root] = name
            self._taken.add(name)

    def names(self, axes: Sequence[int]) -> tuple[str | None, ...]:
        """One name per axis, None for one of size 1 that nothing is known of."""
        return tuple(self._names.get(self._classes.find(a)) for a in axes)

    def letters(self, axes: Sequence[int]) -> tuple[str, ...]:
        """One index letter per axis; an axis without a name has only the position 0."""
        return tuple(self._letters[name] if name else "0" for name in self.names(axes))


def _number(name: str) -> int:
    return int(name[1:])
