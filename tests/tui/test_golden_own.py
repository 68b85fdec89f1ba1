"""The screen of somebody's own backward as text with a style plane; ``pytest --write-golden`` writes it anew.

Each test says what a person should see. What the engine says in words is fixed here: it is the engine's, not ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine.blame
from engine.blame import Judged, Mine
from tests.tui.driver import SIZES, Driver, opened
from tests.tui.ownfiles import MENDED, RAISING, UNSUMMED, written
from tui.canvas import Canvas

Golden = Callable[[str, Canvas], None]


SAID = {
    "dw1": ("The ReLU mask is missing: no line computes dz1 = dh1 * (z1 > 0).", ("relu-mask-missing",)),
    "db1": ("db1 is not summed over the examples. It should be db1 = dz1.sum(axis=0).", ("bias-not-summed",)),
}
INHERITED = "wrong number, right line: it needs the dz1 that no line computes. Fix line 78 first."
STOPPED = "shapes (3,5) and (4,5) not aligned: 5 (dim 1) != 4 (dim 0)"


def in_fixed_words(one: Judged) -> Judged:
    if one.verdict == "own-error":
        explanation, mistakes = SAID[one.name]
        return replace(one, explanation=explanation, mistakes=mistakes)
    return replace(one, explanation=INHERITED) if one.verdict == "inherited" else one


@pytest.fixture(autouse=True)
def fixed_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdicts and the numbers of the engine, in words that stay."""
    judge = engine.blame.judge

    def judged(*arguments: Any, **options: Any) -> Mine:
        mine = judge(*arguments, **options)
        lines = tuple(in_fixed_words(one) for one in mine.lines)
        raised = None if mine.raised is None else replace(mine.raised, message=STOPPED)
        return replace(mine, lines=lines, invisible=(), message="", raised=raised)

    monkeypatch.setattr(engine.blame, "judge", judged)


async def compare(golden_screen: Golden, name: str, app: Driver) -> None:
    """The screen as its pane painted it, which must be what Textual shows, with the golden file."""
    await app.pilot.pause()
    canvas = app.canvas()
    assert app.screen() == canvas.text()
    golden_screen(name, canvas)


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_wrong_line(size: str, golden_screen: Golden) -> None:
    """The line of dw1 in yellow with ✗, its step and "first wrong" at the right; beneath (at 200×50 at the right) that
    the ReLU mask is missing and which line to write, that Enter shows B5, and theirs − engine's = difference with the
    cell that is off the most in yellow. db1 bears ↳, everything above ✓; W1 and b1 are wrong, W2 and b2 right.
    """
    async with opened("handwritten", SIZES[size]) as app:
        await compare(golden_screen, f"own_wrong_{size}", app)


async def test_the_smallest_terminal(golden_screen: Golden) -> None:
    """At 64×20 a window over the matrices that says what it shows; the words at the right of the lines give way."""
    async with opened("handwritten", (64, 20)) as app:
        await compare(golden_screen, "own_wrong_64x20", app)


async def test_a_right_line(golden_screen: Golden) -> None:
    """dh1 is ∂L/∂h₁: all numbers are dim, the difference is nothing but zeros, no cell is pointed at."""
    async with opened("handwritten", SIZES["80x24"]) as app:
        await app.press("up")
        await compare(golden_screen, "own_right_line_80x24", app)


async def test_all_right(tmp_path: Path, golden_screen: Golden) -> None:
    """✓ on every line, the cursor on the def, every gradient right by name, and nothing that this input hides."""
    async with opened(str(written(tmp_path, MENDED)), SIZES["80x24"]) as app:
        await compare(golden_screen, "own_all_right_80x24", app)


async def test_stopped(tmp_path: Path, golden_screen: Golden) -> None:
    """The line that raised in yellow with ✗ and "stopped here", the shapes that do not fit, no mark after it."""
    async with opened(str(written(tmp_path, RAISING)), SIZES["80x24"]) as app:
        await compare(golden_screen, "own_stopped_80x24", app)


async def test_other_shapes(tmp_path: Path, golden_screen: Golden) -> None:
    """5×4 ≠ 1×4: both arrays, that the shapes differ, no difference and no cell."""
    async with opened(str(written(tmp_path, UNSUMMED)), SIZES["120x40"]) as app:
        await compare(golden_screen, "own_shapes_120x40", app)
