"""What is on the first frame: painted without NumPy and the engine, which are loaded while it is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from tui.canvas import Canvas
from tui.keys import footer_keys
from tui.paint.footer import paint_footer
from tui.widgets.pane import View


def footer_view(also: Sequence[str] = ()) -> View:
    """The keys that matter most; a click on one does what the key does. ``also`` as in `tui.keys.footer_keys`."""

    def paint(width: int, height: int) -> Canvas:
        return paint_footer(footer_keys(also=also), width, height)

    return View(("footer", also), paint)


def recording_view(name: str) -> View:
    """The status line before there is a tape."""

    def paint(width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        canvas.run(1, 0, [(f" {name} ", "title"), ("  recording …", "warn")])
        return canvas

    return View(("recording", name), paint)
