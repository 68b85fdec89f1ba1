"""Damage to what a rule gives, whatever its source: scaled, turned, left out, exchanged, transposed, cut at ties."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from engine.op import Rule
from engine.ops import TABLE
from engine.ref import Ref
from tests.mutation.mutant import Mutant, row_with

Parts = tuple[Any, ...]
# changes the gradients that a rule found, given its operands
Change = Callable[[list[Any], tuple[Ref, ...]], Iterable[Any]]


def wrapped(row: str, positions: list[int]) -> Iterator[Mutant]:
    """Mutants of a row whose rule was seen to give gradients to the operands at ``positions``."""
    rule = TABLE[row].gradient
    assert rule is not None
    for k in positions:
        for text, change in _of_one(k):
            yield _mutant(row, rule, f"gradient {k} {text}", change, k)
    for j, k in itertools.combinations(positions, 2):
        yield _mutant(row, rule, f"gradients {j} and {k} exchanged", _exchanged(j, k), k)
        yield _mutant(row, rule, f"both gradients zero where operands {j} and {k} are equal", _tied(j, k), k)
    yield Mutant(
        row, "ones in place of the gradient that arrives", ("rule", row), lambda: row_with(row, gradient=_ones(rule))
    )


def _mutant(row: str, rule: Rule, text: str, change: Change, position: int) -> Mutant:
    def damaged(g: Ref, y: Ref, *operands: Ref, **attributes: Any) -> Parts:
        return tuple(change(list(rule(g, y, *operands, **attributes)), operands))

    return Mutant(row, text, ("part", row, position), lambda: row_with(row, gradient=damaged))


def _of_one(k: int) -> list[tuple[str, Change]]:
    def at(function: Callable[[Ref, Ref], Any]) -> Change:
        def change(parts: list[Any], operands: tuple[Ref, ...]) -> list[Any]:
            if k < len(parts) and parts[k] is not None:
                parts[k] = function(parts[k], operands[k])
            return parts

        return change

    return [
        ("times 1.01", at(lambda part, a: part * 1.01)),
        ("times −1", at(lambda part, a: -part)),
        ("left out", at(lambda part, a: None)),
        ("transposed where it is square", at(lambda part, a: _transposed(part))),
        (
            "with its last axis reversed",
            at(lambda part, a: part.apply("flip", axis=part.ndim - 1) if part.ndim else part),
        ),
        ("zero where the operand is zero", at(lambda part, a: _cut(part, a, a.literal(0)))),
        ("one in every entry", at(lambda part, a: Ref(part.graph, None, ones=part.shape, ones_like=a.index))),
    ]


def _transposed(part: Ref) -> Ref:
    square = part.ndim >= 2 and part.shape == part.shape[::-1]
    return part.apply("transpose") if square else part


def _cut(part: Ref, a: Ref, other: Ref) -> Ref:
    """``part`` with 0 where ``a`` equals ``other``, where the shapes allow it."""
    if not all(ref.dtype.kind in "fi" for ref in (a, other)):
        return part
    try:
        fits = np.broadcast_shapes(part.shape, a.shape, other.shape) == part.shape
    except ValueError:
        return part
    return part * a.apply("not_equal", other) if fits else part


def _exchanged(j: int, k: int) -> Change:
    def change(parts: list[Any], operands: tuple[Ref, ...]) -> list[Any]:
        if k < len(parts):
            parts[j], parts[k] = parts[k], parts[j]
        return parts

    return change


def _tied(j: int, k: int) -> Change:
    def change(parts: list[Any], operands: tuple[Ref, ...]) -> list[Any]:
        if k < len(parts):
            for m in (j, k):
                if parts[m] is not None:
                    parts[m] = _cut(parts[m], operands[j], operands[k])
        return parts

    return change


def _ones(rule: Rule) -> Rule:
    def damaged(g: Ref, y: Ref, *operands: Ref, **attributes: Any) -> Parts:
        like = g.ones_like if g.index is None else g.index
        return rule(Ref(g.graph, None, ones=g.shape, ones_like=like), y, *operands, **attributes)

    return damaged
