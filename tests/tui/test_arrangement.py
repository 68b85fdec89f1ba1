"""Who gets how much of the terminal, at every size and every step of the prepared nets; no app is started."""

from __future__ import annotations

from functools import cache

import pytest

from tui.arrangement import FOOTER, NETWORK, SMALLEST_INSPECTOR, STATUS, arrange
from tui.debugger import CELL, CHECKS, WHY, Debugger
from tui.opening import open_target
from tui.paint.stage import stage_height

NETS = ("regression", "three_layer", "iris", "digits_size")
SIZES = [(64, 20), (80, 24), (109, 33), (110, 24), (120, 40), (160, 24), (200, 50)]


@cache
def place(net: str) -> Debugger:
    return Debugger.start(open_target(net).tape)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("net", NETS)
def test_nothing_that_matters_is_squeezed_out(net: str, size: tuple[int, int]) -> None:
    """On every page of every step: a row of numbers on the stage, six lines of inspector, room for the chain."""
    width, height = size
    body = height - STATUS - NETWORK - FOOTER
    for index in range(len(place(net).steps)):
        for page in range(CELL, CHECKS + 1):
            here = place(net).go_to_index(index).set_page(page)
            given = arrange(here, width, height)
            assert not given.too_small
            assert (given.column > 0) != (given.inspector >= SMALLEST_INSPECTOR)
            stage = width - given.rail - given.column
            needed = stage_height(here.tape, here.step, here.part_index, here.view, stage)
            assert body - given.chain - given.inspector >= min(needed, 5)
            assert stage >= 64
            assert 2 <= given.chain <= 4


@pytest.mark.parametrize("net", ["regression", "three_layer"])
def test_the_stage_is_served_before_the_inspector(net: str) -> None:
    """At 80×24 every row of the focus row's matrices is there, even on the longest page."""
    for index in range(len(place(net).steps)):
        here = place(net).go_to_index(index).set_page(WHY)
        given = arrange(here, 80, 24)
        needed = stage_height(here.tape, here.step, here.part_index, here.view, 80)
        assert 24 - STATUS - NETWORK - FOOTER - given.chain - given.inspector >= needed


def test_the_paper_line_is_the_first_to_go() -> None:
    """Where the page needs the space the chain bar keeps its operators and shapes."""
    here = place("regression").go_to("B6")
    assert arrange(here.set_page(CELL), 80, 24).chain == 3
    assert arrange(here.set_page(WHY), 80, 22).chain == 2


def test_rail_and_column_come_at_their_widths() -> None:
    """The rail from 110 columns unless it is switched off, the column with all pages from 160."""
    here = place("regression")
    assert [arrange(here, width, 40).rail > 0 for width in (109, 110, 200)] == [False, True, True]
    assert [arrange(here, width, 40).column > 0 for width in (110, 159, 160)] == [False, False, True]
    off = here.cycle_rail().cycle_rail()
    assert off.rail == "off"
    assert arrange(off, 120, 40).rail == 0


@pytest.mark.parametrize("size", [(63, 40), (200, 19), (1, 1)])
def test_below_64_by_20_nothing_is_laid_out(size: tuple[int, int]) -> None:
    """Then the page says how large the terminal has to be."""
    assert arrange(place("regression"), *size).too_small
