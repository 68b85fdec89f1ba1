"""The network strip says where we are: values forwards on the first line, gradients backwards beneath them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.reading.model import Stop
from tests.tui.described import STRIP, Verdict
from tests.tui.handmade import two_layer
from tui.canvas import Canvas
from tui.paint.network import paint_strip

STEPS = two_layer().program.steps
NUMBER = {step.id: index for index, step in enumerate(STEPS)}


def paint(step: str, width: int = 80, **checks: Verdict) -> Canvas:
    known: Any = checks
    return paint_strip(STRIP, STEPS, NUMBER[step], known, width)


def under(canvas: Canvas, symbol: str) -> str:
    """The mark on the second line beneath a symbol of the first."""
    values, marks = canvas.rows()
    return marks.ljust(canvas.width)[values.index(symbol)]


def test_the_strip_reads_as_in_the_notes() -> None:
    """x on the left, the parameters and the operations on the edges, the loss on the right."""
    values, marks = paint("B6").rows()
    assert values == " x─────W₁ b₁────→z₁─relu────→h₁─────W₂ b₂────→f─½‖f−y‖²────→L"
    assert marks == "       ▲  ∙      ●           ●      ●  ●      ●".ljust(68) + "◀ gradients"


@pytest.mark.parametrize("here", ["B1", "B2", "B3", "B4", "B5", "B6", "B7"])
def test_every_gradient_is_done_here_or_pending_in_the_order_of_the_steps(here: str) -> None:
    canvas = paint(here)
    order = {"f": "B1", "W₂": "B2", "b₂": "B3", "h₁": "B4", "z₁": "B5", "W₁": "B6", "b₁": "B7"}
    for symbol, step in order.items():
        expected = "▲" if step == here else "●" if step < here else "∙"
        assert under(canvas, symbol) == expected, symbol


def test_forward_values_light_up_one_after_the_other() -> None:
    canvas = paint("F2")
    row = canvas.rows()[0]
    styles = {symbol: canvas.style_at(row.index(symbol), 0) for symbol in ("x", "W₁", "z₁", "h₁", "f", "L")}
    assert styles == {
        "x": "bold", "W₁": "param", "z₁": "bold", "h₁": "active", "f": "pending", "L": "pending",
    }  # fmt: skip
    assert "▲" not in canvas.rows()[1]


def test_checked_gradients_are_ticked_once_they_are_done_and_wrong_ones_crossed_at_once() -> None:
    canvas = paint("B5", W2=Verdict(), b2=Verdict(near_kink=3), W1=Verdict(), b1=Verdict(ok=False))
    assert [under(canvas, symbol) for symbol in ("W₂", "b₂", "W₁", "b₁")] == ["✓", "⚠", "∙", "✗"]


def test_a_click_on_a_value_or_a_mark_names_its_step() -> None:
    canvas = paint("F1")
    x = canvas.rows()[0].index("h₁")
    assert canvas.target_at(x, 0) == ("step", "F2")
    assert canvas.target_at(x, 1) == ("step", "B4")
    assert canvas.target_at(canvas.rows()[0].index("W₂"), 1) == ("step", "B2")
    assert canvas.target_at(canvas.rows()[0].index("x"), 0) is None


def deep(layers: int) -> tuple[Stop, ...]:
    """A net of many layers whose stops are all made by the steps of the small one in turn."""
    ids = [step.id for step in STEPS]
    return tuple(
        Stop(f"v{k:02}", "relu" if k else "", (), ids[k] if k < len(ids) else "F99", None) for k in range(layers)
    )


@pytest.mark.parametrize("width", [40, 64, 80])
@pytest.mark.parametrize("index", range(len(STEPS)))
def test_a_wide_net_is_seen_through_a_window_that_keeps_the_place(index: int, width: int) -> None:
    canvas = paint_strip(deep(30), STEPS, index, {}, width)
    row = canvas.rows()[0]
    assert f"v{index:02}" in row
    assert row.rstrip().endswith("…")
    assert ("v00" in row) != row.lstrip().startswith("…")
    assert canvas.target_at(row.index(f"v{index:02}"), 0) == ("step", STEPS[index].id)


def test_a_step_that_is_not_on_the_strip_counts_as_the_place_reached_last() -> None:
    """Long chains have steps inside an edge; the window must not jump back to the start for them."""
    stops = tuple(stop for k, stop in enumerate(deep(30)) if k != 8)
    assert "v07" in paint_strip(stops, STEPS, 8, {}, 40).rows()[0]


def test_the_caption_makes_way_for_marks() -> None:
    assert paint("B6", 64).rows()[1].endswith("◀ gradients")
    assert paint("B6", 56).rows()[1].endswith("◀")
    assert "●" in paint("B6", 50).rows()[1]


def own_marks(step: str, **own: Any) -> dict[str, str]:
    """The mark beneath every symbol with what was found of somebody's own backward."""
    canvas = paint_strip(STRIP, STEPS, NUMBER[step], {}, 80, None, own)
    return {symbol: under(canvas, symbol) for symbol in ("f", "W₂", "b₂", "h₁", "z₁", "W₁", "b₁")}


def test_what_somebodys_own_backward_has_wrong_is_seen_from_every_step() -> None:
    """✗ and ↳ before, at and after the step; a right one is done or to come as ever."""
    own = {"B1": "right", "B4": "right", "B5": "own-error", "B6": "own-error", "B7": "inherited"}
    for step in ("F1", "B3", "B5", "B7"):
        found = own_marks(step, **own)
        assert (found["z₁"], found["W₁"], found["b₁"]) == ("✗", "✗", "↳"), step
    assert own_marks("F1", **own)["f"] == "∙"
    assert own_marks("B3", **own)["f"] == "●"
    assert own_marks("B4", **own)["h₁"] == "▲"


def test_the_place_stays_marked_where_it_is_a_wrong_one() -> None:
    """The sign of the mistake in the colours of the current step."""
    canvas = paint_strip(STRIP, STEPS, NUMBER["B5"], {}, 80, None, {"B5": "own-error"})
    assert canvas.style_at(canvas.rows()[0].index("z₁"), 1) == "active"
