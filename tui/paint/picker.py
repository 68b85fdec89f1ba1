"""The list of prepared scenarios in the picker, and the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.canvas import Canvas
from tui.paint.text import cut, paint_rows, row

if TYPE_CHECKING:
    from tui.catalog import Prepared

_MARGIN = 2
_GAP = 2


def paint_scenarios(scenarios: Sequence[Prepared], selected: int, focused: bool, width: int, height: int) -> Canvas:
    """Names and titles, scrolled so that the selected one is to be seen; a click goes to ``("scenario", number)``."""
    canvas = Canvas(width, height)
    names = max((len(one.name) for one in scenarios), default=0)
    top = min(max(0, selected - height // 2), max(0, len(scenarios) - height))
    for y, number in enumerate(range(top, min(top + height, len(scenarios)))):
        one = scenarios[number]
        here = number == selected
        name = f" {one.name:<{names}} "
        x = _MARGIN + canvas.put(0, y, "▶" if here else " ", "marker")
        x = canvas.put(x - 1, y, name, "active" if here and focused else "bold")
        canvas.put(x + _GAP - 1, y, cut(one.title, width - x - _GAP), "text" if here else "dim")
        canvas.hit(0, y, width, 1, ("scenario", number))
    return canvas


def paint_title(scenario: Prepared, width: int, height: int) -> Canvas:
    """The title of the selected scenario, all of it."""
    return paint_rows([row((scenario.title, "text"), hanging=0)], width, height, margin=_MARGIN + 1)


def paint_label(focused: bool, width: int, height: int) -> Canvas:
    """What stands before the path field."""
    canvas = Canvas(width, height)
    canvas.put(0, 0, "▶" if focused else " ", "marker")
    canvas.put(_MARGIN, 0, " file ", "active" if focused else "bold")
    return canvas


def paint_heading(width: int, height: int) -> Canvas:
    """What the picker is, and that a person's own file is as good as a prepared one."""
    rows = [
        row((" chainstep ", "title"), ("  step through the backpropagation of a NumPy file", "text"), hanging=0),
        row(("Choose a prepared scenario, or name a file of your own below.", "dim"), hanging=0, spare=1),
    ]
    return paint_rows(rows, width, height)


def paint_note(message: str, width: int, height: int) -> Canvas:
    """What was wrong with the path, else what the keys do here."""
    if message:
        return paint_rows([row((message, "warn"), hanging=0)], width, height)
    keys = (("↑↓", "choose"), ("Enter", "open"), ("Tab", "list or path"), ("Esc", "close"))
    pieces = [piece for key, does in keys for piece in ((key, "key"), (f" {does}   ", "text"))]
    return paint_rows([row(*pieces, hanging=0)], width, height)
