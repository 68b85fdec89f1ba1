"""What one mutant is, and how a row of the table stands damaged for a while."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from engine.ops import TABLE


@dataclass(frozen=True)
class Mutant:
    """``subject``: the row or the part of the engine; ``mark``: what a claim reaches to which the mutant matters."""

    subject: str
    text: str
    mark: Hashable
    damage: Callable[[], AbstractContextManager[Any]]


@contextmanager
def row_with(name: str, **fields: Any) -> Iterator[None]:
    """The row with other fields, in the one table that everything looks into."""
    kept = TABLE[name]
    TABLE[name] = replace(kept, **fields)
    try:
        yield
    finally:
        TABLE[name] = kept
