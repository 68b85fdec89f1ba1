"""The notes' short forms: softmax with log-loss gives p − 𝟙(y), a sigmoid gives p ⊙ (1 − p).

A short form sends one value's gradient further back in one go; nothing is deleted, and `Program.unfused` shows the long
chain. Values are matched by how they were computed, not by identity, so ``np.exp(f) / np.sum(np.exp(f))`` is a softmax
too. Where a form takes something for granted of the labels, the condition is checked now and kept, to be checked again
whenever the data change.

Sources: p − 𝟙(y) is notes eq. (24); softmax: ∂pᵢ/∂fⱼ = pᵢ(δᵢⱼ − pⱼ) (Bishop 2006, eq. 4.106); sigmoid: σ′ = σ(1 − σ)
(Bishop 2006, eq. 4.88).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine import axes as axis_rules
from engine.backward import Contribution, Shortcut
from engine.graph import Graph
from engine.ir import Condition, Group, Node
from engine.labels import label_test
from engine.ref import Ref


@dataclass(slots=True, eq=False)
class Forms:
    """What was found in one forward graph."""

    shortcuts: dict[int, Shortcut]
    groups: list[Group]
    conditions: list[Condition]


@dataclass(frozen=True, slots=True)
class LogProbability:
    """``value`` is log softmax(operand) along ``axis``.

    ``probability`` is the softmax itself, where it was computed; ``quotient`` its numerator and denominator, where
    only those were.
    """

    value: int
    operand: int
    axis: int
    probability: int | None
    members: frozenset[int]
    quotient: tuple[int, int] | None = None


def find(graph: Graph) -> Forms:
    """Match all short forms in a forward graph."""
    return _Finder(graph).run()


class _Finder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = list(graph.nodes)
        self.softmaxes: dict[int, Group] = {}
        self.log_probabilities: dict[int, LogProbability] = {}
        self.sigmoids: dict[int, Group] = {}
        self.forms = Forms({}, [], [])

    def run(self) -> Forms:
        for node in self.nodes:
            if not self.graph.cells[node.output].active:
                continue
            self._relu(node)
            self._sigmoid(node)
            self._softmax(node)
            self._log_probability(node)
            self._picked(node)
            self._cross_entropy(node)
        return self.forms

    # looking at the graph
    def node(self, index: int, *ops: str) -> Node | None:
        found = self.graph.node_of(index)
        return found if found is not None and (not ops or found.op in ops) else None

    def same(self, a: int, b: int) -> bool:
        return bool(self.graph.canonical(a) == self.graph.canonical(b))

    def number(self, index: int) -> float | None:
        cell = self.graph.cells[index]
        return float(cell.array) if cell.kind == "literal" else None

    def axis_of(self, node: Node) -> int | None:
        """The one axis a reduction goes over, counted from the end; None if there are several longer than 1."""
        shape = self.graph.cells[node.inputs[0]].shape
        gone = axis_rules.normalised(node.attributes.get("axis"), len(shape))
        long = [k for k in gone if shape[k] != 1] or list(gone)
        return long[0] - len(shape) if len(long) == 1 else None

    def between(self, output: int, operand: int) -> frozenset[int]:
        """The values from ``operand`` (not included) to ``output`` (included)."""
        members: set[int] = set()
        stack = [output]
        while stack:
            top = stack.pop()
            if top in members or self.graph.cells[top].kind or self.same(top, operand):
                continue
            members.add(top)
            found = self.graph.node_of(top)
            stack.extend(found.inputs if found else ())
        return frozenset(members)

    # the forms
    def _relu(self, node: Node) -> None:
        operand = None
        if node.op == "maximum":
            zero = [i for i in node.inputs if self.number(i) == 0]
            rest = [i for i in node.inputs if i not in zero]
            operand = rest[0] if len(zero) == 1 and len(rest) == 1 else None
        elif node.op == "where":
            operand = self._relu_where(node)
        elif node.op == "multiply":
            for x, mask in (node.inputs, node.inputs[::-1]):
                condition = self.node(mask, "greater", "greater_equal")
                if condition and self.same(condition.inputs[0], x) and self.number(condition.inputs[1]) == 0:
                    operand = x
        if operand is not None:
            self.forms.groups.append(Group("relu", node.output, operand, self.between(node.output, operand)))

    def _relu_where(self, node: Node) -> int | None:
        condition = self.node(node.inputs[0], "greater", "greater_equal", "less", "less_equal")
        if condition is None or self.number(condition.inputs[1]) != 0:
            return None
        kept, dropped = node.inputs[1:] if condition.op.startswith("greater") else node.inputs[:0:-1]
        fits = self.number(dropped) == 0 and self.same(condition.inputs[0], kept)
        return kept if fits else None

    def _sigmoid(self, node: Node) -> None:
        if node.op != "divide":
            return
        above, below = node.inputs
        plus = self.node(below, "add")
        if plus is None:
            return
        for one, grown in (plus.inputs, plus.inputs[::-1]):
            power = self.node(grown, "exp")
            if self.number(one) != 1 or power is None:
                continue
            negative = self.node(power.inputs[0], "negative")
            if self.number(above) == 1 and negative is not None:
                operand = negative.inputs[0]
            elif self.same(above, grown):
                operand = power.inputs[0]
            else:
                continue
            group = Group("sigmoid", node.output, operand, self.between(node.output, operand))
            self.sigmoids[node.output] = group
            self.forms.groups.append(group)
            self.forms.shortcuts[node.output] = _sigmoid_gradient(node.output, operand)
            return

    def _argument(self, index: int) -> int | None:
        """For ``exp(s)``: the index of s."""
        node = self.node(index, "exp")
        return node.inputs[0] if node is not None else None

    def _operand(self, argument: int, axis: int) -> int:
        """f, where the argument of the exponential is ``f - max f`` with a maximum that is constant along ``axis``."""
        minus = self.node(argument, "subtract")
        if minus is None:
            return argument
        top = self.node(self.below_views(minus.inputs[1]), "max")
        shape = self.graph.cells[minus.inputs[1]].shape
        constant = len(shape) < -axis or shape[axis] == 1
        shifted = top is not None and constant and self.same(top.inputs[0], minus.inputs[0])
        return minus.inputs[0] if shifted else argument

    def below_views(self, index: int) -> int:
        """The value behind views that only add axes of size 1 (``m[:, None]``, ``m.reshape(-1, 1)``)."""
        while True:
            node = self.node(index, "getitem", "expand_dims", "reshape")
            if node is None:
                return index
            before, after = (self.graph.cells[i].shape for i in (node.inputs[0], index))
            if len(node.inputs) > 1 or [n for n in before if n != 1] != [n for n in after if n != 1]:
                return index
            index = node.inputs[0]

    def _normaliser(self, index: int, exponential: int, total: int | None = None) -> int | None:
        """The axis (from the end) over which ``total`` (``index``, if left out) sums ``exponential``; None unless
        ``index``, which is made of it, broadcasts along that axis."""
        node = self.node(self.below_views(index if total is None else total), "sum")
        if node is None or not self.same(node.inputs[0], exponential):
            return None
        axis = self.axis_of(node)
        if axis is None:
            return None
        shape = list(self.graph.cells[exponential].shape)
        shape[axis] = 1
        own = self.graph.cells[index].shape
        return axis if [1] * (len(shape) - len(own)) + list(own) == shape else None

    def _softmax(self, node: Node) -> None:
        if node.op != "divide":
            return
        argument = self._argument(node.inputs[0])
        axis = self._normaliser(node.inputs[1], node.inputs[0])
        if argument is None or axis is None:
            return
        operand = self._operand(argument, axis)
        group = Group("softmax", node.output, operand, self.between(node.output, operand), axis)
        self.softmaxes[node.output] = group
        self.forms.groups.append(group)
        self.forms.shortcuts[node.output] = _softmax_gradient(node.output, operand, axis)

    def _log_probability(self, node: Node) -> None:
        """log(softmax(f)), or s − log Σ exp s with s = f or f shifted."""
        made: LogProbability | None = None
        if node.op == "log" and node.inputs[0] in self.softmaxes:
            group = self.softmaxes[node.inputs[0]]
            assert group.axis is not None
            members = group.members | {node.output}
            made = LogProbability(node.output, group.operand, group.axis, group.output, members)
        elif node.op == "subtract":
            made = self._log_softmax(node)
        if made is None:
            return
        self.log_probabilities[node.output] = made
        self.forms.shortcuts[node.output] = self._log_probability_gradient(made)
        if made.probability is None:
            self.forms.groups.append(Group("log softmax", node.output, made.operand, made.members, made.axis))

    def _log_softmax(self, node: Node) -> LogProbability | None:
        logarithm = self.node(self.below_views(node.inputs[1]), "log")
        total = self.node(self.below_views(logarithm.inputs[0]), "sum") if logarithm else None
        argument = self._argument(total.inputs[0]) if total else None
        if total is None or argument is None or not self.same(argument, node.inputs[0]):
            return None
        axis = self._normaliser(node.inputs[1], total.inputs[0], total.output)
        if axis is None:
            return None
        operand = self._operand(node.inputs[0], axis)
        return LogProbability(node.output, operand, axis, None, self.between(node.output, operand))

    def _picked(self, node: Node) -> None:
        """The log-probability of the label: log p[y], log Σ p⊙Y, (log p)[y], Σ Y⊙log p; or log Σ exp s − s[y]."""
        inner: LogProbability | None = None
        label: int | None = None
        index: Node | None = None
        if node.op == "log":
            inner, label, index = self._picked_probability(node.inputs[0])
        elif node.op == "subtract":
            inner, index = self._log_sum_less_pick(node)
        elif node.op == "getitem" and node.inputs[0] in self.log_probabilities:
            inner, index = self.log_probabilities[node.inputs[0]], node
        elif node.op == "sum":
            product = self.node(node.inputs[0], "multiply")
            for value, other in (product.inputs, product.inputs[::-1]) if product else ():
                if value in self.log_probabilities and self.axis_of(node) == self.log_probabilities[value].axis:
                    inner, label = self.log_probabilities[value], other
                elif value in self.log_probabilities and self.graph.cells[node.output].shape == ():
                    self._summed(node, self.log_probabilities[value], other)
        if inner is None or (index is not None and not self._one_each(index, inner.axis)):
            return
        if label is not None and not self._holds("one-hot", label, inner.axis, inner.operand):
            return
        members = self.between(node.output, inner.operand)
        shape = self.graph.cells[node.output].shape
        kept = len(shape) == len(self.graph.cells[inner.operand].shape) or all(n == 1 for n in shape)
        negative = node.op == "subtract"
        kind = "−log p[y]" if negative else "log p[y]"
        self.forms.groups.append(Group(kind, node.output, inner.operand, members, inner.axis, label))
        self.forms.shortcuts[node.output] = self._pick_gradient(inner, label, index, kept, -1 if negative else 1)

    def _summed(self, node: Node, inner: LogProbability, weighted: int) -> None:
        """Σ Y⊙log p over classes and examples at once: its gradient with respect to the operand is Y − p."""
        label, sign = self._unsigned(weighted)
        if any(self._holds(kind, label, inner.axis, inner.operand) for kind in ("one-hot", "sums to one")):
            self.forms.shortcuts[node.output] = self._pick_gradient(inner, label, None, True, sign)

    def _picked_probability(self, index: int) -> tuple[LogProbability | None, int | None, Node | None]:
        pick = self.node(index, "getitem")
        if pick is not None and pick.inputs[0] in self.softmaxes:
            return self._of_softmax(pick.inputs[0]), None, pick
        total = self.node(index, "sum")
        product = self.node(total.inputs[0], "multiply") if total is not None else None
        if total is None or product is None:
            return None, None, None
        for value, label in (product.inputs, product.inputs[::-1]):
            if value in self.softmaxes and self.axis_of(total) == self.softmaxes[value].axis:
                return self._of_softmax(value), label, None
        return None, None, None

    def _log_sum_less_pick(self, node: Node) -> tuple[LogProbability | None, Node | None]:
        """log Σ exp s − s[y] is −log p[y], with the sum over the classes not kept as an axis."""
        logarithm, pick = self.node(node.inputs[0], "log"), self.node(node.inputs[1], "getitem")
        total = self.node(logarithm.inputs[0], "sum") if logarithm is not None else None
        argument = self._argument(total.inputs[0]) if total is not None else None
        if pick is None or total is None or argument is None or total.attributes.get("keepdims"):
            return None, None
        axis = self.axis_of(total)
        if axis is None or not self.same(argument, pick.inputs[0]):
            return None, None
        operand = self._operand(argument, axis)
        quotient = (total.inputs[0], total.output)
        inner = LogProbability(node.output, operand, axis, None, self.between(node.output, operand), quotient)
        return inner, pick

    def _of_softmax(self, index: int) -> LogProbability:
        group = self.softmaxes[index]
        assert group.axis is not None
        return LogProbability(index, group.operand, group.axis, group.output, group.members)

    def _one_each(self, pick: Node, axis: int) -> bool:
        """Whether an index picks exactly one entry along ``axis`` for every example, each example once."""
        source = self.graph.cells[pick.inputs[0]]
        items = pick.attributes["index"]
        if len(items) != len(source.shape) or len(source.shape) > 2:
            return False
        arrays = [np.asarray(self.graph.cells[i].array) for i in pick.inputs[1:]]
        if _is_one_example(source.shape, axis):
            single = all(a.size == 1 and a.dtype.kind in "iu" for a in arrays)
            return single and all(item[0] in ("int", "array") for item in items)
        if len(arrays) != 2 or any(self.graph.cells[i].active for i in pick.inputs[1:]):
            return False
        label, other = arrays if axis == -2 else arrays[::-1]
        count = source.shape[-1 if axis == -2 else -2]
        row = self.graph.cells[pick.inputs[2 if axis == -2 else 1]]
        whole = label.shape == (count,) and label.dtype.kind in "iu" and np.array_equal(other, np.arange(count))
        return whole and row.kind != "data"

    def _holds(self, kind: str, label: int, axis: int, operand: int) -> bool:
        """Whether the condition is true of the labels now; if so it is kept, to be checked again on other data."""
        cell = self.graph.cells[label]
        if cell.active or cell.shape != self.graph.cells[operand].shape:
            return False
        condition = Condition(kind, label, axis)
        if not label_test(kind, axis, cell.shape, cell.dtype)(np.asarray(cell.array)):
            return False
        if not any((c.kind, c.value, c.axis) == (kind, label, axis) for c in self.forms.conditions):
            self.forms.conditions.append(condition)
        return True

    def _cross_entropy(self, node: Node) -> None:
        """y log p + (1 − y) log(1 − p) with p a sigmoid: its gradient with respect to the operand is y − p."""
        if node.op not in ("add", "subtract"):
            return
        for first, second in (node.inputs, node.inputs[::-1]):
            hit, miss = self._weighted_log(first), self._weighted_log(second)
            if hit is None or miss is None or hit[1] not in self.sigmoids:
                continue
            # both terms count positive (the log-probability) or both negative (the loss itself)
            turned = -1 if node.op == "subtract" else 1
            sign, other = (hit[2], turned * miss[2]) if first == node.inputs[0] else (turned * hit[2], miss[2])
            if sign != other:
                continue
            if not (self._complement(miss[1], hit[1]) and self._complement(miss[0], hit[0])):
                continue
            label, probability, _ = hit
            if self.graph.cells[label].active:
                continue
            operand = self.sigmoids[probability].operand
            if self.graph.cells[label].shape != self.graph.cells[operand].shape:
                continue
            members = self.between(node.output, operand) - self.between(label, operand)
            kind = "log p(y)" if sign > 0 else "−log p(y)"
            self.forms.groups.append(Group(kind, node.output, operand, members, None, label))
            self.forms.shortcuts[node.output] = _cross_entropy_gradient(label, probability, operand, sign)
            return

    def _weighted_log(self, index: int) -> tuple[int, int, int] | None:
        """(weight, argument of the logarithm, sign) of ``weight * log(argument)``, with a minus anywhere."""
        index, sign = self._unsigned(index)
        product = self.node(index, "multiply")
        for weight, logarithm in (product.inputs, product.inputs[::-1]) if product else ():
            (weight, one), (logarithm, two) = self._unsigned(weight), self._unsigned(logarithm)
            found = self.node(logarithm, "log")
            if found is not None:
                return weight, found.inputs[0], sign * one * two
        return None

    def _unsigned(self, index: int) -> tuple[int, int]:
        minus = self.node(index, "negative")
        return (minus.inputs[0], -1) if minus is not None else (index, 1)

    def _complement(self, a: int, b: int) -> bool:
        minus = self.node(a, "subtract")
        return minus is not None and self.number(minus.inputs[0]) == 1 and self.same(minus.inputs[1], b)

    # gradients that need the labels
    def _log_probability_gradient(self, inner: LogProbability) -> Shortcut:
        def shortcut(g: Ref) -> Iterable[Contribution]:
            p = _probability(self.graph, inner)
            if g.index is not None and self._holds("sums to one", g.index, inner.axis, inner.operand):
                label = Ref(self.graph, g.index)
                return [(inner.operand, (p - label).scaled(-g.times, g.over))]
            return [(inner.operand, g - p * g.sum(axis=inner.axis, keepdims=True))]

        return shortcut

    def _pick_gradient(
        self, inner: LogProbability, label: int | None, pick: Node | None, kept: bool, sign: int
    ) -> Shortcut:
        def shortcut(g: Ref) -> Iterable[Contribution] | None:
            if g.index is not None and not kept:
                return None
            p = _probability(self.graph, inner)
            hot = self.graph.ref(label) if label is not None else self._one_hot(pick, inner)
            difference = p - hot
            if g.index is None:
                return [(inner.operand, difference.scaled(-sign * g.times, g.over))]
            return [(inner.operand, (difference * g).scaled(Fraction(-sign)))]

        return shortcut

    def _one_hot(self, pick: Node | None, inner: LogProbability) -> Ref:
        """𝟙(y): the label's column (or row) of the identity."""
        assert pick is not None
        cell = self.graph.cells[inner.operand]
        size = cell.shape[inner.axis]
        dtype = None if cell.dtype == np.float64 else str(cell.dtype)
        identity = self.graph.ref(self.graph.apply("eye", (), {"size": size, "dtype": dtype}, backward=True))
        if _is_one_example(cell.shape, inner.axis):
            item = pick.attributes["index"][inner.axis]
            arrays = [self.graph.ref(pick.inputs[1 + item[1]])] if item[0] == "array" else []
            hot = identity.apply("getitem", *arrays, index=(("array", 0) if arrays else item,))
            return hot if hot.shape == cell.shape else hot.apply("reshape", shape=cell.shape)
        label = self.graph.ref(pick.inputs[1 if inner.axis == -2 else 2])
        whole = ("slice", None, None, None)
        index = (whole, ("array", 0)) if inner.axis == -2 else (("array", 0),)
        hot = identity.apply("getitem", label, index=index)
        assert hot.index is not None
        self.graph.cells[hot.index].axes = cell.axes
        return hot


def _is_one_example(shape: tuple[int, ...], axis: int) -> bool:
    """Whether scores are those of a single example: a vector, one column or one row."""
    return all(n == 1 for k, n in enumerate(shape) if k != axis % len(shape))


def _probability(graph: Graph, inner: LogProbability) -> Ref:
    if inner.probability is not None:
        return graph.ref(inner.probability)
    if inner.quotient is not None:
        exponential, total = (graph.ref(i) for i in inner.quotient)
        if total.ndim:
            total = total.apply("expand_dims", axis=inner.axis % exponential.ndim)
        return exponential / total
    return graph.ref(inner.value).apply("exp")


def _softmax_gradient(output: int, operand: int, axis: int) -> Shortcut:
    def shortcut(g: Ref) -> Iterable[Contribution]:
        p = Ref(g.graph, output)
        return [(operand, p * (g - (p * g).sum(axis=axis, keepdims=True)))]

    return shortcut


def _sigmoid_gradient(output: int, operand: int) -> Shortcut:
    def shortcut(g: Ref) -> Iterable[Contribution]:
        p = Ref(g.graph, output)
        return [(operand, g * p * (1 - p))]

    return shortcut


def _cross_entropy_gradient(label: int, probability: int, operand: int, sign: int) -> Shortcut:
    def shortcut(g: Ref) -> Iterable[Contribution]:
        p, y = Ref(g.graph, probability), Ref(g.graph, label)
        difference = p - y
        if g.index is None:
            return [(operand, difference.scaled(-sign * g.times, g.over))]
        return [(operand, (difference * g).scaled(Fraction(-sign)))]

    return shortcut
