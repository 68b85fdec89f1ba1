"""The two ways to mend a line: another array in the place of what it computes, and another text."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.blame.explanation import Explanation
from engine.blame.linetrace import Run, Version
from engine.blame.quantities import Quantity, laid
from engine.blame.reference import Array
from engine.blame.repair.edits import edits_of
from engine.blame.repair.slots import Around, Edit
from engine.blame.repair.trials import Right, Trials, takes_a_probe
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Entry, Walk
from engine.blame.walker import Walker

_ITEMS = 40
"""Arrays up to which each is exchanged."""
_ROUNDS = 8
"""Rounds of one statement up to which its arrays are exchanged one after the other."""
_GUESSES = 12
"""Gradients of one shape that an array is tried as."""


@dataclass(frozen=True, eq=False)
class Cure:
    """A line that can be mended.

    ``quantities``: what its arrays were meant to be; ``edit``: what to write, as ``text``. ``mends``: the gradients
    that are right with it and were not, where that is not all of them.
    """

    item: Item
    statement: Statement
    quantities: Mapping[Item, Quantity] = field(default_factory=dict)
    edit: Edit | None = None
    text: str = ""
    mends: tuple[str, ...] = ()

    def explanation(self) -> Explanation | None:
        """The mistake that the edit undoes."""
        if self.edit is None:
            return None
        edit = self.edit
        return Explanation(
            edit.mistakes, (), wrong=edit.wrong, right=edit.right, read=True, cure=self.text, mends=self.mends
        )


class Repairs:
    """Looks for the line that can be mended, among those whose arrays nobody has shown to be right."""

    def __init__(self, walker: Walker, run: Run, trials: Trials, right: Right) -> None:
        self.quantities, self.items, self.feeding = walker.quantities, walker.items, walker.feeding
        self.innocent, self.counts = walker.innocent, walker.search.counts
        self.run, self.trials = run, trials
        self.right, self.every = right, frozenset(self.quantities.by_parameter)
        self._hints = walker.hints
        self.exact = frozenset(i.statement for i in self.items if i in self.feeding and self._is_exact(i))
        self._around: dict[int, Around] = {}
        self._edits_of: dict[int, list[Edit]] = {}
        self._half: tuple[tuple[int, int, int], Cure] | None = None
        numbers = {v.names[0] for v in run.versions if v.given and v.array.ndim == 0}
        paths = {n for v in run.versions if v.array.dtype.kind == "f" for n in v.names if n not in numbers}
        self.paths = frozenset(p for p in paths if not p.startswith("return"))
        self.lists = {n: v.array.ndim for v in run.versions if v.listed for n in v.names}

    def suspects(self, walk: Walk, values: bool = False) -> list[Item]:
        """The arrays that something returned is made of, and that are nothing a person would name, in their order.

        With ``values`` those of the forward pass count that stand inside an expression of the loss alone.
        """
        judged = {entry.item: entry for entry in walk.entries}
        found = []
        for item in self.items:
            if (
                item.given
                or item in self.innocent
                or item not in self.feeding
                or item.array.dtype.kind != "f"
                or item.copy_of is not None
            ):
                continue
            entry = judged.get(item)
            if entry is None and any(item.statement is e.item.statement and e.verdict == "right" for e in walk.entries):
                continue
            q = entry.quantity if entry is not None else None
            if entry is not None and q is not None and entry.verdict in ("right", "in-progress"):
                forward = q.kind == "forward" and not values
                by_habit = walk.habit.scale != 1.0 and q.scaled and q.kind != "forward"
                if forward or (self.quantities.stands_alone(q) and not by_habit):
                    continue
            found.append(item)
        return sorted(found, key=lambda item: item.turn)

    def unproven(self, meant: Cure | None) -> list[Statement]:
        """Every line that may be wrong all the same, up to the one of an array that was meant as something else.

        Its arrays are what they are called, perhaps by accident; or nothing but the way that the run takes, as ``if
        margin > 0``, depends on them.
        """
        cleared = {i.statement for i in self.items if i in self.innocent}
        open_ones = {i.statement for i in self.items if i not in self.innocent and not i.given}
        ran = sorted(self.run.ran, key=lambda one: self.run.ran[one])
        until = self.run.ran[meant.statement] if meant is not None else math.inf
        taken = (one for one in ran if one.simple and self.run.ran[one] < until)
        return [one for one in taken if one in open_ones or one not in cleared]

    # ---- another array in its place -----------------------------------------------------------------------

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
            for factor in dict.fromkeys((scale if q.scaled else 1.0, 1.0)):
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

    def handed(self, walk: Walk, first: Entry) -> Walk:
        """The line that calls the function of the line blamed, where that line is right in other calls."""
        place = first.line or first.item
        for statement in sorted(self.run.ran, key=lambda one: self.run.ran[one]):
            later = self.run.ran[statement] > place.turn and statement is not place.statement
            if later and set(statement.targets.exact) & set(place.names):
                entry = replace(first, line=replace(place, statement=statement))
                return replace(walk, entries=[entry if e is first else e for e in walk.entries])
        return walk

    def is_right_elsewhere(self, first: Entry, walk: Walk) -> bool:
        """Whether the very line that is blamed is right in another call of its function: what it was given is not."""
        place = first.line or first.item
        call = self.run.versions[place.versions[0]].frame
        for entry in walk.entries:
            item, q = entry.item, entry.quantity
            if item.statement is not place.statement or item.names[0] != place.names[0] or q is None:
                continue
            other = self.run.versions[item.versions[0]].frame != call and not self._only_copies(item)
            if other and entry.verdict in ("right", "inherited", "in-progress") and self._is_known(q):
                return True
        return False

    def _only_copies(self, item: Item) -> bool:
        """Whether a line makes no number of its own, as ``dx = dout.copy()``: it is right whatever should follow."""
        return any(np.array_equal(item.array, self.run.versions[n].array) for n in item.reads)

    def is_called(self, item: Item, q: Quantity | None) -> bool:
        """Whether the name of an array says that it is this quantity."""
        return q is not None and q in self._hints[item]

    def _is_exact(self, item: Item) -> bool:
        """Whether an array is a gradient that people name, to the number: its line is the last to be changed."""
        if item.array.dtype.kind != "f" or item.array.size < 2 or not np.any(item.array):
            return False
        named = (q for q in self.quantities.gradients if self.quantities.stands_alone(q))
        return any(
            self.quantities.close(array, count * q.true)
            for q in named
            for array in laid(item.array, q.true.shape, turned=False, stacked=item.stacked)
            for count in (1.0, *(self.counts if q.scaled else ()))
        )

    def _is_known(self, q: Quantity) -> bool:
        return q.kind == "part" or self.quantities.stands_alone(q)

    # ---- another text -------------------------------------------------------------------------------------

    def cures(self, statements: Sequence[Statement], first_names: Sequence[str], tiers: Sequence[int]) -> Cure | None:
        """The first statement that a small change mends, tier after tier (see `Edit.tier`).

        Changes that undo ``first_names`` are tried first, lines that made a right gradient last.
        """
        several = sorted(dict.fromkeys(statements), key=lambda one: one in self.exact)
        for tier in tiers:
            for statement in several:
                cure = self._cure(statement, first_names, tier)
                if cure is not None:
                    return cure
        return None

    def open(self, suspects: Sequence[Item], walk: Walk) -> list[Statement]:
        """The statements that may be wrong, in the order of the run: not those that made nothing but right arrays.

        A line that calls a function of the person's own makes what that function hands back.
        """
        doubtful = set(suspects)
        right = {entry.item for entry in walk.entries if entry.verdict == "right"}
        right |= {item for item in self.items if item.given}
        made: dict[Statement, list[Item]] = {}
        named: dict[str, list[Item]] = {}
        for item in self.items:
            made.setdefault(item.statement, []).append(item)
            for name in item.names:
                named.setdefault(name, []).append(item)
        found = []
        for statement in sorted(self.run.ran, key=lambda one: self.run.ran[one]):
            if not statement.simple:
                continue
            own = [i for i in made.get(statement, ()) if i.copy_of is None]
            handed = [i for path in statement.targets.exact for i in named.get(path, ())]
            if own and not any(item in doubtful and np.any(item.array) for item in own):
                continue  # zeros to add to are no mistake
            hands_on = bool(handed) or isinstance(statement.tree, ast.Return)
            if not made.get(statement) and hands_on and all(item in right for item in handed):
                continue
            found.append(statement)
        return found

    def _cure(self, statement: Statement, first_names: Sequence[str], tier: int) -> Cure | None:
        node = self.trials.find(statement)
        if node is None:
            return None
        edits = [e for e in self._edits(node) if e.tier == tier]
        edits.sort(key=lambda edit: not set(edit.mistakes) & set(first_names))
        for edit in edits:
            if self.trials.over:
                return None
            with edit.made():
                right = self.trials.run(node)
                if right == self.every:
                    return Cure(self._item_of(statement), statement, {}, edit, ast.unparse(edit.statement(node)))
                if right > self.right and statement not in self.exact:
                    self._keep(statement, edit, node, tuple(sorted(right - self.right)))
        return None

    def _keep(self, statement: Statement, edit: Edit, node: ast.stmt, mends: tuple[str, ...]) -> None:
        """Remember the change that makes most gradients right: of several the plainest, the first in the run."""
        rank = -len(mends), edit.tier, self.run.ran.get(statement, 0)
        if self._half is None or rank < self._half[0]:
            text = ast.unparse(edit.statement(node))
            self._half = rank, Cure(self._item_of(statement), statement, {}, edit, text, mends)

    def half(self, blamed: Item | None) -> Cure | None:
        """A change that makes some of the wrong gradients right, in a line that runs before the one blamed."""
        if self._half is None:
            return None
        cure = self._half[1]
        until = self.run.ran.get(blamed.statement, blamed.turn) if blamed is not None else math.inf
        return cure if self.run.ran.get(cure.statement, 0) < until else None

    def _edits(self, node: ast.stmt) -> list[Edit]:
        if id(node) not in self._edits_of:
            self._edits_of[id(node)] = list(edits_of(self.trials.slot_of(node), self._surroundings(node), self.counts))
        return self._edits_of[id(node)]

    def _item_of(self, statement: Statement) -> Item:
        """An array that the statement makes, or hands on under another name; else the last one made by then."""
        own = [i for i in self.items if i.statement is statement]
        handed = [i for i in self.items if set(statement.targets.exact) & set(i.names)]
        turn = self.run.ran.get(statement, 0)
        return next(iter(own or handed), max(self.items, key=lambda i: (i.turn <= turn, i.turn)))

    def _surroundings(self, statement: ast.stmt) -> Around:
        function = self.trials.function_of(statement)
        assert function is not None
        if id(function) not in self._around:
            names = (n for n, thing in self.trials.globals.items() if callable(thing))
            plain = {re.split(r"\W", p, maxsplit=1)[0] for p in self.quantities.by_parameter}
            self._around[id(function)] = Around(function, self.paths, self.lists, names, plain)
        return self._around[id(function)]


def _can_be_exchanged(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AugAssign):
        return isinstance(statement.op, ast.Add) and not isinstance(statement.target, ast.Subscript)
    several = isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple | ast.Dict)
    return takes_a_probe(statement) and not several
