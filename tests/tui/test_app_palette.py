"""Help page and command palette: made from the key registry and the steps of the program."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from tests.tui.driver import Driver, opened
from tui.keys import KEYS
from tui.screens.debugger import DebuggerScreen
from tui.screens.help import HelpScreen


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
async def test_the_help_page_opens_and_closes(key: str) -> None:
    """? opens it over the debugger, Esc, q and ? close it, and q does not quit from there."""
    async with opened("regression") as app:
        before = app.screen()
        await app.press("question_mark")
        assert isinstance(app.app.screen, HelpScreen)
        for one in KEYS:
            assert one.help in app.screen()
        await app.press(key)
        assert app.screen() == before
        assert app.app.is_running


async def test_the_help_page_scrolls_where_the_terminal_is_low() -> None:
    """At 64×20 the last line comes into view with the arrow keys, and no further."""
    async with opened("regression", (64, 20)) as app:
        await app.press("question_mark")
        assert "closes a dialog" not in app.screen()
        await app.press(*["pagedown"] * 4)
        end = app.screen()
        assert "closes a dialog" in end
        await app.press("up")
        assert app.screen() != end


async def search(app: Driver, text: str) -> list[str]:
    """What the palette lists after typing, best first."""
    await app.press("ctrl+p", *text)
    await app.settle()
    assert isinstance(app.app.screen, CommandPalette)
    found = app.app.screen.query_one(OptionList)
    return [str(found.get_option_at_index(k).prompt) for k in range(found.option_count)]


async def choose_first(app: Driver) -> None:
    """Enter takes what is highlighted; the palette needs a second one to run it."""
    for _ in range(2):
        if isinstance(app.app.screen, CommandPalette):
            await app.press("enter")
            await app.settle()


@pytest.mark.parametrize(("text", "step"), [("B1", "B1"), ("dW1", "B10"), ("∂L/∂z₂", "B5")])
async def test_the_palette_goes_to_a_step(text: str, step: str) -> None:
    """By id, quantity or symbol; an exact name is first, so B1 is not B10."""
    async with opened("three_layer") as app:
        found = await search(app, text)
        assert found[0].split()[0] == step
        await choose_first(app)
        assert isinstance(app.app.screen, DebuggerScreen)
        assert app.step == step


async def test_the_palette_offers_every_key() -> None:
    """All actions by their titles, and nothing that is not ours, such as themes."""
    async with opened("regression") as app:
        found = "\n".join(await search(app, ""))
        for key in KEYS:
            assert (key.title in found) == (key.action != "command_palette")
        assert "heme" not in found


async def test_an_action_of_the_palette_is_the_key() -> None:
    """`Why a transpose?` opens that page."""
    async with opened("regression") as app:
        await search(app, "why a")
        await choose_first(app)
        assert app.here.page == 2


async def test_there_is_no_palette_over_the_picker() -> None:
    """Where nothing is recorded there is nothing to go to."""
    async with opened(None) as app:
        screen = app.app.screen
        await app.press("ctrl+p")
        assert app.app.screen is screen
