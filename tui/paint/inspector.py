"""The inspector: five pages about the step in view, one at a time under tabs or all of them in a tall column."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tui.canvas import Canvas
from tui.debugger import CELL, CHECKS, PAGES, Debugger
from tui.failure import failure_of
from tui.paint.pages import cell, checks, numpy_page, stats, why
from tui.paint.text import MAKE_HIGHER, Row, lines_needed, paint_rows, row

Page = Callable[[Debugger, int], list[Row]]

_PAGES: tuple[Page, ...] = (cell.rows, why.rows, numpy_page.rows, stats.rows, checks.rows)
_RULE = "─"
_SMALLEST_SHARE = 4


def paint_inspector(debugger: Debugger, width: int, height: int, all_pages: bool = False) -> Canvas:
    """The tabs and the page in use, or all pages with headings; clicks on a tab go to ``("page", number)``."""
    if all_pages:
        return _paint_all(debugger, width, height)
    canvas = Canvas(width, height)
    canvas.blit(paint_tabs(debugger.page, width), 0, 0)
    body = paint_rows(page_rows(debugger, debugger.page, width), width, max(0, height - 1))
    canvas.blit(body, 0, 1)
    return canvas


@lru_cache(maxsize=2 * len(_PAGES))
def page_rows(debugger: Debugger, page: int, width: int) -> list[Row]:
    """The rows of page 1 to 5 for a pane of ``width`` cells, not wrapped yet.

    Remembered for the last few places (a ``Debugger`` never changes), because a page is measured and then painted.
    """
    try:
        return _PAGES[page - 1](debugger, width)
    except Exception as error:  # our mistake: it costs this page, not the step
        return [row((text, "warn"), hanging=2) for text in failure_of(error).sentences]


def inspector_height(debugger: Debugger, width: int, spare: bool = True) -> int:
    """Lines that the tabs and the whole page in use would take, with or without what it can be read without."""
    rows = page_rows(debugger, debugger.page, width)
    return 1 + lines_needed([one for one in rows if spare or not one.spare], width)


def paint_tabs(page: int, width: int) -> Canvas:
    """``── 1 cell ─ 2 why ᵀ? ─ 3 numpy ─ 4 stats ─ 5 checks ────`` with the page in use standing out."""
    canvas = Canvas(width, 1)
    canvas.put(0, 0, _RULE * width, "page")
    x = 1
    for number, name in enumerate(PAGES, CELL):
        text = f" {number} {name} "
        end = canvas.put(x + 1, 0, text, "page-active" if number == page else "page")
        canvas.hit(x + 1, 0, len(text), 1, ("page", number))
        x = end
    return canvas


def _paint_all(debugger: Debugger, width: int, height: int) -> Canvas:
    """All pages one under the other; where the height is too small the page in use is served in full first."""
    bodies = [page_rows(debugger, page, width) for page in range(CELL, CHECKS + 1)]
    wanted = [lines_needed(body, width) for body in bodies]
    given = _share(wanted, height - len(bodies), debugger.page - 1)
    canvas = Canvas(width, height)
    y = 0
    for number, (body, lines) in enumerate(zip(bodies, given, strict=True), CELL):
        canvas.blit(_heading(number, number == debugger.page, width), 0, y)
        advice = MAKE_HIGHER if number == debugger.page else f"press {number}"
        canvas.blit(paint_rows(body, width, lines, advice=advice), 0, y + 1)
        y += 1 + lines + (sum(given) + 2 * len(bodies) - 1 <= height)
    return canvas


def _share(wanted: list[int], room: int, favourite: int) -> list[int]:
    """Lines per page: the page in use has all it wants, the others a few each and then, from the front, the rest."""
    given = [0] * len(wanted)
    given[favourite] = max(0, min(wanted[favourite], room))
    others = [k for k in range(len(wanted)) if k != favourite]
    few = min(_SMALLEST_SHARE, max(0, room - sum(given)) // max(1, len(others)))
    for k in others:
        given[k] = min(wanted[k], few)
    for k in others:
        given[k] += max(0, min(wanted[k] - given[k], room - sum(given)))
    return given


def _heading(number: int, active: bool, width: int) -> Canvas:
    canvas = Canvas(width, 1)
    canvas.put(0, 0, _RULE * width, "page")
    text = f" {number} {PAGES[number - 1]} "
    canvas.put(2, 0, text, "page-active" if active else "ok")
    canvas.hit(0, 0, width, 1, ("page", number))
    return canvas
