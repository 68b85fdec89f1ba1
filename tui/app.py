"""The app: keeps the main screen, and brings up picker, help and what else lies over the debugger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.command import Provider
from textual.screen import Screen
from textual.theme import Theme

from tui import theme
from tui.filework import LOOK_EVERY, Files
from tui.keys import KEYS, OWN_KEYS
from tui.screens.debugger import DebuggerScreen
from tui.screens.own import OwnScreen

if TYPE_CHECKING:
    from tui.opening import Opened


class ChainstepApp(Files):
    """``chainstep [TARGET]``: the debugger on a prepared scenario or a file, or first the picker."""

    TITLE = "chainstep"
    # The sheet of a default screen is not loaded with the screen.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/debugger.tcss"]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set()
    ALLOW_SELECT = False

    def __init__(self, target: str | None = None, ascii_only: bool = False) -> None:
        super().__init__(ascii_only)
        self.target = target
        self._left_at = ""
        # The 16 colours of a terminal are used as they are: turned into RGB and back they would come out as others.
        self.ansi_color = True if self.look.depth == "standard" else None
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
        self.install_screen(self.own, "own")
        self.set_interval(LOOK_EVERY, self.look_at_files)
        if self.target is None:
            self.action_pick()
        else:
            self.main.announce(Path(self.target).stem)

    def on_ready(self) -> None:
        """The first frame is on the screen: now there is time to record."""
        if self.target is not None:
            self.open(self.target)

    # ---- somebody's own backward ----------------------------------------------------------------------

    def action_own(self) -> None:
        """The lines of the backward in the file, at the line of the step in view; else what to add to the file."""
        here, opened = self.main.debugger, self.main.opened
        if here is None or opened is None or self.screen is not self.main:
            return
        if self.own.place is None:
            told = _how_to_add(opened)
            self.main.move(lambda here: here.say(told))
            return
        if here.step.id != self._left_at:  # whoever only had a look comes back to the same line
            self.own.move(lambda place: place.at_step(here.step.id))
        self.push_screen("own")

    def on_own_screen_left(self) -> None:
        """To the debugger, wherever it is."""
        if self.screen is self.own:
            self.pop_screen()
            self._left_at = "" if self.main.debugger is None else self.main.debugger.step.id

    def action_own_again(self) -> None:
        """Esc in the debugger: back to where Enter was pressed, if there is such a place."""
        if self.own.place is not None:
            self.action_own()

    def on_own_screen_jump(self, event: OwnScreen.Jump) -> None:
        """To a step in the debugger; its ids are the same in both conventions."""
        from engine.errors import LookupFailed

        if self.screen is not self.own:
            return
        try:
            self.main.move(lambda here: here.go_to(event.step).say(event.told))
        except LookupFailed:  # the file was recorded anew, and not yet judged
            self.own.move(lambda here: here.say(f"there is no {event.step} any more"))
            return
        self.pop_screen()
        self._left_at = event.step

    # ---- keys that bring up another screen ------------------------------------------------------------

    def action_reload(self) -> None:
        """Read the file again; the step and the cell stay."""
        if self.target is not None:
            self.open(self.target, again=self.screen is self.own)

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

        self.push_screen(HelpScreen(self.look, OWN_KEYS if self.screen is self.own else KEYS))

    def action_help_quit(self) -> None:
        """Ctrl+C: in the status line, not in a box over the footer, the key that quits; where nothing is lost, quit."""
        if self.screen is self.main and self.main.debugger is not None:
            self.main.move(lambda here: here.say("q quits"))
        elif self.screen is self.own:
            self.own.move(lambda here: here.say("q quits"))
        else:
            self.exit()

    def action_command_palette(self) -> None:
        """All commands and steps, where there are any; from one's own lines a word where they are."""
        if isinstance(self.screen, DebuggerScreen):
            super().action_command_palette()
        elif self.screen is self.own:
            self.own.action_tell_elsewhere("ctrl+p")


def _how_to_add(opened: Opened) -> str:
    """What to write into a file without a backward."""
    name = next(iter(opened.scenario.params), "W")
    return f'no backward here: add `def backward(...)` returning {{"{name}": d{name}, …}}'


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
