"""Mistakes that this input could not show: changes of a step that give equal numbers here, but not everywhere.

Every change is made to the true step. Where it gives the same numbers, it is made again with numbers drawn anew, and,
where there is a single example or a coefficient is 0, on several examples and with another coefficient. A change that
is equal there as well (z1 > 0 for h1 > 0) is no mistake, and is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.blame.hidden_reasons import Reasons, exchanged
from engine.blame.model import Hidden
from engine.blame.mutations import Change, Mutations, attempt
from engine.blame.quantities import Quantities, Quantity, without_ones
from engine.blame.reference import Apply, Array, Expr, Known, Of, Reference, Was
from engine.blame.stronger import wider
from engine.blame.stronger_moved import divides_by_count, moved_values
from engine.blame.stronger_numbers import Numbers
from engine.errors import ChainstepError

_SECONDS = 0.3
_DRAWS = 2
_OF_MASKS = ("relu-mask", "activation-derivative")
_OF_COEFFICIENTS = ("regularisation-missing", "regularisation-factor", "sign")
_SINGLE = "there is only one example"
_ALWAYS = ("sign", "factor")
"""What no change of the step stands for, but any gradient can be given: hidden where it is zero throughout."""


def invisible(
    quantities: Quantities,
    params: Mapping[str, Any],
    data: Mapping[str, Any],
    until: float,
    loss: Callable[..., Any] | None = None,
) -> tuple[Hidden, ...]:
    """The mistakes that nobody could see on this input, by gradient, in the order of the backward pass.

    ``loss`` is what the program was traced from; without it nothing is said of counts of one and coefficients of 0.
    """
    return tuple(_Search(quantities, params, data, min(until, time.monotonic() + _SECONDS), loss).found())


@dataclass(frozen=True, eq=False)
class _Elsewhere:
    """The same program on other numbers; ``moved`` says where a value is there. ``sizes``: others than here."""

    reference: Reference
    moved: Mapping[int, int] | None = None
    coefficients: Sequence[str] = ()

    def there(self, index: int) -> int:
        return index if self.moved is None else self.moved[index]

    def change(self, change: Change, here: Reference) -> Change | None:
        """The change in the numbering of that program; None where it reads what the loss does not."""
        if self.moved is None:
            return change
        at = self.there(change.at)
        node, own = here.node(change.at), self.reference.node(at)
        numbers = dict(self.moved)
        if node is not None and own is not None and len(node.inputs) == len(own.inputs):
            numbers |= dict(zip(node.inputs, own.inputs, strict=True))
        try:
            return replace(change, at=at, instead=_renumbered(change.instead, numbers))
        except KeyError:
            return None


def _renumbered(expression: Expr, numbers: Mapping[int, int]) -> Expr:
    match expression:
        case Of(value) | Was(value) | Known(value):
            return type(expression)(numbers[value])
        case Apply(op, operands, attributes, spelling):
            return Apply(op, tuple(_renumbered(o, numbers) for o in operands), attributes, spelling)
        case _:
            return expression


class _Search:
    """One look for what is hidden."""

    def __init__(
        self,
        quantities: Quantities,
        params: Mapping[str, Any],
        data: Mapping[str, Any],
        until: float,
        loss: Callable[..., Any] | None,
    ) -> None:
        self.quantities, self.params, self.data, self.until, self.loss = quantities, params, data, until, loss
        self.here = quantities.references[0]
        self.program = self.here.program
        self.mutations = Mutations(quantities, 0)
        self._contents: dict[int, tuple[tuple[int, ...], bytes]] = {}

    @cached_property
    def draws(self) -> list[_Elsewhere]:
        """The program on numbers drawn anew: parameters and data, or where data cannot change, parameters alone."""
        numbers, found = Numbers(self.program), []
        for seed in range(_DRAWS):
            params, data = numbers.drawn(self.params, self.data, {}, np.random.default_rng(seed))
            for own in (data, self.data):
                try:
                    with np.errstate(all="ignore"):
                        found.append(_Elsewhere(Reference(self.program, self.program.run(params, own))))
                    break
                except ChainstepError:
                    continue
        return found

    @cached_property
    def wide(self) -> _Elsewhere | None:
        """The program on several examples where there is one, and with coefficients that are not 0."""
        if self.loss is None:
            return None
        try:
            made = wider(self.loss, self.program, self.params, self.data)
        except (ChainstepError, TypeError, ValueError):  # another function of that name than the one traced
            return None
        if made is None:
            return None
        moved = moved_values(self.program, made.program)
        return None if moved is None else _Elsewhere(Reference(made.program), moved, tuple(made.coefficients))

    def found(self) -> Iterator[Hidden]:
        yield from self._means()
        yield from self._biases()
        for q in self.quantities.gradients:
            if 0 not in q.target or (q.true.size < 2 and q.parameter is None):
                continue
            yield from self._of(q)
            if time.monotonic() > self.until:
                return

    def _of(self, q: Quantity) -> Iterator[Hidden]:
        """The hidden mistakes of one step."""
        target = q.target[0]
        cut = _cut(self.quantities, q, self.here)
        here = {index: self.here.arrays[index] for index in cut}
        known: set[str] = set()
        reasons = Reasons(self.here, q, cut)
        gaps = not np.all(q.true)
        for change in self.mutations.changes(target, here, {}):
            if change.mistake in known or not self._may_be_equal(change, gaps):
                continue
            if time.monotonic() > self.until:
                return
            if not _same(attempt(self.here, target, here, [change]), self.here.arrays[target], self._tolerance):
                continue
            place = self._seen(change, target, cut)
            if place is None:
                continue
            reason = self._reason(reasons, change, place)
            if place.moved is not None and not reason.endswith(_SINGLE) and change.mistake not in _OF_COEFFICIENTS:
                continue  # of a term with the coefficient 0 only what is said of coefficients
            known.add(change.mistake)
            yield Hidden(change.mistake, q.symbol, reason)
            if change.mistake == "regularisation-missing" and place.moved is not None:
                if "regularisation-factor" not in known:
                    yield Hidden("regularisation-factor", q.symbol, reason)  # any number times 0
                known.add("regularisation-factor")
        for mistake, reason in self._others(q, reasons):
            if mistake not in known:
                yield Hidden(mistake, q.symbol, reason)

    @property
    def _tolerance(self) -> float:
        return self.quantities.tolerance

    def _may_be_equal(self, change: Change, gaps: bool) -> bool:
        """Whether the change is worth a try. Of the forward pass only the masks are: whatever else is changed there
        changes all that follows, not this step alone. Another array in the place of an operand can only give equal
        numbers where it is equal itself, or where something is 0.
        """
        node = self.here.node(change.at)
        if node is not None and not node.backward and not change.mistake.startswith(_OF_MASKS):
            return False
        pairs = list(exchanged(self.here, change))
        if change.mistake == "wrong-operand" and not pairs:
            return False
        if any(self._is_a_step(i, j) for i, j in pairs):
            return False
        if not pairs or (gaps and change.mistake != "wrong-operand"):
            return True
        return any(self._content(i) == self._content(j) for i, j in pairs)

    def _is_a_step(self, own: int, other: int) -> bool:
        """A gradient in the place of the next one: what lies between them is a step, and looked at by itself."""
        return own in self._gradients and other in self._gradients and other in self.here.below(own)

    @cached_property
    def _gradients(self) -> frozenset[int]:
        return frozenset(i for q in self.quantities.gradients for i in q.values.get(0, ()))

    def _content(self, index: int) -> tuple[tuple[int, ...], bytes]:
        """What two values that hold the same numbers have in common."""
        if index not in self._contents:
            array = self.here.arrays[index]
            self._contents[index] = array.shape, array.tobytes()
        return self._contents[index]

    def _seen(self, change: Change, target: int, cut: Sequence[int]) -> _Elsewhere | None:
        """Where the change makes a difference; None where it never does."""
        return next(
            (place for place in (*self.draws, *self._wide()) if self._differs(place, change, target, cut)), None
        )

    def _wide(self) -> Iterator[_Elsewhere]:
        if self.wide is not None:
            yield self.wide

    def _differs(self, place: _Elsewhere, change: Change, target: int, cut: Sequence[int]) -> bool:
        moved = place.change(change, self.here)
        if moved is None:
            return False
        reference, at = place.reference, place.there(target)
        arrays = {place.there(i): reference.arrays[place.there(i)] for i in cut}
        value, right = attempt(reference, at, arrays, [moved]), reference.arrays[at]
        if value is None:
            return place.moved is not None
        turned = value.T if value.ndim == 2 and value.shape != right.shape else value
        return not (_same(value, right, self._tolerance) or _same(turned, right, self._tolerance))

    def _reason(self, reasons: Reasons, change: Change, place: _Elsewhere) -> str:
        if place.moved is None:
            return reasons.of(change)
        of_coefficient = self.program.examples != 1 or change.mistake in _OF_COEFFICIENTS
        if place.coefficients and of_coefficient:
            return f"{' and '.join(place.coefficients)} is 0"
        equal = reasons.equal(change) if change.mistake == "wrong-operand" else ""
        return f"{equal}: {_SINGLE}" if equal else _SINGLE

    def _others(self, q: Quantity, reasons: Reasons) -> Iterator[tuple[str, str]]:
        """What is hidden where the whole gradient is zero, or that of a parameter which the step reads."""
        target = q.target[0]
        if not np.any(q.true) and any(np.any(place.reference.arrays[place.there(target)]) for place in self.draws):
            yield from ((mistake, reasons.zero) for mistake in _ALWAYS)
        for parameter, symbol in self._unmoved:
            step = self.here.step(target, dict.fromkeys(reasons.cut, np.empty(0)))
            if any(n.backward and parameter in n.inputs for i in step if (n := self.here.node(i)) is not None):
                yield "stale-weight", f"{symbol} is zero throughout, so the update leaves the parameter as it is"

    @cached_property
    def _unmoved(self) -> list[tuple[int, str]]:
        """The parameters that a gradient step would not change here, though it would elsewhere."""
        found = []
        for q in self.quantities.gradients:
            if q.parameter is None or 0 not in q.target or np.any(q.true):
                continue
            if any(np.any(place.reference.arrays[q.target[0]]) for place in self.draws):
                found += [(value, q.symbol) for value in q.of if self.program.values[value].role == "parameter"]
        return found

    def _biases(self) -> Iterator[Hidden]:
        """A bias that is 0 can be left out of the forward pass."""
        seen: set[int] = set()
        for node in self.program.nodes:
            if node.backward or node.op != "add":
                continue
            for index in node.inputs:
                value = self.program.values[index]
                if index not in seen and value.role == "parameter" and not np.any(self.here.arrays[index]):
                    seen.add(index)
                    symbol = self.program.values[node.output].symbol or value.symbol
                    yield Hidden("forward-bias-forgotten", symbol, f"{value.symbol or value.path} is 0 throughout")

    def _means(self) -> Iterator[Hidden]:
        """A mean over a single example divides by 1: left out, or done twice, nobody sees it."""
        if self.program.examples != 1 or self.wide is None:
            return
        several = self.wide.reference.program
        if divides_by_count(self.program, several):
            first = next((q for q in self.quantities.gradients if 0 in q.target), None)
            for mistake in ("mean-missing", "mean-twice") if first is not None else ():
                assert first is not None
                yield Hidden(mistake, first.symbol, "there is only one example, and 1/1 is 1")


def _cut(quantities: Quantities, q: Quantity, reference: Reference) -> list[int]:
    """The gradients that the step of ``q`` starts from."""
    below = reference.below(q.target[0])
    return [
        i
        for other in quantities.gradients
        if other is not q and 0 in other.target
        for i in other.values[0]
        if i in below and i not in q.values[0]
    ]


def _same(value: Array | None, right: Array, tolerance: float) -> bool:
    if value is None or value.size != right.size:
        return False
    if without_ones(value.shape) != without_ones(right.shape):
        return False
    with np.errstate(all="ignore"):
        off = np.max(np.abs(value.reshape(right.shape) - right), initial=0.0)
        return bool(off <= tolerance * np.max(np.abs(right), initial=0.0))
