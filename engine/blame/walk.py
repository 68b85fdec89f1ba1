"""What one walk through the arrays of a backward takes for granted, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.blame.explain import Explanation
from engine.blame.model import LineVerdict
from engine.blame.quantities import Quantity
from engine.blame.reference import Array
from engine.blame.roles import Item
from engine.blame.statements import Statement


@dataclass(frozen=True)
class Habit:
    """``scale``: what the learner's inner gradients are, divided by the true ones (N where 1/N comes late)."""

    scale: float = 1.0
    turned: bool = False
    names_first: bool = False


@dataclass(eq=False)
class Entry:
    """One judged array."""

    item: Item
    quantity: Quantity | None
    verdict: LineVerdict
    explanations: list[Explanation] = field(default_factory=list)
    line: Item | None = None

    @property
    def place(self) -> Item:
        """What is blamed, with its statement; the array itself where that is no other line."""
        return self.line or self.item


@dataclass(eq=False)
class Walk:
    """One walk under one habit, and what it costs to believe it.

    ``finished``: it came to the last array. ``begun``: the turn at which each statement first came to its end.
    """

    habit: Habit
    entries: list[Entry]
    cost: float
    own_names: dict[Quantity, Item]
    finished: bool = True
    begun: Mapping[Statement, int] = field(default_factory=dict)

    @property
    def wrong(self) -> list[Entry]:
        """The arrays whose lines are wrong by themselves."""
        return [e for e in self.entries if e.verdict == "own-error"]


@dataclass(eq=False)
class Own:
    """What the learner has of a quantity, and the array that it was read from."""

    array: Array
    item: Item | None
