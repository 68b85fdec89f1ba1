"""Who gets how much of the terminal, at every size and every step of the prepared nets; no app is started."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from engine.check import Verdict
from tui.arrangement import FOOTER, LEAST_STAGE, NETWORK, SMALLEST_INSPECTOR, STATUS, arrange
from tui.debugger import CELL, CHECKS, STATS, WHY, Debugger
from tui.opening import open_target
from tui.paint.inspector import paint_inspector
from tui.paint.stage import stage_height

NETS = ("regression", "three_layer", "iris", "digits_size")
VERDICT = Verdict(True, 3e-11, "complex step", 15, 15, 0, "")
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
            assert 1 <= given.chain <= 4


@pytest.mark.parametrize("net", ["regression", "three_layer"])
def test_the_stage_is_served_before_what_a_page_can_be_read_without(net: str) -> None:
    """At 80×24 every row of the focus row's matrices is there beside a page that has its usual lines."""
    for index in range(len(place(net).steps)):
        here = place(net).go_to_index(index).set_page(STATS)
        given = arrange(here, 80, 24)
        needed = stage_height(here.tape, here.step, here.part_index, here.view, 80)
        assert 24 - STATUS - NETWORK - FOOTER - given.chain - given.inspector >= needed


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("page", range(CELL, CHECKS + 1))
def test_a_page_that_needs_more_has_it_from_the_rows_of_numbers(net: str, page: int) -> None:
    """At 80×24 every page of every step is whole, but for what it can be read without; three rows of numbers stay."""
    checked = replace(place(net), checks=dict.fromkeys(place(net).tape.gradients, VERDICT))
    for index in range(len(checked.steps)):
        here = checked.go_to_index(index).set_page(page)
        given = arrange(here, 80, 24)
        stage = 24 - STATUS - NETWORK - FOOTER - given.chain - given.inspector
        needed = stage_height(here.tape, here.step, here.part_index, here.view, 80)
        assert stage >= min(needed, LEAST_STAGE)
        if given.chain > 1 or stage > min(needed, LEAST_STAGE):
            assert "more lines" not in paint_inspector(here, 80, given.inspector).text(), here.step.id


def test_the_paper_line_is_the_first_to_go() -> None:
    """Where the page needs the space the chain bar keeps its operators and shapes, then its operators."""
    here = place("regression").go_to("B6")
    assert arrange(here.set_page(CELL), 80, 24).chain == 3
    assert [arrange(here.set_page(WHY), 80, height).chain for height in (24, 23, 22)] == [3, 2, 1]


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


@pytest.mark.parametrize("page", range(CELL, CHECKS + 1))
def test_where_all_pages_stand_the_chosen_one_is_whole(page: int) -> None:
    """At 160×30 the pages do not all fit: the chosen one has every line, the others say which key brings theirs."""
    for index in range(len(place("three_layer").steps)):
        here = place("three_layer").go_to_index(index).set_page(page)
        given = arrange(here, 160, 30)
        height = 30 - STATUS - NETWORK - FOOTER
        text = paint_inspector(here, given.column - 1, height, all_pages=True).text()
        whole = paint_inspector(here, given.column - 1, 99).text()
        assert whole.partition("\n")[2].rstrip() in text
        assert "make the window higher" not in text


def test_the_tabs_stand_still_between_large_and_small_matrices() -> None:
    """In a tall terminal every step of a net has the same layout, whether its matrices fit or not."""
    for net in NETS:
        given = {arrange(place(net).go_to_index(index), 120, 40) for index in range(len(place(net).steps))}
        assert len(given) == 1
