"""Derivatives of the loss by complex step, many directions at once, from the recorded activations on.

A value moves as ``v + i·h·t`` with h so small that h² vanishes: then v stays exactly the recorded array, and the
imaginary part carries the derivative ``t`` with no subtraction and so no loss of digits (Squire and Trapp 1998). Only
``t`` is carried along. Where an operation is linear in what moves, it is applied to ``t`` itself; elsewhere NumPy
evaluates it once at ``v + i·h``, which gives its slope at every entry. Maxima and comparisons go by the real part. No
gradient rule is used.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.axes import normalised
from engine.ir import Node
from engine.ops import TABLE, evaluate, index_key
from engine.suffix import Array, Recorded, Slopes, last_uses
from engine.table.masks import COMPARISONS

# A power of two, so that scaling by it rounds nothing; its square is far below the last digit of any float64.
STEP = 2.0**-100
# What one array of a batch of directions may take: small enough to stay in a processor's cache.
BATCH_BYTES = 1 << 20
_SIDES_DIFFER = 1e-9

_LOGIC = ("logical_and", "logical_or", "invert")
# Operations that are neither linear nor analytic: they go by the real part, and look whether it is on an edge.
_BY_REAL_PART = ("maximum", "minimum", "max", "min", "where", "clip")
_LIKE = ("zeros_like", "ones_like")
_SPECIAL = frozenset((*_LIKE, *COMPARISONS, *_LOGIC, *_BY_REAL_PART, "setitem"))


def applies(nodes: Sequence[Node]) -> bool:
    """Whether all operations between a parameter and the loss can be done in complex numbers (``abs`` cannot)."""
    rows = (TABLE[n.op] for n in nodes)
    return all(r.name in _SPECIAL or r.linear or r.flat or r.analytic is not None for r in rows)


def positions_of(flat: Array, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """Flat positions as one index array per axis; a number has none."""
    return tuple(np.asarray(p) for p in np.unravel_index(flat, shape)) if shape else ()


class _Units:
    """Directions that move one entry each, not yet written out: direction k is 1 at ``positions[k]``, 0 elsewhere."""

    def __init__(self, shape: tuple[int, ...], positions: tuple[Array, ...], count: int) -> None:
        self.shape, self.positions, self.count = shape, positions, count

    def dense(self) -> Array:
        made = np.zeros((self.count, *self.shape))
        made[(np.arange(self.count), *self.positions)] = 1.0
        return made

    def transposed(self) -> _Units:
        return _Units(self.shape[::-1], self.positions[::-1], self.count)

    def times(self, right: Array) -> Array:
        """``unit @ right``: one row of the result is a row of ``right``, the others are zero."""
        made = np.zeros((self.count, self.shape[0], right.shape[1]))
        made[np.arange(self.count), self.positions[0]] = right[self.positions[1]]
        return made

    def after(self, left: Array) -> Array:
        """``left @ unit``: one column of the result is a column of ``left``."""
        made = np.zeros((self.count, left.shape[0], self.shape[1]))
        made[np.arange(self.count), :, self.positions[1]] = left[:, self.positions[0]].T
        return made


class ComplexStep:
    """Slopes of the loss in one parameter of a recorded pass."""

    method = "complex step"

    def __init__(self, recorded: Recorded, parameter: int) -> None:
        self.recorded = recorded
        self.parameter = parameter
        self.nodes = recorded.suffix(parameter)
        self.shape = recorded.program.values[parameter].shape
        self._last = last_uses(self.nodes, recorded.program.loss)
        # The directions themselves are not written out, nor are they where the parameter is only transposed.
        widest = max((recorded[n.output].size for n in self.nodes if n.op != "transpose"), default=1)
        self.chunk = max(1, min(512, BATCH_BYTES // (8 * max(widest, 1))))

    def entries(self, flat: Array) -> Slopes:
        """Slopes along single entries, given by their flat positions."""
        positions = positions_of(flat, self.shape)
        return self._slopes(_Units(self.shape, positions, len(flat)))

    def along(self, direction: Array) -> Slopes:
        """The slope along one direction of the parameter's shape."""
        return self._slopes(direction[None].astype(np.float64))

    def size_of_terms(self, flat: Array, gradients: Mapping[int, Array]) -> Array:
        """For each entry, the largest sum of absolute contributions on the way: what rounding is measured against."""
        positions = positions_of(flat, self.shape)
        sweep = _Sweep(self.recorded, len(flat), 1.0, gradients)
        sweep.run(self.nodes, self._last, self.parameter, _Units(self.shape, positions, len(flat)))
        return sweep.terms

    def _slopes(self, start: _Units | Array) -> Slopes:
        count = start.count if isinstance(start, _Units) else len(start)
        first = _Sweep(self.recorded, count, 1.0)
        slope = first.run(self.nodes, self._last, self.parameter, start)
        contested = first.flips
        if first.ties.any():
            second = _Sweep(self.recorded, count, -1.0)
            other = second.run(self.nodes, self._last, self.parameter, start)
            apart = np.abs(slope - other) > _SIDES_DIFFER * np.maximum(np.abs(slope), np.abs(other))
            contested = contested | (first.ties & apart)
        return Slopes(slope, contested, np.zeros(count))


class _Sweep:
    """One run from the parameter to the loss. ``side`` is the side from which ties are looked at, 1 or -1.

    ``flips``: a mask would flip; ``ties``: a maximum over an axis is attained twice by entries that move apart.
    """

    def __init__(self, recorded: Recorded, count: int, side: float, weights: Mapping[int, Array] | None = None) -> None:
        self.recorded, self.count, self.side = recorded, count, side
        self.weights = weights or {}
        self.flips = np.zeros(count, dtype=bool)
        self.ties = np.zeros(count, dtype=bool)
        self.terms = np.zeros(count)
        self.moved: dict[int, Array | _Units] = {}

    def run(
        self, nodes: Sequence[Node], last: Sequence[tuple[int, ...]], parameter: int, start: _Units | Array
    ) -> Array:
        """The derivative of the loss in each direction."""
        loss = self.recorded.program.loss
        self.moved[parameter] = start
        with np.errstate(all="ignore"):
            for node, done in zip(nodes, last, strict=True):
                moved = self._step(node) if any(i in self.moved for i in node.inputs) else None
                if moved is not None:
                    self.moved[node.output] = moved
                    self._weigh(node.output)
                for index in done:
                    self.moved.pop(index, None)
        found = self.moved.get(loss)
        return np.zeros(self.count) if found is None else self._dense(found).reshape(self.count, -1)[:, 0]

    def _weigh(self, index: int) -> None:
        weight = self.weights.get(index)
        if weight is not None:
            sums = np.abs(self._tangent(index)).reshape(self.count, -1) @ np.abs(weight).reshape(-1).astype(np.float64)
            self.terms = np.maximum(self.terms, sums)

    # reaching operands
    def _dense(self, found: _Units | Array) -> Array:
        return found.dense() if isinstance(found, _Units) else found

    def _tangent(self, index: int) -> Array:
        return self._dense(self.moved[index])

    def _aligned(self, index: int, ndim: int) -> Array:
        """The tangent with axes put in front, so that it broadcasts as the operand does; 0 for what stands still."""
        if index not in self.moved:
            return np.zeros(())
        tangent = self._tangent(index)
        return tangent.reshape(self.count, *(1,) * (ndim + 1 - tangent.ndim), *tangent.shape[1:])

    def _whole(self, tangent: Array, node: Node) -> Array:
        return np.broadcast_to(tangent, (self.count, *self.recorded[node.output].shape))

    # one operation
    def _step(self, node: Node) -> Array | _Units | None:
        ndim = self.recorded[node.output].ndim
        a = node.inputs[0]
        match node.op:
            case "add":
                return self._whole(self._aligned(a, ndim) + self._aligned(node.inputs[1], ndim), node)
            case "subtract":
                return self._whole(self._aligned(a, ndim) - self._aligned(node.inputs[1], ndim), node)
            case "negative":
                return -self._tangent(a)
            case "astype" | "same":
                return self.moved[a]
            case "matmul" | "outer" if max(self.recorded[i].ndim for i in node.inputs) <= 2:
                return self._product(node)
            case "maximum" | "minimum":
                return self._larger(node)
            case "max" | "min":
                return self._extreme(node)
            case "where":
                return self._where(node)
            case "sum":
                axes = tuple(k + 1 for k in normalised(node.attributes.get("axis"), self.recorded[a].ndim))
                keep = bool(node.attributes.get("keepdims"))
                return np.asarray(np.sum(self._tangent(a), axis=axes, keepdims=keep))
            case "transpose":
                return self._transpose(node)
            case "reshape" | "expand_dims" | "squeeze":
                return self._tangent(a).reshape(self.count, *self.recorded[node.output].shape)
            case "broadcast_to":
                return self._whole(self._aligned(a, ndim), node)
            case "getitem":
                return self._getitem(node)
            case "setitem":
                return self._setitem(node)
            case "clip":
                return self._clipped(node)
            case op if TABLE[op].flat and TABLE[op].family == "reduce":
                self._extreme(node)
                return None
            case op if TABLE[op].flat:
                self._jump(node)
                return None
            case "multiply" | "divide" if (linear := self._linear(node)) is not None:
                return linear
            case op if op in COMPARISONS:
                self._compare(node)
                return None
            case op if op in _LOGIC or op in _LIKE:
                return None
            case op if TABLE[op].linear:
                return self._one_by_one(node)
            case op if TABLE[op].family == "reduce":
                return self._reduced(node)
            case _:
                return self._analytic(node)

    def _one_by_one(self, node: Node) -> Array:
        """A linear operation, applied to the tangent of each direction; of a product, to each factor's in turn."""
        if not any(i in self.moved for i in node.inputs):
            return self._whole(np.zeros(()), node)
        joint = TABLE[node.op].linear == "linear"
        moving = [k for k, i in enumerate(node.inputs) if i in self.moved]
        tangents = {k: self._tangent(node.inputs[k]) for k in moving}
        still = [self.recorded[i] for i in node.inputs]
        made = np.empty((self.count, *self.recorded[node.output].shape))
        for direction in range(self.count):
            if joint:
                # what stands still has no tangent; whole numbers among the operands are positions, not values
                operands = [
                    tangents[k][direction] if k in tangents else np.zeros_like(v) if v.dtype.kind == "f" else v
                    for k, v in enumerate(still)
                ]
                made[direction] = evaluate(node.op, node.attributes, node.spelling, tuple(operands))
            else:
                made[direction] = sum(
                    evaluate(
                        node.op,
                        node.attributes,
                        node.spelling,
                        tuple(tangents[k][direction] if k == moved else v for k, v in enumerate(still)),
                    )
                    for moved in moving
                )
        return made

    def _reduced(self, node: Node) -> Array:
        """A reduction that is no sum (a variance, a norm): NumPy evaluates its complex form for each direction."""
        function = TABLE[node.op].analytic
        assert function is not None
        value, tangent = self.recorded[node.inputs[0]], self._tangent(node.inputs[0])
        if node.op == "norm" and node.attributes.get("ord") == 1:
            self.flips |= self._any((value == 0) & (tangent != 0))
        slopes = [function(value + STEP * 1j * one, **node.attributes).imag / STEP for one in tangent]
        made = np.asarray(slopes).reshape(self.count, *self.recorded[node.output].shape)
        if node.op in ("std", "norm"):
            # a root has a kink at zero, where NumPy gives no slope at all
            at_zero = self.recorded[node.output] == 0
            self.flips |= self._any((made != 0) & at_zero)
            made = np.where(at_zero, 0.0, made)
        return made

    def _jump(self, node: Node) -> None:
        """A step function has no derivative where it jumps: where the slightest change gives another value."""
        value, tangent = self.recorded[node.inputs[0]], self._tangent(node.inputs[0])
        sides = (np.nextafter(value, -np.inf), np.nextafter(value, np.inf))
        low, high = (evaluate(node.op, node.attributes, node.spelling, (side,)) for side in sides)
        self.flips |= self._any((low != high) & (tangent != 0))

    def _clipped(self, node: Node) -> Array:
        """The operand inside its bounds, a bound beyond it; on a bound there is a kink."""
        ndim = self.recorded[node.output].ndim
        made, reached = self._aligned(node.inputs[0], ndim), self.recorded[node.inputs[0]]
        bounds = list(node.inputs[1:])
        for name, beyond in (("lower", np.less), ("upper", np.greater)):
            if not node.attributes[name]:
                continue
            bound = bounds.pop(0)
            limit, moving = self.recorded[bound], self._aligned(bound, ndim)
            tie = np.asarray(reached == limit)
            self.flips |= self._any(self._whole(tie & (made != moving), node))
            outside = beyond(reached, limit)
            made, reached = np.where(outside, moving, made), np.where(outside, limit, reached)
        return self._whole(made, node)

    def _any(self, mask: Array) -> Array:
        """Per direction: is anything set?"""
        return np.asarray(mask.reshape(self.count, -1).any(axis=1))

    def _linear(self, node: Node) -> Array | None:
        """A product with one factor that stands still, or a quotient whose denominator does."""
        ndim = self.recorded[node.output].ndim
        a, b = node.inputs
        if b not in self.moved:
            function = np.multiply if node.op == "multiply" else np.divide
            return self._whole(function(self._aligned(a, ndim), self.recorded[b]), node)
        if a not in self.moved and node.op == "multiply":
            return self._whole(self.recorded[a] * self._aligned(b, ndim), node)
        return None

    def _analytic(self, node: Node) -> Array:
        ndim = self.recorded[node.output].ndim
        parts = [
            self._aligned(i, ndim) * _slope_of(self.recorded, node, k)
            for k, i in enumerate(node.inputs)
            if i in self.moved
        ]
        return self._whole(functools.reduce(np.add, parts), node)

    def _product(self, node: Node) -> Array:
        """The product with each factor's tangent in its place; a product of two tangents is of order h²."""
        made: Any = 0.0
        for position, index in enumerate(node.inputs):
            if index in self.moved:
                made = made + self._factor(node, position)
        return np.asarray(made).reshape(self.count, *self.recorded[node.output].shape)

    def _factor(self, node: Node, position: int) -> Array:
        outer = node.op == "outer"
        found = self.moved[node.inputs[position]]
        still = self._matrix(self.recorded[node.inputs[1 - position]][None], 1 - position, outer)[0]
        if isinstance(found, _Units) and len(found.shape) == 2:
            return found.times(still) if position == 0 else found.after(still)
        moved = self._matrix(self._dense(found), position, outer)
        if position == 1:
            return np.asarray(still @ moved)
        rows = np.ascontiguousarray(moved).reshape(-1, moved.shape[-1])
        return np.asarray((rows @ still).reshape(self.count, -1, still.shape[-1]))

    def _matrix(self, batch: Array, position: int, outer: bool) -> Array:
        """A batch of vectors as matrices: a left factor is a row, a right one a column; in an outer product turned."""
        if batch.ndim == 3:
            return batch
        return batch[:, None, :] if (position == 0) != outer else batch[:, :, None]

    # going by the real part
    def _larger(self, node: Node) -> Array:
        a, b = node.inputs
        ndim = self.recorded[node.output].ndim
        left, right = self.recorded[a], self.recorded[b]
        first, second = self._aligned(a, ndim), self._aligned(b, ndim)
        ahead = left > right if node.op == "maximum" else left < right
        tie = np.asarray(left == right)
        made = self._whole(np.where(ahead, first, second), node)
        if tie.any():
            self.flips |= self._any(self._whole(tie & (first != second), node))
            up = (self.side > 0) == (node.op == "maximum")
            made = np.where(tie, np.maximum(first, second) if up else np.minimum(first, second), made)
        return made

    def _extreme(self, node: Node) -> Array:
        a = node.inputs[0]
        value, tangent = self.recorded[a], self._tangent(a)
        axes = normalised(node.attributes.get("axis"), value.ndim)
        largest = node.op in ("max", "argmax")
        attained = value == (np.max if largest else np.min)(value, axis=axes, keepdims=True)
        shifted = tuple(k + 1 for k in axes)
        highest = np.max(np.where(attained, tangent, -np.inf), axis=shifted)
        lowest = np.min(np.where(attained, tangent, np.inf), axis=shifted)
        self.ties |= self._any(np.asarray(highest != lowest))
        made = highest if (self.side > 0) == largest else lowest
        return np.asarray(made).reshape(self.count, *self.recorded[node.output].shape)

    def _compare(self, node: Node) -> None:
        a, b = node.inputs
        tie = np.asarray(self.recorded[a] == self.recorded[b])
        if tie.any():
            ndim = self.recorded[node.output].ndim
            apart = self._aligned(a, ndim) != self._aligned(b, ndim)
            self.flips |= self._any(np.broadcast_to(tie & apart, (self.count, *tie.shape)))

    def _where(self, node: Node) -> Array | None:
        condition, a, b = node.inputs
        if a not in self.moved and b not in self.moved:
            return None
        ndim = self.recorded[node.output].ndim
        made = np.where(self.recorded[condition], self._aligned(a, ndim), self._aligned(b, ndim))
        return self._whole(made, node)

    # moving entries about
    def _transpose(self, node: Node) -> Array | _Units:
        found = self.moved[node.inputs[0]]
        axes = node.attributes.get("axes")
        if isinstance(found, _Units) and axes is None:
            return found.transposed()
        dense = self._dense(found)
        order = tuple(range(dense.ndim - 1))[::-1] if axes is None else axes
        return dense.transpose(0, *(k + 1 for k in order))

    def _getitem(self, node: Node) -> Array | None:
        a, *arrays = node.inputs
        if a not in self.moved:
            return None
        tangent = self._tangent(a)
        key = index_key(node.attributes["index"], [self.recorded[i] for i in arrays])
        if _in_place(key):
            return np.asarray(tangent[(slice(None), *key)])
        return np.stack([one[key] for one in tangent])

    def _setitem(self, node: Node) -> Array:
        target, value, *arrays = node.inputs
        shape = self.recorded[node.output].shape
        made = np.array(self._tangent(target)) if target in self.moved else np.zeros((self.count, *shape))
        key = index_key(node.attributes["index"], [self.recorded[i] for i in arrays])
        written = self._tangent(value) if value in self.moved else np.zeros(self.count)
        for one, entry in zip(made, written, strict=True):
            one[key] = entry
        return made


def _in_place(key: tuple[Any, ...]) -> bool:
    """Whether indexed axes stay where they are when one more axis stands in front (arrays side by side)."""
    arrays = [k for k, item in enumerate(key) if isinstance(item, np.ndarray)]
    if not arrays:
        return True
    fancy = [k for k, item in enumerate(key) if isinstance(item, np.ndarray | int)]
    return fancy[-1] - fancy[0] + 1 == len(fancy)


def _slope_of(recorded: Recorded, node: Node, position: int) -> Array:
    """The slope of an operation in one operand at every recorded entry, found once for all directions."""
    key = (node.output, position)
    if key not in recorded.slopes:
        operands: list[Array] = [recorded[i] for i in node.inputs]
        operands[position] = operands[position] + STEP * 1j
        function = _power if node.op == "power" else TABLE[node.op].analytic
        assert function is not None
        recorded.slopes[key] = np.asarray(function(*operands).imag / STEP)
    return recorded.slopes[key]


def _power(base: Array, exponent: Array) -> Array:
    """``base ** exponent``; a negative base with a whole exponent goes by its absolute value, so that no digits of the
    tiny imaginary part are lost in a logarithm."""
    if np.iscomplexobj(exponent):
        return np.asarray(np.power(base.astype(np.complex128), exponent))
    flipped = (base.real < 0) & (exponent == np.rint(exponent))
    sign = np.where(flipped & (np.abs(exponent) % 2 == 1), -1.0, 1.0)
    return np.asarray(sign * np.power(np.where(flipped, -base, base), exponent))
