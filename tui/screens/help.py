"""The help page over the debugger, or over the screen of somebody's own backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.canvas import Canvas
from tui.keys import KEYS, Key
from tui.paint.frame import BORDER, framed
from tui.paint.help import help_height, paint_help
from tui.widgets.pane import Look, Pane, View

_WIDEST = 96
_TITLE = "keys"
_MORE = "keys   ↑ ↓ scroll"


class HelpScreen(ModalScreen[None]):
    """Every key and sign; scrolls where the terminal is too low for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("pagedown,space", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
    ]

    def __init__(self, look: Look, keys: Sequence[Key] = KEYS) -> None:
        super().__init__()
        self._keys = keys
        self._pane = Pane(look, id="help")
        self._top = 0

    def compose(self) -> ComposeResult:
        """One framed pane in the middle."""
        yield self._pane

    def on_resize(self) -> None:
        """As large as the page needs, if there is room."""
        self._show()

    def _show(self) -> None:
        width = min(self.size.width, _WIDEST)
        whole = help_height(width - BORDER, self._keys)
        height = min(self.size.height, whole + BORDER)
        self._top = min(self._top, max(0, whole - height + BORDER))
        self._pane.styles.width, self._pane.styles.height = width, height
        title = _TITLE if height == whole + BORDER else _MORE
        top = self._top

        def paint(width: int, height: int) -> Canvas:
            return framed(paint_help(width - BORDER, height - BORDER, top, self._keys), title)

        self._pane.show(View((top, title), paint))

    def action_scroll(self, by: int) -> None:
        """Some lines down or up."""
        self._top = max(0, self._top + by)
        self._show()
