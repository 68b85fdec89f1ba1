"""Moving about on a tape: every claim is checked against the list of steps in the notes, not against the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LookupFailed
from tests.tui.handmade import two_layer
from tui.debugger import CELL, CHECKS, NUMPY, STATS, WHY, Debugger

COLUMN = two_layer()
ROW = two_layer(row=True)
FORWARDS = ["F1", "F2", "F3", "F4", "B1", "B2", "B3", "B4", "B5", "B6", "B7"]
PARTS = ["F1a", "F1b", "F2", "F3a", "F3b", "F4a", "F4b", "B1", "B2a", "B2b", "B3"]
PARTS += ["B4a", "B4b", "B5a", "B5b", "B6a", "B6b", "B7"]

Move = Callable[[Debugger], Debugger]
MOVES: dict[str, Move] = {
    "n": Debugger.next_step,
    "N": Debugger.previous_step,
    "s": Debugger.next_part,
    "S": Debugger.previous_part,
    "f": Debugger.finish,
    "F": Debugger.unfinish,
    "u": Debugger.next_layer,
    "U": Debugger.previous_layer,
    "0": Debugger.first,
    "$": Debugger.last,
    "left": lambda d: d.move_cursor(0, -1),
    "right": lambda d: d.move_cursor(0, 1),
    "up": lambda d: d.move_cursor(-1, 0),
    "down": lambda d: d.move_cursor(1, 0),
    "PgUp": lambda d: d.page_up(3),
    "PgDn": lambda d: d.page_down(3),
    "Home": Debugger.row_start,
    "End": Debugger.row_end,
    "Tab": Debugger.cycle_operand,
    "S-Tab": lambda d: d.cycle_operand(-1),
    "w": Debugger.toggle_why,
    "+": Debugger.more_decimals,
    "-": Debugger.fewer_decimals,
    ",": lambda d: d.scroll_summed(-1),
    ".": lambda d: d.scroll_summed(1),
    "l": Debugger.cycle_rail,
    "v": lambda d: d.flip(ROW if d.tape is COLUMN else COLUMN),
}


def press(keys: str, debugger: Debugger | None = None) -> Debugger:
    """The state after some keys, from the start or from a given state."""
    debugger = debugger or Debugger.start(COLUMN)
    for key in keys.split():
        debugger = MOVES[key](debugger)
    return debugger


def at(key: str) -> Debugger:
    return Debugger.start(COLUMN).go_to(key)


def walk(debugger: Debugger, move: Move) -> list[Debugger]:
    """All places until the move says that it cannot go on."""
    places = [debugger]
    while not (moved := move(places[-1])).message:
        places.append(moved)
    return places


def place(debugger: Debugger) -> tuple[object, ...]:
    return debugger.index, debugger.part_index, debugger.operand, debugger.cursor


def test_next_step_walks_every_step_once_and_shows_its_result() -> None:
    places = walk(Debugger.start(COLUMN), Debugger.next_step)
    assert [place.step.id for place in places] == FORWARDS
    assert all(place.part.result == place.step.result for place in places)


def test_previous_step_is_the_same_walk_backwards_and_lands_on_the_last_part() -> None:
    places = walk(at("B7"), Debugger.previous_step)
    assert [place.step.id for place in places] == FORWARDS[::-1]
    assert all(place.part_index == len(place.step.parts) - 1 for place in places)


def test_next_part_walks_every_part_entering_a_step_at_its_first() -> None:
    start = at("F1a")
    assert [place.part.id for place in walk(start, Debugger.next_part)] == PARTS


def test_previous_part_is_the_same_walk_backwards() -> None:
    assert [place.part.id for place in walk(at("B7"), Debugger.previous_part)] == PARTS[::-1]


def test_finish_stops_only_at_gradients_of_parameters() -> None:
    places = walk(Debugger.start(COLUMN), Debugger.finish)[1:]
    assert [place.step.of for place in places] == ["W2", "b2", "W1", "b1"]
    back = walk(Debugger.start(COLUMN).last(), Debugger.unfinish)
    assert [place.step.of for place in back] == ["b1", "W1", "b2", "W2"]


def test_layer_moves_stop_where_the_layer_or_the_phase_changes() -> None:
    places = walk(Debugger.start(COLUMN), Debugger.next_layer)
    assert [place.step.id for place in places] == ["F1", "F3", "F4", "B1", "B5"]
    back = walk(at("B7"), Debugger.previous_layer)
    assert [place.step.id for place in back] == ["B7", "B1", "F4", "F3", "F1"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("N", "already at the first step"),
        ("0", "already at the first step"),
        ("$ n", "already at the last step"),
        ("$ $", "already at the last step"),
        ("S S S", "already at the first part"),
        ("$ s", "already at the last part"),
        ("$ f", "no parameter gradient after this step"),
        ("F", "no parameter gradient before this step"),
        ("$ u", "already in the last layer"),
        ("U", "already in the first layer"),
    ],
)
def test_at_the_ends_nothing_moves_and_a_message_says_so(keys: str, words: str) -> None:
    before, after = press(keys.rpartition(" ")[0]), press(keys)
    assert after.message == words
    assert place(after) == place(before)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=40))
def test_no_sequence_of_keys_leaves_the_tape_or_the_matrix(keys: list[str]) -> None:
    """Whatever is pressed, there is a step, a part and an entry under the cursor."""
    debugger = press(" ".join(keys))
    array = debugger.tape.array(debugger.term)
    assert array[debugger.entry_index].shape == ()
    assert debugger.part in debugger.step.parts
    assert debugger.operand != "right" or debugger.part.right is not None
    assert CELL <= debugger.page <= CHECKS
    assert debugger.summed_size is None or 0 <= debugger.summed_offset < debugger.summed_size


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=20), st.sampled_from(sorted(MOVES)))
def test_a_key_press_leaves_the_old_state_as_it_was(keys: list[str], key: str) -> None:
    """States can be kept and gone back to, which is what makes stepping backwards exact."""
    debugger = press(" ".join(keys))
    before = {field.name: getattr(debugger, field.name) for field in fields(debugger)}
    assert MOVES[key](debugger) is not None
    assert {field.name: getattr(debugger, field.name) for field in fields(debugger)} == before


@pytest.mark.parametrize("there_and_back", ["n N", "s S", "right left", "down up", "Tab S-Tab", "v v"])
@pytest.mark.parametrize("step", ["F3", "B1", "B4b", "B5"])
def test_opposite_keys_undo_each_other(step: str, there_and_back: str) -> None:
    start = at(step).set_cell("result", 1, 1)
    assert place(press(there_and_back, start)) == place(start)


@pytest.mark.parametrize("step", ["F1", "F3", "F4", "B1"])
def test_from_the_start_of_a_layer_one_layer_on_and_one_back_is_the_same_step(step: str) -> None:
    assert press("u U", at(step)).step.id == step


def test_the_cursor_goes_round_the_edges() -> None:
    corner = at("dW1")  # 4×3
    assert press("up left", corner).cursor == (3, 2)
    assert press("down right", press("up left", corner)).cursor == (0, 0)


def test_the_cursor_survives_a_small_matrix_in_between() -> None:
    """On the way through the loss (a number) the cell is not lost, only shown as far as there is one."""
    start = at("F3").set_cell("result", 1, 3)
    inside = press("n", start)
    assert (inside.cursor, inside.entry_index) == ((0, 0), ())
    assert press("n n N", inside).cursor == (1, 3)


def test_a_step_that_is_too_small_for_the_cursor_clamps_it() -> None:
    assert press("n", at("dW1").set_cell("result", 3, 2)).cursor == (3, 0)  # db1 is 4×1


def test_a_window_down_stops_at_the_edge_and_row_ends_are_row_ends() -> None:
    start = at("dW1").set_cell("result", 1, 1)
    assert start.page_down(2).cursor == (3, 1)
    assert start.page_down(200).cursor == (3, 1)
    assert start.page_up(200).cursor == (0, 1)
    assert press("End", start).cursor == (1, 2)
    assert press("Home", start).cursor == (1, 0)


def test_tab_goes_through_the_matrices_of_the_part_and_skips_what_is_not_there() -> None:
    assert [press("Tab " * k, at("B6b")).operand for k in range(4)] == ["result", "left", "right", "result"]
    assert [press("Tab " * k, at("F2")).operand for k in range(3)] == ["result", "left", "result"]


def test_tab_keeps_the_index_that_two_matrices_share() -> None:
    """In ∂L/∂z₁ · xᵀ the result [j, i] has row j in the left matrix and column i in the right one."""
    start = at("B6b").set_cell("result", 2, 1)
    left = press("Tab", start)
    assert left.cursor == (2, 0)
    right = press("Tab", left.move_cursor(0, 3))
    assert right.cursor == (3, 1), "the example chosen in the left matrix, the input of the result"
    assert press("Tab", right).cursor == (2, 1)


def test_a_click_chooses_matrix_and_cell_and_ignores_a_matrix_that_is_not_there() -> None:
    clicked = at("B6b").set_cell("right", 4, 2)
    assert (clicked.operand, clicked.entry_index) == ("right", (4, 2))
    assert place(at("F2").set_cell("right", 1, 1)) == place(at("F2"))


def test_a_new_step_is_looked_at_in_its_result_from_the_start_of_the_sum() -> None:
    moved = press("n", press("Tab . .", at("B6b")))
    assert (moved.operand, moved.summed_offset) == ("result", 0)


def test_the_summed_index_scrolls_within_its_terms_and_says_where_there_is_none() -> None:
    assert at("B6b").summed_size == 5
    assert at("B6b").scroll_summed(3).summed_offset == 3
    assert at("B6b").scroll_summed(100).summed_offset == 4
    assert at("B6b").scroll_summed(-1).summed_offset == 0
    assert at("B5b").scroll_summed(1).message == "nothing is summed here"


def test_why_is_a_switch_that_returns_to_the_page_before() -> None:
    assert press("w", at("B6").set_page(STATS)).page == WHY
    assert press("w w", at("B6").set_page(STATS)).page == STATS
    assert press("w n w", at("B6").set_page(NUMPY)).page == NUMPY


def test_decimals_start_from_the_usual_two_and_go_back_to_automatic_below_none() -> None:
    assert press("+").decimals == 3
    assert press("- -").decimals == 0
    assert press("- - -").decimals is None
    assert press("+ " * 50).decimals == press("+ " * 51).decimals
    assert press("+").message == "decimals: 3"


def test_the_rail_has_three_modes() -> None:
    assert [press("l " * k).rail for k in range(4)] == ["names", "numpy", "off", "names"]


def test_go_to_takes_steps_parts_quantities_and_symbols() -> None:
    assert at("B6").part.id == "B6b"
    assert at("B6a").part.id == "B6a"
    assert at("dW1").step.id == at("∂L/∂W₁").step.id == "B6"
    with pytest.raises(LookupFailed) as failure:
        at("B99")
    assert failure.value.nearest


def test_position_and_part_say_where_we_are() -> None:
    assert at("B6").position == "BACKWARD  step 10/11"
    assert [at(key).part_position for key in ("B6", "B6a", "B7")] == ["B6b 2/2", "B6a 1/2", "B7"]
    assert at("F4").position == "LOSS  step 4/11"


@pytest.mark.parametrize("step", [part for part in PARTS if part != "F4b"])
@pytest.mark.parametrize("operand", ["result", "left", "right"])
def test_v_shows_the_same_number_in_the_other_convention(step: str, operand: str) -> None:
    """Same step, same operand by name wherever products turn round, cursor [i, j] becomes [j, i]."""
    before = at(step).set_cell(operand, 1, 0)  # type: ignore[arg-type]
    after = before.flip(ROW)
    assert after.part.id == before.part.id
    assert after.other is COLUMN and after.tape is ROW
    if before.term.shape and before.term.symbol == after.term.symbol:
        assert after.entry_index == before.entry_index[::-1]
        assert ROW.array(after.term)[after.entry_index] == COLUMN.array(before.term)[before.entry_index]
    else:
        assert before.term.role in ("constant", "data", "activation"), "only the vector of ones changes its name"


def test_v_and_v_again_comes_back_and_remembers_the_other_tape() -> None:
    there = at("B6b").set_cell("left", 1, 3).flip(ROW)
    assert there.operand == "right", "∂L/∂z₁ stands on the right of xᵀ in the row convention"
    back = there.flip()
    assert place(back) == place(at("B6b").set_cell("left", 1, 3))


def test_v_without_another_tape_says_so_and_stays() -> None:
    assert at("B6").flip().message == "there is no tape in the other convention"
    assert place(at("B6").flip()) == place(at("B6"))


def test_reloading_keeps_the_quantity_and_forgets_the_checks() -> None:
    report = SimpleNamespace(results={"W1": object()}, message="all right")
    before = at("dW1").set_cell("result", 2, 1).with_report(report)  # type: ignore[arg-type]
    assert before.verdict(before.step) is report.results["W1"]
    after = before.with_tape(two_layer(seed=2))  # type: ignore[arg-type]
    assert (after.step.quantity, after.cursor) == ("dW1", (2, 1))
    assert after.verdict(after.step) is None and after.check_message == ""


def test_a_reloaded_net_without_the_quantity_falls_back_to_the_step_of_that_number() -> None:
    shorter = two_layer()
    shorter.program.steps = shorter.program.steps[:6]
    assert at("B7").with_tape(shorter).step.id == "B2"  # type: ignore[arg-type]


def test_the_check_shows_progress_until_its_report_is_there() -> None:
    running = at("B6").with_progress(2, 4)
    assert running.progress == (2, 4)
    done = running.with_report(SimpleNamespace(results={}, message="ok"))  # type: ignore[arg-type]
    assert done.progress is None and done.check_message == "ok"
    assert running.without_progress().progress is None


def test_a_message_is_gone_with_the_next_move() -> None:
    assert press("$ n N").message == ""
