"""Mistakes that this input could not show: changes of a step that give equal numbers here, but not everywhere."""

from __future__ import annotations

from engine.blame.model import Hidden
from engine.blame.quantities import Quantities
from engine.blame.verdicts import Walk


def invisible(quantities: Quantities, walk: Walk, until: float) -> tuple[Hidden, ...]:
    """The mistakes that nobody could see on this input, by gradient."""
    return ()
