"""Which habits a backward may have, and which of the walks under them is believed.

What a walk takes for granted (where the backward puts 1/N, whether it works in the other convention, whether names or
values say more) is a `Habit`; the one under which fewest lines are wrong is believed.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from engine.blame.explain import Explanation, Search
from engine.blame.quantities import Quantities, Quantity, laid, ratio
from engine.blame.roles import Item, hints
from engine.blame.statements import Statement
from engine.blame.verdicts import Verdicts
from engine.blame.walk import Habit, Walk

_ROUGH = 0.3
"""Share of the time after which no more habits are walked through roughly."""
_LONG = 12_000
"""Arrays times quantities from which on a walk takes longer than trying plain changes of every line."""


class Walker:
    """Walks through the items of one run. ``innocent``: a gradient that is right depends on them.

    ``begun``: the turn at which each statement first came to its end.
    """

    def __init__(
        self,
        quantities: Quantities,
        items: Sequence[Item],
        wrong: bool,
        until: float,
        begun: Mapping[Statement, int],
    ) -> None:
        self.quantities, self.items, self.wrong, self.until, self.begun = quantities, items, wrong, until, begun
        self.search = Search(quantities, until)
        self.by_version = {n: item for item in items for n in item.versions}
        self.hints = {item: hints(item, quantities) for item in items}
        self.feeding = self._feeding()
        self._readers: dict[Item, list[Item]] | None = None
        self.innocent: frozenset[Item] = frozenset()
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

    def clear(self, items: Iterable[Item]) -> None:
        """Take these as ``innocent``: not those of another size than what their names say, which a sum may hide."""
        self.innocent = frozenset(item for item in items if not self._is_misshapen(item))

    def _is_misshapen(self, item: Item) -> bool:
        meant = [q for q in self.hints[item] if q.kind == "gradient"]
        return item.rounds == 1 and bool(meant) and all(q.true.size != item.array.size for q in meant)

    def readers(self, item: Item) -> list[Item]:
        """The items that are made of this one."""
        if self._readers is None:
            self._readers = {}
            for other in self.items:
                for number in other.reads:
                    if number in self.by_version:
                        self._readers.setdefault(self.by_version[number], []).append(other)
        return self._readers.get(item, [])

    @property
    def is_long(self) -> bool:
        """Whether explaining what is wrong takes long: loops over examples, neurons that are written out."""
        return len(self.items) * len(self.quantities.all) > _LONG

    def best(self) -> Walk:
        """The walk under the habit with the fewest wrong lines; the plain one where several are equal.

        Explaining is what takes long. So all habits are walked without it first, and the likely ones explained first:
        the others are given up as soon as they cost more.
        """
        with self._timed():
            return self._best()

    def roughly(self) -> Walk:
        """The same without explaining what is wrong."""
        with self._timed():
            walks = self._rough_ones(self._habits())
        return min(walks.values(), key=lambda walk: walk.cost)

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        for reference in self.quantities.references:
            reference.until = self.until
        try:
            with np.errstate(all="ignore"):
                yield
        finally:
            for reference in self.quantities.references:
                reference.until = math.inf

    def again(self, habit: Habit, meant: Mapping[Item, Quantity]) -> Walk:
        """The walk under one habit, with arrays that are known to have been meant as some gradient."""
        with np.errstate(all="ignore"):
            return Verdicts(self, habit, meant_as=meant).run()

    def _best(self) -> Walk:
        habits = self._habits()
        if len(habits) > 1:
            rough = {habit: walk.cost for habit, walk in self._rough_ones(habits).items()}
            habits.sort(key=lambda habit: rough.get(habit, math.inf))
        walks: list[Walk] = []
        for habit in habits:
            if walks and time.monotonic() > self.until:
                break
            bound = min((w.cost for w in walks), default=math.inf)
            walk = Verdicts(self, habit, bound=bound).run()
            if not walks or (walk.finished and walk.cost < bound):
                walks.append(walk)
            if walk.cost == 0 and not self.wrong:
                break
        return walks[-1]

    def _rough_ones(self, habits: Sequence[Habit]) -> dict[Habit, Walk]:
        rough: dict[Habit, Walk] = {}
        until = time.monotonic() + _ROUGH * (self.until - time.monotonic())
        for habit in habits:
            if not rough or time.monotonic() < until:
                rough[habit] = Verdicts(self, habit, explaining=False).run()
        return rough

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
