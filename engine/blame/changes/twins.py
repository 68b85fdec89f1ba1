"""One mistake in a line that runs several times: the same change in each time step, each layer, each example."""

from __future__ import annotations

from collections.abc import Sequence

from engine.blame.changes.facts import Change, Facts
from engine.blame.reference import Apply, Expr, Given, Known, Of, Was


class Twins:
    """The values of one program that the same line made, and the place of each among them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        families: dict[object, list[int]] = {}
        for value in facts.program.values:
            families.setdefault(facts.twin(value.index), []).append(value.index)
        self.family: dict[int, tuple[int, int]] = {}
        for number, members in enumerate(families.values()):
            node = facts.reference.node(members[0])
            # the backward pass runs through them the other way round
            order = members[::-1] if node is not None and node.backward else members
            for place, index in enumerate(order):
                self.family[index] = (number, place)
        self.several = {self.family[m[0]][0] for m in families.values() if len(m) > 1}

    def together(self, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """The changes that are one change in the text, made at two values or more."""
        groups: dict[object, dict[int, Change]] = {}
        for change in changes:
            number, place = self.family[change.at]
            if number not in self.several:
                continue
            key = (change.mistake, number, self._like(change.instead, place))
            groups.setdefault(key, {}).setdefault(change.at, change)
        return [tuple(group.values()) for group in groups.values() if len(group) > 1]

    def _like(self, expression: Expr, place: int) -> object:
        """The expression without what differs between the runs of a line."""
        match expression:
            case Of(value) | Was(value) | Known(value):
                number, own = self.family[value]
                return (number, own - place if number in self.several else 0)
            case Given(array, name):
                return (name, array.shape)
            case Apply(op, operands, attributes, _):
                return (op, str(attributes), tuple(self._like(o, place) for o in operands))
            case number:
                return number
