"""The status line: which net, which convention, how many examples, the loss, where we are, and what went wrong."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tui.handmade import two_layer
from tui.debugger import Debugger
from tui.paint.status import loss_text, paint_status
from tui.paint.too_small import is_too_small, paint_too_small

TAPE = two_layer()


def line(debugger: Debugger, width: int = 80, name: str = "regression") -> str:
    return paint_status(debugger, name, width).text()


def here(tape: object = TAPE) -> Debugger:
    return Debugger.start(tape).go_to("B6")  # type: ignore[arg-type]


def test_it_names_net_convention_examples_loss_and_place() -> None:
    arrays = {step.quantity: TAPE.array(step.result) for step in TAPE.program.steps}
    loss = 0.5 * np.sum(arrays["df"] ** 2)
    text = line(here())
    assert text.split() == ["regression", "column", "N=5", f"L={loss:.4g}", "B6b", "2/2", "BACKWARD", "step", "10/11"]
    assert len(text) == 79


def test_a_wide_line_spells_the_convention_out() -> None:
    assert "column (feature×batch)" in line(here(), 120)
    assert "row (batch×feature)" in line(here(two_layer(row=True)), 120)
    assert "(" not in line(here(), 90)


def test_n_is_the_size_of_the_axis_of_examples_in_either_convention() -> None:
    assert "N=7" in line(here(two_layer(examples=7)))
    assert "N=7" in line(here(two_layer(row=True, examples=7)))


@pytest.mark.parametrize("width", [64, 80])
def test_step_and_part_are_named_however_wide_the_matrices_are(width: int) -> None:
    """On the last part too, so that one sees that S goes back into the parts; a single operation has no parts."""
    assert line(here().go_to("B6a"), width).endswith("B6a 1/2  BACKWARD  step 10/11")
    assert line(here(), width).endswith("B6b 2/2  BACKWARD  step 10/11")
    assert line(here().go_to("B7"), width).endswith(" B7  BACKWARD  step 11/11")
    assert line(here(), 120).endswith("B6b  part 2/2  BACKWARD  step 10/11")


@pytest.mark.parametrize("width", [64, 80, 120, 200])
def test_a_message_is_read_to_its_end_where_it_fits_at_all(width: int) -> None:
    """The loss, N and if need be the convention and the phase make way for it; the net and the place stay."""
    text = line(here().say("no mirror: line 12 reshapes"), width, "net")
    assert "no mirror: line 12 reshapes" in text
    assert text.startswith("  net   ") and " B6b " in text and "2/2  " in text and text.endswith("  step 10/11")


def test_a_long_message_gets_nearly_the_whole_line() -> None:
    message = "There is no row convention: line 12 reshapes h to (5, 4, 2)."
    assert line(here().say(message)).strip() == f"{message}        step 10/11"


def test_a_message_that_is_too_long_says_that_it_was_cut() -> None:
    text = line(here().say("word " * 60))
    assert "…" in text and text.endswith("step 10/11")


@pytest.mark.parametrize("width", [64, 80])
def test_a_figure_at_the_end_of_a_message_is_never_cut(width: int) -> None:
    """Words in the middle go instead: how wrong a gradient is stands at the end."""
    message = "11 gradients compared with complex step: relative error at most 5.3e-16"
    text = line(here().say(message), width)
    assert text.strip() == message if width == 80 else " … " in text and text.endswith("at most 5.3e-16  step 10/11")
    assert text.strip().startswith("11 gradients")


def test_a_running_check_shows_how_far_it_is() -> None:
    assert "checking gradients 2/4" in line(here().with_progress(2, 4))


@pytest.mark.parametrize(
    ("loss", "text"),
    [(10.4123, "10.41"), (0.0, "0"), (1.5e-9, "1.5e-09"), (float("nan"), "NaN"), (float("inf"), "+∞")],
)
def test_the_loss_has_four_digits_or_says_that_it_is_no_number(loss: float, text: str) -> None:
    assert loss_text(loss) == text


@pytest.mark.parametrize("width", range(12, 64, 7))
def test_no_width_breaks_the_line(width: int) -> None:
    assert len(line(here(), width)) <= width


def test_a_terminal_that_is_too_small_shows_the_step_and_the_size_it_needs() -> None:
    assert is_too_small(63, 20) and is_too_small(64, 19) and not is_too_small(64, 20)
    text = paint_too_small(here(), 50, 15).text()
    assert "B6  ∂L/∂W₁ = ∂L/∂z₁ · xᵀ   (4×5)(5×3) → 4×3" in text
    assert "Terminal 50×15 is too small: needs 64×20." in text
    assert "n N still step" in text


@pytest.mark.parametrize("width", [20, 30, 40])
def test_in_a_very_narrow_terminal_the_words_wrap_and_none_is_lost(width: int) -> None:
    words = paint_too_small(here(), width, 19).text().split()
    wide = paint_too_small(here(), 100, 19).text().replace("100×19", f"{width}×19").split()
    assert words == wide


@pytest.mark.parametrize(("width", "height"), [(1, 1), (5, 2), (10, 3), (64, 1)])
def test_even_a_tiny_terminal_gets_something_painted(width: int, height: int) -> None:
    canvas = paint_too_small(here(), width, height)
    assert (canvas.width, canvas.height) == (width, height)
