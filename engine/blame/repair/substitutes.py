"""Another array in the place of what a line computes: if all is right then, the line was meant to make that array."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from engine.blame.linetrace import Version
from engine.blame.quantities import Quantity, laid
from engine.blame.reference import Array
from engine.blame.repair.cure import Cure
from engine.blame.repair.doubts import Doubts
from engine.blame.repair.trials import Right, Trials, takes_a_probe
from engine.blame.roles import Item
from engine.blame.statements import Statement

_ITEMS = 40
"""Arrays up to which each is exchanged."""
_ROUNDS = 8
"""Rounds of one statement up to which its arrays are exchanged one after the other."""
_GUESSES = 12
"""Gradients of one shape that an array is tried as."""


class Substitutes:
    """Puts gradients of the reference in the place of what a line computes."""

    def __init__(self, doubts: Doubts, trials: Trials) -> None:
        self.quantities, self.run, self.trials = doubts.quantities, doubts.run, trials
        self.every = frozenset(self.quantities.by_parameter)

    def meant(self, items: Sequence[Item], scale: float) -> Cure | None:
        """The first line whose arrays can be exchanged for gradients so that everything returned is right.

        One round of the line if that is enough; else round after round, as long as each makes more gradients right.
        """
        if len(items) > _ITEMS:
            return None  # a loop over examples: one array alone mends nothing
        by_statement: dict[Statement, list[Item]] = {}
        for item in items:
            by_statement.setdefault(item.statement, []).append(item)
        for several in (False, True):
            for statement, own in by_statement.items():
                node = self.trials.find(statement)
                rounds = len(self.run.rounds(statement))
                if node is None or not _can_be_exchanged(node) or not several < rounds <= _ROUNDS:
                    continue
                found = self._meant(node, [i for i in own if not i.stacked], scale, several)
                if found:
                    return Cure(next(iter(found)), statement, found)
        return None

    def _meant(self, node: ast.stmt, items: Sequence[Item], scale: float, several: bool) -> dict[Item, Quantity]:
        arrays: dict[int, Array] = {}
        found: dict[Item, Quantity] = {}
        known = self.trials.run(node) if several else self.every
        for item in items:
            version = self.run.versions[item.versions[0]]
            place = self.run.rounds(version.statement).index(version.turn)
            for q, array in self._guesses(item, scale):
                if self.trials.over:
                    return {}
                right = self._exchanged(node, version, arrays | {place: array})
                if right == self.every or (several and right > known):
                    found[item] = q
                    if right == self.every:
                        return found
                    known = right
                    arrays[place] = array
                    break
        return {}

    def _guesses(self, item: Item, scale: float) -> Iterator[tuple[Quantity, Array]]:
        """The gradients that an array can be by its size, and what each is in the learner's layout."""
        size = item.array.size
        fitting = [q for q in self.quantities.all if q.kind != "forward" and q.true.size == size and size > 1]
        fitting = [q for q in fitting if q.parameter is None and not q.leaf]
        if item.parameter is not None:
            fitting = [self.quantities.by_parameter[item.parameter]]
        for q in sorted(fitting, key=lambda q: (q.kind == "part", 0 not in q.target))[:_GUESSES]:
            usual = scale if q.scaled else 1.0
            if any(self.quantities.close(item.array, a) for a in laid(q.true * usual, item.array.shape, turned=False)):
                continue  # it is this gradient, as this backward has it
            for factor in dict.fromkeys((usual, 1.0)):
                for array in laid(q.true * factor, item.array.shape, turned=False):
                    yield q, array

    def _exchanged(self, statement: ast.stmt, version: Version, arrays: Mapping[int, Array]) -> Right:
        """What is right with other arrays in some rounds of the statement."""
        count = -1
        before = self.run.versions[version.before].array if version.before is not None else None
        added = isinstance(statement, ast.AugAssign)
        if added and (before is None or any(a.shape != before.shape for a in arrays.values())):
            return frozenset()

        def probe(value: Any) -> Any:
            nonlocal count
            count += 1
            if count not in arrays:
                return value
            array = arrays[count] - before if added else arrays[count]
            return array.copy() if np.shape(value) == array.shape else value

        return self.trials.probed(statement, probe)


def _can_be_exchanged(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AugAssign):
        return isinstance(statement.op, ast.Add) and not isinstance(statement.target, ast.Subscript)
    several = isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple | ast.Dict)
    return takes_a_probe(statement) and not several
