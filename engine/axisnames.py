"""Names and index letters for axis classes: n, in, h1, ..., out.

Names are given where a layer's product puts a parameter between its input and its output; everything else that has a
size of its own is called a, b, c, ... in order of appearance, and a broadcast axis has no name.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.graph import Graph
from engine.layers import brings_matrix, parameter_of

_HIDDEN_LETTERS = "jlmpqrstuvw"
_OTHER = "abcdegh"


class AxisNames:
    """The names of one graph's axes."""

    def __init__(self, graph: Graph, count: int, layer: Sequence[int]) -> None:
        self._classes = graph.classes
        self._names: dict[int, str] = {}
        self._taken: set[str] = set()
        self._letters: dict[str, str] = {"n": "n", "in": "i", "out": "k"}
        last = max(layer, default=0)
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
            for axis in rest.axes:
                if graph.classes.is_data(axis) and not graph.classes.same(axis, inner):
                    self._name(axis, "n")
        spare = iter(_OTHER)
        for index in range(count):
            cell = graph.cells[index]
            for axis, size in zip(cell.axes, cell.shape, strict=True):
                root = self._classes.find(axis)
                if root not in self._names and not self._classes.is_unit(axis) and size != 1:
                    letter = next(spare, None)
                    if letter is not None:
                        self._names[root] = self._letters[letter] = letter
        for position, name in enumerate(
            sorted((n for n in set(self._names.values()) if n[0] == "h" and n != "h"), key=_number)
        ):
            self._letters[name] = _HIDDEN_LETTERS[position % len(_HIDDEN_LETTERS)]

    def _name(self, axis: int, name: str | None) -> None:
        root = self._classes.find(axis)
        if name is not None and root not in self._names and name not in self._taken:
            self._names[root] = name
            self._taken.add(name)

    def names(self, axes: Sequence[int]) -> tuple[str | None, ...]:
        """One name per axis, None where nothing is known."""
        return tuple(self._names.get(self._classes.find(a)) for a in axes)

    def letters(self, axes: Sequence[int]) -> tuple[str, ...]:
        """One index letter per axis; an axis without a name has only the position 0 or is written as a dot."""
        return tuple(self._letters.get(name, "·") if name else "0" for name in self.names(axes))


def _number(name: str) -> int:
    return int(name[1:])
