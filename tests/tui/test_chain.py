"""The chain bar: the chain on paper, the same as operators, shapes underneath, and the factor now applied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.reading.model import Chain, Link
from tests.tui.described import CHAIN, factor, operator
from tests.tui.handmade import two_layer
from tui.canvas import Canvas
from tui.paint.atoms import Atom, fold
from tui.paint.chain import paint_factors, paint_formula

STEPS = two_layer().program.steps
NUMBER = {step.id: index for index, step in enumerate(STEPS)}


def paint(step: str, width: int = 80, lines: int = 3, chain: Chain = CHAIN) -> Canvas:
    return paint_factors(chain, STEPS, NUMBER[step], width, lines)


def styled(canvas: Canvas, y: int, style: str) -> str:
    """The text of line ``y`` in that style."""
    return "".join(text for text, name in canvas.segments(y) if name == style)


def test_the_three_lines_are_paper_operators_and_shapes() -> None:
    assert paint("B6").rows() == [
        " ∂L/∂W₁ = ∂L/∂f · ∂f/∂h₁ · ∂h₁/∂z₁ · ∂z₁/∂W₁  on paper",
        " ∂L/∂W₁ = (𝟙(z₁>0) ⊙ (W₂ᵀ · ∂L/∂f)) ·  xᵀ",
        "             4×5      4×2    2×5      5×3",
    ]


@pytest.mark.parametrize(
    ("step", "link", "token"),
    [("B1", "∂L/∂f", "∂L/∂f"), ("B4", "∂f/∂h₁", "W₂ᵀ"), ("B5", "∂h₁/∂z₁", "𝟙(z₁>0)"), ("B6", "∂z₁/∂W₁", "xᵀ")],
)
def test_the_factor_now_applied_stands_out_in_both_lines(step: str, link: str, token: str) -> None:
    canvas = paint(step)
    assert styled(canvas, 0, "active-underline") == link
    assert styled(canvas, 1, "active").strip() == token


def test_what_is_still_to_come_is_there_but_dim() -> None:
    canvas = paint("B4")
    assert styled(canvas, 0, "pending") == "∂h₁/∂z₁∂z₁/∂W₁"
    assert styled(canvas, 1, "pending") == "𝟙(z₁>0) ⊙  · xᵀ"


def test_a_step_on_the_way_says_what_it_computes_and_the_last_one_does_not() -> None:
    assert paint("B5").rows()[1].endswith("← computing ∂L/∂z₁")
    assert "computing" not in paint("B6").text()


def test_every_shape_stands_under_its_factor() -> None:
    rows = paint("B6").rows()
    for text, shape in (("𝟙(z₁>0)", "4×5"), ("W₂ᵀ", "4×2"), ("∂L/∂f", "2×5"), ("xᵀ", "5×3")):
        middle = rows[1].rindex(text) + len(text) / 2
        assert abs(rows[2].index(shape) + len(shape) / 2 - middle) <= 1


def test_wide_shapes_never_run_into_each_other() -> None:
    """256×10 and 10×64 under short symbols stay two words, because a factor is as wide as its shape."""
    chain = Chain(
        "W1",
        "B6",
        (Link("∂L/∂f", "B1"),),
        (factor("V", "B4", 256, 1024), operator("·", "B4"), factor("g", "B1", 1024, 6400)),
    )
    assert paint("B4", chain=chain).rows()[2].split() == ["256×1024", "1024×6400"]


def test_with_two_lines_the_paper_line_is_the_one_to_go() -> None:
    assert paint("B6", lines=2).rows() == paint("B6").rows()[1:]
    assert paint("B6", lines=1).rows() == paint("B6").rows()[1:2]


def test_a_step_that_the_chain_does_not_name_shows_its_own_formula_below_it() -> None:
    """Where several paths were added up the chain starts later; the step is still explained."""
    chain = Chain("W2", "B2", (Link("∂L/∂f", "B1"), Link("∂f/∂W₂", "B2")), (factor("∂L/∂f", "B1", 2, 5),))
    rows = paint("B4", chain=chain).rows()
    assert rows[0].startswith(" ∂L/∂W₂ = ∂L/∂f · ∂f/∂W₂")
    assert rows[1].replace(" ", "") == "∂L/∂h₁=W₂ᵀ·∂L/∂f"
    assert rows[2].split() == ["4×5", "4×2", "2×5"]


def long_chain(layers: int) -> Chain:
    links = tuple(Link(f"∂a{k}/∂a{k + 1}", STEPS[k % len(STEPS)].id) for k in range(layers))
    tokens = [
        piece
        for k in range(layers)
        for piece in (factor(f"W{k}ᵀ", STEPS[k % len(STEPS)].id, 10 + k, 20), operator("·", STEPS[k % len(STEPS)].id))
    ]
    return Chain("W1", "B7", links, tuple(tokens[:-1]))


@pytest.mark.parametrize("width", [40, 64, 80])
@pytest.mark.parametrize("index", range(len(STEPS)))
def test_a_long_chain_is_folded_about_the_current_factor(index: int, width: int) -> None:
    canvas = paint_factors(long_chain(len(STEPS)), STEPS, index, width)
    paper, operators, shapes = canvas.rows()
    assert f"∂a{index}/∂a{index + 1}" in paper
    assert f"W{index}ᵀ" in operators
    assert f"{10 + index}×20" in shapes
    assert "…" in operators
    assert operators.startswith(" ∂L/∂b₁ = "), "the gradient that all this is about stays in front"


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("width", [40, 64, 80, 120])
def test_what_a_step_computes_is_said_however_long_the_chain(width: int, lines: int) -> None:
    """In full where there is room, else as an arrow and the symbol; the factor is never lost to it."""
    for index, step in enumerate(STEPS):
        if step.id != "B7":
            text = paint_factors(long_chain(len(STEPS)), STEPS, index, width, lines).text()
            assert f"← computing {step.symbol}" in text or f"← {step.symbol}" in text
            assert f"W{index}ᵀ" in text


def test_folding_keeps_as_much_as_fits_and_never_more() -> None:
    atoms = [Atom(f"<{k:02}>", "text", current=k == 20) for k in range(40)]
    for width in range(12, 161):
        folded = fold(atoms, width)
        assert sum(atom.width for atom in folded) <= width
        assert any(atom.current for atom in folded)
    assert fold(atoms, 160) == atoms
    assert [atom.text for atom in fold(atoms, 150)].count("…") <= 2


def test_several_paths_are_joined_by_a_plus() -> None:
    """Fan-out: two products of fractions with a visible sum between them."""
    links = (Link("∂L/∂f", "B1"), Link("∂f/∂W₁", "B4"), Link("+", ""), Link("∂L/∂g", "B1"), Link("∂g/∂W₁", "B5"))
    chain = Chain("W1", "B6", links, (factor("g", "B1", 2, 5),))
    row = paint("B1", chain=chain).rows()[0]
    assert row.startswith(" ∂L/∂W₁ = ∂L/∂f · ∂f/∂W₁ + ∂L/∂g · ∂g/∂W₁")


def test_a_forward_step_shows_its_formula_over_the_shapes_that_go_in() -> None:
    rows = paint_formula(STEPS[0], 80).rows()
    assert rows[0] == " z1 = W1 @ x + b1  in numpy"
    assert rows[1].replace(" ", "") == "z₁=W₁·x+b₁"
    assert rows[2].split() == ["4×5", "4×3", "3×5", "4×1"]


SOFTMAX = ("e = np.exp(f - np.max(f, axis=0, keepdims=True))", "p = e / np.sum(e, axis=0, keepdims=True)")


def test_two_numpy_lines_stand_on_two_rows_above_the_formula() -> None:
    """They never run together; the shapes make room, because they stand over the matrices as well."""
    rows = paint_formula(replace(STEPS[0], lines=SOFTMAX), 80).rows()
    assert [row.removesuffix("  in numpy") for row in rows[:2]] == [f" {line}" for line in SOFTMAX]
    assert rows[2].replace(" ", "") == "z₁=W₁·x+b₁"


@pytest.mark.parametrize("width", [20, 40, 46])
def test_a_numpy_line_that_is_too_long_is_shortened_at_its_end(width: int) -> None:
    for row, line in zip(paint_formula(replace(STEPS[0], lines=SOFTMAX), width).rows(), SOFTMAX, strict=False):
        whole = len(line) <= width - 2
        assert row.removesuffix("  in numpy") == (f" {line}" if whole else f" {line[: width - 3]}…")


def test_numpy_lines_without_a_row_are_counted_and_the_one_that_makes_the_quantity_is_kept() -> None:
    rows = paint_formula(replace(STEPS[0], lines=("a = x + 1", "b = a + 1", "c = b + 1", "z1 = c + 1")), 80).rows()
    assert rows[0].startswith(" a = x + 1  … 2 more")
    assert rows[1].startswith(" z1 = c + 1")


def test_a_letter_inside_a_word_is_no_matrix() -> None:
    """The f of `cuff` has no shape, the f in the brackets has."""
    step = replace(STEPS[3], formula="L = cuff(f, y)")
    rows = paint_formula(step, 80).rows()
    assert rows[1].split() == ["L", "=", "cuff(", "f", ",", "y", ")"]
    assert rows[2].split() == ["1×1", "2×5", "2×5"]
