"""The page that a file gets which does not load or cannot be recorded."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.canvas import Canvas
from tui.failure import Failure
from tui.paint.failure import paint_failure
from tui.widgets.pane import Look, Pane, View


class FailureScreen(Screen[None]):
    """Shows a failure; ``r`` reads the file again, ``Esc`` goes back where something was recorded before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "app.reload", "Read the file again", show=False),
        Binding("o", "app.pick", "Open another", show=False),
        Binding("q", "app.quit", "Quit", show=False),
        Binding("question_mark", "app.help", "Help", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def __init__(self, look: Look, failure: Failure, can_go_back: bool) -> None:
        super().__init__()
        self._look = look
        self.failure = failure
        self.can_go_back = can_go_back

    def compose(self) -> ComposeResult:
        """One pane."""
        yield Pane(self._look, View(("failure",), self._paint))

    def _paint(self, width: int, height: int) -> Canvas:
        return paint_failure(self.failure, width, height, self.can_go_back)

    def action_back(self) -> None:
        """The recording that was there before."""
        if self.can_go_back:
            self.app.pop_screen()
