"""Which line is to blame where comparing arrays leaves it open: the one that can be mended so that all is right.

Two ways to mend a line are tried. What it computes is exchanged for a gradient of the reference: if everything that
comes after is right then, the line, or what it reads, is wrong, and the array was meant to be that gradient. And its
text is changed a little: if every gradient is right then, that is the cure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.blame.explanation import Explanation
from engine.blame.quantities import Quantity
from engine.blame.repair.cure import Cure
from engine.blame.repair.cures import Repairs
from engine.blame.repair.twofold import Two, after_another, foretold
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Entry, Walk

_OPERANDS = (
    "relu-mask-wrong-layer",
    "relu-mask-from-gradient",
    "activation-derivative-wrong-value",
    "activation-derivative-missing",
    "relu-mask-missing",
    "stale-weight",
    "wrong-operand",
)
"""Mistakes that are another array, or one too few, at one place of a line."""
_NUMBERS = ("factor", "sign", "mean-missing", "mean-twice", "sum-for-mean")
"""Mistakes that a number or a sign at the right line mends."""
Walked = Callable[[Mapping[Item, Quantity]], Walk]


def told(walk: Walk, cure: Cure, explanations: list[Explanation]) -> Walk:
    """The walk with the line of the cure as the only one that is wrong by itself."""
    entries: list[Entry] = []
    for entry in walk.entries:
        if entry.item is cure.item:
            continue
        verdict = "inherited" if entry.verdict == "own-error" else entry.verdict
        entries.append(Entry(entry.item, entry.quantity, verdict))
    known = next((e for e in walk.entries if e.item is cure.item), None)
    quantity = cure.quantities.get(cure.item) or (known.quantity if known is not None else None)
    line = replace(cure.item, statement=cure.statement)
    entries.append(Entry(cure.item, quantity, "own-error", explanations, line))
    known_now = walk.finished or cure.edit is not None
    return replace(walk, entries=sorted(entries, key=lambda e: e.item.turn), finished=known_now)


def first_of(walk: Walk) -> Entry | None:
    """The first line that is wrong by itself: of the lines of a loop the one that runs first in it."""

    def begun(entry: Entry) -> tuple[int, int]:
        line = entry.line or entry.item
        return walk.begun.get(line.statement, line.turn), line.turn

    return min((e for e in walk.entries if e.verdict == "own-error"), key=begun, default=None)


def _is_vague(explanations: list[Explanation]) -> bool:
    return [e.mistakes for e in explanations] == [("wrong-operand",)]


def is_certain(entry: Entry) -> bool:
    """Whether the mistake of a line is known, and no coincidence."""
    return bool(entry.explanations) and not any(e.guess or e.count > 1 for e in entry.explanations)


class _Open:
    """What one walk leaves open.

    ``elsewhere``: the very line that is blamed is right in another call. ``certain``: its mistake is known, and nothing
    speaks against it. ``earlier``: arrays before it that nobody has shown to be right. ``vague``: the name says little.
    """

    def __init__(self, walk: Walk, repairs: Repairs) -> None:
        self.walk, self.repairs = walk, repairs
        self.first = first = first_of(walk)
        self.explanations = first.explanations if first is not None else []
        self.blamed = (first.line or first.item) if first is not None and walk.finished else None
        self.elsewhere = first is not None and repairs.doubts.is_right_elsewhere(first, walk)
        right = self.blamed is not None and self.blamed.statement in repairs.doubts.exact
        doubted = self.elsewhere or right or (first is not None and first.item in repairs.doubts.innocent)
        self.certain = self.blamed is not None and first is not None and is_certain(first) and not doubted
        self.suspects = repairs.doubts.suspects(walk)
        self.earlier = [i for i in self.suspects if self.blamed is None or _is_before(i, self.blamed)]
        self.vague = _is_vague(self.explanations)

    @property
    def doubted(self) -> list[Item]:
        """The array that is blamed, and those that may be wrong."""
        return [*([self.first.item] if self.first is not None else []), *self.suspects]

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to try."""
        errors = [e.explanations for e in self.walk.entries if e.verdict == "own-error"]
        if self.certain and all(several and several[0].mistakes == ("stale-weight",) for several in errors):
            return True  # to leave the update out would mend it too, but to read the weight after it is the mistake
        return self.certain and not self.earlier and not self.vague and not self.several and not self.moved

    @property
    def moved(self) -> bool:
        """Whether another line than the one that made the wrong array is blamed for it."""
        line = self.first.line if self.first is not None else None
        return line is not None and self.first is not None and line.statement is not self.first.item.statement

    @property
    def several(self) -> bool:
        """Whether more than one line is called wrong by itself: one mistake may be behind all of them."""
        errors = [e for e in self.walk.entries if e.verdict == "own-error"]
        return len({(e.line or e.item).statement for e in errors}) > 1

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


def plainly_mended(repairs: Repairs, walked: Callable[[], Walk]) -> Walk | None:
    """The walk with the one line where something is only to be taken away; None where no such change mends everything.

    ``walked`` walks without explaining anything. A term of a sum is not taken away: it may be an update.
    """
    cure = repairs.cures(repairs.doubts.unproven(None), (), (0,))
    own = cure.explanation() if cure is not None else None
    if cure is None or own is None or _is_vague([own]):
        return None
    return told(walked(), cure, [own])


def mended(walk: Walk, repairs: Repairs, walked: Walked) -> Walk:
    """The walk, or one with another first wrong line where that can be mended and the one found cannot be it.

    ``walked`` walks anew with arrays that are known to have been meant as some gradient.
    """
    case = _Open(walk, repairs)
    if case.is_settled:
        return walk
    if case.certain and case.blamed is not None:
        cure = _confirmed(case, case.blamed.statement, repairs)
        if cure is not None:
            return _with(case, cure)
    meant = repairs.substitutes.meant(case.arrays, walk.habit.scale)
    again = walked(meant.quantities) if meant is not None else None
    if meant is not None and again is not None and _is_all(meant, again):
        cure = _of_all(meant, again, case, repairs)
        return again if cure is None else _with(case, cure)
    cures = _cured(case, repairs, meant)
    if isinstance(cures, Cure):
        return _with(case, cures)
    if cures is not None and not _is_one_mistake(case, cures):
        return _of_two(case, cures, again)
    half = None if case.certain else repairs.half(case.blamed)
    if half is not None:
        return _with(case, half)
    if meant is not None:
        return _with(case, meant, again)
    if case.first is None:
        return walk
    if case.moved and not case.several and case.explanations and case.explanations[0].mistakes[0] in _NUMBERS:
        return _replaced(walk, case.first, replace(case.first, line=None))  # a number at the other line mends nothing
    return repairs.doubts.handed(walk, case.first) if case.elsewhere else walk


def _confirmed(case: _Open, blamed: Statement, repairs: Repairs) -> Cure | None:
    """The change of the line blamed that mends everything, or of any line where something is only taken away."""
    names = [m for e in case.explanations for m in e.mistakes]
    every = [blamed, *case.statements, *repairs.doubts.unproven(None)]
    return repairs.cures(every, names, (0,)) or repairs.cures([blamed], names, (1,))


def _is_all(meant: Cure, again: Walk) -> bool:
    """Whether the line whose arrays were meant as something else is the only wrong one then, for a known reason."""
    found = first_of(again)
    wrong = {e.item.statement for e in again.entries if e.verdict == "own-error"}
    if found is None or found.item is not meant.item or wrong != {meant.statement}:
        return False
    return is_certain(found) and not _is_vague(found.explanations)


def _of_all(meant: Cure, again: Walk, case: _Open, repairs: Repairs) -> Cure | None:
    """The change that mends everything where the reason that is known may be one of another line.

    What only takes something away there says more.
    """
    found = first_of(again)
    assert found is not None
    names = found.explanations[0].mistakes
    if found.line is not None and found.line.statement is not meant.statement:
        return repairs.cures([meant.statement, found.line.statement], names, (0, 1))
    if names[0] == "accumulation-overwritten":
        return repairs.cures(repairs.doubts.open(case.suspects, case.walk), (), (0, 1))
    cure = repairs.cures([meant.statement, *case.statements], names, (0,))
    return cure if cure is not None and cure.statement is not meant.statement else None


def _cured(case: _Open, repairs: Repairs, meant: Cure | None) -> Cure | Two | None:
    """The change of a line that mends everything: of the line blamed, of those in doubt, of any other; or two changes.

    What only takes something away is tried in all of them first. What is known to be missing in a line could be added
    in those before it as well: only if it mends nothing there.
    """
    names = [m for e in case.explanations for m in e.mistakes]
    own = [meant.statement] if meant is not None else []
    if case.certain and case.blamed is not None:
        own.append(case.blamed.statement)
    open_ones = [one for one in case.statements if one not in own]
    rest = [one for one in repairs.doubts.unproven(meant) if one not in (*own, *open_ones)]
    every = own + open_ones + rest
    for statements, tiers in ((every, (0,)), (own, (1,)), (open_ones, (1,)), (rest, (1,))):
        cure = repairs.cures(statements, names, tiers)
        if cure is not None:
            return cure
    two = foretold(repairs) or after_another(repairs, (0,))
    if two is not None:
        return two
    cure = repairs.cures(own, names, (2,)) or repairs.cures(open_ones + rest, names, (2,))
    return cure or foretold(repairs) or after_another(repairs)


def _is_one_mistake(case: _Open, cures: Two) -> bool:
    """Whether two changes only undo the one mistake that is known: the count that several lines divide by, say."""
    if not case.certain or case.several:
        return False
    first, second = (one.edit.mistakes if one.edit is not None else () for one in cures)
    return first == second and first[0] in case.explanations[0].mistakes


def _of_two(case: _Open, cures: Two, again: Walk | None) -> Walk:
    """The walk with two lines that are wrong by themselves: with both mended every gradient is right."""
    walk = again or case.walk
    entries = [
        replace(e, verdict="inherited", explanations=[]) if e.verdict == "own-error" else e for e in walk.entries
    ]
    for cure, other in (cures, cures[::-1]):
        item = next((i for i in case.doubted if i.statement is cure.statement), cure.item)
        known = next((e for e in case.walk.entries if e.verdict == "own-error" and _place(e) is cure.statement), None)
        own = cure.explanation()
        assert own is not None
        if known is not None and is_certain(known) and _is_vague([own]):
            own = replace(known.explanations[0], cure=own.cure, mends=own.mends)
        own = replace(_by_gradient(own, walk), beside=other.statement.line)
        quantity = next((e.quantity for e in walk.entries if e.item is item), None)
        entries = [e for e in entries if e.item is not item or _place(e) in (one.statement for one in cures)]
        entries.append(Entry(item, quantity, "own-error", [own], replace(item, statement=cure.statement)))
    return replace(walk, entries=sorted(entries, key=lambda e: e.item.turn), finished=True)


def _replaced(walk: Walk, entry: Entry, by: Entry) -> Walk:
    return replace(walk, entries=[by if e is entry else e for e in walk.entries])


def _is_before(item: Item, blamed: Item) -> bool:
    return item.turn <= blamed.turn and item.statement is not blamed.statement


def _until(last: Statement, statements: list[Statement]) -> list[Statement]:
    return statements[: statements.index(last) + 1] if last in statements else [*statements, last]


def _with(case: _Open, cure: Cure, again: Walk | None = None) -> Walk:
    """The walk with the cure told; of a line that was blamed for certain, only a better name is taken."""
    walk = case.walk
    if cure.edit is not None:
        own_items = [i for i in case.doubted if i.statement is cure.statement]
        cure = replace(cure, item=next(iter(own_items), cure.item))
    known = [e for e in case.explanations if not e.guess]
    own = cure.explanation()
    if own is None:
        return told(again or walk, cure, known if _is_at(case, cure) else [])
    own = _by_gradient(own, walk)
    same = case.certain and case.blamed is not None and cure.statement is case.blamed.statement
    trusted = walk.finished and not case.moved
    specific = [e for e in known if e.mistakes[0] in _OPERANDS and e.count == 1] if trusted else []
    if same and not case.vague and not _says_more(cure, own, case.explanations[0]):
        if case.first is None or [e.mistakes for e in case.explanations] != [own.mistakes]:
            return walk
        own = replace(case.explanations[0], cure=own.cure)
    elif own.mistakes == ("factor",) and known and known[0].count == 1 and _is_at(case, cure):
        own = replace(known[0], cure=own.cure, mends=own.mends)
    elif own.mistakes == ("wrong-operand",) and specific:
        own = specific[0] if same else replace(specific[0], cure=own.cure, wrong=own.wrong, right=own.right)
    if same and case.first is not None:
        return _replaced(walk, case.first, replace(case.first, explanations=[own]))
    return told(walk, cure, [own])


def _is_at(case: _Open, cure: Cure) -> bool:
    """Whether a cure is one of the line that is blamed."""
    return case.first is not None and _place(case.first) is cure.statement


def _place(entry: Entry) -> Statement:
    """The statement that an entry blames, or that made its array."""
    return (entry.line or entry.item).statement


def _says_more(cure: Cure, own: Explanation, known: Explanation) -> bool:
    """Whether a cure says more of a line than comparing its array did: another array in the place of one, one mistake
    beside another that cannot be told apart, or what a single number seems to be a constant times too large for."""
    if set(known.mistakes) < set(own.mistakes):
        return True
    if known.mistakes == ("factor",) and own.mistakes[0] not in _NUMBERS:
        return True
    return own.mistakes[0] in _OPERANDS and cure.edit is not None and cure.edit.kind == "operand"


def _by_gradient(own: Explanation, walk: Walk) -> Explanation:
    """The explanation; a mask of another array is one from the gradient where that array is one."""
    if own.mistakes == ("relu-mask-wrong-layer",) and _is_gradient(own.wrong, walk):
        return replace(own, mistakes=("relu-mask-from-gradient",))
    return own


def _is_gradient(name: str, walk: Walk) -> bool:
    """Whether a name of the learner's, or what it is an entry of, stands for gradients."""
    known = [e for e in walk.entries if e.quantity is not None and name in e.item.names]
    return bool(known) and all(e.quantity is not None and e.quantity.kind != "forward" for e in known)
