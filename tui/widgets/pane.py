"""A rectangle of the screen that shows a canvas and repaints only the lines in which it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.segment import Segment
from textual.events import Click
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.ascii import ASCII
from tui.canvas import Canvas
from tui.failure import failure_of
from tui.paint.failure import paint_mistake
from tui.theme import Depth, style

Painter = Callable[[int, int], Canvas]


@dataclass(frozen=True, slots=True)
class Look:
    """How a terminal shows style names, and whether it can be trusted with more than ASCII."""

    depth: Depth = "truecolor"
    ascii_only: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """What a pane shows: ``paint(width, height)`` gives the canvas, and equal ``inputs`` promise an equal canvas."""

    inputs: tuple[object, ...]
    paint: Painter


BLANK = View((), Canvas)


class Pane(Widget, can_focus=False):
    """Shows one view. A canvas is painted once per view and size, when a line of it is needed."""

    @dataclass
    class Clicked(Message):
        """Somebody clicked on ``target``, which the painter had put there."""

        pane: Pane
        target: object

        @property
        def control(self) -> Pane:
            """The pane that was clicked."""
            return self.pane

    def __init__(self, look: Look, view: View = BLANK, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look = look
        self._view = view
        self._painted: Canvas | None = None

    @property
    def canvas(self) -> Canvas:
        """The view at the present size."""
        width, height = self.size
        if self._painted is None or (self._painted.width, self._painted.height) != (width, height):
            canvas = self._paint(width, height)
            self._painted = canvas.translate(ASCII) if self._look.ascii_only else canvas
        return self._painted

    def _paint(self, width: int, height: int) -> Canvas:
        try:
            return self._view.paint(width, height)
        except Exception as error:  # our mistake: it costs this pane, not the session
            return paint_mistake(failure_of(error), width, height)

    def show(self, view: View, resized: bool = False) -> None:
        """Show a view; nothing happens where it promises the canvas that is there already.

        ``resized``: the pane is about to get another size, so that painting for the present one would be for nothing.
        """
        if view.inputs == self._view.inputs:
            return
        before, self._view, self._painted = self._painted, view, None
        if resized or before is None or (before.width, before.height) != tuple(self.size):
            self.refresh()
            return
        changed = self.canvas.differences(before)
        if changed:
            self.refresh(*(Region(0, y, before.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One line of the canvas in the colours of the terminal."""
        canvas = self.canvas
        if y >= canvas.height:
            return Strip.blank(self.size.width)
        depth = self._look.depth
        return Strip([Segment(text, style(name, depth)) for text, name in canvas.segments(y)], canvas.width)

    def on_click(self, event: Click) -> None:
        """Tell the screen what was clicked."""
        target = self.canvas.target_at(event.x, event.y)
        if target is not None:
            self.post_message(self.Clicked(self, target))
