"""Sums: over another axis, over all examples instead of the last ones, or where there is none."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from engine.blame.repair.slots import Edit, Slot, one_edit


def other_axes(slot: Slot, whole: bool) -> Iterator[Edit]:
    node = slot.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr not in ("sum", "mean", "max"):
        return
    if node.func.attr != "max":
        names = ("sum-for-mean", "mean-missing") if node.func.attr == "sum" else ("mean-twice",)
        other = ast.Attribute(node.func.value, "mean" if node.func.attr == "sum" else "sum", ast.Load())
        yield one_edit(names, slot, ast.Call(other, node.args, node.keywords))
    name = "bias-wrong-axis" if whole else "activation-derivative-wrong-value"
    for k, keyword in enumerate(node.keywords):
        if keyword.arg != "axis":
            continue
        for axis in (0, 1, -1):
            if not (isinstance(keyword.value, ast.Constant) and keyword.value.value == axis):
                yield one_edit((name,), Slot(keyword, "value", None), ast.Constant(axis))
        rest = [*node.keywords[:k], *node.keywords[k + 1 :]]
        yield one_edit((name,), slot, ast.Call(node.func, node.args, rest))
        return
    positional = ast.unparse(node.func.value) in ("np", "numpy")
    if len(node.args) > positional:
        for axis in (0, 1):
            yield one_edit((name,), Slot(node, "args", int(positional)), ast.Constant(axis))
        return
    for axis in (0, 1):
        more = [*node.keywords, ast.keyword("axis", ast.Constant(axis))]
        yield one_edit((name,), slot, ast.Call(node.func, node.args, more))
        kept = [*more, ast.keyword("keepdims", ast.Constant(True))]
        yield one_edit((name,), slot, ast.Call(node.func, node.args, kept))


def unsliced(slots: Sequence[Slot]) -> Iterator[Edit]:
    """``x[-1:].T @ g[-1:]``: all of the examples instead of the last ones."""
    groups: dict[str, list[Slot]] = {}
    for slot in slots:
        if isinstance(slot.node, ast.Subscript) and any(isinstance(n, ast.Slice) for n in ast.walk(slot.node.slice)):
            groups.setdefault(ast.unparse(slot.node.slice), []).append(slot)
    for group in groups.values():
        bases = [slot.node.value for slot in group if isinstance(slot.node, ast.Subscript)]
        yield Edit(("last-example-only",), tuple(group), tuple(bases))


def instead_of_last(slot: Slot) -> Iterator[Edit]:
    """``g[:, -1]``, ``g[-1]``, ``g[-1:]``: the sum over the examples instead of the last one."""
    node = slot.node
    if not isinstance(node, ast.Subscript):
        return
    index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for axis, one in enumerate(index):
        if ast.unparse(one) == "-1":
            yield one_edit(("last-example-only",), slot, _sum_of(node.value, axis, axis == 1))
        if ast.unparse(one) == "-1:":
            for kept in (False, True):
                yield one_edit(("last-example-only",), slot, _sum_of(node.value, axis, kept))


def summed(whole: Slot) -> Iterator[Edit]:
    """A sum over the examples that the statement goes without."""
    assert isinstance(whole.node, ast.expr)
    for axis in (0, 1):
        yield one_edit(("bias-not-summed",), whole, _sum_of(whole.node, axis, axis == 1))


def _sum_of(node: ast.expr, axis: int, kept: bool) -> ast.expr:
    keywords = [ast.keyword("axis", ast.Constant(axis))]
    keywords += [ast.keyword("keepdims", ast.Constant(True))] if kept else []
    return ast.Call(ast.Attribute(node, "sum", ast.Load()), [], keywords)


def unused_added(slot: Slot) -> Iterator[Edit]:
    """``[dnw for nw, dnw in zip(grad_w, dw)]``: what a comprehension goes through and does not use, added."""
    node = slot.node
    if not isinstance(node, ast.ListComp):
        return
    used = {n.id for n in ast.walk(node.elt) if isinstance(n, ast.Name)}
    for name in ast.walk(node.generators[0].target):
        if isinstance(name, ast.Name) and name.id not in used:
            both = ast.BinOp(ast.Name(name.id, ast.Load()), ast.Add(), node.elt)
            yield one_edit(("accumulation-overwritten", "last-example-only"), Slot(node, "elt", None), both)
