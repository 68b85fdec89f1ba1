"""Figures about whole arrays for the stats page, computed once per array and remembered while it lives.

The arrays of a tape never change; of an array that does, the first answer stays.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Stats:
    """Smallest, largest, mean and length of the finite entries (NaN if there is none); the others are counted."""

    shape: tuple[int, ...]
    low: float
    high: float
    mean: float
    norm: float
    zeros: int
    not_finite: int
    size: int

    @property
    def zero_share(self) -> float:
        """The part of all entries that is exactly zero, 0 to 1."""
        return self.zeros / self.size if self.size else 0.0


def stats(array: Array) -> Stats:
    """The figures of an array of numbers or booleans."""
    return _remembered(array, "stats", lambda: _stats(array))


def dead(array: Array, examples: int) -> tuple[int, ...]:
    """Rows (of a column net) or columns that are zero for every example; ``examples`` is the axis of examples.

    Arrays without exactly one other axis have no units to speak of: the answer is empty.
    """
    if array.ndim != 2:
        return ()
    return _remembered(array, ("dead", examples), lambda: _dead(array, examples))


def _stats(array: Array) -> Stats:
    # A broadcast axis repeats one entry; counts are put right by the repetitions.
    once = array[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in array.strides)]
    times = array.size // once.size if once.size else 1
    values = once.astype(np.float64)
    finite = np.isfinite(values)
    bad = values.size - int(np.count_nonzero(finite))
    zeros = values.size - int(np.count_nonzero(values))
    known = values[finite] if bad else values.ravel()
    if not known.size:
        return Stats(array.shape, nan, nan, nan, nan, zeros * times, bad * times, array.size)
    with np.errstate(all="ignore"):
        norm = float(np.linalg.norm(known)) * times**0.5
        return Stats(
            array.shape,
            float(known.min()),
            float(known.max()),
            float(known.mean()),
            norm,
            zeros * times,
            bad * times,
            array.size,
        )


def _dead(array: Array, examples: int) -> tuple[int, ...]:
    return tuple(int(unit) for unit in np.flatnonzero(~array.any(axis=examples)))


_known: dict[int, tuple[weakref.ref[Array], dict[object, Any]]] = {}


def _remembered(array: Array, what: object, compute: Callable[[], Answer]) -> Answer:
    """The answer for this view of this memory; a transpose taken anew is the same memory, seen the same way."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    number = id(owner)
    entry = _known.get(number)
    if entry is None or entry[0]() is not owner:
        entry = (weakref.ref(owner, lambda _: _known.pop(number, None)), {})
        _known[number] = entry
    key = (what, array.__array_interface__["data"][0], array.shape, array.strides, array.dtype)
    if key not in entry[1]:
        entry[1][key] = compute()
    answer: Answer = entry[1][key]
    return answer
