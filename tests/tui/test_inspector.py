"""The inspector: five pages that explain the step in view, at any width, without losing a word."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.model import Entry, Factor
from tests.tui.described import IDIOMS, WHY, Report, Verdict, products
from tests.tui.handmade import two_layer
from tui.debugger import Debugger
from tui.paint.inspector import paint_inspector, paint_tabs
from tui.paint.pages import checks, stats
from tui.paint.pages.cell import entry_rows, sparkline
from tui.paint.pages.numpy_page import idiom_rows
from tui.paint.pages.why import why_rows
from tui.paint.text import Row, cut, lines_needed, paint_rows, row, wrap

TAPE = two_layer()


def at(key: str) -> Debugger:
    return Debugger.start(TAPE).go_to(key)  # type: ignore[arg-type]


def text(rows: list[Row], width: int = 80) -> str:
    return paint_rows(rows, width).text()


def lines(rows: list[Row], width: int = 80) -> list[str]:
    return [line.strip() for line in text(rows, width).splitlines()]


# ---- text -------------------------------------------------------------------------------------------


WORDS = st.lists(st.text(alphabet="ab₁·∂", min_size=1, max_size=14), min_size=1, max_size=30)


@given(WORDS, st.integers(min_value=1, max_value=60))
def test_wrapping_loses_no_word_and_keeps_to_the_width(words: list[str], width: int) -> None:
    wrapped = wrap([(" ".join(words[:3]) + " ", "bold"), (" ".join(words[3:]), "text")], width, 4)
    written = ["".join(piece for piece, _ in line) for line in wrapped]
    assert all(len(line) <= width for line in written)
    assert "".join("".join(written).split()) == "".join(words)


@given(WORDS)
def test_words_are_broken_only_where_one_is_longer_than_the_line(words: list[str]) -> None:
    wrapped = wrap([(" ".join(words), "text")], 14)
    assert [word for line in wrapped for word in "".join(piece for piece, _ in line).split()] == words


def test_too_little_height_drops_spare_lines_first_and_then_says_how_many_are_missing() -> None:
    rows = [row(("heading", "text")), row(("remark", "text"), spare=1), row(("value", "text"))]
    assert paint_rows(rows, 40, 2).rows() == [" heading", " value"]
    missing = paint_rows([row((f"line {k}", "text")) for k in range(6)], 60, 3).rows()
    assert missing[:2] == [" line 0", " line 1"]
    assert missing[2] == " … 4 more lines: make the window higher"


def test_cut_marks_what_it_cut() -> None:
    assert [cut("abcdef", width) for width in (0, 1, 3, 6, 9)] == ["", "…", "ab…", "abcdef", "abcdef"]


# ---- 1 cell -----------------------------------------------------------------------------------------


LEFT, RIGHT = [1.62, -0.28, 1.48, 1.47, 1.39], [0.9, 0.6, 0.1, 0.7, -2.8]


def test_a_cell_is_written_out_as_in_the_notes() -> None:
    value = float(np.dot(LEFT, RIGHT))
    assert lines(entry_rows(products(LEFT, RIGHT, value), 80)) == [
        "∂L/∂W₁[1,1] = Σₙ ∂L/∂z₁[1,n]⋅xᵀ[n,1]   n = 0…4 runs over the examples",
        "= 1.62⋅0.90 + (-0.28)⋅0.60 + 1.48⋅0.10 + 1.47⋅0.70 + 1.39⋅(-2.80)",
        "= 1.46 + (-0.17) + 0.15 + 1.03 + (-3.89)",
        f"= {value!r}",
        "unit: d(loss)/d(W1[1,1]) – nudge that weight by ε and L changes by -1.41⋅ε",
    ]


def test_numbers_are_multiplied_with_another_dot_than_matrices() -> None:
    """U+22C5 between numbers, so that --ascii can write `*` here and `@` for matrices."""
    assert "·" not in text(entry_rows(products(LEFT, RIGHT, 1.0), 80))


def test_the_exact_value_is_given_with_every_digit_and_without_a_negative_zero() -> None:
    assert lines(entry_rows(products([0.1, 0.2], [3.0, 1.0], 0.1 * 3 + 0.2), 80))[3] == f"= {0.1 * 3 + 0.2!r}"
    entry = Entry("z", "", "⋅", ((Factor("m", (1, 0), 0.0), Factor("d", (1, 0), -2.18)),), None, -0.0, (), ())
    assert lines(entry_rows(entry, 80))[1] == "= 0⋅(-2.18) = 0.0"


@pytest.mark.parametrize(
    ("join", "values", "value", "expected"),
    [
        ("−", [0.07, 1.0], -0.93, "= 0.07 − 1.00 = -0.93"),
        ("+", [1.5, -0.25], 1.25, "= 1.50 + (-0.25) = 1.25"),
        ("exp", [-0.5], 0.6065306597126334, "= exp(-0.50) = 0.6065306597126334"),
        ("max", [-0.5, 0], 0.0, "= max(-0.50, 0) = 0.0"),
        ("max(·, 0)", [-0.5], 0.0, "= max(-0.50, 0) = 0.0"),
        ("𝟙(·>0)", [-0.5], False, "= 𝟙(-0.50>0) = 0"),
        ("exp(−·)", [-0.6931], 2.0, "= exp(−(-0.69)) = 2.0"),
        ("exp(−·)", [0.6931], 0.5, "= exp(−0.69) = 0.5"),
        ("⋅", [-0.2512], -0.2512, "= -0.25 = -0.2512"),
        ("× 1/150", [-0.5], -0.5 / 150, f"= (-0.50) × 1/150 = {-0.5 / 150!r}"),
        ("1 − ·", [-0.5], 1.5, "= 1 − (-0.50) = 1.5"),
        ("· ^ 2", [-0.5], 0.25, "= (-0.50) ^ 2 = 0.25"),
        ("2 ·", [-0.5], -1.0, "= 2⋅(-0.50) = -1.0"),
        ("−", [-0.5], 0.5, "= −(-0.50) = 0.5"),
        ("ᵀ", [-0.5], -0.5, "= -0.5"),
        ("=", [1.0], 1.0, "= 1.0"),
    ],
)
def test_a_single_term_stands_on_one_line(join: str, values: list[float], value: float, expected: str) -> None:
    entry = Entry("e", "", join, (tuple(Factor("a", (0,), one) for one in values),), None, value, (), ())
    assert lines(entry_rows(entry, 80))[1] == expected


def test_a_sum_of_single_entries_is_not_written_twice() -> None:
    terms = tuple((Factor("a", (n,), float(n)),) for n in range(3))
    entry = Entry("s", "", "", terms, "n", 3.0, (), ())
    assert lines(entry_rows(entry, 80))[1:] == ["= 0 + 1.00 + 2.00", "= 3.0"]


def test_a_sum_of_one_entry_needs_no_brackets() -> None:
    """``= -0.25``; behind a sign of its own the number keeps one pair of them."""

    def written(join: str) -> str:
        return lines(entry_rows(Entry("s", "", join, ((Factor("a", (0,), -0.25),),), "n", 0.0, (), ()), 80))[1]

    assert [written(join) for join in ("Σₙ", "−Σ", "maxₖ")] == ["= -0.25", "= −(-0.25)", "= max(-0.25)"]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("Σₖ", "= 1.00 + (-2.00) + 3.00"),
        ("−Σ", "= −(1.00 + (-2.00) + 3.00)"),
        ("½Σ(·)²", "= ½((1.00)² + (-2.00)² + (3.00)²)"),
        ("½ Σ(·)²", "= ½⋅((1.00)² + (-2.00)² + (3.00)²)"),
        ("Σ_w(·)²", "= (1.00)² + (-2.00)² + (3.00)²"),
        ("maxₖ", "= max(1.00, -2.00, 3.00)"),
    ],
)
def test_a_reduction_is_written_out_with_what_stands_before_and_inside_it(join: str, expected: str) -> None:
    terms = tuple((Factor("r", (n,), value),) for n, value in enumerate([1.0, -2.0, 3.0]))
    assert lines(entry_rows(Entry("L", "", join, terms, "n", 0.0, (), ()), 80))[1:] == [expected, "= 0.0"]


def test_in_a_long_reduction_over_two_axes_the_largest_entries_are_given_by_both_indices() -> None:
    values = np.random.default_rng(3).normal(size=(5, 4))
    terms = tuple((Factor("r", (int(k), int(n)), float(values[k, n])),) for k, n in np.ndindex(5, 4))
    shown = lines(entry_rows(Entry("L", "", "½Σ(·)²", terms, "k", 1.0, (), ()), 100), 100)
    k, n = np.unravel_index(np.argmax(np.abs(values)), values.shape)
    assert shown[2].startswith(f"largest: [{k},{n}], [")
    rest = np.sort(values.ravel() ** 2)[:-5].sum()
    assert shown[1].endswith(f"+ {rest:.2f} (the other 15 together))")


def test_of_a_long_maximum_the_largest_entries_are_shown() -> None:
    terms = tuple((Factor("f", (n,), float(n % 17)),) for n in range(40))
    shown = lines(entry_rows(Entry("m", "", "max", terms, "n", 16.0, (), ()), 100), 100)
    assert shown[1] == "= max(16.00, 16.00, 15.00, 15.00, 14.00, … (the other 35))"


def test_a_long_sum_shows_the_five_largest_terms_where_they_are_and_what_the_others_add_up_to() -> None:
    rng = np.random.default_rng(7)
    left, right = rng.normal(size=64), rng.normal(size=64)
    shown = lines(entry_rows(products(list(left), list(right), float(left @ right)), 100), 100)
    order = np.argsort(-np.abs(left * right))
    assert shown[2] == "largest: " + ", ".join(f"n={k}" for k in order[:5])
    rest = float((left * right)[order[5:]].sum())
    assert "(the other 59 together)" in shown[1]
    assert f"{abs(rest):.2f}" in shown[1].rpartition("+")[2]
    assert shown[4] == f"= {float(left @ right)!r}"
    bars = text(entry_rows(products(list(left), list(right), 1.0), 100), 100).splitlines()[3].partition("|term| ")[2]
    assert bars.index("█") == order[0], "the highest bar stands where the largest term is"


def test_terms_that_are_zero_are_not_listed_among_the_largest() -> None:
    left = [0.0] * 60
    left[7], left[30] = 2.0, -3.0
    shown = lines(entry_rows(products(left, [1.0] * 60, -1.0), 80))
    assert shown[1:3] == ["= (-3.00) + 2.00 + 0 (the other 58 together)", "largest: n=30, n=7"]
    assert "largest: n=0" in text(entry_rows(products([0.0] * 60, [1.0] * 60, 0.0), 80))


def test_twelve_terms_are_still_written_out() -> None:
    assert "other" not in text(entry_rows(products([1.0] * 12, [1.0] * 12, 12.0), 80))
    assert "(the other 8 together)" in text(entry_rows(products([1.0] * 13, [1.0] * 13, 13.0), 80))


def test_a_term_that_is_not_a_number_is_among_the_largest() -> None:
    left = [1.0] * 40
    left[33] = math.nan
    assert "largest: n=33" in text(entry_rows(products(left, [1.0] * 40, math.nan), 80))


def test_a_sparkline_keeps_its_peak_when_it_is_squeezed() -> None:
    sizes = [0.0] * 100
    sizes[57] = 3.0
    assert sparkline(sizes, 10) == " " * 5 + "█" + " " * 4
    assert sparkline([0.0, 1e-9, 1.0], 10) == " ▁█"
    assert sparkline([], 10) == ""


# ---- 2 why, 3 numpy ---------------------------------------------------------------------------------


def test_why_gives_shapes_verdict_and_index_in_this_order() -> None:
    shown = lines(why_rows(WHY))
    assert shown[0] == "Shapes: ∂L/∂W₁ must have the shape of W₁: 4×3"
    assert [line[0] for line in shown[1:5]] == ["✗", "✗", "✓", "✗"]
    assert shown[5] == "shapes alone decide it"
    assert shown[6].startswith("Index:  forward z₁[j,n] = Σᵢ")
    assert shown[7] == "so ∂L/∂W₁[j,i] = Σₙ ∂L/∂z₁[j,n]⋅x[i,n]"
    assert shown[8].endswith("puts n next to n")


def test_the_candidate_that_is_used_stands_out_and_matrix_products_keep_their_dot() -> None:
    canvas = paint_rows(why_rows(WHY), 80)
    assert ("∂L/∂z₁·xᵀ", "bold") in [(text.strip(), style) for text, style in canvas.segments(3)]


@pytest.mark.parametrize("width", [40, 62, 64, 80])
def test_the_last_words_of_an_explanation_are_never_lost(width: int) -> None:
    """At 80 columns the longest sentence used to end in mid-air: `puts k next to`."""
    for rows in (why_rows(WHY), idiom_rows(IDIOMS, at("B6").step, "column", width)):
        narrow, wide = text(rows, width).split(), text(rows, 300).split()
        assert narrow == wide


def test_the_numpy_page_marks_the_convention_in_use() -> None:
    shown = text(idiom_rows(IDIOMS, at("B6").step, "row", 80)).splitlines()
    assert shown[0].startswith("   column") and "dW1 = dz1 @ x.T" in shown[0]
    assert shown[2].startswith(" ▶ row") and "dW1 = x.T @ dz1" in shown[2]


def test_the_numpy_page_names_the_equation_of_the_notes_and_the_line_of_the_file() -> None:
    shown = text(idiom_rows(IDIOMS, at("B6").step, "column", 80))
    assert "A=BC ⇒ ∂B   notes eq. (17)" in shown
    assert "net.py, line 19: dW1 = dz1 @ x.T" in shown


# ---- 4 stats, 5 checks ------------------------------------------------------------------------------


def test_the_stats_page_has_a_line_per_matrix_with_numpys_figures() -> None:
    shown = text(stats.rows(at("B6"), 80)).splitlines()
    array = TAPE.array(at("B6").part.left)
    cells = shown[1].split()
    assert cells[:2] == ["∂L/∂z₁", "4×5"]
    assert cells[2:6] == [f"{value:.3g}" for value in (array.min(), array.max(), array.mean(), np.linalg.norm(array))]
    assert cells[6] == f"{100 * np.mean(array == 0):.0f}%"
    assert [line.split()[0] for line in shown[2:4]] == ["xᵀ", "∂L/∂W₁"]


def test_the_stats_page_names_units_that_are_off_for_every_example() -> None:
    tape = two_layer()
    h1 = next(step.result for step in tape.program.steps if step.quantity == "h1")
    tape.arrays[h1.value or 0] = np.array([[0.0] * 5, [1.0] * 5, [0.0] * 5, [2.0, 0, 0, 0, 0]])
    debugger = Debugger.start(tape).go_to("F2")  # type: ignore[arg-type]
    assert "h₁: 2 of 4 units are 0 for every example: units 0, 2" in text(stats.rows(debugger, 80))
    row_tape = two_layer(row=True)
    h1 = next(step.result for step in row_tape.program.steps if step.quantity == "h1")
    row_tape.arrays[h1.value or 0] = np.array([[0.0, 1.0, 0.0, 2.0]] * 5)
    debugger = Debugger.start(row_tape).go_to("F2")  # type: ignore[arg-type]
    assert "h₁: 2 of 4 units are 0 for every example: units 0, 2" in text(stats.rows(debugger, 80))


def test_units_are_only_talked_about_where_there_are_zeros() -> None:
    """A pre-activation is never exactly zero; saying `none of 4` of it would be noise."""
    tape = two_layer()
    z1 = next(step.result for step in tape.program.steps if step.quantity == "z1")
    tape.arrays[z1.value or 0] = np.ones((4, 5))
    debugger = Debugger.start(tape).go_to("F2")  # type: ignore[arg-type]
    assert "z₁:" not in text(stats.rows(debugger, 80))


def test_in_a_narrow_pane_the_figures_keep_their_names() -> None:
    shown = text(stats.rows(at("B6"), 30), 30)
    assert shown.count("min ") == shown.count("NaN/Inf ") == 3


def test_before_any_check_the_page_says_how_to_start_one() -> None:
    assert text(checks.rows(at("B6"), 80)).strip() == "G checks every gradient against complex step"


def test_while_it_runs_the_page_shows_a_bar() -> None:
    assert "▰▰▰▱▱▱ 3/6" in text(checks.rows(at("B6").with_progress(3, 6), 80))
    assert checks.progress_bar(50, 100) == "▰" * 10 + "▱" * 10 + " 50/100"


def test_every_parameter_has_its_verdict_with_error_method_and_count() -> None:
    report: Any = Report(
        {
            "W1": Verdict(),
            "b1": Verdict(ok=False, max_rel_error=0.8123, message="differs most at [2,0]"),
            "W2": Verdict(method="central differences", entries_checked=64, entries_total=200704, near_kink=1),
        },
        "2 of 3 gradients agree",
    )
    shown = lines(checks.rows(at("B6").with_report(report), 100), 100)
    assert shown[0] == "2 of 3 gradients agree"
    assert shown[1].split() == ["✓", "∂L/∂W₁", "4×3", "rel.", "error", "3.0e-10", "complex", "step", "12/12", "entries"]
    assert shown[2].startswith("✗ ∂L/∂b₁") and "rel. error 0.81" in shown[2]
    assert shown[3] == "differs most at [2,0]"
    assert shown[4].startswith("⚠ ∂L/∂W₂") and "central differences  64/200704 entries" in shown[4]


def test_what_could_not_be_checked_says_so_and_why_only_once() -> None:
    why = "not finite from F4 on"
    verdicts = {name: Verdict(False, math.nan, entries_checked=0, message=why) for name in ("W1", "b1")}
    report: Any = Report(verdicts, why)
    shown = lines(checks.rows(at("B6").with_report(report), 100), 100)
    assert shown[:3] == [why, "✗ ∂L/∂W₁  4×3  not checked", "✗ ∂L/∂b₁  4×1  not checked"]


# ---- tabs -------------------------------------------------------------------------------------------


def test_the_tabs_name_five_pages_and_a_click_opens_one() -> None:
    canvas = paint_tabs(2, 80)
    assert canvas.text() == "── 1 cell ─ 2 why ᵀ? ─ 3 numpy ─ 4 stats ─ 5 checks ".ljust(80, "─")
    assert [run for run in canvas.segments(0) if run[1] == "page-active"] == [(" 2 why ᵀ? ", "page-active")]
    assert canvas.target_at(canvas.text().index("stats"), 0) == ("page", 4)
    assert canvas.target_at(79, 0) is None


@pytest.mark.parametrize("page", [4, 5])
@pytest.mark.parametrize(("width", "height"), [(64, 4), (80, 9), (120, 1), (30, 12)])
def test_the_inspector_fills_exactly_the_pane_it_is_given(page: int, width: int, height: int) -> None:
    canvas = paint_inspector(at("B6").set_page(page), width, height)
    assert (canvas.width, canvas.height) == (width, height)
    assert canvas.rows()[0].startswith("── 1 cell")


def test_lines_needed_is_what_painting_takes() -> None:
    for width in (20, 40, 80):
        assert lines_needed(why_rows(WHY), width) == paint_rows(why_rows(WHY), width).height
