"""What a command has to say: an exit status that is known before the first line is written, and the lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """``lines`` may be made while they are written, so that the first ones appear at once."""

    status: int
    lines: Iterable[str]


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
