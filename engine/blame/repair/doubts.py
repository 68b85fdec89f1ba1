"""Which arrays and lines nobody has shown to be right, and which of them speak for themselves."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

import numpy as np

from engine.blame.linetrace import Run
from engine.blame.quantities import Quantity, laid, ratio, without_ones
from engine.blame.repair.cure import Cure
from engine.blame.repair.slots import negated_alike
from engine.blame.roles import Item, readings, said
from engine.blame.statements import Statement
from engine.blame.walk import Entry, Walk
from engine.blame.walker import Walker

_CONSTANTS = ("eye", "identity", "ones", "ones_like", "zeros", "zeros_like", "full", "len")


class Doubts:
    """What is known of the arrays of one run.

    ``innocent``: a gradient that is right depends on them. ``exact``: lines that make a gradient people name, to the
    number or a count too large; ``values``: lines that make nothing but what their names say of the forward pass;
    ``standing``: these, and lines that make a gradient which their name does not rule out; ``named``: one that it is.
    """

    def __init__(self, walker: Walker, run: Run, innocent: Iterable[Item]) -> None:
        self.quantities, self.items, self.feeding, self.run = walker.quantities, walker.items, walker.feeding, run
        self.innocent = frozenset(innocent)
        self._hints = walker.hints
        # whose gradients are all handed back with a minus has meant them to be -∂L/∂… until then
        self._sign = -1.0 if any(one.tree and negated_alike(one.tree) for one in run.ran) else 1.0
        self._fed = self._parameters_fed(walker)
        self._read_by: dict[Statement, set[Statement]] = {}
        for item in self.items:
            for reader in walker.readers(item):
                self._read_by.setdefault(item.statement, set()).add(reader.statement)
        gradients, values = self._standing_alone()
        counts = (1.0, *walker.search.counts)
        numbers = [i for i in self.items if i.array.dtype.kind == "f"]
        made = [i for i in numbers if i in self.feeding]
        # a copy says nothing: dz = dh is what is left of a line that lost its mask
        anew = [i for i in made if i.copy_of is None]
        people = [q for q in gradients if not q.unnamed]
        self._by_own_names = self._gradients_of_own_names(numbers)
        meant = {i: self._called(i, people) + self._own(i) for i in anew}
        self.exact = frozenset(i.statement for i in anew if self._is_one_of(i, meant[i], counts))
        self._to_the_count = frozenset(i.statement for i in anew if self._is_one_of(i, meant[i]))
        self.exact |= self._neurons(anew, gradients, counts)
        others = {i.statement for i in numbers if not self._is_one_of(i, self._called(i, values))}
        self.values = frozenset(i.statement for i in numbers) - others
        self._forward = self.values | self._inside_expressions(numbers) | self._constants()
        once = {i.statement for i in anew if self._is_one_of(i, self._called(i, people))}
        self.standing = self.values | once
        right = {i for i in made if self._is_one_of(i, [q for q in gradients if self.is_called(i, q)])}
        self.named = frozenset(i.statement for i in right) - {i.statement for i in made if i not in right}

    def is_likely_right(self, statement: Statement, names: Sequence[str], late: bool) -> bool:
        """Whether a line is one of the last to be changed, for mistakes of these names.

        A gradient that is a count too large says nothing where that count is missing, unless this backward divides
        ``late``.
        """
        exact = self._to_the_count if "mean-missing" in names and not late else self.exact
        read_by = self._read_by.get(statement)
        return statement in exact or statement in self._forward or (read_by is not None and read_by <= exact)

    def _constants(self) -> frozenset[Statement]:
        """Lines that make nothing but arrays of one number, or the identity."""
        made = {i.statement for i in self.items if not i.given}
        return frozenset(one for one in made if one.tree is not None and _is_constant(one.tree))

    def _inside_expressions(self, items: Sequence[Item]) -> frozenset[Statement]:
        """Lines that make nothing but values of the forward pass, also those that only stand inside an expression."""
        of_size: dict[int, list[Quantity]] = {}
        for q in self.quantities.all:
            if q.kind == "forward" and not q.leaf and not self._is_like_gradient(q):
                of_size.setdefault(q.true.size, []).append(q)
        called = ((i, self._called(i, of_size.get(i.array.size, ()))) for i in items)
        others = {i.statement for i, several in called if not self._is_one_of(i, several)}
        return frozenset(i.statement for i in items) - others

    def _is_like_gradient(self, value: Quantity) -> bool:
        """Whether a value is a gradient but for a constant, as ``o - t`` is that of a mean square."""
        of_size = self.quantities.of_size.get(value.true.size, ())
        several = (g for g in of_size if g.kind == "gradient" and self.quantities.stands_alone(g) and not g.leaf)
        return any(ratio(value.true, g.true, self.quantities.tolerance) is not None for g in several)

    def _gradients_of_own_names(self, items: Sequence[Item]) -> dict[str, list[Quantity]]:
        """What ``dden`` is where the backward itself has computed a ``den``, whatever the loss calls it."""
        wanted = {bare for i in items for name in i.names for kind, bare in readings(said(name)) if kind == "gradient"}
        found: dict[str, list[Quantity]] = {}
        for item in items:
            own = {said(name) for name in item.names} & wanted
            if not own or item.given or item.array.size < 2:
                continue
            for q in self.quantities.of_size.get(item.array.size, ()):
                if q.kind != "forward" or q.leaf or not self._is_one_of(item, [q]):
                    continue
                for name in own:
                    found.setdefault(name, []).extend(g for g in self.quantities.gradients if q.target[1] in g.of)
        return found

    def _own(self, item: Item) -> list[Quantity]:
        """The gradients that the name of an array means by the learner's own names."""
        bare = [b for name in item.names for kind, b in readings(said(name)) if kind == "gradient"]
        return [q for name in bare for q in self._by_own_names.get(name, ())]

    def _neurons(
        self, items: Sequence[Item], several: Sequence[Quantity], counts: Sequence[float]
    ) -> frozenset[Statement]:
        """Lines that make a single number for each example, each of them a gradient: one alone may be by accident."""
        rounds: dict[Statement, list[float]] = {}
        for item in items:
            if (item.array.size == 1 or (item.stacked and item.array.ndim == 1)) and not item.in_progress:
                rounds.setdefault(item.statement, []).extend(map(float, item.array.ravel()))
        own_names = [q for q in several if not q.unnamed]
        single = [q for q in own_names if q.true.size == 1 and q.parameter is None]
        true = [count * float(q.true.reshape(())) for q in single for count in (counts if q.scaled else (1.0,))]
        return frozenset(
            statement
            for statement, own in rounds.items()
            if len(own) > 1 and all(any(self.quantities.close(one, t) for t in true) for one in own)
        )

    def _parameters_fed(self, walker: Walker) -> dict[Statement, set[str]]:
        """The parameters whose gradients are made of what each statement makes."""
        fed: dict[Item, set[str]] = {}
        by_statement: dict[Statement, set[str]] = {}
        for item in sorted(self.items, key=lambda one: -one.turn):
            own = {item.parameter} if item.parameter is not None else set()
            fed[item] = own.union(*(fed.get(reader, set()) for reader in walker.readers(item)))
            by_statement.setdefault(item.statement, set()).update(fed[item])
        return by_statement

    def reaches(self, statement: Statement, parameters: Set[str]) -> bool:
        """Whether all these gradients are made of what a statement makes; of one that makes nothing nobody knows."""
        return statement not in self._fed or parameters <= self._fed[statement]

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

    def is_right_elsewhere(self, first: Entry, walk: Walk) -> bool:
        """Whether the very line that is blamed is right in another call of its function: what it was given is not."""
        place = first.place
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
        return q is not None and (q in self._hints[item] or q in self._own(item))

    def handed(self, walk: Walk, first: Entry) -> Walk:
        """The line that calls the function of the line blamed, where that line is right in other calls."""
        place = first.place
        for statement in sorted(self.run.ran, key=lambda one: self.run.ran[one]):
            later = self.run.ran[statement] > place.turn and statement is not place.statement
            if later and set(statement.targets.exact) & set(place.names):
                entry = replace(first, line=replace(place, statement=statement))
                return replace(walk, entries=[entry if e is first else e for e in walk.entries])
        return walk

    def _standing_alone(self) -> tuple[list[Quantity], list[Quantity]]:
        """The gradients, and the values of the forward pass, that a person would name."""
        named = [q for q in self.quantities.all if self.quantities.stands_alone(q) and not q.leaf]
        gradients, values = ([q for q in named if q.kind == kind] for kind in ("gradient", "forward"))
        return gradients, [q for q in values if not self._is_like_gradient(q)]

    def _called(self, item: Item, several: Sequence[Quantity]) -> list[Quantity]:
        """Those of the quantities that the name of an array does not rule out."""
        meant = [q for q in self._hints[item] if q.kind != "part"]
        return [q for q in several if not meant or q in meant]

    def _is_one_of(self, item: Item, several: Sequence[Quantity], counts: Sequence[float] = (1.0,)) -> bool:
        """Whether an array is, to the number, one of these quantities: its line is the last to be changed."""
        if item.array.dtype.kind != "f" or item.array.size < 2 or not np.any(item.array):
            return False
        own = without_ones(item.array.shape)
        several = [q for q in several if q.parameter is None or own == without_ones(q.true.shape)]
        turned = self._sign if item.parameter is None else 1.0
        return any(
            self.quantities.close(array, count * (turned if q.kind == "gradient" else 1.0) * q.true)
            for q in several
            for array in laid(item.array, q.true.shape, turned=False, stacked=item.stacked)
            for count in (counts if q.scaled else (1.0,))
        )

    def _is_known(self, q: Quantity) -> bool:
        return q.kind == "part" or self.quantities.stands_alone(q)


def _is_constant(statement: ast.AST) -> bool:
    """Whether all that a statement calls are functions as ``np.eye(n)``, but for what gives sizes."""
    called = [ast.unparse(n.func).rpartition(".")[2] for n in ast.walk(statement) if isinstance(n, ast.Call)]
    plain = not any(isinstance(n, ast.BinOp) for n in ast.walk(statement))
    return plain and bool(called) and all(name in _CONSTANTS for name in called)
