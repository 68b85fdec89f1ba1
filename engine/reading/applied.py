"""What each backward operation does to the gradient that passes through it: a factor at one side, or a named function.

A gradient that is made from one other gradient by such applications alone has a spine; a chain is a row of spines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ir import Node
from engine.ops import ATOM, PRODUCT, TABLE
from engine.reading.formula import Formula, number_symbol, reshapes
from engine.reading.model import Token

if TYPE_CHECKING:
    from engine.program import Program

_OPEN, _CLOSE = Token("(", "bracket", None, None), Token(")", "bracket", None, None)


@dataclass(frozen=True, slots=True)
class Applied:
    """One application to the gradient that arrives.

    ``side`` is where ``factor`` stands, with ``sign`` between; None for a function, which is written as ``sign`` in
    front and ``closing`` behind. ``called`` puts its operand in brackets whatever it is; ``level`` is how it binds.
    """

    sign: str
    side: str | None = None
    factor: str = ""
    shape: tuple[int, ...] | None = None
    closing: str = ""
    called: bool = False
    level: int = PRODUCT


LEFT_OUT = (Applied("… "),), (Applied("", closing=" …"),)
"""Dots for what is left out: in front of what it is applied to or, in the row convention, behind it."""


@dataclass(frozen=True, slots=True)
class Spine:
    """How one gradient quantity is made from the one before it; ``upstream`` None where it does not come from one."""

    upstream: int | None
    applied: tuple[Applied, ...]


def apply_to(tokens: deque[Token], level: int, applications: Iterable[Applied], here: str) -> int:
    """Put what step ``here`` applies around the tokens, which bind at ``level``; gives how the result binds."""
    for applied in applications:
        if level < ATOM or applied.called:
            tokens.appendleft(_OPEN)
            tokens.append(_CLOSE)
        if applied.side == "left":
            tokens.appendleft(Token(f" {applied.sign} ", "operator", here, None))
            tokens.appendleft(Token(applied.factor, "factor", here, applied.shape))
        elif applied.side == "right":
            tokens.append(Token(f" {applied.sign} ", "operator", here, None))
            tokens.append(Token(applied.factor, "factor", here, applied.shape))
        else:
            if applied.sign:
                tokens.appendleft(Token(applied.sign, "operator", here, None))
            if applied.closing:
                tokens.append(Token(applied.closing, "operator", here, None))
        level = applied.level
    return level


def spine(program: Program, formula: Formula, index: int) -> Spine:
    """Walk from a gradient quantity down to the gradient it was made from."""
    applied: list[Applied] = []
    current = index
    while True:
        number = program.values[current].node
        if number is None:
            return Spine(None, ())
        node = program.nodes[number]
        carrying = [i for i in node.inputs if program.values[i].role == "gradient"]
        if len(carrying) != 1 or node.inputs.count(carrying[0]) != 1:
            return Spine(None, ())
        one = _application(program, formula, node, carrying[0])
        if one is None:
            return Spine(None, ())
        applied += [one] if one.sign or one.closing else []
        current = carrying[0]
        if current in program.names and program.values[current].quantity:
            return Spine(current, tuple(reversed(applied)))


def _application(program: Program, formula: Formula, node: Node, gradient: int) -> Applied | None:
    """What one node does to the gradient that passes through it; None where it is no application of one factor."""
    others = [i for i in node.inputs if i != gradient]
    first = node.inputs[0] == gradient
    match node.op:
        case "matmul":
            return _with_factor(program, formula, "·", "right" if first else "left", others[0])
        case "outer":
            return _outer(program, formula, first, others[0])
        case "multiply" if program.values[others[0]].literal:
            return Applied(f"{number_symbol(program.literals[others[0]])} ")
        case "multiply":
            where = "right" if first and not formula.factor_first(node) else "left"
            return _with_factor(program, formula, "⊙", where, others[0])
        case "divide" if first and program.values[others[0]].literal:
            return Applied("/", "right", number_symbol(program.literals[others[0]]))
        case "divide" if first:
            return _with_factor(program, formula, "/", "right", others[0])
        case "negative":
            return Applied("−")
        case "sum":
            side = formula.bias_sum(node)
            shape = program.values[gradient].shape
            if side == "right":
                return Applied("·", "right", "1", (shape[1], 1))
            if side == "left":
                return Applied("·", "left", "1ᵀ", (1, shape[0]))
            return Applied(f"Σ{formula.summed_letters(node)} ")
        case "expand_dims" | "squeeze" | "broadcast_to" | "astype" | "same":
            return Applied("")
        case _:
            return _named(program, formula, node, gradient)


def _outer(program: Program, formula: Formula, first: bool, factor: int) -> Applied:
    """The gradient is one of two vectors; the one that stands as a row is transposed."""
    text, level = formula.label(factor)
    side, shape = "right" if first else "left", program.values[factor].shape
    if first == (program.convention == "row"):  # the gradient is the vector that stands transposed
        return Applied("⊗", side, text, shape)
    return Applied("·", side, f"({text})ᵀ" if level < ATOM else f"{text}ᵀ", shape)


def _named(program: Program, formula: Formula, node: Node, gradient: int) -> Applied | None:
    """An operation that moves the entries of a gradient, or sums over named indices, under its own name."""
    match node.op:
        case "transpose":
            return Applied("", closing="ᵀ", level=ATOM)
        case "reshape":
            changed = reshapes(program.values[gradient].shape, program.values[node.output].shape)
            return Applied("reshape" if changed else "", called=changed, level=ATOM)
        case "getitem" if node.inputs[0] == gradient:
            return Applied("", closing=formula.place(node), level=ATOM)
        case "scatter" if node.inputs[1] == gradient:
            return Applied("Σ " if node.attributes["repeats"] else "put ", closing=f" at {formula.place(node)}")
        case "setitem" if node.inputs[0] == gradient and node.inputs[1] in program.literals:
            number = number_symbol(program.literals[node.inputs[1]])
            return Applied("", closing=f" with {formula.place(node)} = {number}")
        case "einsum":
            before, after = formula.contracted_around(node, gradient)
            return Applied(before, closing=after)
        case op if TABLE[op].linear == "linear" and TABLE[op].family != "join" and node.inputs[0] == gradient:
            return Applied(TABLE[op].sign, called=True, level=ATOM)
        case _:
            return None


def _with_factor(program: Program, formula: Formula, sign: str, side: str, factor: int) -> Applied:
    text, level = formula.label(factor)
    if level < 7:
        text = f"({text})"
    return Applied(sign, side, text, program.values[factor].shape)
