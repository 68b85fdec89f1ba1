"""Which statements of a learner's file belong to the backward pass, and which to the forward pass inside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

MARK = "# backward"
Simple = ast.Assign | ast.AugAssign | ast.Return | ast.Expr
EXAMPLES = re.compile(r"\b[xXyYt]\[(\w+)\]")
"""How a loop over examples reads one of them."""
ROWS = re.compile(r"(row|example|r)\d*")
"""What one of them is called where a loop goes over rows."""
SIZE = re.compile(r"len\((?![WVUb]|caches|layers|params|sizes)\w+\)|(?![WVUb])\w+\.(size|shape\[\d\])")
"""A number of examples or entries; not a number of layers or units."""


@dataclass(frozen=True)
class Unit:
    """One statement without a body, in the function that it belongs to.

    ``examples``: it adds to something that lives longer than one round of a loop over the examples. ``counts``: the
    names that hold a number of examples in this function.
    """

    node: Simple
    function: ast.FunctionDef
    forward: bool
    in_loop: bool
    examples: bool = False
    counts: frozenset[str] = frozenset()

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
    functions = list(_functions(ast.parse(text)))
    passes = _called_on_the_way_back([function for function, _ in functions], lines)
    of_the_loss = _reached({function.name: function for function, _ in functions}, {"loss"})
    for function, in_class in functions:
        last = function.end_lineno or function.lineno
        marks = [k for k in range(function.lineno, last + 1) if lines[k - 1].strip() == MARK]
        backward = "backward" in function.name or function.name in passes
        if not backward and not (in_class and function.name == "forward" and "forward" not in of_the_loss):
            continue
        start = marks[0] if marks else 0 if backward else last + 1
        counts = _counts(function)
        for node, loops in _simple(function.body, ()):
            unit = Unit(node, function, node.lineno < start, bool(loops), counts=counts)
            found.append(replace(unit, examples=_adds_over_examples(target_of(unit), loops)))
    return found


def _called_on_the_way_back(functions: list[ast.FunctionDef], lines: list[str]) -> set[str]:
    """The file's own functions that are called, directly or through others, below the mark, and not by the loss."""
    marked = next((k for k, line in enumerate(lines, 1) if line.strip() == MARK), 0)
    own = {function.name: function for function in functions}
    back = _calls(own["backward"], marked) if "backward" in own else set()
    return _reached(own, back) - _reached(own, {"loss"}) - {"backward"}


def _reached(own: dict[str, ast.FunctionDef], calls: set[str]) -> set[str]:
    """Those of the file's functions that these calls run, directly or through others."""
    known: set[str] = set()
    while new := (calls & own.keys()) - known:
        known |= new
        calls = set().union(*(_calls(own[name], 0) for name in new))
    return known


def _calls(function: ast.FunctionDef, behind: int) -> set[str]:
    """The names of the functions and methods that are called below a line."""
    called = (n.func for n in ast.walk(function) if isinstance(n, ast.Call) and n.lineno > behind)
    return {f.attr if isinstance(f, ast.Attribute) else ast.unparse(f) for f in called}


def _counts(function: ast.FunctionDef) -> frozenset[str]:
    return frozenset(
        node.targets[0].id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and SIZE.fullmatch(ast.unparse(node.value))
    )


def _adds_over_examples(target: str, loops: tuple[ast.For, ...]) -> bool:
    """Whether one of the loops goes over examples and the target is begun outside of it."""
    for loop in loops:
        name, reach = ast.unparse(loop.target), re.fullmatch(r"range\((.*)\)", ast.unparse(loop.iter))
        counted = reach is not None and SIZE.fullmatch(reach[1]) and not reach[1].endswith("s)")
        over = counted or ROWS.fullmatch(name) or name in EXAMPLES.findall(ast.unparse(loop))
        begun = any(
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == base_of(target)
            and base_of(target) not in {ast.unparse(one) for one in ast.walk(node.value)}
            for node in ast.walk(loop)
        )
        if over and not begun:
            return True
    return False


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, bool]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, False
        elif isinstance(node, ast.ClassDef):
            yield from ((inner, True) for inner in node.body if isinstance(inner, ast.FunctionDef))


def _simple(body: list[ast.stmt], loops: tuple[ast.For, ...]) -> Iterator[tuple[Simple, tuple[ast.For, ...]]]:
    for node in body:
        if isinstance(node, ast.For):
            yield from _simple(node.body, (*loops, node))
        elif isinstance(node, ast.If):
            yield from _simple(node.body, loops)
        elif isinstance(node, ast.Expr):
            if is_update(node.value):
                yield node, loops
        elif isinstance(node, Simple) and node.value is not None:
            yield node, loops


def is_update(node: ast.expr) -> bool:
    """``grads.update(W=..., b=...)``."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update"


def target_of(unit: Unit) -> str:
    """The text of what the statement writes to, empty for a return."""
    node = unit.node
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func).removesuffix(".update")
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
    """The lines of the last statement before ``unit`` in the same function that writes ``name``.

    ``grads["W"] += reg * W`` is left out where ``grads["W"]`` was written, not where ``grads["b"]`` was.
    """
    earlier = [one for one in units if one.function is unit.function and one.node.lineno < unit.node.lineno]
    target = target_of(unit)
    own = [one.lines for one in earlier if target_of(one) == target != name and base_of(target) == name]
    return (own or [one.lines for one in earlier if base_of(target_of(one)) == name] or [frozenset()])[-1]
