"""Weights that are updated too early: the gradient of the layer below goes through a weight that was never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from tests.blame.expressions import Mistake
from tests.blame.regions import Unit, base_of, reads, target_of, units_of


def updates_moved(text: str) -> Iterator[tuple[Mistake, str]]:
    """Each ``W -= rate * dW`` of the file moved up, right behind the line that makes dW."""
    units = units_of(text)
    lines = text.splitlines(keepends=True)
    for unit in units:
        node = unit.node
        if not (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub) and isinstance(node.target, ast.Name)):
            continue
        name = node.target.id
        made = [one for one in _before(units, unit) if reads(unit, base_of(target_of(one))) and target_of(one) != name]
        if not made:
            continue
        behind = made[-1].node.end_lineno or 0
        readers = [one for one in _before(units, unit) if one.node.lineno > behind and reads(one, name)]
        if readers:
            own = lines[node.lineno - 1]
            moved = [*lines[:behind], own, *lines[behind : node.lineno - 1], *lines[node.lineno :]]
            yield _mistake(readers[0], f"{own.strip()} (moved up)"), "".join(moved)


def updates_added(text: str, params: Mapping[str, Any]) -> Iterator[tuple[Mistake, str]]:
    """``W = W - 0.1 * dW`` written behind the line that makes dW, where W is read once more below."""
    units = units_of(text)
    lines = text.splitlines(keepends=True)
    for unit in units:
        target = target_of(unit)
        own = next((name for name in params if target in (f"d{name}", f"grad_{name}")), None)
        if own is None or not isinstance(unit.node, ast.Assign):
            continue
        behind = unit.node.end_lineno or 0
        readers = [
            one for one in units if one.function is unit.function and one.node.lineno > behind and reads(one, own)
        ]
        if readers:
            indent = " " * unit.node.col_offset
            added = f"{own} = {own} - 0.1 * {target}"
            yield _mistake(readers[0], added), "".join([*lines[:behind], f"{indent}{added}\n", *lines[behind:]])


def _mistake(reader: Unit, after: str) -> Mistake:
    return Mistake(("stale-weight",), frozenset(line + 1 for line in reader.lines), "", after)


def _before(units: list[Unit], unit: Unit) -> list[Unit]:
    return [
        one for one in units if one.function is unit.function and one.node.lineno < unit.node.lineno and target_of(one)
    ]
