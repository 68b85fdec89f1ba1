"""What counts as an array, and which arrays the variables of a function hold, in containers and objects too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from engine.blame.tracing.own import Own

Found: TypeAlias = tuple[str, Any, np.ndarray[Any, Any]]
"""A path such as ``cache['h']``, what stands there, and that as an array."""

DEEPEST = 4
LONGEST = 256
"""Containers inside containers, and entries of one list, that are followed."""


def numbers(thing: Any) -> np.ndarray[Any, Any] | None:
    """What counts as an array: an array, a float, a list of numbers or of such lists."""
    if isinstance(thing, np.ndarray | np.generic):
        return np.asarray(thing) if thing.dtype.kind in "biuf" else None
    if type(thing) is float:
        return np.asarray(thing)
    if isinstance(thing, list) and thing and all(isinstance(v, float | int | list | np.generic) for v in thing):
        try:
            made = np.array(thing)
        except ValueError:
            return None
        return made if made.dtype.kind in "iuf" else None
    return None


def same(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Equal in shape, type and every entry; NaN is equal to NaN."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def arrays_in(variables: Iterable[tuple[str, Any]], own: Own) -> Iterator[Found]:
    """Every array that the variables hold. Objects of the person's ``own`` classes are looked into."""
    for name, thing in variables:
        if not name.startswith(("__", ".")):
            yield from walk(name, thing, own)


def walk(path: str, thing: Any, own: Own, above: tuple[int, ...] = ()) -> Iterator[Found]:
    """The arrays in ``thing``, which stands at ``path``; ``above`` are the containers that it is in."""
    array = numbers(thing)
    if array is not None:
        yield path, thing, array
        return
    if thing is None or isinstance(thing, str | int | float) or len(above) >= DEEPEST or id(thing) in above:
        return
    for inner, value in _entries(path, thing, own):
        yield from walk(inner, value, own, (*above, id(thing)))


def _entries(path: str, thing: Any, own: Own) -> list[tuple[str, Any]]:
    if isinstance(thing, dict):
        return [(f"{path}[{key!r}]", value) for key, value in list(thing.items())]
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return [(f"{path}.{name}", value) for name, value in zip(thing._fields, thing, strict=False)]
    if isinstance(thing, list | tuple):
        return [(f"{path}[{k}]", value) for k, value in enumerate(thing[:LONGEST])]
    if not isinstance(thing, type) and own.has_class(type(thing)):
        return [(f"{path}.{name}", value) for name, value in _attributes(thing)]
    return []


def _attributes(thing: Any) -> list[tuple[str, Any]]:
    """What an object keeps, in ``__slots__`` too; a property is not asked, it would run code."""
    found = list(getattr(thing, "__dict__", {}).items())
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(thing, name):
                found.append((name, getattr(thing, name)))
    return found
