"""The walk: each array in the order of the run gets a role and a verdict.

Own consistency comes first, the true value second: a line that is right for the wrong array it was given has inherited
the error.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.blame.explain import Explanation
from engine.blame.meanings import Meanings
from engine.blame.model import LineVerdict
from engine.blame.quantities import Quantity
from engine.blame.reference import Array, OutOfTime
from engine.blame.roles import Item
from engine.blame.walk import Entry, Own, Walk

_SECOND, _UNKNOWN = 0.7, 1.1
"""What a line costs above 1: two mistakes are less likely in one line than in two, and none that is known even less."""
_INNOCENT = 0.3
"""To begin with an array that a right gradient depends on."""
_BY_CHANCE = 0.5
"""To believe that a line means something nameless which a named gradient times a constant happens to be."""


class _TooDear(Exception):
    """This walk costs as much as another one does: it will not be believed."""


class Verdicts(Meanings):
    """One walk under one habit."""

    def run(self) -> Walk:
        finished = True
        try:
            for item in self.walker.items:
                self._judge(item)
                if self.cost >= self.bound:
                    break
        except _TooDear:
            self.cost = self.bound
        except OutOfTime:
            finished = False  # what was found by now is said, with a message
        return Walk(
            self.habit,
            sorted(self.entries, key=lambda e: e.item.turn),
            self.cost,
            self.names,
            finished,
            self.walker.begun,
        )

    def _judge(self, item: Item) -> None:
        if item in self.meant_as:
            self._own_error(item, self.meant_as[item])
            return
        if item.parameter is not None:
            self._judge_returned(item, self.quantities.by_parameter[item.parameter])
            return
        if item.array.dtype.kind != "f":
            matches = [m for m in self._matches(item) if m[0].leaf]
            if matches:
                self._take(item, *matches[0], "right", shown=False)
            return
        hinted = self.walker.hints[item]
        if item.copy_of is not None and self._renamed(item, hinted):
            return
        matches = self._matches(item)
        if matches:
            chosen = self._chosen(item, matches, hinted)
            named = self._named_otherwise(item, chosen[0], hinted)
            if named is None and self.habit.names_first and self.walker.wrong and not item.in_progress:
                strong = self._stronger(item, chosen[0])
                if strong is not None:
                    own = self._consistent(item, strong) if self.tainted else None
                    if own is not None:
                        self._take(item, strong, own, "inherited")
                    else:
                        self._own_error(item, strong)
                    return
            if named is None:
                if self.walker.wrong and self._stronger(item, chosen[0]) is not None:
                    self.cost += _BY_CHANCE
                consistent = not self.tainted or self._consistent(item, chosen[0]) is not None or item.given
                if not consistent and not item.in_progress:
                    self.cost += 0.5
                self._take(item, *chosen, "in-progress" if item.in_progress else "right")
                return
            made = self.quantities.stands_alone(chosen[0]) and chosen[0] not in self.own
            self._own_error(item, named)
            if item.handed is not None and made and chosen[0].kind == "gradient":
                # what is returned is right for what it is; to call it something else is not
                self.entries[-1].line = replace(item, statement=item.handed)
            return
        if self.tainted and self._inherit(item, hinted):
            return
        self._unmatched(item, hinted)

    def _renamed(self, item: Item, hinted: list[Quantity]) -> bool:
        """Another name for an array that has a role already; not where the new name means the next gradient."""
        source = self.walker.by_version.get(item.copy_of if item.copy_of is not None else -1)
        q = self.role.get(source) if source is not None else None
        if q is None or self._named_otherwise(item, q, hinted) is not None:
            return False
        self.role[item] = q
        return True

    def _judge_returned(self, item: Item, q: Quantity) -> None:
        true = next((a for a in self._laid(item, q) if self.quantities.close(a, q.true)), None)
        own = self._consistent(item, q)
        if true is not None:
            if self.tainted and own is None and np.any(item.array):
                self.cost += 0.5
            self._take(item, q, true, "right")
        elif own is not None:
            self._take(item, q, own, "inherited")
        elif not self._confirmed(item, q):
            source = self._laid_anew(item)
            if source is None:
                self._own_error(item, q)
            else:
                explained = self._explain(replace(item, array=source.array), q) if source.array.ndim else []
                self._own_error(item, q, explained or None)
                self.entries[-1].line = source

    def _inherit(self, item: Item, hinted: list[Quantity]) -> bool:
        wrong = {id(k) for k, o in self.own.items() if not _same(o.array, k.true)} | {id(k) for k in self.meant}
        if not wrong or not np.any(item.array):
            return False
        ordered = [q for q in hinted if q.kind != "part"]
        ordered += [q for q in self.quantities.all if q not in ordered]
        read = self._read(item)
        for q in ordered:
            unfit = q.leaf or q.true.size != item.array.size or q.true.size == 1
            if (unfit or q.parameter is not None) and (q.parameter is None or not item.in_progress):
                continue
            if not self._below_wrong(q, wrong):
                continue
            own = self._consistent(item, q, read)
            if own is not None:
                self._take(item, q, own, "in-progress" if item.in_progress else "inherited")
                return True
        return False

    def _below_wrong(self, q: Quantity, wrong: set[int]) -> bool:
        for number, target in q.target.items():
            below = self.quantities.references[number].below(target)
            for known in (*self.own, *self.meant):
                if id(known) in wrong and known is not q and any(i in below for i in known.values.get(number, ())):
                    return True
        return False

    def _unmatched(self, item: Item, hinted: list[Quantity]) -> None:
        self._remember_stale(item)
        if item in self.walker.feeding and item.array.size > 1 and not item.given:
            self.cost += 0.01
        if item.in_progress or item.given or not self.walker.wrong or not np.any(item.array):
            self.unmatched.append(item)
            return
        if item not in self.walker.feeding:
            return
        if self._read_right(item):
            self.unmatched.append(item)
            return
        meant = self._meant_by_name(item, hinted)
        for q in meant:
            explanations = self._explain(item, q)
            if explanations:
                self._own_error(item, q, explanations)
                return
            if self._laid(item, q) and self._confirmed(item, q):
                return
        meant = [q for q in meant if q.kind == "gradient"]
        is_value = not meant and any(q.kind == "forward" for q in hinted)
        best = None if is_value else self._best_explained(item, meant)
        if best is not None:
            if not self._confirmed(item, best[0]):
                self._own_error(item, *best)
        elif meant:
            self._own_error(item, meant[0], [])
        else:
            self.unmatched.append(item)

    def _read_right(self, item: Item) -> bool:
        """Whether every line that reads an array makes a right one of it: then it is a step of the learner's own."""
        readers = [i for i in self.walker.readers(item) if i in self.walker.feeding]
        return bool(readers) and all(self._is_true(i) for i in readers)

    def _is_true(self, item: Item) -> bool:
        if item.parameter is not None:
            q = self.quantities.by_parameter[item.parameter]
            return any(self.quantities.close(a, q.true) for a in self._laid(item, q))
        return any(q.kind == "gradient" and 0 in q.target for q, _ in self._matches(item))

    def _confirmed(self, item: Item, q: Quantity) -> bool:
        """Whether an array without a role, taken for some gradient, makes this line right: then it is that gradient.

        Both have their verdict then: the other one is wrong by itself, this line inherits.
        """
        for unknown in reversed(self.unmatched):
            if unknown.given or not set(unknown.versions) & item.reads or unknown.array.dtype.kind != "f":
                continue
            guesses = self._making_right(item, q, unknown)
            if not guesses:
                continue
            self.unmatched.remove(unknown)
            # a mask can be applied twice without a change: the guess that is itself explained comes first
            if not any(self._confirmed(unknown, guess) for guess, *_ in guesses):
                guess, array, _ = guesses[0]
                self._own_error(unknown, guess, array=array)
            own = self._consistent(item, q)
            self._take(item, q, guesses[0][2] if own is None else own, "inherited")
            return True
        return False

    def _making_right(self, item: Item, q: Quantity, unknown: Item) -> list[tuple[Quantity, Array, Array]]:
        """The gradients that an array can be so that a line that reads it is right: gradient, array, what comes out."""
        found: list[tuple[Quantity, Array, Array]] = []
        if not np.any(unknown.array):
            return found
        cuts = self._cuts(item, q, self._read(item, unknown))
        for guess in self.quantities.gradients:
            if guess.parameter is not None or guess in self.own or guess is q:
                continue
            for array in self._laid(unknown, guess) or _spread(unknown, guess):
                own = self._consistent_with(item, q, cuts, guess, array / self.habit.scale)
                if own is not None:
                    found.append((guess, array / self.habit.scale, own))
                    break
        return found

    def _own_error(
        self, item: Item, q: Quantity, explanations: list[Explanation] | None = None, array: Array | None = None
    ) -> None:
        if not self.blamed and self.cost + 1 >= self.bound:
            raise _TooDear  # a first wrong line costs 1 whatever its mistake is called
        found = self._explain(item, q) if explanations is None else explanations
        self.tainted = True
        if found and self._wrong_before(item, q, found):
            return
        line = self._first_with_error(item, q, found) if self.explaining else item
        entry = Entry(item, q, "own-error", found, line)
        if not self.blamed and item in self.walker.innocent:
            self.cost += _INNOCENT
        self.cost += self._price(entry)
        self.entries.append(entry)
        arrays = self._laid(item, q)
        if array is None and arrays:
            array = arrays[0] / (self.habit.scale if q.scaled else 1.0)
        if array is None and not item.stacked and item.array.ndim == q.true.ndim:
            array = item.array / (self.habit.scale if q.scaled else 1.0)
        if array is not None:
            self.own[q] = Own(array, item)
        self.role[item] = q
        self.names.setdefault(q, item)
        if found:
            for other, value in found[0].meant.items():
                if other not in self.own:
                    self.meant[other] = value
            if found[0].mistakes[0] == "accumulation-overwritten":
                entry.line = self._handed_on(item, q) or entry.line
            if found[0].meant:
                entry.line = self._renaming(item) or self._unfinished(item) or entry.line

    def _wrong_before(self, item: Item, q: Quantity, found: list[Explanation]) -> bool:
        """Whether a value is wrong because the line before it has made a wrong one: that line is blamed."""
        made = self._forward_line(item, q, found[0])
        if made is None:
            return False
        other, inner, array = made
        self.entries = [entry for entry in self.entries if entry.item is not other]
        self.own.pop(self.role.get(other, inner), None)
        self._own_error(other, inner, found, array)
        own = self._consistent(item, q)
        if own is not None:
            self._take(item, q, own, "inherited")
        return own is not None

    def _price(self, entry: Entry) -> float:
        """What one more wrong array costs to believe; a line that is wrong for several in one way is one mistake."""
        found = entry.explanations
        place = (entry.place.statement, found[0].mistakes if found else ())
        if place in self.blamed:
            return 0.1 if found else 0.3
        self.blamed.add(place)
        return 1 + (_UNKNOWN if not found else _SECOND * (_count(found[0]) - 1))

    def _take(self, item: Item, q: Quantity, array: Array, verdict: LineVerdict, shown: bool = True) -> None:
        self.own[q] = Own(array, item)
        self.role[item] = q
        self.names.setdefault(q, item)
        if shown and not item.given:
            self.entries.append(Entry(item, q, verdict))
        if verdict == "inherited":
            self.tainted = True


def _spread(item: Item, q: Quantity) -> list[Array]:
    """An array with too few axes as NumPy stretches it where the quantity is needed."""
    if item.array.size >= q.true.size or item.array.size < 2:
        return []
    array = item.array
    if item.stacked and q.true.ndim == 2:
        array = array.reshape(-1, 1)
        array = array if array.shape[0] == q.true.shape[0] else array.T
    try:
        return [np.array(np.broadcast_to(array, q.true.shape))]
    except ValueError:
        return []


def _count(explanation: Explanation) -> int:
    """How many mistakes it tells: a constant that is too large and of the other sign is two."""
    both = explanation.factor is not None and "sign" in explanation.mistakes and len(explanation.mistakes) > 1
    return max(explanation.count, 1 + both)


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-8, atol=0, equal_nan=True))
