"""What an array of a backward can be: values and gradients of the reference, and how an array is laid beside one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from engine.blame.reference import Array, Reference
from engine.program import Program

Kind = Literal["gradient", "forward", "part"]


@dataclass(frozen=True, eq=False)
class Quantity:
    """One quantity of the reference: a value (``z₁``), a gradient (``∂L/∂z₁``), or a part of a gradient's expression.

    ``values`` are, for each reference, the values that are this quantity (copies under another name included), and
    ``target`` the one to evaluate. ``parameter`` is the parameter that it is the gradient of; ``of`` are
    all values that it is the gradient of. ``nameless``: it only stands inside an expression of the loss (``f - y`` in
    ``np.sum((f - y) ** 2)``).
    """

    kind: Kind
    name: str
    symbol: str
    true: Array
    target: Mapping[int, int]
    values: Mapping[int, frozenset[int]]
    names: frozenset[str]
    parameter: str | None = None
    leaf: bool = False
    of: frozenset[int] = frozenset()
    nameless: bool = False

    @cached_property
    def largest(self) -> float:
        """max|entry| of the true array."""
        return largest(self.true)

    @property
    def unnamed(self) -> bool:
        """Whether the loss has no name of its own for it: ``t3`` is what the program calls it."""
        return all(re.fullmatch(r"t\d+", name) for name in self.names)

    @property
    def scaled(self) -> bool:
        """Whether a global factor (1/N put elsewhere) changes it."""
        return self.kind != "forward" and self.parameter is None and not self.leaf


class Quantities:
    """All quantities of a program, those that people name first."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.references = [Reference(program), Reference(program.unfused())]
        self.tolerance = 3e-5 if any(v.dtype == np.float32 for v in program.parameters) else 1e-8
        self.all: list[Quantity] = [*self._gradients(), *self._forward(), *self._parts()]
        self.of_size: dict[int, list[Quantity]] = {}
        for q in self.all:
            self.of_size.setdefault(q.true.size, []).append(q)
        self.gradients = [q for q in self.all if q.kind == "gradient"]
        self.by_parameter = {q.parameter: q for q in self.gradients if q.parameter is not None}
        self._temporaries = {i for r in self.references for plan in r.program.plans for i in plan.temporaries}
        self.by_value: dict[tuple[int, int], Quantity] = {}
        for q in reversed(self.all):
            for number, values in q.values.items():
                for value in values:
                    self.by_value[(number, value)] = q

    def _gradients(self) -> Iterator[Quantity]:
        short, long = self.references
        root: dict[int, int] = {}
        for value, gradient in long.program.gradients_of.items():
            root[value] = _source(long, gradient)
        classes: dict[int, list[int]] = {}
        for value, source in root.items():
            classes.setdefault(source, []).append(value)
        named = list(short.program.gradients_of)
        order = sorted(classes.items(), key=lambda item: min(named.index(v) if v in named else 10**6 for v in item[1]))
        for _, values in order:
            parameters = [v for v in values if long.program.values[v].role == "parameter"]
            for group in [[p] for p in parameters] + [[v for v in values if v not in parameters]]:
                if group:
                    yield from self._gradient(group, named)

    def _gradient(self, group: list[int], named: list[int]) -> Iterator[Quantity]:
        short, long = self.references
        best = next((v for v in group if v in named), group[0])
        parameter = long.program.values[best].role == "parameter"
        targets, values = {}, {}
        for number, reference in enumerate(self.references):
            found = [reference.program.gradients_of[v] for v in group if v in reference.program.gradients_of]
            if found:
                chosen = reference.program.gradients_of.get(best, found[0])
                same = {*found}
                while (node := reference.node(chosen)) is not None and node.op == "same" and not parameter:
                    if reference.node(node.inputs[0]) is None or node.inputs[0] in reference.program.literals:
                        break
                    if node.inputs[0] not in reference.gradient_of:
                        break
                    chosen = node.inputs[0]
                    same.add(chosen)
                targets[number], values[number] = chosen, frozenset(same)
        holder = short if best in named else long
        index = holder.program.gradients_of[best]
        value = holder.program.values[best]
        name = holder.program.names.get(index, "")
        path = (value.path or value.name) if parameter else None
        yield Quantity(
            "gradient",
            name,
            holder.program.values[index].symbol,
            holder.arrays[index],
            targets,
            values,
            frozenset(n for v in group if (n := long.program.names.get(v) or short.program.names.get(v)))
            | ({path} if path else set()),
            path,
            of=frozenset(group),
        )

    def _forward(self) -> Iterator[Quantity]:
        short, long = self.references
        backward = {n.output for n in long.program.nodes if n.backward}
        for value in long.program.values:
            node = long.node(value.index)
            if value.index in backward or value.literal or value.role == "gradient":
                continue
            if node is not None and node.op in ("zeros", "ones", "eye", "arange"):
                continue
            name = short.program.names.get(value.index, value.name or "")
            at = {0: value.index, 1: value.index}
            yield Quantity(
                "forward",
                name,
                short.program.values[value.index].symbol or name,
                long.arrays[value.index],
                at,
                {0: frozenset([value.index]), 1: frozenset([value.index])},
                frozenset([name, value.path or name]),
                leaf=node is None,
                nameless=not short.program.values[value.index].symbol,
            )

    def _parts(self) -> Iterator[Quantity]:
        for number, reference in enumerate(self.references):
            for node in reference.program.nodes:
                index = node.output
                value = reference.program.values[index]
                known = index in reference.gradient_of
                if node.backward and not known and reference.arrays[index].size > 1 and value.dtype.kind == "f":
                    yield Quantity(
                        "part",
                        value.name or "",
                        value.symbol,
                        reference.arrays[index],
                        {number: index},
                        {number: frozenset([index])},
                        frozenset(),
                        leaf=value.role != "gradient",
                    )

    def stands_alone(self, q: Quantity) -> bool:
        """Whether it is something that a person has a name for, not a piece of an expression or of its derivative."""
        if q.kind == "gradient":
            return q.parameter is not None or not q.of <= self._temporaries
        return q.kind == "forward" and not q.nameless

    def close(self, one: Any, other: Any) -> bool:
        """Whether two arrays of one shape agree to rounding."""
        return close(one, other, self.tolerance)


def _source(reference: Reference, index: int) -> int:
    """The value that this one is a copy of."""
    while (node := reference.node(index)) is not None and node.op == "same":
        inner = reference.node(node.inputs[0])
        if inner is None or not inner.backward or node.inputs[0] not in reference.gradient_of:
            break
        index = node.inputs[0]
    return index


def close(one: Any, other: Any, tolerance: float) -> bool:
    """max|a − b| ≤ tolerance · max|b|, on arrays of one shape."""
    a, b = np.asarray(one), np.asarray(other)
    if a.shape != b.shape:
        return False
    if a.dtype.kind == "b" or b.dtype.kind == "b":
        return a.dtype == b.dtype and bool(np.array_equal(a, b))
    if a.size == 0:
        return True
    with np.errstate(all="ignore"):
        allowed = tolerance * largest(b)
        # most pairs differ in their first entry already
        return not abs(a.item(0) - b.item(0)) > allowed and bool(largest(a - b) <= allowed)


def largest(array: Array) -> float:
    """max|entry| of an array that has one."""
    return float(np.maximum.reduce(np.abs(array), axis=None))


def without_ones(shape: tuple[int, ...]) -> list[int]:
    """The sizes of a shape, but for axes of size one, which do not count."""
    return [n for n in shape if n != 1]


def laid(array: Array, shape: tuple[int, ...], *, turned: bool, stacked: bool = False) -> list[Array]:
    """``array`` as an array of ``shape``: axes of size one do not count, and a matrix may be the other way round.

    Of a square one both ways are only tried where the whole backward is ``turned``.
    """
    if array.size != math.prod(shape):
        return []
    if array.shape == shape and not turned:
        return [array]
    own, wanted = without_ones(array.shape), without_ones(shape)
    found = []
    if own == wanted:
        found.append(array.reshape(shape))
    if len(wanted) == 2 and own == wanted[::-1] and (turned or own != wanted):
        other = array.squeeze().T.reshape(shape)
        found = [other, *found] if turned else [*found, other]
    if stacked and not found:
        found.append(array.reshape(shape))
        if len(shape) == 2:
            found.append(array.reshape(shape[::-1]).T)
    return found


def ratio(one: Array, other: Array, tolerance: float) -> float | None:
    """k where one = k · other, None where there is no such number or either is zero throughout."""
    if one.shape != other.shape or one.size == 0 or one.dtype.kind != "f" or other.dtype.kind != "f":
        return None
    with np.errstate(all="ignore"):
        square = float(np.vdot(other, other))
        if not np.isfinite(square) or square == 0.0:
            return None
        k = float(np.vdot(other, one)) / square
        if k == 0.0 or not np.isfinite(k):
            return None
    return k if close(one, k * other, tolerance) else None
