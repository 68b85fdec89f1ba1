"""The canvas: text lands in its cells and nowhere else, whatever is painted over its edges."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.golden import assert_golden, golden_text
from tui.ascii import ASCII, to_ascii
from tui.canvas import Canvas

TEXTS = st.text(alphabet="ab ∂⎡𝟙", min_size=0, max_size=9)


def test_text_is_written_where_it_is_put() -> None:
    canvas = Canvas(6, 2)
    end = canvas.put(1, 1, "∂L", "grad")
    assert (canvas.rows(), end) == (["", " ∂L"], 3)
    assert canvas.segments(1) == [(" ", "text"), ("∂L", "grad"), ("   ", "text")]


@given(st.integers(-12, 12), st.integers(-3, 5), TEXTS)
def test_text_is_clipped_at_all_four_edges(x: int, y: int, text: str) -> None:
    """Each cell shows the character of the text that falls on it, or stays blank."""
    canvas = Canvas(7, 3)
    assert canvas.put(x, y, text, "bold") == x + len(text)
    for row in range(3):
        line = "".join(part for part, _ in canvas.segments(row))
        assert len(line) == 7
        for column in range(7):
            inside = row == y and 0 <= column - x < len(text)
            assert line[column] == (text[column - x] if inside else " ")
            assert canvas.style_at(column, row) == ("bold" if inside else "text")


@given(st.lists(st.tuples(st.text("xyz", min_size=1, max_size=3), st.sampled_from(["dim", "lit"])), max_size=6))
def test_segments_are_the_row_in_the_fewest_runs(pieces: list[tuple[str, str]]) -> None:
    """Runs joined give the whole row; two neighbours never have one style."""
    canvas = Canvas(30, 1)
    end = canvas.run(0, 0, pieces)
    runs = canvas.segments(0)
    assert "".join(text for text, _ in runs) == "".join(text for text, _ in pieces).ljust(30)
    assert all(one[1] != other[1] for one, other in itertools.pairwise(runs))
    assert end == sum(len(text) for text, _ in pieces)


def test_a_character_of_two_cells_cannot_shift_a_row() -> None:
    """A file may be titled in any script: what is not one cell wide becomes a question mark, tabs become blanks."""
    canvas = Canvas(8, 1)
    canvas.put(0, 0, "損a\tb\u0301é")
    assert canvas.rows() == ["?a b?é"]


def test_blit_copies_characters_styles_and_targets() -> None:
    small = Canvas(2, 2)
    small.put(0, 0, "ab", "dim")
    small.hit(1, 0, 1, 1, "b")
    large = Canvas(3, 3)
    large.put(0, 2, "xyz")
    large.blit(small, 1, 1)
    assert large.rows() == ["", " ab", "x"]
    assert large.style_at(2, 1) == "dim"
    assert large.target_at(2, 1) == "b"
    assert large.target_at(1, 1) is None


@pytest.mark.parametrize(("x", "y", "rows"), [(-1, -1, ["b", "", ""]), (2, 2, ["", "", "  a"]), (9, 9, ["", "", ""])])
def test_blit_is_clipped(x: int, y: int, rows: list[str]) -> None:
    small = Canvas(2, 2)
    small.put(0, 0, "ab" if x > 0 else "..")
    small.put(0, 1, "cb" if x < 0 else "cd")
    large = Canvas(3, 3)
    large.blit(small, x, y)
    assert large.rows() == rows


def test_the_target_painted_last_is_on_top() -> None:
    canvas = Canvas(4, 4)
    canvas.hit(0, 0, 4, 4, "below")
    canvas.hit(1, 1, 2, 1, "above")
    assert [canvas.target_at(*place) for place in ((0, 0), (1, 1), (2, 1), (3, 1), (1, 2))] == [
        "below",
        "above",
        "above",
        "below",
        "below",
    ]


def test_restyle_changes_every_cell_by_one_rule() -> None:
    canvas = Canvas(3, 1)
    canvas.run(0, 0, [("a", "one"), ("b", "grad")])
    canvas.restyle(lambda style: "dim" if style != "one" else style)
    assert canvas.segments(0) == [("a", "one"), ("b ", "dim")]


def test_the_style_plane_names_every_cell() -> None:
    """A golden file can be read back: letter by letter the legend gives the styles of the canvas."""
    canvas = Canvas(5, 2)
    canvas.run(0, 1, [("a", "one"), ("b", "grad"), ("c", "one")])
    plane, legend = canvas.style_plane()
    assert plane[0] == "....."
    assert [[legend[letter] for letter in row] for row in plane] == [
        [canvas.style_at(x, y) for x in range(5)] for y in range(2)
    ]


@given(st.text(max_size=40))
def test_ascii_is_one_character_for_one(text: str) -> None:
    """``--ascii`` never changes a layout and leaves nothing but ASCII, whatever stood there."""
    plain = to_ascii(text)
    assert plain.isascii()
    assert len(plain) == len(text)


def test_ascii_reads_like_numpy() -> None:
    assert to_ascii("∂L/∂W₁[j,i] = Σₙ ∂L/∂z₁[j,n]⋅xᵀ[n,i]") == "dL/dW1[j,i] = Sn dL/dz1[j,n]*x'[n,i]"
    assert to_ascii("0⎡ -0.30⎤ · ▸1⎣") == "0| -0.30| @ >1|"


def test_in_ascii_no_sign_reads_as_a_name_or_a_number() -> None:
    """A half is not a variable h, a square not one more index, a wrong gradient not the data x, unequal no warning."""
    assert not any(char.isalnum() for char in to_ascii("½²≠✗✓⚠●▲"))
    assert len({to_ascii(mark) for mark in "✗✓⚠"}) == 3
    assert to_ascii("6 ≠ 4") != to_ascii("6 ✗ 4")


def test_a_translated_canvas_keeps_styles_and_targets() -> None:
    canvas = Canvas(4, 1)
    canvas.put(0, 0, "∂⎡", "grad")
    canvas.hit(0, 0, 1, 1, "here")
    plain = canvas.translate(ASCII)
    assert (plain.rows(), plain.style_at(1, 0), plain.target_at(0, 0)) == (["d|"], "grad", "here")
    with pytest.raises(ValueError, match="one character to one"):
        canvas.translate({ord("∂"): "del"})


def test_a_missing_or_different_golden_screen_is_a_failure(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen nobody has looked at, or one style that changed, cannot pass."""
    monkeypatch.setattr("tests.tui.golden.GOLDEN", tmp_path)
    canvas = Canvas(3, 1)
    canvas.put(0, 0, "a", "dim")
    with pytest.raises(AssertionError, match="missing"):
        assert_golden("screen", canvas)
    assert_golden("screen", canvas, write=True)
    assert_golden("screen", canvas)
    canvas.put(0, 0, "a", "bold")
    with pytest.raises(AssertionError, match=r"(?s)-a dim.*\+a bold"):
        assert_golden("screen", canvas)
    assert golden_text(canvas).splitlines() == ["a  |", "", "a..|", "", ". text", "a bold"]


def test_differences_are_the_rows_that_look_different() -> None:
    """In a character or in a style; a blank in another style counts, what can be clicked does not."""
    one, other = Canvas(6, 5), Canvas(6, 5)
    for canvas in (one, other):
        canvas.put(0, 0, "same")
    other.put(0, 1, "word")
    other.put(0, 2, " ", "active")
    other.hit(0, 3, 6, 1, "here")
    assert one.differences(other) == other.differences(one) == [1, 2]
