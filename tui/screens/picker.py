"""The picker: prepared scenarios with their titles, and a field for the path of a person's own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Blur, Focus, Key
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from engine.errors import LookupFailed
from tui.catalog import Prepared, prepared, resolve
from tui.failure import failure_of
from tui.paint.picker import paint_heading, paint_label, paint_note, paint_scenarios, paint_title
from tui.widgets.pane import Look, Pane, View


class ScenarioList(Pane, can_focus=True):
    """The list; arrows choose, Enter or a click opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Up", show=False),
        Binding("down", "choose(1)", "Down", show=False),
        Binding("home", "choose(-1000)", "First", show=False),
        Binding("end", "choose(1000)", "Last", show=False),
        Binding("enter", "open", "Open", show=False),
        Binding("q", "screen.close", "Close", show=False),
    ]

    @dataclass
    class Opened(Message):
        """Somebody wants the scenario of that name."""

        name: str

    class Left(Message):
        """Somebody went down beyond the last one."""

    @dataclass
    class Typed(Message):
        """Somebody has begun to type a path."""

        character: str

    @dataclass
    class Chosen(Message):
        """Another one is the selected one."""

        scenario: Prepared

    def __init__(self, look: Look, current: str | None = None) -> None:
        super().__init__(look, id="scenarios")
        self.scenarios = prepared()
        names = [scenario.name for scenario in self.scenarios]
        self.selected = names.index(current) if current in names else 0
        self._focused = False
        self._show()

    def _show(self) -> None:
        chosen, focused = self.selected, self._focused
        self.show(View((chosen, focused), lambda w, h: paint_scenarios(self.scenarios, chosen, focused, w, h)))

    def on_key(self, event: Key) -> None:
        """The first character of a path takes the person to the path field, with the character."""
        if event.is_printable and event.character and event.character not in "q ":
            event.stop()
            self.post_message(self.Typed(event.character))

    def on_focus(self, _: Focus) -> None:
        """The choice stands out."""
        self._focused = True
        self._show()

    def on_blur(self, _: Blur) -> None:
        """The choice stays, but keys go elsewhere."""
        self._focused = False
        self._show()

    def action_choose(self, by: int) -> None:
        """Up or down; down from the last one leaves the list."""
        last = len(self.scenarios) - 1
        if by == 1 and self.selected == last:
            self.post_message(self.Left())
        self._select(min(max(0, self.selected + by), last))

    def _select(self, number: int) -> None:
        self.selected = number
        self._show()
        self.post_message(self.Chosen(self.scenarios[number]))

    def action_open(self) -> None:
        """The chosen scenario."""
        self.post_message(self.Opened(self.scenarios[self.selected].name))

    def on_pane_clicked(self, event: Pane.Clicked) -> None:
        """Open what was clicked."""
        match event.target:
            case ("scenario", int(number)):
                self._select(number)
                self.action_open()


class PickerScreen(Screen[str | None]):
    """Gives what is to be opened, None if nothing is."""

    CSS_PATH = "picker.tcss"
    AUTO_FOCUS = "#scenarios"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("up", "back_to_list", "Up", show=False),
    ]

    def __init__(self, look: Look, current: str | None = None) -> None:
        super().__init__()
        self._look = look
        self._current = current

    def compose(self) -> ComposeResult:
        """Heading, list, path field, and a line for what is wrong with the path."""
        yield Pane(self._look, View(("heading",), paint_heading), id="heading")
        yield ScenarioList(self._look, self._current)
        yield Pane(self._look, id="title")
        with Horizontal(id="file"):
            yield Pane(self._look, id="label")
            field = Input(placeholder="path of a .py file", id="path", compact=True, select_on_focus=False)
            field.cursor_blink = False  # nothing is painted while nobody does anything
            yield field
        yield Pane(self._look, id="note")

    def on_mount(self) -> None:
        """No path, nothing wrong with it."""
        self._say("")
        chosen = self.query_one(ScenarioList)
        self._title(chosen.scenarios[chosen.selected])
        self._label(False)

    def _title(self, scenario: Prepared) -> None:
        self.query_one("#title", Pane).show(View((scenario,), lambda w, h: paint_title(scenario, w, h)))

    def _label(self, focused: bool) -> None:
        self.query_one("#label", Pane).show(View((focused,), lambda w, h: paint_label(focused, w, h)))

    def on_descendant_focus(self) -> None:
        """The field that keys go to stands out, without colour too."""
        self._label(self.query_one("#path").has_focus)

    def _say(self, message: str) -> None:
        self.query_one("#note", Pane).show(View(("note", message), lambda w, h: paint_note(message, w, h)))

    def on_scenario_list_chosen(self, event: ScenarioList.Chosen) -> None:
        """Its title may not have fitted into the list."""
        self._title(event.scenario)

    def on_scenario_list_opened(self, event: ScenarioList.Opened) -> None:
        """A prepared scenario."""
        self.dismiss(event.name)

    def on_scenario_list_typed(self, event: ScenarioList.Typed) -> None:
        """A path begins."""
        field = self.query_one("#path", Input)
        field.focus()
        field.insert_text_at_cursor(event.character)

    def on_scenario_list_left(self) -> None:
        """Down from the list."""
        self.query_one("#path").focus()

    def action_back_to_list(self) -> None:
        """Up from the field."""
        self.query_one("#scenarios").focus()

    def on_input_changed(self) -> None:
        """What was said about the path before is no longer about this one."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A path; a wrong one is said here, and the field stays as it is."""
        path = event.value.strip()
        if not path:
            self._say("Type the path of a Python file, for example nets/mine.py.")
            return
        try:
            resolve(path)
        except LookupFailed as error:
            self._say("  ".join(failure_of(error).sentences))
            return
        self.dismiss(path)

    def action_close(self) -> None:
        """Nothing is opened."""
        self.dismiss(None)
