"""The derivatives of tanh and sigmoid as products in a statement, and one put in the other's place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from types import UnionType

from engine.blame.repair.slots import Edit, Slot, one_edit


def other_slopes(slot: Slot) -> Iterator[Edit]:
    """``g * s * (1 - s)`` for ``g * (1 - s**2)`` and the other way round: of the sigmoid for that of tanh."""
    node = slot.node
    within = isinstance(slot.parent, ast.BinOp) and isinstance(slot.parent.op, ast.Mult)
    if not isinstance(node, ast.BinOp) or within:
        return
    name = ("activation-derivative-wrong-value",)
    several = list(factors(node))
    for k, one in enumerate(several):
        rest = [f for i, f in enumerate(several) if i != k]
        square, plain = _complement_of_square(one), complement(one)
        if square is not None:
            yield one_edit(name, slot, _product([*rest, square, from_one(square)]))
            yield one_edit(name, slot, _product([*rest, square]))
        elif plain is not None:
            others = [i for i, f in enumerate(rest) if ast.unparse(f) == ast.unparse(plain)]
            left = [f for i, f in enumerate(rest) if i not in others[:1]]
            yield one_edit(name, slot, _product([*left, from_one(squared(plain))]))
            yield one_edit(name, slot, _product([*rest, plain]))


def _complement_of_square(node: ast.expr) -> ast.expr | None:
    """``s`` of ``1 - s**2`` and of ``1 - s * s``."""
    square = complement(node)
    if not isinstance(square, ast.BinOp):
        return None
    twice = isinstance(square.op, ast.Mult) and ast.unparse(square.left) == ast.unparse(square.right)
    power = isinstance(square.op, ast.Pow) and ast.unparse(square.right) == "2"
    return square.left if twice or power else None


def factors(node: ast.expr, operators: type[ast.operator] | UnionType = ast.Mult) -> Iterator[ast.expr]:
    """What a product, or what ``operators`` put together, is made of."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, operators):
        yield from factors(node.left, operators)
        yield from factors(node.right, operators)
    else:
        yield node


def complement(node: ast.expr) -> ast.expr | None:
    """``h`` of ``1 - h``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and is_one(node.left):
        return node.right
    return None


def from_one(node: ast.expr) -> ast.expr:
    """``1 - h`` of ``h``."""
    return ast.BinOp(ast.Constant(1), ast.Sub(), node)


def squared(node: ast.expr) -> ast.expr:
    """``h ** 2`` of ``h``."""
    return ast.BinOp(node, ast.Pow(), ast.Constant(2))


def is_one(node: ast.expr) -> bool:
    """Whether a 1 stands there."""
    return isinstance(node, ast.Constant) and node.value in (1, 1.0)


def _product(several: Sequence[ast.expr]) -> ast.expr:
    product = several[0]
    for one in several[1:]:
        product = ast.BinOp(product, ast.Mult(), one)
    return product
