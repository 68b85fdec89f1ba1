"""The layout at every size: too small, compact, with the rail, with the column, and while it is resized."""

from __future__ import annotations

import pytest

from tests.tui.driver import Driver, opened


def shown(app: Driver) -> set[str]:
    """The panes that take up room."""
    names = ("status", "network", "rail", "chain", "stage", "inspector", "column", "footer", "too-small")
    return {name for name in names if app.pane(name).region.area}


COMPACT = {"status", "network", "chain", "stage", "inspector", "footer"}
CLASSES = {
    (63, 24): {"too-small"},
    (80, 19): {"too-small"},
    (64, 20): COMPACT,
    (109, 30): COMPACT,
    (110, 30): COMPACT | {"rail"},
    (159, 40): COMPACT | {"rail"},
    (160, 40): COMPACT - {"inspector"} | {"rail", "column"},
}


async def test_resizing_goes_through_every_layout_and_keeps_the_place() -> None:
    """Panes come and go at 64×20, 110 and 160 columns; the step, the cell and the page stay; and back again."""
    async with opened("softmax", (80, 24)) as app:
        await app.at("B6")
        await app.press("down", "2")
        place, at_first = app.here, app.screen()
        for size, panes in CLASSES.items():
            await app.pilot.resize_terminal(*size)
            await app.pilot.pause()
            assert shown(app) == panes, size
            assert app.here is place
        await app.pilot.resize_terminal(80, 24)
        await app.pilot.pause()
        assert app.screen() == at_first


async def test_too_small_still_says_where_we_are_and_keys_still_step() -> None:
    """The step with its formula, the size it is and the size that is needed."""
    async with opened("softmax", (50, 12)) as app:
        await app.at("B6")
        text = " ".join(app.screen().split())
        assert "B6 ∂L/∂W₁ = ∂L/∂z₁ · xᵀ" in text
        assert "50×12" in text
        assert "64×20" in text
        await app.press("N")
        assert "B5" in app.screen()


@pytest.mark.parametrize("size", [(64, 20), (160, 30)])
async def test_every_line_of_the_screen_is_painted(size: tuple[int, int]) -> None:
    """At every step the panes fill the terminal, and what Textual writes is what the painters painted."""
    async with opened("three_layer", size) as app:
        for index in range(0, len(app.here.steps), 3):
            app.app.main.move(lambda here, index=index: here.go_to_index(index))  # type: ignore[misc]
            await app.pilot.pause()
            assert app.screen() == app.canvas().text()
            assert app.screen().splitlines()[-1].startswith(" ? help")
            assert len(app.screen().splitlines()) == size[1]


async def test_the_inspector_stands_still_while_one_steps() -> None:
    """From step to step of a small net the tabs do not jump up and down."""
    async with opened("regression", (120, 40)) as app:
        tops = set()
        for _ in app.here.steps:
            tops.add(app.pane("inspector").region.y)
            await app.press("n")
        assert len(tops) == 1


async def test_the_ladder_appears_where_there_is_height() -> None:
    """At 80×24 the matrices of the focus row alone, at 120×40 those of the finished factors above it."""
    async with opened("regression", (80, 24)) as app:
        await app.at("B6")
        assert app.text("stage").count("⎡") == 2  # the row vector xᵀ has square brackets
        await app.pilot.resize_terminal(120, 40)
        await app.pilot.pause()
        assert app.text("stage").count("⎡") == 8
        assert app.text("stage").index(" B4 ") < app.text("stage").index(" B5 ") < app.text("stage").index(" B6 ")
