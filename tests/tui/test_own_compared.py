"""One array of somebody's beside the engine's: the difference, the names of the axes, the steps it leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.blame import Judged
from tests.blame import styles
from tests.tui.ownfiles import LOST, MENDED, PREPARED, UNSUMMED, line_of, written
from tui.opening import Opened, open_target
from tui.own.compared import Compared, compared
from tui.own.judgement import Judgement, judged


def judgement(folder: Path, text: str) -> tuple[Opened, Judgement]:
    opened = open_target(str(written(folder, text)))
    return opened, judged(opened)


def of(found: Judgement, name: str) -> Compared:
    return next(array for array in found.arrays if array.judged.name == name)


def made(theirs: Any, engines: Any, tape: Any) -> Compared:
    """Two arrays side by side that belong to no step."""
    one = Judged(1, "", "d", "∂L/∂q", "own-error", (), "", theirs=np.asarray(theirs), engines=np.asarray(engines))
    return compared(one, tape)


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return open_target(str(written(tmp_path_factory.mktemp("own"), PREPARED))).tape


def test_the_difference_is_theirs_minus_the_engines(tmp_path: Path) -> None:
    """Compared with the two passes worked out here by hand: without the mask and with it."""
    opened, found = judgement(tmp_path, PREPARED)
    p, d = opened.scenario.params, opened.scenario.data
    z1 = d["x"] @ p["W1"] + p["b1"]
    df = np.maximum(z1, 0) @ p["W2"] + p["b2"] - d["y"]
    dh1 = df @ p["W2"].T
    wrong, right = d["x"].T @ dh1, d["x"].T @ (dh1 * (z1 > 0))
    array = of(found, "dw1")
    assert array.difference is not None
    assert np.allclose(array.difference, wrong - right, rtol=1e-12)
    assert np.allclose(array.arrays[0], wrong) and np.allclose(array.arrays[1], right)
    assert array.largest == np.unravel_index(np.argmax(np.abs(wrong - right)), (3, 4))
    assert array.wrong == np.count_nonzero(~np.isclose(wrong, right))


def test_a_right_line_has_no_entry_that_differs(tmp_path: Path) -> None:
    """Whatever was rounded in another order is an exact 0."""
    _, found = judgement(tmp_path, MENDED)
    assert found.arrays
    for array in found.arrays:
        assert array.wrong == 0 and array.largest is None
        assert array.difference is not None and not np.any(array.difference)


def test_rounding_is_no_difference_and_a_small_mistake_is_one(tape: Any) -> None:
    """A millionth of the largest entry is shown; 10⁻¹⁰ of it is not. NaN is never right."""
    right = np.array([[1.0, -2.0, 4.0]])
    assert made(right * (1 + 1e-10), right, tape).wrong == 0
    assert made(np.add(right, [[0, 0, 4e-6]]), right, tape).largest == (0, 2)
    lost = made([[1.0, np.nan, 4.0]], right, tape)
    assert (lost.wrong, lost.largest) == (1, (0, 1))
    single = right.astype(np.float32)
    assert made(single * np.float32(1 + 1e-6), single, tape).wrong == 0


def test_other_shapes_have_no_difference(tmp_path: Path) -> None:
    """A bias gradient that was not summed: both are to be seen, and which shape is needed."""
    _, found = judgement(tmp_path, UNSUMMED)
    array = of(found, "db1")
    assert not array.same_shape and array.difference is None
    assert [one.shape for one in array.arrays] == [(5, 4), (1, 4)]


def test_a_wrong_line_leads_to_the_step_that_no_line_computes(tmp_path: Path) -> None:
    """dw1 is ∂L/∂W₁, but what is missing is ∂L/∂z₁; db1 leads to its own step."""
    _, found = judgement(tmp_path, PREPARED)
    dw1, db1 = of(found, "dw1"), of(found, "db1")
    assert (dw1.step and dw1.step.symbol, dw1.goes_to and dw1.goes_to.symbol) == ("∂L/∂W₁", "∂L/∂z₁")
    assert db1.goes_to is not None and db1.goes_to.symbol == "∂L/∂b₁"
    assert found.marks == {
        "F1": "right", "F2": "right", "F3": "right", "B1": "right", "B2": "right", "B3": "right", "B4": "right",
        "B5": "own-error", "B6": "own-error", "B7": "inherited",
    }  # fmt: skip


def test_a_wrong_line_that_is_no_quantity_leads_to_what_is_made_of_it(tmp_path: Path) -> None:
    """A number inside three loops to ∂L/∂z₁; what such a line makes has no step, and is compared with nothing."""
    _, found = judgement(tmp_path, LOST)
    array = next(one for one in found.arrays if one.judged.verdict == "own-error")
    assert array.judged.text.startswith("dh = df[k]")
    assert (array.step, array.missing, array.part) == (None, None, None)
    assert array.goes_to is not None and array.goes_to.symbol == "∂L/∂z₁"


def test_a_quantity_that_the_short_form_goes_without_leads_to_what_is_made_of_it(tmp_path: Path) -> None:
    """∂L/∂p is in the long chain alone: the step that Enter shows is that of ∂L/∂f, the arrays are those of ∂L/∂p."""
    text = (Path(next(iter(styles.__path__))) / "softmax_jacobian.py").read_text(encoding="utf-8")
    array = of(judgement(tmp_path, text.replace("dp = -Y / p / N", "dp = -2 * Y / p / N"))[1], "dp")
    assert (array.judged.verdict, array.judged.equals, array.step) == ("own-error", "∂L/∂p", None)
    assert array.goes_to is not None and array.goes_to.symbol == "∂L/∂f"
    assert array.part is not None


def test_an_array_with_a_step_of_its_own_leads_nowhere_else(tmp_path: Path) -> None:
    """Though other steps are made of most of them."""
    _, found = judgement(tmp_path, PREPARED)
    assert found.arrays and all(array.step is not None and array.feeds is None for array in found.arrays)


def test_axes_are_named_as_they_lie_in_the_learners_array(tmp_path: Path) -> None:
    """The loss has examples in rows; a backward that keeps them in columns reads ∂L/∂z₁ as h₁×n."""
    turned = MENDED.replace("dh1 = np.dot(df, W2.T)", "dh1 = np.dot(W2, df.T)")
    turned = turned.replace("dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * (z1.T > 0)")
    turned = turned.replace("np.dot(x.T, dz1)", "np.dot(dz1, x).T")
    turned = turned.replace("np.sum(dz1, axis=0, keepdims=True)", "np.sum(dz1, axis=1, keepdims=True).T")
    _, found = judgement(tmp_path, turned)
    assert found.mine is not None and found.mine.verdict == "right"
    array = of(found, "dz1")
    assert array.part is not None
    assert (array.part.left.shape, array.part.left.axes) == ((4, 5), ("h1", "n"))
    assert array.step is not None and array.step.result.axes == ("n", "h1")


def test_the_first_wrong_row_is_that_of_the_engine(tmp_path: Path) -> None:
    """File, line and quantity; nothing where all is right."""
    _, found = judgement(tmp_path, PREPARED)
    assert found.first_wrong is not None
    assert found.rows[found.first_wrong].number == line_of(PREPARED, "dw1 =")
    assert judgement(tmp_path, MENDED)[1].first_wrong is None
