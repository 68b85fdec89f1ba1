"""The reference: the traced program of the learner's loss, whose steps can be evaluated on other arrays.

A step is the part of the node list between a value and the arrays that somebody has (the *cut*). It is evaluated with
the program's own operations, and with changes: a change replaces what makes one value by another expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from engine.emit import Text, fill, number_text
from engine.errors import MirrorError
from engine.ir import Node
from engine.ops import ATOM, TABLE, evaluate, pattern
from engine.program import Program
from engine.tape import Tape

Array: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Apply:
    """One operation in a change; operands are expressions."""

    op: str
    operands: tuple[Expr, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    spelling: str = ""


@dataclass(frozen=True, eq=False)
class Given:
    """An array in a change that is no value of the program, by the name people know it."""

    array: Array
    name: str


@dataclass(frozen=True)
class Of:
    """The value of this number as the (perhaps changed) program makes it, or as the cut gives it."""

    value: int


@dataclass(frozen=True)
class Was:
    """What a changed value would be without the change."""

    value: int


@dataclass(frozen=True)
class Known:
    """The value as it is without any change: what another line has made."""

    value: int


Expr: TypeAlias = "Apply | Given | Of | Was | Known | float | int"
Cut: TypeAlias = Mapping[int, Array]
Overlay: TypeAlias = Mapping[int, Expr]


class Cannot(Exception):
    """An expression that these shapes do not allow."""


class Reference:
    """One program (with or without short forms) with the array of every value, of the recorded pass or of ``tape``."""

    def __init__(self, program: Program, tape: Tape | None = None) -> None:
        self.program = program
        self.arrays: list[Array] = self._evaluated(tape or program.recorded())
        self.gradient_of = {g: v for v, g in program.gradients_of.items()}
        self._below: dict[int, frozenset[int]] = {}
        self._bases: dict[int, tuple[Cut, dict[int, Any]]] = {}

    def _evaluated(self, tape: Tape) -> list[Array]:
        program = self.program
        known = tape.kept()
        arrays: list[Array] = []
        for value in program.values:
            index = value.index
            if index in known:
                arrays.append(np.asarray(known[index]))
            elif index in program.literals:
                arrays.append(np.asarray(program.literals[index]))
            else:
                node = self.node(index)
                assert node is not None
                operands = tuple(program.literals[i] if i in program.literals else arrays[i] for i in node.inputs)
                arrays.append(np.asarray(evaluate(node.op, node.attributes, node.spelling, operands)))
        return arrays

    def node(self, index: int) -> Node | None:
        """The operation that makes a value; None for a leaf."""
        number = self.program.values[index].node
        return None if number is None else self.program.nodes[number]

    def below(self, index: int) -> frozenset[int]:
        """Everything a value is made of, itself included."""
        if index not in self._below:
            seen: set[int] = set()
            stack = [index]
            while stack:
                top = stack.pop()
                if top in seen:
                    continue
                seen.add(top)
                node = self.node(top)
                stack.extend(node.inputs if node else ())
            self._below[index] = frozenset(seen)
        return self._below[index]

    def step(self, target: int, cut: Cut) -> list[int]:
        """The values between ``target`` (included) and the cut that its expression goes through, target first."""
        found: list[int] = []
        seen: set[int] = set()
        stack = [target]
        while stack:
            top = stack.pop(0)
            if top in seen or (top in cut and top != target):
                continue
            seen.add(top)
            node = self.node(top)
            if node is None:
                continue
            found.append(top)
            stack.extend(node.inputs)
        return found

    def value(self, target: int, cut: Cut, overlay: Overlay | None = None) -> Array:
        """``target`` evaluated on the arrays of the cut, with changes. Raises Cannot where shapes do not fit."""
        return _Evaluation(self, cut, overlay or {}, target).run()

    def base(self, target: int, cut: Cut) -> dict[int, Any]:
        """What is known of the step without a change, for one cut at a time and target."""
        known = self._bases.get(target)
        if known is None or known[0] is not cut:
            known = self._bases[target] = (cut, {})
        return known[1]

    def expr(self, expression: Expr, cut: Cut) -> Array:
        """An expression by itself."""
        return np.asarray(_Evaluation(self, cut, {}, -1).expression(expression))


class _Evaluation:
    """One evaluation: overlaid values by their expression, those of the cut as given, the rest from the program."""

    def __init__(self, reference: Reference, cut: Cut, overlay: Overlay, target: int) -> None:
        self.reference, self.cut, self.overlay, self.target = reference, cut, overlay, target
        self.made: dict[tuple[int, bool], Any] = {}
        self.base = reference.base(target, cut)

    def run(self) -> Array:
        return np.asarray(self.of(self.target))

    def of(self, index: int, unchanged: bool = False) -> Any:
        if not any(at in self.reference.below(index) for at in self.overlay):
            if index not in self.base:
                self.base[index] = self._make(index, unchanged)
            return self.base[index]
        key = (index, unchanged)
        if key not in self.made:
            self.made[key] = self._make(index, unchanged)
        return self.made[key]

    def _make(self, index: int, unchanged: bool) -> Any:
        if index in self.overlay and not unchanged:
            return self.expression(self.overlay[index])
        if index in self.cut and index != self.target:
            return self.cut[index]
        reference = self.reference
        node = reference.node(index)
        if index in reference.program.literals:
            return reference.program.literals[index]
        if node is None:
            return reference.arrays[index]
        below = reference.below(index)
        if not any(k in below for k in self.cut) and not any(k in below for k in self.overlay):
            return reference.arrays[index]
        return self._apply(node.op, node.attributes, node.spelling, tuple(self.of(i) for i in node.inputs))

    def unchanged(self, index: int) -> Any:
        """A value on the same cut with nothing changed."""
        if index in self.cut:
            return self.cut[index]
        return _Evaluation(self.reference, self.cut, {}, -1).of(index)

    def _apply(self, op: str, attributes: Mapping[str, Any], spelling: str, operands: tuple[Any, ...]) -> Any:
        try:
            return evaluate(op, attributes, spelling, operands)
        except (ValueError, IndexError, TypeError) as error:
            raise Cannot(str(error)) from None

    def expression(self, expression: Expr) -> Any:
        match expression:
            case Of(value):
                return self.of(value)
            case Was(value):
                return self.of(value, unchanged=True)
            case Known(value):
                return self.unchanged(value)
            case Given(array):
                return array
            case Apply(op, operands, attributes, spelling):
                return self._apply(op, attributes, spelling, tuple(self.expression(o) for o in operands))
            case number:
                return number


class Wording:
    """NumPy text of steps, with the learner's own names where they are known, in the convention they use."""

    def __init__(self, reference: Reference, turned: bool) -> None:
        program = reference.program
        if turned:
            try:
                program = program.mirror()
            except MirrorError:
                turned = False
        self.program = program

    def line(self, name: str, own: Mapping[str, str]) -> str:
        """``dz1 = dh1 * (z1 > 0)``: the statement that makes a quantity; '' where the program has no such name."""
        index = self.program.by_name.get(name)
        if index is None:
            return ""
        text = self._text(index, own)
        return f"{own.get(name, name)} = {text}" if text else ""

    def _text(self, index: int, own: Mapping[str, str]) -> str:
        names = {i: own.get(n, n) for i, n in self.program.names.items()}
        known: dict[int, Text] = {}

        def mention(i: int, top: bool = False) -> Text:
            if i in names and not top:
                return names[i], ATOM
            if i in known:
                return known[i]
            if i in self.program.literals:
                return number_text(self.program.literals[i])
            number = self.program.values[i].node
            if number is None:
                return names.get(i, "?"), ATOM
            node = self.program.nodes[number]
            if node.op == "same":
                return mention(node.inputs[0])
            if TABLE[node.op].statement:
                return "", ATOM
            known[i] = fill(pattern(TABLE[node.op], node.attributes, node.spelling), [mention(j) for j in node.inputs])
            return known[i]

        return mention(index, True)[0]
