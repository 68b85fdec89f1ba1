"""Where an error first stands: the line that is blamed is the first one whose array already carries it."""

from __future__ import annotations

import ast

import numpy as np

from engine.blame.explanation import NUMBERS, Explanation
from engine.blame.matching import Matching
from engine.blame.quantities import Quantity, laid, ratio
from engine.blame.reference import Array, Cannot
from engine.blame.roles import Item, readings, said

_IN_PRODUCT = (ast.BinOp, ast.Mult, ast.MatMult, ast.Name, ast.Attribute, ast.Load)


class Origin(Matching):
    """Goes back from a wrong array to the line that made it wrong."""

    def _forward_line(self, item: Item, q: Quantity, explanation: Explanation) -> tuple[Item, Quantity, Array] | None:
        """The line that made what the change makes of an inner value, that value, and the array for it.

        ``z = W1 @ x`` where the bias is forgotten; the array that is wrong may be made in a helper that z is handed to.
        """
        reference = self.quantities.references[explanation.number]
        overlay = {c.at: c.instead for c in explanation.changes}
        cut = self._cut(explanation.number, q, None) if explanation.number in q.target else {}
        for at in overlay:
            inner = self.quantities.by_value.get((explanation.number, at))
            if at == explanation.target or inner is None or inner.kind != "forward" or inner.leaf:
                continue
            try:
                value = reference.value(at, cut, overlay)
            except Cannot:
                continue
            for number in item.reads:
                other = self.walker.by_version.get(number)
                if other is None or other.given or self.role.get(other) in self.walker.hints[other]:
                    continue
                arrays = laid(other.array, value.shape, turned=self.habit.turned, stacked=other.stacked)
                found = next((a for a in arrays if self.quantities.close(a, value)), None)
                if found is not None:
                    return other, inner, found
        return None

    def _renaming(self, item: Item) -> Item | None:
        """The bare ``dz = dh`` that the line reads: there a step was left out. Of several in a row, the first."""
        read = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        found = next((i for i in read if i.parameter is None and self._only_renames(i)), None)
        while found is not None and found.copy_of is not None:
            before = self.walker.by_version.get(found.copy_of)
            if before is None or before.copy_of is None or not self._only_renames(before):
                break
            found = before
        return found

    def _handed_on(self, item: Item, q: Quantity) -> Item | None:
        """The ``dW = dW_enc`` that calls one contribution all of them."""
        if q in self.walker.hints[item]:
            return None
        later = (i for i in self.walker.items if i.copy_of in item.versions and not i.name.startswith("return"))
        return next((i for i in later if q in self.walker.hints[i]), None)

    def _only_renames(self, item: Item) -> bool:
        """Whether a line has made nothing new of what it read: ``dz = dh``, ``dh[h < 0] = 0`` where no h is."""
        q = self.role.get(item)
        if q is not None and q.kind != "gradient":
            return False
        if item.copy_of is not None:
            return True
        if item.statement.grows and item.statement.targets.entries & set(item.names):
            unchanged = (i for i in self.walker.items if i.name == item.name and i.turn < item.turn)
            return any(_same_numbers(i.array, item.array) for i in unchanged)
        before = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        others = (i for i in before if i.statement is not item.statement)
        return q is not None and any(self.role.get(i) is q and _is_renamed(i, item) for i in others)

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
        if found and found[0].mistakes[0] in ("accumulation-overwritten", "last-example-only"):
            again = self._made_again_and_again(item)
            if again is not None:
                return again
        if found and found[0].mistakes[0].startswith("relu-mask") and item.statement.grows:
            return item  # dh[z <= 0] = 0 is the mask, whatever the array was before
        whole = self._cut_from(item)
        if whole is not None:
            return whole
        fed = self._closure(item)
        unfinished = ((i, role) for i, role in self.role.items() if i.in_progress and i.name == item.name)
        parts: list[Item] = [i for i, role in unfinished if role.kind == "part"]
        turned = bool(found) and "sign" in found[0].mistakes
        earlier: list[Item] = [
            i
            for i in [*self.unmatched, *(parts if turned else ())]
            if i.turn < item.turn and (i in fed or (i.in_progress and i.name == item.name)) and not i.given
        ]
        for other in earlier:
            if not np.any(other.array):
                continue
            if turned and any(self._has_factor(other, q, k) for k in _parts_of(found[0])):
                return other
            if other.array.size != item.array.size:
                continue
            if self._completes(other, item, q):
                return other
            if found and "stale-weight" in found[0].mistakes:
                continue  # what was updated is no mistake; to read it is
            if turned:
                same = laid(other.array, q.true.shape, turned=self.habit.turned, stacked=other.stacked)
                multiples = [k for a in same if (k := ratio(a, q.true, self.quantities.tolerance)) is not None]
                if multiples:
                    if multiples[0] * self.habit.scale < 0:
                        return other
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
            if any(self._is_times(a, item.array) for a in same):
                return other
            if self._carries(other, found):
                return other
        return self._unknown_factor(item, found) or item

    def _unknown_factor(self, item: Item, found: list[Explanation]) -> Item | None:
        """The one array without a role in a bare product, as ``h = z * mask``, that is a constant times too large."""
        tree = item.statement.tree
        if not found or found[0].mistakes[0] not in (*NUMBERS, "mean-misplaced") or not isinstance(tree, ast.Assign):
            return None
        if not isinstance(tree.value, ast.BinOp) or not all(isinstance(n, _IN_PRODUCT) for n in ast.walk(tree.value)):
            return None
        read = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        unknown = [i for i in read if not i.given and i.array.dtype.kind == "f" and i in self.unmatched]
        known = [i for i in read if i.given or (i in self.role and i not in self.unmatched)]
        return unknown[0] if len(unknown) == 1 and len(known) == len(read) - 1 else None

    def _cut_from(self, item: Item) -> Item | None:
        """The array of which a line takes a part under the same name, as ``d2 = d2[:, 1:]``: it computes nothing."""
        tree = item.statement.tree
        if not isinstance(tree, ast.Assign) or not isinstance(tree.value, ast.Subscript):
            return None
        if ast.unparse(tree.value.value) != ast.unparse(tree.targets[0]):
            return None
        read = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        return next((i for i in read if set(i.names) & set(item.names) and not i.given), None)

    def _made_again_and_again(self, item: Item) -> Item | None:
        """What a loop makes anew in every round, where the line only divides the last of it."""
        for number in item.reads:
            other = self.walker.by_version.get(number)
            if other is None or other.given or other.rounds < 2 or other.statement.grows or other.stacked:
                continue
            same = laid(other.array, item.array.shape, turned=self.habit.turned)
            if any(self._is_times(a, item.array) for a in same):
                return other
        return None

    def _is_times(self, one: Array, other: Array) -> bool:
        """Whether an array is a constant times another one: of single numbers, one that a person would write."""
        k = ratio(one, other, self.quantities.tolerance)
        if k is None or one.size > 1:
            return k is not None
        return any(abs(abs(k) / count - 1) < 1e-9 for count in (1.0, 2.0, 0.5, *self.walker.search.counts))

    def _completes(self, other: Item, item: Item, q: Quantity) -> bool:
        """Whether an earlier array, taken for some value on the way, makes everything after it right."""
        for number, target in q.target.items():
            reference = self.quantities.references[number]
            for cut in self._cuts(item, q)[number]:
                for index in reference.step(target, cut)[1:]:
                    if index in cut or reference.arrays[index].size != other.array.size:
                        continue
                    for array in laid(
                        other.array, reference.arrays[index].shape, turned=self.habit.turned, stacked=other.stacked
                    ):
                        try:
                            value = reference.value(target, {**cut, index: array})
                        except Cannot:
                            continue
                        if any(self.quantities.close(a, value) for a in self._laid(item, q)):
                            return True
        return False

    def _laid_anew(self, item: Item) -> Item | None:
        """The array that a line which only lays it in another shape hands on, where that array is already wrong.

        ``return {"b1": db1.reshape(-1, 1)}`` makes no number. It is to blame only if what it was given is a right one.
        """
        read = [self.walker.by_version[n] for n in item.reads if n in self.walker.by_version]
        sources = [o for o in read if not o.given and not o.stacked and _same_numbers(o.array, item.array)]
        if len(sources) != 1:
            return None
        source = sources[0]
        role = self.role.get(source)
        known = role is not None and self.quantities.stands_alone(role) and source.copy_of is None
        return source if not known or self._other_shape_than_its_value(source) else None

    def _other_shape_than_its_value(self, item: Item) -> bool:
        """Whether a ``dV`` lies the other way round than the learner's own ``V``."""
        for path in item.names:
            for kind, bare in readings(said(path)):
                for own in self.walker.items:
                    if kind == "gradient" and bare in map(said, own.names) and own.array.ndim == item.array.ndim:
                        return bool(own.array.shape != item.array.shape)
        return False

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
                    if self._is_times(array, value):
                        return True
        return False


def _is_renamed(before: Item, after: Item) -> bool:
    """Whether one array has another name than the other, or the same numbers under the same, as ``g = g * 1.0``."""
    return before.name != after.name or _same_numbers(before.array, after.array)


def _same_numbers(one: Array, other: Array) -> bool:
    if one.size != other.size or one.dtype != other.dtype:
        return False
    flat = other.ravel()
    return bool(np.array_equal(one.ravel(), flat) or np.array_equal(one.T.ravel(), flat))


def _parts_of(explanation: Explanation) -> list[float]:
    """-1 and the size of a constant that is both too large and of the other sign: two lines may have made it."""
    k = explanation.factor
    return [-1.0, abs(k)] if k is not None and len(explanation.mistakes) > 1 else []
