"""Which line is to blame where comparing arrays leaves it open: the one that can be mended so that all is right.

Two ways to mend a line are tried. What it computes is exchanged for a gradient of the reference: if everything that
comes after is right then, the line, or what it reads, is wrong, and the array was meant to be that gradient. And its
text is changed a little: if every gradient is right then, that is the cure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from engine.blame.explanation import NUMBERS
from engine.blame.quantities import Quantity
from engine.blame.repair.cure import Cure, Two
from engine.blame.repair.cures import Repairs
from engine.blame.repair.telling import replaced, told, with_cure, with_two
from engine.blame.repair.twofold import Anew, after_another, foretold, judged_after
from engine.blame.repair.unsettled import Unsettled, first_of, is_certain, is_vague
from engine.blame.roles import Item
from engine.blame.statements import Statement
from engine.blame.walk import Walk

Walked = Callable[[Mapping[Item, Quantity]], Walk]


def plainly_mended(repairs: Repairs, walked: Callable[[], Walk]) -> Walk | None:
    """The walk with the one line where something is only to be taken away; None where no such change mends everything.

    ``walked`` walks without explaining anything. A term of a sum is not taken away: it may be an update.
    """
    likely = [one for one in repairs.doubts.unproven(None) if repairs.may_mend_all(one)]
    cure = repairs.cures(likely, (), (0,))
    own = cure.explanation() if cure is not None else None
    if cure is None or own is None or is_vague([own]):
        return None
    return told(walked(), cure, [own])


def mended(walk: Walk, repairs: Repairs, walked: Walked, anew: Anew | None = None) -> Walk:
    """The walk, or one with another first wrong line where that can be mended and the one found cannot be it.

    ``walked`` walks again with arrays that are known to have been meant as some gradient; ``anew`` judges the backward
    anew with one change made, so that two mistakes are found as well.
    """
    repairs.compare(walk)
    case = Unsettled(walk, repairs)
    if case.is_settled:
        return walk
    if case.certain and case.blamed is not None:
        cure = _confirmed(case, case.blamed.statement, repairs)
        if cure is not None:
            return with_cure(case, cure)
    meant = repairs.substitutes.meant(case.arrays, walk.habit.scale)
    again = walked(meant.quantities) if meant is not None else None
    if meant is not None and again is not None and _is_all(meant, again):
        cure = _of_all(meant, again, case, repairs)
        return again if cure is None else with_cure(case, cure)
    cures = next((found for found in _attempts(case, repairs, meant, anew) if found is not None), None)
    if isinstance(cures, Cure):
        return with_cure(case, cures)
    if cures is not None and not _is_one_mistake(case, cures):
        return with_two(case, cures, again)
    half = None if case.certain else repairs.half(case.blamed)
    if half is not None:
        return with_cure(case, half)
    if meant is not None and not case.certain:
        found = first_of(again) if again is not None else None
        if again is not None and found is not None and found.item is meant.item and is_certain(found):
            return again  # with what this array was meant to be, its mistake is known
        return with_cure(case, meant, again)
    if case.first is None:
        return walk
    if case.moved and not case.several and case.explanations and case.explanations[0].mistakes[0] in NUMBERS:
        return replaced(walk, case.first, replace(case.first, line=None))  # a number at the other line mends nothing
    return repairs.doubts.handed(walk, case.first) if case.elsewhere else walk


def _confirmed(case: Unsettled, blamed: Statement, repairs: Repairs) -> Cure | None:
    """The change of the line blamed that mends everything, or of any line where something is only taken away."""
    names = [m for e in case.explanations for m in e.mistakes]
    every = [*case.loose, blamed, *filter(repairs.may_mend_all, [*case.statements, *repairs.doubts.unproven(None)])]
    return repairs.cures(every, names, (0,)) or repairs.cures([blamed], names, (1,))


def _is_all(meant: Cure, again: Walk) -> bool:
    """Whether the line whose arrays were meant as something else is the only wrong one then, for a known reason."""
    found = first_of(again)
    wrong = {e.item.statement for e in again.wrong}
    if found is None or found.item is not meant.item or wrong != {meant.statement}:
        return False
    return is_certain(found) and not is_vague(found.explanations)


def _of_all(meant: Cure, again: Walk, case: Unsettled, repairs: Repairs) -> Cure | None:
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


def _attempts(case: Unsettled, repairs: Repairs, meant: Cure | None, anew: Anew | None) -> Iterator[Cure | Two | None]:
    """Changes of a line that mend everything, of the line blamed, of those in doubt, of any other; or two changes.

    Lines that all of the wrong gradients are made of come first, the others after them. What only takes something away
    is tried in all of them first. What is known to be missing in a line could be added in those before it as well: only
    if it mends nothing there, and no two plain changes do.
    """
    names = [m for e in case.explanations for m in e.mistakes]
    blamed = [case.blamed.statement] if case.blamed is not None else []
    own = [meant.statement] if meant is not None else []
    own += blamed if case.certain else []
    open_ones = [one for one in case.statements if one not in own]
    rest = [one for one in repairs.doubts.unproven(meant) if one not in (*own, *open_ones)]
    every = own + open_ones + rest
    likely = [[one for one in group if repairs.may_mend_all(one)] for group in (own, open_ones, rest)]
    yield repairs.cures([*blamed, *(one for group in likely for one in group)], names, (0,))
    for group in likely:
        yield repairs.cures(group, names, (1,))
    yield repairs.cures(every, names, (0,))
    if anew is not None:
        yield after_another(repairs, plain=True)
    yield repairs.cures(blamed, names, (2,))
    yield repairs.cures(every, names, (1,))
    if anew is not None:
        yield foretold(repairs)
        yield after_another(repairs)
    for group in (likely[0], likely[1] + likely[2]):
        yield repairs.cures(group, names, (2,))
    if anew is not None:
        yield judged_after(repairs, anew)
    yield repairs.cures(every, names, (2,))
    if anew is not None:
        yield foretold(repairs, alike=True)
        yield judged_after(repairs, anew)


def _is_one_mistake(case: Unsettled, cures: Two) -> bool:
    """Whether two changes only undo the one mistake that is known: the count that several lines divide by, say."""
    if not case.certain or case.several:
        return False
    first, second = (one.edit.mistakes if one.edit is not None else () for one in cures)
    return first == second and first[0] in case.explanations[0].mistakes
