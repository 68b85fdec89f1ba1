"""Files that cannot be opened or recorded: a page with the reason and the line, `r` after the file was mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driver import opened
from tui.screens.debugger import DebuggerScreen
from tui.screens.failure import FailureScreen
from tui.screens.picker import PickerScreen

GOOD = """\
import numpy as np
params = {"W1": np.full((4, 3), 0.5), "b1": np.zeros((4, 1))}
data = {"x": np.ones((3, 2))}


def loss(x, W1, b1):
    h1 = np.maximum(W1 @ x + b1, 0)
    return np.sum(h1 ** 2)
"""
BAD = {
    "syntax": (GOOD.replace("return", "return ("), "line 8", "never closed"),
    "no loss": (GOOD.replace("def loss", "def cost"), "", "no function `loss`"),
    "raises": (GOOD.replace("W1 @ x", "W1 @ x.T"), "line 7", "mismatch"),
    "not scalar": (GOOD.replace("np.sum(h1 ** 2)", "h1 ** 2"), "", "shape"),
    "refused": (GOOD.replace("np.maximum", "np.fft.fft"), "line 7", "fft"),
    "nan": (GOOD.replace("0.5", "np.nan"), "line 2", "W1[0, 0] is NaN"),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_broken_file_gets_a_readable_page(kind: str, tmp_path: Path) -> None:
    """What is wrong, where, and the line marked among its neighbours; never a traceback."""
    text, place, reason = BAD[kind]
    file = tmp_path / "mine.py"
    file.write_text(text)
    async with opened(str(file)) as app:
        assert isinstance(app.app.screen, FailureScreen)
        screen = app.screen()
        assert place in screen
        assert reason in " ".join(screen.split())
        assert "Traceback" not in screen
        if place:
            number = place.split()[1]
            (marked,) = [line for line in screen.splitlines() if line.startswith(" ▶")]
            assert marked.split()[1] == number
            assert text.splitlines()[int(number) - 1].strip() in marked
        assert "r read it again" in screen


async def test_r_on_the_page_tries_again(tmp_path: Path) -> None:
    """Still broken: the page, with what is wrong now; mended: the debugger."""
    file = tmp_path / "mine.py"
    file.write_text(BAD["syntax"][0])
    async with opened(str(file)) as app:
        file.write_text(BAD["no loss"][0])
        await app.press("r")
        await app.settle()
        assert "no function `loss`" in app.screen()
        file.write_text(GOOD)
        await app.press("r")
        await app.settle()
        assert isinstance(app.app.screen, DebuggerScreen)
        assert app.step == "F1"


async def test_reload_keeps_step_and_cursor(tmp_path: Path) -> None:
    """After an edit: the new numbers, at the same quantity, cell, page and convention."""
    file = tmp_path / "mine.py"
    file.write_text(GOOD)
    async with opened(str(file)) as app:
        await app.at("dW1")
        await app.press("down", "right", "3", "v")
        before, cell = app.text("stage"), app.here.cursor
        assert "column" not in app.text("status")
        file.write_text(GOOD.replace("0.5", "0.25").replace("    return", "    h1 = h1 * 1.0\n    return"))
        await app.press("r")
        await app.settle()
        assert app.here.step.quantity == "dW1"
        assert app.here.cursor == cell == (1, 1)
        assert app.here.page == 3
        assert app.here.tape.program.convention == "row"
        assert app.text("stage") != before
        assert "recorded again" in app.text("status")


async def test_a_reload_that_fails_loses_nothing(tmp_path: Path) -> None:
    """The page comes up; Esc goes back to the recording that is still there; r after mending brings the new one."""
    file = tmp_path / "mine.py"
    file.write_text(GOOD)
    async with opened(str(file)) as app:
        await app.at("dW1")
        before = app.screen()
        file.write_text(BAD["raises"][0])
        await app.press("r")
        await app.settle()
        assert isinstance(app.app.screen, FailureScreen)
        await app.press("escape")
        assert app.screen() == before
        file.write_text(GOOD.replace("0.5", "0.25"))
        await app.press("r")
        await app.settle()
        assert app.here.step.quantity == "dW1"
        assert app.screen() != before


async def test_o_leads_from_the_page_to_another_file(tmp_path: Path) -> None:
    """And closing the picker leads back to the page."""
    file = tmp_path / "mine.py"
    file.write_text(BAD["no loss"][0])
    async with opened(str(file)) as app:
        await app.press("o")
        assert isinstance(app.app.screen, PickerScreen)
        await app.press("escape")
        assert isinstance(app.app.screen, FailureScreen)
        await app.press("o", "enter")
        await app.settle()
        assert isinstance(app.app.screen, DebuggerScreen)


async def test_q_on_the_page_quits(tmp_path: Path) -> None:
    """There is nothing else to do there."""
    file = tmp_path / "mine.py"
    file.write_text(BAD["no loss"][0])
    async with opened(str(file)) as app:
        await app.press("q")
        await app.pilot.pause()
        assert not app.app.is_running


async def test_the_page_fits_a_small_terminal(tmp_path: Path) -> None:
    """At 64×20 the reason, the marked line and the keys are there."""
    file = tmp_path / "mine.py"
    file.write_text(BAD["raises"][0])
    async with opened(str(file), (64, 12)) as app:
        assert "mismatch" in " ".join(app.screen().split())
        assert "▶ 7" in app.screen()
        assert "q quit" in app.screen()


async def test_a_mistake_of_ours_costs_a_pane_and_not_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that cannot be painted says so with the place in our code; the other pages and the steps go on."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such thing")

    async with opened("regression") as app:
        monkeypatch.setattr("tui.widgets.views.paint_chain", broken)
        await app.press("n")
        assert "mistake in chainstep" in app.text("chain")
        assert "ZeroDivisionError: no such thing" in app.text("chain")
        monkeypatch.undo()
        await app.press("n")
        assert "mistake" not in app.screen()
        assert app.step == "F3"


async def test_matrices_without_entries_can_be_looked_at(tmp_path: Path) -> None:
    """No examples at all: nothing to see, and nothing breaks."""
    file = tmp_path / "nothing.py"
    file.write_text(
        "import numpy as np\nparams = {'W': np.ones((2, 3))}\ndata = {'x': np.ones((3, 0))}\n"
        "def loss(x, W):\n    return np.sum(W @ x)\n"
    )
    async with opened(str(file)) as app:
        for key in ("1", "2", "3", "4", "5", "1"):
            await app.press(key, "n")
            assert "mistake" not in app.screen()
        await app.press("0")
        assert "no entries" in app.text("inspector")
