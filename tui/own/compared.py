"""One array of somebody's backward beside the engine's: the difference, the names of its axes, and its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.reading.model import Part, Term
from tui.grid import Index
from tui.numbers import figures

if TYPE_CHECKING:
    from engine import Tape
    from engine.blame import Judged
    from engine.reading.model import Step

Array = NDArray[Any]

_TOLERANCE = {np.dtype(np.float32): 3e-5}
_EXACTLY = 1e-8
_LETTERS = "ijklmnop"


@dataclass(frozen=True, eq=False)
class Compared:
    """What is to be seen of one judged array.

    ``step`` is the step that makes the same quantity, ``missing`` the one that the line goes without, ``feeds`` the one
    that the array goes into where it has no step of its own (each None where there is none). ``part`` is the difference
    as a row of matrices, ``arrays`` its numbers; differences within the rounding are an exact 0. Where the shapes
    differ there is none: the row is theirs beside the engine's. ``largest`` is the index of the entry that is off the
    most, None where all agree.
    """

    judged: Judged
    step: Step | None
    missing: Step | None
    feeds: Step | None = None
    part: Part | None = None
    arrays: tuple[Array, ...] = ()
    same_shape: bool = True
    wrong: int = 0
    largest: Index | None = None

    @property
    def goes_to(self) -> Step | None:
        """The step that Enter leads to: where the mistake is, else what the line computes, else what is made of it."""
        return self.missing or self.step or self.feeds

    @property
    def size(self) -> int:
        """How many entries are compared."""
        return self.arrays[0].size if self.arrays else 0

    @property
    def difference(self) -> Array | None:
        """Theirs minus the engine's."""
        return self.arrays[2] if self.same_shape and self.arrays else None


def compared(judged: Judged, tape: Tape) -> Compared:
    """``judged`` with everything that is worked out once for the screen: O(size of its array)."""
    steps = tape.program.steps
    step, missing = _step_of(judged.values, steps), _step_of(judged.missing, steps)
    feeds = _step_of(judged.feeds, steps) if step is None else None
    theirs, engines = judged.theirs, judged.engines
    if theirs is None or engines is None or not (_is_numbers(theirs) and _is_numbers(engines)):
        return Compared(judged, step, missing, feeds)
    theirs, engines = _as_floats(theirs), _as_floats(engines)
    names = _names(engines, step, tape)
    if theirs.shape != engines.shape:
        part = _part(judged, theirs, engines, None, names)
        return Compared(judged, step, missing, feeds, part, (theirs, engines), same_shape=False)
    difference = _difference(theirs, engines)
    for array in (theirs, engines, difference):
        figures(array)
    off = np.nan_to_num(np.abs(difference), nan=np.inf)
    wrong = int(np.count_nonzero(off))
    index = tuple(int(k) for k in np.unravel_index(int(np.argmax(off)), off.shape)) if wrong else None
    part = _part(judged, theirs, engines, difference, names)
    return Compared(judged, step, missing, feeds, part, (theirs, engines, difference), True, wrong, index)


def _step_of(values: frozenset[int], steps: Sequence[Step]) -> Step | None:
    return next((step for step in steps if step.result.value in values), None) if values else None


def _is_numbers(array: Array) -> bool:
    return array.dtype.kind in "biuf"


def _as_floats(array: Array) -> Array:
    """A whole number stays one: positions are written without decimals."""
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def _difference(theirs: Array, engines: Array) -> Array:
    """Entry by entry, 0 where the two differ by no more than the rounding that the judge allows."""
    tolerance = max(_TOLERANCE.get(array.dtype, _EXACTLY) for array in (theirs, engines))
    with np.errstate(all="ignore"):
        difference = np.subtract(theirs, engines, dtype=np.float64)
        scale = np.max(np.abs(engines), initial=0.0, where=np.isfinite(engines))
        same = (theirs == engines) | (np.abs(difference) <= tolerance * scale)
    return np.where(same, 0.0, difference)


_Names = tuple[tuple[str | None, ...], tuple[str, ...]]


def _names(engines: Array, step: Step | None, tape: Tape) -> _Names:
    """Axis names and index letters of the engine's array, which may be turned round as the learner's is."""
    axes: tuple[str | None, ...] = (None,) * engines.ndim
    letters = tuple(_LETTERS[k % len(_LETTERS)] for k in range(engines.ndim))
    if step is None:
        return axes, letters
    term, value = step.result, tape.array(step.result)
    own = term.letters if len(term.letters) == engines.ndim else letters
    if engines.shape == value.shape and (value.ndim < 2 or _is_parallel(engines, value)):
        return term.axes, own
    if engines.shape == value.shape[::-1]:
        return term.axes[::-1], own[::-1]
    return axes, letters


def _is_parallel(one: Array, other: Array) -> bool:
    """Whether two arrays are the same up to a factor: a mean that is taken later."""
    with np.errstate(all="ignore"):
        product = abs(float(np.vdot(one, other)))
        return product >= (1 - 1e-6) * float(np.linalg.norm(one)) * float(np.linalg.norm(other))


def _part(judged: Judged, theirs: Array, engines: Array, difference: Array | None, names: _Names) -> Part:
    """``your dw1 − ∂L/∂W₁ = difference``; without a difference theirs beside the engine's."""
    axes, letters = names
    symbol = judged.equals or judged.name
    yours = f"your\N{NO-BREAK SPACE}{judged.name}"
    ours = Term(symbol, symbol, None, _role(symbol), engines.shape, axes, letters, None)
    if difference is None:
        apart = tuple(_LETTERS[::-1][k % len(_LETTERS)] for k in range(theirs.ndim))
        mine = Term(yours, judged.name, None, "data", theirs.shape, (None,) * theirs.ndim, apart, None)
        return Part("", "", "", "infix", "contraction", mine, None, ours, None, ())
    mine = Term(yours, judged.name, None, "data", theirs.shape, axes, letters, None)
    off = Term("difference", "", None, "constant", difference.shape, axes, letters, None)
    return Part("", "", "−", "infix", "entrywise", mine, ours, off, None, ())


def _role(symbol: str) -> Any:
    return "gradient" if symbol.startswith("∂") else "activation"
