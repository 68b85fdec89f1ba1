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
from engine.blame.repair.cures import Cure, Repairs
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Entry, Walk


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
    return replace(walk, entries=sorted(entries, key=lambda e: e.item.turn))


Walked = Callable[[Mapping[Item, Quantity]], Walk]


def first_of(walk: Walk) -> Entry | None:
    """The first line that is wrong by itself."""
    errors = [e for e in walk.entries if e.verdict == "own-error"]
    return min(errors, key=lambda e: (e.line or e.item).turn, default=None)


def is_certain(entry: Entry) -> bool:
    """Whether the mistake of a line is known, and no coincidence."""
    return bool(entry.explanations) and not any(e.guess or e.count > 1 for e in entry.explanations)


def mended(walk: Walk, repairs: Repairs, walked: Walked) -> Walk:
    """The walk, or one with another first wrong line where that can be mended and the one found cannot be it.

    ``walked`` walks anew with arrays that are known to have been meant as some gradient.
    """
    first = first_of(walk)
    if first is not None and any("stale-weight" in e.mistakes for e in first.explanations):
        return walk  # to leave the update out would mend it too, but to read the weight after it is the mistake
    every = repairs.suspects(walk)
    blamed = (first.line or first.item) if first is not None and walk.finished else None
    elsewhere = first is not None and repairs.is_right_elsewhere(first, walk)
    doubted = elsewhere or (first is not None and first.item in repairs.innocent)
    certain = blamed is not None and first is not None and is_certain(first) and not doubted
    earlier = [i for i in every if blamed is None or (i.turn <= blamed.turn and i.statement is not blamed.statement)]
    vague = first is not None and [e.mistakes for e in first.explanations] == [("wrong-operand",)]
    if certain and not earlier and not vague:
        return walk
    rounds = {i.statement for i in earlier}
    unfinished = {e.item for e in walk.entries if e.verdict == "in-progress"}
    tried = [i for i in every if i not in unfinished and (i in earlier or i.statement in rounds)]
    if first is not None and blamed is not None and not certain and not elsewhere and first.item not in tried:
        tried.append(first.item)
    meant = repairs.meant(tried, walk.habit.scale)
    again = walked(meant.quantities) if meant is not None else None
    if again is not None and meant is not None:
        found = first_of(again)
        if found is not None and found.item is meant.item and is_certain(found):
            lost = found.explanations[0].mistakes[0] == "accumulation-overwritten"
            cure = repairs.cures(repairs.open(every, walk), near=True) if lost else None
            return again if cure is None else _with(walk, cure, first, False)
    names = [m for e in first.explanations for m in e.mistakes] if first is not None else []
    statements = repairs.open(every, walk)
    if not certain:
        statements += repairs.open(repairs.suspects(walk, values=True), walk)
    if blamed is not None and elsewhere:
        statements = [blamed.statement, *statements]
    elif blamed is not None:
        before = _until(blamed.statement, statements)
        trusted = first is not None and first.explanations and not any(e.guess for e in first.explanations)
        order = [blamed.statement, *before] if trusted else before
        statements = [*order, *statements] if not certain else order if earlier else order[:1]
    cure = repairs.cures(statements, names)
    if cure is not None:
        return _with(walk, cure, first, certain and blamed is not None and cure.statement is blamed.statement)
    if meant is not None:
        return _with(again or walk, meant, first, False)
    if elsewhere and first is not None:
        return repairs.handed(walk, first)
    return walk


def _until(last: Statement, statements: list[Statement]) -> list[Statement]:
    return statements[: statements.index(last) + 1] if last in statements else [*statements, last]


def _with(walk: Walk, cure: Cure, first: Entry | None, same: bool) -> Walk:
    """The walk with the cure told; of the ``same`` line that was blamed for certain, only a better name is taken."""
    known = [e for e in (first.explanations if first is not None else []) if not e.guess]
    own = cure.explanation()
    if own is not None and own.mistakes == ("relu-mask-wrong-layer",) and _is_gradient(own.wrong, walk):
        own = replace(own, mistakes=("relu-mask-from-gradient",))
    if own is None:
        at_line = first is not None and (first.line or first.item).statement is cure.statement
        return told(walk, cure, known if at_line else [])
    specific = [e for e in known if e.mistakes[0] in _OPERANDS and e.count == 1] if walk.finished else []
    if same and not (own.mistakes[0] in _OPERANDS and cure.edit is not None and cure.edit.kind == "operand"):
        return walk
    if own.mistakes == ("wrong-operand",) and specific:
        own = replace(specific[0], cure=own.cure, wrong=own.wrong, right=own.right) if not same else specific[0]
    if same:
        assert first is not None
        better = replace(first, explanations=[own])
        return replace(walk, entries=[better if e is first else e for e in walk.entries])
    return told(walk, cure, [own])


def _is_gradient(name: str, walk: Walk) -> bool:
    """Whether a name of the learner's, or what it is an entry of, stands for gradients."""
    known = [e for e in walk.entries if e.quantity is not None and name in e.item.names]
    return bool(known) and all(e.quantity is not None and e.quantity.kind != "forward" for e in known)


_OPERANDS = (
    "relu-mask-wrong-layer",
    "relu-mask-from-gradient",
    "activation-derivative-wrong-value",
    "activation-derivative-missing",
    "relu-mask-missing",
    "stale-weight",
    "wrong-operand",
)
