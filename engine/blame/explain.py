"""Finding the mistake: which change of the reference step gives the array that the line made."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.blame.mutations import Change, Mutations, attempt
from engine.blame.quantities import Quantities, Quantity, laid, ratio
from engine.blame.reference import Apply, Array, Cannot, Cut, Of, Reference, Was

_PAIRS_AT_MOST = 4000
_PAIRS_SECONDS = 0.4
"""What one array may take when two changes at once are tried."""


@dataclass(eq=False)
class Explanation:
    """Changes that together give the array. ``factor`` is a constant in front of it all.

    ``meant`` are quantities that no line computes and that the change makes wrong: what the learner takes for them.
    """

    mistakes: tuple[str, ...]
    changes: tuple[Change, ...]
    factor: float | None = None
    wrong: str = ""
    right: str = ""
    meant: dict[Quantity, Array] = field(default_factory=dict)
    number: int = 0
    target: int = -1


@dataclass(frozen=True)
class Case:
    """One array that is wrong by itself: what it should be, and the arrays that it could have been made from.

    ``cuts`` are, for each reference, the cuts to try, the nearest first. ``scale`` is the global factor that the array
    was freed from, ``statement`` the text of its line.
    """

    quantity: Quantity
    array: Array
    cuts: Mapping[int, Sequence[Cut]]
    stale: Mapping[int, Sequence[tuple[str, Array]]]
    scale: float
    statement: str
    turned: bool = False
    stacked: bool = False
    read: Sequence[tuple[str, Array]] = ()


class Search:
    """Looks for explanations until ``until`` (monotonic seconds)."""

    def __init__(self, quantities: Quantities, until: float) -> None:
        self.quantities, self.until = quantities, until
        self.mutations = [Mutations(quantities, k) for k in range(len(quantities.references))]
        self.counts = self._counts()
        self.pairs_until = until

    def _counts(self) -> list[float]:
        """The numbers that the loss divides by, and the number of examples."""
        program = self.quantities.program
        counts: set[float] = {float(program.examples)} if program.examples else set()
        for reference in self.quantities.references:
            for node in reference.program.nodes:
                if node.op == "divide" and not node.backward and np.size(reference.arrays[node.inputs[1]]) == 1:
                    counts.add(float(reference.arrays[node.inputs[1]].reshape(-1)[0]))
                if node.op == "mean":
                    counts.add(reference.arrays[node.inputs[0]].size / reference.arrays[node.output].size)
        return sorted(c for c in counts if c > 2 or c == program.examples)

    @property
    def divides(self) -> bool:
        """Whether the loss is divided by a count at all."""
        for reference in self.quantities.references:
            for node in reference.program.nodes:
                if node.op == "mean" and not node.backward:
                    return True
                if node.op == "divide" and not node.backward:
                    divisor = reference.arrays[node.inputs[1]]
                    if divisor.size == 1 and float(divisor.reshape(-1)[0]) in self.counts:
                        return True
        return False

    def equal(self, value: Array, case: Case) -> bool:
        """Whether a value of the changed reference is the array of the line."""
        return any(self.quantities.close(a, value) for a in self._laid(value, case))

    def _laid(self, value: Array, case: Case) -> list[Array]:
        return laid(case.array, value.shape, turned=case.turned, stacked=case.stacked)

    def find(self, case: Case, pairs: bool = True) -> list[Explanation]:
        """All explanations of the fewest mistakes that are equal on this input; none where nothing fits."""
        found: list[Explanation] = []
        for number, target in case.quantity.target.items():
            for cut in case.cuts[number]:
                self._single(case, number, target, cut, found)
        if not found and pairs:
            self.pairs_until = min(self.until, time.monotonic() + _PAIRS_SECONDS)
            for number, target in case.quantity.target.items():
                for cut in case.cuts[number]:
                    self._pairs(case, number, target, cut, found)
                    if found:
                        break
        return _distinct(found)

    # ---- one mistake ---------------------------------------------------------------------------------------

    def _single(self, case: Case, number: int, target: int, cut: Cut, found: list[Explanation]) -> None:
        reference = self.quantities.references[number]
        try:
            right = reference.value(target, cut)
        except Cannot:
            return
        self._factor(case, right, found)
        self._transposed(case, right, found)
        for change in self.mutations[number].changes(target, cut, case.stale, case.read):
            if time.monotonic() > self.until:
                return
            value = attempt(reference, target, cut, [change])
            if value is None or not self.equal(value, case):
                continue
            if self.quantities.close(value, right) if value.shape == right.shape else False:
                continue
            meant = self._meant(reference, number, target, cut, [change])
            found.append(
                Explanation((change.mistake,), (change,), None, change.wrong, change.right, meant, number, target)
            )
        self._coefficients(case, number, target, cut, right, found)

    def _transposed(self, case: Case, right: Array, found: list[Explanation]) -> None:
        """The right numbers the other way round; where it is returned, the shape is that of the parameter."""
        if case.quantity.parameter is None or right.ndim != 2 or case.array.ndim != 2:
            return
        if case.array.shape == right.shape[::-1] and self.quantities.close(case.array.T, right):
            found.append(Explanation(("transposed",), (), right="the product"))

    def _factor(self, case: Case, right: Array, found: list[Explanation]) -> None:
        for array in laid(case.array, right.shape, turned=case.turned, stacked=case.stacked):
            k = ratio(array, right, self.quantities.tolerance)
            if k is not None and abs(k - 1) > 1e-6:
                found.append(Explanation(self._named(k, case), (), k))

    def _named(self, k: float, case: Case) -> tuple[str, ...]:
        """What a constant in front of a gradient is called."""
        sign: tuple[str, ...] = ("sign",) if k < 0 else ()
        size = abs(k)
        if abs(size - 1) < 1e-6:
            return sign
        for count in self.counts:
            if abs(size / count - 1) < 1e-6 and (self.divides or case.scale != 1):
                summed = ("sum-for-mean",) if "sum(" in case.statement else ()
                return ("mean-missing", *summed, *sign)
            if abs(size * count - 1) < 1e-6:
                if case.scale != 1 and case.quantity.parameter is None:
                    return ("mean-misplaced", *sign)
                return ("mean-twice" if self.divides else "mean-misplaced", *sign)
        if self.divides and any(abs(size * n / m - 1) < 1e-6 for n in self._sizes() for m in self.counts):
            return ("mean-misplaced", "factor", *sign)
        return ("factor", *sign)

    def _sizes(self) -> set[int]:
        return {n for q in self.quantities.gradients for n in (*q.true.shape, q.true.size) if n > 2}

    def _coefficients(
        self, case: Case, number: int, target: int, cut: Cut, right: Array, found: list[Explanation]
    ) -> None:
        """One contribution with another factor, and a share of the parameter itself that does not belong there."""
        reference = self.quantities.references[number]
        tolerance = self.quantities.tolerance
        for array in laid(case.array, right.shape, turned=case.turned, stacked=case.stacked):
            for mistake, at, lost in self.mutations[number].coefficients(target, cut):
                more = Apply("add", (Was(at), Of(lost)))
                try:
                    share = reference.value(target, cut, {at: more}) - right
                except Cannot:
                    continue
                k = ratio(array - right, share, max(tolerance, 1e-7))
                if k is None or abs(k) < 1e-9 or abs(k + 1) < 1e-6:
                    continue
                name = "sign" if abs(k + 2) < 1e-6 and mistake == "factor" else mistake
                change = Change(name, at, Apply("add", (Was(at), Apply("multiply", (k, Of(lost))))))
                names: tuple[str, ...] = (name, "sign") if abs(k + 2) < 1e-6 and name != "sign" else (name,)
                if name == "factor":
                    names = self._named(1 + k, case)
                found.append(Explanation(names, (change,), 1 + k, number=number, target=target))
            if case.quantity.parameter is not None:
                of = reference.gradient_of.get(target)
                own = None if of is None else reference.arrays[of]
                if own is not None and own.shape == array.shape and not np.allclose(array, right):
                    k = ratio(array - right, own, max(tolerance, 1e-7))
                    known = any(e.mistakes[0].startswith("regularisation") for e in found)
                    if k is not None and not known:
                        found.append(Explanation(("regularisation-factor",), (), k, wrong=case.quantity.parameter))

    def _meant(
        self, reference: Reference, number: int, target: int, cut: Cut, changes: Sequence[Change]
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

    def _pairs(self, case: Case, number: int, target: int, cut: Cut, found: list[Explanation]) -> None:
        reference = self.quantities.references[number]
        try:
            right = reference.value(target, cut)
        except Cannot:
            return
        kept: list[Change] = []
        for change in self.mutations[number].changes(target, cut, case.stale, case.read):
            if time.monotonic() > self.until:
                return
            value = attempt(reference, target, cut, [change])
            if value is None:
                continue
            for array in self._laid(value, case):
                k = ratio(array, value, self.quantities.tolerance)
                if k is not None:
                    meant = self._meant(reference, number, target, cut, [change])
                    named = self._named(k, case) if abs(k - 1) > 1e-6 else ()
                    found.append(
                        Explanation(
                            (change.mistake, *named), (change,), k, change.wrong, change.right, meant, number, target
                        )
                    )
            if value.shape != right.shape or not self.quantities.close(value, right):
                kept.append(change)
        tried = 0
        for k_first, first in enumerate(kept):
            for second in kept[k_first + 1 :]:
                if first.at == second.at or first.mistake == second.mistake == "wrong-operand":
                    continue
                tried += 1
                if found or tried > _PAIRS_AT_MOST or time.monotonic() > self.pairs_until:
                    return
                value = attempt(reference, target, cut, [first, second])
                if value is not None and self.equal(value, case):
                    names = tuple(dict.fromkeys((first.mistake, second.mistake)))
                    meant = self._meant(reference, number, target, cut, [first, second])
                    found.append(Explanation(names, (first, second), None, meant=meant, number=number, target=target))


def _distinct(found: list[Explanation]) -> list[Explanation]:
    """One explanation for each set of mistakes, that which says most about absent lines; specific ones first."""
    best: dict[tuple[str, ...], Explanation] = {}
    for one in found:
        known = best.get(one.mistakes)
        if known is None or len(one.meant) > len(known.meant):
            best[one.mistakes] = one
    order = list(best.values())
    specific = [e for e in order if e.mistakes[0] not in ("wrong-operand", "factor", "transposed")]
    if specific and len(specific[0].mistakes) == 1:
        # another operand is how a step is left out: not a second reading of it
        order = [e for e in order if e.mistakes[0] != "wrong-operand"]
    return sorted(order, key=lambda e: (e.mistakes[0] in ("wrong-operand", "factor"), len(e.mistakes)))
