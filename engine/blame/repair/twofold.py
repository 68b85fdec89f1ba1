"""Two mistakes: two changes in different lines that make every gradient right together."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import islice

from engine.blame.repair.cure import Cure, Two
from engine.blame.repair.cures import Repairs
from engine.blame.repair.unsettled import first_of, is_certain, is_vague
from engine.blame.walk import Entry, Walk

_FIRST_ONES = 4
"""Changes that mend some gradients with which a second one is looked for."""
_LEFT = 2
"""Gradients that are few enough for that: each has a line of its own."""
_FORETOLD = 40
"""Pairs that are run of those that are foretold to make everything right."""
_SECONDS = 0.4
"""What must be left for judging anew: it is not stopped everywhere."""
Anew = Callable[[Cure], Walk | None]
"""Judges the backward anew with one change made."""


def foretold(repairs: Repairs, alike: bool = False) -> Two | None:
    """Two of the changes that were tried alone: what they do together follows from that (see `Foretold`).

    With ``alike`` the two may undo the same mistake: two lines that go without a count may be one further on.
    """
    pairs = sorted(repairs.foretold(), key=lambda two: _plainness(repairs, two))
    for first, second in islice(pairs, _FORETOLD):
        if repairs.trials.over:
            return None
        if not alike and first.edit and second.edit and first.edit.mistakes == second.edit.mistakes:
            continue
        with repairs.after(first) as later:
            together = later.is_mended_by(second)
        if together:
            return _where_made(repairs, first, second)
    return None


def _where_made(repairs: Repairs, first: Cure, second: Cure) -> Two:
    """The two, with the line that makes an array in the place of the one that hands it back if it can be mended."""
    for handed, other in ((first, second), (second, first)):
        if not isinstance(handed.statement.tree, ast.Return) or handed.edit is None:
            continue
        with repairs.after(other) as later:
            made = later.cures(later.makers(other), handed.edit.mistakes, (0, 1))
        if made is not None:
            return other, made
    return first, second


def _plainness(repairs: Repairs, two: Two) -> tuple[int, int, list[int], int, int]:
    """What is tried first: lines that make nothing right by themselves, lines that were called wrong, plain changes,
    what is only taken away, and lines that make an array before the one that hands it back."""
    edits = [one.edit for one in two if one.edit is not None]
    right = sum(repairs.spoils(one.statement, one.edit) for one in two if one.edit is not None)
    others = sum(one.statement not in repairs.blamed for one in two)
    tiers = sorted((edit.tier for edit in edits), reverse=True)
    swaps = sum(edit.kind == "swap" for edit in edits)
    return right, others, tiers, swaps, sum(isinstance(one.statement.tree, ast.Return) for one in two)


def after_another(repairs: Repairs, plain: bool = False) -> Two | None:
    """A change that makes some of the wrong gradients right, and one more that only takes something away after it.

    Where few gradients are wrong then, any small change of the lines that make them is tried as well.

    ``plain``: the first one as well. Each first one is taken once, however often this is asked.
    """
    for cure in repairs.partial()[:_FIRST_ONES]:
        if repairs.trials.over:
            return None
        if cure.edit is None or cure.edit in repairs.followed or (plain and cure.edit.tier):
            continue
        repairs.followed.add(cure.edit)
        with repairs.after(cure) as later:
            second = later.cures(later.doubts.unproven(None), (), (0,))
            if second is None and len(later.every - later.right) <= _LEFT:
                second = later.cures(later.makers(cure), (), (1,))
        if second is not None:
            return cure, second
    return None


def judged_after(repairs: Repairs, anew: Anew) -> Two | None:
    """A change that makes some of the wrong gradients right, and what is judged to be wrong with that one made.

    Each change is taken once, however often this is asked.
    """
    for cure in repairs.partial()[:_FIRST_ONES]:
        if repairs.trials.left < _SECONDS:
            return None
        if cure.edit is None or cure.edit in repairs.judged:
            continue
        repairs.judged.add(cure.edit)
        walk = anew(cure)
        entry = first_of(walk) if walk is not None else None
        if walk is None or entry is None or not _is_sure(entry, walk):
            continue
        place = entry.place.statement
        own = next((one for one in repairs.run.ran if (one.file, one.line) == (place.file, place.line)), None)
        if own is None or own is cure.statement:
            continue
        meant = {} if entry.quantity is None else {repairs.item_of(own): entry.quantity}
        return cure, Cure(repairs.item_of(own), own, meant, known=entry.explanations[0])
    return None


def _is_sure(entry: Entry, walk: Walk) -> bool:
    """Whether only one line is wrong, with a change that was seen to mend everything or a mistake that is known."""
    if len({e.place.statement for e in walk.wrong}) != 1 or not is_certain(entry) or entry.explanations[0].mends:
        return False
    # a single number is a constant times any other
    return bool(entry.explanations[0].cure) or (entry.item.array.size > 1 and not is_vague(entry.explanations))
