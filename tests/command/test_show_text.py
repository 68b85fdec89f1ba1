"""``show`` as text: every step with its chain, its matrices and its NumPy lines, drawn as the screen draws it."""

from __future__ import annotations

import pytest

from tests.command.running import chainstep
from tui.opening import open_target


@pytest.fixture(scope="module")
def softmax() -> str:
    """The whole pass of one net."""
    ran = chainstep("show", "softmax")
    assert (ran.status, ran.err) == (0, "")
    return ran.out


def test_every_step_is_there_with_its_lines(softmax: str) -> None:
    """Id, layer and symbol in a heading, in order, and under each its NumPy lines."""
    tape = open_target("softmax").tape
    end = 0
    for step in tape.program.steps:
        start = softmax.index(f"── {step.id} ", end)
        heading, _, body = softmax[start:].partition("\n")
        end = start + len(heading)
        assert step.symbol in heading
        assert f"layer {step.layer}" in heading or step.layer is None
        block = body.split("\n──")[0]
        for line in step.lines:
            assert f"\n {line}\n" in f"\n{block}\n"


def test_the_focus_row_has_the_numbers(softmax: str) -> None:
    """Two decimals of ∂L/∂W₁ as the tape holds it, and nothing is marked as a cursor."""
    block = softmax.split("── B6 ")[1].split("── B7 ")[0]
    for entry in open_target("softmax").tape["dW1"].flat:
        assert f"{entry:.2f}" in block
    assert "▸" not in softmax
    assert "▾" not in softmax


def test_the_chain_bar_is_there(softmax: str) -> None:
    """On paper, as operators, with shapes."""
    block = softmax.split("── B6 ")[1].split("── B7 ")[0]
    assert "∂L/∂f · ∂f/∂h₁ · ∂h₁/∂z₁ · ∂z₁/∂W₁  on paper" in block
    assert "(𝟙(z₁>0) ⊙ (W₂ᵀ · ∂L/∂f)) ·" in block
    assert "4×5      4×3    3×5" in block


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_is_wider_than_asked_for(width: int) -> None:
    """Matrices are windowed and the window says so; only NumPy lines may be cut."""
    ran = chainstep("show", "digits_size", "--step", "B6", "--width", str(width))
    assert ran.status == 0
    assert max(len(line) for line in ran.out.splitlines()) <= width
    assert "of 256" in ran.out


def test_piped_output_is_100_wide_and_plain(softmax: str) -> None:
    """No escape sequence, no trailing blanks."""
    assert "\x1b" not in softmax
    assert max(len(line) for line in softmax.splitlines()) == 100
    assert all(line == line.rstrip() for line in softmax.splitlines())


def test_ascii() -> None:
    """Every character is ASCII, and every line as long as before."""
    plain, ascii_only = chainstep("show", "regression"), chainstep("show", "regression", "--ascii")
    assert ascii_only.out.isascii()
    assert "dL/dW1" in ascii_only.out
    assert [len(line) for line in ascii_only.out.splitlines()] == [len(line) for line in plain.out.splitlines()]


def test_no_values() -> None:
    """Chains, shapes and lines without the matrices."""
    ran = chainstep("show", "softmax", "--step", "B6", "--no-values")
    assert "dW1 = dz1 @ x.T" in ran.out
    assert "⎡" not in ran.out


def test_a_part_alone_is_the_row_of_that_part() -> None:
    """B6a is the transpose of x."""
    ran = chainstep("show", "softmax", "--step", "B6a")
    (row,) = [line for line in ran.out.splitlines() if line.startswith(" B6a")]
    assert row.split() == ["B6a", "x", "xᵀ"]


def test_row_convention_and_unfused() -> None:
    """The other product, and a long chain with more steps."""
    assert "dW1 = x.T @ dz1" in chainstep("show", "softmax", "--convention", "row").out
    unfused = chainstep("show", "softmax", "--unfused").out
    assert unfused.count("\n── B") > chainstep("show", "softmax").out.count("\n── B")


def test_output_is_utf8_in_any_locale() -> None:
    """Also where the locale is C and Python would choose ASCII."""
    ran = chainstep("show", "regression", "--step", "B6", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ran.status == 0
    assert "∂L/∂W₁ = ∂L/∂f" in ran.out
