"""The gradient check: every parameter's gradient against derivatives found without any gradient rule.

Complex step where all operations allow it, else central differences with kink detection; both start from the recorded
arrays and run only what lies above the parameter. A verdict says what was compared, how, and what was left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from engine.complexstep import ComplexStep, applies, positions_of
from engine.differences import CentralDifferences
from engine.ir import Node
from engine.noise import rounding_noise
from engine.suffix import Array, Recorded, Slopes, chunks
from engine.tape import Tape

Progress = Callable[[int, int], bool]

TOLERANCE = {ComplexStep.method: 1e-9, CentralDifferences.method: 1e-6}
# A float32 pass rounds at 6e-8, a float16 pass at 5e-4; sums and differences lose some of that again.
COARSE_TOLERANCE = {"float32": 1e-4, "float16": 5e-2}
ALL_UP_TO = 20_000
SAMPLES = 64
SECONDS = 10.0
# How many times its own rounding a gradient may be off.
_NOISE = 8
# How many last digits of the largest number on the way a derivative may have that is zero.
_ZERO = 8
# How many roundings of the largest intermediate sum may be in a gradient whose contributions cancel.
_ROUNDINGS = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found for one parameter's gradient.

    ``max_rel_error`` is max|a − b| / max|b| with a the gradient and b the derivative by ``method``. ``near_kink``
    counts entries that were left out because the loss has no derivative there. ``message`` is empty where every
    entry was compared and agrees.
    """

    ok: bool
    max_rel_error: float
    method: str
    entries_checked: int
    entries_total: int
    near_kink: int
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts by parameter name. ``ok``: every gradient was checked and is right."""

    results: Mapping[str, Verdict]
    ok: bool
    message: str


def check(tape: Tape, progress: Progress | None = None, full: bool = False) -> Report:
    """Compare the gradient of every parameter with complex step or central differences.

    Up to 20,000 entries of a parameter are all compared; of a larger one 64 sampled entries and a random direction, in
    about ten seconds in all; ``full`` compares everything, however long it takes. A float64 gradient is right within a
    relative error of 1e-9 (complex step) or 1e-6 (central differences), a float32 one, compared with derivatives in
    double precision, within 1e-4. ``progress(done, total)`` is called often and cancels by returning False; then the
    report says what was not checked. Raises nothing for a wrong gradient: the verdict says so.
    """
    broken = _not_finite(tape)
    if broken is not None:
        return broken
    recorded = Recorded(tape)
    parameters = tape.program.parameters
    tasks = [_Task(tape, recorded, p.index, full) for p in parameters]
    watch = _Watch(progress, sum(len(t.order) for t in tasks), None if full else time.monotonic() + SECONDS)
    results: dict[str, Verdict] = {}
    for number, task in enumerate(tasks):
        watch.share_among(len(tasks) - number)
        verdict = task.run(watch)
        if verdict is None:
            left = ", ".join(t.name for t in tasks[number:])
            return Report(results, False, f"cancelled: {left} not checked")
        results[task.name] = verdict
    return Report(results, all(v.ok for v in results.values()), _summary(results))


def _not_finite(tape: Tape) -> Report | None:
    """A report without any comparison, where the pass holds NaN or infinities."""
    if tape.finite:
        return None
    step = tape.first_not_finite()
    message = f"not finite from {step} on" if step else "not finite"
    results = {
        name: Verdict(False, float("nan"), ComplexStep.method, 0, int(gradient.size), 0, message)
        for name, gradient in tape.gradients.items()
    }
    return Report(results, False, message)


class _Watch:
    """Counts entries for the caller's progress, and keeps the time."""

    def __init__(self, progress: Progress | None, total: int, deadline: float | None) -> None:
        self._progress, self._total, self._deadline = progress, total, deadline
        self._done = 0
        self._until: float | None = None

    def share_among(self, tasks: int) -> None:
        """The next task may take its share of the time that is left."""
        if self._deadline is not None:
            now = time.monotonic()
            self._until = now + max(self._deadline - now, 0.0) / tasks

    @property
    def late(self) -> bool:
        return self._until is not None and time.monotonic() > self._until

    def advance(self, entries: int) -> bool:
        """False: the caller wants to stop."""
        self._done += entries
        return self._progress is None or self._progress(self._done, self._total) is not False


class _Task:
    """The check of one parameter's gradient."""

    def __init__(self, tape: Tape, recorded: Recorded, parameter: int, full: bool) -> None:
        program = tape.program
        self.tape = tape
        self.parameter = parameter
        self.name = program.names[parameter]
        self.gradient = tape.value(program.gradients_of[parameter]).astype(np.float64)
        nodes = recorded.suffix(parameter)
        self.method = (ComplexStep if applies(nodes) else CentralDifferences)(recorded, parameter)
        read = (i for n in nodes for i in (n.output, *n.inputs) if not program.values[i].literal)
        dtypes = {program.values[i].dtype for i in (parameter, *read)}
        self.coarsest = min((d for d in dtypes if d.kind == "f"), key=lambda d: d.itemsize)
        self.tolerance = COARSE_TOLERANCE.get(str(self.coarsest), TOLERANCE[self.method.method])
        self.zero = _ZERO * float(np.finfo(np.float64).eps) * _largest(recorded, nodes)
        self.random = np.random.default_rng(self.gradient.size)
        self.sampled = not full and self.gradient.size > ALL_UP_TO
        # In random order, so that what was reached when the time is up is a fair sample.
        order = self.random.permutation(self.gradient.size)
        self.order = order[:SAMPLES] if self.sampled else order

    def run(self, watch: _Watch) -> Verdict | None:
        """The verdict; None if it was cancelled."""
        pieces: list[Slopes] = []
        reached = 0
        for flat in chunks(self.order, self.method.chunk):
            pieces.append(self.method.entries(flat))
            reached += len(flat)
            if not watch.advance(len(flat)):
                return None
            if watch.late and reached < len(self.order):
                break
        watch.advance(len(self.order) - reached)
        direction = self._direction() if reached < self.gradient.size else None
        return self._verdict(self.order[:reached], _joined(pieces), direction)

    def _direction(self) -> tuple[float, bool]:
        """Relative error along one random direction, and whether a kink lies on it."""
        direction = self.random.standard_normal(self.gradient.shape)
        slopes = self.method.along(direction)
        own = float(np.sum(self.gradient * direction))
        scale = max(abs(float(slopes.slope[0])), float(np.linalg.norm(self.gradient)))
        error = max(abs(own - float(slopes.slope[0])) - float(slopes.rounding[0]), 0.0)
        return (error / scale if scale else 0.0), bool(slopes.contested[0])

    def _verdict(self, order: Array, slopes: Slopes, direction: tuple[float, bool] | None) -> Verdict:
        own = self.gradient.reshape(-1)[order]
        scale = float(np.abs(slopes.slope[~slopes.contested]).max(initial=0.0))
        apart = np.abs(own - slopes.slope)
        apart[apart <= slopes.rounding] = 0.0
        apart[(own == 0) & (np.abs(slopes.slope) <= self.zero)] = 0.0
        beyond = ~(apart <= self.tolerance * scale)
        near_kink = slopes.contested
        cancelling = self._cancelling(order, apart, beyond & ~near_kink)
        counted = ~near_kink & ~cancelling
        worst = float(apart[counted].max(initial=0.0))
        error = 0.0 if worst == 0 else worst / scale if scale else float("inf")
        right = not (beyond & counted).any()
        along_error, along_kink = direction or (0.0, False)
        right_along = along_kink or along_error <= self.tolerance or (right and bool(cancelling.any()))
        if direction is not None and not along_kink:
            error = max(error, along_error)
        said = [
            self._wrong(order, slopes, np.where(counted, apart, -1.0)) if not right else "",
            "the gradient is wrong along a random direction" if not right_along else "",
            self._extent(len(order), direction),
            _on_kinks(int(near_kink.sum()), len(order)),
            _on_rounding(int(cancelling.sum())),
        ]
        return Verdict(
            ok=right and right_along,
            max_rel_error=error,
            method=self.method.method,
            entries_checked=len(order) - int(near_kink.sum()),
            entries_total=self.gradient.size,
            near_kink=int(near_kink.sum()),
            message="; ".join(text for text in said if text),
        )

    def _cancelling(self, order: Array, apart: Array, beyond: Array) -> Array:
        """Which of the differing entries differ by no more than what rounding leaves when large terms cancel."""
        result = np.zeros(len(order), dtype=bool)
        suspects = np.flatnonzero(beyond)
        suspects = suspects[np.argsort(-apart[suspects])]
        epsilon = float(max(np.finfo(self.coarsest).eps, np.finfo(np.float64).eps))
        program = self.tape.program
        weights = {v: self.tape.value(g) for v, g in program.gradients_of.items()}
        for some in chunks(suspects, min(self.method.chunk, SAMPLES)):
            terms = self.method.size_of_terms(order[some], weights)
            result[some] = apart[some] <= _ROUNDINGS * epsilon * terms
            if not result[some].all():
                break
        left = beyond & ~result
        if left.any():
            noise = rounding_noise(self.tape, self.parameter, self.coarsest).reshape(-1)[order]
            result |= left & (apart <= _NOISE * noise)
        return result

    def _wrong(self, order: Array, slopes: Slopes, apart: Array) -> str:
        k = int(np.argmax(apart))
        index = ", ".join(str(int(n)) for n in positions_of(order[k], self.gradient.shape))
        own = self.gradient.reshape(-1)[order[k]]
        return f"entry [{index}] is {own:.6g}, {self.method.method} gives {slopes.slope[k]:.6g}"

    def _extent(self, reached: int, direction: tuple[float, bool] | None) -> str:
        if direction is None:
            return ""
        along = "one random direction" + (" (a kink lies on it: not compared)" if direction[1] else "")
        why = "" if self.sampled else " (time was up)"
        return f"{reached} of {self.gradient.size} entries, sampled, and {along}{why}"


def _largest(recorded: Recorded, nodes: Sequence[Node]) -> float:
    """The largest finite number on the way from a parameter to the loss."""
    arrays = (recorded[n.output] for n in nodes)
    return max((float(np.abs(a[np.isfinite(a)]).max(initial=0.0)) for a in arrays if a.dtype.kind == "f"), default=0.0)


def _joined(pieces: list[Slopes]) -> Slopes:
    none = np.zeros(0)
    return Slopes(
        np.concatenate([none, *(p.slope for p in pieces)]),
        np.concatenate([none.astype(bool), *(p.contested for p in pieces)]),
        np.concatenate([none, *(p.rounding for p in pieces)]),
    )


def _on_kinks(count: int, checked: int) -> str:
    if not count:
        return ""
    if count == checked:
        return "every entry sits on a kink: nothing could be compared"
    if count == 1:
        return "1 entry sits on a kink and was left out"
    return f"{count} entries sit on kinks and were left out"


def _on_rounding(count: int) -> str:
    if not count:
        return ""
    return f"{count} {'entry differs' if count == 1 else 'entries differ'} by rounding alone: large terms cancel"


def _summary(results: Mapping[str, Verdict]) -> str:
    wrong = [name for name, verdict in results.items() if not verdict.ok]
    if wrong:
        return f"wrong: {', '.join(wrong)}"
    methods = " and ".join(dict.fromkeys(v.method for v in results.values()))
    worst = error_text(max((v.max_rel_error for v in results.values()), default=0.0))
    count = len(results)
    return f"{count} gradient{'s' if count != 1 else ''} compared with {methods}: relative error at most {worst}"


def error_text(error: float) -> str:
    """A relative error to two significant digits: ``0.012``, ``1.2``, ``3.4e-9``; nothing but an exact 0 is ``0``."""
    if not isfinite(error):
        return "NaN" if error != error else "+∞"
    if error == 0:
        return "0"
    mantissa, power = f"{error:.1e}".split("e")
    if 0.005 <= error < 1e6:
        return f"{error:.{max(0, 1 - int(power))}f}"
    return f"{mantissa}e{int(power)}"
