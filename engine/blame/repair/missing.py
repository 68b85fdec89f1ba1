"""What a statement goes without: a bias, a mask, the derivative of an activation, another contribution."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from engine.blame.repair.slopes import from_one, squared
from engine.blame.repair.slots import Around, Edit, Slot, one_edit


def biased(slot: Slot, around: Around) -> Iterator[Edit]:
    """``np.exp(h @ W)``: the bias that a product inside an expression goes without."""
    node = slot.node
    if isinstance(slot.parent, ast.stmt) or not _is_product(node):
        return
    for array in around.arrays.values():
        if around.is_bias(array):
            yield one_edit(("forward-bias-forgotten",), slot, ast.BinOp(node, ast.Add(), array))


def _is_product(node: ast.AST) -> TypeGuard[ast.expr]:
    """Whether two arrays are multiplied as matrices."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.MatMult)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("dot", "matmul")


def left_out(whole: Slot, around: Around) -> Iterator[Edit]:
    """The mask, the derivative of the activation, or another contribution that the statement goes without."""
    node = whole.node
    assert isinstance(node, ast.expr)
    arrays = [*_gone_through(whole.parent, around), *around.arrays.values()]
    for mask in around.masks.values():
        yield one_edit(("relu-mask-missing",), whole, ast.BinOp(node, ast.Mult(), mask))
    for array in arrays:
        name = ("forward-bias-forgotten" if around.is_bias(array) else "accumulation-overwritten",)
        yield one_edit(name, whole, ast.BinOp(node, ast.Add(), array))
    for array in arrays:
        mask = ast.Compare(array, [ast.Gt()], [ast.Constant(0)])
        yield one_edit(("relu-mask-missing",), whole, ast.BinOp(node, ast.Mult(), mask))
        one, square = from_one(array), from_one(squared(array))
        sigmoid = ast.BinOp(ast.BinOp(node, ast.Mult(), array), ast.Mult(), one)
        name = ("activation-derivative-missing",)
        for missing in (ast.BinOp(node, ast.Mult(), one), ast.BinOp(node, ast.Mult(), array), sigmoid):
            yield one_edit(name, whole, missing)
        yield one_edit(name, whole, ast.BinOp(node, ast.Mult(), square))
        for function in around.helpers.values():
            yield one_edit(name, whole, ast.BinOp(node, ast.Mult(), ast.Call(function, [array], [])))


def _gone_through(node: ast.AST, around: Around) -> list[ast.expr]:
    """What a comprehension goes through, as ``o`` and ``t`` in ``for o, t in zip(output, target)``; not its indices."""
    targets = [one.target for one in node.generators] if isinstance(node, ast.ListComp) else []
    names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return [ast.Name(name, ast.Load()) for name in names if name not in around.indices and name not in around.arrays]
