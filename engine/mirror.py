"""The other convention, derived mechanically: every matrix is transposed, and A·B becomes Bᵀ·Aᵀ.

Column (feature × batch, f = Wx + b) and row (batch × feature, f = XW + b) are the same mathematics. One-dimensional
arrays are their own mirror image, except where they stand beside a matrix (a bias of shape (H,) becomes (H, 1)).
What depends on the order of the entries in memory (a reshape of a matrix) has no mirror image, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from engine.axes import normalised
from engine.build import Forward, Leaf, shapes_of
from engine.errors import MirrorError
from engine.ir import Node
from engine.layers import VIEWS
from engine.ops import TABLE

_WHOLE = ("slice", None, None, None)
_BY_MEMORY = "goes by the order of the entries in memory; transposed, that order is another one."


def convention_of(forward: Forward) -> str:
    """The first product with a parameter decides: a parameter on the left is column, on the right row.

    Parameters are known through transposes and reshapes, but not through a look-up (``C[ids]`` is an input).
    """
    views = {leaf.index for leaf in forward.leaves if leaf.kind == "parameter"}
    for node in forward.nodes:
        looked_up = node.op == "getitem" and len(node.inputs) > 1
        if node.op in VIEWS and not looked_up and node.inputs[0] in views:
            views.add(node.output)
        if node.op == "matmul":
            left, right = (i in views for i in node.inputs)
            if left or right:
                return "column" if left else "row"
    return "as-written"


def leaf_arrays(arrays: Sequence[Any], forward: Forward) -> list[Any]:
    """Arrays of the file's own convention as they are in the mirrored one."""
    leaves = [leaf for leaf in forward.leaves if leaf.kind != "literal"]
    return [_turned(array, np.ndim(leaf.array)) for array, leaf in zip(arrays, leaves, strict=True)]


def _turned(array: Any, ndim: int) -> Any:
    # a copy in memory order: BLAS rounds a transposed view differently, and the printed lines must give these very bits
    if np.ndim(array) == 2:
        return np.ascontiguousarray(array.T)
    return array[:, None] if np.ndim(array) == 1 and ndim == 2 else array


def mirrored(forward: Forward) -> Forward:
    """The mirror image of a forward pass. Raises MirrorError, with the line, where there is none."""
    return _Mirror(forward).run()


class _Mirror:
    def __init__(self, forward: Forward) -> None:
        self.forward = forward
        self.shapes = shapes_of(forward)
        self.nodes: list[Node] = []
        self.next = forward.size
        self.columns: set[int] = set()

    def run(self) -> Forward:
        leaves = []
        for leaf in self.forward.leaves:
            if leaf.kind == "literal":
                leaves.append(leaf)
                continue
            shape = np.shape(leaf.array)
            if len(shape) > 2:
                self._refuse_leaf(leaf, len(shape))
            if len(shape) == 1 and self._stands_beside_matrices(leaf.index):
                self.columns.add(leaf.index)
                leaves.append(Leaf(leaf.index, leaf.kind, leaf.name, leaf.path, leaf.array[:, None]))
            else:
                leaves.append(Leaf(leaf.index, leaf.kind, leaf.name, leaf.path, _turned(leaf.array, len(shape))))
        for node in self.forward.nodes:
            self._mirror(node)
        return replace(self.forward, leaves=tuple(leaves), nodes=tuple(self.nodes), size=self.next)

    def _refuse_leaf(self, leaf: Leaf, axes: int) -> NoReturn:
        """The line is the first that reads the array."""
        reason = (
            f"{leaf.name or leaf.path or 'a constant'} has {axes} axes; only matrices and vectors have a mirror image."
        )
        reader = next((n for n in self.forward.nodes if leaf.index in n.inputs), None)
        if reader is None:
            raise MirrorError(reason, file=self.forward.file)
        self._refuse(reader, reason)

    def _stands_beside_matrices(self, index: int) -> bool:
        users = [n for n in self.forward.nodes if index in n.inputs]
        return bool(users) and all(
            TABLE[n.op].family == "elementwise" and len(self.shapes[n.output]) == 2 for n in users
        )

    def _refuse(self, node: Node, reason: str) -> NoReturn:
        where = node.source
        raise MirrorError(
            reason,
            file=where.file if where else self.forward.file,
            line=where.line if where else None,
            text=where.text if where else "",
        )

    def _put(self, node: Node, inputs: tuple[int, ...], **attributes: Any) -> None:
        self.nodes.append(replace(node, inputs=inputs, attributes=attributes or dict(node.attributes)))

    def _beside(self, index: int, node: Node) -> int:
        """A one-dimensional operand as a column, to stand beside a mirrored matrix."""
        if len(self.shapes[index]) != 1 or index in self.columns:
            return index
        made = self.next
        self.next += 1
        self.nodes.append(
            Node("getitem", (index,), {"index": (_WHOLE, ("new",))}, "operator", made, node.source, False)
        )
        return made

    def _mirror(self, node: Node) -> None:
        out = self.shapes[node.output]
        if len(out) > 2:
            self._refuse(node, f"this has {len(out)} axes; only matrices and vectors have a mirror image.")
        match TABLE[node.op].family:
            case "elementwise" | "like":
                inputs = tuple(self._beside(i, node) for i in node.inputs) if len(out) == 2 else node.inputs
                self._put(node, inputs)
            case "matmul" | "outer":
                self._put(node, node.inputs if len(out) == 0 else node.inputs[::-1])
            case "reduce":
                self._reduce(node)
            case "transpose":
                self._put(node, node.inputs)
            case "constant":
                self._constant(node, out)
            case "reshape":
                self._reshape(node, out)
            case "broadcast":
                inputs = tuple(self._beside(i, node) for i in node.inputs) if len(out) == 2 else node.inputs
                self._put(node, inputs, shape=out[::-1])
            case "index":
                index, arrays = _renumbered(self._index(node, node.inputs[1:]), node.inputs[1:])
                self._put(node, (node.inputs[0], *arrays), index=index)
            case "update":
                self._update(node)
            case "along" | "split" | "take" | "take along" | "repeat" | "pad" | "diagonal":
                self._moved(node)
            case "contraction":
                self._contraction(node)
            case "join":
                self._join(node, out)
            case family:
                self._refuse(node, f"{family} has no mirror image.")

    def _constant(self, node: Node, out: tuple[int, ...]) -> None:
        settings = dict(node.attributes)
        if "shape" in settings:
            settings["shape"] = out[::-1]
        self._put(node, node.inputs, **settings)

    def _reduce(self, node: Node) -> None:
        ndim = len(self.shapes[node.inputs[0]])
        axis = node.attributes.get("axis")
        if ndim == 2 and axis is not None:
            turned = tuple(1 - k for k in normalised(axis, 2))
            axis = turned[0] if len(turned) == 1 else tuple(sorted(turned))
        self._put(node, node.inputs, **{**node.attributes, "axis": axis})

    def _reshape(self, node: Node, out: tuple[int, ...]) -> None:
        """Only a reshape that keeps the order of a vector, or changes nothing, has a mirror image."""
        node = replace(node, op="reshape", spelling="method")
        before = self.shapes[node.inputs[0]]
        vectors = all(sum(n != 1 for n in shape) <= 1 for shape in (before, out))
        if before == out or vectors:
            self._put(node, node.inputs, shape=out[::-1])
        else:
            self._refuse(
                node,
                f"this reshape from {before} to {out} {_BY_MEMORY}",
            )

    def _moved(self, node: Node) -> None:
        """An operation along one axis goes along the other; vectors stay as they are."""
        before, out = (self.shapes[i] for i in (node.inputs[0], node.output))
        if len(before) < 2 and len(out) < 2:
            self._put(node, node.inputs)
            return
        if (len(before) != 2 or len(out) != 2) and node.op != "diag":
            self._refuse(node, f"this goes from {len(before)} to {len(out)} axes; it has no mirror image.")
        if node.op == "take" and len(self.shapes[node.inputs[1]]) != 1:
            self._refuse(node, "positions of more than one axis make new axes; they have no mirror image.")
        settings = dict(node.attributes)
        op = {"tril": "triu", "triu": "tril"}.get(node.op, node.op)
        if "k" in settings:
            settings["k"] = -settings["k"]
        if "reps" in settings:
            settings["reps"] = (1,) * (2 - len(settings["reps"])) + settings["reps"]
        for name in ("reps", "width"):
            if name in settings:
                settings[name] = settings[name][::-1]
        if settings.get("axis") is not None:
            axis = settings["axis"]
            settings["axis"] = tuple(1 - k % 2 for k in axis) if isinstance(axis, tuple) else 1 - axis % 2
        elif node.op in ("cumsum", "roll", "repeat"):
            self._refuse(node, f"this {_BY_MEMORY}")
        self._put(replace(node, op=op), node.inputs, **settings)

    def _contraction(self, node: Node) -> None:
        """A sum of products over named indices: every operand's letters are turned round."""
        inputs, result = node.attributes["subscripts"].split("->")
        turned = ",".join(letters[::-1] for letters in inputs.split(","))
        self._put(replace(node, op="einsum", spelling="function"), node.inputs, subscripts=f"{turned}->{result[::-1]}")

    def _join(self, node: Node, out: tuple[int, ...]) -> None:
        """Side by side becomes one above the other; vectors that are rows become columns."""
        axis = node.attributes["axis"]
        ranks = {len(self.shapes[i]) for i in node.inputs}
        count = node.attributes["count"]
        if len(out) == 1:
            self._put(node, node.inputs)
        elif ranks == {2}:
            self._put(replace(node, op="concatenate", spelling="function"), node.inputs, axis=1 - axis, count=count)
        elif ranks == {1}:
            self._put(replace(node, op="stack", spelling="function"), node.inputs, axis=1 - axis, count=count)
        else:
            self._refuse(node, "this puts vectors and matrices side by side; it has no mirror image.")

    def _index(self, node: Node, arrays: tuple[int, ...]) -> tuple[Any, ...]:
        source = self.shapes[node.inputs[0]]
        items = list(node.attributes["index"])
        if len(source) < 2:
            made = len(self.shapes[node.output])
            return _filled(items, len(source))[::-1] if made == 2 and ("new",) in items else tuple(items)
        if any(self.shapes[i] == source for i in arrays):
            if node.op == "getitem":
                self._refuse(
                    node, "a boolean mask picks entries in the order of memory; transposed, that order is another one."
                )
            return tuple(items)
        if ("new",) in items or any(len(self.shapes[i]) > 1 for i in arrays):
            self._refuse(node, "this index makes or takes more than two axes.")
        return _filled(items, 2)[::-1]

    def _update(self, node: Node) -> None:
        target, value, *arrays = node.inputs
        index = self._index(node, tuple(arrays))
        if len(self.shapes[target]) == 2 and len(self.shapes[value]) == 1:
            if any(self.shapes[i] == self.shapes[target] for i in arrays):
                self._refuse(
                    node, "a boolean mask fills entries in the order of memory; transposed, that order is another one."
                )
            axes = sum(item[0] == "slice" for item in index) + bool(arrays)
            value = self._beside(value, node) if axes == 2 else value
        index, placed = _renumbered(index, tuple(arrays))
        self._put(node, (target, value, *placed), index=index)


def _renumbered(index: tuple[Any, ...], arrays: tuple[int, ...]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The arrays of an index in the order in which they stand in it."""
    order = [item[1] for item in index if item[0] == "array"]
    renamed = tuple(("array", order.index(item[1])) if item[0] == "array" else item for item in index)
    return renamed, tuple(arrays[k] for k in order)


def _filled(items: Sequence[Any], ndim: int) -> tuple[Any, ...]:
    """An index with every axis written out: ``...`` and left-out axes become whole slices."""
    left = ndim - sum(item[0] not in ("ellipsis", "new") for item in items)
    filled: list[Any] = []
    for item in items:
        filled += [_WHOLE] * left if item[0] == "ellipsis" else [item]
    if ("ellipsis",) not in items:
        filled += [_WHOLE] * left
    return tuple(filled)
