"""The screen of somebody's own backward: their lines with a mark on each, and why the first wrong one is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from tui.canvas import Canvas
from tui.failure import failure_of
from tui.keys import OWN_KEYS, elsewhere, told_elsewhere
from tui.screens.actions import action_of
from tui.widgets.pane import Look, Pane, View

# The engine and the painters are imported by the thread that records, after the first frame.
if TYPE_CHECKING:
    from tui.own.judgement import Judgement
    from tui.own.place import Place


_ELSEWHERE = elsewhere()


class OwnScreen(Screen[None]):
    """Shows one place in one judgement; every key makes a new place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(",".join(key.keys), action_of(key), key.title, show=False) for key in OWN_KEYS),
        *(
            Binding(name, f"tell_elsewhere('{name}')", key.title, show=False)
            for name, key in _ELSEWHERE.items()
            if key.action != "command_palette"  # the app has that key on every screen
        ),
    ]

    @dataclass
    class Jump(Message):
        """Somebody wants to see a step in the debugger; ``told`` is what to say there."""

        step: str
        told: str

    class Left(Message):
        """Somebody wants to go to the debugger."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._pane = Pane(look, id="own")
        self.place: Place | None = None

    def compose(self) -> ComposeResult:
        """One pane: what is where depends on the size, and is the painter's business."""
        yield self._pane

    # ---- what is shown --------------------------------------------------------------------------------

    def announce(self, unjudged: Judgement) -> None:
        """A backward that was not there before, about to be judged."""
        from tui.own.place import Place

        self._go(Place.start(unjudged).work("judging …"))

    def present(self, judgement: Judgement) -> None:
        """What was found: at the same line if something was judged before, else on the first wrong one."""
        from tui.own.place import Place

        before = self.place
        first = before is None or (before.judgement.mine is None and before.judgement.failure is None)
        if before is None or first:
            self._go(Place.start(judgement))
        else:
            self._go(before.again(judgement).say(f"judged again: {judgement.news}"))

    def forget(self) -> None:
        """There is no backward any more."""
        self.place = None

    def move(self, change: Callable[[Place], Place]) -> None:
        """Put the state through ``change`` and show the result."""
        if self.place is None:
            return
        try:
            self._go(change(self.place))
        except Exception as error:  # our mistake: it costs this move, not the session
            self._go(self.place.say(failure_of(error).brief))

    def _go(self, place: Place) -> None:
        self.place = place
        self._show()

    def on_screen_resume(self) -> None:
        """On top again: at another line, perhaps."""
        self._show()

    def _show(self) -> None:
        place = self.place
        if place is None or not self.is_mounted:
            return
        from tui.paint.own.screen import paint_own

        def paint(width: int, height: int) -> Canvas:
            return paint_own(place, width, height)

        self._pane.show(View((place,), paint))

    # ---- keys -----------------------------------------------------------------------------------------

    def action_up(self) -> None:
        """The line before, or a cell up."""
        self.move(lambda here: here.up())

    def action_down(self) -> None:
        """The next line, or a cell down."""
        self.move(lambda here: here.down())

    def action_left(self) -> None:
        """A cell to the left."""
        self.move(lambda here: here.left())

    def action_right(self) -> None:
        """A cell to the right."""
        self.move(lambda here: here.right())

    def action_page_up(self) -> None:
        """As many lines up as are to be seen."""
        self.move(lambda here: here.page(-self._window()))

    def action_page_down(self) -> None:
        """As many lines down as are to be seen."""
        self.move(lambda here: here.page(self._window()))

    def _window(self) -> int:
        from tui.paint.own.screen import areas

        assert self.place is not None
        return max(1, areas(self.place, *self.size).listing - 1)

    def action_first(self) -> None:
        """The def, where all of it is told of, or the start of the row."""
        self.move(lambda here: here.first())

    def action_last(self) -> None:
        """The last line, or the end of the row."""
        self.move(lambda here: here.last())

    def action_next_wrong(self) -> None:
        """The next line that is not right."""
        self.move(lambda here: here.next_wrong())

    def action_previous_wrong(self) -> None:
        """The line before that is not right."""
        self.move(lambda here: here.previous_wrong())

    def action_toggle_inside(self) -> None:
        """The arrows into the matrices, and back to the lines."""
        self.move(lambda here: here.toggle_inside())

    def action_more_decimals(self) -> None:
        """One decimal more."""
        self.move(lambda here: here.more_decimals())

    def action_fewer_decimals(self) -> None:
        """One decimal less."""
        self.move(lambda here: here.fewer_decimals())

    def action_move_slice(self, by: int) -> None:
        """Another slice of arrays with more than two axes."""
        self.move(lambda here: here.move_slice(by))

    def action_jump(self) -> None:
        """The step of the line in the debugger."""
        if self.place is None:
            return
        step = self.place.goes_to
        if step is None or self.place.no_step:
            self.move(lambda here: here.say(here.no_step))
        else:
            self.post_message(self.Jump(step.id, self.place.told_there))

    def action_tell_elsewhere(self, name: str) -> None:
        """A key that somebody knows from the debugger: where it does what it does."""
        self.move(lambda here: here.say(told_elsewhere(name, _ELSEWHERE[name])))

    def action_back(self) -> None:
        """To the debugger; from inside the matrices only out of them, with Esc as with Tab."""
        if self.place is not None and self.place.inside:
            self.move(lambda here: here.toggle_inside())
        else:
            self.post_message(self.Left())

    # ---- mouse ----------------------------------------------------------------------------------------

    async def on_pane_clicked(self, event: Pane.Clicked) -> None:
        """A line, a cell or a key was clicked."""
        from tui.paint.matrix import CellTarget
        from tui.paint.own.lines import LineTarget

        match event.target:
            case LineTarget(row):
                self.move(lambda here: here.select(row))
            case CellTarget(operand, row, column, lead):
                self.move(lambda here: here.set_cell(operand, row, column, lead))
            case ("action", str(action)):
                await self.run_action(action)
