"""A long chain unfolded with ``z``: every factor is there, the current one in view, however long the chain is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.model import Chain, Link, Token
from tests.tui.described import CHAIN, factor, operator
from tests.tui.driver import opened
from tests.tui.handmade import two_layer
from tui.canvas import Canvas
from tui.paint.chain import factor_bar, formula_bar
from tui.paint.text import cut_sum
from tui.paint.unfolded import paint_lines

STEPS = two_layer().program.steps
RNN = '''"""The same weights at every time step."""
import numpy as np

rng = np.random.default_rng(0)
params = {"U": rng.normal(size=(3, 3)).round(1), "V": rng.normal(size=(3, 2)).round(1)}
data = {"x": rng.normal(size=(2, 2)).round(1), "y": rng.normal(size=(3, 2)).round(1)}

def loss(x, y, U, V):
    h = V @ x
    for t in range(STEPS):
        h = np.tanh(U @ h)
    return 0.5 * np.sum((h - y) ** 2)
'''


@pytest.fixture
def rnn(tmp_path: Path) -> str:
    """Fourteen time steps."""
    path = tmp_path / "rnn.py"
    path.write_text(RNN.replace("STEPS", "14"))
    return str(path)


def long_chain(factors: int, current: int) -> Chain:
    """Factors W0ᵀ, W1ᵀ, ...; one of them is applied by the step B4, the others long ago."""
    step = ["B4" if k == current else "B1" for k in range(factors)]
    links = tuple(Link(f"∂a{k}/∂a{k + 1}", step[k]) for k in range(factors))
    tokens = [piece for k in range(factors) for piece in (factor(f"W{k}ᵀ", step[k], 10, k), operator("·", step[k]))]
    return Chain("W1", "B7", links, tuple(tokens[:-1]))


def unfold(chain: Chain, width: int, height: int) -> Canvas:
    index = next(k for k, step in enumerate(STEPS) if step.id == "B4")
    return paint_lines(factor_bar(chain, STEPS, index), width, height)


@given(st.integers(1, 60), st.integers(40, 160))
def test_with_height_enough_every_factor_and_every_shape_is_there_in_order(factors: int, width: int) -> None:
    canvas = unfold(long_chain(factors, 0), width, 999)
    words = canvas.text().split()
    assert [word for word in words if word.startswith("W")] == [f"W{k}ᵀ" for k in range(factors)]
    assert [word for word in words if word.startswith("∂a")] == [f"∂a{k}/∂a{k + 1}" for k in range(factors)]
    assert [word for word in words if word.startswith("10×")] == [f"10×{k}" for k in range(factors)]
    assert "…" not in canvas.text()
    assert all(len(row) <= width for row in canvas.rows())


@given(st.integers(0, 399), st.integers(40, 160), st.integers(4, 20))
def test_of_four_hundred_factors_those_about_the_current_one_are_in_view(current: int, width: int, height: int) -> None:
    """On paper, as operator and with its shape, in no line more than there is; ``…`` says that there are others."""
    canvas = unfold(long_chain(400, current), width, height)
    assert canvas.height <= height
    words = canvas.text().split()
    assert f"∂a{current}/∂a{current + 1}" in words and f"W{current}ᵀ" in words and f"10×{current}" in words
    assert any(row.startswith("…") for row in canvas.rows())
    assert "z folds" in canvas.rows()[-1]


def test_a_line_never_ends_with_an_operator_and_addends_stay_together_where_they_fit() -> None:
    links = [Link("+", "") if k % 3 == 2 else Link(f"∂a{k}/∂b{k}", "B1") for k in range(29)]
    chain = Chain("W1", "B7", tuple(links), CHAIN.operators)
    rows = [row.removeprefix(" ∂L/∂b₁ =").strip() for row in unfold(chain, 60, 99).rows() if "∂a" in row]
    assert len(rows) > 3
    assert all(row.startswith("+ ") for row in rows[1:])
    assert " ".join(rows).removesuffix("  on paper").split(" + ") == [
        f"∂a{k}/∂b{k} · ∂a{k + 1}/∂b{k + 1}" for k in range(0, 29, 3)
    ]


def test_a_forward_step_unfolds_its_numpy_lines_and_its_formula() -> None:
    code = tuple(f"a{k} = a{k + 1} + 1" for k in range(6))
    text = paint_lines(formula_bar(replace(STEPS[0], lines=code)), 60, 30).text()
    assert [line for line in code if line in text] == list(code)


def test_a_run_of_brackets_is_written_as_one() -> None:
    """A chain of 200 layers ends in 200 closing brackets, which say nothing."""
    closing = tuple(Token(")", "bracket", None, None) for _ in range(200))
    chain = Chain("W1", "B7", CHAIN.paper, (*CHAIN.operators, *closing))
    text = unfold(chain, 80, 30).text()
    assert ")…)" in text and "))))" not in text
    assert "))" in unfold(CHAIN, 80, 30).text().replace(" ", "")


@pytest.mark.parametrize("size", [(64, 20), (80, 24), (120, 40), (200, 50)])
async def test_z_unfolds_and_folds(size: tuple[int, int], rnn: str) -> None:
    """Up to a third of the height; the matrices and the page stay; the second press gives the screen from before."""
    async with opened(rnn, size) as app:
        await app.at("dh3")
        before, folded = app.screen(), app.pane("chain").size.height
        assert "z unfolds" in app.text("chain")
        await app.press("z")
        assert folded < app.pane("chain").size.height <= max(size[1] // 3 + 1, 5)
        assert "z folds" in app.text("chain")
        assert app.here.step.symbol in app.text("stage")
        assert app.screen() == app.canvas().text()
        await app.press("z")
        assert app.screen() == before


async def test_a_click_on_the_hint_is_the_key(rnn: str) -> None:
    async with opened(rnn) as app:
        await app.at("dh3")
        await app.click_on("chain", ("action", "toggle_chain"))
        assert app.here.unfolded
        await app.click_on("chain", ("action", "toggle_chain"))
        assert not app.here.unfolded


async def test_unfolded_the_bar_follows_the_step(rnn: str) -> None:
    """Walking back through the net, the factor of the step in view is always among the lines that are shown."""
    async with opened(rnn) as app:
        await app.at("B1")
        await app.press("z")
        for _ in range(12):
            await app.press("n")
            assert app.here.step.symbol in app.text("chain") or app.here.step.quantity.startswith("d")
            styles = {
                name for y in range(app.pane("chain").canvas.height) for _, name in app.pane("chain").canvas.segments(y)
            }
            assert styles & {"active", "active-underline"}, app.here.step.id


async def test_where_nothing_is_folded_the_key_says_so() -> None:
    async with opened("regression", (120, 40)) as app:
        await app.at("B6")
        await app.press("z")
        assert "whole chain is in view" in app.text("status")
        assert not app.here.unfolded


@pytest.mark.parametrize(
    ("width", "left"),
    [(60, "a·b + c·d + (e + f)·g + h·i"), (26, "a·b + … + h·i"), (13, "a·b + … + h·i"), (12, "… + h·i"), (6, "a·b +…")],
)
def test_of_a_sum_that_is_too_long_the_last_addend_is_kept(width: int, left: str) -> None:
    """Sums over many steps begin alike: their end tells them apart."""
    assert cut_sum("a·b + c·d + (e + f)·g + h·i", width) == left
    assert len(left) <= width


def test_what_is_no_sum_is_cut_as_ever() -> None:
    assert cut_sum("(a + b)·softmax", 8) == "(a + b)…"
