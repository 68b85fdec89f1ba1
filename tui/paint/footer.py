"""The keys that matter most, side by side on the last line."""

from __future__ import annotations

from collections.abc import Sequence

from tui.canvas import Canvas
from tui.keys import Key
from tui.screens.actions import action_of


def paint_footer(keys: Sequence[Key], width: int, height: int = 1) -> Canvas:
    """A click on a key does what the key does. Where there are too many, those before the last give way."""
    shown = list(keys)
    while len(shown) > 2 and sum(len(key.shown) + len(key.label) + 3 for key in shown) - 1 > width:
        del shown[-2]
    canvas = Canvas(width, height)
    x = 1
    for key in shown:
        end = canvas.run(x, 0, [(key.shown, "key"), (f" {key.label}", "text")])
        canvas.hit(x, 0, end - x, 1, ("action", action_of(key)))
        x = end + 2
    return canvas
