"""The mouse: cells of all matrices, steps in rail, strip and ladder, tabs of the inspector, keys of the footer."""

from __future__ import annotations

import pytest

from tests.tui.driver import opened
from tui.paint.ladder import RungTarget
from tui.paint.matrix import CellTarget


@pytest.mark.parametrize("operand", ["left", "right", "result"])
async def test_a_click_on_a_number_puts_the_cursor_there(operand: str) -> None:
    """In any of the three matrices; row and column of the others light up, the inspector talks about that cell."""
    async with opened("softmax") as app:
        await app.at("B6")
        await app.click_on("stage", CellTarget(operand, 2, 1))
        assert (app.here.operand, app.here.cursor) == (operand, (2, 1))
        name = {"left": "∂L/∂z₁", "right": "xᵀ", "result": "∂L/∂W₁"}[operand]
        assert f"{name}[2,1]" in app.text("inspector")


async def test_a_click_beside_the_numbers_changes_nothing() -> None:
    """The empty corner of the stage is no cell."""
    async with opened("softmax") as app:
        await app.at("B6")
        before = app.screen()
        stage = app.pane("stage")
        await app.click("stage", stage.size.width - 1, stage.size.height - 1)
        assert app.screen() == before


async def test_a_click_on_a_step_goes_there() -> None:
    """In the rail, on the strip (value above, gradient below) and on a rung of the ladder."""
    async with opened("regression", (120, 40)) as app:
        for pane, target in [("rail", "B5"), ("network", "F2"), ("network", "B2"), ("rail", "B6")]:
            await app.click_on(pane, ("step", target))
            assert app.step == target
        await app.click_on("stage", RungTarget("B4"))
        assert app.step == "B4"


async def test_a_click_on_a_tab_opens_the_page() -> None:
    """By its number at the bottom, by its heading in the column at the right."""
    async with opened("regression") as app:
        await app.click_on("inspector", ("page", 4))
        assert "zeros" in app.text("inspector")
    async with opened("regression", (200, 50)) as app:
        await app.click_on("column", ("page", 3))
        assert app.here.page == 3


async def test_a_click_on_the_footer_is_the_key() -> None:
    """n next goes on, ? help opens the help page."""
    async with opened("regression") as app:
        await app.click_on("footer", ("action", "next_step"))
        assert app.step == "F2"
        await app.click_on("footer", ("action", "app.help"))
        assert "next / previous step" in app.screen()
