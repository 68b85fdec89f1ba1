"""What the changes ask of a reference program: what a value is, what it may be mistaken for, what a step leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.blame.quantities import Quantities
from engine.blame.reference import Array, Cut, Expr, Reference
from engine.ir import Group, Node

PRODUCTS = ("matmul", "outer", "inner", "sum")
SLOPE, OPPOSITE = -2, -3
MASKS = ("greater", "greater_equal", "less", "less_equal")


@dataclass(frozen=True, eq=False)
class Change:
    """At value ``at`` stands ``instead``; ``wrong`` and ``right`` are what the sentence puts beside each other.

    ``operand`` is the value that another array stands for, -1 where the change is no exchange; `SLOPE` where ``wrong``
    is a whole derivative, `OPPOSITE` where a mask is the other way round. ``read``: that other array is one that the
    learner's line looks at.
    """

    mistake: str
    at: int
    instead: Expr
    wrong: str = ""
    right: str = ""
    operand: int = -1
    read: bool = False


class Facts:
    """One reference program and its arrays, as the changes see them."""

    def __init__(self, quantities: Quantities, number: int) -> None:
        self.quantities, self.number = quantities, number
        self.reference: Reference = quantities.references[number]
        self.program = self.reference.program
        self.examples = self.program.examples
        self.groups: dict[int, Group] = {}
        for group in quantities.program.groups:
            self.groups.setdefault(group.output, group)
        self.named: dict[tuple[int, ...], list[int]] = {}
        for value in self.program.values:
            if not value.literal and value.dtype.kind == "f" and self.label(value.index):
                self.named.setdefault(value.shape, []).append(value.index)
        self.leaves = frozenset(v.index for v in self.program.values if v.node is None and not v.literal)
        self._uses: dict[int, list[Node]] = {}
        for node in self.program.nodes:
            for index in node.inputs if node.backward else ():
                self._uses.setdefault(index, []).append(node)
        self._regularises: dict[int, bool] = {}
        self._skips: dict[tuple[int, int], str | None] = {}

    def label(self, index: int) -> str:
        """How a value is said: its name; '' where it has none."""
        value = self.program.values[index]
        return value.name or value.path or ""

    def said(self, index: int) -> str:
        """The name of a value, or of what it is the transpose of."""
        return self.label(index) or self.label(self.untransposed(index))

    def shape(self, index: int) -> tuple[int, ...]:
        return self.program.values[index].shape

    def is_literal(self, index: int) -> bool:
        """Whether it is a number written into the code."""
        return self.program.values[index].literal

    def is_mask(self, index: int) -> bool:
        """Whether it is made of truth values."""
        return self.program.values[index].dtype == np.bool_

    def is_gradient(self, index: int) -> bool:
        """Whether the value carries what came from the loss (a mask or ``1 - h ** 2`` does not)."""
        node = self.reference.node(index)
        return node is not None and node.backward and self.program.values[index].role == "gradient"

    def uses(self, index: int) -> list[Node]:
        """The operations of the backward pass that read a value."""
        return self._uses.get(index, [])

    def is_slope(self, index: int) -> bool:
        """Whether it belongs to a factor that a gradient is multiplied with, as ``h ** 2`` does in ``1 - h ** 2``."""
        if self.is_gradient(index):
            return False
        for node in self.uses(index):
            if self.is_gradient(node.output):
                others = [i for i in node.inputs if i != index]
                if node.op in ("multiply", "divide", "where") and any(self.is_gradient(i) for i in others):
                    return True
            elif self.is_slope(node.output):
                return True
        return False

    def is_other_factor(self, node: Node, operand: int) -> bool:
        """Whether the loss multiplies two arrays, and this is the one that the other's gradient is multiplied with."""
        for forward in self.program.nodes:
            if forward.op != "multiply" or forward.backward or operand not in forward.inputs:
                continue
            other = next((i for i in forward.inputs if i != operand), operand)
            of = self.program.gradients_of.get(other)
            if of is not None and (of == node.output or node.output in self._summed(of)):
                return True
        return False

    def _summed(self, index: int) -> frozenset[int]:
        """What a sum of contributions adds up."""
        node = self.reference.node(index)
        if node is None or node.op != "add":
            return frozenset([index])
        return frozenset().union(*(self._summed(i) for i in node.inputs))

    def is_branch(self, index: int) -> bool:
        """Whether it is a gradient where a condition holds, perhaps times a number."""
        node = self.reference.node(index)
        if node is None or node.op not in ("multiply", "where"):
            return False
        literal = any(self.is_literal(i) for i in node.inputs)
        return any(self.is_mask(i) or (literal and self.is_branch(i)) for i in node.inputs)

    def is_parameter(self, index: int) -> bool:
        """Whether it is a parameter, or a part or another shape of one."""
        while (node := self.reference.node(index)) is not None and node.op in ("getitem", "reshape", "broadcast_to"):
            index = node.inputs[0]
        return self.program.values[index].role == "parameter"

    def is_regularisation(self, index: int) -> bool:
        """Whether a contribution is made of one parameter and numbers alone, or of those of its rows that are used."""
        if index not in self._regularises:
            arrays = [i for i in self._leaves_of(index) if np.size(self.reference.arrays[i]) > 1]
            self._regularises[index] = len(arrays) == 1 and self.program.values[arrays[0]].role == "parameter"
        return self._regularises[index]

    def _leaves_of(self, index: int) -> set[int]:
        """The arrays whose entries a value is made of; those that only say which entries are none of them."""
        found, stack, seen = set[int](), [index], set[int]()
        while stack:
            top = stack.pop()
            if top in seen:
                continue
            seen.add(top)
            node = self.reference.node(top)
            if node is not None:
                at = node.index_at
                stack += node.inputs if at is None else node.inputs[at - 1 : at]
            elif not self.is_literal(top):
                found.add(top)
        return found

    def untransposed(self, index: int) -> int:
        """What the value is the transpose of, itself where it is none."""
        node = self.reference.node(index)
        return node.inputs[0] if node is not None and node.op == "transpose" else index

    def gradient_of(self, index: int) -> frozenset[int]:
        """The values that this is the gradient of: one array can be that of several."""
        quantity = self.quantities.by_value.get((self.number, index))
        if quantity is None or quantity.kind != "gradient":
            return frozenset()
        return frozenset(
            v for i in quantity.values[self.number] if (v := self.reference.gradient_of.get(i)) is not None
        )

    def skip_name(self, target: int, upstream: int) -> str | None:
        """What is left out where the gradient ``upstream`` stands for ``target``; None unless it is one named step."""
        key = (target, upstream)
        if key not in self._skips:
            self._skips[key] = self._skip_name(target, upstream)
        return self._skips[key]

    def _skip_name(self, target: int, upstream: int) -> str | None:
        of = self.gradient_of(target)
        above = (self.groups.get(v) for v in self.gradient_of(upstream))
        group = next((g for g in above if g is not None and g.operand in of), None)
        if group is not None:
            if group.kind == "relu":
                return "relu-mask-missing"
            return "softmax-jacobian-dropped" if group.kind == "softmax" else "activation-derivative-missing"
        between = self.reference.below(target) - self.reference.below(upstream)
        nodes = [n for i in between if (n := self.reference.node(i)) is not None and self.is_gradient(i)]
        if any(n.op in PRODUCTS for n in nodes):
            return None
        if any(self.is_mask(i) for n in nodes for i in (n.output, *n.inputs)):
            return "relu-mask-missing"
        return "activation-derivative-missing" if any(n.op in ("multiply", "divide", "where") for n in nodes) else None

    def twin(self, index: int) -> object:
        """What the values of one line that runs several times (time steps, layers in a loop) have in common."""
        of = self.reference.gradient_of.get(index)
        if of is not None:
            return ("gradient", self.twin(of))
        value, node = self.program.values[index], self.reference.node(index)
        if node is None:
            return ("leaf", value.role, value.shape) if not value.literal else ("literal", index)
        at = node.source and (node.source.line, node.source.column, node.source.end_column)
        return (node.op, at, node.backward, value.shape, tuple(self.twin_kind(i) for i in node.inputs))

    def twin_kind(self, index: int) -> tuple[str, tuple[int, ...], bool]:
        node = self.reference.node(index)
        return (node.op if node is not None else "", self.shape(index), self.is_gradient(index))


@dataclass(frozen=True, eq=False)
class Site:
    """One step of a reference: from ``cut`` to ``target``, and what the learner has at hand there.

    ``stale`` are later arrays of a parameter, ``read`` what the learner's line looks at, ``scale`` the factor that the
    learner's inner gradients carry. ``known`` are the values that another array can be mistaken for, None for all.
    ``slopes``: the derivatives of other functions are tried too.
    """

    facts: Facts
    target: int
    cut: Cut
    stale: Mapping[int, Sequence[tuple[str, Array]]] = field(default_factory=dict)
    read: Sequence[tuple[str, Array]] = ()
    scale: float = 1.0
    known: frozenset[int] | None = None
    slopes: bool = False

    @property
    def step(self) -> list[Node]:
        """The operations of the step, the last one first."""
        reference = self.facts.reference
        return [n for i in reference.step(self.target, self.cut) if (n := reference.node(i)) is not None]

    def alike(self, index: int) -> list[int]:
        """Other values of the shape of this one that somebody may have put in its place."""
        same = self.facts.named.get(self.facts.shape(index), [])
        own = self.facts.untransposed(index)
        return [i for i in same if self.facts.untransposed(i) != own and i != index and self._earlier(i)]

    def turned(self, index: int) -> list[int]:
        """Values that have the shape of this one once they are transposed, other than its own transpose."""
        same = self.facts.named.get(self.facts.shape(index)[::-1], [])
        own = self.facts.untransposed(index)
        return [i for i in same if i != own and self._earlier(i)]

    def _earlier(self, index: int) -> bool:
        """Whether it is there to be mistaken for something, and not made of what this step makes."""
        return (self.known is None or index in self.known) and self.target not in self.facts.reference.below(index)
