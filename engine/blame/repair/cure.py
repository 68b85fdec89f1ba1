"""A line that can be mended, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.blame.explanation import Explanation
from engine.blame.quantities import Quantity
from engine.blame.repair.slots import Edit
from engine.blame.roles import Item
from engine.blame.statements import Statement


@dataclass(frozen=True, eq=False)
class Cure:
    """A line that can be mended.

    ``quantities``: what its arrays were meant to be; ``edit``: what to write, as ``text``. ``mends``: the gradients
    that are right with it and were not, where that is not all of them. ``known``: the mistake, where no edit undoes it.
    ``reader``: the line to blame where the array itself is right, and it is taken for the next one there.
    """

    item: Item
    statement: Statement
    quantities: Mapping[Item, Quantity] = field(default_factory=dict)
    edit: Edit | None = None
    text: str = ""
    mends: tuple[str, ...] = ()
    known: Explanation | None = None
    reader: Statement | None = None

    def explanation(self) -> Explanation | None:
        """The mistake that the edit undoes, or that is known."""
        if self.edit is None:
            return self.known
        edit = self.edit
        return Explanation(
            edit.mistakes, (), wrong=edit.wrong, right=edit.right, read=True, cure=self.text, mends=self.mends
        )


Two = tuple[Cure, Cure]
"""Two lines that are wrong, in any order: with both mended every gradient is right."""
