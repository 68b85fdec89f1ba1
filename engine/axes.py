"""Axis identities by unification: which axis of one array is which axis of another.

Two axes become one only because an operation puts them together, never because they have the same size; that is what
lets a square net still tell h₁ from n. A size-1 axis of a parameter stays apart from the axes of the data, so that
with a single example ``db1`` is still a sum over the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.ir import Attributes

Axis = int
Axes = tuple[Axis, ...]


class AxisClasses:
    """Union-find over axes, with what is known of each class: does a data axis belong to it, is it a broadcast axis."""

    def __init__(self) -> None:
        self._parent: list[Axis] = []
        self._data: list[bool] = []
        self._unit: list[bool] = []

    def new(self, *, data: bool = False, unit: bool = False) -> Axis:
        self._parent.append(len(self._parent))
        self._data.append(data)
        self._unit.append(unit)
        return len(self._parent) - 1

    def find(self, axis: Axis) -> Axis:
        while self._parent[axis] != axis:
            self._parent[axis] = self._parent[self._parent[axis]]
            axis = self._parent[axis]
        return axis

    def is_data(self, axis: Axis) -> bool:
        return self._data[self.find(axis)]

    def is_unit(self, axis: Axis) -> bool:
        """True for an axis of size 1 that stands for no axis of the net: it broadcasts."""
        return self._unit[self.find(axis)]

    def same(self, a: Axis, b: Axis) -> bool:
        return self.find(a) == self.find(b)

    def unify(self, a: Axis, b: Axis) -> Axis:
        a, b = self.find(a), self.find(b)
        if a == b:
            return a
        low, high = min(a, b), max(a, b)
        self._parent[high] = low
        self._data[low] = self._data[low] or self._data[high]
        self._unit[low] = self._unit[low] and self._unit[high]
        return low


def elementwise(
    classes: AxisClasses, shape: tuple[int, ...], operands: Sequence[tuple[tuple[int, ...], Axes, bool]]
) -> Axes:
    """Axes of a broadcast result. Operands are (shape, axes, is a parameter).

    Raises nothing: what NumPy broadcasts is accepted. A size-1 axis next to a larger one broadcasts; a size-1 axis of
    a parameter, or one left by ``keepdims``, does not become a data axis of size 1 either.
    """
    result = []
    for position in range(-len(shape), 0):
        size = shape[position]
        here = [
            (axes[position], parameter)
            for operand_shape, axes, parameter in operands
            if -position <= len(operand_shape) and operand_shape[position] == size
        ]
        if size == 1:
            real = [
                a
                for a, parameter in here
                if not classes.is_unit(a) and not (parameter and _broadcasts(classes, a, here))
            ]
            here = [(a, False) for a in real] or here[:1]
        first = here[0][0]
        for other, _ in here[1:]:
            first = classes.unify(first, other)
        result.append(first)
    return tuple(result)


def _broadcasts(classes: AxisClasses, axis: Axis, here: list[tuple[Axis, bool]]) -> bool:
    """A parameter's size-1 axis broadcasts beside a data axis that it is not already known to be."""
    return any(classes.is_data(other) and not classes.same(other, axis) for other, _ in here)


Operand = tuple[tuple[int, ...], Axes]


def matmul(classes: AxisClasses, left: Operand, right: Operand) -> Axes:
    """Axes of ``left @ right``: the inner axes become one, those of a stack are matched as NumPy broadcasts them."""
    (a_shape, a), (b_shape, b) = left, right
    classes.unify(a[-1], b[0] if len(b) == 1 else b[-2])
    shape = np.broadcast_shapes(a_shape[:-2], b_shape[:-2])
    stack = elementwise(classes, shape, [(a_shape[:-2], a[:-2], False), (b_shape[:-2], b[:-2], False)])
    return (*stack, *a[:-1][-1:], *(b[-1:] if len(b) >= 2 else ()))


def contraction(classes: AxisClasses, operands: Sequence[Axes], subscripts: str) -> Axes:
    """Axes of an einsum: axes with one letter are one axis."""
    inputs, result = subscripts.split("->")
    known: dict[str, Axis] = {}
    for letters, axes in zip(inputs.split(","), operands, strict=True):
        for letter, axis in zip(letters, axes, strict=True):
            known[letter] = classes.unify(known[letter], axis) if letter in known else axis
    return tuple(known[letter] for letter in result)


def joined(
    classes: AxisClasses, shape: tuple[int, ...], operands: Sequence[tuple[tuple[int, ...], Axes, bool]], axis: int
) -> Axes:
    """Axes of arrays put side by side: the one they are joined along is new, the others are matched."""
    rest = shape[:axis] + shape[axis + 1 :]
    others = [
        (s, a, p) if len(s) < len(shape) else (s[:axis] + s[axis + 1 :], a[:axis] + a[axis + 1 :], p)
        for s, a, p in operands
    ]
    matched = elementwise(classes, rest, others)
    data = any(len(s) == len(shape) and classes.is_data(a[axis]) for s, a, _ in operands)
    return (*matched[:axis], classes.new(data=data), *matched[axis:])


def where_unchanged(classes: AxisClasses, before: tuple[int, ...], axes: Axes, shape: tuple[int, ...]) -> Axes:
    """Axes whose size stays the same are the same, counted from the last one; the others are new."""
    lead = len(shape) - len(before)
    if lead < 0:
        return tuple(classes.new() for _ in shape)
    kept = [
        axis if size == after else classes.new(data=classes.is_data(axis))
        for axis, size, after in zip(axes, before, shape[lead:], strict=True)
    ]
    return (*(classes.new() for _ in range(lead)), *kept)


def reshaped(classes: AxisClasses, before: tuple[int, ...], axes: Axes, after: tuple[int, ...]) -> Axes:
    """Axes of the same entries in another shape: an axis is kept where what lies before and behind it stays apart.

    ``(5, 2, 3)`` as ``(5, 6)`` keeps the first one; the six are new, and data if one of the axes in them is.
    """
    result: list[Axis] = []
    i = k = 0
    while k < len(after):
        if i < len(before) and before[i] == after[k]:
            result.append(axes[i])
            i, k = i + 1, k + 1
            continue
        start, first, one, other = i, k, 1, 1
        while (one != other or k == first) and (i < len(before) or k < len(after)):
            if k < len(after) and (other <= one or i == len(before)):
                one, other, k = one, other * after[k], k + 1
            else:
                one, i = one * before[i], i + 1
        data = any(classes.is_data(axis) for axis in axes[start:i])
        result += [classes.new(data=data and size != 1) for size in after[first:k]]
    return tuple(result)


def reduced(classes: AxisClasses, axes: Axes, attributes: Attributes) -> Axes:
    """Axes left by a reduction; with ``keepdims`` a reduced axis becomes a broadcast axis of size 1."""
    gone = normalised(attributes.get("axis"), len(axes))
    if attributes.get("keepdims"):
        return tuple(classes.new(unit=True) if k in gone else a for k, a in enumerate(axes))
    return tuple(a for k, a in enumerate(axes) if k not in gone)


def normalised(axis: Any, ndim: int) -> tuple[int, ...]:
    """``axis`` of a NumPy reduction as a tuple of non-negative numbers; None means all axes."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(sorted(k % ndim for k in ((axis,) if isinstance(axis, int) else axis)))


def indexed(
    classes: AxisClasses, axes: Axes, index: tuple[Any, ...], arrays: Sequence[tuple[Axes, bool]], ndim: int
) -> Axes:
    """Axes of ``a[index]``: whole slices keep theirs, integer arrays bring their own, parts of an axis are new ones.

    ``arrays`` are the axes of each index array, and whether it is a mask, which takes as many axes as it has.
    """
    taken = {("array", k): len(own) if mask else 1 for k, (own, mask) in enumerate(arrays)}
    consumed = sum(taken.get(item, 1) for item in index if item[0] in ("slice", "int", "array"))
    result: list[Axis] = []
    position = 0
    arrays_placed = False
    for item in index:
        match item:
            case ("new",):
                result.append(classes.new(unit=True))
            case ("ellipsis",):
                rest = len(axes) - consumed
                result.extend(axes[position : position + rest])
                position += rest
            case ("int", _):
                position += 1
            case ("slice", start, stop, step):
                whole = start in (None, 0) and stop is None and step in (None, 1)
                result.append(axes[position] if whole else classes.new(data=classes.is_data(axes[position])))
                position += 1
            case ("array", _):
                if not arrays_placed:
                    result.extend(_picked(classes, arrays))
                    arrays_placed = True
                position += taken[item]
    result.extend(axes[position:])
    return tuple(result) if len(result) == ndim else tuple(classes.new() for _ in range(ndim))


def _picked(classes: AxisClasses, arrays: Sequence[tuple[Axes, bool]]) -> list[Axis]:
    """The axes that index arrays bring: a mask one new one, integer arrays their own, matched from the right."""
    if any(mask for _, mask in arrays):
        return [classes.new()]
    longest = max((own for own, _ in arrays), key=len)
    made = []
    for k in range(-len(longest), 0):
        first = longest[k]
        for other, _ in arrays:
            if len(other) >= -k:
                first = classes.unify(first, other[k])
        made.append(first)
    return made
