"""What one walk leaves open: how sure its first wrong line is, and what else may be wrong."""

from __future__ import annotations

from engine.blame.constants import is_plain
from engine.blame.explanation import Explanation
from engine.blame.repair.cures import Repairs
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Entry, Walk


def first_of(walk: Walk) -> Entry | None:
    """The first line that is wrong by itself: of the lines of a loop the one that runs first in it."""

    def begun(entry: Entry) -> tuple[int, int]:
        line = entry.place
        return walk.begun.get(line.statement, line.turn), line.turn

    return min(walk.wrong, key=begun, default=None)


def is_vague(explanations: list[Explanation]) -> bool:
    return [e.mistakes for e in explanations] == [("wrong-operand",)]


def is_certain(entry: Entry) -> bool:
    """Whether the mistake of a line is known, and no coincidence."""
    return bool(entry.explanations) and not any(e.guess or e.count > 1 for e in entry.explanations)


class Unsettled:
    """What one walk leaves open.

    ``elsewhere``: the very line that is blamed is right in another call. ``certain``: its mistake is known, and nothing
    speaks against it. ``earlier``: arrays before it that nobody has shown to be right. ``vague``: the name says little.
    """

    def __init__(self, walk: Walk, repairs: Repairs) -> None:
        self.walk, self.repairs = walk, repairs
        self.first = first = first_of(walk)
        self.explanations = first.explanations if first is not None else []
        self.blamed = first.place if first is not None and walk.finished else None
        self.elsewhere = first is not None and repairs.doubts.is_right_elsewhere(first, walk)
        right = self.blamed is not None and self.blamed.statement in repairs.doubts.exact
        doubted = self.elsewhere or right or (first is not None and first.item in repairs.doubts.innocent)
        self.certain = self.blamed is not None and first is not None and is_certain(first) and not doubted
        self.suspects = repairs.doubts.suspects(walk)
        self.earlier = [i for i in self.suspects if self.blamed is None or _is_before(i, self.blamed)]
        self.vague = is_vague(self.explanations) or _is_odd(self.explanations)

    @property
    def doubted(self) -> list[Item]:
        """The array that is blamed, and those that may be wrong."""
        return [*([self.first.item] if self.first is not None else []), *self.suspects]

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to try."""
        found = [e.explanations for e in self.walk.wrong]
        if self.certain and all(several and several[0].mistakes == ("stale-weight",) for several in found):
            return True  # to leave the update out would mend it too, but to read the weight after it is the mistake
        if self.explanations and self.explanations[0].mistakes[0] == "mean-missing":
            return False  # it may be missing wherever the array goes
        if self.loose:
            return False
        return self.certain and not self.earlier and not self.vague and not self.several and not self.moved

    @property
    def loose(self) -> list[Statement]:
        """Lines before one that is blamed for a sign, which make what nobody has a name for: -w, say, if w is right."""
        if self.blamed is None or not self.explanations or self.explanations[0].mistakes != ("sign",):
            return []
        before = (e for e in self.walk.entries if e.verdict == "right" and _is_before(e.item, self.blamed))
        loose = (e for e in before if e.quantity is not None and (e.quantity.unnamed or e.quantity.nameless))
        return [e.item.statement for e in loose if not self.repairs.doubts.is_called(e.item, e.quantity)]

    @property
    def moved(self) -> bool:
        """Whether another line than the one that made the wrong array is blamed for it."""
        line = self.first.line if self.first is not None else None
        return line is not None and self.first is not None and line.statement is not self.first.item.statement

    @property
    def several(self) -> bool:
        """Whether more than one line is called wrong by itself: one mistake may be behind all of them."""
        return len({e.place.statement for e in self.walk.wrong}) > 1

    @property
    def arrays(self) -> list[Item]:
        """The arrays that may have been meant as something else, in every round of their lines."""
        rounds = {i.statement for i in self.earlier}
        unfinished = {e.item for e in self.walk.entries if e.verdict == "in-progress"}
        called = {
            e.item
            for e in self.walk.entries
            if e.verdict == "right" and self.repairs.doubts.is_called(e.item, e.quantity)
        }
        found = [i for i in self.suspects if i.statement in rounds and i not in unfinished | called]
        if self.first is not None and self.blamed is not None and not self.certain and not self.elsewhere:
            found += [self.first.item] if self.first.item not in found else []
        return found

    @property
    def statements(self) -> list[Statement]:
        """The lines to change, those that are blamed first: further ones only where the mistake is not certain."""
        several = self.repairs.doubts.open(self.suspects, self.walk)
        if self.blamed is None:
            return several + self._values()
        own = [self.blamed.statement]
        if self.moved and self.first is not None:
            own.append(self.first.item.statement)
        if self.elsewhere:
            return own + several + self._values()
        before = _until(self.blamed.statement, several)
        if self.certain:
            return own + before if self.earlier or self.several else own
        trusted = bool(self.explanations) and not any(e.guess for e in self.explanations)
        return (own if trusted else []) + before + several + self._values()

    def _values(self) -> list[Statement]:
        return self.repairs.doubts.open(self.repairs.doubts.suspects(self.walk, values=True), self.walk)


def _is_odd(explanations: list[Explanation]) -> bool:
    """Whether all that is known is a number that nobody writes: another number is taken, which is read elsewhere."""
    odd = [e.mistakes == ("factor",) and e.factor is not None and not is_plain(e.factor) for e in explanations]
    return odd == [True]


def _is_before(item: Item, blamed: Item) -> bool:
    return item.turn <= blamed.turn and item.statement is not blamed.statement


def _until(last: Statement, statements: list[Statement]) -> list[Statement]:
    return statements[: statements.index(last) + 1] if last in statements else [*statements, last]
