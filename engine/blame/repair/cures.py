"""Another text in the place of a line: changes that make gradients right."""

from __future__ import annotations

import ast
import contextlib
import copy
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.blame.linetrace import Run, numbers
from engine.blame.quantities import ratio
from engine.blame.reference import Array
from engine.blame.repair.cure import Cure
from engine.blame.repair.doubts import Doubts
from engine.blame.repair.edits import edits_of
from engine.blame.repair.foretold import Foretold
from engine.blame.repair.influence import innocent
from engine.blame.repair.slots import Around, Edit, Share
from engine.blame.repair.substitutes import Substitutes
from engine.blame.repair.trials import Right, Trials
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Walk
from engine.blame.walker import Walker

_Sort = tuple[int, bool | None]
"""A tier of changes, and whether those are meant that only swap two sides; None for all of the tier."""


@dataclass(frozen=True, eq=False)
class _Tried:
    """A change that was made alone, and the gradients that are right with it."""

    statement: Statement
    edit: Edit
    node: ast.stmt
    right: Right


class Repairs:
    """Changes lines of a backward one at a time, and says which change makes which gradients right.

    ``returned`` are the gradients as it stands. ``blamed`` are the lines that comparing arrays has called wrong;
    ``late``: this backward divides by the count at the parameters alone.
    """

    def __init__(self, walker: Walker, run: Run, trials: Trials, returned: Mapping[str, Any]) -> None:
        self.doubts = Doubts(walker, run, walker.innocent)
        self.substitutes = Substitutes(self.doubts, trials)
        self.quantities, self.items, self.feeding = walker.quantities, walker.items, walker.feeding
        self.counts, self.run, self.trials = walker.search.counts, run, trials
        self.right, self.every = trials.right(returned), frozenset(self.quantities.by_parameter)
        self._around: dict[int, Around] = {}
        self._edits_of: dict[int, list[Edit]] = {}
        true = {p: q.true for p, q in self.quantities.by_parameter.items()}
        self._foretold = Foretold(true, returned, self.quantities.tolerance)
        self._own = dict(self._parameter_arrays())
        self._shares = dict(self._missing_shares(returned))
        self.late, self.blamed = False, frozenset[Statement]()
        self.followed: set[Edit] = set()
        self.judged: set[Edit] = set()
        self._done: set[tuple[Statement, _Sort]] = set()
        self._alone: list[_Tried] | None = []
        single = _given_numbers(run)
        paths = {n for v in run.versions if v.array.dtype.kind == "f" for n in v.names if n not in single}
        self.paths = frozenset(p for p in paths if not p.startswith("return"))
        self.masks = frozenset(n for v in run.versions if v.array.dtype.kind == "b" for n in v.names)
        self._parameters = frozenset(re.split(r"\W", p, maxsplit=1)[0] for p in self.every) | set(self._second_names())
        self.lists = {n: v.array.ndim for v in run.versions if v.listed for n in v.names}

    def compare(self, walk: Walk) -> None:
        """Take up what comparing arrays has found."""
        self.late = walk.habit.scale != 1.0
        self.blamed = frozenset(e.place.statement for e in walk.wrong)

    def _parameter_arrays(self) -> Iterator[tuple[str, Array]]:
        reference = self.quantities.references[0]
        for parameter, q in self.quantities.by_parameter.items():
            of = reference.gradient_of.get(q.target.get(0, -1))
            if of is not None:
                yield parameter, reference.arrays[of]

    def _second_names(self) -> Iterator[str]:
        """What else parameters are called: ``V`` where ``V = W.T`` stands."""
        weights = [w for w in self._own.values() if w.ndim == 2]
        for version in self.run.versions:
            a = version.array
            if a.ndim == 2 and any(np.array_equal(a, w) or np.array_equal(a, w.T) for w in weights):
                yield from (name for name in version.names if name.isidentifier())

    def _missing_shares(self, returned: Mapping[str, Any]) -> Iterator[tuple[str, Share]]:
        """By which multiple of its parameter a returned gradient is too small, where that is all it is wrong by."""
        for parameter, own in self._own.items():
            array, true = numbers(returned[parameter]), self.quantities.by_parameter[parameter].true
            if array is None or array.shape != true.shape or true.size < 2:
                continue
            share = ratio(true - array, own, 1e-7)
            if share is not None and parameter not in self.right:
                makers = frozenset(id(node) for node in map(self.trials.find, self._makers_of(parameter)) if node)
                yield parameter, Share(float(f"{share:.12g}"), makers)

    def may_mend_all(self, statement: Statement) -> bool:
        """Whether a change of a line can make every gradient right: not where one that is wrong is not made of it, and
        not where it makes a right gradient that it calls by its name."""
        if isinstance(statement.tree, ast.Return):
            return True  # it hands on what other lines have made
        return statement not in self.doubts.named and self.doubts.reaches(statement, self.every - self.right)

    def makers(self, other: Cure) -> list[Statement]:
        """The lines that make the gradients which are still wrong with another change made, but for its own."""
        several = [one for p in sorted(self.every - self.right) for one in self._makers_of(p)]
        return [one for one in dict.fromkeys(several) if one is not other.statement]

    def _makers_of(self, parameter: str) -> list[Statement]:
        """The lines that make a returned gradient, or what it is made of where it is handed back."""
        found = []
        for item in self.items:
            if item.parameter == parameter and isinstance(item.statement.tree, ast.Return):
                found += [i.statement for i in self.items if set(i.versions) & item.reads]
            elif item.parameter == parameter:
                found.append(item.statement)
        return found

    def cures(self, statements: Sequence[Statement], first_names: Sequence[str], tiers: Sequence[int]) -> Cure | None:
        """The first statement that a small change mends, tier after tier (see `Edit.tier`).

        Changes that undo ``first_names`` are tried first, lines that made a right gradient last; none is tried again.
        """
        likely_right = {one for one in statements if self.doubts.is_likely_right(one, first_names, self.late)}
        several = list(dict.fromkeys(statements))
        doubtful = [one for one in several if one not in likely_right], [one for one in several if one in likely_right]
        for tier in tiers:
            for group in doubtful:
                # what is only taken away comes before two sides that change places
                for swaps in (False, True) if tier == 0 else (None,):
                    cure = self._first_cure(group, first_names, (tier, swaps))
                    if cure is not None:
                        return cure
        return None

    def _first_cure(self, statements: Sequence[Statement], first_names: Sequence[str], sort: _Sort) -> Cure | None:
        for statement in statements:
            if (statement, sort) in self._done:
                continue
            cure = self._cure(statement, first_names, sort)
            if cure is not None:
                return cure
            self._done.add((statement, sort))
        return None

    def _cure(self, statement: Statement, first_names: Sequence[str], sort: _Sort) -> Cure | None:
        node = self.trials.find(statement)
        if node is None:
            return None
        tier, swaps = sort
        edits = [e for e in self._edits(node) if e.tier == tier and swaps in (None, e.kind == "swap")]
        edits.sort(key=lambda edit: not set(edit.mistakes) & set(first_names))
        for edit in edits:
            if self.trials.over:
                return None
            with edit.made():
                tried = _Tried(statement, edit, node, self.trials.run(node))
            if tried.right == self.every:
                return self._as_cure(tried)
            self._keep(tried)
        return None

    def _keep(self, tried: _Tried) -> None:
        gradients = self.trials.gradients
        if self._alone is not None and gradients is not None and self._foretold.add(gradients):
            self._alone.append(tried)

    def foretold(self) -> Iterator[tuple[Cure, Cure]]:
        """Two changes of different lines, tried alone, that should make every gradient right together."""
        alone = self._alone or []
        for one, other in ((alone[k], alone[n]) for k, n in self._foretold.pairs(lambda: self.trials.over)):
            if one.statement is not other.statement:
                yield self._as_cure(one), self._as_cure(other)

    def _as_cure(self, tried: _Tried) -> Cure:
        mends = tuple(sorted(tried.right - self.right)) if tried.right != self.every else ()
        with tried.edit.made():
            text = tried.edit.text(tried.node)
        item = self.item_of(tried.statement)
        if self._is_update_undone(tried, text):
            stale = replace(tried.edit, mistakes=("stale-weight",), wrong=item.name)
            return Cure(item, tried.statement, {}, stale, "", mends, reader=self._reader(item))
        # a gradient that is right, and called what it is: the line that takes it for the next one is wrong
        named = tried.statement in self.doubts.named
        reader = self._reader(item) if tried.edit.far and named else None
        return Cure(item, tried.statement, {}, tried.edit, text, mends, reader=reader)

    def _is_update_undone(self, tried: _Tried, text: str) -> bool:
        """Whether a change leaves ``W = W`` of the update of a parameter: to read it after that is the mistake."""
        target = tried.statement.targets.exact
        return any(name in self._parameters and text == f"{name} = {name}" for name in target)

    def _reader(self, item: Item) -> Statement | None:
        several = {
            i.statement for i in self.items if set(item.versions) & i.reads and i.statement is not item.statement
        }
        return min(several, key=lambda one: self.run.ran.get(one, 0), default=None)

    def is_mended_by(self, cure: Cure) -> bool:
        """Whether every gradient is right with one change."""
        node = self.trials.find(cure.statement)
        assert cure.edit is not None and node is not None
        with cure.edit.made():
            return self.trials.run(node) == self.every

    def partial(self) -> list[Cure]:
        """Changes that help: one of each line, those first that make most gradients right, or right up to a constant.

        ``mends`` is empty where no gradient is right that was not.
        """
        best: dict[Statement, tuple[tuple[int, ...], Cure]] = {}
        for (right, known), one in zip(self._foretold.gains(), self._alone or (), strict=True):
            if right < 0 or not (right or known > 0) or one.statement in self.doubts.standing:
                continue
            added = "sum-for-mean" not in one.edit.mistakes  # a mean is meant there rather than one more division
            spoils = self.spoils(one.statement, one.edit)
            blamed, swap = one.statement in self.blamed, one.edit.kind == "swap"
            turn = self.run.ran.get(one.statement, 0)
            rank = spoils, -right, -known, not blamed, one.edit.tier, added, swap, turn
            if one.statement not in best or rank < best[one.statement][0]:
                best[one.statement] = rank, self._as_cure(one)
        return [cure for _, cure in sorted(best.values(), key=lambda found: found[0])]

    def spoils(self, statement: Statement, edit: Edit) -> bool:
        """Whether a change is one of a line that is likely right."""
        return self.doubts.is_likely_right(statement, edit.mistakes, self.late)

    def half(self, blamed: Item | None) -> Cure | None:
        """A change that makes some of the wrong gradients right, in a line that runs before the one blamed."""
        until = self.run.ran.get(blamed.statement, blamed.turn) if blamed is not None else math.inf
        cure = next((one for one in self.partial() if one.mends), None)
        return cure if cure is not None and self.run.ran.get(cure.statement, 0) < until else None

    @contextlib.contextmanager
    def after(self, cure: Cure) -> Iterator[Repairs]:
        """Repairs of what is still wrong with one change made: other gradients are right, and other lines cleared."""
        node = self.trials.find(cure.statement)
        assert cure.edit is not None and node is not None
        with cure.edit.made(), self.trials.keeping(node):
            later = copy.copy(self)
            later.right = self.right | set(cure.mends)
            cleared = innocent(self.trials, self.run, self.items, self.feeding, later.right)
            later.doubts = copy.copy(self.doubts)
            later.doubts.innocent = cleared
            later._alone, later._done = None, set()
            later._edits_of = {key: edits for key, edits in self._edits_of.items() if key != id(node)}
            yield later

    def _edits(self, node: ast.stmt) -> list[Edit]:
        if id(node) not in self._edits_of:
            self._edits_of[id(node)] = list(edits_of(self.trials.slot_of(node), self._surroundings(node), self.counts))
        return self._edits_of[id(node)]

    def item_of(self, statement: Statement) -> Item:
        """An array that the statement makes, or hands on under another name; else the last one made by then."""
        own = [i for i in self.items if i.statement is statement]
        if isinstance(statement.tree, ast.Return):  # it hands back what it is changed for, perhaps made elsewhere
            own = [i for i in self.items if i.parameter is not None and i.parameter not in self.right] or own
        own.sort(key=lambda i: i.parameter in self.right)
        handed = [i for i in self.items if set(statement.targets.exact) & set(i.names)]
        turn = self.run.ran.get(statement, 0)
        return next(iter(own or handed), max(self.items, key=lambda i: (i.turn <= turn, i.turn)))

    def _surroundings(self, statement: ast.stmt) -> Around:
        function = self.trials.function_of(statement)
        assert function is not None
        if id(function) not in self._around:
            names = (n for n, thing in self.trials.globals.items() if callable(thing))
            self._around[id(function)] = Around(
                function, self.paths, self.lists, names, self._parameters, self.masks, self._shares
            )
        return self._around[id(function)]


def _given_numbers(run: Run) -> set[str]:
    """The names of numbers that the backward is given, also where it hands them on: ``lam``, ``rate``."""
    given = [v for v in run.versions if v.given and v.array.ndim == 0]
    numbers = {float(v.array) for v in given if v.array.dtype.kind == "f"}
    others = {n for v in run.versions if v.array.size != 1 or v.array.item() not in numbers for n in v.names}
    return {n for v in given for n in v.names} | ({n for v in run.versions for n in v.names} - others)
