"""Expressions of a learner's code, and what is put in their place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.blame.regions import Unit, base_of, readers_after, target_of, writers_before

COUNT = re.compile(r"(N|m|n|len\(\w+\)|\w+\.size|\w+\.shape\[\d\])")


@dataclass(frozen=True)
class Change:
    """``node`` becomes ``instead`` (None: the whole statement is left out); ``lines`` is where the first error shows.

    ``names`` are the identifiers of the mistake: several where one change is two of them at once.
    """

    names: tuple[str, ...]
    node: ast.AST
    instead: str | None
    lines: frozenset[int]


@dataclass(frozen=True)
class Mistake:
    """What was done: ``names`` are the identifiers that are right for it, ``lines`` where the first error shows."""

    names: tuple[str, ...]
    lines: frozenset[int]
    before: str
    after: str


def text(node: ast.AST) -> str:
    return ast.unparse(node)


def here(unit: Unit, name: str, node: ast.AST, instead: str, *more: str) -> Change:
    return Change((name, *more), node, instead, unit.lines)


def gone(unit: Unit, units: list[Unit], name: str, *, writer: bool) -> Change:
    """The statement is missing: the first line that takes what it should have changed is wrong, or the one before."""
    target = base_of(target_of(unit))
    lines = readers_after(unit, units, target)
    if writer:
        lines |= writers_before(unit, units, target)
    return Change((name,), unit.node, None, lines)


def nodes(unit: Unit, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    taken: list[ast.AST] = [unit.value]
    if isinstance(unit.node, ast.Assign) and isinstance(unit.node.targets[0], ast.Subscript):
        taken.append(unit.node.targets[0])
    yield from (node for one in taken for node in ast.walk(one) if isinstance(node, kinds))


def is_mask(node: ast.AST) -> bool:
    """``z > 0``, ``z <= 0``, ``~self.mask``."""
    if isinstance(node, ast.Compare):
        return isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value == 0
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert)


def is_call(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


def factors(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of ``a @ b`` and ``np.dot(a, b)``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if is_call(node, "dot") and len(node.args) == 2:
        return node.args[0], node.args[1]
    return None


def turned(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return text(node.value)
    return f"({text(node)}).T" if isinstance(node, ast.BinOp) else f"{text(node)}.T"


def wrapped(node: ast.expr) -> str:
    return f"({text(node)})" if isinstance(node, ast.BinOp) else text(node)


def values_of(unit: Unit) -> list[ast.expr]:
    """The gradients that a statement computes: its value, or the entries of a dict that are more than names."""
    value = unit.value
    if isinstance(value, ast.Dict):
        return [one for one in value.values if isinstance(one, ast.BinOp | ast.Call)]
    own = isinstance(value, ast.BinOp | ast.Call) and not _is_plain_call(value)
    return [value] if own else []


def _is_plain_call(node: ast.expr) -> bool:
    """A call of a function of the learner's own, or one that copies: nothing is computed in this line."""
    if not isinstance(node, ast.Call):
        return False
    return isinstance(node.func, ast.Name) or node.func.attr not in ("sum", "mean", "dot", "outer", "where", "exp")


def summed(unit: Unit) -> Iterator[tuple[ast.Call, str]]:
    """Sums over one axis that are a value of their own: (call, what is summed)."""
    for value in values_of(unit):
        inner = value.left if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div) else value
        if isinstance(inner, ast.Call) and is_call(inner, "sum", "mean") and "axis" in text(inner):
            assert isinstance(inner.func, ast.Attribute)
            yield inner, text(inner.args[0] if inner.args else inner.func.value)


def slope_of(unit: Unit) -> tuple[ast.BinOp, str, str] | None:
    """A product with 1 − h² or a (1 − a): (the product, what is left without it, the activation)."""
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if not isinstance(node.op, ast.Mult):
            continue
        for slope, other in ((node.right, node.left), (node.left, node.right)):
            found = re.fullmatch(r"1 - (.+?)( \*\* 2)?", text(slope))
            if found is None:
                continue
            if found[2]:
                return node, text(other), found[1]
            if isinstance(other, ast.BinOp) and text(other.right) == found[1]:
                return node, text(other.left), found[1]
    return None
