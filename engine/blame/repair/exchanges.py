"""Other arrays and other indices in the place of those that a statement reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from engine.blame.repair.slopes import complement, factors, is_one
from engine.blame.repair.slots import Around, Edit, Slot

_SLOPE = re.compile(r"prime|deriv|grad(?!_)|slope", re.IGNORECASE)


def other_indices(slots: Sequence[Slot], around: Around) -> Iterator[Edit]:
    """``h[k]`` for ``h[j]``, ``hs[t - 1]`` for ``hs[t]``: alone, and wherever it stands."""
    seen: set[tuple[str, str]] = set()
    for slot in slots:
        node = slot.node
        if not isinstance(node, ast.Subscript) or not around.is_array(node):
            continue
        text = ast.unparse(node)
        others = [(ast.unparse(other), other) for other in _other_indices(node, around)]
        for edit in _swapped(slot, slots, text, others):
            key = (str(len(edit.slots)) + ast.unparse(slot.parent) + text, edit.right)
            if key not in seen:
                seen.add(key)
                yield edit


def _other_indices(node: ast.Subscript, around: Around) -> Iterator[ast.expr]:
    index = node.slice
    for text, container in around.containers.items():
        if text != ast.unparse(node.value):
            yield ast.Subscript(container, index, ast.Load())
    parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
    for k, part in enumerate(parts):
        others: list[ast.expr] = []
        if isinstance(part, ast.Slice | ast.Compare):
            continue
        plain = isinstance(part, ast.Constant)
        if isinstance(part, ast.Constant) and type(part.value) is int:
            others += [ast.Constant(part.value + 1), ast.Constant(part.value - 1)]
        elif isinstance(part, ast.BinOp) and isinstance(part.right, ast.Constant):
            others.append(part.left)
        if not plain:
            others += [ast.BinOp(part, op, ast.Constant(1)) for op in (ast.Add(), ast.Sub())]
            others += [name for text, name in around.indices.items() if text != ast.unparse(part)]
        for other in others:
            whole = other if len(parts) == 1 else ast.Tuple([*parts[:k], other, *parts[k + 1 :]], ast.Load())
            yield ast.Subscript(node.value, whole, ast.Load())


def other_operands(slots: Sequence[Slot], around: Around) -> Iterator[Edit]:
    """Every array that the statement reads, in one place or in all, exchanged for another one of the function's."""
    inside = {id(slot.node) for slot in slots if isinstance(slot.parent, ast.Subscript) and slot.field == "slice"}
    seen: set[tuple[str, str]] = set()
    for slot in slots:
        node = slot.node
        if not isinstance(node, ast.expr) or id(node) in inside:
            continue
        if not (around.is_array(node) or _is_other(slot, around)):
            continue
        if isinstance(slot.parent, ast.Attribute | ast.Subscript) and around.is_array(slot.parent):
            continue
        text = ast.unparse(node)
        others = sorted(around.arrays.items(), key=lambda one: -_alike(text, one[0]))
        for edit in _swapped(slot, slots, text, [(name, other) for name, other in others if name != text]):
            if len(edit.slots) > 1:
                if (text, edit.right) in seen:
                    continue
                seen.add((text, edit.right))
            yield edit


def _is_other(slot: Slot, around: Around) -> bool:
    """Whether the name of a number or of whole numbers stands there, where an array may belong."""
    node = slot.node
    return isinstance(node, ast.Name) and node.id in around.variables and not isinstance(slot.parent, ast.Subscript)


def _alike(one: str, other: str) -> int:
    """How many letters two names begin with together: z1 is meant for z2 rather than for x."""
    return next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _swapped(slot: Slot, slots: Sequence[Slot], text: str, others: Sequence[tuple[str, ast.expr]]) -> Iterator[Edit]:
    """Each of the others in the place of what stands there, and wherever the same stands."""
    alike = [s for s in slots if isinstance(s.node, ast.expr) and ast.unparse(s.node) == text] if others else []
    role = _role(slot, slots)
    roles = [_role(s, slots) for s in alike] if len(alike) > 1 else []
    names = next((n for n in roles if n != ("wrong-operand",)), ("wrong-operand",))
    for right, other in others:
        yield Edit(role, (slot,), (other,), "operand", text, right)
        if len(alike) > 1:
            yield Edit(names, tuple(alike), tuple(other for _ in alike), "operand", text, right)


def _role(slot: Slot, slots: Sequence[Slot]) -> tuple[str, ...]:
    """What it is to have another array at this place: in a mask, in the derivative of an activation, elsewhere."""
    above = {id(s.node): s for s in slots}
    chain, at = [], slot
    while True:
        chain.append(at.parent)
        if id(at.parent) not in above:
            break
        at = above[id(at.parent)]
    for node in chain:
        if isinstance(node, ast.Compare):
            return ("relu-mask-wrong-layer",)
        if isinstance(node, ast.Call) and _SLOPE.search(ast.unparse(node.func).rsplit(".", 1)[-1]):
            return ("activation-derivative-wrong-value",)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and is_one(node.left):
            return ("activation-derivative-wrong-value",)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            return ("wrong-operand",)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            text = ast.unparse(slot.node)
            if any((one := complement(side)) is not None and ast.unparse(one) == text for side in factors(node)):
                return ("activation-derivative-wrong-value",)
    return ("wrong-operand",)
