"""Nothing repaints without a cause, and a key repaints only the lines that it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.strip import Strip

from tests.tui.driver import Driver, opened
from tui.widgets.pane import Pane


@contextmanager
def lines_rendered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """Every line that a pane hands to Textual, as (pane, line)."""
    rendered: list[tuple[str, int]] = []
    original = Pane.render_line

    def counting(pane: Pane, y: int) -> Strip:
        rendered.append((pane.id or "", y))
        return original(pane, y)

    with monkeypatch.context() as patch:
        patch.setattr(Pane, "render_line", counting)
        yield rendered


async def lines_of(app: Driver, key: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The lines that a key repaints."""
    with lines_rendered(monkeypatch) as rendered:
        await app.press(key)
        await app.pilot.pause()
    return rendered


@pytest.mark.parametrize("target", ["regression", None])
async def test_nothing_is_painted_while_nobody_does_anything(
    target: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the debugger nor the picker has a clock, a blinking cursor or an animation."""
    async with opened(target) as app:
        with lines_rendered(monkeypatch) as rendered:
            await asyncio.sleep(0.3)
        assert rendered == []
        await app.press("down")
        assert app.screen()


async def test_a_step_touches_neither_footer_nor_tabs(monkeypatch: pytest.MonkeyPatch) -> None:
    """n paints the status, the strip, the chain, the stage and the page, and of them only what differs."""
    async with opened("regression") as app:
        await app.press("n")
        rendered = await lines_of(app, "n", monkeypatch)
        panes = {pane for pane, _ in rendered}
        assert {"status", "network", "stage", "inspector"} <= panes
        assert "footer" not in panes
        assert ("inspector", 0) not in rendered
        assert len(rendered) == len(set(rendered))


async def test_the_cursor_touches_only_stage_and_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """An arrow key paints the rows that lose and gain their light, not the headers above them."""
    async with opened("softmax") as app:
        await app.at("B6")
        rendered = await lines_of(app, "down", monkeypatch)
        assert {pane for pane, _ in rendered} == {"stage", "inspector"}
        assert ("stage", 0) not in rendered


async def test_a_key_that_changes_nothing_paints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening the page that is open, twice the same message."""
    async with opened("regression") as app:
        assert await lines_of(app, "1", monkeypatch) == []
        await app.press("N")  # says that this is the first step
        assert await lines_of(app, "N", monkeypatch) == []
