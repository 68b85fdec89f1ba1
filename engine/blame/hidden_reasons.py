"""Why a mistake cannot be seen on an input: one sentence that names what in the numbers hides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.blame.mutations import Change
from engine.blame.quantities import Quantity
from engine.blame.reference import Apply, Array, Expr, Known, Of, Reference
from engine.ir import Node

_COMPARED = ("greater", "greater_equal", "less", "less_equal")
_WHATEVER = "the numbers happen to be equal on this input"


class Reasons:
    """The reasons for one step; ``cut`` are the gradients that it starts from."""

    def __init__(self, here: Reference, quantity: Quantity, cut: Sequence[int]) -> None:
        self.here, self.quantity, self.cut = here, quantity, cut
        self.zero = f"{quantity.symbol} is zero throughout"
        self._one = here.program.examples == 1

    def of(self, change: Change) -> str:
        """The sentence, without a full stop, for a change that numbers drawn anew would show."""
        if not np.any(self.quantity.true):
            return self.zero
        by_name = {
            "relu-mask-missing": self._mask_missing,
            "relu-mask-wrong-layer": self._other_mask,
            "relu-mask-from-gradient": self._other_mask,
            "transposed": self._transposed,
            "forward-bias-forgotten": self._left_out,
            "regularisation-missing": self._left_out,
            "accumulation-overwritten": self._left_out,
            "activation-derivative-missing": self._derivative,
            "activation-derivative-wrong-value": self._derivative,
        }
        special = by_name.get(change.mistake)
        said = self._nothing(change) or (special(change) if special else "")
        return said or self.equal(change) or self._dead() or _WHATEVER

    def _nothing(self, change: Change) -> str:
        """An array that is 0 throughout, which is changed or stands beside what is changed."""
        node = self.here.node(change.at)
        for index in (change.at, *(node.inputs if node is not None else ())):
            array = self.here.arrays[index]
            if array.size > 1 and array.dtype.kind == "f" and not np.any(array):
                leaf = self._leaf(index)
                return f"{self._symbol(leaf)} is 0 throughout" if leaf is not None else "what is added is 0 throughout"
        return ""

    # ---- masks ---------------------------------------------------------------------------------------------

    def _masks(self) -> Iterator[tuple[int, Node]]:
        """The masks of the step, each with the comparison that makes it."""
        for index in self.here.step(self.quantity.target[0], dict.fromkeys(self.cut, np.empty(0))):
            node = self.here.node(index)
            if node is not None and node.op in _COMPARED:
                yield index, node

    def _mask_missing(self, change: Change) -> str:
        masks = [self.here.arrays[index] for index, _ in self._masks()]
        if masks and all(np.all(mask) for mask in masks):
            return f"no unit is off{self._for_any}, so the mask is 1 throughout"
        return self._dead() or "what the mask cuts off is 0 already"

    def _other_mask(self, change: Change) -> str:
        """A mask that another array would give: which two are equal, and why."""
        mask = self.here.arrays[change.at]
        other = self._value(change.instead)
        symbols = self._said(change.right), self._said(change.wrong)
        if other is not None and other.shape == mask.shape and np.array_equal(mask, other):
            if np.all(mask):
                return f"no unit is off{self._for_any}: both masks are 1 throughout"
            if not np.any(mask):
                return f"every unit is off{self._for_every}: both masks are 0 throughout"
            if all(symbols):
                return f"{symbols[0]} and {symbols[1]} have the same signs, so their masks are equal"
            return "the two masks are equal here"
        return "the masks differ only where the gradient is 0"

    @property
    def _for_any(self) -> str:
        return "" if self._one else " for any example"

    @property
    def _for_every(self) -> str:
        return "" if self._one else " for every example"

    def _dead(self) -> str:
        """A unit that is off for every example, where the step has a mask with such a unit."""
        for index, node in self._masks():
            value, mask = self.here.program.values[index], self.here.arrays[index]
            for k, name in enumerate(value.axes):
                others = tuple(j for j in range(mask.ndim) if j != k)
                if name in (None, "n") or mask.shape[k] < 2:
                    continue
                off = np.flatnonzero(~np.any(mask, axis=others))
                if len(off):
                    compared = next((i for i in node.inputs if i not in self.here.program.literals), None)
                    whose = self._symbol(compared) if compared is not None else f"{name}"
                    units = f"unit {off[0]} of {whose} is" if len(off) == 1 else f"{_listed(off)} of {whose} are"
                    its = "its share" if len(off) == 1 else "their share"
                    return f"{units} off{self._for_every}, so {its} of {self.quantity.symbol} is exactly 0"
        return ""

    # ---- products and sums ---------------------------------------------------------------------------------

    def _transposed(self, change: Change) -> str:
        node = self.here.node(change.at)
        for index in node.inputs if node is not None else ():
            inner = self.here.node(index)
            of = inner.inputs[0] if inner is not None and inner.op == "transpose" else index
            array = self.here.arrays[of]
            if array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and np.allclose(array, array.T, atol=0):
                return f"{self._symbol(of)} is square and equals its transpose"
        array = self.here.arrays[change.at]
        if array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and np.allclose(array, array.T, atol=0):
            return "the product is square and equals its transpose"
        return ""

    def _left_out(self, change: Change) -> str:
        """A term of a sum that no mask would notice."""
        node = self.here.node(change.at)
        if node is not None and not node.backward and any(True for _ in self._masks()):
            return f"without {self._said(change.wrong) or 'it'} the same units are on"
        return ""

    def _leaf(self, index: int) -> int | None:
        """The parameter or the array of the data whose zeros make a value zero."""
        while (node := self.here.node(index)) is not None:
            zeros = [i for i in node.inputs if self.here.arrays[i].size > 1 and not np.any(self.here.arrays[i])]
            if not zeros:
                return None
            index = zeros[0]
        return index if self.here.program.values[index].role in ("parameter", "data") else None

    def _derivative(self, change: Change) -> str:
        node = self.here.node(change.at)
        kept = _mentioned(change.instead)
        for index in node.inputs if node is not None else ():
            array = self.here.arrays[index]
            if index not in kept and index not in self.here.program.literals and np.all(array == 1):
                symbol = self._symbol(index)
                return f"{symbol} is 1 throughout" if symbol else "the factor that is left out is 1 throughout"
        return self.equal(change)

    # ---- anything ------------------------------------------------------------------------------------------

    def equal(self, change: Change) -> str:
        """Two arrays that hold the same numbers, one in the place of the other."""
        for own, other in exchanged(self.here, change):
            one, two = self.here.arrays[own], self.here.arrays[other]
            if one.shape != two.shape or not np.array_equal(one, two):
                continue
            if self._symbol(own) and self._symbol(other):
                return f"{self._symbol(own)} and {self._symbol(other)} hold the same numbers"
            node = self.here.node(own)
            for index in node.inputs if node is not None and node.op == "multiply" else ():
                if self._symbol(index) and np.all(self.here.arrays[index] == 1):
                    return f"{self._symbol(index)} is 1 throughout"
        return ""

    def _value(self, expression: Expr) -> Array | None:
        try:
            return self.here.expr(expression, {})
        except Exception:
            return None

    def _symbol(self, index: int | None) -> str:
        if index is None:
            return ""
        value = self.here.program.values[index]
        return value.symbol or value.path or value.name or ""

    def _said(self, name: str) -> str:
        """The symbol of a value by its name."""
        index = self.here.program.by_name.get(name)
        return self._symbol(index) if index is not None else name


def exchanged(here: Reference, change: Change) -> Iterator[tuple[int, int]]:
    """Operands of the step, each with the known value that stands in its place."""
    node, instead = here.node(change.at), change.instead
    if node is None or not isinstance(instead, Apply) or len(instead.operands) != len(node.inputs):
        return
    for own, other in zip(node.inputs, instead.operands, strict=True):
        inner = here.node(own)
        turned = (
            inner is not None and inner.op == "transpose" and isinstance(other, Known) and other.value in inner.inputs
        )
        if turned:
            continue  # the same array without its transpose
        if isinstance(other, Known):
            yield own, other.value
        elif isinstance(other, Apply) and other.op == "transpose" and isinstance(other.operands[0], Known):
            yield inner.inputs[0] if inner is not None and inner.op == "transpose" else own, other.operands[0].value


def _mentioned(expression: Expr) -> set[int]:
    match expression:
        case Of(value) | Known(value):
            return {value}
        case Apply(_, operands):
            return set().union(*(_mentioned(operand) for operand in operands))
        case _:
            return set()


def _listed(numbers: Sequence[int] | Array) -> str:
    several = [str(n) for n in numbers]
    if len(several) > 4:
        return f"{len(several)} units"
    return f"units {', '.join(several[:-1])} and {several[-1]}"
