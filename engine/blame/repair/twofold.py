"""Two mistakes: two changes in different lines that make every gradient right together."""

from __future__ import annotations

from itertools import islice

from engine.blame.repair.cure import Cure
from engine.blame.repair.cures import Repairs

_FIRST_ONES = 4
"""Changes that mend some gradients with which a second one is looked for."""
_FORETOLD = 40
"""Pairs that are run of those that are foretold to make everything right."""
Two = tuple[Cure, Cure]


def foretold(repairs: Repairs) -> Two | None:
    """Two of the changes that were tried alone: what they do together follows from that (see `Foretold`)."""
    pairs = sorted(repairs.foretold(), key=lambda two: sorted((c.edit.tier for c in two if c.edit), reverse=True))
    for first, second in islice(pairs, _FORETOLD):
        if repairs.trials.over:
            return None
        with repairs.after(first) as later:
            if later.is_mended_by(second):
                return first, second
    return None


def after_another(repairs: Repairs, tiers: tuple[int, ...] = (0, 1)) -> Two | None:
    """A change that makes some of the wrong gradients right, and one more that is found with that one made."""
    for cure in repairs.partial()[:_FIRST_ONES]:
        with repairs.after(cure) as later:
            second = later.cures(later.doubts.unproven(None), (), tiers)
        if second is not None:
            return cure, second
    return None
