"""The rail lists all steps by phase and layer and says where we are, what is done and what was checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.tui.described import Report, Verdict
from tests.tui.handmade import two_layer
from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.paint.rail import paint_rail, rail_width

TAPE = two_layer()
STEPS = TAPE.program.steps


def at(key: str) -> Debugger:
    return Debugger.start(TAPE).go_to(key)  # type: ignore[arg-type]


def paint(key: str, height: int = 40, width: int = 28) -> Canvas:
    return paint_rail(at(key), width, height)


def test_names_stand_under_their_phase_and_layer_with_shapes() -> None:
    rows = paint("B6").rows()
    assert rows[:7] == ["forward", " layer 1", "   F1  z₁       4×5", "   F2  h₁       4×5", " layer 2",
                        "   F3  f        2×5", ""]  # fmt: skip
    assert rows[7:9] == ["loss", "   F4  L        1×1"]
    assert rows[10:12] == ["backward", " layer 2"]
    assert rows[-1] == "" and " ▶ B6  ∂L/∂W₁   4×3" in rows


def test_the_current_step_stands_out_and_later_ones_are_dim() -> None:
    canvas = paint("B4")
    rows = canvas.rows()
    styles = {step.id: canvas.style_at(3, next(y for y, row in enumerate(rows) if row[3:].startswith(f"{step.id} ")))
              for step in STEPS}  # fmt: skip
    assert styles["B4"] == "rail-here"
    assert {step for step, style in styles.items() if style == "pending"} == {"B5", "B6", "B7"}


def test_numpy_mode_is_the_listing_in_the_order_of_execution() -> None:
    canvas = paint_rail(at("B6").cycle_rail(), 44, 40)
    lines = [row[3:] for row in canvas.rows() if " = " in row]
    assert lines == [line for step in STEPS for line in step.lines]
    assert " ▶ dW1 = dz1 @ x.T" in canvas.rows()


def test_off_is_no_rail_at_all() -> None:
    assert rail_width(STEPS, "off") == 0
    assert paint_rail(at("B6").cycle_rail().cycle_rail(), 28, 10).text().strip() == ""


@pytest.mark.parametrize("mode", ["names", "numpy"])
def test_its_own_width_holds_every_line(mode: str) -> None:
    canvas = paint_rail(at("B6"), rail_width(STEPS, mode), 40, mode)  # type: ignore[arg-type]
    assert "…" not in canvas.text()


@pytest.mark.parametrize("height", [3, 6, 10])
@pytest.mark.parametrize("step", [step.id for step in STEPS])
def test_a_low_rail_scrolls_so_that_the_step_is_on_it(step: str, height: int) -> None:
    assert any(row.startswith(f" ▶ {step}") for row in paint(step, height).rows())


def test_a_click_anywhere_on_a_line_goes_to_its_step_and_on_a_heading_nowhere() -> None:
    canvas = paint("F1")
    y = next(y for y, row in enumerate(canvas.rows()) if "B4" in row)
    assert {canvas.target_at(x, y) for x in range(canvas.width)} == {("step", "B4")}
    assert canvas.target_at(2, 0) is None


def test_what_the_check_said_stands_beside_the_gradient() -> None:
    report = Report({"W1": Verdict(), "b1": Verdict(ok=False), "W2": Verdict(near_kink=2), "b2": Verdict()})
    rows = paint_rail(at("B4").with_report(report), 28, 40).rows()  # type: ignore[arg-type]
    marks = {row.split()[0]: row.split()[-1] for row in rows if row.strip().startswith(("B2", "B3", "B6", "B7"))}
    assert marks == {"B2": "⚠", "B3": "✓", "B6": "✓", "B7": "✗"}


def test_a_line_that_is_too_long_says_that_it_was_cut() -> None:
    row = next(row for row in paint_rail(at("F1"), 28, 40, "numpy").rows() if "db2" in row)
    assert row.endswith("…") and len(row) <= 28


def test_one_mark_beside_a_step_what_is_wrong_first() -> None:
    """Somebody's own mistake before the check, the check before what is merely right; nothing where nobody asked."""
    own: Any = {"B1": "right", "B2": "right", "B4": "right", "B5": "own-error", "B6": "inherited", "F1": "right"}
    checks: Any = {"W1": Verdict(), "W2": Verdict(ok=False), "b2": Verdict(near_kink=1)}
    debugger = replace(at("B3").with_own(own), checks=checks)
    signs = {row[3:].split()[0]: row[-1] for row in paint_rail(debugger, 28, 40).rows() if "∂L/∂" in row or " F" in row}
    assert {step: signs[step] for step in ("F1", "B1", "B2", "B3", "B4", "B5", "B6")} == {
        "F1": "✓", "B1": "✓", "B2": "✗", "B3": "⚠", "B4": "✓", "B5": "✗", "B6": "↳",
    }  # fmt: skip
    assert signs["F2"] not in "✓✗↳⚠" and signs["B7"] not in "✓✗↳⚠"


def test_a_new_recording_forgets_what_was_found_of_the_old_one() -> None:
    judged = at("B3").with_own({"B5": "own-error"})
    assert judged.next_step().own == {"B5": "own-error"}
    assert not judged.with_tape(TAPE).own  # type: ignore[arg-type]
