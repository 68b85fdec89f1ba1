"""Transposes: of an operand, of a product, of the letters of an einsum; and a sum of it that keeps another axis."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.blame.repair.slots import Around, Edit, Slot, one_edit


def turned(slot: Slot, around: Around) -> Iterator[Edit]:
    """An operand, a product, or what a function gives, the other way round; the letters of an einsum exchanged."""
    node = slot.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield one_edit(("transposed",), slot, node.value)
        return
    if isinstance(slot.parent, ast.Attribute) or not isinstance(node, ast.expr):
        return
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    if around.is_array(node) or product or isinstance(node, ast.Call):
        yield one_edit(("transposed",), slot, ast.Attribute(node, "T", ast.Load()))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield one_edit(("transposed",), slot, ast.BinOp(node.right, ast.MatMult(), node.left))
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and len(node.args) == 2
        and node.func.attr in ("dot", "matmul", "outer")
    ):
        yield one_edit(("transposed",), slot, ast.Call(node.func, node.args[::-1], node.keywords))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value:
        for text in _other_sums(node.value):
            yield one_edit(("bias-wrong-axis",), slot, ast.Constant(text))
        for text in _subscripts(node.value):
            yield one_edit(("transposed",), slot, ast.Constant(text))


def _other_sums(text: str) -> Iterator[str]:
    """An einsum text of one operand that keeps another axis: ``no->o`` for ``no->n``."""
    term, _, kept = text.partition("->")
    if "," not in term and len(kept.strip()) == 1:
        yield from (f"{term}->{letter}" for letter in term.strip() if letter != kept.strip())


def _subscripts(text: str) -> Iterator[str]:
    """An einsum text with two letters of one operand exchanged."""
    left, right = text.split("->")
    terms = left.split(",")
    for k, term in enumerate(terms):
        plain = term.strip()
        for i in range(len(plain)):
            for j in range(i + 1, len(plain)):
                if plain[i].isalpha() and plain[j].isalpha() and plain[i] != plain[j]:
                    letters = list(plain)
                    letters[i], letters[j] = letters[j], letters[i]
                    yield ",".join([*terms[:k], "".join(letters), *terms[k + 1 :]]) + "->" + right
