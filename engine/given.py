"""What ``loss`` is given besides arrays, and what it cannot be given.

Numbers, strings and the lengths of lists decide what a recording looks like; they are kept, and a run with others is
refused instead of using the old ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from engine.errors import TraceError

_ARRAY = "array"
_NUMBERS = "biuf"


def check(params: Mapping[str, Any], data: Mapping[str, Any], file: str | None) -> None:
    """Raise TraceError for a parameter that is no native float array, and for arrays that cannot be recorded."""
    for which, tree in (("params", params), ("data", data)):
        if not isinstance(tree, Mapping):
            raise TraceError(f"{which} is a {type(tree).__name__}; it must be a dict from names to arrays.", file=file)
        for name, value in tree.items():
            _check(value, str(name), which == "params", file, ())


def _check(value: Any, path: str, parameter: bool, file: str | None, above: tuple[int, ...]) -> None:
    if isinstance(value, dict | list | tuple):
        if id(value) in above:
            raise TraceError(f"{path} contains itself.", file=file)
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            _check(item, f"{path}[{key!r}]", parameter, file, (*above, id(value)))
        return
    if isinstance(value, np.ndarray) and type(value) not in (np.ndarray, np.memmap):
        _refuse(path, f"is a {type(value).__name__}", f"Make it a plain array: np.asarray({path}).", file)
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind in _NUMBERS and not value.dtype.isnative:
            _refuse(path, f"has the byte order of another machine ({value.dtype.str})", "Use astype(float).", file)
        if value.dtype.kind == "c":
            _refuse(path, "is complex", "Only real numbers are recorded: split it into real and imaginary part.", file)
        if parameter and value.dtype.kind != "f":
            _refuse(path, f"is an array of {value.dtype}, which has no gradient", f"Use {path}.astype(float).", file)
    elif parameter and isinstance(value, int | float | complex):
        _refuse(path, f"is a {type(value).__name__}, not an array", f"Use np.array({value!r}, dtype=float).", file)


def _refuse(path: str, what: str, cure: str, file: str | None) -> NoReturn:
    raise TraceError(f"{path} {what}.", file=file, cure=cure)


def skeleton(tree: Any) -> Any:
    """``tree`` with every array replaced by a mark: containers, their lengths and the plain values in them."""
    if isinstance(tree, Mapping):
        return {k: skeleton(v) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return [skeleton(v) for v in tree]
    return _ARRAY if isinstance(tree, np.ndarray | np.generic) else (type(tree), tree)


def plain(params: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The skeletons of those arguments that are more than one array."""
    shapes = {name: skeleton(value) for tree in (params, data) for name, value in tree.items()}
    return {name: found for name, found in shapes.items() if found != _ARRAY}


def changed(before: Mapping[str, Any], params: Mapping[str, Any], data: Mapping[str, Any]) -> str | None:
    """The argument whose plain values or lengths are no longer those of ``before``; None if there is none."""
    for name, found in before.items():
        tree = params if name in params else data
        if name not in tree or not _same(found, skeleton(tree[name])):
            return name
    return None


def _same(a: Any, b: Any) -> bool:
    try:
        return bool(a == b)
    except Exception:
        return False
