"""Which statements of a learner's file belong to the backward pass, and which to the forward pass inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

MARK = "# backward"
Simple = ast.Assign | ast.AugAssign | ast.Return


@dataclass(frozen=True)
class Unit:
    """One statement without a body, in the function that it belongs to, with the statements of its pass after it."""

    node: Simple
    function: ast.FunctionDef
    forward: bool
    in_loop: bool

    @property
    def lines(self) -> frozenset[int]:
        return frozenset(range(self.node.lineno, (self.node.end_lineno or self.node.lineno) + 1))

    @property
    def value(self) -> ast.expr:
        assert self.node.value is not None
        return self.node.value


def units_of(text: str) -> list[Unit]:
    """In the order of the text. Functions that the loss shares with the backward belong to neither pass."""
    lines = text.splitlines()
    found = []
    for function, in_class in _functions(ast.parse(text)):
        last = function.end_lineno or function.lineno
        marks = [k for k in range(function.lineno, last + 1) if lines[k - 1].strip() == MARK]
        backward = "backward" in function.name
        if not backward and not (in_class and function.name == "forward"):
            continue
        start = marks[0] if marks else 0 if backward else last + 1
        for node, in_loop in _simple(function.body, False):
            found.append(Unit(node, function, node.lineno < start, in_loop))
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, bool]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, False
        elif isinstance(node, ast.ClassDef):
            yield from ((inner, True) for inner in node.body if isinstance(inner, ast.FunctionDef))


def _simple(body: list[ast.stmt], in_loop: bool) -> Iterator[tuple[Simple, bool]]:
    for node in body:
        if isinstance(node, ast.For):
            yield from _simple(node.body, True)
        elif isinstance(node, ast.If):
            yield from _simple(node.body, in_loop)
        elif isinstance(node, Simple) and node.value is not None:
            yield node, in_loop


def target_of(unit: Unit) -> str:
    """The text of what the statement writes to, empty for a return."""
    node = unit.node
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target)
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""


def base_of(target: str) -> str:
    """``dscores`` of ``dscores[np.arange(N), y]``."""
    return target.partition("[")[0]


def reads(unit: Unit, name: str) -> bool:
    """Whether the statement takes the value of ``name``, which may be ``self.dz``."""
    taken = [unit.value] + ([unit.node.target] if isinstance(unit.node, ast.AugAssign) else [])
    return any(
        isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == name
        for one in taken
        for node in ast.walk(one)
    )


def readers_after(unit: Unit, units: list[Unit], name: str) -> frozenset[int]:
    """The lines of the first statement behind ``unit`` in the same function that reads ``name``."""
    later = [one for one in units if one.function is unit.function and one.node.lineno > unit.node.lineno]
    return next((one.lines for one in later if reads(one, name)), frozenset())


def writers_before(unit: Unit, units: list[Unit], name: str) -> frozenset[int]:
    """The lines of the last statement before ``unit`` in the same function that writes ``name``."""
    earlier = [one for one in units if one.function is unit.function and one.node.lineno < unit.node.lineno]
    return next((one.lines for one in reversed(earlier) if base_of(target_of(one)) == name), frozenset())
