"""The main screen: where we are on the tape, the matrices of the step in view, and what there is to know about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.containers import Horizontal, Vertical
from textual.worker import WorkType

from tui.background import in_thread
from tui.failure import failure_of
from tui.keys import KEYS
from tui.screens.actions import action_of
from tui.screens.moves import Moves
from tui.widgets.first import footer_view, recording_view
from tui.widgets.pane import Look, Pane

# NumPy, the engine and the painters are imported by the thread that records, after the first frame.
if TYPE_CHECKING:
    from engine import Tape
    from tui.arrangement import Arrangement
    from tui.debugger import Debugger
    from tui.opening import Opened
    from tui.widgets.views import Stage

_PANES = ("status", "network", "rail", "chain", "stage", "inspector", "column", "footer", "too-small")
_PROGRESS_EVERY = 0.05


def _palette() -> type[Provider]:
    from tui.screens.palette import Places

    return Places


class DebuggerScreen(Moves):
    """Shows one place on one tape; every key makes a new place, and only what differs is painted again."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(key.keys), action_of(key), key.title, show=False)
            for key in KEYS
            if key.action != "command_palette"  # the app has that key on every screen
        ),
        Binding("escape", "app.own_again", "Back to your own backward", show=False),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._panes = {name: Pane(look, id=name) for name in _PANES}
        self._panes["footer"].show(footer_view())
        self._stage: Stage | None = None
        self._arrangement: Arrangement | None = None
        self._check_is_over = Event()
        self.opened: Opened | None = None
        self.debugger: Debugger | None = None

    def compose(self) -> ComposeResult:
        """All panes; which of them are to be seen depends on the size."""
        pane = self._panes
        yield pane["status"]
        yield pane["network"]
        with Horizontal(id="body"):
            yield pane["rail"]
            with Vertical(id="main"):
                yield pane["chain"]
                yield pane["stage"]
                yield pane["inspector"]
            yield pane["column"]
        yield pane["footer"]
        yield pane["too-small"]

    # ---- what is shown --------------------------------------------------------------------------------

    def announce(self, name: str) -> None:
        """Say that a file is being recorded; what was there before stays until it has been."""
        if self.debugger is None:
            self._panes["status"].show(recording_view(name))
        else:
            self.move(lambda here: here.say(f"recording {name} …"))

    def quieten(self) -> None:
        """Nothing is being recorded any more."""
        self.move(lambda here: here.say(""))

    def present(self, opened: Opened) -> None:
        """Show a new recording: at the same place if it is the same file again, else from its first step."""
        self._check_is_over.set()
        again = self.opened is not None and self.opened.scenario.path == opened.scenario.path
        self.opened = opened
        self._panes["footer"].show(footer_view(("own",) if opened.scenario.has_backward else ()))
        if self.debugger is None or not again:
            from tui.debugger import Debugger

            self._go(Debugger.start(opened.tape))
            return
        self._go(self.debugger.with_tape(self._same_convention(self.debugger, opened)).say("recorded again"))

    @staticmethod
    def _same_convention(here: Debugger, opened: Opened) -> Tape:
        from engine import MirrorError

        try:
            return opened.read_as(here.tape.program.convention)
        except MirrorError:
            return opened.tape

    def move(self, change: Callable[[Debugger], Debugger]) -> None:
        """Put the state through ``change`` and show the result; nothing where nothing is recorded yet."""
        if self.debugger is not None:
            self._go(change(self.debugger))

    def _go(self, place: Debugger) -> None:
        before, self.debugger = self.debugger, place
        try:
            self._show()
        except Exception as error:  # our mistake: it costs this move, not the session
            self.debugger = before
            if before is None:
                raise
            self.debugger = before.say(failure_of(error).brief)
            self._show()

    def on_resize(self) -> None:
        """Another size: perhaps other panes."""
        self._show()

    def _show(self) -> None:
        here, opened = self.debugger, self.opened
        if here is None or opened is None or not self.size:
            return
        from tui.widgets.views import Stage, shown

        self._stage = self._stage or Stage()
        arrangement, found = shown(here, opened.scenario.name, self._stage, *self.size)
        moved = arrangement != self._arrangement
        if moved:
            self._lay_out(arrangement)
        for name, view in found.items():
            self._panes[name].show(view, resized=moved)

    def _lay_out(self, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        self.set_class(arrangement.too_small, "-too-small")
        rail, column, inspector = self._panes["rail"], self._panes["column"], self._panes["inspector"]
        rail.display, column.display = bool(arrangement.rail), bool(arrangement.column)
        inspector.display = bool(arrangement.inspector)
        rail.styles.width, column.styles.width = arrangement.rail, arrangement.column
        inspector.styles.height = arrangement.inspector
        self._panes["chain"].styles.height = arrangement.chain

    # ---- keys that need more than the pure state ------------------------------------------------------

    def action_page_up(self) -> None:
        """The cursor up by as many rows as are to be seen."""
        self.move(lambda here: here.page_up(self._window()))

    def action_page_down(self) -> None:
        """The cursor down by as many rows as are to be seen."""
        self.move(lambda here: here.page_down(self._window()))

    def _window(self) -> int:
        return self._stage.info.rows if self._stage and self._stage.info else 1

    def action_scroll_summed(self, by: int) -> None:
        """The window over the summed index, as far as there is more of it to be seen."""
        info = self._stage.info if self._stage else None
        if self.debugger is not None and any(axis.summed for axis in self.debugger.slice_axes):
            self.move(lambda here: here.say("the summed index runs over the slices: < >"))
        elif info is None or not info.summed_size:
            self.move(lambda here: here.say("nothing is summed here"))
        elif info.summed == info.summed_size:
            self.move(lambda here: here.say("all of the summed index is in view"))
        else:
            last = info.summed_size - info.summed
            self.move(lambda here: here.scroll_summed(min(max(0, here.summed_offset + by), last) - here.summed_offset))

    def action_toggle_chain(self) -> None:
        """A chain that does not fit into the usual lines in full, and folded again."""
        here = self.debugger
        if here is None:
            return
        from tui.paint.unfolded import fits_folded

        if not here.unfolded and fits_folded(here, self._panes["chain"].size.width):
            self._go(here.say("nothing is folded: the whole chain is in view"))
        else:
            self._go(here.toggle_chain())

    def action_flip(self) -> None:
        """The other convention; its tape is made once."""
        here, opened = self.debugger, self.opened
        if here is None or opened is None:
            return
        from engine import MirrorError

        try:
            other = here.other or opened.in_other_convention(here.tape)
        except MirrorError as error:
            self._go(here.say(failure_of(error).brief))
            return
        self._go(here.flip(other))

    def action_check(self) -> None:
        """Check every gradient beside the screen."""
        if self.debugger is None:
            return
        if self.debugger.progress is not None:
            self._go(self.debugger.say("the check is running"))
            return
        self._check_is_over = Event()
        work: WorkType[None] = partial(self._check, self.debugger.tape, self._check_is_over)
        self.run_worker(work, group="check", exit_on_error=False)

    async def _check(self, tape: Tape, is_over: Event) -> None:
        from engine import check

        def tell(percent: int) -> None:
            if not is_over.is_set():
                self.move(lambda here: here.with_progress(percent, 100))

        told_at = monotonic()

        def progress(done: int, total: int) -> bool:
            nonlocal told_at
            if monotonic() - told_at > _PROGRESS_EVERY:
                told_at = monotonic()
                self.app.call_later(tell, 100 * done // total)
            return not is_over.is_set()

        tell(0)
        try:
            report = await in_thread(lambda: check(tape, progress))
        except Exception as error:
            told = failure_of(error).brief
            self.move(lambda here: here.without_progress().say(told))
        else:
            if not is_over.is_set():
                self.move(lambda here: here.with_report(report).say(report.message))
        finally:
            is_over.set()

    def on_unmount(self) -> None:
        """A check that is still running may stop."""
        self._check_is_over.set()

    # ---- mouse ----------------------------------------------------------------------------------------

    async def on_pane_clicked(self, event: Pane.Clicked) -> None:
        """A cell, a step, a page or a key was clicked."""
        from tui.paint.ladder import RungTarget
        from tui.paint.matrix import CellTarget

        match event.target:
            case CellTarget(operand, row, column, lead):
                self.move(lambda here: here.set_cell(operand, row, column, lead))
            case RungTarget(step) | ("step", str(step)):
                self.move(lambda here: here.go_to(step))
            case ("page", int(page)):
                self.move(lambda here: here.set_page(page))
            case ("action", str(action)):
                await self.run_action(action)
