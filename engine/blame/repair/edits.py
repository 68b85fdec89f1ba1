"""The small changes of one statement: what somebody may have meant to write, and the mistake that each one undoes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from engine.blame.repair.exchanges import other_indices, other_operands
from engine.blame.repair.missing import biased, left_out
from engine.blame.repair.regularisation import only_parameters, regularised, terms_of_parameters
from engine.blame.repair.slopes import factors, other_slopes, squared
from engine.blame.repair.slots import (
    Around,
    Edit,
    Slot,
    loaded,
    negated_alike,
    one_edit,
    slots_of,
    stored,
    target_of,
    wholes,
)
from engine.blame.repair.sums import instead_of_last, other_axes, summed, unsliced, unused_added
from engine.blame.repair.transposes import turned

_FLIPPED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.Lt, ast.LtE),
    ast.GtE: (ast.Lt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Gt, ast.GtE),
}


def edits_of(place: Slot, around: Around, counts: Sequence[float]) -> Iterator[Edit]:
    """The changes of the statement at a place, the plainest first."""
    terms = terms_of_parameters(place.node, around)
    negated = frozenset(map(id, negated_alike(place.node)))
    for edit in _edits_of(place, around, counts):
        if edit.mistakes == ("sign",) and id(edit.slots[0].node) in negated:
            edit = replace(edit, far=True)  # all of them have the minus: the sign is wrong before
        plain = edit.mistakes in (("factor",), ("wrong-operand",)) and edit.kind != "operand"
        of_parameters = plain and all(id(slot.node) in terms for slot in edit.slots)
        yield replace(edit, mistakes=("regularisation-factor",)) if of_parameters else edit


def _edits_of(place: Slot, around: Around, counts: Sequence[float]) -> Iterator[Edit]:
    statement = place.node
    assert isinstance(statement, ast.stmt)
    slots = slots_of(statement)
    whole = next((s for s in slots if s.parent is statement and s.field == "value"), None)
    parts = list(wholes(whole)) if whole is not None else []
    # what a right side is, but for the numbers that it is multiplied with or divided by
    bare = {id(f) for one in parts if isinstance(one.node, ast.expr) for f in factors(one.node, ast.Mult | ast.Div)}
    for slot in slots:
        yield from turned(slot, around)
        yield from _operators(slot)
        yield from _numbers(slot)
        yield from other_axes(slot, id(slot.node) in bare)
        yield from _masks(slot)
        yield from other_slopes(slot)
    for one in parts:
        yield from _beside(place, one, parts)
    for one in parts:
        listed = one.parent is not statement and _is_bare(one.node)
        share = only_parameters(one.node, around) and not (isinstance(statement, ast.Assign) and one is whole)
        yield from (replace(e, far=listed) for e in _scaled(one, counts, share))
        for term in _terms(one):
            yield from _scaled(term, counts, only_parameters(term.node, around))
    yield from regularised(place, statement, parts, around)
    yield from _added(place, statement, around)
    yield from _followed(place, statement, counts, around)
    yield from unsliced(slots)
    for slot in slots:
        yield from instead_of_last(slot)
    yield from other_indices(slots, around)
    yield from other_operands(slots, around)
    for slot in slots:
        yield from _dropped(slot)
        yield from _calls(slot, around)
    for slot in slots:
        yield from biased(slot, around)
    for one in parts:
        far = one.parent is not statement or not _is_bare(one.node)
        yield from (replace(edit, far=far) for edit in left_out(one, around))
    for slot in slots:
        yield from unused_added(slot)
    yield from _assigned(place, statement, around)
    for one in parts:
        yield from (replace(edit, far=isinstance(statement, ast.Return)) for edit in summed(one))


def _terms(whole: Slot) -> Iterator[Slot]:
    """The terms of a sum that a right side is; nothing where it is none."""
    node = whole.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        for side in (Slot(node, "left", None), Slot(node, "right", None)):
            yield from list(_terms(side)) or [side]


def _beside(place: Slot, part: Slot, parts: Sequence[Slot]) -> Iterator[Edit]:
    """``db`` where ``dW / n`` stands beside it: the division that an array goes without and its neighbours have.

    Neighbours are entries of the same dict, tuple or list, and the lists that are made in the lines around.
    """
    if not isinstance(part.node, ast.expr) or not _is_bare(part.node):
        return
    body = getattr(place.parent, place.field)
    near = [one for one in parts if one is not part]
    if place.index is not None:
        for index in range(max(0, place.index - 2), min(len(body), place.index + 3)):
            value = getattr(body[index], "value", None)
            if index != place.index and isinstance(value, ast.ListComp) and isinstance(part.parent, ast.ListComp):
                near += wholes(Slot(body[index], "value", None))
    divisors = {}
    for slot in (term for one in near for term in (one, *_terms(one))):
        if isinstance(slot.node, ast.BinOp) and isinstance(slot.node.op, ast.Div) and _is_bare(slot.node.left):
            divisors[ast.unparse(slot.node.right)] = slot.node.right
    for divisor in divisors.values():
        yield one_edit(("mean-missing",), part, ast.BinOp(part.node, ast.Div(), divisor), "alike")


def _is_bare(node: ast.AST) -> bool:
    """An array under another name, or a copy of it: where the line says no more, what is missing is missing there."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("np.copy", "np.array") or ast.unparse(node).endswith(".copy()")
    if isinstance(node, ast.UnaryOp):
        return _is_bare(node.operand)
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


# ---- operators and numbers ---------------------------------------------------------------------------------


def _operators(slot: Slot) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield one_edit(("sign",), slot, node.operand)
    if not isinstance(node, ast.BinOp):
        return
    left, right = node.left, node.right
    match node.op:
        case ast.Add():
            yield one_edit(("sign",), slot, ast.BinOp(left, ast.Sub(), right))
        case ast.Sub():
            # 1 - s is what people write: the sign is missing elsewhere
            kind = "" if isinstance(left, ast.Constant) else "swap"
            yield one_edit(("sign",), slot, ast.BinOp(right, ast.Sub(), left), kind)
            yield one_edit(("sign",), slot, ast.BinOp(left, ast.Add(), right))
            if isinstance(left, ast.Constant) and not (isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow)):
                yield one_edit(("activation-derivative-wrong-value",), slot, ast.BinOp(left, ast.Sub(), squared(right)))
        case ast.Mult():
            yield one_edit(("elementwise-for-matmul",), slot, ast.BinOp(left, ast.MatMult(), right))
            yield one_edit(("factor",), slot, ast.BinOp(left, ast.Div(), right))
        case ast.MatMult():
            yield one_edit(("wrong-operand",), slot, ast.BinOp(left, ast.Mult(), right))
        case ast.Div():
            yield one_edit(("factor",), slot, ast.BinOp(left, ast.Mult(), right))
        case ast.Pow() if isinstance(right, ast.Constant):
            yield one_edit(("activation-derivative-wrong-value",), slot, left)


def _numbers(slot: Slot) -> Iterator[Edit]:
    node = slot.node
    inside = isinstance(slot.parent, ast.Subscript | ast.keyword | ast.Slice)
    if not isinstance(node, ast.Constant) or inside:
        return
    value: Any = node.value
    if type(value) not in (int, float) or not value:
        return
    slope = isinstance(slot.parent, ast.BinOp) and isinstance(slot.parent.op, ast.Sub | ast.Pow)
    name = "activation-derivative-wrong-value" if slope else "factor"
    for other in (value * 2, value / 2, 1, value**2, -value):
        if other != value:
            yield one_edit((name if other != -value else "sign",), slot, ast.Constant(other))


def _is_count(node: ast.expr) -> bool:
    """``len(y)``, ``x.shape[0]``: a whole number of examples, layers or units."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("len", "range", "int")
    if isinstance(node, ast.BinOp):
        sides = node.left, node.right
        return any(map(_is_count, sides)) and all(isinstance(s, ast.Constant) or _is_count(s) for s in sides)
    return bool(re.search(r"\.(shape(\[-?\d+\])?|size)$", ast.unparse(node)))


def _scaled(whole: Slot, counts: Sequence[float], regularisation: bool) -> Iterator[Edit]:
    node = whole.node
    assert isinstance(node, ast.expr)
    if _is_count(node):
        return  # to divide by -m instead of m would mend another line's sign
    if regularisation:
        name = ("regularisation-factor",)
        for factor in (-1.0, 2.0, 0.5, *counts):
            yield one_edit(name, whole, ast.BinOp(node, ast.Mult(), ast.Constant(factor)))
            yield one_edit(name, whole, ast.BinOp(node, ast.Div(), ast.Constant(factor)))
        return
    yield one_edit(("sign",), whole, ast.UnaryOp(ast.USub(), node))
    for count in counts:
        yield one_edit(("mean-missing",), whole, ast.BinOp(node, ast.Div(), ast.Constant(count)))
        yield one_edit(("mean-twice",), whole, ast.BinOp(node, ast.Mult(), ast.Constant(count)))
    for factor in (2.0, 0.5):
        yield one_edit(("factor",), whole, ast.BinOp(node, ast.Mult(), ast.Constant(factor)))


# ---- whole statements --------------------------------------------------------------------------------------


def _masks(slot: Slot) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _FLIPPED.get(type(node.ops[0]), ()):
            flipped = ast.Compare(node.left, [other()], node.comparators)
            yield one_edit(("relu-mask-missing", "activation-derivative-wrong-value"), slot, flipped)


def _added(place: Slot, statement: ast.stmt, around: Around) -> Iterator[Edit]:
    """``=`` and ``+=`` for each other; a sum over repeated indices; the sign of what is added."""
    name = ("accumulation-overwritten",)
    if isinstance(statement, ast.AugAssign):
        if isinstance(statement.op, ast.Add | ast.Sub):
            other = ast.Sub() if isinstance(statement.op, ast.Add) else ast.Add()
            yield one_edit(("sign",), place, ast.AugAssign(statement.target, other, statement.value))
        if isinstance(statement.op, ast.Add) and isinstance(statement.target, ast.Subscript):
            base, index = loaded(statement.target.value), statement.target.slice
            call = ast.Call(ast.parse("np.add.at", mode="eval").body, [base, index, statement.value], [])
            yield one_edit(name, place, ast.Expr(call))
    target = target_of(statement)
    if isinstance(statement, ast.Assign) and isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
        more = ("last-example-only",) if around.is_repeated(statement) else ()
        yield one_edit((*name, *more), place, ast.AugAssign(target, ast.Add(), statement.value))


def _assigned(place: Slot, statement: ast.stmt, around: Around) -> Iterator[Edit]:
    """Another variable of the function's for the one that the statement assigns to."""
    own = target_of(statement)
    if not isinstance(statement, ast.Assign) or own is None or isinstance(own, ast.Tuple):
        return
    before = ast.unparse(own)
    for text, target in {**around.targets, **around.arrays}.items():
        if text != before:
            other = ast.Assign([stored(target)], statement.value)
            yield Edit(("wrong-operand",), (place,), (other,), wrong=before, right=text)


def _followed(place: Slot, statement: ast.stmt, counts: Sequence[float], around: Around) -> Iterator[Edit]:
    """A statement that changes an array in place, and after it the division by the count that is missing."""
    target = target_of(statement)
    if not isinstance(target, ast.Subscript) or not around.is_array(target.value):
        return
    base = ast.unparse(target.value)
    for count in counts:
        divided = ast.parse(f"{base} /= {count}").body[0]
        yield one_edit(("mean-missing",), place, ast.If(ast.Constant(True), [statement, divided], []))


# ---- too much, too little ----------------------------------------------------------------------------------


def _dropped(slot: Slot) -> Iterator[Edit]:
    """One side of a sum or a product left out; a function that is not applied."""
    node = slot.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        sums = isinstance(node.op, ast.Add | ast.Sub)
        for kept in (node.left, node.right)[: 2 if isinstance(node.op, ast.Add | ast.Mult) else 1]:
            lost = node.right if kept is node.left else node.left
            if sums:
                names: tuple[str, ...] = ("wrong-operand",)
            elif any(isinstance(n, ast.Compare) for n in ast.walk(lost)) or "1 -" in ast.unparse(lost):
                names = ("activation-derivative-wrong-value",)
            else:
                names = ("mean-twice",) if isinstance(node.op, ast.Div) else ("factor",)
            yield one_edit(names, slot, kept)


def _calls(slot: Slot, around: Around) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        name = ast.unparse(node.func)
        if name in around.helpers:
            yield one_edit(("activation-derivative-wrong-value", "wrong-operand"), slot, node.args[0])
            for other, function in around.helpers.items():
                if other != name:
                    names = ("activation-derivative-wrong-value", "wrong-operand")
                    yield one_edit(names, slot, ast.Call(function, node.args, []))
