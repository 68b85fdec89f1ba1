"""Drives the real app without a terminal, and reads what is on its screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from textual.pilot import Pilot
from textual.strip import Strip
from textual.worker import WorkerCancelled

from tui.app import ChainstepApp
from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.widgets.pane import Pane

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


class Driver:
    """The running app with short names for what a test does to it and reads from it."""

    def __init__(self, app: ChainstepApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)

    async def settle(self) -> None:
        """Wait until everything that runs beside the screen is done and shown, and what it started as well."""
        while any(not worker.is_finished for worker in self.app.workers):
            with suppress(WorkerCancelled):  # what was given up is waited for by nobody
                await self.app.workers.wait_for_complete()
            await self.pilot.pause()
        await self.pilot.pause()

    async def at(self, step: str) -> None:
        """Go to a step by name, as the palette does."""
        self.app.main.move(lambda here: here.go_to(step))
        await self.pilot.pause()

    @property
    def here(self) -> Debugger:
        """The place on the tape."""
        assert self.app.main.debugger is not None
        return self.app.main.debugger

    @property
    def step(self) -> str:
        """The id of the step in view."""
        return self.here.step.id

    def pane(self, name: str) -> Pane:
        """A pane of the screen on top, by its id."""
        return self.app.screen.query_one(f"#{name}", Pane)

    def text(self, name: str) -> str:
        """What stands in a pane."""
        return self.pane(name).canvas.text()

    def strips(self) -> list[Strip]:
        """Every line of the screen as Textual would write it."""
        return self.app.screen._compositor.render_strips()

    def screen(self) -> str:
        """All characters on the screen."""
        return "\n".join(strip.text.rstrip() for strip in self.strips())

    def canvas(self) -> Canvas:
        """The screen put together from its panes: characters and style names."""
        whole = Canvas(*self.app.size)
        for pane in self.app.screen.query(Pane):
            if pane.region.area:
                whole.blit(pane.canvas, pane.region.x, pane.region.y)
        return whole

    async def click(self, name: str, x: int, y: int) -> None:
        """Click on a cell of a pane."""
        await self.pilot.click(f"#{name}", offset=(x, y))
        await self.pilot.pause()

    async def click_on(self, name: str, target: object) -> None:
        """Click where ``target`` is in a pane."""
        canvas = self.pane(name).canvas
        place = next(
            (x, y) for y in range(canvas.height) for x in range(canvas.width) if canvas.target_at(x, y) == target
        )
        await self.click(name, *place)


@asynccontextmanager
async def opened(
    target: str | None, size: tuple[int, int] = (80, 24), ascii_only: bool = False
) -> AsyncIterator[Driver]:
    """The app on ``target``, recorded and shown."""
    app = ChainstepApp(target, ascii_only)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        # Recording starts when Textual has announced its first frame, which no pause waits for.
        while app.main.debugger is None and app.screen is app.main:
            await asyncio.sleep(0.01)
        await driver.settle()
        yield driver
        await pilot.pause()
        assert "mistake in chainstep" not in driver.screen()
