"""What an array of the learner's can be: by its true value, or by what its reference step gives on their own arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from engine.blame.quantities import Quantity, laid, largest
from engine.blame.reference import Array, Cannot, Cut, Given, Overlay
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Entry, Habit, Own

if TYPE_CHECKING:
    from engine.blame.walker import Walker


Cuts = Mapping[int, Sequence[Cut]]


class Matching:
    """The state of one walk, and what an array is by its value or by what it was made of.

    Without ``explaining`` no mistake is looked for, only counted; a walk that costs more than ``bound`` is given up.
    ``meant_as`` are arrays that are wrong by themselves, with the gradient that each should be.
    """

    def __init__(
        self,
        walker: Walker,
        habit: Habit,
        *,
        explaining: bool = True,
        bound: float = math.inf,
        meant_as: Mapping[Item, Quantity] = MappingProxyType({}),
    ) -> None:
        self.walker, self.habit, self.explaining, self.bound = walker, habit, explaining, bound
        self.quantities, self.meant_as = walker.quantities, meant_as
        self.own: dict[Quantity, Own] = {}
        self.meant: dict[Quantity, Array] = {}
        self.role: dict[Item, Quantity] = {}
        self.names: dict[Quantity, Item] = {}
        self.entries: list[Entry] = []
        self.unmatched: list[Item] = []
        self.tainted = False
        self.stale: dict[int, list[tuple[str, Array]]] = {}
        self.cost = 0.0
        self.blamed: set[tuple[Statement, tuple[str, ...]]] = set()

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
        size = largest(item.array)
        for q in self.quantities.of_size.get(item.array.size, ()):
            if q.true.size == 1 and (item.array.ndim == 0 or q.kind != "gradient"):
                continue
            for scale in self._scales(item, q):
                if abs(size / abs(scale) - q.largest) > 2 * self.quantities.tolerance * q.largest:
                    continue  # not its numbers, however they are laid
                for array in self._laid(item, q):
                    freed = array / scale if scale != 1.0 else array
                    if self.quantities.close(freed, q.true):
                        found.append((q, freed))
                        break
        return list({id(q): (q, a) for q, a in reversed(found)}.values())[::-1]

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

    def _read(self, item: Item, until: Item | None = None) -> set[Quantity]:
        """The quantities that an array is made of, through arrays without a role; of ``until`` nothing is looked at."""
        found: set[Quantity] = set()
        stack, seen = list(item.reads), {until}
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

    def _cuts(self, item: Item, q: Quantity, read: set[Quantity] | None = None) -> Cuts:
        """For each reference what the array may be made from: what its line reads, and everything that is known."""
        cuts: dict[int, list[Cut]] = {}
        read = self._read(item) if read is None else read
        for number in q.target:
            first, second = self._cut(number, q, read), self._cut(number, q, None)
            cuts[number] = [first] if first.keys() == second.keys() else [first, second]
        return cuts

    def _consistent(self, item: Item, q: Quantity, read: set[Quantity] | None = None) -> Array | None:
        """The array, free of the factor, if it is what the reference step gives on the learner's own arrays."""
        for number, cuts in self._cuts(item, q, read).items():
            for cut in cuts:
                own = self._made_of(item, q, number, cut, {})
                if own is not None:
                    return own
        return None

    def _consistent_with(self, item: Item, q: Quantity, cuts: Cuts, taken: Quantity, array: Array) -> Array | None:
        """The same with one more array, taken for some quantity: what it does not reach is made once for all."""
        for number, several in cuts.items():
            below = self.quantities.references[number].below(q.target[number])
            reached = (i for i in taken.values.get(number, ()) if i in below and i not in q.values[number])
            overlay: Overlay = {i: Given(array, taken.name) for i in reached}
            for cut in several if overlay else ():
                own = self._made_of(item, q, number, cut, overlay)
                if own is not None:
                    return own
        return None

    def _made_of(self, item: Item, q: Quantity, number: int, cut: Cut, overlay: Overlay) -> Array | None:
        try:
            value = self.quantities.references[number].value(q.target[number], cut, overlay)
        except Cannot:
            return None
        for scale in self._scales(item, q):
            for array in self._laid(item, q):
                freed = array / scale if scale != 1.0 else array
                if freed.shape == value.shape and self.quantities.close(freed, value):
                    return freed
        return None


def beside(item: Item, q: Quantity, habit: Habit) -> tuple[Array, Array]:
    """The learner's array and what it should be, in the layout of the learner's where the two can be laid alike."""
    right = q.true * habit.scale if q.scaled and habit.scale != 1.0 else q.true
    if item.stacked:
        stacked = laid(item.array, right.shape, turned=habit.turned, stacked=True)
        return (stacked[0], right) if stacked else (item.array, right)
    turned = habit.turned and item.parameter is None
    same = laid(right, item.array.shape, turned=turned)
    return item.array, same[0] if same else right
