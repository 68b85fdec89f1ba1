"""What a line looks at: the arrays that may stand in it for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.blame.reference import Array
from engine.blame.roles import Item

_AT_MOST = 12


def looked_at(item: Item, by_version: Mapping[int, Item]) -> list[tuple[str, Array]]:
    """The arrays that the line of an item reads, with their names.

    Where the line only hands on what another line made (a return, an entry of a dict, a transpose), that line's.
    """
    found: dict[str, Array] = {}
    for other in _read(item, by_version, {item}):
        if other.array.dtype.kind == "f" and 0 < other.array.ndim <= 2 and len(found) < _AT_MOST:
            found.setdefault(other.name, other.array)
    return list(found.items())


def _read(item: Item, by_version: Mapping[int, Item], seen: set[Item]) -> Iterator[Item]:
    read = [by_version[n] for n in item.reads if n in by_version]
    handed_on = [o for o in read if o not in seen and not o.given and _same_numbers(o.array, item.array)]
    for other in handed_on:
        seen.add(other)
        yield from _read(other, by_version, seen)
    if not handed_on:
        yield from (other for other in read if other not in seen)


def _same_numbers(one: Array, other: Array) -> bool:
    """Whether it is the same array, whatever its layout."""
    if one.size != other.size or one.size == 0:
        return False
    ways = [one.reshape(-1), one.T.reshape(-1)]
    return any(np.array_equal(way, other.reshape(-1)) for way in ways)
