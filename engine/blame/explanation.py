"""What an array is explained by, and which of several explanations people believe first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.blame.changes.facts import Change
from engine.blame.quantities import Quantity
from engine.blame.reference import Array, Cut

NUMBERS = ("factor", "sign", "mean-missing", "mean-twice", "sum-for-mean")
"""Mistakes that a number or a sign at the right line mends."""


@dataclass(eq=False)
class Explanation:
    """Changes that together give the array. ``factor`` is a constant in front of it all.

    ``meant`` are quantities that no line computes and that the change makes wrong: what the learner takes for them.
    ``count`` is the number of mistakes that this is, whatever number of names and places they have. ``read``: another
    array stands for an operand, and the line reads it; ``at_hand``: a line computes the array that belongs there.
    ``part``: ``factor`` is that of one term alone. ``guess``: a constant that nobody writes. ``cure``: the statement
    with which every gradient was right when it was tried, or those of ``mends``. ``beside``: the line of another
    mistake that must be mended as well, 0 where there is none.
    """

    mistakes: tuple[str, ...]
    changes: tuple[Change, ...]
    factor: float | None = None
    wrong: str = ""
    right: str = ""
    meant: dict[Quantity, Array] = field(default_factory=dict)
    number: int = 0
    target: int = -1
    count: int = 1
    read: bool = False
    at_hand: bool = False
    guess: bool = False
    part: bool = False
    cure: str = ""
    mends: tuple[str, ...] = ()
    beside: int = 0


@dataclass(frozen=True)
class Case:
    """One array that is wrong by itself: what it should be, and the arrays that it could have been made from.

    ``cuts`` are, for each reference, the cuts to try, the nearest first. ``scale`` is the global factor that the array
    was freed from, ``statement`` the text of its line, ``read`` what the line looks at.
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


def ranked(found: Sequence[Explanation]) -> list[Explanation]:
    """One explanation for each set of mistakes, the fewest mistakes and the most plausible ones first.

    An exchange for an array that the line does not read, or a constant that nobody writes, only stands alone.
    """
    best: dict[tuple[str, ...], Explanation] = {}
    for one in found:
        known = best.get(one.mistakes)
        if known is None or (_rank(one), -len(one.meant)) < (_rank(known), -len(known.meant)):
            best[one.mistakes] = one
    order = sorted(best.values(), key=_rank)
    believed = [e for e in order if _rank(e)[1] < _DOUBTFUL]
    certain = [e for e in believed if _rank(e)[1] < _STEP_ABSENT]
    return certain or believed or order


def is_believed(found: Sequence[Explanation]) -> bool:
    """Whether one of them is more than a coincidence may give."""
    return any(_rank(e)[1] < _DOUBTFUL for e in found)


_STEP_ABSENT, _DOUBTFUL = 4, 5


def _rank(e: Explanation) -> tuple[int, int]:
    """Number of mistakes, and a level: 0 is what the line itself says, ``_DOUBTFUL`` and above are coincidences.

    ``_STEP_ABSENT``: the line reads another array than one that no line computes. What is left out says more.
    """
    first = e.mistakes[0]
    if e.guess:
        return e.count, _DOUBTFUL + 1
    if first == "wrong-operand":
        if e.read:
            return e.count, 0 if e.at_hand else _STEP_ABSENT
        return e.count, _DOUBTFUL
    if first == "relu-mask-wrong-layer" and e.read:
        return e.count, 0
    return e.count, 2 if first == "factor" else 1
