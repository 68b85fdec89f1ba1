"""Every key of the registry does on the screen what its help line says."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from engine import Tape
from engine.check import Progress, Report
from tests.tui.driver import Driver, opened
from tui.keys import KEYS

ELSEWHERE = {"open", "help", "command_palette", "quit", "reload", "check"}
"""What these bring about is tested where it belongs."""


async def test_every_key_of_the_registry_changes_what_is_seen() -> None:
    """No key is listed in the help without doing anything, F10 and F11 included, if only saying why it does nothing."""
    async with opened("digits_size", (112, 24)) as app:
        # Here there is something before and after, above and below, left and right.
        app.app.main.move(lambda here: here.go_to("B4").set_cell("result", 40, 9).set_page(4).scroll_summed(3))
        await app.pilot.pause()
        place, before = app.here, app.canvas()
        silent = []
        for key in KEYS:
            if key.action in ELSEWHERE or key.action == "set_page(4)":  # that page is open
                continue
            for name in key.keys:
                await app.press(name)
                after = app.canvas()
                if (after.rows(), after.style_plane()) == (before.rows(), before.style_plane()):
                    silent.append((name, key.action))
                app.app.main.move(lambda _: place)
        assert silent == []


async def status(app: Driver, key: str) -> str:
    """The place that the status line names after a key."""
    await app.press(key)
    return app.text("status").split("step ")[1]


async def test_it_opens_on_the_first_step() -> None:
    """F1 with its result, the inspector on the cell."""
    async with opened("regression") as app:
        assert app.step == "F1"
        assert "FORWARD  step 1/11" in app.text("status")
        assert "z₁[0,0] =" in app.text("inspector")


async def test_keys_that_step() -> None:
    """n N by steps, s S by parts, f F by parameter gradients, u U by layers, 0 $ to the ends; F10 and F11."""
    steps = ["F1", "F2", "F3", "F4", "B1", "B2", "B3", "B4", "B5", "B6", "B7"]
    journey = [
        ("n", "F2"), ("f10", "F3"), ("N", "F2"), ("f", "B2"), ("f", "B3"), ("f", "B6"), ("F", "B3"),
        ("0", "F1"), ("u", "F3"), ("u", "F4"), ("u", "B1"), ("u", "B5"), ("U", "B1"), ("dollar_sign", "B7"),
    ]  # fmt: skip
    async with opened("regression") as app:
        for key, step in journey:
            assert await status(app, key) == f"{steps.index(step) + 1}/11", key
            assert app.step == step


async def test_s_goes_through_the_parts_of_a_step() -> None:
    """s enters a step at its first part, n at its result; S goes back, F11 is s."""
    async with opened("regression", (120, 40)) as app:
        await app.at("B3")
        seen = []
        for key in ("s", "f11", "s", "S", "S"):
            await app.press(key)
            seen.append(app.here.part.id)
        assert seen == ["B4a", "B4b", "B5a", "B4b", "B4a"]
        assert "part 1/2" in app.text("status")
        assert " B4a " in app.text("stage")


async def test_arrows_move_the_cell_and_wrap() -> None:
    """Down and right one each, up over the edge to the last row; the inspector follows."""
    async with opened("softmax") as app:
        await app.at("B6")
        for key, cell in [("down", "[1,0]"), ("right", "[1,1]"), ("right", "[1,0]"), ("up", "[0,0]"), ("up", "[3,0]")]:
            await app.press(key)
            assert f"∂L/∂W₁{cell} =" in app.text("inspector")


async def test_tab_goes_into_the_operands_and_back() -> None:
    """Result, left, right, result; in an operand the inspector says where the number goes."""
    async with opened("softmax") as app:
        await app.at("B6")
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await app.press(key)
            seen.append(app.here.operand)
        assert seen == ["left", "right", "result", "right"]
        assert "xᵀ[0,0]" in app.text("inspector").splitlines()[1]


async def test_page_keys_move_by_what_is_to_be_seen() -> None:
    """PgDn goes on by exactly the rows that were visible, End and Home to the ends of the row."""
    async with opened("digits_size") as app:
        await app.at("B6")
        visible = sum(row.split("⎢")[0].strip().isdigit() or "⎡" in row for row in app.text("stage").splitlines())
        await app.press("pagedown")
        assert app.here.cursor == (visible, 0)
        assert f"▸{visible}" in app.text("stage")
        await app.press("end")
        assert app.here.cursor == (visible, 783)
        await app.press("home", "pageup")
        assert app.here.cursor == (0, 0)


async def test_pages_of_the_inspector() -> None:
    """1 to 5 by number; w opens why and goes back to the page before."""
    async with opened("regression") as app:
        await app.at("B6")
        telling = {"1": "∂L/∂W₁[0,0] =", "2": "Shapes:", "3": "dW1 = dz1 @ x.T", "4": "zeros", "5": "G checks"}
        for key, text in telling.items():
            await app.press(key)
            assert text in app.text("inspector")
        await app.press("w")
        assert "Shapes:" in app.text("inspector")
        await app.press("w")
        assert "G checks" in app.text("inspector")


async def test_decimals() -> None:
    """+ shows one more everywhere on the stage, - takes it away again."""
    async with opened("regression") as app:
        await app.at("B6")
        await app.press("plus")
        assert "-0.477" in app.text("stage")
        await app.press("minus", "minus")
        assert "-0.5" in app.text("stage")
        assert "-0.48" not in app.text("stage")


async def test_comma_and_full_stop_scroll_the_summed_index() -> None:
    """The window over n moves and stops at both ends; where everything is in view the status line says so."""
    async with opened("digits_size") as app:
        await app.at("B6")
        await app.press("full_stop", "full_stop", "comma")
        assert " n 1–" in app.text("stage")
        app.app.main.action_scroll_summed(1000)
        assert "–63 of 64" in app.text("stage")
        await app.press("full_stop")
        assert "–63 of 64" in app.text("stage")
    async with opened("softmax") as app:
        await app.at("B6")
        await app.press("full_stop")
        assert "in view" in app.text("status")
        await app.at("B5")
        await app.press("comma")
        assert "nothing is summed" in app.text("status")


async def test_v_turns_the_convention_round_and_keeps_the_place() -> None:
    """Same step, transposed cell, the other product; and back to exactly what was there."""
    async with opened("softmax") as app:
        await app.at("B6")
        await app.press("down", "right")
        column = app.screen()
        assert "∂L/∂W₁[1,1] =" in app.text("inspector")
        await app.press("down", "v")
        assert app.text("status").split()[1] == "row"
        assert app.step == "B6"
        assert "∂L/∂W₁[1,2] =" in app.text("inspector")
        await app.press("v", "up")
        assert app.screen() == column


async def test_a_net_without_a_mirror_says_so_and_stays(tmp_path: Path) -> None:
    """A reshape of a matrix depends on the order in memory: v names the line and changes nothing."""
    file = tmp_path / "reshaped.py"
    file.write_text(
        "import numpy as np\n"
        "params = {'W': np.arange(6.0).reshape(2, 3)}\n"
        "data = {'x': np.ones((6, 1))}\n"
        "def loss(x, W):\n"
        "    return np.sum((W.reshape(1, 6) @ x) ** 2)\n"
    )
    async with opened(str(file), (120, 40)) as app:
        before = app.text("stage")
        await app.press("v")
        assert "reshaped.py, line 5" in app.text("status")
        assert "reshape" in app.text("status").split("line 5", 1)[1]
        assert app.text("stage") == before
        await app.press("3")
        assert "no other convention: line 5: this reshape" in app.text("inspector")


async def test_a_loss_without_a_product_has_no_convention_to_turn(tmp_path: Path) -> None:
    """It exists as it was written, and v says that."""
    file = tmp_path / "plain.py"
    file.write_text("import numpy as np\nparams = {'w': np.ones(3)}\ndef loss(w):\n    return np.sum(w * w)\n")
    async with opened(str(file), (120, 40)) as app:
        await app.press("v")
        assert "only as written" in app.text("status")


async def test_l_turns_the_rail() -> None:
    """Names with shapes, the NumPy listing, nothing."""
    async with opened("regression", (120, 40)) as app:
        assert "B6  ∂L/∂W₁   4×3" in app.text("rail")
        await app.press("l")
        assert "dW1 = dz1 @ x.T" in app.text("rail")
        await app.press("l")
        assert not app.pane("rail").display
        assert app.pane("stage").region.x == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_gradient_check_marks_what_it_found(size: tuple[int, int]) -> None:
    """G: the figure in the status line, ✓ in the strip, on the checks page and, where there is one, in the rail."""
    async with opened("regression", size) as app:
        await app.press("dollar_sign", "G")
        await app.settle()
        assert "compared with complex step" in app.text("status")
        assert app.text("network").count("✓") == 3  # and ▲ stands on the fourth
        if app.pane("rail").display:
            assert app.text("rail").count("✓") == 4
        await app.press("5")
        assert app.text("inspector").count("✓") == 4
        assert "rel. error" in app.text("inspector")


async def test_a_check_that_takes_long_is_seen_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure stands in the status line and as a bar on the page; one can step; a second G starts nothing."""
    half_way, go_on = threading.Event(), threading.Event()
    started = []

    def slow(tape: Tape, progress: Progress) -> Report:
        started.append(tape)
        while not half_way.is_set():
            progress(1, 2)
        go_on.wait(60)
        return Report({}, True, "all done")

    monkeypatch.setattr("engine.check", slow)
    async with opened("regression") as app:
        await app.press("5", "G")
        while "checking gradients 50/100" not in app.text("status"):
            await asyncio.sleep(0.01)
        half_way.set()
        assert "50/100" in app.text("inspector")
        await app.press("n", "G")
        assert app.step == "F2"
        assert "is running" in app.text("status")
        go_on.set()
        await app.settle()
        assert "all done" in app.text("status")
        assert "50/100" not in app.text("inspector")
        assert len(started) == 1


async def test_a_check_of_numbers_that_are_gone_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a reload the check of the old recording is told to stop, and its verdict is not shown."""
    answers: list[bool] = []
    started, go_on = threading.Event(), threading.Event()

    def slow(tape: Tape, progress: Progress) -> Report:
        started.set()
        go_on.wait(60)
        answers.append(progress(1, 2))
        return Report({}, False, "old news")

    monkeypatch.setattr("engine.check", slow)
    async with opened("regression") as app:
        await app.press("G")
        assert started.wait(60)
        app.app.action_reload()
        while "recorded again" not in app.text("status"):
            await asyncio.sleep(0.01)
        go_on.set()
        await app.settle()
        assert answers == [False]
        assert "old news" not in app.screen()


async def test_the_check_says_where_a_pass_stops_being_finite() -> None:
    """overflow: no gradient is called right, and F4 is named."""
    async with opened("overflow") as app:
        await app.press("G")
        await app.settle()
        assert "not finite from F4 on" in app.text("status")
        await app.press("5")
        assert app.text("inspector").count("✗") == 4


async def test_q_ends_the_app() -> None:
    """With exit status 0."""
    async with opened("regression") as app:
        await app.press("q")
        await app.pilot.pause()
        assert not app.app.is_running
        assert app.app.return_code == 0


async def test_ctrl_c_names_the_key_that_quits() -> None:
    """It is pressed by habit; what was stepped to is not lost to it."""
    async with opened("regression") as app:
        await app.press("n", "ctrl+c")
        assert "q quits" in app.text("status")
        assert app.step == "F2"
    async with opened(None) as app:
        await app.press("ctrl+c")
        await app.pilot.pause()
        assert not app.app.is_running
