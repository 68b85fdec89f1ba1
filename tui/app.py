"""The app: opens files beside the screen, keeps the main screen, and brings up picker, help and error page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.command import Provider
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import WorkType

from tui import theme
from tui.background import in_thread, settled_memory
from tui.failure import failure_of
from tui.screens.debugger import DebuggerScreen
from tui.widgets.pane import Look

if TYPE_CHECKING:
    from tui.opening import Opened


class ChainstepApp(App[int]):
    """``chainstep [TARGET]``: the debugger on a prepared scenario or a file, or first the picker."""

    TITLE = "chainstep"
    # The sheet of a default screen is not loaded with the screen.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/debugger.tcss"]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set()
    ALLOW_SELECT = False

    def __init__(self, target: str | None = None, ascii_only: bool = False) -> None:
        super().__init__()
        self.target = target
        depth = theme.depth_of(self.no_color, self.console.color_system)
        self.look = Look(depth, ascii_only)
        self.main = DebuggerScreen(self.look)
        self._failure: Screen[None] | None = None
        # The 16 colours of a terminal are used as they are: turned into RGB and back they would come out as others.
        self.ansi_color = True if depth == "standard" else None
        self.register_theme(_THEME)
        self.theme = _THEME.name

    def get_default_screen(self) -> Screen[Any]:
        """The debugger is always there; everything else lies on top of it."""
        return self.main

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours that the style sheets use, out of the one table."""
        return _VARIABLES

    # ---- opening --------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The first frame: the picker, or the name of what is going to be recorded."""
        if self.target is None:
            self.action_pick()
        else:
            self.main.announce(Path(self.target).stem)

    def on_ready(self) -> None:
        """The first frame is on the screen: now there is time to record."""
        if self.target is not None:
            self.open(self.target)

    def open(self, target: str) -> None:
        """Load and record a file or prepared scenario beside the screen, then show it or say why it cannot be."""
        self.target = target
        self.main.announce(Path(target).stem)
        # not the coroutine itself: who quits before it starts would be told that it was never awaited
        work: WorkType[None] = partial(self._open, target)
        self.run_worker(work, group="open", exclusive=True)

    async def _open(self, target: str) -> None:
        try:
            self.main.present(await in_thread(lambda: _recorded(target)))
        except Exception as error:
            self._fail(error)
        else:
            self._close_failure()

    def _fail(self, error: Exception) -> None:
        from tui.screens.failure import FailureScreen

        self._close_failure()
        self.main.quieten()
        self._failure = FailureScreen(self.look, failure_of(error), self.main.debugger is not None)
        self.push_screen(self._failure)

    def _close_failure(self) -> None:
        if self.screen is self._failure:
            self.pop_screen()

    # ---- keys that bring up another screen ------------------------------------------------------------

    def action_reload(self) -> None:
        """Read the file again; the step and the cell stay."""
        if self.target is not None:
            self.open(self.target)

    def action_pick(self) -> None:
        """Choose another scenario or file."""
        from tui.screens.picker import PickerScreen

        self.push_screen(PickerScreen(self.look, self.target), self._picked)

    def _picked(self, target: str | None) -> None:
        if target is not None:
            self.open(target)
        elif self.target is None:  # nothing was ever opened, and nothing is wanted
            self.exit()

    def action_help(self) -> None:
        """All keys."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.look))

    def action_help_quit(self) -> None:
        """Ctrl+C: in the status line, not in a box over the footer, the key that quits; where nothing is lost, quit."""
        if self.screen is self.main and self.main.debugger is not None:
            self.main.move(lambda here: here.say("q quits"))
        else:
            self.exit()

    def action_command_palette(self) -> None:
        """All commands and steps, where there are any."""
        if isinstance(self.screen, DebuggerScreen):
            super().action_command_palette()


def _recorded(target: str) -> Opened:
    """A file loaded and recorded, and everything imported that will show it."""
    import tui.widgets.views  # noqa: F401
    from engine.reading import prepare
    from tui.opening import open_target

    with settled_memory():
        opened = open_target(target)
        prepare(opened.tape.program)
    return opened


def _hex(colour: theme.Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


_VARIABLES = {
    "paper": _hex(theme.BACKGROUND),
    "print": _hex(theme.TEXT),
    "faint": _hex(theme.DIM),
    "ink": _hex(theme.INK),
    "mark": _hex(theme.YELLOW),
    "field": _hex(theme.INK),
}

_THEME = Theme(
    name="chainstep",
    primary=_hex(theme.BLUE),
    accent=_hex(theme.YELLOW),
    warning=_hex(theme.AMBER),
    error=_hex(theme.MAGENTA),
    foreground=_hex(theme.TEXT),
    background=_hex(theme.BACKGROUND),
    surface=_hex(theme.BACKGROUND),
)
