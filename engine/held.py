"""Parameters that ``loss`` finds in an object, a closure or a global instead of its arguments: ``net.layers[0].W``.

Where a place that it reaches holds the very array that ``params`` has, the recording puts there, for as long as it
lasts, what stands for that array. A copy or a view of the array is not found; `engine.outside` notices those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from engine.reach import is_a_persons, namespaces

_Place = tuple[Any, Any]


@contextmanager
def standing_in(loss: Callable[..., Any], own: Mapping[str, Any], others: Mapping[str, Any]) -> Iterator[None]:
    """While this lasts, what ``loss`` reaches holds an array of ``others`` wherever it held the one of ``own``."""
    instead = dict(_pairs(own, others))
    changed: list[tuple[_Place, Any]] = []
    try:
        for place, array in list(_places(loss, instead)):
            changed.append((place, array))
            _put(place, instead[id(array)])
        yield
    finally:
        for place, array in reversed(changed):
            _put(place, array)


def _pairs(own: Any, other: Any) -> Iterator[tuple[int, Any]]:
    """The identity of every array of one tree, and what is at its place in another tree of that structure."""
    if isinstance(own, Mapping):
        for key in own:
            yield from _pairs(own[key], other[key])
    elif isinstance(own, list | tuple):
        for one, two in zip(own, other, strict=True):
            yield from _pairs(one, two)
    elif isinstance(own, np.ndarray):
        yield id(own), other


def _places(loss: Callable[..., Any], wanted: Mapping[int, Any]) -> Iterator[tuple[_Place, Any]]:
    """Where the wanted arrays are held: (holder, key) and the array."""
    seen: set[int] = set()
    reached = namespaces(loss)
    modules = {"types", *(names.get("__name__") for names in reached)}
    waiting: list[Any] = [loss, *reached]
    while waiting:
        holder = waiting.pop()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for at, held in _items(holder, modules):
            if isinstance(held, np.ndarray):
                if id(held) in wanted and at is not None:
                    yield at, held
            elif not isinstance(held, str | bytes | int | float | complex | type | ModuleType | None):
                waiting.append(held)


def _items(holder: Any, modules: set[Any]) -> Iterator[tuple[_Place | None, Any]]:
    """What a person's container, object or function holds, and where; a tuple's places cannot be written to."""
    if isinstance(holder, dict):
        yield from (((holder, key), held) for key, held in holder.items())
    elif isinstance(holder, list):
        yield from (((holder, key), held) for key, held in enumerate(holder))
    elif isinstance(holder, tuple | set | frozenset):
        yield from ((None, held) for held in holder)
    elif isinstance(holder, MethodType):
        yield from ((None, held) for held in (holder.__self__, holder.__func__))
    elif isinstance(holder, FunctionType):
        if is_a_persons(holder.__globals__):
            yield from (((cell, None), cell.cell_contents) for cell in holder.__closure__ or () if _is_bound(cell))
            yield from ((None, held) for held in holder.__defaults__ or ())
    elif type(holder).__module__ in modules and isinstance(own := getattr(holder, "__dict__", None), dict):
        yield from (((own, key), held) for key, held in own.items())


def _is_bound(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _put(place: _Place, value: Any) -> None:
    holder, key = place
    if isinstance(holder, CellType):
        holder.cell_contents = value
    else:
        holder[key] = value
