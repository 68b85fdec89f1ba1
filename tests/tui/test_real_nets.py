"""The painters on tapes that the engine recorded: prepared nets in both conventions, long chains, and odd files.

What a person reads is compared with NumPy's own arrays, place by place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.scenario import load
from tui.ascii import ASCII
from tui.canvas import Canvas
from tui.debugger import Debugger, operand_of
from tui.paint.chain import paint_chain
from tui.paint.help import paint_help
from tui.paint.inspector import inspector_height, page_rows, paint_inspector
from tui.paint.network import paint_network
from tui.paint.rail import paint_rail
from tui.paint.status import paint_status
from tui.paint.text import paint_rows

Golden = Callable[[str, Canvas], None]
SCENARIOS = Path(__file__).parents[2] / "scenarios"
PREPARED = ["regression", "softmax", "three_layer", "square", "dead_relu", "overflow", "linear", "iris"]
FORMS = ["as written", "mirror", "unfused"]
NETS = [(name, form) for name in [*PREPARED, "residual"] for form in FORMS if (name, form) != ("residual", "mirror")]


def residual(layers: list[dict[str, Any]], out: Any, x: Any, y: Any) -> Any:
    """Nested parameters with long names, flat biases, a skip connection, a mean."""
    h = np.tanh(x @ layers[0]["W"] + layers[0]["b"])
    h = h + np.tanh(h @ layers[1]["W"] + layers[1]["b"])
    return np.mean((h @ out - y) ** 2)


@cache
def tape_of(name: str, form: str) -> Any:
    if name == "residual":
        rng = np.random.default_rng(5)
        shapes = [(3, 4), (4, 4)]
        layers = [{"W": rng.normal(size=shape), "b": rng.normal(size=shape[1])} for shape in shapes]
        params: Any = {"layers": layers, "out": rng.normal(size=(4, 2))}
        data: Any = {"x": rng.normal(size=(5, 3)), "y": rng.normal(size=(5, 2))}
        program = engine.trace(residual, params, data)
    else:
        scenario = load(str(SCENARIOS / f"{name}.py"))
        params, data = scenario.params, scenario.data
        program = engine.trace(scenario.loss, params, data, scenario.references)
    if form == "mirror":
        program = program.mirror()
    elif form == "unfused":
        program = program.unfused()
    return program.run(params, data)


def places(name: str, form: str) -> Iterator[Debugger]:
    """Every part of every step."""
    debugger = Debugger.start(tape_of(name, form))
    debugger = debugger.go_to(debugger.part.id)
    while debugger.part_index:
        debugger = debugger.previous_part()
    while True:
        yield debugger
        following = debugger.next_part()
        if following.message:
            return
        debugger = following


@pytest.mark.parametrize(("name", "form"), NETS)
def test_the_cell_page_ends_in_the_very_number_of_the_array(name: str, form: str) -> None:
    """In every part and every operand, at the first and at the last cell."""
    for debugger in places(name, form):
        for operand in ("result", "left", "right"):
            term = operand_of(debugger.part, operand)  # type: ignore[arg-type]
            for cell in ((0, 0), (10**6, 10**6)):
                here = debugger.set_cell(operand, *cell)  # type: ignore[arg-type]
                if here.operand != operand:
                    continue
                value = here.tape.array(term)[here.entry_index].item()
                text = paint_rows(page_rows(here, 1, 400), 400).text()
                shown = repr(value + 0.0) if isinstance(value, float) else repr(int(value))
                assert re.search(rf"(= |^ *){re.escape(shown)}$", text, re.MULTILINE), (here.part.id, operand, text)


@pytest.mark.parametrize("name", PREPARED)
def test_v_shows_the_same_quantity_and_the_same_number_in_the_other_convention(name: str) -> None:
    """To rounding, because the mirrored net adds up in another order."""
    mirrored = tape_of(name, "mirror")
    for debugger in places(name, "as written"):
        here = debugger.set_cell("result", 1, 2)
        there = here.flip(mirrored)
        assert there.step.quantity == here.step.quantity and there.part.id == here.part.id
        values = [d.tape.array(d.part.result)[d.entry_index] for d in (here, there)]
        assert np.allclose(*values, rtol=1e-9, atol=1e-12, equal_nan=True), here.part.id
        assert there.flip().entry_index == here.entry_index


@pytest.mark.parametrize(("name", "form"), NETS)
def test_no_page_loses_a_word_in_a_narrow_pane(name: str, form: str) -> None:
    """What is read at 400 columns is read at 78 too, in the same order, on more lines."""
    for debugger in places(name, form):
        for page in (1, 2, 3, 5):
            narrow = paint_rows(page_rows(debugger, page, 78), 78).text()
            wide = paint_rows(page_rows(debugger, page, 400), 400).text()
            if "|term|" not in wide:
                assert narrow.split() == wide.split(), (debugger.part.id, page)


@pytest.mark.parametrize(("name", "form"), NETS)
@pytest.mark.parametrize("width", [50, 80])
def test_the_chain_bar_shows_the_factor_now_applied_at_any_width(name: str, form: str, width: int) -> None:
    for debugger in places(name, form):
        canvas = paint_chain(debugger, width, 3)
        on_paper = [text for text, style in canvas.segments(0) if style == "active-underline"]
        active = [text.strip() for y in (1, 2) for text, style in canvas.segments(y) if style == "active"]
        assert on_paper or active, debugger.step.id
        if debugger.phase != "backward":
            assert active == [debugger.step.symbol]


@pytest.mark.parametrize(("name", "form"), NETS)
def test_the_strip_always_shows_where_we_are_and_the_rail_marks_the_step(name: str, form: str) -> None:
    for debugger in places(name, form):
        program = debugger.tape.program
        strip = paint_network(program, debugger.steps, debugger.index, {}, 80)
        styles = [style for y in (0, 1) for _, style in strip.segments(y)]
        on_it = [target for target in _targets(strip) if target == ("step", debugger.step.id)]
        assert styles.count("active") == (1 if on_it else 0)
        rail = paint_rail(debugger, 30, 12)
        assert [row for row in rail.rows() if row.startswith(f" ▶ {debugger.step.id} ")]


def _targets(canvas: Any) -> set[object]:
    return {canvas.target_at(x, y) for x in range(canvas.width) for y in range(canvas.height)}


@pytest.mark.parametrize(("name", "form"), NETS)
def test_the_status_line_gives_the_loss_of_the_tape(name: str, form: str) -> None:
    debugger = next(places(name, form))
    loss = debugger.tape.loss
    shown = re.search(r"L=(\S+)", paint_status(debugger, name, 80).text())
    assert shown is not None
    assert shown[1] == "NaN" if np.isnan(loss) else float(shown[1]) == pytest.approx(loss, rel=1e-3)


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5])
def test_the_height_a_page_asks_for_is_enough_for_it(page: int) -> None:
    for debugger in places("softmax", "as written"):
        here = debugger.set_page(page)
        height = inspector_height(here, 64)
        assert "more lines" not in paint_inspector(here, 64, height).text()
        if height > 2:
            less = paint_inspector(here, 64, height - 1).text().splitlines()
            assert less != paint_inspector(here, 64, height).text().splitlines()


def test_all_pages_are_there_in_a_tall_column() -> None:
    """At 200×50 every page is seen at once, each under its name."""
    debugger = Debugger.start(tape_of("softmax", "as written")).go_to("dW1")
    rows = paint_inspector(debugger, 66, 46, all_pages=True).rows()
    names = ["1 cell", "2 why ᵀ?", "3 numpy", "4 stats", "5 checks"]
    found = [next(y for y, row in enumerate(rows) if row.startswith(f"── {name} ─")) for name in names]
    assert found == sorted(found)
    assert all(rows[y + 1].strip() for y in found)


@pytest.mark.parametrize("height", [12, 20, 30, 46, 80])
@pytest.mark.parametrize("page", [1, 2, 3, 4, 5])
def test_a_column_that_is_too_low_gives_the_page_in_use_its_lines_first(height: int, page: int) -> None:
    debugger = Debugger.start(tape_of("softmax", "as written")).go_to("dW1").set_page(page)
    canvas = paint_inspector(debugger, 66, height, all_pages=True)
    assert canvas.height == height
    body = paint_rows(page_rows(debugger, page, 66), 66).rows()
    shown = canvas.rows()
    if height >= 30:
        start = next(y for y in range(height) if shown[y : y + len(body)] == body)
        assert shown[start - 1].startswith("── ")


def checked(name: str) -> Debugger:
    debugger = Debugger.start(tape_of(name, "as written"))
    report = engine.check(debugger.tape)
    # Rounding errors differ from machine to machine; the screen does not.
    verdict = replace(report.results["W1"], max_rel_error=3e-10)
    results = {
        "W1": verdict,
        "b1": replace(verdict, ok=False, max_rel_error=0.8, message="differs most at [2,0]"),
        "W2": replace(verdict, near_kink=2),
        "b2": replace(verdict, method="central differences"),
    }
    return debugger.with_report(replace(report, results=results, message="3 of 4 gradients agree"))


def test_golden_rail(golden_screen: Golden) -> None:
    """You should see all 12 steps under forward, loss and backward with their layers; B5 with ▶ on yellow, what follows
    dim; ⚠ at ∂L/∂W₂, ✓ at ∂L/∂b₂ and ∂L/∂W₁, ✗ at ∂L/∂b₁."""
    golden_screen("rail_names", paint_rail(checked("softmax").go_to("B5"), 28, 26))


def test_golden_strip_and_chain(golden_screen: Golden) -> None:
    """You should see the net with ▲ under z₁ and marks for what was checked; on paper ∂h₁/∂z₁ underlined, below it the
    mask on yellow with ⊙ in yellow, later factors dim, shapes beneath, and the words `← computing ∂L/∂z₁`."""
    debugger = checked("softmax").go_to("B5")
    canvas = Canvas(80, 6)
    canvas.blit(paint_status(debugger, "softmax", 80), 0, 0)
    canvas.blit(paint_network(debugger.tape.program, debugger.steps, debugger.index, debugger.checks, 80), 0, 1)
    canvas.blit(paint_chain(debugger, 80, 3), 0, 3)
    golden_screen("strip_and_chain_B5", canvas)


@pytest.mark.parametrize(("page", "name"), [(2, "why"), (3, "numpy"), (4, "stats"), (5, "checks")])
def test_golden_inspector(golden_screen: Golden, page: int, name: str) -> None:
    """You should see the page named in blue on the tabs line and beneath it, for ∂L/∂W₁ of the softmax net:
    four candidates of which one fits; both conventions with the line of the file; figures of three matrices;
    a tick, a cross with its reason, a warning and a tick."""
    debugger = checked("softmax").go_to("B6").set_page(page)
    golden_screen(f"inspector_{name}", paint_inspector(debugger, 80, inspector_height(debugger, 80)))


def test_everything_that_is_painted_has_an_ascii_form_in_which_the_two_products_differ() -> None:
    """`--ascii`: one character for one, no question marks, @ between matrices and * between numbers."""
    debugger = checked("softmax").go_to("B6").set_cell("result", 1, 1).with_progress(1, 4)
    canvases = [paint_inspector(debugger.set_page(page), 100, 30) for page in range(1, 6)]
    canvases += [paint_chain(debugger, 100, 3), paint_rail(debugger, 30, 30), paint_help(76)]
    canvases += [paint_network(debugger.tape.program, debugger.steps, debugger.index, {}, 100)]
    for canvas in canvases:
        text = canvas.translate(ASCII).text()
        assert text.isascii()
        assert text.count("?") == canvas.text().count("?")
    assert "(W2' @ dL/df)) @  x'" in canvases[5].translate(ASCII).text()
    assert "= 1.62*0.90 + (-0.28)*0.60" in canvases[0].translate(ASCII).text()
    assert "@" not in canvases[-1].translate(ASCII).text(), "a gradient still to come is no product"
