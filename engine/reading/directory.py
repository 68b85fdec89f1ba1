"""Steps by the names that people give them, without describing any step but the one that is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.program import Program

_PART = re.compile(r"([FB]\d+)(?:[a-z]|_\d+)", re.IGNORECASE)


class Directory:
    """The numbers of a program's steps by id (``B6``), part (``B6a``), quantity (``dW1``) and symbol (``∂L/∂W₁``)."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.ids = tuple(program.step_ids.values())
        self.numbers = {identifier: number for number, identifier in enumerate(self.ids)}
        self._exact: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        for number, plan in enumerate(program.plans):
            quantity, symbol = program.names[plan.quantity], program.values[plan.quantity].symbol
            for key in (self.ids[number], quantity, symbol):
                self._exact.setdefault(key, number)
            for key in (self.ids[number], quantity):
                self._folded.setdefault(key.casefold(), number)

    def find(self, key: str) -> int | None:
        """The first step that goes by that name as it is written, else with capitals and small letters confused."""
        exact = (self._exact.get(key), self._owner(key, str))
        alike = (self._folded.get(key.casefold()), self._owner(key, str.casefold))
        for found in (exact, alike):
            numbers = [number for number in found if number is not None]
            if numbers:
                return min(numbers)
        return None

    def _owner(self, key: str, fold: Callable[[str], str]) -> int | None:
        """The step that has a part of that name."""
        found = _PART.fullmatch(key)
        number = None if found is None else self.numbers.get(found[1].upper())
        if number is None:
            return None
        ids = (fold(part.id) for part in self._program.steps[number].parts)
        return number if fold(key) in ids else None
