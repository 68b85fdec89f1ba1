"""A walk with the lines told as wrong that can be mended, and what each mistake is called."""

from __future__ import annotations

from dataclasses import replace

from engine.blame.explanation import NUMBERS, Explanation
from engine.blame.repair.cure import Cure, Two
from engine.blame.repair.unsettled import Unsettled, is_certain, is_vague
from engine.blame.roles import Item
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


def told(walk: Walk, cure: Cure, explanations: list[Explanation]) -> Walk:
    """The walk with the line of the cure as the only one that is wrong by itself."""
    known = _entry_of(walk, cure.item)
    quantity = cure.quantities.get(cure.item) or (known.quantity if known is not None else None)
    wrong = Entry(cure.item, quantity, "own-error", explanations, _line_of(cure, cure.item))
    return _with_wrong(walk, [wrong], walk.finished or cure.edit is not None)


def with_two(case: Unsettled, cures: Two, again: Walk | None) -> Walk:
    """The walk with two lines that are wrong by themselves: with both mended every gradient is right."""
    walk = again or case.walk
    wrong: list[Entry] = []
    for cure, other in (cures, cures[::-1]):
        item = next((i for i in case.doubted if i.statement is cure.statement), cure.item)
        known = next((e for e in case.walk.wrong if e.place.statement is cure.statement), None)
        own = cure.explanation()
        assert own is not None
        if known is not None and is_certain(known) and is_vague([own]):
            own = replace(known.explanations[0], cure=own.cure, mends=own.mends)
        own = replace(_by_gradient(own, walk), beside=other.statement.line)
        made = _entry_of(walk, item)
        quantity = made.quantity if made is not None else None
        wrong.append(Entry(item, quantity, "own-error", [own], _line_of(cure, item)))
    return _with_wrong(walk, wrong, True)


def _with_wrong(walk: Walk, wrong: list[Entry], finished: bool) -> Walk:
    """The walk with these as the only lines that are wrong by themselves: the other ones have inherited."""
    items = {e.item for e in wrong}
    rest = [
        Entry(e.item, e.quantity, "inherited" if e.verdict == "own-error" else e.verdict)
        for e in walk.entries
        if e.item not in items
    ]
    return replace(walk, entries=sorted([*rest, *wrong], key=lambda e: e.item.turn), finished=finished)


def _entry_of(walk: Walk, item: Item) -> Entry | None:
    return next((e for e in walk.entries if e.item is item), None)


def _line_of(cure: Cure, item: Item) -> Item:
    """An array as one that the line of a cure has made."""
    return replace(item, statement=cure.reader or cure.statement)


def with_cure(case: Unsettled, cure: Cure, again: Walk | None = None) -> Walk:
    """The walk with the cure told; of a line that was blamed for certain, only a better name is taken."""
    walk = case.walk
    if cure.edit is not None:
        own_items = [i for i in case.doubted if i.statement is cure.statement]
        if cure.item.parameter is None and cure.item not in own_items:
            cure = replace(cure, item=next(iter(own_items), cure.item))
    known = [e for e in case.explanations if not e.guess]
    own = cure.explanation()
    if own is None:
        return told(again or walk, cure, known if _is_at(case, cure) else [])
    own = _by_gradient(own, walk)
    same = case.certain and case.blamed is not None and cure.statement is case.blamed.statement
    trusted = walk.finished and not case.moved
    specific = [e for e in known if e.mistakes[0] in _OPERANDS and e.count == 1] if trusted else []
    alone = case.several and cure.edit is not None and cure.edit.tier == 0  # what was known did not explain all
    if same and not case.vague and not alone and not _says_more(cure, own, case.explanations[0]):
        if case.first is None or [e.mistakes for e in case.explanations] != [own.mistakes]:
            return walk
        own = replace(case.explanations[0], cure=own.cure)
    elif own.mistakes == ("factor",) and _is_its_number(case, cure, known):
        own = replace(known[0], cure=own.cure, mends=own.mends)
    elif own.mistakes == ("wrong-operand",) and specific:
        own = replace(specific[0], cure=own.cure, wrong=own.wrong, right=own.right)
    if same and case.first is not None:
        return replaced(walk, case.first, replace(case.first, explanations=[own]))
    return told(walk, cure, [own])


def replaced(walk: Walk, entry: Entry, by: Entry) -> Walk:
    return replace(walk, entries=[by if e is entry else e for e in walk.entries])


def _is_at(case: Unsettled, cure: Cure) -> bool:
    """Whether a cure is one of the line that is blamed."""
    return case.first is not None and case.first.place.statement is cure.statement


def _is_its_number(case: Unsettled, cure: Cure, known: list[Explanation]) -> bool:
    """Whether a factor is the number that comparing the arrays of the same line has found."""
    at = bool(known) and known[0].count == 1 and _is_at(case, cure)
    return at and not is_vague(known) and not _is_shown(cure, known[0])


def _is_shown(cure: Cure, known: Explanation) -> bool:
    """Whether the number that is too much stands in the line: then nothing else is wrong with it."""
    assert cure.edit is not None
    return cure.edit.tier == 0 and not known.mistakes[0].startswith("regularisation")


def _says_more(cure: Cure, own: Explanation, known: Explanation) -> bool:
    """Whether a cure says more of a line than comparing its array did: another array in the place of one, one mistake
    beside another that cannot be told apart, or what a single number seems to be a constant times too large for."""
    if set(known.mistakes) < set(own.mistakes):
        return True
    if known.mistakes == ("factor",) and own.mistakes[0] not in NUMBERS:
        return True
    if own.mistakes == ("factor",) and _is_shown(cure, known):
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
