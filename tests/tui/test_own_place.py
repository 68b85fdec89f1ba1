"""Where one stands among one's own lines: every key makes a new place and says why where it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.tui.ownfiles import ENDLESS, MENDED, PREPARED, RAISING, REFUSED, UNSUMMED, line_of, written
from tui.opening import open_target
from tui.own.judgement import judged, unjudged
from tui.own.place import Place
from tui.paint.own.screen import paint_own


def start(folder: Path, text: str) -> Place:
    return Place.start(judged(open_target(str(written(folder, text)))))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return start(tmp_path_factory.mktemp("own"), PREPARED)


def line(place: Place) -> int:
    assert place.here is not None
    return place.here.number


def test_it_opens_on_the_first_wrong_line(prepared: Place) -> None:
    assert line(prepared) == line_of(PREPARED, "dw1 =")
    assert prepared.is_first_wrong


@pytest.mark.parametrize(("text", "begins"), [(MENDED, "def"), (RAISING, "dw1 ="), (REFUSED, "def")])
def test_without_a_wrong_line_it_opens_where_the_rest_is_told(text: str, begins: str, tmp_path: Path) -> None:
    """All right or refused: on the def, where all of it is told; raised: on the line that raised."""
    place = start(tmp_path, text)
    assert line(place) == line_of(text, begins)


def test_lines_go_by_statements_to_both_ends(prepared: Place) -> None:
    """Over the blank line and the comment; at the ends nothing moves and a word says so."""
    here = prepared.first()
    seen = [line(here)]
    while not here.down().message:
        here = here.down()
        seen.append(line(here))
    assert seen == [row.number for row in prepared.judgement.rows if row.stop]
    assert "last line" in here.down().message and here.down().row == here.row
    assert "first line" in prepared.first().up().message
    assert here.up().down().row == here.row == prepared.last().row


def test_n_goes_from_one_line_that_is_not_right_to_the_next(prepared: Place) -> None:
    """dw1, db1, and no further; backwards the same."""
    wrong = [line_of(PREPARED, "dw1 ="), line_of(PREPARED, "db1 =")]
    here = prepared.first().next_wrong()
    assert [line(here), line(here.next_wrong())] == wrong
    assert line(here.next_wrong().previous_wrong()) == wrong[0]
    assert "no line after" in here.next_wrong().next_wrong().message
    assert "no line before" in here.previous_wrong().message


def test_home_is_where_all_of_it_is_told_and_n_leads_from_there_to_the_first_wrong_line(tmp_path: Path) -> None:
    """Also where helpers stand above the backward in the file, and the first wrong line among them."""
    helper = "def masked(d, z):\n    return 2 * d * (z > 0)\n\n\ndef backward"
    text = MENDED.replace("def backward", helper).replace("dh1 * (z1 > 0)\n    dw1", "masked(dh1, z1)\n    dw1")
    place = start(tmp_path, text)
    assert place.here is not None and "return 2 * d" in place.here.text
    home = place.last().first()
    assert home.here is not None and home.here.text.startswith("def backward") and home.row > place.row
    assert home.next_wrong().row == place.row


def test_a_step_leads_to_its_line_and_a_missing_one_to_the_line_that_lacks_it(prepared: Place) -> None:
    """B4 is the line of dh1; B5, which no line computes, is that of dw1; F4 is nobody's, so the line stays."""
    assert line(prepared.at_step("B4")) == line_of(PREPARED, "dh1 =")
    assert line(prepared.first().at_step("B5")) == line_of(PREPARED, "dw1 =")
    assert line(prepared.at_step("F4")) == line(prepared)


def test_every_line_and_the_step_it_leads_to_lead_to_each_other(prepared: Place) -> None:
    for row, one in enumerate(prepared.judgement.rows):
        here = prepared.select(row)
        if one.stop and here.goes_to is not None:
            assert here.at_step(here.goes_to.id).row == row
            assert prepared.first().at_step(here.goes_to.id).row == row


def test_the_cell_starts_where_the_difference_is_largest(prepared: Place) -> None:
    """And moves by arrows, round the edges; a line without a difference points at nothing until one asks."""
    array = prepared.array
    assert array is not None and array.difference is not None
    off = np.abs(array.difference)
    assert off[prepared.entry] == off.max()
    row, column = prepared.cursor
    assert prepared.right().cursor == (row, (column + 1) % 4)
    inside = prepared.toggle_inside()
    assert inside.down().cursor == ((row + 1) % 3, column) and inside.down().row == prepared.row
    assert inside.down().toggle_inside().down().row > prepared.row
    above = prepared.up()
    assert above.scene is not None and not above.scene.view.marked
    assert above.right().scene is not None and above.right().scene.view.marked  # type: ignore[union-attr]


def test_another_line_starts_with_its_own_cell(prepared: Place) -> None:
    there = prepared.toggle_inside().down().down().toggle_inside().down()
    assert there.array is not None and there.entry == there.array.largest


def test_keys_that_cannot_say_why(prepared: Place, tmp_path: Path) -> None:
    """The return makes no array: nothing to go into, no slice; before the judgement there is nothing that is wrong."""
    last = prepared.last()
    assert "no matrices" in last.toggle_inside().message
    assert "no matrices" in last.left().message
    assert "no other slice" in prepared.move_slice(1).message
    waiting = Place.start(unjudged(open_target(str(written(tmp_path, PREPARED)))))
    assert waiting.next_wrong().message == "nothing was judged yet: wait a moment"
    assert waiting.next_wrong().row == waiting.row


def test_n_says_why_nothing_was_judged(tmp_path: Path) -> None:
    """Not "yet" where it never will be: what the backward returns is no gradient, or the run came to no end."""
    refused = start(tmp_path, REFUSED).next_wrong()
    assert refused.message == "nothing was judged: backward returns a tuple, not a dict of gradients."
    endless = Place.start(judged(open_target(str(written(tmp_path, ENDLESS))), seconds=0.1)).next_wrong()
    told = r"nothing was judged: not finished after 0.06 seconds and [\d,]+ lines, on line \d+\."
    assert re.fullmatch(told, endless.message)


def test_n_does_not_call_right_what_no_run_came_to(tmp_path: Path) -> None:
    """Behind the line that raised nothing was judged, and before it only what another line reads."""
    place = start(tmp_path, RAISING)
    line = line_of(RAISING, "dw1 =")
    assert place.next_wrong().message == f"the run stopped on line {line}: what comes after it was not judged"
    assert place.previous_wrong().message == "no judged line before this one is wrong"


def test_a_line_that_no_run_came_to_is_not_said_to_make_nothing(tmp_path: Path) -> None:
    """Of the line of db1, which makes an array wherever it is run, only what stopped the run before it is told."""
    place = start(tmp_path, RAISING).down()
    assert line(place) == line_of(RAISING, "db1 =")
    told = paint_own(place, 80, 24).text()
    assert f"Not judged: your backward stopped on line {line_of(RAISING, 'dw1 =')}." in told
    assert "no array" not in told


@pytest.mark.parametrize("width", [64, 80, 120])
def test_no_message_about_a_line_that_raised_is_cut(width: int, tmp_path: Path) -> None:
    """The status line gives up its name and outcome for it; the exception is wrapped, with the shapes on their own."""
    place = start(tmp_path, RAISING)
    line = line_of(RAISING, "dw1 =")
    text = paint_own(place, width, 24).text()
    assert f"stopped here, line {line}" in text and "x is 5×3, dh1 is 5×4." in text
    assert "ValueError: shapes (3,5) and (4,5) not aligned: 5 (dim 1) != 4 (dim 0)" in " ".join(text.split())
    assert "nothing after it was judged" in text and "…" not in text
    if width >= 80:
        for moved in (place.next_wrong(), place.say(f"judged again: {place.judgement.news}")):
            assert moved.message in paint_own(moved, width, 24).text().splitlines()[0]


def test_a_wrong_line_before_the_one_that_raised_says_in_one_line_that_the_run_stopped(tmp_path: Path) -> None:
    """Its own reason comes first; what NumPy says of the other line is told there."""
    text = RAISING.replace("np.dot(df, W2.T)", "np.dot(y, W2.T)")
    place = start(tmp_path, text)
    assert line(place) == line_of(text, "dh1 =")
    told = paint_own(place, 80, 24).text()
    assert f"What comes later was not judged: your backward stopped on line {line_of(text, 'dw1 =')}." in told
    assert "ValueError" not in told


def test_without_a_difference_the_cell_still_moves(tmp_path: Path) -> None:
    """Where the shapes differ the arrows stay inside the engine's array, and no entry is compared."""
    place = start(tmp_path, UNSUMMED).toggle_inside()
    for _ in range(7):
        place = place.right().down()
    assert place.array is not None and not place.array.same_shape
    assert place.cursor[1] < 4 and place.cursor[0] == 0


def test_an_edit_keeps_the_line(prepared: Place, tmp_path: Path) -> None:
    """Three lines put in above dh1: the cursor is still on it, and what was in the way is forgotten."""
    here = prepared.select(next(k for k, row in enumerate(prepared.judgement.rows) if row.text.strip()[:5] == "dh1 ="))
    edited = PREPARED.replace("    # layer 2\n", "    # one\n    # two\n    # three\n    # layer 2\n")
    after = here.failed("broken").again(start(tmp_path, edited).judgement)
    assert line(after) == line_of(edited, "dh1 =") == line(here) + 3
    assert not after.trouble


def test_a_run_that_does_not_end_is_told_without_any_line(tmp_path: Path) -> None:
    """It is stopped; nothing is marked, all of it is told on the def, and the keys work."""
    place = Place.start(judged(open_target(str(written(tmp_path, ENDLESS))), seconds=0.1))
    assert place.judgement.mine is not None and place.judgement.mine.verdict == "raised"
    assert line(place) == line_of(ENDLESS, "def")
    told = " ".join(paint_own(place, 80, 24).text().split())
    news = place.judgement.news  # behind "your backward:" and "judged again:"
    assert re.fullmatch(r"not finished after 0.06 seconds and [\d,]+ lines, on line \d+\.", news)
    assert place.judgement.mine.message in told and "A loop that does not end" in told
    assert not any(row.verdict for row in place.judgement.rows)
    assert place.next_wrong().down().row > place.row


def test_a_refusal_and_back(prepared: Place, tmp_path: Path) -> None:
    """A judgement without arrays is one like any other: all keys work, and the next one brings the marks back."""
    refused = prepared.again(start(tmp_path, REFUSED).judgement)
    assert refused.judgement.failure is not None and refused.array is None
    for move in (Place.up, Place.down, Place.left, Place.next_wrong, Place.toggle_inside, Place.last):
        assert move(refused).judgement is refused.judgement
    assert line(refused.again(prepared.judgement)) == line(prepared)
