"""Who gets how much of the terminal: a pure function of its size and of what the step in view needs.

The stage is served first, then the usual inspector; what is left over is room for the ladder above the focus row.
A page that needs more than that gets it: from the chain bar and the rows of numbers, down to what must be seen.
A chain that was unfolded takes what it needs before all of them, up to a third of the height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.paint.inspector import inspector_height
from tui.paint.rail import rail_width
from tui.paint.stage import stage_height
from tui.paint.too_small import is_too_small
from tui.paint.unfolded import fits_folded, unfolded_height

if TYPE_CHECKING:
    from tui.debugger import Debugger

RAIL_FROM = 110
COLUMN_FROM = 160
STATUS, NETWORK, FOOTER = 1, 2, 1
CHAIN, TIGHT_CHAIN, LEAST_CHAIN = 3, 2, 1
UNFOLDED_SHARE = 3
"""An unfolded chain bar takes up to one part in three of the height."""
ROOMY = 24
"""Rows between strip and footer from which on a blank one sets the chain bar off from the stage."""
SMALLEST_INSPECTOR = 6
USUAL_INSPECTOR = 8
"""Tabs and seven lines, enough for most pages: the tabs do not move up and down while one steps."""
TALL = 36
TALL_INSPECTOR = 10
"""Enough for every page, in a terminal that is tall enough for it."""
LEAST_STAGE = 7
"""Headers, three rows of numbers, and the line that says which rows they are."""
NARROWEST_STAGE = 64
NARROWEST_COLUMN, WIDEST_COLUMN = 56, 84


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Widths and heights in cells; ``rail`` and ``column`` are 0 where they are not shown.

    ``column`` is the inspector with all its pages at the right; otherwise ``inspector`` rows are at the bottom.
    ``bar`` of the ``chain`` rows are for the chain bar, what is left of them is blank.
    """

    too_small: bool
    rail: int = 0
    column: int = 0
    chain: int = CHAIN
    inspector: int = 0
    bar: int = CHAIN


def arrange(debugger: Debugger, width: int, height: int) -> Arrangement:
    """The arrangement for the place that ``debugger`` is at, in a terminal of that size."""
    if is_too_small(width, height):
        return Arrangement(True)
    rail = _rail(debugger, width)
    column = _column(width - rail) if width >= COLUMN_FROM else 0
    main = width - rail - column
    more = _unfolded(debugger, main, height)
    body = height - STATUS - NETWORK - FOOTER - more
    stage = stage_height(debugger.tape, debugger.step, debugger.part_index, debugger.view, main)
    if column:
        return Arrangement(False, rail, column, _shared(body, stage, 0)[0] + more, bar=CHAIN + more)
    chain, inspector = _shared(body, stage, TALL_INSPECTOR if body >= TALL else USUAL_INSPECTOR)
    page, core = inspector_height(debugger, main), inspector_height(debugger, main, spare=False)
    if page > inspector:
        chain, inspector = _served(body, stage, chain, max(page, inspector), max(core, inspector))
    return Arrangement(False, rail, column, chain + more, inspector, CHAIN + more)


def _unfolded(debugger: Debugger, width: int, height: int) -> int:
    """Lines beyond the usual ones for a chain bar that was unfolded."""
    if not debugger.unfolded or fits_folded(debugger, width):
        return 0
    return max(0, min(unfolded_height(debugger, width), height // UNFOLDED_SHARE) - CHAIN)


def _shared(body: int, stage: int, inspector: int) -> tuple[int, int]:
    """Chain and inspector beside a stage of that height, for every page that has enough in ``inspector`` lines."""
    smallest = min(inspector, SMALLEST_INSPECTOR)
    if stage > body - TIGHT_CHAIN - smallest:  # too tall in any case: the page gets up to a third
        chain = CHAIN + 1 if body >= TALL else CHAIN if body >= ROOMY else TIGHT_CHAIN
        return chain, max(smallest, min(inspector, (body - chain) // 3)) if inspector else 0
    spare = body - stage - inspector - CHAIN
    chain = CHAIN + 1 if spare >= 1 and body >= ROOMY else CHAIN if spare >= 0 else TIGHT_CHAIN
    return chain, min(inspector, max(smallest, body - chain - stage))


def _served(body: int, stage: int, chain: int, page: int, core: int) -> tuple[int, int]:
    """Chain and inspector for a page that needs more: the paper line goes first.

    For the ``core`` of the page, which it cannot do without, rows of numbers go too, and the shapes in the chain bar.
    """
    chain = max(TIGHT_CHAIN, min(chain, body - stage - page))
    least = min(stage, LEAST_STAGE)
    chain = max(LEAST_CHAIN, min(chain, body - least - core))
    return chain, min(page, max(min(core, body - least - chain), body - stage - chain))


def _rail(debugger: Debugger, width: int) -> int:
    """The rail with the line at its right."""
    if width < RAIL_FROM:
        return 0
    rail = rail_width(debugger.steps, debugger.rail)
    return rail + 1 if rail else 0


def _column(room: int) -> int:
    return min(max(room * 2 // 5, NARROWEST_COLUMN), WIDEST_COLUMN, room - NARROWEST_STAGE)
