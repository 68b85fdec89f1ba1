"""The walk: each array in the order of the run gets a role and a verdict.

Own consistency comes first, the true value second: a line that is right for the wrong array it was given has inherited
the error.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.blame.explain import Case, Explanation
from engine.blame.model import LineVerdict
from engine.blame.origin import Origin
from engine.blame.quantities import Quantity, ratio
from engine.blame.reference import Array
from engine.blame.roles import Item, readings, said
from engine.blame.walk import Entry, Own, Walk


class Verdicts(Origin):
    """One walk under one habit."""

    def run(self) -> Walk:
        for item in self.walker.items:
            if self.cost >= self.bound:
                break
            self._judge(item)
        return Walk(self.habit, sorted(self.entries, key=lambda e: e.item.turn), self.cost, self.names)

    def _judge(self, item: Item) -> None:
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
                consistent = not self.tainted or self._consistent(item, chosen[0]) is not None or item.given
                if not consistent and not item.in_progress:
                    self.cost += 0.5
                self._take(item, *chosen, "in-progress" if item.in_progress else "right")
                return
            self._own_error(item, named)
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

    def _chosen(
        self, item: Item, matches: list[tuple[Quantity, Array]], hinted: list[Quantity]
    ) -> tuple[Quantity, Array]:
        for q in hinted:
            for match in matches:
                if match[0] is q:
                    return match
        return matches[0]

    def _named_otherwise(self, item: Item, chosen: Quantity, hinted: list[Quantity]) -> Quantity | None:
        """What the name means, where the value is only what comes before it in the same step."""
        if not (self.habit.names_first and self.walker.wrong) or item.in_progress or chosen in hinted or item.given:
            return None
        if chosen.kind == "part" or item not in self.walker.feeding:
            return None
        wanted = [*hinted, *self._by_own_names(item)]
        if any(said(n).lower().startswith("delta") for n in item.names):
            wanted += [q for q in self.quantities.gradients if self._skips(q, chosen)]
        fitting = []
        for q in wanted:
            other_kind = q.kind != chosen.kind and not (q.kind == "gradient" and chosen.nameless)
            if other_kind or q.parameter is not None or q.leaf or not self._laid(item, q) or q is chosen:
                continue
            below = self.quantities.references[1].below(q.target[1])
            if chosen.target.get(1) in below:
                fitting.append((len(below), q))
        return min(fitting, key=lambda one: one[0])[1] if fitting else None

    def _skips(self, q: Quantity, chosen: Quantity) -> bool:
        """Whether ``q`` is the gradient before the activation that ``chosen`` is the gradient behind."""
        if 0 not in q.target or 0 not in chosen.target or chosen.kind != "gradient" or q is chosen:
            return False
        below = self.quantities.references[0].below(q.target[0])
        return chosen.target[0] in below and bool(
            self.walker.search.mutations[0].skip_name(q.target[0], chosen.target[0])
        )

    def _by_own_names(self, item: Item) -> list[Quantity]:
        """Gradients of what the learner calls z, or z1 and z2, where a variable is called dz."""
        found = []
        for path in item.names:
            for kind, bare in readings(said(path)):
                if kind != "gradient":
                    continue
                for q, made in self.names.items():
                    own = said(made.name)
                    if q.kind == "forward" and not q.leaf and (own == bare or own.rstrip("0123456789") == bare):
                        found += [g for g in self.quantities.gradients if q.target[1] in g.of]
        return found

    def _by_rounds(self, item: Item) -> list[Quantity]:
        """In a loop back over layers or time steps: the gradient before the one that the round before has made here."""
        done = [
            q
            for other, q in self.role.items()
            if other.statement is item.statement and other.name == item.name and q.kind == "gradient"
        ]
        if item.rounds < 2 or not done or done[-1].parameter is not None:
            return []
        places = self._written_at(done[-1])
        left = [q for q in self.quantities.gradients if q not in self.own and places & self._written_at(q)]
        earlier = [q for q in left if min(q.of) < min(done[-1].of)]
        return [max(earlier, key=lambda q: min(q.of))] if earlier else []

    def _written_at(self, q: Quantity) -> set[tuple[int, int | None, str]]:
        """Where the loss makes the values of a gradient: line, column and operation."""
        nodes = [self.quantities.references[1].node(v) for v in q.of]
        return {(n.source.line, n.source.column, n.op) for n in nodes if n is not None and n.source is not None}

    def _stronger(self, item: Item, chosen: Quantity) -> Quantity | None:
        """A gradient that people name, where the value is a constant times it and only by chance something nameless."""
        if chosen.kind == "forward" or (0 in chosen.target and chosen.kind == "gradient"):
            return None
        for q in self.quantities.gradients:
            if 0 not in q.target or q.parameter is not None or q in self.own or item not in self.walker.feeding:
                continue
            if any(ratio(a, q.true, self.quantities.tolerance) is not None for a in self._laid(item, q)):
                return q
        return None

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
        for q in ordered:
            unfit = q.leaf or q.true.size != item.array.size or q.true.size == 1
            if (unfit or q.parameter is not None) and (q.parameter is None or not item.in_progress):
                continue
            if not self._below_wrong(q, wrong):
                continue
            own = self._consistent(item, q)
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
        meant = self._meant_by_name(item, hinted)
        for q in meant:
            explanations = self._explain(item, q)
            if explanations:
                self._own_error(item, q, explanations)
                return
            if self._laid(item, q) and self._confirmed(item, q):
                own = self._consistent(item, q)
                if own is not None:
                    self._take(item, q, own, "inherited")
                    return
        meant = [q for q in meant if q.kind == "gradient"]
        is_value = not meant and any(q.kind == "forward" for q in hinted)
        best = None if is_value else self._best_explained(item, meant)
        if best is not None:
            self._own_error(item, *best)
        elif meant:
            self._own_error(item, meant[0], [])
        else:
            self.unmatched.append(item)

    def _meant_by_name(self, item: Item, hinted: list[Quantity]) -> list[Quantity]:
        """The quantities that a wrong array may be by its name, as far as its shape is one of theirs."""
        own_names = [q for q in self._by_own_names(item) if q not in self.own]
        own_names = own_names if len(own_names) == 1 else self._by_rounds(item)
        # an array of one example, in a loop over them
        share = item.rounds > 1 and not item.stacked
        found = []
        for q in dict.fromkeys([*hinted, *own_names]):
            if q.parameter is not None or q.leaf or q.true.size < 2:
                continue
            if self._laid(item, q) or (q.kind == "gradient" and not (share and item.array.ndim != q.true.ndim)):
                found.append(q)
        return found

    def _best_explained(self, item: Item, meant: list[Quantity]) -> tuple[Quantity, list[Explanation]] | None:
        """The gradient as which a wrong array has the simplest explanation; where a name means one, of what follows it.

        ``dh[z <= 0] = 0`` makes ∂L/∂z of what is still called dh.
        """
        if item.array.size < 2:
            return None
        found: list[tuple[tuple[int, int, bool], Quantity, list[Explanation]]] = []
        for q in self.quantities.gradients:
            if q.parameter is not None or not q.target.get(0) or q in self.own or not self._laid(item, q):
                continue
            below = self.quantities.references[0].below(q.target[0])
            if meant and not any(m is not q and m.target.get(0) in below for m in meant):
                continue
            explanations = self._explain(item, q, quickly=True)
            if meant and any(e.guess for e in explanations):
                continue
            if explanations:
                first = explanations[0].mistakes
                rank = len(first), self._left_out(q), first[0] in ("wrong-operand", "factor")
                found.append((rank, q, explanations))
        best = min(found, key=lambda one: one[0], default=None)
        return None if best is None else best[1:]

    def _left_out(self, q: Quantity) -> int:
        """How many gradients on the way to ``q`` no line has made so far."""
        step = set(self.quantities.references[0].step(q.target[0], self._cut(0, q, None)))
        on_the_way = [g for g in self.quantities.gradients if g is not q and g not in self.own and g.parameter is None]
        return sum(bool(step & g.values.get(0, frozenset())) for g in on_the_way)

    def _remember_stale(self, item: Item) -> None:
        """A later array of a parameter: of its shape, and made by a statement that reads the parameter."""
        for number in item.reads:
            other = self.walker.by_version.get(number)
            q = self.role.get(other) if other is not None else None
            if q is not None and q.leaf and q.true.shape == item.array.shape:
                for index in frozenset().union(*q.values.values()):
                    self.stale.setdefault(index, []).append((item.name, item.array))

    def _confirmed(self, item: Item, q: Quantity) -> bool:
        """Whether an array without a role, taken for some gradient, makes this line right: then it is that gradient."""
        for unknown in reversed(self.unmatched):
            if unknown.given or not set(unknown.versions) & item.reads or unknown.array.dtype.kind != "f":
                continue
            for guess in self.quantities.gradients:
                if guess.parameter is not None or guess in self.own or not np.any(unknown.array):
                    continue
                for array in self._laid(unknown, guess) or _spread(unknown, guess):
                    self.own[guess] = Own(array / self.habit.scale, unknown)
                    self.role[unknown] = guess
                    own = self._consistent(item, q)
                    del self.own[guess]
                    del self.role[unknown]
                    if own is not None:
                        self.unmatched.remove(unknown)
                        if not self._confirmed(unknown, guess):
                            self._own_error(unknown, guess, array=array / self.habit.scale)
                        self._take(item, q, own, "inherited")
                        return True
        return False

    def _looked_at(self, item: Item) -> list[tuple[str, Array]]:
        found: dict[str, Array] = {}
        for number in item.reads:
            other = self.walker.by_version.get(number)
            if other is not None and other.array.dtype.kind == "f" and 0 < other.array.ndim <= 2 and len(found) < 8:
                found[other.name] = other.array
        return list(found.items())

    def _explain(self, item: Item, q: Quantity, quickly: bool = False) -> list[Explanation]:
        if not self.explaining:
            return []
        scale = self.habit.scale if q.scaled else 1.0
        case = Case(
            q,
            item.array / scale if scale != 1.0 else item.array,
            self._cuts(item, q),
            self.stale,
            self.habit.scale,
            item.statement.text,
            self.habit.turned and item.parameter is None,
            item.stacked,
            self._looked_at(item),
        )
        key = (
            (item, q, scale, self.habit.scale, self.habit.turned, quickly),
            frozenset((k, o.item) for k, o in self.own.items()),
            frozenset(self.meant),
        )
        if key not in self.walker.found:
            self.walker.found[key] = self.walker.search.find(case, pairs=not quickly)
        return self.walker.found[key]

    def _own_error(
        self, item: Item, q: Quantity, explanations: list[Explanation] | None = None, array: Array | None = None
    ) -> None:
        found = self._explain(item, q) if explanations is None else explanations
        self.tainted = True
        entry = Entry(item, q, "own-error", found, self._first_with_error(item, q, found))
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
            if q.kind == "forward":
                entry.line = self._forward_line(item, found[0]) or entry.line
            if found[0].meant:
                entry.line = self._renaming(item) or self._unfinished(item) or entry.line

    def _price(self, entry: Entry) -> float:
        """What one more wrong array costs to believe; a line that is wrong for several in one way is one mistake."""
        found = entry.explanations
        place = ((entry.line or entry.item).statement, found[0].mistakes if found else ())
        if place in self.blamed:
            return 0.1 if found else 0.3
        self.blamed.add(place)
        return 1 + (0.5 if not found else 0.1 * (len(found[0].mistakes) - 1))

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


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-8, atol=0, equal_nan=True))
