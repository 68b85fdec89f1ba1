"""The walk: each array in the order of the run gets a role and a verdict.

Own consistency comes first, the true value second: a line that is right for the wrong array it was given has inherited
the error. What the walk takes for granted (where the backward puts 1/N, whether it works in the other convention,
whether names or values say more) is a `Habit`; the one under which fewest lines are wrong is believed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.blame.explain import Case, Explanation, Search
from engine.blame.model import LineVerdict
from engine.blame.quantities import Quantities, Quantity, laid, ratio
from engine.blame.reference import Array, Cannot, Cut
from engine.blame.roles import Item, hints, readings, said


@dataclass(frozen=True)
class Habit:
    """``scale``: what the learner's inner gradients are, divided by the true ones (N where 1/N comes late)."""

    scale: float = 1.0
    turned: bool = False
    names_first: bool = False


@dataclass(eq=False)
class Entry:
    """One judged array."""

    item: Item
    quantity: Quantity | None
    verdict: LineVerdict
    explanations: list[Explanation] = field(default_factory=list)
    line: Item | None = None


@dataclass(eq=False)
class Walk:
    """One walk under one habit, and what it costs to believe it."""

    habit: Habit
    entries: list[Entry]
    cost: float
    own_names: dict[Quantity, Item]


@dataclass(eq=False)
class _Own:
    array: Array
    item: Item | None


class Walker:
    """Walks through the items of one run."""

    def __init__(self, quantities: Quantities, items: Sequence[Item], wrong: bool, until: float) -> None:
        self.quantities, self.items, self.wrong, self.until = quantities, items, wrong, until
        self.search = Search(quantities, until)
        self.by_version = {n: item for item in items for n in item.versions}
        self.hints = {item: hints(item, quantities) for item in items}
        self.feeding = self._feeding()
        self.found: dict[object, list[Explanation]] = {}

    def _feeding(self) -> set[Item]:
        """The items that something returned is made of."""
        stack = [item for item in self.items if item.parameter is not None]
        seen: set[Item] = set()
        while stack:
            top = stack.pop()
            if top in seen:
                continue
            seen.add(top)
            stack += [self.by_version[n] for n in top.reads if n in self.by_version]
        return seen

    # ---- habits --------------------------------------------------------------------------------------------

    def best(self) -> Walk:
        """The walk under the habit with the fewest wrong lines; the plain one where several are equal."""
        walks: list[Walk] = []
        for habit in self._habits():
            if walks and time.monotonic() > self.until:
                break
            walks.append(_Steps(self, habit).run())
            if walks[-1].cost == 0 and not self.wrong:
                break
        return min(walks, key=lambda w: w.cost)

    def _habits(self) -> list[Habit]:
        scales, turned = {1.0: 1}, False
        for item in self.items:
            if item.given or item.array.dtype.kind != "f" or item.array.size < 2:
                continue
            for q in self.quantities.gradients:
                if q.parameter is not None or q.true.size < 2:
                    continue
                for array in laid(item.array, q.true.shape, turned=True, stacked=item.stacked):
                    k = ratio(array, q.true, self.quantities.tolerance)
                    if k is not None and (abs(k) > 1e-12):
                        key = next((s for s in scales if abs(s / k - 1) < 1e-6), k)
                        scales[key] = scales.get(key, 0) + 1
            if item.array.ndim == 2:
                turned = turned or any(
                    q.kind != "part" and not q.leaf and self._is_turned(item, q) for q in self.quantities.all
                )
        for count in self.search.counts:
            scales.setdefault(count, 0)
        best = [1.0, *sorted((s for s in scales if s != 1.0), key=lambda s: -scales[s])[:4]]
        names = (True, False) if self.wrong else (False,)
        return [Habit(s, t, n) for t in ((False, True) if turned else (False,)) for s in best for n in names]

    def _is_turned(self, item: Item, q: Quantity) -> bool:
        if q.true.ndim != 2 or item.array.shape != q.true.shape[::-1] or 1 in q.true.shape:
            return False
        return ratio(item.array.T, q.true, self.quantities.tolerance) is not None


class _Steps:
    """One walk."""

    def __init__(self, walker: Walker, habit: Habit) -> None:
        self.walker, self.habit = walker, habit
        self.quantities = walker.quantities
        self.own: dict[Quantity, _Own] = {}
        self.meant: dict[Quantity, Array] = {}
        self.role: dict[Item, Quantity] = {}
        self.names: dict[Quantity, Item] = {}
        self.entries: list[Entry] = []
        self.unmatched: list[Item] = []
        self.tainted = False
        self.stale: dict[int, list[tuple[str, Array]]] = {}
        self.cost = 0.0

    def run(self) -> Walk:
        for item in self.walker.items:
            self._judge(item)
        return Walk(self.habit, sorted(self.entries, key=lambda e: e.item.turn), self.cost, self.names)

    # ---- what an array can be ------------------------------------------------------------------------------

    def _laid(self, item: Item, q: Quantity) -> list[Array]:
        """The array beside the true one, free of the global factor."""
        turned = self.habit.turned and item.parameter is None
        arrays = laid(item.array, q.true.shape, turned=turned, stacked=item.stacked)
        if item.parameter is not None and item.array.ndim == 2 and item.array.shape != q.true.shape:
            arrays = [a for a in arrays if 1 in item.array.shape]
        return arrays

    def _scales(self, item: Item, q: Quantity) -> tuple[float, ...]:
        scale = self.habit.scale
        if scale == 1.0 or q.kind == "forward":
            return (1.0,)
        if q.scaled and q.kind == "gradient":
            return (scale,)
        return (scale, 1.0) if item.in_progress or q.kind == "part" else (1.0,)

    def _matches(self, item: Item) -> list[tuple[Quantity, Array]]:
        """The quantities that the array is, by its true value."""
        found = []
        zero = not np.any(item.array)
        if zero or item.array.size == 0:
            return []
        for q in self.quantities.all:
            if q.true.size != item.array.size or (q.true.size == 1 and (item.array.ndim == 0 or q.kind != "gradient")):
                continue
            for scale in self._scales(item, q):
                for array in self._laid(item, q):
                    freed = array / scale if scale != 1.0 else array
                    if self.quantities.close(freed, q.true):
                        found.append((q, freed))
                        break
        return list({id(q): (q, a) for q, a in reversed(found)}.values())[::-1]

    # ---- cuts ----------------------------------------------------------------------------------------------

    def _cut(self, number: int, q: Quantity, chosen: set[Quantity] | None) -> Cut:
        reference = self.quantities.references[number]
        below = reference.below(q.target[number])
        cut: dict[int, Array] = {}
        arrays = {k: o.array for k, o in self.own.items() if chosen is None or k in chosen}
        arrays |= {k: a for k, a in self.meant.items() if k not in self.own}
        for known, array in arrays.items():
            if known is q:
                continue
            for index in known.values.get(number, ()):
                if index in below and index not in q.values[number]:
                    cut[index] = array
        return cut

    def _read(self, item: Item) -> set[Quantity]:
        found: set[Quantity] = set()
        stack, seen = list(item.reads), set()
        while stack:
            number = stack.pop()
            other = self.walker.by_version.get(number)
            if other is None or other in seen:
                continue
            seen.add(other)
            if other in self.role:
                found.add(self.role[other])
            else:
                stack += other.reads
        return found

    def _cuts(self, item: Item, q: Quantity) -> dict[int, list[Cut]]:
        cuts: dict[int, list[Cut]] = {}
        read = self._read(item)
        for number in q.target:
            first, second = self._cut(number, q, read), self._cut(number, q, None)
            cuts[number] = [first] if first.keys() == second.keys() else [first, second]
        return cuts

    def _consistent(self, item: Item, q: Quantity) -> Array | None:
        """The array, free of the factor, if it is what the reference step gives on the learner's own arrays."""
        for number, cuts in self._cuts(item, q).items():
            reference = self.quantities.references[number]
            for cut in cuts:
                try:
                    value = reference.value(q.target[number], cut)
                except Cannot:
                    continue
                for scale in self._scales(item, q):
                    for array in self._laid(item, q):
                        freed = array / scale if scale != 1.0 else array
                        if freed.shape == value.shape and self.quantities.close(freed, value):
                            return freed
        return None

    # ---- one array -----------------------------------------------------------------------------------------

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
            if q.kind != chosen.kind or q.parameter is not None or q.leaf or not self._laid(item, q) or q is chosen:
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
            self._own_error(item, q)

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
        own_names = [q for q in self._by_own_names(item) if q not in self.own]
        for q in dict.fromkeys([*hinted, *(own_names if len(own_names) == 1 else [])]):
            if q.parameter is not None or q.leaf or q.true.size < 2:
                continue
            if not self._laid(item, q) and (q.kind != "gradient" or item.array.ndim != q.true.ndim):
                continue
            explanations = self._explain(item, q)
            if not explanations and self._laid(item, q) and self._confirmed(item, q):
                own = self._consistent(item, q)
                if own is not None:
                    self._take(item, q, own, "inherited")
                    return
            if explanations or q.kind == "gradient":
                self._own_error(item, q, explanations)
                return
        if item.array.size > 1:
            best: tuple[Quantity, list[Explanation]] | None = None
            for q in self.quantities.gradients:
                if q.parameter is not None or not q.target.get(0) or q in self.own or not self._laid(item, q):
                    continue
                explanations = self._explain(item, q, quickly=True)
                if explanations and (best is None or _rank(explanations) < _rank(best[1])):
                    best = q, explanations
            if best is not None:
                self._own_error(item, *best)
                return
        self.unmatched.append(item)

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
                for array in self._laid(unknown, guess):
                    self.own[guess] = _Own(array / self.habit.scale, unknown)
                    self.role[unknown] = guess
                    own = self._consistent(item, q)
                    del self.own[guess]
                    del self.role[unknown]
                    if own is not None:
                        self.unmatched.remove(unknown)
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
        self.cost += 1 + (0.5 if not found else 0.1 * (len(found[0].mistakes) - 1))
        self.tainted = True
        entry = Entry(item, q, "own-error", found, self._first_with_error(item, q, found))
        self.entries.append(entry)
        arrays = self._laid(item, q)
        if array is None and arrays:
            array = arrays[0] / (self.habit.scale if q.scaled else 1.0)
        if array is None and not item.stacked and item.array.ndim == q.true.ndim:
            array = item.array / (self.habit.scale if q.scaled else 1.0)
        if array is not None:
            self.own[q] = _Own(array, item)
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

    def _forward_line(self, item: Item, explanation: Explanation) -> Item | None:
        """The line that made what the change makes of an inner value: ``z = W1 @ x`` where the bias is forgotten."""
        reference = self.quantities.references[explanation.number]
        overlay = {c.at: c.instead for c in explanation.changes}
        for at in overlay:
            if at == explanation.target:
                continue
            try:
                value = reference.value(at, {}, overlay)
            except Cannot:
                continue
            for number in item.reads:
                other = self.walker.by_version.get(number)
                if other is None or other.given or self.role.get(other) in self.walker.hints[other]:
                    continue
                arrays = laid(other.array, value.shape, turned=self.habit.turned, stacked=other.stacked)
                if any(self.quantities.close(a, value) for a in arrays):
                    return other
        return None

    def _renaming(self, item: Item) -> Item | None:
        """The bare ``dz = dh`` that the line reads: there a step was left out."""
        read = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        return next((i for i in read if i.parameter is None and self._only_renames(i)), None)

    def _only_renames(self, item: Item) -> bool:
        """Whether a line has made nothing new of what it read."""
        if item.copy_of is not None:
            return True
        q = self.role.get(item)
        before = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        return q is not None and any(self.role.get(i) is q and i.name != item.name for i in before)

    def _unfinished(self, item: Item) -> Item | None:
        """An earlier unfinished array that was made from what no line computes."""
        for other in self.unmatched:
            if not other.in_progress or other.turn >= item.turn or other.given or not np.any(other.array):
                continue
            for q in self.quantities.all:
                if q.kind == "forward" or q.true.size != other.array.size or not self._laid(other, q):
                    continue
                if q not in self.own and self._consistent(other, q) is not None:
                    return other
        return None

    def _first_with_error(self, item: Item, q: Quantity, found: list[Explanation]) -> Item:
        """The first version of the variable that already carries the error."""
        fed = self._closure(item)
        earlier = [
            i
            for i in self.unmatched
            if i.turn < item.turn and (i in fed or (i.in_progress and i.name == item.name)) and not i.given
        ]
        for other in earlier:
            if not np.any(other.array) or other.array.size != item.array.size:
                continue
            factor = found[0].factor if found else None
            if factor is None and found and "sign" in found[0].mistakes:
                factor = -1.0
            if factor is not None and self._has_factor(other, q, factor):
                return other
            if found and found[0].factor is not None:
                continue
            if not found and other.in_progress and other.name == item.name:
                return other
            same = laid(other.array, item.array.shape, turned=True, stacked=other.stacked)
            if any(ratio(a, item.array, self.quantities.tolerance) is not None for a in same):
                return other
            if self._carries(other, found):
                return other
        return item

    def _closure(self, item: Item) -> set[Item]:
        """The arrays without a role that a line is made of, through others without one."""
        found: set[Item] = set()
        stack = list(item.reads)
        while stack:
            other = self.walker.by_version.get(stack.pop())
            if other is not None and other not in found and other not in self.role:
                found.add(other)
                stack += other.reads
        return found

    def _has_factor(self, other: Item, q: Quantity, factor: float) -> bool:
        """Whether an unfinished array is already off by the factor that the finished one is off by."""
        allowed = (1.0, self.habit.scale, *self.walker.search.counts)
        for number, target in q.target.items():
            reference = self.quantities.references[number]
            cut = self._cut(number, q, None)
            for index in reference.step(target, cut):
                try:
                    value = reference.value(index, cut)
                except Cannot:
                    continue
                for array in laid(other.array, value.shape, turned=self.habit.turned, stacked=other.stacked):
                    k = ratio(array, value, self.quantities.tolerance)
                    if k is not None and any(abs(k / factor / a - 1) < 1e-6 for a in allowed):
                        return True
        return False

    def _carries(self, other: Item, found: list[Explanation]) -> bool:
        for explanation in found:
            if explanation.target < 0 or any(not hasattr(c, "instead") for c in explanation.changes):
                continue
            reference = self.quantities.references[explanation.number]
            overlay = {c.at: c.instead for c in explanation.changes}
            for index in reference.step(explanation.target, {}):
                if not reference.below(index) & overlay.keys():
                    continue
                q = self.quantities.by_value.get((explanation.number, explanation.target))
                cut = self._cut(explanation.number, q, None) if q is not None else {}
                try:
                    value = reference.value(index, cut, overlay)
                except (Cannot, ValueError, TypeError):
                    continue
                for array in laid(other.array, value.shape, turned=self.habit.turned, stacked=other.stacked):
                    if ratio(array, value, self.quantities.tolerance) is not None:
                        return True
        return False

    def _take(self, item: Item, q: Quantity, array: Array, verdict: LineVerdict, shown: bool = True) -> None:
        self.own[q] = _Own(array, item)
        self.role[item] = q
        self.names.setdefault(q, item)
        if shown and not item.given:
            self.entries.append(Entry(item, q, verdict))
        if verdict == "inherited":
            self.tainted = True


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-8, atol=0, equal_nan=True))


def _rank(explanations: list[Explanation]) -> tuple[int, bool]:
    first = explanations[0]
    return len(first.mistakes), first.mistakes[0] in ("wrong-operand", "factor")
