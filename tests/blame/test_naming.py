"""What a person can rely on when a mistake is named: the name is that of what was written, and the sentence says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.blame import FirstWrong
from tests.blame.test_judge import CLASSES, NOTES, judged, line_with

STYLES = Path(__file__).parent / "styles"

RECURRENT = """
import numpy as np

rng = np.random.default_rng(8)
params = {"Wx": rng.normal(size=(4, 3)), "Wh": rng.normal(size=(4, 4)), "Wy": rng.normal(size=(2, 4))}
data = {"xs": [rng.normal(size=(3, 5)) for _ in range(3)], "y": rng.normal(size=(2, 5))}


def loss(xs, y, Wx, Wh, Wy):
    h = np.zeros((4, 5))
    for x in xs:
        h = np.tanh(Wx @ x + Wh @ h)
    return 0.5 * np.sum((Wy @ h - y) ** 2)


def backward(xs, y, Wx, Wh, Wy):
    hs = [np.zeros((4, 5))]
    for x in xs:
        hs.append(np.tanh(Wx @ x + Wh @ hs[-1]))
    df = Wy @ hs[-1] - y
    dWx, dWh = np.zeros_like(Wx), np.zeros_like(Wh)
    dWy = df @ hs[-1].T
    dh = Wy.T @ df
    for t in (2, 1, 0):
        dz = dh * (1 - hs[t + 1] ** 2)
        dWx += dz @ xs[t].T
        dWh += dz @ hs[t].T
        dh = Wh.T @ dz
    return {"Wx": dWx, "Wh": dWh, "Wy": dWy}
"""


def first_wrong(folder: Path, text: str, *changes: tuple[str, str]) -> tuple[FirstWrong, list[str]]:
    """The first wrong line of the text with changes made in its backward, and the lines of the text."""
    mine, lines = judged(folder, text, *changes)
    assert mine.verdict == "wrong" and mine.first_wrong is not None
    return mine.first_wrong, lines


OPERANDS = {
    "of the right shape": (NOTES, ("(df, W2.T)", "(f, W2.T)"), "dh1 = ", "f stands where df belongs"),
    "that gives another shape": (NOTES, ("(h1.T, df)", "(f.T, df)"), "dw2 = ", "f stands where h1 belongs"),
    "of the forward pass in a sum": (NOTES, ("dz1.sum", "z1.sum"), "db1 = ", "z1 stands where dz1 belongs"),
    "that is the same one twice": (CLASSES, ("x.T @ dz", "dz.T @ dz"), "dW1 = ", "dz stands where x belongs"),
}


@pytest.mark.parametrize("case", sorted(OPERANDS))
def test_an_array_that_the_line_reads_in_the_place_of_another_is_a_wrong_operand(tmp_path: Path, case: str) -> None:
    """It is so named and nothing else is, and both arrays are named as they are in the code."""
    text, change, where, said = OPERANDS[case]
    first, lines = first_wrong(tmp_path, text, change)
    assert first.line == line_with(lines, where)
    assert first.mistakes == ("wrong-operand",)
    assert said in first.explanation


def test_a_derivative_of_another_function_is_said_as_it_is_written(tmp_path: Path) -> None:
    """With the learner's own name in it."""
    first, _ = first_wrong(tmp_path, CLASSES, ("(1 - h ** 2)", "h * (1 - h)"))
    assert "it is taken as h * (1 - h)." in first.explanation
    assert first.explanation.endswith("It should be dz = dh * (1 - h ** 2).")


def test_a_mask_that_stands_in_another_line_is_not_called_missing_first(tmp_path: Path) -> None:
    """dz1 is computed: who takes dh1 has taken a wrong operand. The absent mask fits the numbers, and comes second."""
    first, lines = first_wrong(tmp_path, NOTES, ("(x.T, dz1)", "(x.T, dh1)"))
    assert first.line == line_with(lines, "dw1 = ")
    assert first.mistakes == ("wrong-operand", "relu-mask-missing")
    assert first.explanation.startswith("A wrong operand: dh1 stands where dz1 belongs.")


def test_a_mask_that_no_line_computes_is_missing_and_no_operand_is_wrong(tmp_path: Path) -> None:
    """Without a line for dz1 nobody has mistaken anything for it."""
    changes = ("    dz1 = dh1 * (z1 > 0)\n", ""), ("(x.T, dz1)", "(x.T, dh1)"), ("dz1.sum", "dh1.sum")
    first, _ = first_wrong(tmp_path, NOTES, *changes)
    assert first.mistakes == ("relu-mask-missing",)


@pytest.mark.parametrize(
    "slope", ["h * (1 - h)", "(1 - h)", "(h > 0)", "h ** 2", "(1 - z ** 2)", "(1 - np.tanh(h) ** 2)"]
)
def test_the_derivative_of_another_function_is_a_derivative_of_a_wrong_value(tmp_path: Path, slope: str) -> None:
    """That of the sigmoid or of the ReLU, one without its square, one at z or at tanh h where h belongs."""
    old, new = "    dz = dh * (1 - h ** 2)", f"    z = x @ W1 + b1\n    dz = dh * {slope}"
    first, lines = first_wrong(tmp_path, CLASSES, (old, new))
    assert first.line == line_with(lines, "dz = ")
    assert first.mistakes == ("activation-derivative-wrong-value",)


IN_EACH_STEP = {
    "activation-derivative-missing": ("dWx += dz @", "dWx += dh @", "dWx += "),
    "last-example-only": ("dWx += dz @ xs[t].T", "dWx += dz[:, -1:] @ xs[t][:, -1:].T", "dWx += "),
    "accumulation-overwritten": ("dWx += dz", "dWx = dz", "dWx = dz"),
    "activation-derivative-wrong-value": ("1 - hs[t + 1] ** 2", "1 - hs[t] ** 2", "dz = "),
}


@pytest.mark.parametrize("mistake", sorted(IN_EACH_STEP))
def test_a_line_that_runs_in_every_time_step_is_one_mistake(tmp_path: Path, mistake: str) -> None:
    """The same change at each step of a recurrent net is one change of one line, and has its name."""
    old, new, where = IN_EACH_STEP[mistake]
    first, lines = first_wrong(tmp_path, RECURRENT, (old, new))
    assert first.line == line_with(lines, where)
    assert mistake in first.mistakes


def test_a_loop_over_examples_that_overwrites_its_sum_counts_the_last_example_only(tmp_path: Path) -> None:
    """db2 = df in the place of db2 += df."""
    text = (STYLES / "loop_examples.py").read_text()
    first, lines = first_wrong(tmp_path, text, ("db2 += df", "db2 = df"))
    assert first.line == line_with(lines, "db2 = df")
    assert "last-example-only" in first.mistakes and "bias-not-summed" not in first.mistakes


REGULARISATION = {
    "left out": ([("        dW2 += reg * W2\n", "")], ("regularisation-missing",), "left out"),
    "halved": ([("dW2 += reg * W2", "dW2 += 0.5 * reg * W2")], ("regularisation-factor",), "0.5 times"),
    "subtracted": ([("dW2 += reg * W2", "dW2 -= reg * W2")], ("regularisation-factor", "sign"), "wrong sign"),
    "alone": ([("dW2 += reg * W2", "dW2 = reg * W2")], ("accumulation-overwritten",), "+= is needed"),
}


@pytest.mark.parametrize("case", sorted(REGULARISATION))
def test_regularisation_is_named_as_a_whole(tmp_path: Path, case: str) -> None:
    """Also where the loss writes W * W, whose gradient has two equal parts; no name that stands in no line is said."""
    changes, mistakes, said = REGULARISATION[case]
    text = (STYLES / "row_softmax_reg.py").read_text()
    changes = [(old.replace("        ", "    ", 1), new) for old, new in changes]
    first, _ = first_wrong(tmp_path, text, *changes)
    assert first.mistakes == mistakes
    assert said in first.explanation and "t1" not in first.explanation


def test_a_mean_along_the_wrong_axis_is_a_wrong_axis(tmp_path: Path) -> None:
    """It divides by the length of another axis as well, and is still one mistake."""
    text = (STYLES / "sigmoid_late_mean.py").read_text()
    first, _ = first_wrong(tmp_path, text, ("np.mean(dZ2, axis=1", "np.mean(dZ2, axis=0"))
    assert first.mistakes == ("bias-wrong-axis",)


@pytest.mark.parametrize("factor", ["2", "0.5"])
def test_a_plain_factor_is_a_factor_and_no_count(tmp_path: Path, factor: str) -> None:
    """2 may be a quotient of two sizes by chance; nobody is told so."""
    text = (STYLES / "tanh_mean.py").read_text()
    first, _ = first_wrong(tmp_path, text, ("x.T @ grad_z1", f"{factor} * (x.T @ grad_z1)"))
    assert first.mistakes == ("factor",)


def test_a_backward_in_the_other_convention_is_told_what_to_write_in_its_own(tmp_path: Path) -> None:
    """The loss has examples in columns, the backward in rows: the sentence is in rows, with the backward's names."""
    text = (STYLES / "other_convention.py").read_text()
    first, _ = first_wrong(tmp_path, text, ("(F - Y) / N", "F - Y"))
    assert "dF = (F - Y) / 5" in first.explanation
    first, _ = first_wrong(tmp_path, text, ("dF @ V2.T", "F @ V2.T"))
    assert "F stands where dF belongs. Write dH1 = dF @ V2.T: with it every gradient is right." in first.explanation


def test_what_a_helper_reads_is_found_behind_the_return(tmp_path: Path) -> None:
    """The gradient is handed on by a return; the operands are those of the line that made it."""
    text = (STYLES / "helpers_cache.py").read_text()
    before, line = "    dw = x.T @ dout\n", "    dw = dout.T @ dout\n"
    assert before in text
    mine, lines = judged(tmp_path, text.replace(before, line))
    assert mine.first_wrong is not None and mine.first_wrong.line == line_with(lines, "dw = dout.T")
    assert mine.first_wrong.mistakes == ("wrong-operand",)


def test_sentences_begin_with_a_capital_and_end_with_a_stop(tmp_path: Path) -> None:
    """Of the lines that are wrong by themselves, whatever the mistake."""
    for old, new in (("p * (dp", "2 * p * (dp"), ("h.T @ df", "-h.T @ df / m"), ("df.sum(axis=0)", "df")):
        first, _ = first_wrong(tmp_path, CLASSES, (old, new))
        assert first.explanation[0].isupper() or first.explanation.startswith(("d", "wrong here")), first.explanation
        assert first.explanation.endswith(".")
