"""How numbers are written: one format per matrix, never per entry.

A format is made from a few figures about the array (largest, smallest, all integers?). They are gathered in one
pass the first time an array is met and remembered for as long as it lives, so a key press costs nothing.
"""

from __future__ import annotations

import math
import re
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui.canvas import HEAT_LEVELS

Number = float | int | bool
Array = NDArray[Any]

DECIMALS = 2
_EXACT_INTEGERS = 10**6  # beyond this an integer is an amount like any other, written with a power of ten
_SMALLEST_POWER = -300  # 10.0**-324 would be zero
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the choice of a format rests on: the finite extremes of an array and the character of its entries.

    ``integral``: every entry is an integer. ``binary``: every entry is 0 or 1. ``finite``: no NaN, no infinity.
    ``clear``: the fewest decimals at which no more than 30 % of the entries other than zero read zero; 3 where
    two decimals are not enough.
    """

    low: float
    high: float
    integral: bool
    binary: bool
    finite: bool
    clear: int

    @property
    def peak(self) -> float:
        """The largest finite absolute value, 0 where there is none."""
        return max(abs(self.low), abs(self.high))


@dataclass(frozen=True, slots=True)
class Format:
    """How every entry of one matrix is written: divided by 10^``exponent``, with ``decimals`` places.

    ``width`` is the cells a column takes, one separating blank included. ``drop_zero`` writes ``-.93``.
    ``peak`` is the value with full heat. ``binary`` matrices (masks, one-hot, ones) have no heat.
    """

    decimals: int
    exponent: int
    drop_zero: bool
    integral: bool
    binary: bool
    peak: float
    width: int

    def cell(self, value: Number) -> str:
        """The text of one entry, unpadded: ``-0.38``, ``0``, ``~0``, ``NaN``, ``+∞``."""
        if self.integral:
            return str(int(value))
        number = float(value)
        if number == 0:
            return "0"
        if not math.isfinite(number):
            return not_finite(number)
        text = f"{number / 10.0**self.exponent if self.exponent else number:.{self.decimals}f}"
        if not text.strip("-0."):
            return "~0"
        return text.replace("0.", ".", 1) if self.drop_zero and text.lstrip("-").startswith("0.") else text

    @property
    def power(self) -> str:
        """The common power for the header, ``⋅10^-3``, or nothing (U+22C5: a product of numbers, not of matrices)."""
        return f"⋅10^{self.exponent}" if self.exponent else ""

    def heat(self, value: Number) -> int:
        """How strongly an entry is coloured, 0 (faintest) … 32 (the matrix's largest absolute value)."""
        share = min(1.0, abs(float(value)) / self.peak) if self.peak else 0.0
        return round(math.pow(share, 0.7) * (HEAT_LEVELS - 1))


def choose(array: Array, decimals: int | None = None, drop_zero: bool = False, narrow: bool = False) -> Format:
    """The one format for all entries of ``array``; ``decimals`` overrides the number of places (not of integers).

    ``narrow`` asks for one decimal where a person asked for none in particular; a matrix that would read ``~0`` in
    too many places then has a power taken out, or keeps its two decimals where no power can help.
    """
    return _format(figures(array), decimals, drop_zero, narrow)


_ALIKE = 100.0
"""Matrices to be compared whose largest entries are further apart than this have formats of their own."""


def choose_alike(
    arrays: Sequence[Array], decimals: int | None = None, drop_zero: bool = False, narrow: bool = False
) -> list[Format]:
    """The formats of matrices that are compared: one for all, so that the same number is the same text and colour."""
    facts = [figures(array) for array in arrays]
    peaks = [one.peak for one in facts if one.peak]
    if not peaks or max(peaks) > _ALIKE * min(peaks):
        return [_format(one, decimals, drop_zero, narrow) for one in facts]
    together = Figures(
        min(one.low for one in facts),
        max(one.high for one in facts),
        all(one.integral for one in facts),
        all(one.binary for one in facts),
        all(one.finite for one in facts),
        max(one.clear for one in facts),
    )
    return [_format(together, decimals, drop_zero, narrow)] * len(facts)


@lru_cache(maxsize=1024)
def _format(facts: Figures, decimals: int | None, drop_zero: bool, narrow: bool) -> Format:
    integral = facts.integral and facts.peak < _EXACT_INTEGERS
    places = 0 if integral else _places(facts, decimals, narrow)
    exponent = 0
    # Where the largest entry is above one, dividing by a power of ten would only hide more of the small ones.
    faint = facts.peak < 1 and facts.clear > min(places, DECIMALS)
    if not integral and facts.peak and (facts.peak >= 1000 or faint):
        exponent = max(_SMALLEST_POWER, math.floor(math.log10(facts.peak)))
    # Leading zeros are dropped only where every entry has one: ``.93 1.07`` would be harder to read, not shorter.
    bare = (
        drop_zero and Format(places, exponent, False, integral, facts.binary, facts.peak, 0).cell(facts.peak)[0] in "0~"
    )
    form = Format(places, exponent, bare, integral, facts.binary, facts.peak, 0)
    texts = [form.cell(facts.low), form.cell(facts.high)]
    if not facts.finite:
        texts.append("NaN")
    if not integral:
        texts.append("~0")
    width = 1 + max(len(text) for text in texts)
    return replace(form, width=width)


def _places(facts: Figures, decimals: int | None, narrow: bool) -> int:
    """How many decimals; the entries that they hide are looked for at that number of them, not at the usual one."""
    if decimals is not None:
        return max(0, decimals)
    if narrow and (facts.peak < 1 or facts.clear <= 1 or facts.peak >= 1000):
        return 1
    return 1 if 100 <= facts.peak < 1000 and facts.clear <= 1 else DECIMALS


_known: dict[int, tuple[weakref.ref[Array], dict[tuple[object, ...], Figures]]] = {}


def figures(array: Array) -> Figures:
    """The figures of an array, gathered once per array and remembered while its memory is alive.

    Views are recognised by the memory they look at, so a transpose taken anew at every key press costs nothing.
    The arrays of a tape never change; of an array that does, the first answer stays.
    """
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    number = id(owner)
    entry = _known.get(number)
    if entry is None or entry[0]() is not owner:
        entry = (weakref.ref(owner, lambda _: _forget(number)), {})
        _known[number] = entry
    view = (array.__array_interface__["data"][0], array.shape, array.strides, array.dtype)
    facts = entry[1].get(view)
    if facts is None:
        facts = entry[1][view] = _gather(array)
    return facts


def _forget(number: int) -> None:
    entry = _known.get(number)
    if entry is not None and entry[0]() is None:
        del _known[number]


def _gather(array: Array) -> Figures:
    # A broadcast axis (a vector of ones) repeats one entry: looking at it once is enough.
    array = array[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in array.strides)]
    if array.dtype.kind == "b":
        array = array.astype(np.int8)
    finite = True
    if array.size:
        low, high = float(array.min()), float(array.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            finite = False
            array = array[np.isfinite(array)]
    if not array.size:
        return Figures(0.0, 0.0, finite, finite, finite, 0)
    low, high = float(array.min()), float(array.max())
    integral = finite and _is_integral(array)
    binary = integral and low >= 0 and high <= 1
    return Figures(low, high, integral, binary, finite, 0 if integral else _clear(array))


def _is_integral(array: Array) -> bool:
    if array.dtype.kind in "iu":
        return True
    first = array[(0,) * array.ndim]  # one look settles it for nearly every matrix of real numbers
    return bool(first == np.trunc(first)) and bool(np.all(array == np.trunc(array)))


def _clear(array: Array) -> int:
    """The fewest decimals, up to one more than usual, at which at most 30 % of the entries other than zero vanish."""
    sizes, nonzero = np.abs(array), np.count_nonzero(array)
    for decimals in range(DECIMALS, -1, -1):
        visible = np.count_nonzero(sizes >= 0.5 * 10.0**-decimals)
        if nonzero - visible > 0.3 * nonzero:
            return decimals + 1
    return 0


def not_finite(value: float) -> str:
    """``NaN``, ``+∞`` or ``-∞``."""
    return "NaN" if math.isnan(value) else "+∞" if value > 0 else "-∞"


def amount(value: Number) -> str:
    """A number inside a sentence: two decimals, ``4.8e-3`` below 0.005, ``1.2e6`` from a million on; integers exact."""
    if isinstance(value, bool | int | np.integer | np.bool_):
        return str(int(value))
    number = float(value)
    if number == 0:
        return "0"
    if not math.isfinite(number):
        return not_finite(number)
    if 0.005 <= abs(number) < 1e6:
        return f"{number:.{DECIMALS}f}"
    mantissa, power = f"{number:.1e}".split("e")
    return f"{mantissa}e{int(power)}"


def factor(value: Number) -> str:
    """A number inside a sum of products: as ``amount``, in brackets when negative."""
    text = amount(value)
    return f"({text})" if text.startswith("-") else text


def exact(value: Number) -> str:
    """The value with every digit it has: ``repr`` of the float, integers as themselves, a mask as 0 and 1."""
    if isinstance(value, bool | int | np.integer | np.bool_):
        return repr(int(value))
    return repr(float(value) + 0.0)


def shape_text(shape: tuple[int, ...]) -> str:
    """``4×5``; ``5`` for a 1-D array; ``1×1`` for a number, as it is written on paper."""
    return "×".join(map(str, shape)) if shape else "1×1"


@lru_cache(maxsize=1024)
def axes_text(shape: tuple[int, ...], axes: tuple[str | None, ...]) -> str:
    """The axis names as they stand behind a shape, ``h₁×n``; nothing where no name is known.

    An axis without a name is written ``1`` where its size is 1, else ``?``.
    """
    if not any(axes):
        return ""
    names = (subscript(name) if name else "1" if size == 1 else "?" for size, name in zip(shape, axes, strict=True))
    return "×".join(names)


def subscript(name: str) -> str:
    """A name with its final number set low, ``h1`` -> ``h₁``."""
    return re.sub(r"(?<=[^\W\d_])_?(\d+)$", lambda match: match[1].translate(_SUBSCRIPTS), name)
