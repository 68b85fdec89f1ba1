"""Stacks of matrices in the running app and in print: the keys, the mouse, what is said, and whole screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.tui.driver import SIZES, opened
from tests.tui.stacks import SOURCE
from tui.canvas import Canvas
from tui.commands.paper import Paper
from tui.commands.show import Wanted, run
from tui.numbers import exact
from tui.opening import open_target
from tui.paint.matrix import CellTarget


@pytest.fixture
def stack(tmp_path: Path) -> str:
    """q = reshape(W) is 2×2×3×4, m = t.sum(axis=1) is 2×3×4."""
    path = tmp_path / "stack.py"
    path.write_text(SOURCE)
    return str(path)


def printed(target: str, step: str, width: int = 80) -> str:
    return "\n".join(run(Wanted(target, step), "text", Paper(width)).lines)


async def test_the_keys_go_through_the_slices_and_the_page_explains_the_very_entry(stack: str) -> None:
    """Header, line below the matrices and the cell page agree on the index; ``<`` goes back, round the end."""
    async with opened(stack) as app:
        await app.at("s")
        await app.press("down", "right")
        for lead in ((0, 1), (1, 0), (1, 1), (0, 0)):
            await app.press("greater_than_sign")
            index = (*lead, 1, 1)
            assert app.here.entry_index == index
            assert f"s[{lead[0]},{lead[1]},:,:]" in app.text("stage")
            assert f"s[{','.join(map(str, index))}]" in app.text("inspector")
            assert exact(app.here.tape["s"][index]) in app.text("inspector")
        await app.press("less_than_sign")
        assert app.here.entry_index == (1, 1, 1, 1)
        assert "slice 4 of 4" in app.text("stage") and "< > other slices" in app.text("stage")


@pytest.mark.parametrize("operand", ["left", "right", "result"])
async def test_a_click_on_a_number_means_the_entry_of_that_slice(operand: str, stack: str) -> None:
    async with opened(stack) as app:
        await app.at("s")
        await app.press("greater_than_sign", "greater_than_sign")
        place = (0, 0) if operand == "right" else (2, 3)
        await app.click_on("stage", CellTarget(operand, *place, (1, 0)))  # type: ignore[arg-type]
        assert (app.here.operand, app.here.entry_index) == (operand, (1, 0, *place))
        assert f"[{','.join(map(str, app.here.entry_index))}]" in app.text("inspector")


async def test_where_the_sum_runs_over_slices_it_is_said_with_the_keys(
    stack: str,
) -> None:
    """m = t.sum(axis=1): each press shows the next matrix that is added up."""
    async with opened(stack) as app:
        await app.at("m")
        assert "slice 1 of 4" in app.text("stage") and "summed over" in app.text("stage")
        await app.press("full_stop")
        assert "runs over the slices: < >" in app.text("status")


async def test_the_stats_are_those_of_the_whole_array(stack: str) -> None:
    """Whatever slice is looked at."""
    async with opened(stack) as app:
        await app.at("q")
        await app.press("4")
        before = app.text("inspector")
        assert f"{app.here.tape['q'].max():.3g}" in before and "2×2×3×4" in before
        await app.press("greater_than_sign")
        assert app.text("inspector") == before


def test_small_stacks_are_printed_slice_by_slice(stack: str) -> None:
    text = printed(stack, "s")
    q = open_target(stack).tape["q"]
    for i in range(2):
        for j in range(2):
            assert f"q[{i},{j},:,:]" in text
            assert f"slice {2 * i + j + 1} of 4" in text
    assert all(f"{entry:.2f}" in text for entry in np.asarray(q).flat if entry)
    assert "< >" not in text, "there are no keys on paper"


def test_of_large_stacks_the_first_slice_is_printed_and_how_many_there_are(tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    path.write_text(SOURCE.replace("(6, 8)", "(60, 8)").replace("(2, 2, 3, 4)", "(2, 20, 3, 4)"))
    text = printed(str(path), "s")
    assert text.count("slice ") == 1
    assert "slice 1 of 40" in text
    assert "q[0,0,:,:]" in text


@pytest.mark.parametrize("size", SIZES)
async def test_golden_stack(
    size: str, stack: str, golden_screen: Callable[[str, Canvas], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """∂L/∂s of a stack of 2×2 matrices: the names say ``[1,0,:,:]``, the second operand has one matrix per example, and
    the line below the matrices says which slice of how many this is and which keys show the others.
    """
    monkeypatch.setattr("tui.paint.pages.cell.exact", lambda value: f"{value + 0.0:.6g}")
    async with opened(stack, SIZES[size]) as app:
        await app.at("dq")
        await app.press("greater_than_sign", "greater_than_sign", "down", "right")
        assert app.screen() == app.canvas().text()
        golden_screen(f"app_stack_{size}", app.canvas())
