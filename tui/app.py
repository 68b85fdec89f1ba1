"""The app: opens files beside the screen, watches them, and brings up the screens that lie over the debugger."""

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
from tui.keys import KEYS, OWN_KEYS
from tui.screens.debugger import DebuggerScreen
from tui.screens.own import OwnScreen
from tui.watching import Watch
from tui.widgets.pane import Look

if TYPE_CHECKING:
    from tui.opening import Opened
    from tui.own.judgement import Judgement

_LOOK_EVERY = 0.5
"""Seconds between two looks at the files on disk."""


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
        self.own = OwnScreen(self.look)
        self._watch = Watch()
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
        self.install_screen(self.own, "own")
        self.set_interval(_LOOK_EVERY, self.look_at_files)
        if self.target is None:
            self.action_pick()
        else:
            self.main.announce(Path(self.target).stem)

    def on_ready(self) -> None:
        """The first frame is on the screen: now there is time to record."""
        if self.target is not None:
            self.open(self.target)

    def open(self, target: str, again: bool = False) -> None:
        """Load and record a file or prepared scenario beside the screen, then show it or say why it cannot be.

        ``again``: it is what is shown already; where it cannot be recorded any more, that stays, with a word why.
        """
        if target != self.target:
            self._watch = Watch()
        self.target = target
        self._watch = self._watch.now()
        name = Path(target).stem
        self.main.announce(name)
        self.own.move(lambda here: here.work(f"reading {name} …"))
        self.workers.cancel_group(self, "judge")
        # not the coroutine itself: who quits before it starts would be told that it was never awaited
        work: WorkType[None] = partial(self._open, target, again)
        self.run_worker(work, group="open", exclusive=True)

    async def _open(self, target: str, again: bool) -> None:
        try:
            opened, unjudged, files = await in_thread(lambda: _recorded(target))
        except Exception as error:
            self._watch = self._watch.also(_files_of(target))
            if again:
                self._stay(error)
            else:
                self._fail(error)
        else:
            self._watch = self._watch.also(files)
            self._present(opened, unjudged)

    def _present(self, opened: Opened, unjudged: Judgement | None) -> None:
        """Show a recording; where it has a backward, judge that beside the screen."""
        before = self.main.opened
        again = before is not None and before.scenario.path == opened.scenario.path
        self.main.present(opened)
        self._close_failure()
        if unjudged is None:
            self._close_own(again)
            return
        if again and self.own.place is not None:
            self.own.move(lambda here: here.work("judging …"))
        else:
            self.own.announce(unjudged)
        if not again and self.screen is self.main:
            self.push_screen("own")
        work: WorkType[None] = partial(self._judge, opened)
        self.run_worker(work, group="judge", exclusive=True)

    async def _judge(self, opened: Opened) -> None:
        from tui.own.judgement import judged

        try:
            judgement = await in_thread(lambda: judged(opened))
        except Exception as error:  # our mistake: it costs the judgement, not the session
            self._stay(error)
            return
        self._watch = self._watch.also(judgement.files)
        self.own.present(judgement)
        self.main.move(lambda here: here.with_own(judgement.marks).say(f"your backward: {judgement.news}"))

    def look_at_files(self) -> None:
        """Read the file again if it, or one that it uses, was edited; say so if it is gone."""
        now = self._watch.now()
        changed, gone = self._watch.changed(now), self._watch.gone(now)
        self._watch = Watch({**now.stamps, **dict.fromkeys(gone)})
        if changed and self.target is not None:
            self.open(self.target, again=self._is_shown)
        elif gone:
            told = f"{Path(gone[0]).name} is gone: what is shown is how it was"
            self.own.move(lambda here: here.failed(told))
            self.main.move(lambda here: here.say(told))

    @property
    def _is_shown(self) -> bool:
        """Whether there is a recording on the screen to go on with, and no page about a file that has none."""
        return self.main.debugger is not None and self.screen is not self._failure

    def _stay(self, error: Exception) -> None:
        """What was recorded and judged before stays; one sentence says why there is nothing newer."""
        failure = failure_of(error)
        told = " ".join(text for text in (failure.brief, failure.cure) if text)
        self.own.move(lambda here: here.failed(told))
        self.main.move(lambda here: here.say(told))

    def _fail(self, error: Exception) -> None:
        from tui.screens.failure import FailureScreen

        self._close_failure()
        self.main.quieten()
        self.own.move(lambda here: here.work(""))
        self._failure = FailureScreen(self.look, failure_of(error), self.main.debugger is not None)
        self.push_screen(self._failure)

    def _close_failure(self) -> None:
        if self.screen is self._failure:
            self.pop_screen()

    def _close_own(self, again: bool) -> None:
        """The file that is shown has no backward, or none any more."""
        self.own.forget()
        if self.screen is self.own:
            self.pop_screen()
            if again:
                self.action_own()

    # ---- somebody's own backward ----------------------------------------------------------------------

    def action_own(self) -> None:
        """The lines of the backward in the file, at the line of the step in view; else what to add to the file."""
        here, opened = self.main.debugger, self.main.opened
        if here is None or opened is None:
            return
        if self.own.place is None:
            told = _how_to_add(opened)
            self.main.move(lambda here: here.say(told))
            return
        self.own.move(lambda place: place.at_step(here.step.id))
        self.push_screen("own")

    def action_own_again(self) -> None:
        """Esc in the debugger: back to where Enter was pressed, if there is such a place."""
        if self.own.place is not None:
            self.action_own()

    def on_own_screen_jump(self, event: OwnScreen.Jump) -> None:
        """To a step in the debugger; its ids are the same in both conventions."""
        self.pop_screen()
        self.main.move(lambda here: here.go_to(event.step).say(event.told))

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
        """All commands and steps, where there are any."""
        if isinstance(self.screen, DebuggerScreen):
            super().action_command_palette()


def _recorded(target: str) -> tuple[Opened, Judgement | None, frozenset[str]]:
    """A file loaded and recorded, its backward if it has one, and the files it is made of.

    Everything that will show it is imported here as well.
    """
    import tui.own.place
    import tui.paint.own.screen
    import tui.widgets.views  # noqa: F401
    from engine.reading import prepare
    from tui.opening import open_target
    from tui.own.judgement import unjudged

    with settled_memory():
        opened = open_target(target)
        prepare(opened.tape.program)
    steps = opened.tape.program.steps
    files = {step.source.file for step in steps if step.source is not None} | {str(opened.scenario.path)}
    return opened, unjudged(opened) if opened.scenario.has_backward else None, frozenset(files)


def _files_of(target: str) -> list[str]:
    """The file that a target names, if there is one."""
    from engine.errors import ChainstepError
    from tui.catalog import resolve

    try:
        return [str(resolve(target))]
    except ChainstepError:
        return []


def _how_to_add(opened: Opened) -> str:
    """What to write into a file without a backward."""
    name = next(iter(opened.scenario.params), "W")
    return f'no backward in this file: add `def backward(...)` that returns {{"{name}": d{name}, …}}'


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
