"""Without colour, with 16 colours, and in plain ASCII: everything is still said."""

from __future__ import annotations

import pytest
from rich.segment import Segment

from tests.tui.driver import Driver, opened
from tui.ascii import to_ascii
from tui.catalog import prepared
from tui.debugger import Debugger
from tui.opening import open_target
from tui.paint.chain import paint_chain
from tui.paint.inspector import paint_inspector
from tui.paint.stage import paint_stage
from tui.theme import style


def cells(app: Driver) -> list[list[Segment]]:
    """Every cell of the screen with its style, before the terminal's filters."""
    rows = []
    for strip in app.strips():
        row = [Segment(char, segment.style) for segment in strip for char in segment.text]
        rows.append(row)
    return rows


async def test_no_color_says_everything_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same characters; the cursor and the current factor are reversed, the lit row and column underlined."""
    async with opened("softmax") as app:
        await app.at("B6")
        coloured = app.screen()
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened("softmax") as app:
        await app.at("B6")
        assert app.screen() == coloured
        assert app.app.look.depth == "none"
        canvas, screen = app.canvas(), cells(app)
        looks: dict[str, set[tuple[bool, bool]]] = {}
        for y in range(canvas.height):
            for x in range(canvas.width):
                own = screen[y][x].style
                assert own is not None
                looks.setdefault(canvas.style_at(x, y), set()).add((bool(own.reverse), bool(own.underline)))
        assert looks["active"] == {(True, False)}
        assert looks["rail-here"] == {(True, False)} if "rail-here" in looks else True
        lit = [look for name, look in looks.items() if name.startswith("lit")]
        assert lit
        assert all(look == {(False, True)} for look in lit)


async def test_no_hue_is_left_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches the terminal is grey."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened("softmax") as app:
        await app.at("B6")
        for row in cells(app):
            for cell in row:
                for colour in (cell.style.color, cell.style.bgcolor) if cell.style else ():
                    if colour is not None and colour.triplet is not None:
                        assert len(set(colour.triplet)) == 1


async def test_sixteen_colours_are_those_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive and negative numbers keep their own colours, which no filter turns into others."""
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")
    async with opened("softmax") as app:
        await app.at("B6")
        assert app.app.look.depth == "standard"
        canvas, screen = app.canvas(), cells(app)
        checked = 0
        for y in range(canvas.height):
            for x in range(canvas.width):
                expected = style(canvas.style_at(x, y), "standard")
                found = screen[y][x].style
                assert found is not None
                if expected.bgcolor is not None:
                    assert (found.color, found.bgcolor) == (expected.color, expected.bgcolor)
                    checked += 1
        assert checked > 50


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_ascii_is_the_same_screen_in_ascii(size: tuple[int, int]) -> None:
    """One character for one character, so that nothing moves; help and picker too."""
    async with opened("softmax", size) as app:
        await app.at("B6")
        plain = app.canvas()
    async with opened("softmax", size, ascii_only=True) as app:
        await app.at("B6")
        assert app.screen().isascii()
        assert app.canvas().style_plane() == plain.style_plane()
        await app.press("question_mark")
        assert app.screen().isascii()
        await app.press("q", "o")
        assert app.screen().isascii()


async def test_what_textual_shows_is_what_was_painted() -> None:
    """Every cell of the screen has the colours that the theme gives to its style name."""
    async with opened("softmax", (120, 40)) as app:
        await app.at("B6")
        canvas, screen = app.canvas(), cells(app)
        for y in range(canvas.height):
            for x in range(canvas.width):
                expected, found = style(canvas.style_at(x, y)), screen[y][x].style
                assert found is not None
                assert (found.color, found.bgcolor) == (expected.color, expected.bgcolor)
                assert (found.bold, found.underline) == (expected.bold, expected.underline)


@pytest.mark.parametrize("target", [one.name for one in prepared()])
def test_no_sign_of_ours_is_lost_in_ascii(target: str) -> None:
    """Nothing that is shown of any step becomes a question mark that was none."""
    start = Debugger.start(open_target(target).tape)
    lost = set()
    for index in range(len(start.steps)):
        here = start.go_to_index(index)
        canvas = paint_inspector(here, 120, 80, all_pages=True)
        stage, _ = paint_stage(here.tape, here.step, here.part_index, here.view, 120, 20)
        for text in (canvas.text(), stage.text(), paint_chain(here, 200).text()):
            lost |= {char for char in text if char != "?" and to_ascii(char) == "?"}
    assert lost == set()
