"""The reference: the traced program of the learner's loss, whose steps can be evaluated on other arrays.

A step is the part of the node list between a value and the arrays that somebody has (the *cut*). It is evaluated with
the program's own operations, and with changes: a change replaces what makes one value by another expression.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from engine.emit import Text, fill, number_text
from engine.errors import MirrorError
from engine.ir import Node
from engine.op import compiled
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


class OutOfTime(Exception):
    """The time for judging is over: what is known by then is said."""


class Reference:
    """One program (with or without short forms) with the array of every value, of the recorded pass or of ``tape``.

    After ``until`` (monotonic seconds) evaluations raise OutOfTime.
    """

    def __init__(self, program: Program, tape: Tape | None = None) -> None:
        self.program = program
        self.until = math.inf
        self.arrays: list[Array] = self._evaluated(tape or program.recorded())
        self.gradient_of = {g: v for v, g in program.gradients_of.items()}
        self.bits = self._bits()
        self._below: dict[int, frozenset[int]] = {}
        self._steps: dict[int, list[_Step]] = {}
        self._functions: dict[int, Callable[..., Any]] = {}
        self._plain: dict[tuple[str, str, int], Callable[..., Any]] = {}

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

    def _bits(self) -> list[int]:
        """For each value a number whose bits are the values it is made of: one ``&`` says whether two meet."""
        bits: list[int] = []
        for value in self.program.values:
            node = self.node(value.index)
            made = 1 << value.index
            for i in node.inputs if node is not None else ():
                made |= bits[i]
            bits.append(made)
        return bits

    def node(self, index: int) -> Node | None:
        """The operation that makes a value; None for a leaf."""
        number = self.program.values[index].node
        return None if number is None else self.program.nodes[number]

    def below(self, index: int) -> frozenset[int]:
        """Everything a value is made of, itself included."""
        if index not in self._below:
            bits = self.bits[index]
            self._below[index] = frozenset(k for k in range(bits.bit_length()) if bits >> k & 1)
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

    def signature(self, target: int, cut: Cut) -> Hashable:
        """Equal for two steps, of any reference of one loss, that are the same operations on the very same arrays."""
        step = self.step(target, cut)
        place = {index: k for k, index in enumerate(step)}
        said: list[Hashable] = []
        for index in step:
            node = self.node(index)
            assert node is not None
            said.append(self.function(node))
            for i in node.inputs:
                if i in place:
                    said.append(("step", place[i]))
                elif i in cut:
                    said.append(("cut", id(cut[i])))
                elif i in self.program.literals:
                    said.append(("literal", repr(self.program.literals[i])))
                else:
                    said.append(("leaf", self.program.values[i].name or self.program.values[i].path, i))
        return tuple(said)

    def value(self, target: int, cut: Cut, overlay: Overlay | None = None) -> Array:
        """``target`` evaluated on the arrays of the cut, with changes. Raises Cannot where shapes do not fit."""
        self.spend()
        with np.errstate(all="ignore"):
            return np.asarray(_Evaluation(self, self._step(target, cut), overlay or {}).of(target))

    def spend(self) -> None:
        """Raises OutOfTime once the time is over."""
        if time.monotonic() > self.until:
            raise OutOfTime

    def expr(self, expression: Expr, cut: Cut) -> Array:
        """An expression by itself."""
        with np.errstate(all="ignore"):
            return np.asarray(_Evaluation(self, self._step(-1, cut), {}).expression(expression))

    def _step(self, target: int, cut: Cut) -> _Step:
        """What is known of a step without a change, for the last two cuts of a target."""
        several = self._steps.setdefault(target, [])
        known = next((one for one in several if one.cut is cut), None)
        if known is None:
            known = _Step(target, cut, sum(1 << k for k in cut))
            self._steps[target] = [known, *several[:1]]
        return known

    def function(self, node: Node) -> Callable[..., Any]:
        """The operation of a node as a function of its operands: found once, not at every evaluation."""
        known = self._functions.get(node.output)
        if known is None:
            known = _function(node.op, node.attributes, node.spelling, len(node.inputs))
            self._functions[node.output] = known
        return known

    def applied(self, apply: Apply) -> Callable[..., Any]:
        """The operation of a change as a function of its operands."""
        if apply.attributes:
            return _function(apply.op, apply.attributes, apply.spelling, len(apply.operands))
        key = (apply.op, apply.spelling, len(apply.operands))
        known = self._plain.get(key)
        if known is None:
            known = self._plain[key] = _function(apply.op, {}, apply.spelling, len(apply.operands))
        return known


def _function(op: str, attributes: Mapping[str, Any], spelling: str, count: int) -> Callable[..., Any]:
    return compiled(pattern(TABLE[op], attributes, spelling)[0], count)


@dataclass(slots=True, eq=False)
class _Step:
    """A target on one cut: the bits of the cut, and the values that are known without a change."""

    target: int
    cut: Cut
    bits: int
    known: dict[int, Any] = field(default_factory=dict)


class _Evaluation:
    """One evaluation: overlaid values by their expression, those of the cut as given, the rest from the program.

    What no change reaches is evaluated once for all changes of a step.
    """

    __slots__ = ("_made", "_overlay", "_reached", "_reference", "_step", "_was")

    def __init__(self, reference: Reference, step: _Step, overlay: Overlay) -> None:
        self._reference, self._step, self._overlay = reference, step, overlay
        self._reached = sum(1 << at for at in overlay)
        self._made: dict[int, Any] = {}
        self._was: dict[int, Any] = {}

    def of(self, index: int) -> Any:
        """A value with the changes made."""
        if not self._reference.bits[index] & self._reached:
            known = self._step.known
            if index not in known:
                known[index] = self._make(index)
            return known[index]
        made = self._made
        if index not in made:
            made[index] = self.expression(self._overlay[index]) if index in self._overlay else self._make(index)
        return made[index]

    def _before(self, index: int) -> Any:
        """What a changed value is by its own operation."""
        if index not in self._was:
            self._was[index] = self._make(index)
        return self._was[index]

    def _make(self, index: int) -> Any:
        step, reference = self._step, self._reference
        if index in step.cut and index != step.target:
            return step.cut[index]
        if index in reference.program.literals:
            return reference.program.literals[index]
        node = reference.node(index)
        if node is None or not reference.bits[index] & (step.bits | self._reached):
            return reference.arrays[index]
        return applied(reference.function(node), [self.of(i) for i in node.inputs])

    def _unchanged(self, index: int) -> Any:
        """A value on the same cut with nothing changed."""
        cut = self._step.cut
        if index in cut:
            return cut[index]
        return _Evaluation(self._reference, self._reference._step(-1, cut), {}).of(index)

    def expression(self, expression: Expr) -> Any:
        """An expression of a change."""
        match expression:
            case Of(value):
                return self.of(value)
            case Was(value):
                return self._before(value)
            case Known(value):
                return self._unchanged(value)
            case Given(array):
                return array
            case Apply(_, operands):
                return applied(self._reference.applied(expression), [self.expression(o) for o in operands])
            case number:
                return number


def applied(function: Callable[..., Any], operands: list[Any]) -> Any:
    """What an operation of the program makes of changed operands, as an array. Raises Cannot where it makes nothing."""
    try:
        made = function(*operands)
    except (ValueError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
        raise Cannot(str(error)) from None
    return made if isinstance(made, np.ndarray | np.generic) else np.asarray(made)


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
        self.temporaries = frozenset(i for plan in program.plans for i in plan.temporaries)

    def line(self, name: str, own: Mapping[str, str]) -> str:
        """``dz1 = dh1 * (z1 > 0)``: the statement that makes a quantity; '' where the program has no such name."""
        index = self.program.by_name.get(name)
        if index is None:
            return ""
        text = self._text(index, own)
        return f"{own.get(name, name)} = {text}" if text else ""

    def expression(self, index: int) -> str:
        """``f - y``: what makes a value, with the names of the program."""
        return self._text(index, {})

    def _text(self, index: int, own: Mapping[str, str]) -> str:
        # t1 stands in no line of the learner's: what it is made of says more
        known_names = ((i, n) for i, n in self.program.names.items() if n in own or i not in self.temporaries)
        names = {i: own.get(n, n) for i, n in known_names}
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
                raise Cannot
            known[i] = fill(pattern(TABLE[node.op], node.attributes, node.spelling), [mention(j) for j in node.inputs])
            return known[i]

        try:
            return mention(index, True)[0]
        except Cannot:
            return ""  # no expression says it: dW[i] += ... is a statement
