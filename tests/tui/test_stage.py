"""The focus row: what stands in a cell is the entry, what lights up made it, and everything fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.handmade import two_layer
from tests.tui.onepart import OnePart, active, lit, one_part, painted, product
from tui.canvas import Canvas
from tui.grid import index_of
from tui.opening import open_target
from tui.paint.matrix import CellTarget
from tui.paint.stage import StageView, paint_stage, stage_height

Array = np.ndarray[Any, Any]


def values(*shape: int, seed: int = 0) -> Array:
    """Numbers between -9 and 9 with two decimals, no two alike in practice."""
    return np.random.default_rng(seed).uniform(-9, 9, size=shape).round(2)


def big() -> OnePart:
    """256×64 times 64×784, as in a classifier of digits."""
    return product(values(256, 64), values(64, 784, seed=1))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[OnePart, StageView, int, int]:
    """Any operation on matrices of any size, looked at anywhere in a window of any size."""
    size = st.integers(1, 30)
    rows, inner, columns, seed = draw(size), draw(size), draw(size), draw(st.integers(0, 99))
    kind = draw(st.sampled_from(["product", "entrywise", "column", "row", "transpose", "reduce", "vector", "apply"]))
    a, b = values(rows, inner, seed=seed), values(inner, columns, seed=seed + 1)
    if kind == "product":
        scene = product(a, b)
    elif kind == "vector":
        scene = product(a, b[:, 0])
    elif kind in ("entrywise", "column", "row"):
        other = {"entrywise": a * 2, "column": a[:, :1], "row": a[0]}[kind]
        scene = one_part(a, other, a + other, kind="entrywise", operator="+")
    elif kind == "transpose":
        scene = one_part(a, None, a.T, kind="transpose", operator="ᵀ", layout="postfix")
    elif kind == "reduce":
        scene = one_part(a, None, a.sum(0), kind="reduce", operator="Σ", layout="prefix", letters=("ji", "", "i"))
    else:
        scene = one_part(a, None, np.exp(a), kind="apply", operator="exp", layout="prefix")
    operand = draw(st.sampled_from(["result", "left", "right"]))
    cursor = (draw(st.integers(0, 29)), draw(st.integers(0, 29)))
    view = StageView(cursor, operand, draw(st.integers(0, 40)), draw(st.sampled_from([None, None, 1, 3])))
    return scene, view, draw(st.integers(64, 160)), draw(st.integers(5, 30))


def power_over(canvas: Canvas, operand: str, shape: tuple[int, ...]) -> int:
    """The power of ten in the header of an operand: the one behind its shape that stands nearest to its numbers."""
    xs = [x for x, _, _, _, target in canvas.targets() if isinstance(target, CellTarget) and target.operand == operand]
    headers = re.finditer(rf"(?<!\S){'×'.join(map(str, shape))}(?: ⋅10\^(-?\d+))?", canvas.rows()[1])
    nearest = min(headers, key=lambda found: abs(found.start() - sum(xs) / len(xs)), default=None)
    return int(nearest[1] or 0) if nearest else 0


@given(scenes())
def test_every_number_on_the_stage_is_the_entry_that_a_click_on_it_means(
    scene: tuple[OnePart, StageView, int, int],
) -> None:
    """At whatever window, every cell shows the array's own entry, rounded to the places that it has."""
    made, view, width, height = scene
    canvas, info = made.paint(view, width, height)
    cells = painted(canvas)
    part = made.step.parts[0]
    for target, (text, _) in cells.items():
        term = {"left": part.left, "right": part.right, "result": part.result}[target.operand]
        assert term is not None
        entry = made.array(term)[index_of(term.shape, (target.row, target.column), target.lead)]
        scale = 10.0 ** power_over(canvas, target.operand, term.shape)
        decimals = len(text.partition(".")[2])
        if text.strip() == "~0":
            assert 0 < abs(entry) < 0.5 * scale
        else:
            assert abs(float(text) * scale - entry) <= 0.51 * 10.0**-decimals * scale
    assert len(active(canvas)) == 1
    assert info.rows >= 1
    assert info.columns >= 1


@given(scenes())
def test_nothing_is_cut_off_at_the_right_edge(scene: tuple[OnePart, StageView, int, int]) -> None:
    """Every bracket that opens closes on the same row, and all matrices are there: left out, but never cut."""
    made, view, width, height = scene
    canvas, _ = made.paint(view, width, height)
    for row in canvas.rows()[3:]:
        assert len(re.findall(r"[⎡⎢⎣\[]", row)) == len(re.findall(r"[⎤⎥⎦\]]", row))
    operands = {"left", "result"} | ({"right"} if made.step.parts[0].right is not None else set())
    assert {target.operand for target in painted(canvas)} == operands


@given(scenes())
def test_a_stage_of_the_height_it_asks_for_shows_every_row(scene: tuple[OnePart, StageView, int, int]) -> None:
    """``stage_height`` is what the layout of the app may rely on, and ``StageInfo`` says the same."""
    made, view, width, _ = scene
    needed = stage_height(made, made.step, 0, view, width)  # type: ignore[arg-type]
    canvas, info = made.paint(view, width, needed)
    assert info.height == needed
    part = made.step.parts[0]
    rows = {target.row for target in painted(canvas) if target.operand == "result"}
    if len(part.result.shape) == 2 and "shown" not in canvas.text():
        assert rows == set(range(part.result.shape[0]))


@given(scenes(), st.integers(0, 63), st.integers(0, 6))
def test_a_window_that_is_far_too_small_is_no_accident(
    scene: tuple[OnePart, StageView, int, int], width: int, height: int
) -> None:
    """While a terminal is being resized the stage is asked for any size; it gives a canvas of just that size."""
    made, view, _, _ = scene
    canvas, _ = made.paint(view, width, height)
    assert (canvas.width, canvas.height) == (width, height)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,)])
def test_an_empty_matrix_is_shown_as_empty(shape: tuple[int, ...]) -> None:
    empty = np.zeros(shape)
    canvas, _ = one_part(empty, None, empty, kind="apply", operator="exp", layout="prefix").paint(StageView())
    assert "×".join(map(str, shape)) in canvas.rows()[1]
    assert not painted(canvas)


@given(st.integers(0, 255), st.integers(0, 783), st.integers(0, 63), st.integers(5, 40), st.integers(70, 200))
def test_the_windows_of_a_product_are_tied(row: int, column: int, summed: int, height: int, width: int) -> None:
    """Rows of A are rows of C, columns of A rows of B, columns of B columns of C; the cursor is always in view."""
    canvas, info = BIG.paint(StageView((row, column), summed=summed), width, height)
    cells = painted(canvas)
    rows = {side: {target.row for target in cells if target.operand == side} for side in ("left", "right", "result")}
    columns = {side: {target.column for target in cells if target.operand == side} for side in rows}
    assert rows["left"] == rows["result"]
    assert columns["left"] == rows["right"]
    assert columns["right"] == columns["result"]
    assert active(canvas) == [CellTarget("result", row, column)]
    assert (info.rows, info.columns) == (len(rows["result"]), len(columns["result"]))
    assert (info.summed, info.summed_size) == (len(columns["left"]), 64)
    assert min(columns["left"]) == min(summed, 64 - len(columns["left"]))


BIG = big()


def test_the_last_line_says_what_is_shown() -> None:
    canvas, info = BIG.paint(StageView((2, 1)), 91, 25)
    last = canvas.rows()[24]
    match = re.fullmatch(r" shown: j 0–(\d+) of 256   n 0–(\d+) of 64   i 0–(\d+) of 784    , \. scroll n", last)
    assert match is not None
    assert [int(text) + 1 for text in match.groups()] == [info.rows, info.summed, info.columns]


def test_scrolling_by_what_is_visible_passes_every_term_of_the_sum() -> None:
    """``.`` moves by ``info.summed``; page after page every index of the sum has been on the screen."""
    seen: set[int] = set()
    offset = 0
    while offset < 64:
        canvas, info = BIG.paint(StageView((0, 0), summed=offset), 91, 25)
        seen |= {target.column for target in painted(canvas) if target.operand == "left"}
        offset += info.summed
    assert seen == set(range(64))


def test_numbers_stay_in_their_places_while_the_cursor_moves_inside_the_window() -> None:
    first, info = BIG.paint(StageView((0, 0)), 91, 25)
    second, _ = BIG.paint(StageView((info.rows - 1, info.columns - 1)), 91, 25)
    third, _ = BIG.paint(StageView((info.rows, 0)), 91, 25)
    assert painted(first).keys() == painted(second).keys()
    assert min(t.row for t in painted(third) if t.operand == "result") == info.rows


def test_painting_looks_only_at_what_is_visible() -> None:
    """A product of a million by a million is painted like any other: no work grows with the matrix."""
    million = 10**6
    ones = np.broadcast_to(np.array(1.5), (million, million))
    made = one_part(ones, ones, ones, kind="product", operator="·", summed=("n",), letters=("jn", "ni", "ji"))
    canvas, info = made.paint(StageView((million - 1, 7), summed=500_000), 120, 30)
    assert active(canvas) == [CellTarget("result", million - 1, 7)]
    assert f"n 500000–{500_000 + info.summed - 1} of 1000000" in canvas.text()


# ---- what lights up -----------------------------------------------------------------------------------------


@given(st.integers(0, 3), st.integers(0, 2))
def test_a_cell_of_a_product_lights_its_row_and_its_column(row: int, column: int) -> None:
    made = product(values(4, 5), values(5, 3, seed=1))
    canvas, _ = made.paint(StageView((row, column)))
    assert lit(canvas, "left") == {(row, n) for n in range(5)}
    assert lit(canvas, "right") == {(n, column) for n in range(5)}
    assert active(canvas) == [CellTarget("result", row, column)]


@given(st.integers(0, 3), st.integers(0, 4))
def test_a_cell_of_the_left_factor_lights_where_it_goes(row: int, n: int) -> None:
    """A[j,n] goes into every C[j,i], each time multiplied by B[n,i]."""
    made = product(values(4, 5), values(5, 3, seed=1))
    canvas, _ = made.paint(StageView((row, n), "left"))
    assert lit(canvas, "result") == {(row, i) for i in range(3)}
    assert lit(canvas, "right") == {(n, i) for i in range(3)}
    assert active(canvas) == [CellTarget("left", row, n)]


@given(st.integers(0, 4), st.integers(0, 2))
def test_a_cell_of_the_right_factor_lights_where_it_goes(n: int, column: int) -> None:
    made = product(values(4, 5), values(5, 3, seed=1))
    canvas, _ = made.paint(StageView((n, column), "right"))
    assert lit(canvas, "result") == {(j, column) for j in range(4)}
    assert lit(canvas, "left") == {(j, n) for j in range(4)}


def effect(function: Callable[[Array, Array], Array], left: Array, right: Array, operand: str, index: Any) -> set[Any]:
    """Where the result changes when one entry of an operand is changed, found by changing it."""
    changed = {"left": left.copy(), "right": right.copy()}
    changed[operand][index] += 100.0
    differs = np.atleast_2d(function(changed["left"], changed["right"]) != function(left, right))
    return {(int(row), int(column)) for row, column in np.argwhere(differs)}


@pytest.mark.parametrize(
    ("kind", "right", "function"),
    [
        ("product", values(5, 3, seed=1), lambda a, b: a @ b),
        ("product", values(5, seed=1), lambda a, b: a @ b),
        ("entrywise", values(4, 5, seed=1), lambda a, b: a * b),
        ("entrywise", values(4, 1, seed=1), lambda a, b: a + b),
        ("entrywise", values(1, 5, seed=1), lambda a, b: a - b),
        ("entrywise", values(5, seed=1), lambda a, b: a / b),
    ],
)
def test_an_operand_lights_exactly_what_it_changes(kind: Any, right: Array, function: Any) -> None:
    """For every entry of either operand: change it, and the entries of the result that change are the lit ones."""
    left = values(4, 5)
    made = one_part(left, right, function(left, right), kind=kind, summed=("n",))
    for operand, array in (("left", left), ("right", right)):
        for flat in range(array.size):
            index = np.unravel_index(flat, array.shape)
            cell = (int(index[0]), int(index[1])) if array.ndim == 2 else (0, int(index[0]))
            canvas, _ = made.paint(StageView(cell, operand), 120)  # type: ignore[arg-type]
            assert lit(canvas, "result") == effect(function, left, right, operand, index)


def test_a_sum_over_examples_lights_what_is_added_up() -> None:
    a = values(3, 4)
    for keep in (True, False):
        made = one_part(
            a,
            None,
            a.sum(axis=0, keepdims=keep),
            kind="reduce",
            operator="Σₖ",
            layout="prefix",
            summed=("k",),
            letters=("kn", "", "kn" if keep else "n"),
        )
        canvas, _ = made.paint(StageView((0, 2)))
        assert lit(canvas, "left") == {(k, 2) for k in range(3)}
        canvas, _ = made.paint(StageView((1, 3), "left"))
        assert lit(canvas, "result") == {(0, 3)}


def test_a_sum_without_letters_is_told_from_the_shapes() -> None:
    a = values(3, 4)
    made = one_part(a, None, a.sum(axis=1), kind="reduce", operator="Σ", layout="prefix")
    canvas, _ = made.paint(StageView((0, 2)))
    assert lit(canvas, "left") == {(2, column) for column in range(4)}


def test_the_loss_lights_everything_that_goes_into_it() -> None:
    a = values(2, 3)
    made = one_part(
        a, None, np.array((a**2).sum()), kind="reduce", operator="½Σ(·)²", layout="prefix", letters=("kn", "", "")
    )
    canvas, _ = made.paint(StageView((0, 0)))
    assert lit(canvas, "left") == {(row, column) for row in range(2) for column in range(3)}


def test_transposing_moves_an_entry_across_the_diagonal() -> None:
    a = values(3, 5)
    made = one_part(a, None, a.T, kind="transpose", operator="ᵀ", layout="postfix")
    canvas, _ = made.paint(StageView((4, 2)))
    assert lit(canvas, "left") == {(2, 4)}


def test_reshaping_lights_the_same_entry() -> None:
    a = values(2, 6)
    made = one_part(a, None, a.reshape(3, 4), kind="same", operator="reshape", layout="prefix")
    canvas, _ = made.paint(StageView((2, 1)))
    assert lit(canvas, "left") == {(1, 3)}


def test_a_stack_of_matrices_is_multiplied_matrix_by_matrix() -> None:
    """Of three axes one slice is seen, the same one of all operands, and in it row and column of the cursor."""
    a, b = values(2, 3, 4), values(2, 4, 5, seed=1)
    made = one_part(a, b, a @ b, kind="product", operator="·", summed=("n",), letters=("bjn", "bni", "bji"))
    canvas, _ = made.paint(StageView((2, 4), chosen={"b": 1}), 120)
    assert lit(canvas, "left") == {(2, n) for n in range(4)}
    assert lit(canvas, "right") == {(n, 4) for n in range(4)}
    assert {target.lead for target in painted(canvas)} == {(1,)}


def test_what_is_lit_is_marked_for_eyes_without_colour() -> None:
    """▸ at the row and ▾ over the column, in the operands as in the result."""
    rows = product(values(4, 5), values(5, 3, seed=1)).paint(StageView((1, 2)))[0].rows()
    assert rows[2].split() == ["0", "1", "2", "3", "4", "0", "1", "▾2", "0", "1", "▾2"]
    assert rows[4].count("▸1") == 2
    assert sum(row.count("▸") for row in rows) == 2


def test_a_click_anywhere_on_a_number_means_its_cell() -> None:
    canvas, _ = product(values(4, 5), values(5, 3, seed=1)).paint(StageView())
    for x, y, width, _, target in canvas.targets():
        assert {canvas.target_at(column, y) for column in range(x, x + width)} == {target}
    assert canvas.target_at(0, 0) is None


# ---- headers, brackets, operators ---------------------------------------------------------------------------


def styles_of(canvas: Canvas, y: int) -> dict[str, str]:
    """The words of a row with their styles."""
    return {text.strip(): style for text, style in canvas.segments(y) if text.strip()}


def test_the_inner_dimension_is_marked_on_both_sides_of_a_product() -> None:
    canvas, _ = product(values(4, 5), values(5, 3, seed=1)).paint(StageView())
    marked = [text for text, style in canvas.segments(1) if style == "active-underline"]
    assert marked == ["5", "5"]
    canvas, _ = one_part(values(4, 5), values(4, 5), values(4, 5), kind="entrywise").paint(StageView())
    assert not [text for text, style in canvas.segments(1) if style == "active-underline"]


def test_the_active_factor_is_reversed_and_has_bold_brackets() -> None:
    canvas, _ = product(values(2, 2), values(2, 2, seed=1)).paint(StageView())
    assert styles_of(canvas, 0) == {"B1": "marker", "A": "grad", "B": "active", "C": "grad"}
    assert [(text, style) for text, style in canvas.segments(3) if "⎡" in text] == [
        ("⎡", "bracket"),
        ("⎡", "operator"),
        ("⎡", "bracket"),
    ]


def test_a_bracket_closes_only_where_the_matrix_ends() -> None:
    """A window in the middle of a matrix has no corners."""
    assert "⎡" in BIG.text(StageView((0, 0)))
    middle = BIG.text(StageView((100, 100), summed=20))
    assert not set("⎡⎣⎤⎦") & set(middle)
    assert "⎣" in BIG.text(StageView((255, 0)))


def test_masks_have_bold_ones_dim_zeros_and_no_heat() -> None:
    mask = np.array([[1.0, 0.0], [0.0, 1.0]])
    made = one_part(mask, values(2, 2), mask * values(2, 2), kind="entrywise", operator="⊙", role="mask")
    cells = painted(made.paint(StageView((1, 0)))[0])
    assert cells[CellTarget("left", 0, 0)] == (" 1", ["one", "one"])
    assert cells[CellTarget("left", 0, 1)] == (" 0", ["zero", "zero"])
    assert all(style.startswith("heat") for style in cells[CellTarget("right", 0, 0)][1])


def test_heat_says_sign_and_size() -> None:
    array = np.array([[-4.0, 2.0, 0.5, -0.25]]) + 0.125
    cells = painted(one_part(array, None, array, kind="same", operator="").paint(StageView())[0])
    found = [cells[CellTarget("left", 0, column)][1][0] for column in range(4)]
    assert found[0] == "heat-32"
    assert [style[4] for style in found] == ["-", "+", "+", "-"]
    assert [int(style[5:]) for style in found] == sorted((int(style[5:]) for style in found), reverse=True)


def test_what_is_not_finite_cannot_be_overlooked() -> None:
    array = np.array([[np.nan, 1.5, np.inf, -np.inf, 0.0]])
    canvas, _ = one_part(array, None, array, kind="same", operator="").paint(StageView((0, 1)))
    cells = painted(canvas)
    found = [cells[CellTarget("left", 0, column)] for column in range(5)]
    assert [text.strip() for text, _ in found] == ["NaN", "1.50", "+∞", "-∞", "0"]
    assert [styles[-1] for _, styles in found] == ["bad", "lit+32", "bad", "bad", "zero"]


@pytest.mark.parametrize(
    ("layout", "right", "row"),
    [("prefix", False, "op A = C"), ("postfix", False, "A op = C"), ("infix", True, "A op B = C")],
)
def test_the_row_is_read_like_a_formula(layout: Any, right: bool, row: str) -> None:
    a = values(1, 1)
    made = one_part(a, a if right else None, a, kind="entrywise", operator="op", layout=layout)
    canvas, _ = made.paint(StageView())
    text = canvas.rows()[3]
    order = re.sub(r"▸?0\[[^\]]*\]", "#", text).split()
    assert order == ["#" if word in "ABC" else word for word in row.split()]
    assert canvas.rows()[0].split()[1:] == [word for word in row.split() if word in "ABC"]


def test_operators_stand_beside_every_matrix() -> None:
    """A column of five numbers times a row of one: the operator is on the row that both have."""
    rows = product(values(5, 1), values(1, 3)).paint(StageView())[0].rows()
    assert [y for y, row in enumerate(rows) if " · " in row and " = " in row] == [3]


def test_a_number_stands_without_brackets_beside_the_operator() -> None:
    a = values(3, 2)
    made = one_part(a, None, np.array(25.171), kind="reduce", operator="Σ", layout="prefix")
    rows = made.paint(StageView())[0].rows()
    assert rows[4].endswith("=  25.17")
    assert "1×1" in rows[1]


def test_vectors_stand_as_they_are_used() -> None:
    """W·x with a flat x: x and the result are columns; a flat bias beside rows of examples is a row."""
    rows = product(values(3, 2), values(2)).paint(StageView())[0].rows()
    assert [len(re.findall(r"[⎡⎢⎣]", row)) for row in rows[3:6]] == [3, 3, 2]
    a = values(4, 3)
    rows = one_part(a, a[0], a + a[0], kind="entrywise", operator="+").paint(StageView())[0].rows()
    assert "[" in rows[3]


def test_indices_are_those_that_numpy_takes() -> None:
    """A flat vector has one index, a slice of a stack its row and column, and the name says ``[1,:,:]``."""
    flat = values(3)
    rows = one_part(flat, None, flat, kind="apply", operator="exp", layout="prefix").paint(StageView((0, 1)))[0].rows()
    assert rows[2].split() == ["0", "▾1", "2"] * 2
    assert re.match(r" +exp +\[", rows[3])
    stack = values(2, 3, 4)
    made = one_part(stack, None, stack, kind="apply", operator="", layout="prefix", letters=("bji", "", "bji"))
    text = made.text(StageView((2, 1), chosen={"b": 1}))
    assert re.findall(r"(\d)[⎡⎢⎣]", text)[::2] == ["0", "1", "2"]
    assert text.count("▸2") == 2
    assert "A[1,:,:]" in text and "C[1,:,:]" in text


def test_the_same_again_has_one_equals_sign() -> None:
    a = values(1, 1)
    text = one_part(a, None, a, kind="same", operator="=", layout="prefix").text(StageView())
    assert text.count("=") == 1


@pytest.mark.parametrize("ones", [(1, 6), (6,)])
def test_a_flat_bias_gradient_is_a_product_with_ones(ones: tuple[int, ...]) -> None:
    """1ᵀ · ∂L/∂z = ∂L/∂b with a flat b: each entry lights its column of ∂L/∂z and all the ones."""
    dz = values(6, 3)
    made = one_part(np.ones(ones), dz, dz.sum(0), kind="product", operator="·", summed=("n",), factor="left")
    canvas, _ = made.paint(StageView((0, 1)))
    assert lit(canvas, "right") == {(n, 1) for n in range(6)}
    assert lit(canvas, "left") == {(0, n) for n in range(6)}


# ---- the width rule -----------------------------------------------------------------------------------------


def test_concessions_are_made_in_order() -> None:
    """From wide to narrow: axis names, two decimals, no leading zeros, one decimal, and only then a window."""
    a, b = values(3, 6) / 10, values(6, 6, seed=1) / 10
    made = one_part(a, b, a @ b / 10, kind="product", operator="·", letters=("jn", "ni", "ji"), summed=("n",))
    seen = []
    for width in range(140, 63, -1):
        text = made.text(StageView(), width, 12)
        if "shown" in text:
            stage = "window"
        elif re.search(r"\d\.\d\d", text):
            stage = "two"
        elif re.search(r" -?\.\d\d", text):
            stage = "no zero"
        else:
            stage = "one"
        if not seen or seen[-1] != stage:
            seen.append(stage)
    assert seen == ["two", "no zero", "one", "window"]


def test_decimals_that_were_asked_for_are_not_taken_away() -> None:
    made = product(values(4, 5), values(5, 3, seed=1))
    text = made.text(StageView(decimals=5), 91, 12)
    assert re.search(r"-?\d\.\d{5}\b", text)
    assert "shown" in text


def test_axis_names_go_before_decimals() -> None:
    a = values(4, 1)
    made = one_part(a, a, a, kind="entrywise", operator="+", letters=("j1", "j1", "j1"))
    object.__setattr__(made.step.parts[0].left, "axes", ("a_very_long_name_of_an_axis",) * 2)
    wide, narrow = made.text(StageView(), 120, 8), made.text(StageView(), 64, 8)
    assert "a_very_long_name_of_an_axis×" in wide
    assert "a_very_long" not in narrow
    assert re.search(r"\d\.\d\d", narrow)


def test_long_names_are_cut_and_the_numbers_stay() -> None:
    a = values(4, 2)
    names = tuple(f"∂L/∂weights_of_the_{place}_layer" for place in ("first", "second", "third"))
    made = one_part(a, a, a, kind="entrywise", operator="+", symbols=names)  # type: ignore[arg-type]
    canvas, _ = made.paint(StageView(), 64, 8)
    assert len(painted(canvas)) == 3 * 8
    assert canvas.rows()[0].count("…") == 3


def test_many_columns_of_a_mask_keep_their_indices_apart() -> None:
    mask = (values(2, 14) > 0) * 1.0
    rows = one_part(mask, None, mask, kind="same", operator="", role="mask").paint(StageView((0, 12)), 120)[0].rows()
    assert rows[2].replace("▾", " ▾").split() == [*map(str, range(12)), "▾12", "13"] * 2


# ---- golden screens -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step", "part", "view", "width"),
    [
        ("stage_product_91", "B6", 1, StageView((1, 1)), 91),
        ("stage_product_80", "B6", 1, StageView((1, 1)), 80),
        ("stage_product_left_91", "B6", 1, StageView((3, 2), "left"), 91),
        ("stage_mask_91", "B5", 1, StageView((1, 0)), 91),
        ("stage_bias_91", "F1", 1, StageView((2, 3)), 91),
        ("stage_loss_91", "F4", 1, StageView(), 91),
        ("stage_transpose_91", "B6", 0, StageView((4, 2)), 91),
    ],
)
def test_golden_focus_rows(
    name: str, step: str, part: int, view: StageView, width: int, golden_screen: Callable[[str, Canvas], None]
) -> None:
    """You should see three matrices with name, shape and axis names over them, joined by operator and =.

    The cursor's cell is active, the row and column that made it are lit and marked ▸ ▾, a mask has bold ones and
    dim zeros, the factor of the chain rule is reversed, and in a product both inner sizes are underlined.
    """
    tape = two_layer()
    canvas, _ = paint_stage(tape, tape.program.step(step), part, view, width, 8)  # type: ignore[arg-type]
    golden_screen(name, canvas)


def test_golden_big_matrices(golden_screen: Callable[[str, Canvas], None]) -> None:
    """You should see windows of 256×64 times 64×784 around row 200 and column 700, open brackets, and what is shown."""
    canvas, _ = BIG.paint(StageView((200, 700), summed=30), 91, 14)
    golden_screen("stage_big_91", canvas)


@pytest.mark.parametrize("width", [40, 50, 64])
def test_cut_names_of_different_matrices_do_not_look_alike(width: int) -> None:
    """An operand's formula is where the result's begins: what is left of the one must not read as the other."""
    column = values(3, 1)
    for first in ("y⊙log(p)", "y⊙log(p)+(1−y)⊙log(1−p)"):
        symbols = (first, f"{first}⊙exp(s)", f"{first}+log(q)")
        rows = one_part(column, column, column, kind="entrywise", symbols=symbols).paint(StageView(), width)[0].rows()
        names = rows[0].removeprefix(" B1").split()
        assert width > 40 or any("…" in name for name in names)
        for name, symbol in zip(names, symbols, strict=True):
            pattern = re.escape(name).replace("…", ".*")
            assert [other for other in symbols if re.fullmatch(pattern, other)] == [symbol]


def test_an_infinity_that_does_no_harm_is_not_painted_as_a_breakdown() -> None:
    """−∞ in a mask below a softmax is quiet; in a pass that breaks down it is loud."""
    for name, step, style in (("attention", "masked", "zero"), ("overflow", "p", "bad")):
        tape = open_target(name).tape
        found = tape.program.step(step)
        part = next(k for k, p in enumerate(found.parts) if np.isinf(tape.array(p.result)).any())
        canvas, _ = paint_stage(tape, found, part, StageView(marked=False), 100, 30)
        assert {s for y in range(canvas.height) for text, s in canvas.segments(y) if "∞" in text} == {style}, name
