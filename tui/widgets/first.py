"""What is on the first frame: painted without NumPy and the engine, which are loaded while it is looked at."""

from __future__ import annotations

from tui.canvas import Canvas
from tui.keys import footer_keys
from tui.screens.actions import action_of
from tui.widgets.pane import View


def footer_view() -> View:
    """The keys that matter most; a click on one does what the key does."""

    def paint(width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        x = 1
        for key in footer_keys():
            end = canvas.run(x, 0, [(key.shown, "key"), (f" {key.label}", "text")])
            canvas.hit(x, 0, end - x, 1, ("action", action_of(key)))
            x = end + 2
        return canvas

    return View(("footer",), paint)


def recording_view(name: str) -> View:
    """The status line before there is a tape."""

    def paint(width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        canvas.run(1, 0, [(f" {name} ", "title"), ("  recording …", "warn")])
        return canvas

    return View(("recording", name), paint)
