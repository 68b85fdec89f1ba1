"""What is worked out of a whole list of steps once, and not again at every key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from engine.reading.model import Step

T = TypeVar("T")
_LISTS = 4


def once(function: Callable[[Sequence[Step]], T]) -> Callable[[Sequence[Step]], T]:
    """``function`` of the last few lists of steps, told apart by identity: to compare thousands would take longer."""
    known: list[tuple[Sequence[Step], T]] = []

    def remembering(steps: Sequence[Step]) -> T:
        for same, result in known:
            if same is steps:
                return result
        result = function(steps)
        known.insert(0, (steps, result))
        del known[_LISTS:]
        return result

    return remembering


@once
def numbers(steps: Sequence[Step]) -> Mapping[str, int]:
    """The place of every step in the list, counted from 0, by its id."""
    return {step.id: number for number, step in enumerate(steps)}
