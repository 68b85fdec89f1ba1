"""The list of generators. Each says which rows of the engine's table it is there for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.ops import TABLE
from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker

Make = Callable[[Maker], Statement | None]


@dataclass(frozen=True)
class Generator:
    """One way to write a statement; ``rows`` are the operations that it is certain to record."""

    name: str
    rows: tuple[str, ...]
    make: Make
    weight: float = 1.0


GENERATORS: dict[str, Generator] = {}


def add(name: str, make: Make, rows: tuple[str, ...] = (), weight: float = 1.0) -> None:
    assert name not in GENERATORS, name
    GENERATORS[name] = Generator(name, rows, make, weight)


def generator(*rows: str, weight: float = 1.0) -> Callable[[Make], Make]:
    """Register a function as a generator for ``rows`` under its own name."""

    def register(make: Make) -> Make:
        add(make.__name__, make, rows, weight)  # type: ignore[attr-defined]
        return make

    return register


def writable() -> set[str]:
    """The rows of the engine's table that somebody can write; the others only come up inside a backward pass."""
    return {name for name, op in TABLE.items() if op.calls}


def covered() -> set[str]:
    """The rows that some generator is there for."""
    return {row for generator in GENERATORS.values() for row in generator.rows}
