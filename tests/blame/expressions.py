"""Expressions of a learner's code, and what is put in their place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.blame.regions import SIZE, Unit, base_of, is_update, readers_after, reads, target_of, writers_before

PARAMETER = re.compile(r"(self\.)?([VWUw]\w{0,2}|[A-C])(\[.*\])?|params\[.*\]")
"""What a weight is called; a product with one is no gradient of a weight."""


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


def gone(unit: Unit, units: list[Unit], name: str, *more: str, writer: bool) -> Change:
    """The statement is missing: the first line that takes what it should have changed is wrong, or the one before."""
    target = base_of(target_of(unit))
    lines = readers_after(unit, units, target)
    if writer:
        lines |= writers_before(unit, units, target)
    return Change((name, *more), unit.node, None, lines)


def nodes(unit: Unit, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    taken: list[ast.AST] = [unit.value]
    if isinstance(unit.node, ast.Assign) and isinstance(unit.node.targets[0], ast.Subscript):
        taken.append(unit.node.targets[0])
    yield from (node for one in taken for node in ast.walk(one) if isinstance(node, kinds))


def is_count(unit: Unit, node: ast.AST) -> bool:
    """A number of examples: ``N``, ``len(x)``, ``X.shape[0]``."""
    return text(node) in unit.counts or bool(SIZE.fullmatch(text(node)))


def is_mask(node: ast.AST) -> bool:
    """``z > 0``, ``z <= 0``, ``~self.mask``, ``(z > 0).astype(float)``."""
    if isinstance(node, ast.Compare):
        return isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value == 0
    if is_call(node, "astype"):
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return is_mask(node.func.value)
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert)


def is_call(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


@dataclass(frozen=True)
class Product:
    """A matrix product as it is written: ``a @ b``, ``np.dot(a, b)``, ``a.dot(b)``, ``np.einsum("in,jn->ij", a, b)``.

    ``letters`` are those of einsum: of the left, of the right, of the result.
    """

    left: ast.expr
    right: ast.expr
    letters: tuple[str, str, str] | None = None

    def written(self, left: str, right: str) -> str:
        """The same product of other sides."""
        return f"np.einsum('{self._letters()}', {left}, {right})" if self.letters else f"({left} @ {right})"

    def transposed(self) -> Iterator[str]:
        """One side turned, the other one, and the result."""
        left, right = self.left, self.right
        if self.letters:
            a, b, to = self.letters
            for letters in (f"{a[::-1]},{b}->{to}", f"{a},{b[::-1]}->{to}", f"{a},{b}->{to[::-1]}"):
                yield f"np.einsum('{letters}', {text(left)}, {text(right)})"
            return
        yield f"({turned(left)} @ {wrapped(right)})"
        yield f"({wrapped(left)} @ {turned(right)})"
        yield f"({wrapped(left)} @ {wrapped(right)}).T"

    def last_example(self) -> str | None:
        """The product over the last example alone, where examples are what is summed over: xᵀ dz, dz xᵀ."""
        left, right = self.left, self.right
        if self.letters:
            a, b, to = self.letters
            (over,) = set(a) & set(b)
            cut = [("[:, -1:]" if one.index(over) else "[-1:]") for one in (a, b)]
            return self.written(text(left) + cut[0], text(right) + cut[1]) if over not in to else None
        from_left, from_right = untransposed(left), untransposed(right)
        if from_left is not None and from_right is None:
            return f"({wrapped(from_left)}[-1:].T @ {wrapped(right)}[-1:])"
        if from_right is not None and from_left is None:
            return f"({wrapped(left)}[:, -1:] @ {wrapped(from_right)}[:, -1:].T)"
        return None

    def _letters(self) -> str:
        assert self.letters is not None
        return f"{self.letters[0]},{self.letters[1]}->{self.letters[2]}"


def product_of(node: ast.AST) -> Product | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return Product(node.left, node.right)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    if is_call(node, "dot", "matmul") and len(node.args) == 2:
        return Product(node.args[0], node.args[1])
    if is_call(node, "dot") and len(node.args) == 1:
        return Product(node.func.value, node.args[0])
    if is_call(node, "einsum") and len(node.args) == 3 and isinstance(node.args[0], ast.Constant):
        found = re.fullmatch(r"(\w\w),(\w\w)->(\w\w)", str(node.args[0].value))
        if found and len(set(found[1]) & set(found[2])) == 1:
            return Product(node.args[1], node.args[2], (found[1], found[2], found[3]))
    return None


def is_weights_product(node: ast.AST, units: list[Unit]) -> bool:
    """The gradient of a weight: a product that no weight is part of, under a second name neither."""
    product = product_of(node)
    if product is None:
        return False
    for side in (product.left, product.right):
        root = untransposed(side) or side
        named = [untransposed(one.value) or one.value for one in units if target_of(one) == text(root)]
        if any(PARAMETER.fullmatch(text(one)) for one in (root, *named)):
            return False
    return True


def untransposed(node: ast.expr) -> ast.expr | None:
    """``x`` of ``x.T``, ``np.transpose(x)`` and ``x.transpose()``; None for what is not turned round."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    if is_call(node, "transpose"):
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return node.args[0] if node.args else node.func.value
    return None


def turned(node: ast.expr) -> str:
    inner = untransposed(node)
    return text(inner) if inner is not None else f"{wrapped(node)}.T"


def wrapped(node: ast.expr) -> str:
    return f"({text(node)})" if isinstance(node, ast.BinOp) else text(node)


def values_of(unit: Unit) -> list[ast.expr]:
    """The gradients that a statement computes: its value, or the entries of a dict that are more than names."""
    value = unit.value
    if isinstance(value, ast.Dict):
        return [one for one in value.values if _computes(one)]
    if isinstance(value, ast.Tuple):
        return [one for one in value.elts if _computes(one)]
    if is_update(value):
        assert isinstance(value, ast.Call)
        return [one.value for one in value.keywords if _computes(one.value)]
    added = added_to(unit)
    if added is not None:
        return [added] if _computes(added) else []
    return [value] if _computes(value) else []


def added_to(unit: Unit) -> ast.expr | None:
    """``t`` of ``s = s + t``."""
    value = unit.value
    plain = isinstance(unit.node, ast.Assign) and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)
    if plain and isinstance(value, ast.BinOp) and text(value.left) == target_of(unit):
        return value.right
    return None


def _computes(node: ast.expr) -> bool:
    """Not a name, nor a call of a function of the learner's own, nor one that copies."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return True
    if isinstance(node, ast.Call):
        return is_call(node, "sum", "mean", "dot", "matmul", "einsum", "outer", "where", "exp")
    return isinstance(node, ast.BinOp)


def summed(unit: Unit, units: list[Unit]) -> Iterator[tuple[ast.Call, str]]:
    """Sums over the examples that are a gradient of their own, which no other line takes: (call, what is summed)."""
    name = target_of(unit)
    if name and any(reads(one, name) and _computes(one.value) and target_of(one) != name for one in units):
        return
    for value in values_of(unit):
        for inner in ast.walk(value):
            if not isinstance(inner, ast.Call) or (isinstance(value, ast.BinOp) and not _scales(value, inner)):
                continue
            if is_call(inner, "sum", "mean") and axis_of(inner) is not None:
                assert isinstance(inner.func, ast.Attribute)
                yield inner, text(inner.args[0] if text(inner.func.value) == "np" else inner.func.value)


def _scales(value: ast.BinOp, inner: ast.Call) -> bool:
    """np.sum(dz, axis=1) / m, or 1 / m * np.sum(dz, axis=1)."""
    below = isinstance(value.op, ast.Div) and value.left is inner
    return below or (isinstance(value.op, ast.Mult) and value.right is inner)


def axis_of(call: ast.Call) -> ast.Constant | None:
    """The axis of a sum, by name or by place."""
    assert isinstance(call.func, ast.Attribute)
    first = 1 if text(call.func.value) == "np" else 0
    given = [one.value for one in call.keywords if one.arg == "axis"] or call.args[first : first + 1]
    return given[0] if given and isinstance(given[0], ast.Constant) and given[0].value in (0, 1) else None


@dataclass(frozen=True)
class Slope:
    """A product with 1 − h² or a (1 − a): what is left without it, and the activation. ``squared``: of tanh."""

    node: ast.BinOp
    other: str
    activation: str
    squared: bool


def slope_of(unit: Unit) -> Slope | None:
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if not isinstance(node.op, ast.Mult):
            continue
        for slope, other in ((node.right, node.left), (node.left, node.right)):
            found = re.fullmatch(r"1(?:\.0)? - (.+)", text(slope))
            if found is None:
                continue
            of_tanh = re.fullmatch(r"(.+) \*\* 2|(?P<one>\w+) \* (?P=one)|np\.square\((.+)\)", found[1])
            if of_tanh:
                activation = next(one for one in of_tanh.groups() if one)
                return Slope(node, text(other), activation, True)
            if isinstance(other, ast.BinOp) and text(other.right) == found[1]:
                return Slope(node, text(other.left), found[1], False)
    return None
