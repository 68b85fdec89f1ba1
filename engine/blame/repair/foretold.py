"""What two changes of a backward do together, foretold from what each does alone.

Two terms of a sum, or two gradients, change by what each change adds; constant factors of one product multiply. Of n
changes that were run, n² pairs are looked at so without another run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from engine.blame.linetrace import numbers
from engine.blame.quantities import ratio, without_ones
from engine.blame.reference import Array

_CLOSE = 1e-6
"""Relative error up to which a foretold gradient counts as right: it is run before it is believed."""
_AT_MOST = 2000
"""Changes that are paired with each other; further ones are left out."""
_ALIKE = 4
"""Changes with the same effect that are kept."""


class Foretold:
    """``true`` are the gradients by parameter, ``before`` those that the backward returns as it stands."""

    def __init__(self, true: Mapping[str, Array], before: Mapping[str, Any], tolerance: float) -> None:
        rng = np.random.default_rng(0)
        self._true, self._tolerance = true, tolerance
        self._along = {p: rng.normal(size=array.size) for p, array in true.items()}
        self._off: list[Array] = []
        self._times: list[Array] = []
        self._known: dict[bytes, int] = {}
        self._before = self._effect(before)

    def add(self, returned: Mapping[str, Any]) -> bool:
        """Take up what one change alone gives; False where it changes nothing, or what others do as well."""
        with np.errstate(all="ignore"):
            off, times = self._effect(returned)
        if len(self._off) >= _AT_MOST or np.array_equal(off, self._before[0], equal_nan=True):
            return False
        key = np.round(off, 9).tobytes()
        self._known[key] = self._known.get(key, 0) + 1
        if self._known[key] > _ALIKE:
            return False
        self._off.append(off)
        self._times.append(times)
        return True

    def gains(self) -> list[tuple[int, int]]:
        """For each change, in the order of ``add``: how many gradients are right with it that were not, and how many
        are right up to a constant; less than none where it spoils one."""
        found = []
        for off, times in zip(self._off, self._times, strict=True):
            gained = []
            for now, before in ((_is_right(off), _is_right(self._before[0])), (_known(times), _known(self._before[1]))):
                gained.append(-1 if np.any(before & ~now) else int(np.sum(now & ~before)))
            found.append((gained[0], gained[1]))
        return found

    def pairs(self, is_over: Callable[[], bool]) -> Iterator[tuple[int, int]]:
        """Places, in the order of ``add``, of two changes that should make every gradient right together.

        No further ones once ``is_over``.
        """
        if not self._off:
            return
        off, times = np.array(self._off), np.array(self._times)
        off_before, times_before = self._before
        unread = np.isnan(off_before)
        known = _known(times)
        for k in range(len(off) - 1):
            if is_over():
                return
            later = slice(k + 1, None)
            with np.errstate(all="ignore"):
                fits = np.abs(off[k] + off[later] - off_before) < _CLOSE
                fits |= np.abs(times[k] * times[later] / times_before - 1) < _CLOSE
            fits |= unread & (known[k] | known[later])  # what had another shape by then
            for other in np.flatnonzero(fits.all(axis=1)):
                yield k, k + 1 + int(other)

    def _effect(self, returned: Mapping[str, Any]) -> tuple[Array, Array]:
        """How far each gradient is off along a direction drawn at random, in units of its size, and by which constant
        it is too large: NaN where it has another shape, or where it is by no constant."""
        off, times = np.full(len(self._true), np.nan), np.full(len(self._true), np.nan)
        for k, (parameter, true) in enumerate(self._true.items()):
            array = numbers(returned[parameter])
            if array is None or array.dtype.kind != "f" or without_ones(array.shape) != without_ones(true.shape):
                continue
            along = self._along[parameter]
            off[k] = along @ (array - true.reshape(array.shape)).ravel() / (np.abs(along) @ np.abs(true).ravel() or 1.0)
            factor = ratio(array.astype(float), true.reshape(array.shape), self._tolerance)
            times[k] = factor if factor is not None else np.nan
        return off, times


def _is_right(off: Array) -> Array:
    return np.abs(off) < _CLOSE


def _known(times: Array) -> Array:
    return ~np.isnan(times)
