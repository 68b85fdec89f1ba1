"""The program while it grows: ``apply`` evaluates one operation, infers its axes and appends the node.

Forward and backward nodes go through the same ``apply``; `engine.ref.Ref` is the handle on which rules are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from engine import axes as axis_rules
from engine.ir import Node, Source
from engine.ops import TABLE, evaluate, index_key
from engine.ref import Ref

Array = Any


@dataclass(slots=True, eq=False)
class Cell:
    """One value of the growing program, with its array.

    ``active``: a gradient flows through it. ``depends``: it changes with a parameter (a mask does, without a gradient).
    """

    array: Array
    axes: axis_rules.Axes
    active: bool
    depends: bool
    kind: str = ""
    name: str | None = None
    path: str | None = None
    node: int | None = None
    gradient_of: int | None = None
    shape: tuple[int, ...] = field(init=False)
    dtype: np.dtype[Any] = field(init=False)

    def __post_init__(self) -> None:
        array = self.array if hasattr(self.array, "dtype") else np.asarray(self.array)
        self.shape, self.dtype = array.shape, array.dtype


@dataclass(slots=True, eq=False)
class Graph:
    """Values, nodes and axis classes; grows, never changes what is there."""

    cells: list[Cell] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    classes: axis_rules.AxisClasses = field(default_factory=axis_rules.AxisClasses)
    _literals: dict[tuple[type, str], int] = field(default_factory=dict)
    _known: dict[Any, int] = field(default_factory=dict)
    _canonical: dict[int, Any] = field(default_factory=dict)

    def leaf(self, array: Array, kind: str, name: str | None, path: str | None = None) -> int:
        """A parameter, a data array or a captured constant; its array is kept by reference."""
        axes = tuple(self.classes.new(data=kind == "data") for _ in np.shape(array))
        parameter = kind == "parameter"
        self.cells.append(Cell(array, axes, parameter, parameter, kind, name, path))
        return len(self.cells) - 1

    def literal(self, number: bool | int | float) -> int:
        """A number written into the code."""
        key = (type(number), repr(number))
        if key not in self._literals:
            self.cells.append(Cell(number, (), False, False, "literal"))
            self._literals[key] = len(self.cells) - 1
        return self._literals[key]

    def apply(
        self,
        op: str,
        inputs: tuple[int, ...],
        attributes: dict[str, Any] | None = None,
        *,
        spelling: str = "",
        source: Source | None = None,
        backward: bool = False,
    ) -> int:
        """Append ``op(*inputs)`` and return the index of its value.

        Backward nodes are shared: asking twice for ``h1.T`` gives the same value.
        """
        attributes = attributes or {}
        key = (op, inputs, _frozen(attributes))
        if backward and key in self._known:
            return self._known[key]
        operands = tuple(self.cells[i].array for i in inputs)
        array = evaluate(op, attributes, spelling, operands)
        row = TABLE[op]
        # of an array that is only looked at for its shape nothing flows on
        flowing = inputs[1:] if row.family == "like" else inputs
        made = Cell(array, (), False, any(self.cells[i].depends for i in flowing), node=len(self.nodes))
        made.axes = self._axes(row.family, inputs, attributes, made.shape)
        made.active = (
            made.dtype.kind in "fc"
            and (row.gradient is not None or row.family == "scatter")
            and any(self.cells[i].active for i in flowing)
        )
        output = len(self.cells)
        self.cells.append(made)
        self.nodes.append(Node(op, inputs, attributes, spelling, output, source, backward))
        if backward:
            self._known[key] = output
        return output

    def _axes(
        self, family: str, inputs: tuple[int, ...], attributes: dict[str, Any], shape: tuple[int, ...]
    ) -> axis_rules.Axes:
        cells = [self.cells[i] for i in inputs]
        found = self._inferred(family, cells, inputs, attributes, shape)
        return found if len(found) == len(shape) else tuple(self.classes.new() for _ in shape)

    def _inferred(
        self,
        family: str,
        cells: list[Cell],
        inputs: tuple[int, ...],
        attributes: dict[str, Any],
        shape: tuple[int, ...],
    ) -> axis_rules.Axes:
        match family:
            case "elementwise" | "like":
                operands = [(c.shape, c.axes, c.kind == "parameter") for c in cells]
                return axis_rules.elementwise(self.classes, shape, operands)
            case "matmul":
                return axis_rules.matmul(self.classes, *((c.shape, c.axes) for c in cells))
            case "outer":
                return cells[0].axes + cells[1].axes
            case "contraction":
                return axis_rules.contraction(self.classes, [c.axes for c in cells], attributes["subscripts"])
            case "reduce":
                return axis_rules.reduced(self.classes, cells[0].axes, attributes)
            case "transpose":
                order = attributes.get("axes")
                return cells[0].axes[::-1] if order is None else tuple(cells[0].axes[k] for k in order)
            case "index":
                arrays = [
                    (self._whole_axis(i, cells[0], attributes["index"], k), self.cells[i].dtype == np.bool_)
                    for k, i in enumerate(inputs[1:])
                ]
                return axis_rules.indexed(self.classes, cells[0].axes, attributes["index"], arrays, len(shape))
            case "take":
                before = cells[0].axes[: attributes["axis"]]
                return (*before, *cells[1].axes, *cells[0].axes[attributes["axis"] + 1 :])
            case "update":
                self._fill(cells, inputs, attributes["index"])
                return cells[0].axes
            case "scatter" | "along":
                return cells[0].axes
            case "take along" | "repeat" | "pad" | "split":
                return axis_rules.where_unchanged(self.classes, cells[0].shape, cells[0].axes, shape)
            case "join":
                operands = [(c.shape, c.axes, False) for c in cells]
                return axis_rules.joined(self.classes, shape, operands, attributes["axis"])
            case "broadcast" | "reshape":
                return self._reshaped(cells[0], shape)
            case _:
                return tuple(self.classes.new() for _ in shape)

    def _fill(self, cells: list[Cell], inputs: tuple[int, ...], index: tuple[Any, ...]) -> None:
        """What is written to a place has the axes of that place."""
        target, value, *arrays = cells
        key = index_key(index, [c.array for c in arrays])
        place = np.broadcast_to(np.bool_(False), target.shape)[key].shape
        if len(value.shape) > len(place):
            return
        positions = [
            (self._whole_axis(i, target, index, k), c.dtype == np.bool_)
            for k, (i, c) in enumerate(zip(inputs[2:], arrays, strict=True))
        ]
        axes = axis_rules.indexed(self.classes, target.axes, index, positions, len(place))
        operands = [(place, axes, False), (value.shape, value.axes, value.kind == "parameter")]
        axis_rules.elementwise(self.classes, place, operands)

    def _whole_axis(self, index: int, source: Cell, items: tuple[Any, ...], number: int) -> axis_rules.Axes:
        """Axes of an index array; one that counts through a whole axis (``np.arange(n)``) is that axis."""
        own = self.cells[index].axes
        node = self.node_of(index)
        position = items.index(("array", number))
        simple = all(item[0] in ("slice", "array", "int") for item in items[: position + 1])
        if node is None or node.op != "arange" or not simple or position >= len(source.shape):
            return own
        if node.attributes["size"] == source.shape[position]:
            self.classes.unify(own[0], source.axes[position])
        return own

    def _reshaped(self, cell: Cell, shape: tuple[int, ...]) -> axis_rules.Axes:
        """Axes survive where sizes other than 1 line up in order from the right; the rest are new."""
        old = [(n, a) for n, a in zip(cell.shape, cell.axes, strict=True) if n != 1]
        kept = [n for n in shape if n != 1]
        if [n for n, _ in old] == kept:
            remaining = iter(a for _, a in old)
            return tuple(next(remaining) if n != 1 else self.classes.new(unit=True) for n in shape)
        if prod(cell.shape) == prod(shape):
            return axis_rules.reshaped(self.classes, cell.shape, cell.axes, shape)
        result: list[int] = []
        for position in range(-len(shape), 0):
            fits = -position <= len(cell.shape) and cell.shape[position] == shape[position]
            result.append(cell.axes[position] if fits and len(shape) >= len(cell.shape) else self.classes.new())
        return tuple(result)

    def transposed_matrix(self, index: int) -> int | None:
        """What a value is the transpose of, its last two axes swapped; None where it is no transpose."""
        node = self.node_of(index)
        if node is None or node.op != "transpose":
            return None
        ndim = len(self.cells[index].shape)
        order = node.attributes.get("axes") or tuple(reversed(range(ndim)))
        return node.inputs[0] if ndim >= 2 and order == (*range(ndim - 2), ndim - 1, ndim - 2) else None

    def canonical(self, index: int) -> Any:
        """A key that is equal for values computed in the same way, whether or not they are the same object."""
        if index not in self._canonical:
            stack = [index]
            while stack:
                top = stack[-1]
                cell = self.cells[top]
                node = None if cell.node is None else self.nodes[cell.node]
                missing = [i for i in node.inputs if i not in self._canonical] if node else []
                if missing:
                    stack.extend(missing)
                    continue
                stack.pop()
                if node is None:
                    self._canonical[top] = ("leaf", top)
                else:
                    key = (node.op, tuple(self._canonical[i] for i in node.inputs), _frozen(node.attributes))
                    self._canonical[top] = ("value", self._interned(key))
        return self._canonical[index]

    def _interned(self, key: Any) -> int:
        return self._known.setdefault(("canonical", key), -1 - len(self._known))

    def node_of(self, index: int) -> Node | None:
        number = self.cells[index].node
        return None if number is None else self.nodes[number]

    def ref(self, index: int) -> Ref:
        return Ref(self, index)


def _frozen(attributes: Any) -> Any:
    if isinstance(attributes, dict):
        return tuple(sorted((k, _frozen(v)) for k, v in attributes.items()))
    return attributes
