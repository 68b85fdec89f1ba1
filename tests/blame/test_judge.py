"""What a person can rely on when their own backward is judged: the line, the mistake's name, and no false blame."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.blame import MISTAKES, Mine, judge
from engine.scenario import load

NOTES = """
import numpy as np

rng = np.random.default_rng(3)
params = {"W1": rng.normal(size=(3, 5)), "b1": rng.normal(size=5)}
params |= {"W2": rng.normal(size=(5, 4)), "b2": rng.normal(size=4)}
data = {"x": rng.normal(size=(7, 3)), "y": rng.normal(size=(7, 4))}


def loss(x, y, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    return 0.5 * np.sum((f - y) ** 2)


def backward(x, y, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    f = h1 @ W2 + b2
    df = f - y
    dw2 = np.dot(h1.T, df)
    db2 = df.sum(axis=0)
    dh1 = np.dot(df, W2.T)
    dz1 = dh1 * (z1 > 0)
    dw1 = np.dot(x.T, dz1)
    db1 = dz1.sum(axis=0)
    return {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}
"""

SQUARE = (
    NOTES.replace("(3, 5)", "(4, 4)")
    .replace("size=5", "size=4")
    .replace("(5, 4)", "(4, 4)")
    .replace("(7, 3)", "(4, 4)")
    .replace("(7, 4)", "(4, 4)")
)

CLASSES = """
import numpy as np

rng = np.random.default_rng(5)
params = {"W1": rng.normal(size=(3, 6)), "b1": rng.normal(size=6)}
params |= {"W2": rng.normal(size=(6, 4)), "b2": rng.normal(size=4)}
data = {"x": rng.normal(size=(7, 3)), "Y": np.eye(4)[[0, 1, 2, 3, 0, 1, 2]]}


def loss(x, Y, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    f = h @ W2 + b2
    e = np.exp(f - np.max(f, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.sum(Y * np.log(p)) / len(x) + 0.1 * np.sum(W2 ** 2)


def backward(x, Y, W1, b1, W2, b2):
    m = len(x)
    h = np.tanh(x @ W1 + b1)
    f = h @ W2 + b2
    e = np.exp(f - np.max(f, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    dp = -Y / p / m
    df = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    dW2 = h.T @ df
    dW2 += 0.2 * W2
    db2 = df.sum(axis=0)
    dh = df @ W2.T
    dz = dh * (1 - h ** 2)
    dW1 = x.T @ dz
    db1 = dz.sum(axis=0)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
"""


def judged(folder: Path, text: str, *changes: tuple[str, str], seconds: float = 5.0) -> tuple[Mine, list[str]]:
    """The judgement of the text with changes made in its backward, and the text's lines."""
    head, mark, tail = text.partition("def backward")
    for old, new in changes:
        assert old in tail
        tail = tail.replace(old, new, 1)
    file = folder / "mine.py"
    file.write_text(head + mark + tail, encoding="utf-8")
    scenario = load(file)
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    backward = scenario.loss.__globals__["backward"]
    return judge(program, backward, scenario.params, scenario.data, seconds=seconds), file.read_text().splitlines()


def line_with(lines: list[str], text: str) -> int:
    """The number of the last line that holds the text."""
    return max(k for k, line in enumerate(lines, 1) if text in line)


def test_notes_without_mask_blame_the_line_that_takes_the_unmasked_gradient(tmp_path: Path) -> None:
    """dw1 is first wrong and called by its name; db1 has only inherited it; everything before is right."""
    mine, lines = judged(
        tmp_path, NOTES, ("    dz1 = dh1 * (z1 > 0)\n", ""), ("(x.T, dz1)", "(x.T, dh1)"), ("dz1.sum", "dh1.sum")
    )
    assert mine.verdict == "wrong" and mine.first_wrong is not None
    assert mine.first_wrong.line == line_with(lines, "dw1 = ")
    assert mine.first_wrong.mistakes[0] == "relu-mask-missing"
    assert "no line computes dz1 = dh1 * (z1 > 0)" in mine.first_wrong.explanation
    verdicts = {one.name: one.verdict for one in mine.lines}
    assert verdicts["db1"] == "inherited" and verdicts["dh1"] == "right" and verdicts["dw2"] == "right"
    assert not mine.gradients["W1"].ok and mine.gradients["W2"].ok


JACOBIAN = "p * (dp - np.sum(dp * p, axis=1, keepdims=True))"
WRONG = {
    "transposed": (SQUARE, ("np.dot(df, W2.T)", "np.dot(df, W2)"), "dh1 = "),
    "elementwise-for-matmul": (SQUARE, ("np.dot(df, W2.T)", "df * W2.T"), "dh1 = "),
    "stale-weight": (NOTES, ("    dh1 = np", "    W2 = W2 - 0.1 * dw2\n    dh1 = np"), "dh1 = "),
    "relu-mask-from-gradient": (NOTES, ("(z1 > 0)", "(dh1 > 0)"), "dz1 = "),
    "relu-mask-missing": (NOTES, ("dh1 * (z1 > 0)", "dh1"), "dz1 = dh1"),
    "sign": (NOTES, ("f - y", "y - f"), "df = "),
    "bias-wrong-axis": (SQUARE, ("dz1.sum(axis=0)", "dz1.sum(axis=1)"), "db1 = "),
    "bias-not-summed": (NOTES, ("dz1.sum(axis=0)", "dz1"), "db1 = "),
    "factor": (NOTES, ("f - y", "2 * (f - y)"), "df = "),
    "last-example-only": (NOTES, ("np.dot(x.T, dz1)", "np.dot(x[-1:].T, dz1[-1:])"), "dw1 = "),
    "mean-missing": (CLASSES, ("-Y / p / m", "-Y / p"), "dp = "),
    "mean-twice": (CLASSES, ("h.T @ df", "h.T @ df / m"), "dW2 = "),
    "softmax-jacobian-dropped": (CLASSES, (JACOBIAN, "dp"), "df = "),
    "softmax-jacobian-diagonal": (CLASSES, (JACOBIAN, "p * (1 - p) * dp"), "df = "),
    "activation-derivative-missing": (CLASSES, ("dh * (1 - h ** 2)", "1.0 * dh"), "dz = "),
    "activation-derivative-wrong-value": (CLASSES, ("1 - h ** 2", "1 - h"), "dz = "),
    "regularisation-missing": (CLASSES, ("    dW2 += 0.2 * W2\n", ""), "dW2 = "),
    "regularisation-factor": (CLASSES, ("dW2 += 0.2", "dW2 += 0.1"), "dW2 += "),
    "accumulation-overwritten": (CLASSES, ("dW2 += 0.2 * W2", "dW2 = 0.2 * W2"), "dW2 = 0.2"),
    "wrong-operand": (SQUARE, ("np.dot(h1.T, df)", "np.dot(y.T, df)"), "dw2 = "),
    "forward-bias-forgotten": (NOTES, ("f = h1 @ W2 + b2", "f = h1 @ W2"), "    f = "),
}


@pytest.mark.parametrize("mistake", sorted(WRONG))
def test_a_mistake_is_found_on_its_line_and_called_by_its_name(tmp_path: Path, mistake: str) -> None:
    """The first wrong line is the one that was changed, and its mistake is among those listed."""
    text, change, where = WRONG[mistake]
    mine, lines = judged(tmp_path, text, change)
    assert mine.verdict == "wrong" and mine.first_wrong is not None
    assert mine.first_wrong.line == line_with(lines, where), mine.first_wrong
    assert mistake in mine.first_wrong.mistakes, mine.first_wrong


def test_one_n_too_many_in_a_backward_that_divides_late_is_misplaced(tmp_path: Path) -> None:
    """Where the weights divide by m themselves, a delta that divides as well has the count in the wrong place."""
    style = (Path(__file__).parent / "styles" / "sigmoid_late_mean.py").read_text()
    mine, lines = judged(tmp_path, style, ("np.dot(W2.T, dZ2) * (1 - A1**2)", "np.dot(W2.T, dZ2) * (1 - A1**2) / m"))
    assert mine.first_wrong is not None and mine.first_wrong.line == line_with(lines, "dZ1 = ")
    assert "mean-misplaced" in mine.first_wrong.mistakes


@pytest.mark.parametrize("style", sorted((Path(__file__).parent / "styles").glob("*.py")), ids=lambda p: p.stem)
def test_correct_code_is_never_blamed(tmp_path: Path, style: Path) -> None:
    """Loops over examples, classes, cached tuples, plain lists, in-place masks, late means: right is right."""
    mine, _ = judged(tmp_path, style.read_text())
    assert mine.verdict == "right" and mine.first_wrong is None
    assert {one.verdict for one in mine.lines} <= {"right", "in-progress"}
    assert all(answer.ok for answer in mine.gradients.values())


def test_a_backward_that_raises_is_judged_up_to_there(tmp_path: Path) -> None:
    """The message names the line and the shapes; nothing after it is in the list."""
    mine, lines = judged(tmp_path, NOTES, ("np.dot(x.T, dz1)", "np.dot(x, dz1)"))
    number = line_with(lines, "dw1 = ")
    assert mine.verdict == "raised" and f"Stopped on line {number}" in mine.message and "(7, 3)" in mine.message
    assert mine.first_wrong is None and all(one.line < number for one in mine.lines)


def test_what_should_stand_there_names_nothing_that_only_chainstep_has(tmp_path: Path) -> None:
    """∂L/∂p is a quotient of temporaries in the long chain: then no line is proposed rather than one of theirs."""
    text = (Path(__file__).parent / "styles" / "softmax_jacobian.py").read_text()
    mine, _ = judged(tmp_path, text, ("dp = -Y / p / N", "dp = -2 * Y / p / N"))
    assert mine.first_wrong is not None
    assert mine.first_wrong.explanation == "dp is 2 times what it should be."


@pytest.mark.parametrize("rounds", [0, 3])
def test_no_line_of_a_loop_over_the_examples_is_blamed_before_the_loop_has_ended(tmp_path: Path, rounds: int) -> None:
    """The gradient of a few examples is no wrong gradient of all of them."""
    text = (Path(__file__).parent / "styles" / "loop_examples.py").read_text()
    damaged = f"np.outer(dz, x[i] if i < {rounds} else x)"
    mine, lines = judged(tmp_path, text, ("np.outer(dz, x[i])", damaged))
    assert mine.raised is not None and mine.raised.line == line_with(lines, "dW1 += ")
    assert mine.first_wrong is None
    assert not [one for one in mine.lines if one.verdict in ("own-error", "inherited")]


def test_a_wrong_line_in_a_loop_over_time_is_found_before_the_loop_has_ended(tmp_path: Path) -> None:
    """Each round of it makes a gradient of its own, and all of that."""
    text = (Path(__file__).parent / "styles" / "recurrent.py").read_text()
    raises = ("dh = Wh.T @ dz", "dh = Wh.T @ (dz if t else dz[:1])")
    mine, lines = judged(tmp_path, text, ("1 - hs[t + 1] ** 2", "1 - hs[t] ** 2"), raises)
    assert mine.verdict == "raised" and mine.first_wrong is not None
    assert mine.first_wrong.line == line_with(lines, "dz = dh * ")


@pytest.mark.parametrize(
    ("raises", "said"),
    [
        (r"raise ValueError('no  such\nthing .')", ". ValueError: no such thing. Nothing after it was judged."),
        ("raise ValueError", ". ValueError. Nothing after it was judged."),
    ],
)
def test_what_an_exception_says_ends_in_one_full_stop(tmp_path: Path, raises: str, said: str) -> None:
    """On one line, without a blank before its full stop, and without a colon where it says nothing."""
    mine, _ = judged(tmp_path, NOTES, ("    df = f - y", f"    {raises}"))
    assert mine.message.endswith(raises + said)


@pytest.mark.parametrize("loop", ["while True:\n        df = f - y", "while True: pass", "while True: df = f - y"])
def test_an_endless_loop_ends_with_a_message(loop: str, tmp_path: Path) -> None:
    """A loop without an end is stopped and said so, also on one line; nothing is blamed."""
    mine, _ = judged(tmp_path, NOTES, ("    df = f - y", f"    {loop}"), seconds=1.0)
    assert mine.verdict == "raised" and mine.first_wrong is None and mine.message


def test_the_arrays_handed_over_stay_as_they_are(tmp_path: Path) -> None:
    """A backward that updates its weights in place does so on copies."""
    file = tmp_path / "mine.py"
    file.write_text((Path(__file__).parent / "styles" / "weight_update.py").read_text())
    scenario = load(file)
    before = {k: v.copy() for k, v in scenario.params.items()}
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    judge(program, scenario.loss.__globals__["backward"], scenario.params, scenario.data)
    assert all((before[k] == scenario.params[k]).all() for k in before)


def test_every_mistake_has_one_sentence() -> None:
    """The list of names is a list of sentences."""
    assert all(text.endswith(".") and "\n" not in text for text in MISTAKES.values())


def test_a_backward_that_ends_the_process_is_reported_as_one_that_raises() -> None:
    """sys.exit inside backward stops the judgement at its line and nothing else."""

    def backward(W: Any, x: Any) -> Any:
        product = W @ x
        sys.exit(int(product.size))

    params, data = {"W": np.ones((2, 3))}, {"x": np.ones((3, 2))}
    program = engine.trace(lambda W, x: np.sum((W @ x) ** 2), params, data)
    mine = judge(program, backward, params, data)
    assert mine.verdict == "raised" and "SystemExit" in mine.message


def test_a_backward_whose_lines_cannot_be_followed_is_refused_with_the_cure() -> None:
    """functools.partial has no lines of its own."""
    params, data = {"W": np.ones((2, 3))}, {"x": np.ones((3, 2))}
    program = engine.trace(lambda W, x: np.sum((W @ x) ** 2), params, data)
    with pytest.raises(engine.RunError, match="partial") as caught:
        judge(program, functools.partial(lambda k, W, x: {"W": k * W}, 2), params, data)
    assert "def backward" in caught.value.cure


@pytest.mark.parametrize("key", ["W1", "dW1", "grad_W1", "W1_grad", "nabla_W1"])
def test_a_gradient_may_be_returned_under_any_name_that_says_whose_it_is(key: str, tmp_path: Path) -> None:
    """Also where a tuple's names are given: ``RETURNS = "grad_W1 ..."`` is read in the same way."""
    text = (Path(__file__).parent / "styles" / "column_relu.py").read_text(encoding="utf-8")
    mine, _ = judged(tmp_path, text, ('"W1": dW1', f'"{key}": dW1'))
    assert mine.verdict == "right" and "W1" in mine.gradients
