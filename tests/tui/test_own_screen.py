"""The screen of somebody's own backward in the running app: opening, jumping, editing beside it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.tui.driver import Driver, opened
from tests.tui.ownfiles import BROKEN, LOST, MENDED, PREPARED, RAISING, REFUSED, UNSUMMED, WITHOUT, line_of, written
from tui.keys import elsewhere, told_elsewhere
from tui.screens.failure import FailureScreen
from tui.screens.help import HelpScreen
from tui.screens.own import OwnScreen

SIGNS = {"right": "✓", "own-error": "✗", "inherited": "↳"}


def text(app: Driver) -> str:
    return app.text("own")


def words(app: Driver) -> str:
    """Everything on the screen, however it is wrapped."""
    return " ".join(app.screen().split())


def marks(app: Driver) -> dict[int, str]:
    """The sign beside every numbered line that is to be seen and has one."""
    found = {}
    for row in text(app).splitlines():
        cells = row.replace("▶", " ").split()
        if len(cells) > 1 and cells[0].isdigit() and cells[1] in "✓✗↳∙?":
            found[int(cells[0])] = cells[1]
    return found


def here(app: Driver) -> int:
    """The line with the cursor."""
    (row,) = [row for row in text(app).splitlines() if row.startswith("▶")]
    return int(row.split()[1])


def text_of_line(app: Driver, number: int) -> str:
    """What is shown of a line."""
    return next(row for row in text(app).splitlines() if row.replace("▶", " ").split()[:1] == [str(number)])


async def edit(app: Driver, file: Path, new: str) -> None:
    """Another editor saves the file, and the app looks at it."""
    file.write_text(new, encoding="utf-8")
    app.app.look_at_files()
    await app.settle()


def command(file: Path) -> dict[int, str]:
    """The verdict of every line as ``chainstep check`` has it."""
    arguments = [sys.executable, "-m", "tui", "check", str(file), "--format", "json"]
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return {one["line"]: one["verdict"] for one in json.loads(ran.stdout)["mine"]["lines"]}


# ---- opening ----------------------------------------------------------------------------------------------


async def test_the_first_look_says_which_line_why_and_what_to_write() -> None:
    """And which step is missing, which gradients are wrong, and which key leads on."""
    async with opened("handwritten") as app:
        assert isinstance(app.app.screen, OwnScreen)
        assert here(app) == line_of(PREPARED, "dw1 =")
        told = words(app)
        assert "first wrong, line 78: dw1 is to be ∂L/∂W₁ (B6)" in told
        assert "The ReLU mask is missing: no line computes dz1 = dh1 * (z1 > 0)." in told
        assert "relu-mask-missing" in told
        assert "Enter shows the missing B5" in told
        assert "✗ W1 b1 ✓ W2 b2" in told
        assert "your dw1" in told and "difference" in told


async def test_every_line_has_the_mark_that_the_command_gives_it(tmp_path: Path) -> None:
    file = written(tmp_path, PREPARED)
    async with opened(str(file), (120, 40)) as app:
        assert marks(app) == {line: SIGNS[verdict] for line, verdict in command(file).items()}


async def test_all_right_is_said_plainly(tmp_path: Path) -> None:
    """On the def: every gradient by name, and what this input could not show (here: nothing)."""
    async with opened(str(written(tmp_path, MENDED))) as app:
        assert here(app) == line_of(MENDED, "def backward")
        assert "Every gradient that your backward returns is right: W1, b1, W2, b2." in words(app)
        assert "✗" not in app.screen() and "↳" not in app.screen()
        await app.press("n")
        assert "no line after this one is wrong" in words(app)


async def test_what_this_input_hides_is_told_with_its_reason(tmp_path: Path) -> None:
    """With one example a sum over the examples is no sum: the mistakes that would not show are named."""
    one = MENDED.replace("[-0.7,  0.8,  0.5],", "").replace("[ 0.4,  1.1, -1.3],", "")
    one = one.replace("[-1.2, -0.6,  0.9],", "").replace("[ 0.3, -1.4,  0.7],", "")
    one = one.replace("[-0.4,  0.3],", "").replace("[ 0.8, -1.1],", "")
    one = one.replace("[-0.9,  0.6],", "").replace("[ 0.2,  1.3],", "")
    file = written(tmp_path, one)
    async with opened(str(file), (120, 40)) as app:
        hidden = app.app.own.place.judgement.mine.invisible  # type: ignore[union-attr]
        assert hidden
        assert "What this input cannot show:" in words(app)
        assert all(found.mistake in words(app) and found.quantity in words(app) for found in hidden)


async def test_a_line_that_raises_is_the_one_it_opens_on(tmp_path: Path) -> None:
    """With the shapes of what was read; only lines before it bear a mark, and it says that nothing after was judged."""
    async with opened(str(written(tmp_path, RAISING))) as app:
        line = line_of(RAISING, "dw1 =")
        assert here(app) == line
        assert f"stopped here, line {line}" in words(app) and "x is 5×3, dh1 is 5×4." in words(app)
        assert "nothing after it was judged" in words(app)
        assert max(number for number, sign in marks(app).items() if sign == "✓") < line


async def test_a_refusal_says_what_to_write(tmp_path: Path) -> None:
    """A bare tuple without names: the reason and the cure, the lines without marks."""
    async with opened(str(written(tmp_path, REFUSED))) as app:
        assert "cannot be judged" in words(app)
        assert "backward returns a tuple" in words(app) and "RETURNS" in words(app)
        assert marks(app) == {}


async def test_a_shape_that_differs_is_said_instead_of_a_difference(tmp_path: Path) -> None:
    async with opened(str(written(tmp_path, UNSUMMED))) as app:
        assert here(app) == line_of(UNSUMMED, "db1 =")
        assert "The shapes differ: yours is 5×4, 1×4 is needed." in words(app)
        assert "≠" in app.screen() and "difference" not in app.screen()


async def test_without_a_backward_y_says_what_to_add(tmp_path: Path) -> None:
    """One sentence in the status line; the debugger stays, and Esc does nothing."""
    async with opened(str(written(tmp_path, WITHOUT))) as app:
        assert app.app.screen is app.app.main
        await app.press("y")
        assert app.app.screen is app.app.main
        assert 'no backward here: add `def backward(...)` returning {"W1": dW1, …}' in app.text("status")
        await app.press("escape")
        assert app.app.screen is app.app.main
        assert "yours" not in app.text("footer")


async def test_a_backward_that_is_added_while_it_is_open_is_shown_by_y(tmp_path: Path) -> None:
    """The edit does not throw anybody out of the debugger; it says what was found, and y leads there."""
    file = written(tmp_path, WITHOUT)
    async with opened(str(file)) as app:
        await edit(app, file, PREPARED)
        assert app.app.screen is app.app.main
        assert "line 78 is the first wrong one" in app.text("status")
        assert "y yours" in app.text("footer")
        await app.press("y")
        assert isinstance(app.app.screen, OwnScreen)
        await edit(app, file, WITHOUT)
        assert app.app.screen is app.app.main
        assert "no backward here" in app.text("status")


# ---- to the steps and back --------------------------------------------------------------------------------


async def test_enter_jumps_to_the_missing_step_and_y_comes_back() -> None:
    """The debugger is at B5 and says whose line lacks it; y and Esc lead to that line again."""
    async with opened("handwritten") as app:
        for key in ("y", "escape"):
            await app.press("enter")
            assert app.app.screen is app.app.main
            assert app.step == "B5"
            assert "line 78" in app.text("status")
            await app.press(key)
            assert isinstance(app.app.screen, OwnScreen)
            assert here(app) == 78


async def test_y_leads_to_the_line_of_the_step_in_view() -> None:
    """Gone from B5 to B4 in the debugger: the line of dh1; a mere look at the debugger keeps the line."""
    async with opened("handwritten") as app:
        await app.press("enter", "N")
        assert app.step == "B4"
        await app.press("y")
        assert here(app) == line_of(PREPARED, "dh1 =")
        await app.press("down", "down", "y", "y")
        assert here(app) == line_of(PREPARED, "db1 =")


async def test_the_step_is_found_in_the_other_convention_too() -> None:
    """v in the debugger: the ids are the same, so Enter leads to the same quantity, transposed."""
    async with opened("handwritten") as app:
        await app.press("enter", "v")
        assert app.here.tape.program.convention == "column"
        await app.press("y", "n", "enter")
        assert (app.here.step.symbol, app.here.tape.program.convention) == ("∂L/∂b₁", "column")


def offered(app: Driver) -> set[str]:
    """The keys in the footer."""
    return {word for word in text(app).splitlines()[-1].split() if word in ("?", "Enter", "n", "Tab", "y", "r", "q")}


async def test_the_footer_offers_only_what_does_something() -> None:
    """On the wrong line all of it; on the return neither a step nor cells, and Enter says why."""
    async with opened("handwritten") as app:
        assert offered(app) == {"?", "Enter", "n", "Tab", "y", "r", "q"}
        await app.press("end")
        assert offered(app) == {"?", "n", "y", "r", "q"}
        await app.press("enter")
        assert isinstance(app.app.screen, OwnScreen)
        assert "no array was judged on this line: there is no step for it" in words(app)
        await app.press("home", "enter")
        assert "a step belongs to a line" in words(app) and "Enter" not in offered(app)


async def test_where_all_is_right_the_footer_offers_no_wrong_line(tmp_path: Path) -> None:
    async with opened(str(written(tmp_path, MENDED))) as app:
        assert offered(app) == {"?", "y", "r", "q"}
        await app.press("down")
        assert offered(app) == {"?", "Enter", "Tab", "y", "r", "q"}


async def test_enter_on_a_wrong_line_without_a_quantity_leads_to_what_is_made_of_it(tmp_path: Path) -> None:
    """Said beforehand with the step, said there with the line; y comes back to it."""
    line = line_of(LOST, "dh = df[k]")
    async with opened(str(written(tmp_path, LOST))) as app:
        assert here(app) == line and "Enter" in offered(app)
        assert "no quantity of the loss by itself" in words(app)
        assert "Enter shows B5, which is made of this: ∂L/∂z₁ =" in words(app)
        await app.press("enter")
        assert (app.step, app.here.step.symbol) == ("B5", "∂L/∂z₁")
        assert f"your line {line} goes into this: y back" in app.text("status")
        await app.press("y")
        assert here(app) == line
        await app.press("enter", "N", "n", "y")
        assert here(app) == line


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (REFUSED, "nothing was judged: backward returns a tuple, not a dict of gradients."),
        (RAISING, "the run stopped on this line: there is no array to show the step of"),
    ],
    ids=["refused", "raised"],
)
async def test_enter_says_why_there_is_no_step_where_the_run_came_to_no_end(
    file: str, said: str, tmp_path: Path
) -> None:
    async with opened(str(written(tmp_path, file))) as app:
        assert "Enter" not in offered(app)
        await app.press("enter")
        assert said in words(app)


async def test_strip_and_rail_carry_the_marks() -> None:
    """✗ where the line is wrong and at the step that it lacks, ↳ where one inherits; ✓ in the rail for the others."""
    async with opened("handwritten", (120, 40)) as app:
        await app.press("y")
        values, gradients = app.pane("network").canvas.rows()
        for symbol, sign in {"W₁": "✗", "b₁": "↳", "z₁": "✗", "h₁": "∙", "W₂": "∙"}.items():
            assert gradients[values.index(symbol)] == sign, symbol
        signs = {key: next((s for s in "✓✗↳" if s in row), "") for row in app.text("rail").splitlines()
                 for key in row.replace("▶", " ").split()[:1]}  # fmt: skip
        assert {key: signs[key] for key in ("F1", "F4", "B1", "B4", "B5", "B6", "B7")} == {
            "F1": "✓", "F4": "", "B1": "✓", "B4": "✓", "B5": "✗", "B6": "✗", "B7": "↳",
        }  # fmt: skip


async def test_the_checks_page_says_whose_gradients_it_is_about() -> None:
    """The engine's are right, those of the file's backward are not: both stand on the screen, told apart."""
    async with opened("handwritten", (120, 40)) as app:
        await app.press("y", "G")
        await app.settle()
        await app.press("5")
        assert "✓ ∂L/∂W₁" in " ".join(app.text("inspector").split())
        assert "these are the engine's gradients" in app.text("inspector")


# ---- editing beside it ------------------------------------------------------------------------------------


async def test_an_edit_is_picked_up_without_a_key(tmp_path: Path) -> None:
    """The mask is put in: dw1 is right, the line of db1 is now the first wrong one, and the cursor stays."""
    file = written(tmp_path, PREPARED)
    async with opened(str(file), (120, 40)) as app:
        await app.press("up")
        half = MENDED.replace("np.sum(dz1,", "np.sum(dh1,")
        await edit(app, file, half)
        assert here(app) == line_of(half, "dh1 =")
        assert marks(app) == {line: SIGNS[verdict] for line, verdict in command(file).items()}
        assert f"judged again: line {line_of(half, 'db1 =')} is the first wrong one" in words(app)
        await edit(app, file, MENDED)
        assert "judged again: every gradient is right" in words(app)
        assert set(marks(app).values()) == {"✓"}


async def test_r_does_the_same_by_hand(tmp_path: Path) -> None:
    file = written(tmp_path, PREPARED)
    async with opened(str(file)) as app:
        file.write_text(MENDED)
        await app.press("r")
        await app.settle()
        assert isinstance(app.app.screen, OwnScreen)
        assert "judged again: every gradient is right" in words(app)


@pytest.mark.parametrize("by_hand", [False, True], ids=["watched", "r"])
async def test_while_the_file_is_broken_the_old_judgement_stays(by_hand: bool, tmp_path: Path) -> None:
    """One sentence names the file and the line; marks, cursor and matrices are as they were, and all keys work."""
    file = written(tmp_path, PREPARED)
    async with opened(str(file), (120, 40)) as app:
        before = marks(app)
        file.write_text(BROKEN)
        if by_hand:
            await app.press("r")
            await app.settle()
        await edit(app, file, BROKEN)
        assert isinstance(app.app.screen, OwnScreen)
        assert f"mine.py, line {line_of(BROKEN, 'db1 =')}: This is not valid Python" in words(app)
        assert marks(app) == before and here(app) == 78
        await app.press("n", "enter")
        assert app.step == "B7"
        await app.press("y")
        await edit(app, file, MENDED)
        assert "not valid Python" not in words(app)
        assert here(app) == line_of(MENDED, "db1 =")


async def test_a_broken_edit_costs_nothing_in_the_debugger_either(tmp_path: Path) -> None:
    """The watcher says it in the status line, step and marks stay; mended, the step is there with new numbers."""
    file = written(tmp_path, PREPARED)
    async with opened(str(file), (120, 40)) as app:
        await app.press("enter")
        strip = app.text("network")
        await edit(app, file, BROKEN)
        assert app.app.screen is app.app.main
        assert "not valid Python" in app.text("status")
        assert (app.step, app.text("network")) == ("B5", strip)
        await edit(app, file, MENDED)
        assert app.step == "B5"
        assert "every gradient is right" in app.text("status")
        assert "✗" not in app.text("network") and "↳" not in app.text("network")


async def test_a_file_that_goes_and_one_that_takes_its_place(tmp_path: Path) -> None:
    """Deleted: a word, and everything stays. Replaced by another file of that name, as some editors do: read anew."""
    file = written(tmp_path, PREPARED)
    async with opened(str(file), (120, 40)) as app:
        before = marks(app)
        file.unlink()
        app.app.look_at_files()
        await app.settle()
        assert "mine.py is gone" in words(app)
        assert marks(app) == before
        app.app.look_at_files()
        written(tmp_path, MENDED, "other").rename(file)
        app.app.look_at_files()
        await app.settle()
        assert "every gradient is right" in words(app)
        written(tmp_path, PREPARED, "other").replace(file)
        app.app.look_at_files()
        await app.settle()
        assert marks(app) == before


async def test_a_helper_in_another_file_is_listed_and_watched(tmp_path: Path) -> None:
    """Its lines stand under its name; an edit of it alone is picked up."""
    helper = written(tmp_path, "def masked(d, z):\n    m = d * (z > 0)\n    return m\n", "layers")
    text = MENDED.replace("dh1 * (z1 > 0)", "masked(dh1, z1)").replace(
        "import numpy as np\n", "import numpy as np\nfrom layers import masked\n", 1
    )
    async with opened(str(written(tmp_path, text)), (120, 40)) as app:
        assert "layers.py" in app.text("own")
        assert "every gradient" in words(app).lower()
        await edit(app, helper, "def masked(d, z):\n    m = 2 * d * (z > 0)\n    return m\n")
        assert marks(app)[2] == "✗"
        assert "m = 2 * d * (z > 0)" in text_of_line(app, 2)
        assert "first wrong, line 2 of layers.py" not in words(app)
        await app.press("home", "n")
        assert "first wrong, line 2 of layers.py" in words(app)


async def test_a_file_that_was_broken_when_it_was_opened_is_shown_once_it_is_mended(tmp_path: Path) -> None:
    """The page about it follows every save, and gives way to the first wrong line without a key."""
    file = written(tmp_path, BROKEN)
    async with opened(str(file)) as app:
        assert isinstance(app.app.screen, FailureScreen)
        await edit(app, file, PREPARED.replace("def loss", "def cost"))
        assert isinstance(app.app.screen, FailureScreen)
        assert "no function `loss`" in words(app)
        await edit(app, file, PREPARED)
        assert isinstance(app.app.screen, OwnScreen)
        assert here(app) == 78


async def test_a_mistake_of_ours_costs_a_move_and_not_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such thing")

    monkeypatch.setattr("tui.own.place.Place.next_wrong", broken)
    async with opened("handwritten", (200, 50)) as app:
        await app.press("n")
        assert "no such thing" in words(app)
        await app.press("down")
        assert here(app) == 79


async def test_nothing_is_read_again_that_was_not_edited(tmp_path: Path) -> None:
    file = written(tmp_path, PREPARED)
    async with opened(str(file)) as app:
        place = app.app.own.place
        app.app.look_at_files()
        await app.settle()
        assert app.app.own.place is place


# ---- while the judge is at work ---------------------------------------------------------------------------


async def test_keys_work_while_the_judge_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word says so, the lines are there already; another file ends it, and what it finds is nobody's."""
    import tui.own.judgement as module

    go, judge = threading.Event(), module.judged

    def waiting(*arguments: object) -> object:
        go.wait(20)
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "judged", waiting)
    file = written(tmp_path, PREPARED)
    async with opened("regression") as app:
        app.app.open(str(file))
        while not isinstance(app.app.screen, OwnScreen):
            await asyncio.sleep(0.01)
        await app.pilot.pause()
        assert "judging …" in words(app)
        await app.press("down", "down")
        assert here(app) == line_of(PREPARED, "h1 =")
        assert "Enter" not in offered(app)
        await app.press("enter")
        assert "still judging …" in words(app)
        assert marks(app) == {}
        app.app.open("softmax")
        await app.settle()
        go.set()
        await app.settle()
        assert app.app.screen is app.app.main
        assert app.app.own.place is None and not app.here.own
        assert "softmax" in app.text("status")


# ---- the rest ---------------------------------------------------------------------------------------------


async def test_help_lists_the_keys_of_this_screen_and_o_and_q_work() -> None:
    async with opened("handwritten") as app:
        await app.press("question_mark")
        assert isinstance(app.app.screen, HelpScreen)
        assert "next / previous line not right" in words(app)
        await app.press("escape", "ctrl+c")
        assert "q quits" in words(app)
        await app.press("q")
        await app.pilot.pause()
        assert not app.app.is_running


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("v", "v is for the debugger (column / row convention): y leads there"),
        ("w", "w is for the debugger (why a transpose?): y leads there"),
        ("G", "G is for the debugger (check every gradient): y leads there"),
        ("ctrl+p", "Ctrl+P is for the debugger (command palette): y leads there"),
    ],
)
async def test_a_key_of_the_debugger_says_where_it_works(key: str, said: str) -> None:
    """The place stays; the help of this screen does not claim the key, and after y it works."""
    async with opened("handwritten") as app:
        await app.press(key)
        assert said in app.text("own").splitlines()[0]
        assert isinstance(app.app.screen, OwnScreen) and here(app) == 78


async def test_every_key_of_the_debugger_does_something_or_says_where_it_does() -> None:
    """None is dead on this screen."""
    async with opened("handwritten") as app:
        for name, key in elsewhere().items():
            await app.press("home", name)
            assert told_elsewhere(name, key) in app.text("own").splitlines()[0]


async def test_tab_and_esc_go_into_the_matrices_and_out() -> None:
    """The arrows move the cell and then the line again; + shows one decimal more."""
    async with opened("handwritten", (120, 40)) as app:
        await app.press("tab", "down")
        assert "[1,1]" in words(app) and here(app) == 78
        await app.press("escape")
        assert isinstance(app.app.screen, OwnScreen)
        await app.press("down")
        assert here(app) == 79
        await app.press("plus")
        assert "-4.351" in words(app)


async def test_clicks_choose_lines_cells_and_keys() -> None:
    from tui.paint.matrix import CellTarget
    from tui.paint.own.lines import LineTarget

    async with opened("handwritten", (120, 40)) as app:
        row = next(k for k, one in enumerate(app.app.own.place.judgement.rows) if one.number == 77)  # type: ignore[union-attr]
        await app.click_on("own", LineTarget(row))
        assert here(app) == 77
        await app.click_on("own", CellTarget("result", 2, 1))
        assert "[2,1]" in words(app)
        await app.click_on("own", ("action", "jump"))
        assert app.step == "B4"


@pytest.mark.parametrize("size", [(64, 20), (80, 24), (200, 50)])
async def test_ascii_is_the_same_screen_in_ascii(size: tuple[int, int]) -> None:
    """One character for one, and the five signs are still told apart."""
    async with opened("handwritten", size) as app:
        plain = app.canvas()
    async with opened("handwritten", size, ascii_only=True) as app:
        assert app.screen().isascii()
        assert app.canvas().style_plane() == plain.style_plane()
        assert "?" not in app.screen().replace("? help", "")
    from tui.ascii import to_ascii
    from tui.paint.badges import LINE_VERDICTS

    assert len({to_ascii(glyph) for glyph, *_ in LINE_VERDICTS.values()}) == 5


async def test_no_color_says_everything_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same characters; no hue reaches the terminal; the line of the cursor and its cell are reversed."""
    async with opened("handwritten") as app:
        coloured = app.screen()
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened("handwritten") as app:
        assert app.screen() == coloured
        reversed_text = ""
        for strip in app.strips():
            for segment in strip:
                style = segment.style
                assert style is not None
                for colour in (style.color, style.bgcolor):
                    assert colour is None or colour.triplet is None or len(set(colour.triplet)) == 1
                reversed_text += segment.text if style.reverse else ""
        assert "dw1 = np.dot(x.T, dh1)" in reversed_text and "-6.5" in reversed_text


async def test_resizing_goes_through_every_layout_and_keeps_the_place() -> None:
    """Below, beside, too small, and back to exactly what was there."""
    async with opened("handwritten") as app:
        await app.press("n", "tab", "right")
        place, at_first = app.app.own.place, app.screen()
        for width, height in ((120, 40), (159, 30), (160, 30), (200, 50), (64, 20), (63, 20), (80, 24)):
            await app.pilot.resize_terminal(width, height)
            await app.pilot.pause()
            assert app.app.own.place is place
            assert "line 79" in words(app) and app.screen() == app.canvas().text()
        assert app.screen() == at_first


async def test_too_small_still_names_the_line_and_the_size_that_is_needed() -> None:
    async with opened("handwritten", (50, 12)) as app:
        assert "line 78" in words(app) and "The ReLU mask is missing" in words(app)
        assert "64×20" in words(app)
