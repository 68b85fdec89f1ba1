"""How a reference step can be wrong: every change of its node list that has a name.

Nothing here knows a network. A change puts another expression in the place of one value of the step: an operand left
out, turned round or exchanged, a sum along another axis, a contribution with another coefficient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from engine.blame.quantities import Quantities
from engine.blame.reference import Apply, Array, Cannot, Cut, Expr, Given, Known, Of, Reference
from engine.ir import Group, Node

_WHOLE = ("slice", None, None, None)
_LAST = ("slice", -1, None, None)
_MASKS = ("greater", "greater_equal", "less", "less_equal")


@dataclass(frozen=True, eq=False)
class Change:
    """At value ``at`` stands ``instead``; ``wrong`` and ``right`` are what the sentence puts beside each other.

    ``linear``: the coefficient of ``instead`` is unknown, it is the contribution whose factor is to be found.
    """

    mistake: str
    at: int
    instead: Expr
    wrong: str = ""
    right: str = ""


class Mutations:
    """The changes of the steps of one reference."""

    def __init__(self, quantities: Quantities, number: int) -> None:
        self.quantities, self.number = quantities, number
        self.reference: Reference = quantities.references[number]
        program = self.reference.program
        self.groups: dict[int, Group] = {}
        for group in quantities.program.groups:
            self.groups.setdefault(group.output, group)
        self.by_shape: dict[tuple[int, ...], list[int]] = {}
        for value in program.values:
            if value.literal or value.dtype.kind != "f" or not self.label(value.index):
                continue
            self.by_shape.setdefault(value.shape, []).append(value.index)
        self.examples = program.examples

    def _of(self, gradient: int) -> frozenset[int]:
        """The values that this is the gradient of: one array can be that of several."""
        quantity = self.quantities.by_value.get((self.number, gradient))
        if quantity is None or quantity.kind != "gradient":
            return frozenset()
        return frozenset(
            v for i in quantity.values[self.number] if (v := self.reference.gradient_of.get(i)) is not None
        )

    def label(self, index: int) -> str:
        """How a value is said: its name; '' where it has none."""
        value = self.reference.program.values[index]
        return value.name or value.path or ""

    def shape(self, index: int) -> tuple[int, ...]:
        return self.reference.program.values[index].shape

    def is_gradient(self, index: int) -> bool:
        """Whether the value carries what came from the loss (a mask or ``1 - h ** 2`` does not)."""
        node = self.reference.node(index)
        return node is not None and node.backward and self.reference.program.values[index].role == "gradient"

    def changes(
        self,
        target: int,
        cut: Cut,
        stale: Mapping[int, Sequence[tuple[str, Array]]],
        read: Sequence[tuple[str, Array]] = (),
    ) -> Iterator[Change]:
        """All single changes of the step from the cut to ``target``.

        ``stale`` are later arrays of a parameter, ``read`` what the learner's line looks at.
        """
        step = self.reference.step(target, cut)
        for index in step:
            node = self.reference.node(index)
            assert node is not None
            match node.op:
                case "multiply" | "divide":
                    yield from self._factor(node)
                case "where":
                    yield from self._where(node)
                case "matmul" | "outer" | "inner":
                    yield from self._product(node)
                case "sum" | "mean":
                    yield from self._sum(node, target)
                case "add" | "subtract":
                    yield from self._contribution(node)
                case "power" | "negative" | "transpose":
                    yield from self._unary(node)
                case _:
                    pass
            yield from self._operands(node, stale)
            if node.op in ("matmul", "outer", "sum") and (node.backward or index == target):
                yield from self._read(node, read)
        yield from self._skipped(target)

    # ---- factors: masks and derivatives -------------------------------------------------------------------

    def _is_mask(self, index: int) -> bool:
        return self.reference.program.values[index].dtype == np.bool_

    def _factor(self, node: Node) -> Iterator[Change]:
        left, right = node.inputs
        pairs = [(left, right), (right, left)] if node.op == "multiply" else [(left, right)]
        for kept, dropped in pairs:
            if self.shape(kept) != self.shape(node.output) or self.reference.program.values[dropped].literal:
                continue
            if self._is_mask(dropped):
                yield Change("relu-mask-missing", node.output, Of(kept))
                yield from self._other_masks(dropped, kept)
            elif node.backward and not self.is_gradient(dropped):
                name = (
                    "activation-derivative-missing" if self.is_gradient(kept) else "activation-derivative-wrong-value"
                )
                yield Change(name, node.output, Of(kept))

    def _where(self, node: Node) -> Iterator[Change]:
        mask, *branches = node.inputs
        for kept in branches:
            if self.is_gradient(kept) and self.shape(kept) == self.shape(node.output):
                yield Change("relu-mask-missing", node.output, Of(kept))
                yield from self._other_masks(mask, kept)

    def _other_masks(self, mask: int, upstream: int) -> Iterator[Change]:
        node = self.reference.node(mask)
        if node is None or node.op not in _MASKS:
            return
        compared = next((i for i in node.inputs if not self.reference.program.values[i].literal), None)
        if compared is None:
            return

        def other(operand: Expr) -> Expr:
            return Apply(node.op, tuple(operand if i == compared else Of(i) for i in node.inputs))

        yield Change("relu-mask-from-gradient", mask, other(Of(upstream)), right=self.label(compared))
        yield Change(
            "activation-derivative-wrong-value",
            mask,
            Apply("less_equal" if node.op.startswith("greater") else "greater", tuple(Of(i) for i in node.inputs)),
            wrong="the mask is the other way round",
        )
        for index in self.by_shape.get(self.shape(compared), []):
            if index == compared:
                continue
            name = "relu-mask-from-gradient" if self.is_gradient(index) else "relu-mask-wrong-layer"
            yield Change(name, mask, other(Known(index)), wrong=self.label(index), right=self.label(compared))

    # ---- products ------------------------------------------------------------------------------------------

    def _product(self, node: Node) -> Iterator[Change]:
        a, b = node.inputs
        shape = self.shape(node.output)
        if len(shape) > 2:
            return
        turned: dict[int, list[Expr]] = {i: [Of(i), Apply("transpose", (Of(i),))] for i in (a, b)}
        for x, y in product(turned[a], turned[b]):
            for first, second in ((x, y), (y, x)):
                plain = first is turned[a][0] and second is turned[b][0]
                for made in (
                    Apply(node.op, (first, second), spelling=node.spelling),
                    Apply("transpose", (Apply(node.op, (first, second), spelling=node.spelling),)),
                ):
                    if not (plain and made.op != "transpose"):
                        yield Change("transposed", node.output, made)
            yield Change("elementwise-for-matmul", node.output, Apply("multiply", (x, y)))
        # `*` on the arrays as they stand in the line, before the transpose that @ needs
        inner = self._untransposed(a), self._untransposed(b)
        yield Change("elementwise-for-matmul", node.output, Apply("multiply", (Of(inner[0]), Of(inner[1]))))
        if node.op == "matmul" and len(self.shape(a)) == len(self.shape(b)) == 2:
            picked = Apply(
                "matmul",
                (
                    Apply("getitem", (Of(a),), {"index": (_WHOLE, _LAST)}, "operator"),
                    Apply("getitem", (Of(b),), {"index": (_LAST, _WHOLE)}, "operator"),
                ),
            )
            if self.shape(a)[1] == self.examples:
                yield Change("last-example-only", node.output, picked)

    def _untransposed(self, index: int) -> int:
        node = self.reference.node(index)
        return node.inputs[0] if node is not None and node.op == "transpose" else index

    # ---- sums ----------------------------------------------------------------------------------------------

    def _sum(self, node: Node, target: int) -> Iterator[Change]:
        operand = node.inputs[0]
        inside = self.shape(operand)
        of = self.reference.gradient_of.get(target)
        bias = of is not None and self.reference.program.values[of].role == "parameter"
        axis = node.attributes.get("axis")
        if bias:
            yield Change("bias-not-summed", node.output, Of(operand))
        for other in range(len(inside)):
            if other != axis and bias:
                for keep in (True, False):
                    made = Apply("sum", (Of(operand),), {"axis": other, "keepdims": keep})
                    yield Change("bias-wrong-axis", node.output, made)
        if bias and axis is not None:
            yield Change("bias-wrong-axis", node.output, Apply("sum", (Of(operand),), {"axis": None}))
        if bias and isinstance(axis, int) and axis < len(inside):
            picked = tuple(_LAST if k == axis else _WHOLE for k in range(axis + 1))
            last = Apply("getitem", (Of(operand),), {"index": picked}, "operator")
            yield Change("last-example-only", node.output, Apply("sum", (last,), dict(node.attributes)))

    # ---- contributions -------------------------------------------------------------------------------------

    def _contribution(self, node: Node) -> Iterator[Change]:
        left, right = node.inputs
        for kept, lost in ((left, right), (right, left)):
            if self.reference.program.values[lost].literal or self.shape(kept) != self.shape(node.output):
                continue
            negative = node.op == "subtract" and kept == right
            instead: Expr = Apply("negative", (Of(kept),)) if negative else Of(kept)
            yield Change(self._lost(node, kept, lost), node.output, instead, wrong=self.label(lost))
        if node.op == "subtract":
            yield Change("sign", node.output, Apply("subtract", (Of(right), Of(left))))
            yield Change("sign", node.output, Apply("add", (Of(left), Of(right))))
        else:
            yield Change("sign", node.output, Apply("subtract", (Of(left), Of(right))))
            yield Change("sign", node.output, Apply("subtract", (Of(right), Of(left))))

    def _lost(self, node: Node, kept: int, lost: int) -> str:
        if not node.backward:
            return "forward-bias-forgotten" if self._is_parameter(lost) else "wrong-operand"
        if self.is_gradient(kept) and self.is_regularisation(lost):
            return "regularisation-missing"
        if self.is_gradient(kept) and self.is_gradient(lost):
            return "accumulation-overwritten"
        return "activation-derivative-wrong-value" if not self.is_gradient(node.output) else "wrong-operand"

    def _is_parameter(self, index: int) -> bool:
        while (node := self.reference.node(index)) is not None and node.op in ("getitem", "reshape", "broadcast_to"):
            index = node.inputs[0]
        return self.reference.program.values[index].role == "parameter"

    def is_regularisation(self, index: int) -> bool:
        """Whether a contribution is made of parameters and numbers alone."""
        leaves = [
            i
            for i in self.reference.below(index)
            if self.reference.node(i) is None and not self.reference.program.values[i].literal
        ]
        sizes = [i for i in leaves if np.size(self.reference.arrays[i]) > 1]
        return bool(sizes) and all(self.reference.program.values[i].role == "parameter" for i in sizes)

    def coefficients(self, target: int, cut: Cut) -> Iterator[tuple[str, int, int]]:
        """The contributions of the step whose coefficient can be wrong: mistake, where it is added, what is added."""
        for index in self.reference.step(target, cut):
            node = self.reference.node(index)
            if node is None or node.op not in ("add", "subtract"):
                continue
            for lost in node.inputs:
                if self.reference.program.values[lost].literal:
                    continue
                name = "regularisation-factor" if self.is_regularisation(lost) else "factor"
                yield name, index, lost

    # ---- single operands -----------------------------------------------------------------------------------

    def _unary(self, node: Node) -> Iterator[Change]:
        (operand, *_) = node.inputs
        if node.op == "negative":
            yield Change("sign", node.output, Of(operand))
        elif node.op == "power" and not self.is_gradient(node.output):
            yield Change("activation-derivative-wrong-value", node.output, Of(operand))
        elif node.op == "transpose" and len(self.shape(operand)) == 2 and len(set(self.shape(operand))) == 1:
            yield Change("transposed", node.output, Of(operand))

    def _operands(self, node: Node, stale: Mapping[int, Sequence[tuple[str, Array]]]) -> Iterator[Change]:
        """Another array where an operand stands: of the same shape, or in a product of one that fits."""
        if node.op in ("same", "scatter", *_MASKS):
            return
        for k, operand in enumerate(node.inputs):
            value = self.reference.program.values[operand]
            if value.literal or value.dtype.kind != "f":
                continue

            def with_other(other: Expr, k: int = k) -> Expr:
                operands = tuple(other if j == k else Of(i) for j, i in enumerate(node.inputs))
                return Apply(node.op, operands, node.attributes, node.spelling)

            for name, array in stale.get(operand, ()):
                yield Change("stale-weight", node.output, with_other(Given(array, name)), wrong=name)
            shape = self.shape(operand)
            for index in self.by_shape.get(shape, []):
                if index == operand:
                    continue
                mistake = self._exchanged(node, operand, index)
                yield Change(mistake, node.output, with_other(Known(index)), self.label(index), self._said(operand))
            if len(shape) == 2 and node.op in ("matmul", "outer"):
                for index in self.by_shape.get(shape[::-1], []):
                    if index != self._untransposed(operand):
                        turned = Apply("transpose", (Known(index),))
                        mistake = self._exchanged(node, self._untransposed(operand), index)
                        yield Change(mistake, node.output, with_other(turned), self.label(index), self._said(operand))

    def _read(self, node: Node, read: Sequence[tuple[str, Array]]) -> Iterator[Change]:
        """What the line reads, in the place of an operand, as it is and transposed."""
        for k, operand in enumerate(node.inputs):
            for name, array in read:
                for other in (Given(array, name), Given(array.T, f"{name}.T")):
                    operands = tuple(other if j == k else Of(i) for j, i in enumerate(node.inputs))
                    instead = Apply(node.op, operands, node.attributes, node.spelling)
                    yield Change("wrong-operand", node.output, instead, other.name, self._said(operand))

    def _said(self, index: int) -> str:
        return self.label(index) or self.label(self._untransposed(index))

    def _exchanged(self, node: Node, operand: int, other: int) -> str:
        """dh1 in the place of dz1 is a step left out; z1 for h1 in 1 - h1 ** 2 is a derivative of the wrong array."""
        if self.is_gradient(operand) and self.is_gradient(other) and other in self.reference.below(operand):
            return self.skip_name(operand, other) or "wrong-operand"
        inner = node.backward and not self.is_gradient(node.output) and node.op != "transpose"
        if inner and not self.is_gradient(operand):
            return "activation-derivative-wrong-value"
        product = node.op in ("matmul", "outer", "sum")
        if node.backward and not product and not self.is_gradient(operand) and node.op in ("multiply", "divide"):
            return "activation-derivative-wrong-value"
        return "wrong-operand"

    # ---- steps left out ------------------------------------------------------------------------------------

    def skip_name(self, target: int, upstream: int) -> str | None:
        """What is left out where the gradient ``upstream`` stands for ``target``; None unless it is one named step."""
        of = self._of(target)
        group = next((g for v in self._of(upstream) if (g := self.groups.get(v)) is not None and g.operand in of), None)
        if group is not None:
            if group.kind == "relu":
                return "relu-mask-missing"
            return "softmax-jacobian-dropped" if group.kind == "softmax" else "activation-derivative-missing"
        between = self.reference.below(target) - self.reference.below(upstream)
        if any(self._is_mask(i) for i in between):
            return "relu-mask-missing"
        products = ("matmul", "sum", "outer")
        ops = {n.op for i in between if (n := self.reference.node(i)) is not None and self.is_gradient(i)}
        if ops & set(products):
            return None
        return "activation-derivative-missing" if ops & {"multiply", "divide", "where"} else None

    def _skipped(self, target: int) -> Iterator[Change]:
        of = self._of(target)
        for index in sorted(self.reference.gradient_of):
            if index == target or index not in self.reference.below(target) or self.shape(index) != self.shape(target):
                continue
            name = self.skip_name(target, index)
            if name is not None:
                yield Change(name, target, Known(index), self.label(index))
            for came in self._of(index):
                group = self.groups.get(came)
                if group is None or group.kind != "softmax" or group.operand not in of:
                    continue
                p = Known(came)
                slope = Apply("multiply", (p, Apply("subtract", (1, p))))
                yield Change("softmax-jacobian-diagonal", target, Apply("multiply", (Known(index), slope)))
                yield Change("softmax-jacobian-diagonal", target, Apply("multiply", (Known(index), p)))


def attempt(reference: Reference, target: int, cut: Cut, changes: Sequence[Change]) -> Array | None:
    """``target`` with all ``changes`` made; None where the shapes do not allow it."""
    try:
        return reference.value(target, cut, {change.at: change.instead for change in changes})
    except Cannot:
        return None
