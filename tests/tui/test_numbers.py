"""Number formats: one per matrix, so that entries can be compared at a glance and none is said wrongly."""

from __future__ import annotations

import gc
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui import numbers
from tui.numbers import (
    amount,
    axes_text,
    choose,
    exact,
    factor,
    figures,
    shape_text,
    subscript,
)

MATRICES = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6, width=32)
)


def texts(array: object, **options: object) -> list[str]:
    """What stands in the cells of an array, row by row."""
    values = np.asarray(array)
    form = choose(values, **options)  # type: ignore[arg-type]
    return [form.cell(value) for value in values.ravel().tolist()]


def test_two_decimals_are_usual() -> None:
    assert texts([[1.622, -0.279], [0.5, 12.0]]) == ["1.62", "-0.28", "0.50", "12.00"]


def test_one_decimal_from_a_hundred_on() -> None:
    assert texts([100.25, -0.5]) == ["100.2", "-0.5"]


@pytest.mark.parametrize(
    ("values", "power", "shown"),
    [
        ([1234.5, -20.25], "⋅10^3", ["1.23", "-0.02"]),
        ([0.0025, -0.0011, 0.0], "⋅10^-3", ["2.50", "-1.10", "0"]),
        ([4.9e-7, 1e-9], "⋅10^-7", ["4.90", "0.01"]),
        ([5e-324, 1e-310], "⋅10^-300", ["~0", "~0"]),
        ([1.5e308], "⋅10^308", ["1.50"]),
    ],
)
def test_a_common_power_is_taken_out(values: list[float], power: str, shown: list[str]) -> None:
    """From a thousand on, or where numbers would read ~0: the header says the power that the cells leave out."""
    assert choose(np.array(values)).power == power
    assert texts(values) == shown


def test_a_few_tiny_entries_take_out_no_power() -> None:
    """Three of ten that round to zero are no reason to rescale the other seven; four are."""
    three = np.array([0.5] * 7 + [0.001] * 3 + [0.0] * 5)
    four = np.array([0.5] * 6 + [0.001] * 4 + [0.0] * 5)
    assert (choose(three).power, choose(four).power) == ("", "⋅10^-1")


def test_where_one_decimal_hides_too_much_a_power_is_taken_out() -> None:
    """A narrow matrix of hundredths reads as numbers: what hides them is looked for at the decimals it has."""
    small = np.array([[0.02, -0.03, 0.01], [0.08, 0.04, 0.0]])
    assert choose(small).power == ""
    assert choose(small, narrow=True).power == "⋅10^-2"
    assert texts(small, narrow=True) == ["2.0", "-3.0", "1.0", "8.0", "4.0", "0"]


def test_where_no_power_helps_two_decimals_are_kept() -> None:
    """Beside an entry above one the hundredths are readable at two decimals only, however narrow it gets."""
    assert texts([1.7, 0.02, -0.03, 0.01], narrow=True) == ["1.70", "0.02", "-0.03", "0.01"]
    assert texts([1.7, 0.22, -0.31, 0.01], narrow=True) == ["1.7", "0.2", "-0.3", "~0"]
    assert texts([170.0, 0.02, -0.03, 0.01]) == ["170.00", "0.02", "-0.03", "0.01"]


@given(MATRICES.filter(lambda array: bool(np.count_nonzero(np.abs(array) >= 0.005) >= 0.7 * np.count_nonzero(array))))
def test_narrow_numbers_are_never_fainter_than_usual_ones(array: np.ndarray) -> None:
    """What can be read at two decimals can be read in a narrow place too, below a thousand, but for 30 % at most."""
    if np.abs(array).max() < 1000:
        form = choose(array, narrow=True)
        read_zero = [form.cell(value) for value in array.ravel().tolist()].count("~0")
        assert read_zero <= 0.3 * np.count_nonzero(array) + 1e-9


def test_tiny_entries_beside_a_large_one_stay_tiny() -> None:
    """A power cannot help where the largest entry is above one: dividing by ten would only hide more."""
    assert texts([50.0, 0.002, 0.001, 0.5]) == ["50.00", "~0", "~0", "0.50"]


def test_a_tiny_number_is_no_zero() -> None:
    """A masked 0 and a tiny gradient are different stories; a negative zero is a zero."""
    assert texts([[0.0, -0.0], [0.004, -0.004], [0.7, -0.8], [0.9, 0.6], [0.3, 0.2]])[:4] == ["0", "0", "~0", "~0"]


def test_masks_and_labels_are_written_as_integers_two_cells_wide() -> None:
    for mask in (np.array([[1.0, 0.0]]), np.array([[True, False]]), np.array([[1, 0]])):
        assert texts(mask) == ["1", "0"]
        assert choose(mask).width == 2
        assert choose(mask).binary
    assert texts(np.array([7, -12])) == ["7", "-12"]
    assert not choose(np.array([7, -12])).binary


def test_a_user_changes_the_decimals_but_not_of_integers() -> None:
    assert texts([1.62249, -0.5], decimals=4) == ["1.6225", "-0.5000"]
    assert texts([1.6, -0.5, 0.25], decimals=0) == ["2", "~0", "~0"]
    assert texts([1.0, 0.0], decimals=3) == ["1", "0"]


def test_leading_zeros_are_dropped_where_every_entry_has_one() -> None:
    assert texts([-0.934, 0.07, 0.0], drop_zero=True) == ["-.93", ".07", "0"]
    assert texts([-0.934, 0.071, 1.2], drop_zero=True) == ["-0.93", "0.07", "1.20"]
    assert choose(np.array([-0.934, 0.07]), drop_zero=True).width == choose(np.array([-0.934, 0.07])).width - 1


def test_what_is_not_finite_is_written_out() -> None:
    assert texts([math.nan, math.inf, -math.inf, 1.5, 0.0]) == ["NaN", "+∞", "-∞", "1.50", "0"]
    assert texts([math.nan]) == ["NaN"]


@given(MATRICES, st.sampled_from([None, 0, 1, 3]), st.booleans())
def test_every_entry_fits_its_column(array: np.ndarray, decimals: int | None, drop: bool) -> None:
    """The width is one blank more than the longest text, so neighbours never touch and nothing is cut."""
    form = choose(array, decimals, drop)
    longest = max((len(form.cell(value)) for value in array.ravel().tolist()), default=0)
    assert longest < form.width


@given(MATRICES)
def test_a_cell_is_the_entry_rounded(array: np.ndarray) -> None:
    """Read back, with the power of the header, a cell is within half a unit of its last place."""
    form = choose(array)
    for value in array.ravel().tolist():
        text = form.cell(value)
        unit = Decimal(10) ** (form.exponent - form.decimals)
        shown = Decimal(0) if text == "~0" else Decimal(text) * Decimal(10) ** form.exponent
        assert abs(shown - Decimal(value)) <= unit * Decimal("0.5000001")
        assert (text == "0") == (value == 0)


@given(MATRICES)
def test_heat_is_the_share_of_the_largest_value(array: np.ndarray) -> None:
    """(|v|/max)^0.7 in 33 levels: 0 for nothing, 32 for the largest, the same for both signs."""
    form = choose(array)
    peak = np.abs(array).max()
    for value in array.ravel().tolist():
        expected = 32 * (abs(value) / peak) ** 0.7 if peak else 0
        assert abs(form.heat(value) - expected) <= 0.5 + 1e-9
        assert form.heat(value) == form.heat(-value)


def test_heat_of_infinities_stays_in_range() -> None:
    form = choose(np.array([1.0, np.inf, 0.3]))
    assert (form.heat(math.inf), form.heat(1.0)) == (32, 32)


def test_a_key_press_never_looks_through_a_matrix_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are gathered once per array, and once for a transpose that is taken anew each time."""
    gathered = []
    gather = numbers._gather
    monkeypatch.setattr(numbers, "_gather", lambda array: gathered.append(array.shape) or gather(array))
    array = np.linspace(-1, 1, 12).reshape(3, 4)
    for decimals in (None, 1, 2, 3):
        choose(array, decimals)
        choose(array.T, decimals)
    assert gathered == [(3, 4), (4, 3)]


def test_figures_are_forgotten_with_their_array() -> None:
    """No matrix is kept alive, and a new one at the same address is looked at afresh."""
    before = len(numbers._known)
    for k in range(1, 50):
        assert figures(np.full(100, k + 0.5)).high == k + 0.5
    gc.collect()
    assert len(numbers._known) <= before + 1


def test_a_vector_of_ones_is_looked_at_once_however_long() -> None:
    ones = np.broadcast_to(np.ones(1), (10**9, 4))
    assert (choose(ones).binary, choose(ones).width) == (True, 2)


@pytest.mark.parametrize("shape", [(0,), (0, 3), ()])
def test_empty_arrays_and_numbers_have_a_format(shape: tuple[int, ...]) -> None:
    assert choose(np.zeros(shape)).cell(0.0) == "0"


@pytest.mark.parametrize(
    ("value", "text", "in_sum"),
    [
        (1.6222, "1.62", "1.62"),
        (-0.28, "-0.28", "(-0.28)"),
        (0.0048, "4.8e-3", "4.8e-3"),
        (-0.0035, "-3.5e-3", "(-3.5e-3)"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (1, "1", "1"),
        (True, "1", "1"),
        (-3, "-3", "(-3)"),
        (2.5e7, "2.5e7", "2.5e7"),
        (math.nan, "NaN", "NaN"),
        (-math.inf, "-∞", "(-∞)"),
    ],
)
def test_numbers_in_a_sum_of_products(value: float, text: str, in_sum: str) -> None:
    assert (amount(value), factor(value)) == (text, in_sum)


@given(st.floats(allow_nan=False))
def test_the_exact_value_has_every_digit(value: float) -> None:
    """Read back it is the same number, bit for bit (a negative zero is written as zero)."""
    assert float(exact(np.float64(value))) == value
    assert not exact(value).startswith("-0.0") or value != 0


def test_exact_integers_stay_what_they_are_and_a_mask_is_written_as_on_the_stage() -> None:
    assert [exact(value) for value in (np.int64(-7), True, np.bool_(False), np.float32(0.5), -0.0)] == [
        "-7",
        "1",
        "0",
        "0.5",
        "0.0",
    ]


def test_shapes_and_axis_names() -> None:
    assert [shape_text(shape) for shape in ((4, 5), (5,), (), (2, 3, 4))] == ["4×5", "5", "1×1", "2×3×4"]
    assert axes_text((4, 5), ("h1", "n")) == "h₁×n"
    assert axes_text((4, 1), ("h1", None)) == "h₁×1"
    assert axes_text((4, 5), ("h1", None)) == "h₁×?"
    assert axes_text((4, 5), (None, None)) == axes_text((), ()) == ""
    assert [subscript(name) for name in ("h1", "h_12", "in", "1", "W1x")] == ["h₁", "h₁₂", "in", "1", "W1x"]
