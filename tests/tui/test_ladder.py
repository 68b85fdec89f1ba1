"""The ladder: the finished factors above the focus row, dim, the latest one nearest, as far as the height allows."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.model import Step
from tests.tui.handmade import Tape, two_layer
from tests.tui.onepart import product
from tui.canvas import Canvas
from tui.paint.ladder import LARGEST, RungTarget, paint_ladder
from tui.paint.stage import StageView, paint_stage, stage_height

TAPE = two_layer()


def path(tape: Tape = TAPE) -> list[Step]:
    """The steps on the way to ∂L/∂W₁."""
    return [tape.program.step(key) for key in ("B1", "B4", "B5", "B6")]


def ladder(width: int, height: int) -> Canvas:
    """The rungs below ∂L/∂W₁."""
    return paint_ladder(TAPE, path()[:-1], width, height)  # type: ignore[arg-type]


def rungs(canvas: Canvas) -> list[tuple[str, int]]:
    """The step and the number of rows of every rung, from top to bottom, read from what a click would do."""
    targets = [canvas.target_at(0, y) for y in range(canvas.height)]
    found: dict[str, int] = {}
    for target in targets:
        if isinstance(target, RungTarget):
            found[target.step] = found.get(target.step, 0) + 1
    return list(found.items())


def test_a_high_window_shows_every_finished_factor_as_matrices() -> None:
    """Name, shape and rows of numbers: two rows of header and no column indices."""
    canvas = ladder(140, 40)
    assert rungs(canvas) == [("B1", 4), ("B4", 6), ("B5", 6)]
    assert [row.split()[0] for row in canvas.rows() if row.startswith(" B")] == ["B1", "B4", "B5"]


def test_the_numbers_of_a_rung_are_those_of_its_matrices() -> None:
    """∂L/∂h₁ stands in the ladder with every entry at two decimals."""
    rows = ladder(140, 40).rows()
    start = next(y for y, row in enumerate(rows) if row.startswith(" B4")) + 2
    shown = [re.findall(r"[⎡⎢⎣] *([^⎤⎥⎦]*)[⎤⎥⎦]", row)[-1].split() for row in rows[start : start + 4]]
    array = TAPE.array(TAPE.program.step("B4").result)
    assert np.allclose(np.array(shown, dtype=float), array, atol=0.0051)


def test_a_rung_that_is_too_wide_leaves_out_the_matrix_that_is_the_rung_above() -> None:
    """W₂ᵀ · … = ∂L/∂h₁ keeps two decimals; the factor and the result stay."""
    text = ladder(80, 40).text()
    rung = text[text.index(" B4") : text.index(" B5")]
    assert "· … =" in rung
    assert "W₂ᵀ" in rung
    assert "∂L/∂h₁" in rung
    assert "∂L/∂f" not in rung
    assert re.search(r"-\d\.\d\d", rung)


def test_decimals_go_after_that() -> None:
    text = ladder(58, 40).text()
    rung = text[text.index(" B4") : text.index(" B5")]
    assert "· … =" in rung
    assert re.search(r"-\d\.\d\b", rung)
    assert not re.search(r"\d\.\d\d", rung)


def test_at_last_a_rung_is_one_line_of_text() -> None:
    assert ladder(64, 1).rows() == [" B5  ∂L/∂z₁ = 𝟙(z₁>0) ⊙ ∂L/∂h₁   (4×5)(4×5) → 4×5"]


def test_the_latest_factor_keeps_its_matrices_longest() -> None:
    """As the height shrinks the oldest rungs become text first, then go."""
    seen = []
    for height in range(24, -1, -1):
        found = rungs(ladder(140, height))
        if not seen or seen[-1] != found:
            seen.append(found)
    assert seen == [
        [("B1", 4), ("B4", 6), ("B5", 6)],
        [("B1", 1), ("B4", 6), ("B5", 6)],
        [("B4", 6), ("B5", 6)],
        [("B1", 1), ("B4", 1), ("B5", 6)],
        [("B4", 1), ("B5", 6)],
        [("B5", 6)],
        [("B1", 1), ("B4", 1), ("B5", 1)],
        [("B4", 1), ("B5", 1)],
        [("B5", 1)],
        [],
    ]


@given(st.integers(10, 160), st.integers(0, 40))
def test_the_ladder_is_never_higher_or_wider_than_its_place(width: int, height: int) -> None:
    canvas = ladder(width, height)
    assert canvas.height <= height
    assert canvas.width == width
    for row in canvas.rows():
        if "⎡" in row or "⎢" in row or "⎣" in row:
            assert len(re.findall("[⎡⎢⎣]", row)) == len(re.findall("[⎤⎥⎦]", row))


def test_finished_factors_step_back() -> None:
    """Everything is dim; only the ones of a mask are bold, so that they are still told from its zeros."""
    canvas = ladder(140, 40)
    pieces = [piece for y in range(canvas.height) for piece in canvas.segments(y) if piece[0].strip()]
    assert {style for _, style in pieces} == {"dim", "dim-bold", "zero"}
    assert {text.strip() for text, style in pieces if style == "dim-bold"} == {"1", "1 1", "1 1 1"}


@pytest.mark.parametrize("rows", [LARGEST, LARGEST + 1])
def test_large_matrices_are_one_line_each(rows: int) -> None:
    made = product(np.full((rows, 2), 0.5), np.full((2, 2), 1.5))
    canvas = paint_ladder(made, [made.step], 120, 60)  # type: ignore[arg-type]
    assert canvas.height == (rows + 2 if rows <= LARGEST else 1)


def test_matrices_that_are_written_as_a_line_are_not_even_computed() -> None:
    """A rung of 256×784 costs nothing: its arrays are not asked for."""
    made = product(np.zeros((256, 64)), np.zeros((64, 784)))
    made.arrays.clear()
    canvas = paint_ladder(made, [made.step], 120, 60)  # type: ignore[arg-type]
    assert canvas.rows() == [" B1  C = A ∘ B   (256×64)(64×784) → 256×784"]


@given(st.integers(64, 160), st.integers(5, 45))
def test_the_ladder_never_takes_a_row_from_the_focus_row(width: int, height: int) -> None:
    """With or without finished factors above it, the focus row shows the same numbers."""
    step = path()[-1]
    view = StageView((1, 1))
    with_ladder, info = paint_stage(TAPE, step, 1, view, width, height, ladder_steps=path())  # type: ignore[arg-type]
    alone, _ = paint_stage(TAPE, step, 1, view, width, height)  # type: ignore[arg-type]
    focus = [row for row in alone.rows() if row]
    y = with_ladder.rows().index(focus[0])
    assert with_ladder.rows()[y : y + len(focus)] == focus
    assert info.height == stage_height(TAPE, step, 1, view, width)  # type: ignore[arg-type]
    assert with_ladder.text().count(" B6 ") == 1


@pytest.mark.parametrize(("width", "height"), [(80, 30), (91, 30), (110, 40)])
def test_golden_ladders(width: int, height: int, golden_screen: Callable[[str, Canvas], None]) -> None:
    """You should see the finished factors B1, B4, B5 dim above the focus row of B6, each as large as fits."""
    canvas, _ = paint_stage(
        TAPE,  # type: ignore[arg-type]
        path()[-1],
        1,
        StageView((1, 1)),
        width,
        height,
        ladder_steps=path(),
    )
    golden_screen(f"ladder_{width}x{height}", canvas)
