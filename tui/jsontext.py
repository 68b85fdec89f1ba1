"""JSON as chainstep writes it: the format's number, arrays as plain values, one line per entry."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FORMAT = "chainstep/1"
"""The number rises when a key changes its meaning."""


def plain(array: np.ndarray[Any, Any] | float) -> Any:
    """An array as nested lists, a 0-d array as a number; NaN and infinities as the strings JavaScript has for them."""
    return _finite(array if isinstance(array, float) else array.tolist())


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def json_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """A document as JSON with one line for every value and every step in it, which diff and grep can work with."""
    last = len(document) - 1
    yield "{"
    for number, (key, value) in enumerate(document.items()):
        comma = "," if number < last else ""
        if isinstance(value, dict) and value:
            yield from _nested(key, [f"{_text(name)}: {_text(entry)}" for name, entry in value.items()], "{}", comma)
        elif isinstance(value, list) and value:
            yield from _nested(key, [_text(entry) for entry in value], "[]", comma)
        else:
            yield f" {_text(key)}: {_text(value)}{comma}"
    yield "}"


def _nested(key: str, entries: list[str], brackets: str, comma: str) -> Iterator[str]:
    yield f" {_text(key)}: {brackets[0]}"
    for number, entry in enumerate(entries, 1):
        yield f"  {entry}{',' if number < len(entries) else ''}"
    yield f" {brackets[1]}{comma}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
