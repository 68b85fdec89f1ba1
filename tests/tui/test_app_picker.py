"""The picker: without TARGET and on o; prepared scenarios with their titles, and a field for a path."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.driver import Driver, opened
from tui.catalog import prepared
from tui.screens.debugger import DebuggerScreen
from tui.screens.picker import PickerScreen

NAMES = [one.name for one in prepared()]


def chosen(app: Driver) -> str:
    """The scenario that the mark stands before."""
    return next(line for line in app.text("scenarios").splitlines() if line.startswith("▶")).split()[1]


async def test_without_a_target_the_picker_is_open() -> None:
    """Every prepared scenario by name, with the beginning of its title, and all of the selected one's title."""
    async with opened(None, (80, 40)) as app:
        assert isinstance(app.app.screen, PickerScreen)
        lines = [line for line in app.text("scenarios").splitlines() if line.strip()]
        for one, line in zip(prepared(), lines, strict=True):
            assert one.name in line
            assert one.title[:40] in line
        assert prepared()[0].title in app.text("title")
        await app.press("down")
        assert " ".join(app.text("title").split()) == prepared()[1].title


async def test_arrows_choose_and_enter_opens() -> None:
    """Down to `linear`, Enter: the debugger is on it."""
    async with opened(None) as app:
        await app.press(*["down"] * (NAMES.index("linear") + 1), "up")
        assert chosen(app) == "linear"
        await app.press("enter")
        await app.settle()
        assert isinstance(app.app.screen, DebuggerScreen)
        assert "linear" in app.text("status")


async def test_arrows_go_from_the_list_to_the_field_and_back() -> None:
    """Down from the last scenario into the path, up again into the list; Tab too."""
    async with opened(None) as app:
        await app.press("end", "down")
        assert isinstance(app.app.focused, Input)
        assert app.text("label").startswith("▶")
        await app.press("up")
        assert chosen(app) == NAMES[-1]
        assert not app.text("label").startswith("▶")
        await app.press("tab")
        assert isinstance(app.app.focused, Input)


async def test_a_path_is_opened(tmp_path: Path) -> None:
    """Typed into the field, letters that are keys elsewhere included."""
    file = tmp_path / "nqo.py"
    file.write_text("import numpy as np\nparams = {'w': np.ones(2)}\ndef loss(w):\n    return np.sum(w * w)\n")
    async with opened(None) as app:
        await app.press("tab", "q")
        assert app.app.screen.query_one(Input).value == "q"
        app.app.screen.query_one(Input).value = str(file)
        await app.press("enter")
        await app.settle()
        assert "nqo" in app.text("status")


@pytest.mark.parametrize(
    ("path", "said"), [("", "Type the path"), ("sofmax", "softmax"), ("no/such.py", "no such file")]
)
async def test_a_wrong_path_is_said_and_the_picker_stays(path: str, said: str) -> None:
    """The field keeps what was typed; the message goes with the next letter."""
    async with opened(None) as app:
        await app.press("tab")
        app.app.screen.query_one(Input).value = path
        await app.press("enter")
        assert isinstance(app.app.screen, PickerScreen)
        assert said in app.text("note")
        assert app.app.screen.query_one(Input).value == path
        await app.press("x")
        assert said not in app.text("note")


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_closing_goes_back_to_what_was_open(key: str) -> None:
    """o, then Esc or q: the same step of the same net."""
    async with opened("regression") as app:
        await app.press("n", "o")
        await app.press(key)
        assert isinstance(app.app.screen, DebuggerScreen)
        assert app.step == "F2"


async def test_closing_without_anything_open_ends_the_app() -> None:
    """There is nothing behind the picker then."""
    async with opened(None) as app:
        await app.press("escape")
        await app.pilot.pause()
        assert not app.app.is_running


async def test_o_opens_another_scenario_at_its_first_step() -> None:
    """From the middle of one net to the beginning of another, with a click."""
    async with opened("regression") as app:
        await app.press("f", "2", "o")
        await app.click_on("scenarios", ("scenario", NAMES.index("square")))
        await app.settle()
        assert "square" in app.text("status")
        assert app.step == "F1"


async def test_typing_begins_a_path() -> None:
    """Whoever types at once means a path: no letter is lost, and Enter does not open what happens to be chosen."""
    async with opened("softmax") as app:
        await app.press("o", "/", "n", "o", "p", "e", "enter")
        assert app.app.screen.query_one(Input).value == "/nope"
        assert isinstance(app.app.screen, PickerScreen)


async def test_the_picker_starts_on_what_is_open() -> None:
    """Looking for the next scenario starts where one is."""
    async with opened("softmax") as app:
        await app.press("o")
        assert chosen(app) == "softmax"
