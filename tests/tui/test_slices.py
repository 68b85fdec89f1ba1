"""Arrays of three and four axes: one slice of each is seen, ``<`` and ``>`` show the others, nothing is lost."""

from __future__ import annotations

import re
from itertools import product as tuples
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Tape
from engine.reading.model import Part, Term
from tests.tui.onepart import Array, OnePart, active, lit, one_part, painted
from tests.tui.stacks import stacked
from tui.canvas import Canvas
from tui.debugger import Debugger, operand_of
from tui.grid import index_of
from tui.paint.matrix import CellTarget
from tui.paint.slices import choose_lead, chosen_lead
from tui.paint.stage import StageView, paint_stage

TAPE = stacked()
STEPS = [step.id for step in TAPE.program.steps]
OPERANDS = ("result", "left", "right")


def at(key: str, tape: Tape = TAPE) -> Debugger:
    return Debugger.start(tape).go_to(key)


def paint(here: Debugger, width: int = 120, height: int = 20) -> Canvas:
    return paint_stage(here.tape, here.step, here.part_index, here.view, width, height)[0]


def terms(part: Part) -> dict[str, Term]:
    return {name: operand_of(part, name) for name in OPERANDS if name != "right" or part.right is not None}  # type: ignore[arg-type]


def shown(here: Debugger) -> dict[str, tuple[int, ...]]:
    """The leading index that every operand shows, read off what clicks on its numbers mean."""
    found = {target.operand: target.lead for target in painted(paint(here))}
    return dict(sorted(found.items()))


def walk(here: Debugger) -> list[Debugger]:
    """The places that ``>`` goes through, until it is back where it began."""
    places = [here]
    for _ in range(slices_of(here) - 1):
        places.append(places[-1].move_slice(1))
    back = places[-1].move_slice(1)
    assert (back.entry_index, shown(back)) == (here.entry_index, shown(here))
    return places


def slices_of(here: Debugger) -> int:
    """How many slices there are, as the line below the matrices says."""
    found = re.search(r"slice \d+ of (\d+)", paint(here).text())
    return int(found[1]) if found else 1


def all_parts() -> list[str]:
    return [part.id for step in TAPE.program.steps for part in step.parts]


@pytest.mark.parametrize("part", all_parts())
def test_every_number_on_every_slice_is_the_entry_that_a_click_on_it_means(part: str) -> None:
    """And going through the slices every entry of the result has been on the screen."""
    seen = set()
    for here in walk(at(part)):
        for target, (text, _) in painted(paint(here)).items():
            term = terms(here.part)[target.operand]
            index = index_of(term.shape, (target.row, target.column), target.lead)
            entry = float(here.tape.array(term)[index])
            if "⋅10^" not in paint(here).rows()[1]:
                assert text.strip() == "~0" or abs(float(text) - entry) <= 0.051
            clicked = here.set_cell(target.operand, target.row, target.column, target.lead)
            assert (clicked.operand, clicked.entry_index) == (target.operand, index)
            if target.operand == "result":
                seen.add(index)
    result = at(part).part.result
    assert len(seen) == np.prod(result.shape, dtype=int)


@pytest.mark.parametrize("part", all_parts())
def test_back_undoes_on_and_every_slice_has_its_number(part: str) -> None:
    places = walk(at(part))
    for here in places:
        assert here.move_slice(1).move_slice(-1).entry_index == here.entry_index
        notes = [row for row in paint(here).rows() if "slice " in row]
        assert len(notes) == (len(places) > 1)
        assert all(f"slice {places.index(here) + 1} of {len(places)}" in note and "< >" in note for note in notes)


def test_the_name_says_which_slice_it_is_as_numpy_writes_it() -> None:
    here = at("F2")
    names = [paint(place).rows()[0].split() for place in walk(here)]
    assert names == [["F2", f"q[{i},{j},:,:]", f"scale[{i},0,:,:]", f"s[{i},{j},:,:]"] for i in (0, 1) for j in (0, 1)]
    assert "[" not in paint(at("F7")).rows()[0].replace("xs[2,:,:]", "")


def test_operands_that_share_a_leading_axis_move_together_and_the_others_stand_still() -> None:
    """s is 2×2×3×4, scale 2×1×1×1; V is 2×1×4×3 in the product s · V; b has no leading axis at all."""
    assert [shown(place)["right"] for place in walk(at("F2"))] == [(0, 0), (0, 0), (1, 0), (1, 0)]
    assert [shown(place)["right"] for place in walk(at("F3"))] == [(0, 0), (0, 0), (1, 0), (1, 0)]
    assert [shown(place)["right"] for place in walk(at("F4"))] == [()] * 4
    for part in ("F2", "F3", "F4"):
        assert [shown(place)["left"] for place in walk(at(part))] == list(tuples((0, 1), (0, 1)))


def test_a_sum_over_a_leading_axis_is_gone_through_term_by_term() -> None:
    """m[n] = Σ t[n,0], t[n,1]: both terms of one example, then those of the other."""
    places = walk(at("m"))
    assert [shown(place) for place in places] == [{"left": (n, k), "result": (n,)} for n in (0, 1) for k in (0, 1)]
    one, two = (TAPE["t"][0, k, 0, 0] for k in (0, 1))
    assert TAPE["m"][0, 0, 0] == pytest.approx(one + two)


def test_the_cursor_stays_in_its_slice_and_is_the_whole_index() -> None:
    here = at("s").move_slice(3)
    assert here.entry_index == (1, 1, 0, 0)
    assert here.move_cursor(-1, -1).entry_index == (1, 1, 2, 3)
    assert here.page_down(9).entry_index == (1, 1, 2, 0)
    assert here.row_end().entry_index == (1, 1, 0, 3)


def test_tab_goes_to_the_same_slice_of_the_next_matrix_and_back_to_the_same_entry() -> None:
    here = at("F2").set_cell("result", 2, 3, (1, 0))
    left = here.cycle_operand()
    assert (left.operand, left.entry_index) == ("left", (1, 0, 2, 3))
    assert left.cycle_operand().entry_index == (1, 0, 0, 0), "scale has one entry per example"
    assert left.cycle_operand().cycle_operand().entry_index == (1, 0, 2, 3)


def test_the_slice_stays_from_step_to_step_and_through_the_loss() -> None:
    here = at("s").set_cell("result", 1, 1, (1, 1))
    for key in ("p", "z1", "t", "dt", "dq"):
        assert here.go_to(key).entry_index == (1, 1, 1, 1), key
    assert here.go_to("m").entry_index == (1, 1, 1)
    assert here.go_to("L").go_to("t").entry_index == (1, 1, 1, 1)


def test_with_nothing_but_matrices_the_keys_say_so() -> None:
    assert at("db").move_slice(1).message == "there is no other slice to show here"
    assert at("db").move_slice(1).entry_index == at("db").entry_index


def test_a_reshape_shows_the_slice_of_the_cursors_entry_and_the_key_takes_the_cursor_along() -> None:
    """∂L/∂W is 6×8, ∂L/∂q 2×2×3×4: entry 12 in the order of memory begins the second slice."""
    here = at("dW")
    assert [shown(place)["left"] for place in walk(here)] == list(tuples((0, 1), (0, 1)))
    for place in walk(here):
        flat = np.ravel_multi_index(place.entry_index, (6, 8))
        assert shown(place)["left"] == tuple(map(int, np.unravel_index(flat, (2, 2, 3, 4))))[:2]
    assert shown(here.set_cell("result", 5, 7))["left"] == (1, 1)
    assert at("q").move_slice(2).entry_index == (1, 0, 0, 0)


def test_of_a_picked_matrix_the_one_it_comes_from_is_shown() -> None:
    """x = xs[2]: the third matrix of the stack, whatever slice was looked at before."""
    assert shown(at("x")) == {"left": (2,), "result": ()}
    assert np.array_equal(TAPE["x"], TAPE["xs"][2])


def test_axes_that_change_places_are_followed() -> None:
    """[b,t,h,d] → [b,h,t,d]: a row of the result is a slice of the operand, and the cursor says which."""
    array = np.arange(120.0).reshape(2, 3, 4, 5)
    made = one_part(
        array, None, array.transpose(0, 2, 1, 3), kind="transpose", layout="prefix", letters=("bthd", "", "bhtd")
    )
    for row in range(3):
        canvas, _ = made.paint(StageView((row, 2), chosen={"b": 1, "h": 3}))
        assert {target.lead for target in painted(canvas) if target.operand == "left"} == {(1, row)}
        assert lit(canvas, "left") == {(3, 2)}
        assert active(canvas) == [CellTarget("result", row, 2, (1, 3))]


def effect(function: Any, left: Array, right: Array, operand: str, index: tuple[int, ...]) -> set[tuple[int, ...]]:
    """The entries of the result that change with one entry of an operand, found by changing it."""
    changed = {"left": left.copy(), "right": right.copy()}
    changed[operand][index] += 100.0
    return {tuple(map(int, found)) for found in np.argwhere(function(**changed) != function(left, right))}


SHAPES = [
    ((2, 3, 4), (2, 4, 2)),
    ((2, 2, 3, 4), (2, 1, 4, 2)),
    ((3, 4), (2, 4, 2)),
    ((2, 3, 4), (4, 2)),
    ((2, 3, 4), (4,)),
]


@pytest.mark.parametrize(("first", "second"), SHAPES)
@given(data=st.data())
def test_an_entry_lights_what_it_goes_into_in_the_slice_that_is_shown(
    first: tuple[int, ...], second: tuple[int, ...], data: st.DataObject
) -> None:
    """A stack of products: change an entry of either operand, and the entries that change are the lit ones."""
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=first), rng.normal(size=second)
    made = batched(left, right)
    operand, array = data.draw(st.sampled_from([("left", left), ("right", right)]))
    index = tuple(data.draw(st.integers(0, size - 1)) for size in array.shape)
    names = dict(zip("gh"[-max(0, array.ndim - 2) :], index, strict=False)) if array.ndim > 2 else {}
    cell = (index[-2], index[-1]) if array.ndim > 1 else (0, index[0])
    canvas, _ = made.paint(StageView(cell, operand, chosen=names), 140)
    goes = effect(lambda left, right: left @ right, left, right, operand, index)
    (lead,) = {target.lead for target in painted(canvas) if target.operand == "result"}
    seen = {place[len(lead) :] for place in goes if place[: len(lead)] == lead}
    assert goes and {cell[-len(place) :] for cell in lit(canvas, "result") for place in [next(iter(seen))]} == seen


def batched(left: Array, right: Array) -> OnePart:
    """A product of stacks, its axes named g, h, then the matrix's own."""
    result = left @ right
    letters = tuple("gh"[4 - array.ndim :] + own if array.ndim > 2 else own[-array.ndim :] for array, own in (
        (left, "jn"), (right, "ni"), (result, "ji"))
    )  # fmt: skip
    return one_part(
        left,
        right,
        result,
        kind="product",
        operator="·",
        summed=("n",),
        letters=letters,  # type: ignore[arg-type]
    )


def test_nothing_moves_from_slice_to_slice() -> None:
    """Eleven narrow matrices under a long name: the numbers keep their places, at index 3 and at index 10."""
    array = np.random.default_rng(0).normal(size=(11, 3, 1))
    made = one_part(
        array,
        None,
        array * 2,
        kind="apply",
        operator="2 ·",
        layout="prefix",
        letters=("bji", "", "bji"),
        symbols=("∂L/∂attention", "", "C"),
    )
    canvases = [made.paint(StageView(chosen={"b": k}), 64)[0] for k in (0, 3, 10)]
    places = [[(x, y, width) for x, y, width, _, _ in canvas.targets()] for canvas in canvases]
    assert places[0] == places[1] == places[2]
    assert [f"attention[{k},:,:]" in canvas.rows()[0] for k, canvas in zip((0, 3, 10), canvases, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize("width", [30, 36, 44, 50])
def test_where_it_is_narrow_the_symbol_is_cut_and_not_the_slice(width: int) -> None:
    array = np.ones((2, 3, 3))
    names = ("∂L/∂attention_scores", "", "∂L/∂attention_weights")
    made = one_part(
        array, None, array, kind="apply", operator="", layout="prefix", symbols=names, letters=("bji", "", "bji")
    )
    canvas, _ = made.paint(StageView(chosen={"b": 1}), width)
    first, second = (name for name in canvas.rows()[0].split() if "[" in name)
    assert first.endswith("[1,:,:]") and second.endswith("[1,:,:]")
    assert first != second
    assert "slice 2 of 2" in canvas.text()


def test_painting_looks_only_at_what_is_visible() -> None:
    """A million matrices of a million by a million: no work grows with them."""
    million = 10**6
    stack = np.broadcast_to(np.array(1.5), (1000, 1000, million, million))
    made = one_part(stack, None, stack, kind="apply", operator="", layout="prefix", letters=("ghji", "", "ghji"))
    canvas, _ = made.paint(StageView((million - 1, 7), chosen={"g": 999, "h": 5}), 120, 30)
    assert active(canvas) == [CellTarget("result", million - 1, 7, (999, 5))]
    assert "slice 999006 of 1000000: g=999 h=5" in canvas.text()


@pytest.mark.parametrize("shape", [(0, 2, 3), (2, 0, 3), (2, 3, 0), (2, 0, 2, 2)])
def test_a_stack_without_entries_is_shown_as_empty(shape: tuple[int, ...]) -> None:
    empty = np.zeros(shape)
    made = one_part(empty, None, empty, kind="apply", operator="exp", layout="prefix")
    canvas, _ = made.paint(StageView())
    assert "×".join(map(str, shape)) in canvas.rows()[1]
    assert not painted(canvas)


def joined() -> Tape:
    """j is A (2×3×4) and B (3×3×4), one behind the other; f is j from the last to the first."""
    rng = np.random.default_rng(2)
    params = {"A": rng.normal(size=(2, 3, 4)), "B": rng.normal(size=(3, 3, 4))}

    def loss(A: Any, B: Any) -> Any:
        j = np.concatenate([A, B], axis=0)
        f = np.flip(j, axis=0)
        return np.sum(f**2)

    return engine.trace(loss, params, {}).run(params, {})


def test_of_joined_stacks_the_operand_that_the_slice_comes_from_shows_it() -> None:
    """Five slices, two from A and three from B; only the one that it comes from lights up."""
    places = walk(at("j", joined()))
    assert [shown(place)["result"] for place in places] == [(k,) for k in range(5)]
    assert [shown(place)["left"] for place in places[:2]] == [(0,), (1,)]
    assert [shown(place)["right"] for place in places[2:]] == [(0,), (1,), (2,)]
    for k, place in enumerate(places):
        canvas = paint(place)
        assert bool(lit(canvas, "left")) == (k < 2)
        assert bool(lit(canvas, "right")) == (k >= 2)


def test_of_a_flipped_stack_the_slice_that_an_entry_comes_from_is_shown() -> None:
    assert [shown(place)["left"] for place in walk(at("f", joined()))] == [(4,), (3,), (2,), (1,), (0,)]


def test_an_axis_with_a_single_entry_does_not_forget_the_slice() -> None:
    """On the way through an operand that has one matrix for all heads, the head stays chosen."""
    many, one = np.ones((2, 3, 4, 5)), np.ones((2, 1, 4, 5))
    part = one_part(many, one, many, kind="entrywise", letters=("bhji",) * 3).step.parts[0]
    assert part.right is not None
    chosen = choose_lead(part.left, (1, 2), {})
    assert chosen_lead(part.right, chosen) == (1, 0)
    assert chosen_lead(part.left, choose_lead(part.right, (1, 0), chosen)) == (1, 2)


def test_reloading_and_turning_to_another_tape_keep_the_slice() -> None:
    """The file was changed, or read in the other convention: the same head of the same example stays in view."""
    here = at("t").set_cell("result", 2, 1, (1, 1))
    assert here.with_tape(stacked()).entry_index == (1, 1, 2, 1)
    assert here.flip(stacked()).entry_index[:2] == (1, 1)
