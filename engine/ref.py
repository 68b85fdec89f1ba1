"""The handle on which gradient rules are written: NumPy on it appends nodes to the graph.

It carries a gradient as ``number × node``, and a gradient that is one everywhere as a token, so that ``df = f - y`` and
``df = 2 * (f - y) / 15`` come out without any rule for squared error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import axes as axis_rules
from engine.ops import NEGATED, TABLE

if TYPE_CHECKING:
    from engine.graph import Graph


@dataclass(frozen=True, slots=True, eq=False)
class Ref:
    """``times / over × value``; ``index`` None is a matrix of ones of ``ones`` shape that is never stored."""

    graph: Graph
    index: int | None
    times: Fraction = Fraction(1)
    over: Fraction = Fraction(1)
    ones: tuple[int, ...] = ()
    ones_like: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.ones if self.index is None else self.graph.cells[self.index].shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        source = self.index if self.index is not None else self.ones_like
        assert source is not None
        return self.graph.cells[source].dtype

    @property
    def active(self) -> bool:
        return self.index is not None and self.graph.cells[self.index].active

    @property
    def number(self) -> int | float | None:
        """The number, if this is one written into the code."""
        if self.index is None or self.graph.cells[self.index].kind != "literal":
            return None
        return self.graph.cells[self.index].array  # type: ignore[no-any-return]

    @property
    def plain(self) -> bool:
        return self.times == 1 and self.over == 1

    def scaled(self, times: Fraction, over: Fraction = Fraction(1)) -> Ref:
        """The same value with a number in front; whole numbers are reduced, decimals stay as they were written."""
        if times == 1 and over == 1:
            return self
        times, over = self.times * times, self.over * over
        if times.denominator == 1 and over.denominator == 1:
            ratio = Fraction(times, over)
            times, over = Fraction(ratio.numerator), Fraction(ratio.denominator)
        return Ref(self.graph, self.index, times, over, self.ones, self.ones_like)

    def _bare(self) -> Ref:
        return Ref(self.graph, self.index, ones=self.ones, ones_like=self.ones_like)

    def value(self) -> int:
        """The index of a value that equals this, appending what it takes (ones, a factor, a sign)."""
        if self.index is None and not self.ones and self.dtype == np.float64:
            return self.graph.literal(float(self.times / self.over))
        if self.index is None:
            bare = self._node("ones", (), {"shape": self.ones, "dtype": _short(self.dtype)})
            axes = self.graph.cells[self.ones_like].axes if self.ones_like is not None else ()
            if len(axes) == len(self.ones):
                self.graph.cells[bare].axes = axes
        else:
            bare = self.index
        times = self.times
        if times < 0:
            bare, times = self._negated(bare, times)
        if times != 1:
            bare = self._node("multiply", (self.graph.literal(_number(times)), bare))
        if self.over != 1:
            bare = self._node("divide", (bare, self.graph.literal(_number(self.over))))
        return bare

    def _negated(self, bare: int, times: Fraction) -> tuple[int, Fraction]:
        """A negative number in front: a difference is turned round, −1 is a sign, anything else stays a number."""
        node = self.graph.node_of(bare)
        if node is not None and node.op == "subtract" and node.backward:
            return self._node("subtract", (node.inputs[1], node.inputs[0])), -times
        return (self._node("negative", (bare,)), Fraction(1)) if times == -1 else (bare, times)

    def _node(self, op: str, inputs: tuple[int, ...], attributes: dict[str, Any] | None = None) -> int:
        return self.graph.apply(op, inputs, attributes, backward=True)

    def apply(self, op: str, *others: Ref, **attributes: Any) -> Ref:
        """Any operation of the table on plain values; the number in front stays there only where op is linear in g."""
        linear = TABLE[op].linear == "linear"
        if self.index is None and op == "reshape":
            return Ref(self.graph, None, self.times, self.over, attributes["shape"], self.ones_like)
        if self.index is None and linear:
            return Ref(self.graph, self._bare().value(), self.times, self.over).apply(op, *others, **attributes)
        base = self._bare().value() if linear else self.value()
        made = self.graph.ref(self._node(op, (base, *(o.value() for o in others)), attributes))
        return made.scaled(self.times, self.over) if linear else made

    def _with(self, other: Ref | int | float) -> Ref:
        return other if isinstance(other, Ref) else self.graph.ref(self.graph.literal(other))

    def _dropping_broadcast(self, other: Ref) -> int | None:
        """The unbroadcast value, where NumPy broadcasts it beside ``other`` anyway."""
        if self.index is None:
            return None
        node = self.graph.node_of(self.index)
        if node is None or node.op != "broadcast_to" or not node.backward:
            return self.index
        before = self.graph.cells[node.inputs[0]].shape
        same = np.broadcast_shapes(before, other.shape) == np.broadcast_shapes(self.shape, other.shape)
        return node.inputs[0] if same else self.index

    def __mul__(self, other: Ref | int | float) -> Ref:
        other = self._with(other)
        for a, b in ((self, other), (other, self)):
            if a.number is not None and a.plain and isfinite(a.number):
                return b.scaled(_fraction(a.number))
        for a, b in ((self, other), (other, self)):
            if a.index is None and np.broadcast_shapes(a.shape, b.shape) == b.shape:
                if b.dtype == np.bool_:
                    b = b.apply("astype", dtype=_short(a.dtype) or "float64")
                return b.scaled(a.times, a.over)
        left = self._dropping_broadcast(other)
        right = other._dropping_broadcast(self)
        if left is None:
            left = self._bare().value()
        if right is None:
            right = other._bare().value()
        if self.index is not None and other.index is not None and left != self.index and right != other.index:
            left = self.index
        return self.graph.ref(self._node("multiply", (left, right))).scaled(
            self.times * other.times, self.over * other.over
        )

    __rmul__ = __mul__

    def __truediv__(self, other: Ref | int | float) -> Ref:
        other = self._with(other)
        if other.number and other.plain and isfinite(other.number):
            return self.scaled(Fraction(1), _fraction(other.number))
        left = self._dropping_broadcast(other)
        if left is None:
            left = self.graph.literal(1) if other.shape == self.shape else self._bare().value()
        made = self.graph.ref(self._node("divide", (left, other._bare().value())))
        return made.scaled(self.times * other.over, self.over * other.times)

    def __matmul__(self, other: Ref) -> Ref:
        made = self.graph.ref(self._node("matmul", (self._bare().value(), other._bare().value())))
        return made.scaled(self.times * other.times, self.over * other.over)

    def outer(self, other: Ref) -> Ref:
        made = self.graph.ref(self._node("outer", (self._bare().value(), other._bare().value())))
        return made.scaled(self.times * other.times, self.over * other.over)

    def __neg__(self) -> Ref:
        return self.scaled(Fraction(-1))

    def __pow__(self, exponent: Ref | int | float) -> Ref:
        exponent = self._with(exponent)
        if exponent.number == 1:
            return self
        return self.apply("power", exponent)

    def __add__(self, other: Ref | int | float) -> Ref:
        return self._sum("add", other)

    def __sub__(self, other: Ref | int | float) -> Ref:
        return self._sum("subtract", other)

    def __rsub__(self, other: int | float) -> Ref:
        return self._with(other) - self

    def _sum(self, op: str, other: Ref | int | float) -> Ref:
        other = self._with(other)
        if op == "add" and other.times < 0 and self.times > 0:
            return self._sum("subtract", -other)
        if op == "add" and self.times < 0 and other.times > 0:
            return other._sum("subtract", -self)
        a, b = self._beside(other), other._beside(self)
        if a is not self and b is not other:
            b = other  # one of them has to bring the shape
        if a.over == b.over and a.times == b.times and a.index is not None and b.index is not None:
            left, right, times, over = a.index, b.index, a.times, a.over
        else:
            left, right, times, over = a.value(), b.value(), Fraction(1), Fraction(1)
        return self.graph.ref(self._node(op, (left, right))).scaled(times, over)

    def _beside(self, other: Ref) -> Ref:
        """This value without a broadcast that NumPy makes beside ``other`` anyway."""
        index = self._dropping_broadcast(other)
        return self if index == self.index else Ref(self.graph, index, self.times, self.over)

    def _compare(self, op: str, other: Ref | int | float) -> Ref:
        return self.apply(op, self._with(other))

    def __gt__(self, other: Ref | int | float) -> Ref:
        return self._compare("greater", other)

    def __ge__(self, other: Ref | int | float) -> Ref:
        return self._compare("greater_equal", other)

    def __lt__(self, other: Ref | int | float) -> Ref:
        return self._compare("less", other)

    def __le__(self, other: Ref | int | float) -> Ref:
        return self._compare("less_equal", other)

    @property
    def T(self) -> Ref:
        if self.ndim < 2:
            return self
        if self.index is not None:
            node = self.graph.node_of(self.index)
            if node is not None and node.op == "transpose" and node.attributes.get("axes") is None:
                return Ref(self.graph, node.inputs[0], self.times, self.over)
        return self.apply("transpose")

    @property
    def matrix_T(self) -> Ref:
        """Every matrix of a stack transposed: the last two axes swapped."""
        if self.ndim == 2:
            return self.T
        order = (*range(self.ndim - 2), self.ndim - 1, self.ndim - 2)
        if self.index is not None:
            node = self.graph.node_of(self.index)
            if node is not None and node.op == "transpose" and node.attributes.get("axes") == order:
                return Ref(self.graph, node.inputs[0], self.times, self.over)
        return self.apply("transpose", axes=order)

    def shaped(self, shape: tuple[int, ...]) -> Ref:
        """The same entries in another shape."""
        return self if self.shape == shape else self.apply("reshape", shape=shape)

    def cast(self, like: Ref) -> Ref:
        """The same values in the dtype of ``like``."""
        if self.dtype == like.dtype:
            return self
        if self.index is None:
            return Ref(self.graph, None, self.times, self.over, self.ones, like.index)
        return self.apply("astype", dtype=str(like.dtype))

    def literal(self, number: int | float) -> Ref:
        """A number in the same graph."""
        return self.graph.ref(self.graph.literal(number))

    def identity(self, rows: int, columns: int) -> Ref:
        """Ones on the diagonal, in the dtype of this value."""
        attributes = {"size": rows, "columns": None if rows == columns else columns, "dtype": _short(self.dtype)}
        return self.graph.ref(self._node("eye", (), attributes))

    def counting(self, axis: int) -> Ref:
        """0, 1, 2, ... along one axis, shaped so that it broadcasts along the others."""
        counted = self.graph.ref(self._node("arange", (), {"size": self.shape[axis]}))
        behind = self.ndim - axis - 1
        index = (("slice", None, None, None), *(("new",) for _ in range(behind)))
        return counted.apply("getitem", index=index) if behind else counted

    def contracted(self, subscripts: str, *others: Ref) -> Ref:
        """A sum of products over named indices, this value being the first factor."""
        operands = (self._bare().value(), *(o._bare().value() for o in others))
        made = self.graph.ref(self._node("einsum", operands, {"subscripts": subscripts}))
        for factor in (self, *others):
            made = made.scaled(factor.times, factor.over)
        return made

    def truth(self) -> Ref:
        """A condition as a mask: numbers count as true where they are not zero."""
        return self if self.dtype == np.bool_ else self.apply("not_equal", self._with(0))

    def negated(self) -> Ref:
        """The opposite of a condition; a comparison is turned round, so that it still reads as one."""
        assert self.index is not None
        if self.number is not None:
            return self.literal(not self.number)
        node = self.graph.node_of(self.index)
        if node is not None and node.op in NEGATED:
            return self.graph.ref(self._node(NEGATED[node.op], node.inputs))
        if node is not None and node.op == "invert":
            return self.graph.ref(node.inputs[0])
        return self.apply("invert")

    def sum(self, axis: Any = None, keepdims: bool = False) -> Ref:
        attributes = {"axis": axis % self.ndim if isinstance(axis, int) else axis, "keepdims": keepdims}
        made = self.graph.ref(self._node("sum", (self._bare().value(),), attributes))
        return made.scaled(self.times, self.over)

    def kept(self, a: Ref, attributes: dict[str, Any]) -> Ref:
        """A reduction's result with the reduced axes put back as size 1, to stand beside ``a``."""
        gone = axis_rules.normalised(attributes.get("axis"), a.ndim)
        if attributes.get("keepdims") or len(gone) == a.ndim:
            return self
        return self.apply("expand_dims", axis=gone[0] if len(gone) == 1 else gone)

    def spread(self, a: Ref, attributes: dict[str, Any]) -> Ref:
        """The gradient of a reduction's result, standing at every entry that went into it."""
        if self.index is None:
            return Ref(self.graph, None, self.times, self.over, a.shape, a.index)
        kept = self.kept(a, attributes)
        if kept.shape == a.shape:
            return kept
        assert kept.index is not None
        made = Ref(self.graph, self._node("broadcast_to", (kept.index,), {"shape": a.shape}), kept.times, kept.over)
        assert made.index is not None and a.index is not None
        self.graph.cells[made.index].axes = self.graph.cells[a.index].axes
        return made

    def count(self, attributes: dict[str, Any], like: Ref) -> Ref:
        """How many entries of a mask are set along the reduced axes, in the dtype of ``like``."""
        settings = {"axis": attributes.get("axis"), "keepdims": attributes.get("axis") is not None}
        if _short(like.dtype):
            settings["dtype"] = _short(like.dtype)
        return self.apply("sum", **settings)

    def scatter(self, g: Ref, index: tuple[Any, ...], arrays: Iterable[Ref]) -> Ref:
        """Zeros like this value, with ``g`` at ``index`` (added up where integer indices may repeat)."""
        arrays = tuple(arrays)
        repeats = any(a.dtype != np.bool_ for a in arrays)
        base = g._bare().value()
        indices = (self.value(), base, *(a.value() for a in arrays))
        made = self.graph.ref(self._node("scatter", indices, {"index": index, "repeats": repeats}))
        return made.scaled(g.times, g.over)

    def setitem(self, number: int, index: tuple[Any, ...], arrays: Iterable[Ref]) -> Ref:
        indices = (self._bare().value(), self.graph.literal(number), *(a.value() for a in arrays))
        return self.graph.ref(self._node("setitem", indices, {"index": index})).scaled(self.times, self.over)


def _fraction(number: int | float) -> Fraction:
    return Fraction(repr(number)) if isinstance(number, float) and np.isfinite(number) else Fraction(int(number))


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _short(dtype: np.dtype[Any]) -> str | None:
    """The name of a float type, None for float64, which NumPy makes unasked."""
    return None if dtype == np.float64 else str(dtype)
