"""Finding the mistake: which change of the reference step gives the array that the line made."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.blame.attempts import Attempts
from engine.blame.changes.contributions import shares
from engine.blame.changes.facts import Change, Site
from engine.blame.changes.twins import Twins
from engine.blame.constants import Constants, is_plain
from engine.blame.explanation import Case, Explanation, is_believed, ranked
from engine.blame.mutations import Mutations
from engine.blame.quantities import Quantities, Quantity, laid, ratio
from engine.blame.reference import Apply, Array, Cannot, Cut, Reference, Was

__all__ = ["Case", "Explanation", "Search"]

_LEAVES_ZEROS = ("last-example-only", "accumulation-overwritten")
_PAIRS_AT_MOST = 4000
_PAIRS_SECONDS = 0.4
_ALL_PAIRS_SECONDS = 1.2
"""What one array, and what all of them may take when two changes at once are tried."""
_ALL_QUICK_SECONDS = 1.0
"""What may be spent on guesses what arrays without a name were meant to be."""


@dataclass(eq=False)
class _Try:
    """One step that is tried: the array beside it, its value without a change, and the changes of it."""

    case: Case
    number: int
    site: Site
    attempts: Attempts
    right: Array
    changes: list[Change]


class Search:
    """Looks for explanations until ``until`` (monotonic seconds)."""

    def __init__(self, quantities: Quantities, until: float) -> None:
        self.quantities, self.until = quantities, until
        self.mutations = [Mutations(quantities, k) for k in range(len(quantities.references))]
        self.constants = Constants(quantities)
        self.counts = self.constants.counts
        self.twins = [Twins(m.facts) for m in self.mutations]
        self.pairs_left, self.quick_left = _ALL_PAIRS_SECONDS, _ALL_QUICK_SECONDS

    def find(self, case: Case, pairs: bool = True) -> list[Explanation]:
        """All explanations of the fewest mistakes that are equal on this input; none where nothing fits.

        Without ``pairs`` two mistakes at once are not tried, nor operands that the line does not read.
        """
        case = _one_example(case)
        found: list[Explanation] = []
        tries: list[_Try] = []
        started = time.monotonic()
        until = self.until if pairs else min(self.until, started + self.quick_left)
        for one in self._tries(case):
            tries.append(one)
            self._single(one, found, until)
            if is_believed(found) or time.monotonic() > until:
                break
        if not pairs:
            self.quick_left -= time.monotonic() - started
        if is_believed(found):
            return ranked(found)
        for one in tries if pairs else ():
            self._anything_else(one, found)
            if is_believed(found):
                return ranked(found)
        if not found and pairs:
            started = time.monotonic()
            until = min(self.until, started + min(_PAIRS_SECONDS, self.pairs_left))
            for one in tries:
                if not found:
                    self._pairs(one, until, found)
            self.pairs_left -= time.monotonic() - started
        return ranked(found)

    def _tries(self, case: Case) -> Iterator[_Try]:
        """The steps to try: from what the learner has next to the array first, in short forms before long ones."""
        for near in (0, 1):
            for number, target in case.quantity.target.items():
                cuts = case.cuts[number]
                if near >= len(cuts):
                    continue
                cut = cuts[-1 - near]
                reference = self.quantities.references[number]
                attempts = Attempts(reference, target, cut)
                right = attempts.right()
                if right is None:
                    continue
                facts = self.mutations[number].facts
                known = facts.leaves.union(i for one in cuts for i in one)
                site = Site(facts, target, cut, case.stale, case.read, case.scale, known)
                yield _Try(case, number, site, attempts, right, [])

    def _fits(self, value: Array | None, case: Case) -> bool:
        if value is None or not np.all(np.isfinite(value)):
            return False
        return any(self.quantities.close(a, value) for a in _laid(value, case))

    # ---- one mistake ---------------------------------------------------------------------------------------

    def _single(self, one: _Try, found: list[Explanation], until: float) -> None:
        self._constant(one, found)
        self._transposed(one, found)
        for change in self.mutations[one.number].at(one.site):
            if time.monotonic() > until:
                return
            one.changes.append(change)
            self._explains(one, (change,), found)
        self._shares(one, found)
        if not found:
            for together in self.twins[one.number].together(one.changes):
                self._explains(one, together, found)

    def _anything_else(self, one: _Try, found: list[Explanation]) -> None:
        """Arrays that the line does not read in the place of an operand, derivatives of other functions."""
        for change in self.mutations[one.number].at(replace(one.site, known=None, slopes=True)):
            if time.monotonic() > self.until:
                return
            self._explains(one, (change,), found)

    def _explains(self, one: _Try, changes: tuple[Change, ...], found: list[Explanation]) -> None:
        value = one.attempts.changed(changes)
        if value is None or not self._fits(value, one.case):
            return
        if value.shape == one.right.shape and self.quantities.close(value, one.right):
            return
        if changes[0].mistake not in _LEAVES_ZEROS and not np.any(value):
            return  # zeros say little of where they come from
        found.append(self._explanation(one, (changes[0].mistake,), changes))

    def _explanation(
        self,
        one: _Try,
        names: tuple[str, ...],
        changes: tuple[Change, ...],
        factor: float | None = None,
        count: int = 1,
    ) -> Explanation:
        case, first = one.case, changes[0]
        at_hand = any(first.operand in cut for cut in case.cuts[one.number])
        leaf = first.operand >= 0 and one.attempts.reference.node(first.operand) is None
        meant = self._meant(one.attempts.reference, one.number, one.site.target, one.site.cut, changes)
        other = first.mistake in ("wrong-operand", "relu-mask-wrong-layer")
        read = first.read or (other and self._is_read(one, first))
        return Explanation(
            names,
            changes,
            factor,
            first.wrong,
            first.right,
            meant,
            one.number,
            one.site.target,
            count,
            read,
            at_hand or leaf,
        )

    def _is_read(self, one: _Try, change: Change) -> bool:
        """Whether the line reads the array that stands in the place of an operand."""
        return any(name == change.wrong for name, _ in one.case.read) or any(
            self.mutations[one.number].facts.label(i) == change.wrong for i in one.case.cuts[one.number][0]
        )

    def _transposed(self, one: _Try, found: list[Explanation]) -> None:
        """The right numbers the other way round; where it is returned, the shape is that of the parameter."""
        case, right = one.case, one.right
        if case.quantity.parameter is None or right.ndim != 2 or case.array.ndim != 2:
            return
        if case.array.shape == right.shape[::-1] and self.quantities.close(case.array.T, right):
            found.append(Explanation(("transposed",), (), right="the product"))

    def _constant(self, one: _Try, found: list[Explanation]) -> None:
        for array in _laid(one.right, one.case):
            k = ratio(array, one.right, self.quantities.tolerance)
            if k is not None and abs(k - 1) > 1e-6:
                guess = not is_plain(k) and int(np.count_nonzero(array)) < 2
                found.append(Explanation(self._named(k, one.case), (), k, guess=guess))

    def _named(self, k: float, case: Case) -> tuple[str, ...]:
        inner = case.quantity.parameter is None
        late = case.scale != 1 and case.quantity.kind != "forward"
        return self.constants.named(k, inner=inner, late=late, statement=case.statement)

    def _shares(self, one: _Try, found: list[Explanation]) -> None:
        """One contribution with another factor, and a share of the parameter itself that does not belong there."""
        case, right = one.case, one.right
        tolerance = max(self.quantities.tolerance, 1e-7)
        arrays = _laid(right, case)
        for share in shares(one.site) if arrays else ():
            value = one.attempts.changed([Change("", share.at, Apply("add", (Was(share.at), share.of)))])
            if value is None or value.shape != right.shape:
                continue
            for array in arrays:
                k = ratio(array - right, value - right, tolerance)
                if k is None or abs(k) < 1e-9:
                    continue
                change = Change(share.lost, share.at, Apply("add", (Was(share.at), Apply("multiply", (k, share.of)))))
                missing, sign = abs(k + 1) < 1e-6, abs(k + 2) < 1e-6
                if missing and not share.regularisation:
                    continue  # a change by itself
                names: tuple[str, ...] = ("sign",) if sign else self._named(1 + k, case)
                if not sign and self.mutations[one.number].facts.is_slope(share.at):
                    names = ("activation-derivative-wrong-value",)
                if share.regularisation:
                    names = ("regularisation-missing",) if missing else ("regularisation-factor", *names[:sign])
                guess = not is_plain(1 + k) and (not share.regularisation or int(np.count_nonzero(value - right)) < 2)
                factor = None if missing else 1 + k
                of = (one.number, one.site.target)
                found.append(
                    Explanation(names, (change,), factor, "", "", {}, *of, guess=guess and not missing, part=True)
                )
        self._own_share(one, arrays, found)

    def _own_share(self, one: _Try, arrays: list[Array], found: list[Explanation]) -> None:
        case, reference = one.case, one.attempts.reference
        of = reference.gradient_of.get(one.site.target)
        if case.quantity.parameter is None or of is None:
            return
        if any(e.mistakes[0].startswith("regularisation") for e in found):
            return
        own = reference.arrays[of]
        for array in arrays:
            if own.shape != array.shape or np.allclose(array, one.right):
                continue
            k = ratio(array - one.right, own, max(self.quantities.tolerance, 1e-7))
            if k is not None and np.count_nonzero(own) > 1:
                wrong = case.quantity.parameter
                found.append(Explanation(("regularisation-factor",), (), k, wrong=wrong))

    def _meant(
        self, reference: Reference, number: int, target: int, cut: Cut, changes: Iterable[Change]
    ) -> dict[Quantity, Array]:
        meant: dict[Quantity, Array] = {}
        overlay = {c.at: c.instead for c in changes}
        for index in reference.step(target, cut)[1:]:
            q = self.quantities.by_value.get((number, index))
            if q is None or q.kind != "gradient" or index not in reference.gradient_of or q is self._of(number, target):
                continue
            if q not in meant and reference.below(index) & overlay.keys():
                try:
                    value = reference.value(index, cut, overlay)
                except Cannot:
                    continue
                if value.shape == q.true.shape:
                    meant[q] = value
        return meant

    def _of(self, number: int, target: int) -> Quantity | None:
        return self.quantities.by_value.get((number, target))

    # ---- two mistakes --------------------------------------------------------------------------------------

    def _pairs(self, one: _Try, until: float, found: list[Explanation]) -> None:
        kept: list[Change] = []
        for change in one.changes:
            if time.monotonic() > self.until:
                return
            value = one.attempts.changed([change])
            if value is None:
                continue
            for array in _laid(value, one.case):
                k = ratio(array, value, self.quantities.tolerance)
                if k is not None and is_plain(k) and np.count_nonzero(value) > 1:
                    named = self._named(k, one.case) if abs(k - 1) > 1e-6 else ()
                    names = (change.mistake, *named)
                    found.append(self._explanation(one, names, (change,), k, count=1 + bool(named)))
            if value.shape != one.right.shape or not self.quantities.close(value, one.right):
                kept.append(change)
        tried = 0
        for k_first, first in enumerate(kept):
            for second in kept[k_first + 1 :]:
                if first.at == second.at or first.mistake == second.mistake == "wrong-operand":
                    continue
                tried += 1
                if found or tried > _PAIRS_AT_MOST or time.monotonic() > until:
                    return
                if self._fits(one.attempts.changed([first, second]), one.case):
                    names = tuple(dict.fromkeys((first.mistake, second.mistake)))
                    found.append(self._explanation(one, names, (first, second), count=2))


def _laid(value: Array, case: Case) -> list[Array]:
    """The array of the line, laid like a value."""
    return laid(case.array, value.shape, turned=case.turned, stacked=case.stacked)


def _one_example(case: Case) -> Case:
    """What a loop over the examples makes anew each time it returns of the last one alone."""
    q = case.quantity
    if not case.stacked or q.parameter is None or case.array.size == q.true.size:
        return case
    last = case.array[-1]
    return replace(case, array=last, stacked=False) if last.size == q.true.size else case
