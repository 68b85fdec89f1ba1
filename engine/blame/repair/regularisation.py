"""The regularisation in a statement: terms that are made of a parameter alone, and the one that is left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from engine.blame.repair.slots import Around, Edit, Slot, one_edit, target_of
from engine.blame.roles import readings, said


def terms_of_parameters(node: ast.AST, around: Around) -> frozenset[int]:
    """What stands in a term of a sum that is made of a parameter alone, and the sums that have such a term.

    Nothing where the statement makes the gradient of something else, as ``dh += W[j] - W[k]``.
    """
    found: set[int] = set()
    meant = _gradient_of(node)
    if meant and not meant & around.parameters:
        return frozenset()
    for one in ast.walk(node):
        if not isinstance(one, ast.BinOp | ast.AugAssign) or not isinstance(one.op, ast.Add | ast.Sub):
            continue
        terms = [one.left, one.right] if isinstance(one, ast.BinOp) else [one.value]
        for term in terms:
            if isinstance(term, ast.BinOp) and only_parameters(term, around):
                found |= {id(one), *(id(inner) for inner in ast.walk(term))}
    return frozenset(found)


def _gradient_of(node: ast.AST) -> set[str]:
    """What a statement makes the gradient of, by the name of its target: ``W`` where it is ``dW`` or ``grads["W"]``."""
    target = target_of(node)
    if target is None:
        return set()
    if not isinstance(target, ast.Subscript):
        return _bare(said(ast.unparse(target)))
    key = isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)
    name = said(ast.unparse(target if key else target.value))
    return _bare(name) | {name}


def _bare(name: str) -> set[str]:
    return {bare for kind, bare in readings(name) if kind == "gradient"}


def only_parameters(node: ast.AST, around: Around) -> bool:
    """Whether an expression reads parameters and no other arrays: what is added for the regularisation."""
    arrays = (n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute) and around.is_array(n))
    read = {n.id if isinstance(n, ast.Name) else n.attr for n in arrays}
    return bool(read & around.parameters) and read <= around.parameters


def regularised(place: Slot, statement: ast.stmt, parts: Sequence[Slot], around: Around) -> Iterator[Edit]:
    """The share of a parameter that its gradient goes without: where it is made, or handed back."""
    if around.is_repeated(statement):
        return
    made = _gradient_of(statement)
    for parameter, share in around.shares.items():
        own = next((array for text, array in around.arrays.items() if said(text) == parameter), None)
        if own is None:
            continue
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
            yield from _regularised_below(place, statement, parameter, ast.unparse(own), share.multiple)
        made_here = parameter in made or id(statement) in share.makers
        shares = [own, ast.Attribute(own, "T", ast.Load())] if id(statement) in share.makers else [own]
        for one in parts:
            if isinstance(one.node, ast.expr) and (made_here or _is_entry(statement, one, parameter)):
                for array in shares:
                    term = ast.BinOp(ast.Constant(share.multiple), ast.Mult(), array)
                    yield one_edit(("regularisation-missing",), one, ast.BinOp(one.node, ast.Add(), term))


def _is_entry(statement: ast.stmt, part: Slot, parameter: str) -> bool:
    """Whether a part is the gradient of a parameter in a dict that is returned."""
    if not isinstance(statement, ast.Return) or not isinstance(part.parent, ast.Dict) or part.index is None:
        return False
    key = part.parent.keys[part.index]
    return isinstance(key, ast.Constant) and key.value in (parameter, f"d{parameter}")


def _regularised_below(place: Slot, statement: ast.Assign, parameter: str, own: str, share: float) -> Iterator[Edit]:
    """The same below ``dx, dW, db = affine_backward(...)``, which makes several gradients."""
    assert isinstance(statement.targets[0], ast.Tuple)
    for target in map(ast.unparse, statement.targets[0].elts):
        if ("gradient", parameter) in readings(said(target)):
            added = ast.parse(f"{target} += {share} * {own}").body[0]
            yield one_edit(("regularisation-missing",), place, ast.If(ast.Constant(True), [statement, added], []))
