"""What the app does with files beside the screen: record them, judge a backward in them, and watch them for edits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.screen import Screen
from textual.worker import WorkType

from tui import theme
from tui.background import in_thread, settled_memory
from tui.failure import failure_of
from tui.screens.debugger import DebuggerScreen
from tui.screens.own import OwnScreen
from tui.watching import Watch
from tui.widgets.pane import Look

if TYPE_CHECKING:
    from tui.opening import Opened
    from tui.own.judgement import Judgement

LOOK_EVERY = 0.5
"""Seconds between two looks at the files on disk."""


class Files(App[int]):
    """The two screens that show a file, and what is done so that they show it as it is on disk."""

    def __init__(self, ascii_only: bool) -> None:
        super().__init__()
        self.target: str | None = None
        self.look = Look(theme.depth_of(self.no_color, self.console.color_system), ascii_only)
        self.main = DebuggerScreen(self.look)
        self.own = OwnScreen(self.look)
        self._watch = Watch()
        self._failure: Screen[None] | None = None

    def action_own(self) -> None:
        """Somebody's own backward; else what to add to the file."""
        raise NotImplementedError

    # ---- opening --------------------------------------------------------------------------------------

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

    # ---- watching -------------------------------------------------------------------------------------

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
