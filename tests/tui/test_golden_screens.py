"""Whole screens of the app as text with a style plane; ``pytest --write-golden`` writes them anew.

Each test says what a person should see. The exact value on the cell page is shortened here: its last digits are the
processor's (the order in which a matrix product adds), not ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.tui.driver import SIZES, Driver, opened
from tui.canvas import Canvas

Golden = Callable[[str, Canvas], None]


@pytest.fixture(autouse=True)
def short_exact_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six digits instead of all seventeen."""
    monkeypatch.setattr("tui.paint.pages.cell.exact", lambda value: f"{value + 0.0:.6g}")


async def compare(golden_screen: Golden, name: str, app: Driver) -> None:
    """The screen as its panes painted it, which must be what Textual shows, with the golden file."""
    await app.pilot.pause()
    canvas = app.canvas()
    assert app.screen() == canvas.text()
    golden_screen(name, canvas)


@pytest.mark.parametrize("size", SIZES)
async def test_regression_weight_gradient(size: str, golden_screen: Golden) -> None:
    """∂L/∂W₁ = ∂L/∂z₁ · xᵀ with one example: a column times a row. Chain and header mark xᵀ as the current factor, its
    inner 1 is underlined on both sides, cell [0,1] is lit. At 120×40 the rail lists the NumPy lines and B4 and B5
    stand on the ladder; at 200×50 all five pages are at the right.
    """
    async with opened("regression", SIZES[size]) as app:
        await app.at("B6")
        await app.press("right", "l")
        await compare(golden_screen, f"app_regression_{size}", app)


@pytest.mark.parametrize("size", ["80x24", "120x40"])
async def test_regression_mask(size: str, golden_screen: Golden) -> None:
    """∂L/∂z₁ = 𝟙(z₁>0) ⊙ ∂L/∂h₁: the mask in zeros and ones; the cursor is on an entry that the mask has stopped, and
    the page says that the unit was off.
    """
    async with opened("regression", SIZES[size]) as app:
        await app.at("B5")
        await app.press("down")
        await compare(golden_screen, f"app_regression_mask_{size}", app)


@pytest.mark.parametrize("size", SIZES)
async def test_softmax_weight_gradient(size: str, golden_screen: Golden) -> None:
    """∂L/∂W₁[1,1] as a sum over five examples: row 1 of ∂L/∂z₁ and column 1 of xᵀ are lit, the five products stand
    beneath. Strip: everything before this step is done (●), b₁ is to come (·).
    """
    async with opened("softmax", SIZES[size]) as app:
        await app.at("B6")
        await app.press("down", "right")
        await compare(golden_screen, f"app_softmax_{size}", app)


async def test_softmax_probabilities(golden_screen: Golden) -> None:
    """The step p = softmax(f) in the loss phase: e divided by its column sums, formula and NumPy lines in the bar."""
    async with opened("softmax", SIZES["80x24"]) as app:
        await app.at("p")
        await compare(golden_screen, "app_softmax_p_80x24", app)


async def test_softmax_row_convention(golden_screen: Golden) -> None:
    """After v the row form: xᵀ stands on the left as the current factor, the cursor on the transposed cell."""
    async with opened("softmax", SIZES["120x40"]) as app:
        await app.at("B6")
        await app.press("down", "v")
        await compare(golden_screen, "app_softmax_row_120x40", app)


@pytest.mark.parametrize("size", SIZES)
async def test_three_layer_weight_gradient(size: str, golden_screen: Golden) -> None:
    """B10 of the long chain: seven factors in the bar, the strip across three layers, at 120×40 and 200×50 a ladder."""
    async with opened("three_layer", SIZES[size]) as app:
        await app.at("B10")
        await compare(golden_screen, f"app_three_layer_{size}", app)


@pytest.mark.parametrize("size", SIZES)
async def test_square_why(size: str, golden_screen: Golden) -> None:
    """∂L/∂h₁ = W₂ᵀ · ∂L/∂f where all sizes are equal: four candidates fit, shapes do not decide, the index does."""
    async with opened("square", SIZES[size]) as app:
        await app.at("B4")
        await app.press("w")
        await compare(golden_screen, f"app_square_why_{size}", app)


@pytest.mark.parametrize(("size", "page"), [("80x24", "4"), ("120x40", "2"), ("200x50", "2")])
async def test_digits_size_window(size: str, page: str, golden_screen: Golden) -> None:
    """A 256×784 gradient through a window that says which rows and columns are shown, a power of ten in the header, and
    the cursor's row and column in view; the mask step at 200×50, where an entry that was stopped is an exact 0.
    """
    async with opened("digits_size", SIZES[size]) as app:
        await app.at("B5" if size == "200x50" else "B6")
        app.app.main.move(lambda here: here.set_cell("result", 100, 2))
        await app.press(page)
        await compare(golden_screen, f"app_digits_size_{size}", app)


async def test_checked(golden_screen: Golden) -> None:
    """After G: ✓ beside every gradient in strip and rail, and the figures on the checks page."""
    async with opened("regression", SIZES["120x40"]) as app:
        await app.at("B6")
        await app.press("5")
        await app.press("G")
        await app.settle()
        # The errors are of the size of a rounding: which digit they have is chance.
        rounded = {k: replace(v, max_rel_error=0.0) for k, v in app.here.checks.items()}
        app.app.main.move(lambda here: replace(here, checks=rounded, check_message="4 gradients compared", message=""))
        await compare(golden_screen, "app_checked_120x40", app)


async def test_picker(golden_screen: Golden) -> None:
    """The prepared scenarios with their titles, the second one selected, the path field and the keys beneath."""
    async with opened(None, SIZES["80x24"]) as app:
        await app.press("down")
        golden_screen("app_picker_80x24", app.canvas())
