"""The lines that are listed: whole functions, a mark per judged line, and where a line is after an edit."""

from __future__ import annotations

from pathlib import Path

from tests.tui.ownfiles import MENDED, PREPARED, line_of, written
from tui.canvas import Canvas
from tui.opening import open_target
from tui.own.judgement import Judgement, judged
from tui.own.listing import Row, moved, worst
from tui.own.source import functions
from tui.paint.own.lines import LineTarget, paint_lines

HELPERS = """\
import numpy as np

params = {"W1": np.array([[0.3, -0.4], [0.5, 0.6], [-0.7, 0.2]]), "W2": np.array([[0.8, -0.3], [0.1, 0.9]])}
data = {"x": np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.4]]), "y": np.array([[1.0, -1.0], [0.5, 0.2]])}


def loss(x, y, W1, W2):
    return 0.5 * np.sum((np.tanh(x @ W1) @ W2 - y) ** 2)


def linear_backward(dout, x, w):
    dx = dout @ w.T
    dw = x.T @ dout * FACTOR
    return dx, dw


def unused(x):
    return x


def backward(x, y, W1, W2):
    h = np.tanh(x @ W1)
    d = h @ W2 - y
    dh, dW2 = linear_backward(d, h, W2)
    dz = dh * (1 - h ** 2)
    dx, dW1 = linear_backward(dz, x, W1)
    return {"W1": dW1, "W2": dW2}
"""


def judgement(folder: Path, text: str) -> Judgement:
    return judged(open_target(str(written(folder, text))))


def test_every_function_with_a_judged_line_is_listed_whole_and_no_other(tmp_path: Path) -> None:
    """The backward and the helper it calls, each from def to end, in the order of the file."""
    found = judgement(tmp_path, HELPERS.replace(" * FACTOR", ""))
    text = [row.text for row in found.rows if row.kind in ("def", "code")]
    lines = HELPERS.replace(" * FACTOR", "").splitlines()
    helper, own = lines.index("def linear_backward(dout, x, w):"), lines.index("def backward(x, y, W1, W2):")
    assert text == lines[helper : helper + 4] + lines[own : own + 7]
    assert all(lines[row.number - 1] == row.text for row in found.rows if row.kind in ("def", "code"))


def test_a_line_that_makes_several_arrays_has_a_row_for_each(tmp_path: Path) -> None:
    """The helper runs twice: dw is ∂L/∂W₂ the first time and ∂L/∂W₁ the second; the line bears the worse mark."""
    found = judgement(tmp_path, HELPERS.replace(" * FACTOR", " * (2 if w.shape == (3, 2) else 1)"))
    line = next(k for k, row in enumerate(found.rows) if row.text.strip().startswith("dw ="))
    assert found.rows[line].verdict == "own-error" and not found.rows[line].stop
    below = found.rows[line + 1 : line + 3]
    assert [(row.kind, row.text.strip(), row.verdict) for row in below] == [
        ("array", "dw", "right"),
        ("array", "dw", "own-error"),
    ]
    symbols = [found.arrays[row.array].judged.equals for row in below if row.array is not None]
    assert symbols == ["∂L/∂W₂", "∂L/∂W₁"]


def test_the_cursor_stands_on_statements_and_not_on_comments_or_blank_lines(tmp_path: Path) -> None:
    found = judgement(tmp_path, PREPARED)
    for row in found.rows:
        assert row.stop == bool(row.text.strip() and not row.text.strip().startswith("#")), row


def test_only_lines_that_make_arrays_bear_a_mark(tmp_path: Path) -> None:
    """Comments, blank lines and the return bear none."""
    found = judgement(tmp_path, PREPARED)
    marked = {row.number for row in found.rows if row.verdict is not None}
    names = ("z1 =", "h1 =", "f =", "df =", "dw2 =", "db2 =", "dh1 =", "dw1 =", "db1 =")
    assert marked == {line_of(PREPARED, name) for name in names}


def test_a_function_starts_with_its_decorators_and_a_method_stands_without_its_class(tmp_path: Path) -> None:
    file = written(
        tmp_path, "class A:\n    x = 1\n\n    @twice\n    def f(self):\n        def g():\n            pass\n\n\ny = 2\n"
    )
    (method,) = functions(str(file), [7])
    assert [line.number for line in method] == [4, 5, 6, 7]
    assert [[line.number for line in one] for one in functions(str(file), [10, 5])] == [[4, 5, 6, 7], [10]]


def test_the_line_that_a_run_ended_on_may_be_a_helpers(tmp_path: Path) -> None:
    """In the file of the helper, not on the line of that number in the other one."""
    helper = "import numpy as np\n\n\ndef masked(d, z):\n    m = d * (z > 0)\n    return m.reshape(7, 7)\n"
    layers = written(tmp_path, helper, "layers")
    text = MENDED.replace("dh1 * (z1 > 0)", "masked(dh1, z1)")
    found = judgement(
        tmp_path, text.replace("import numpy as np\n", "import numpy as np\nfrom layers import masked\n", 1)
    )
    assert found.stopped is not None and found.mine is not None and found.mine.lines
    row = found.rows[found.stopped]
    assert (row.file, row.text.strip()) == (str(layers), "return m.reshape(7, 7)")


def rows(*texts: str) -> list[Row]:
    return [Row("code", "f.py", number, text, stop=True) for number, text in enumerate(texts, 1)]


def test_a_line_is_found_again_after_an_edit() -> None:
    """Lines put in above, taken out above, the line itself rewritten or taken out, or its neighbours as well."""
    before = rows("a", "b", "c", "d")
    assert moved(before, rows("new", "a", "b", "c", "d"), 2) == 3
    assert moved(before, rows("b", "c", "d"), 2) == 1
    assert moved(before, rows("a", "b", "C", "d"), 2) == 2
    assert moved(before, rows("a", "b", "d"), 2) == 2
    assert moved(rows("dw = x.T @ dh", "db = dh.sum()"), rows("dz = dh", "dw = x.T @ dz", "db = dz.sum()"), 1) == 2
    assert moved(before, rows("a", "b", "c"), 3) == 2
    assert moved(before, rows("    a", "    b", "    c", "    d"), 1) == 1


def test_the_worst_verdict_speaks_for_a_line() -> None:
    assert worst(["right", "own-error", "inherited"]) == "own-error"
    assert worst(["right", "inherited", "in-progress"]) == "inherited"
    assert worst(["right", "in-progress"]) == "in-progress"
    assert worst([]) is None


def painted(found: Judgement, row: int, width: int, height: int) -> Canvas:
    return paint_lines(found, row, width, height)


def test_the_row_of_the_cursor_is_always_to_be_seen(tmp_path: Path) -> None:
    """At every height, on every row, once, with its sign at the left."""
    found = judgement(tmp_path, PREPARED)
    for height in (1, 2, 5, 30):
        for row, one in enumerate(found.rows):
            lines = [line for line in painted(found, row, 80, height).rows() if line.startswith("▶")]
            assert len(lines) == 1
            assert str(one.number) in lines[0] and one.text.strip() in lines[0]


def test_text_goes_before_steps_and_steps_before_words(tmp_path: Path) -> None:
    """Wide: step and word; narrower: the step; narrow: the source alone, cut with an ellipsis."""
    found = judgement(tmp_path, PREPARED)
    row = found.first_wrong
    assert row is not None

    def line(width: int) -> str:
        return next(text for text in painted(found, row, width, 40).rows() if "dw1 =" in text)

    assert line(80).split()[-4:] == ["B6", "∂L/∂W₁", "first", "wrong"]
    assert line(64).split()[-2:] == ["B6", "∂L/∂W₁"]
    assert line(40).endswith("dw1 = np.dot(x.T, dh1)")
    assert painted(found, row, 30, 40).text().count("…") > 1


def test_the_line_of_the_cursor_is_shown_in_full_where_its_step_leaves_no_room(tmp_path: Path) -> None:
    """Its step and its word stand beneath the listing anyway."""
    long = "db1 = np.sum(dh1, axis=0, keepdims=True)"
    text = PREPARED.replace(long, f"{long} + 0 * np.sum(dh1, axis=0)")
    found = judgement(tmp_path, text)
    row = next(k for k, one in enumerate(found.rows) if one.text.strip().startswith("db1 ="))
    assert next(one for one in painted(found, 0, 80, 40).rows() if "db1 =" in one).rstrip().endswith("inherited")
    assert next(one for one in painted(found, row, 80, 40).rows() if "db1 =" in one).endswith("0 * np.sum(dh1, axis=0)")


def test_a_click_goes_to_a_line_on_which_the_cursor_can_stand(tmp_path: Path) -> None:
    found = judgement(tmp_path, PREPARED)
    targets = {target.row for *_, target in painted(found, 0, 80, 40).targets() if isinstance(target, LineTarget)}
    assert targets == {k for k, row in enumerate(found.rows) if row.stop}
