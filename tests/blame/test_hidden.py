"""What an input hides: mistakes that leave its numbers equal are listed with the reason, and shown by a stronger one.

The evidence comes from the text: a correct backward is damaged, and run by itself with plain NumPy beside the complex
step of its loss. Where the numbers still agree, nobody could see the mistake on this input.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import engine
from engine.blame import MISTAKES, Mine, judge
from engine.blame.stronger_judge import StrongerMine, judge_stronger
from engine.scenario import load
from tests.blame.learner import FOLDER, answers, names_of, same, true_gradients

COLUMN = (FOLDER / "styles" / "column_relu.py").read_text(encoding="utf-8")
ROWS = (FOLDER / "styles" / "row_softmax_reg.py").read_text(encoding="utf-8")


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each first string, which must be there, as the second one."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


MEAN = changed(COLUMN, ("np.sum((f - y) ** 2)", "np.sum((f - y) ** 2) / x.shape[1]"), ("df = f", "df = (f"))
MEAN = changed(MEAN, ("(f - y\n", "(f - y) / x.shape[1]\n"))
ONE = changed(MEAN, ("size=(3, 6)", "size=(3, 1)"), ("size=(2, 6)", "size=(2, 1)"))
ON = changed(COLUMN, ('"b1": rng', '"b1": 9 + rng'))
SYMMETRIC = changed(
    COLUMN,
    ('"W2": rng.normal(size=(2, 4))', '"W2": (lambda a: a + a.T)(rng.normal(size=(4, 4)))'),
    ("size=(2, 1)", "size=(4, 1)"),
    ("size=(2, 6)", "size=(4, 6)"),
)
UNREGULARISED = changed(ROWS, ('"reg": 0.3', '"reg": 0.0'))
ZERO_BIAS = changed(COLUMN, ('"b2": rng.normal(size=(2, 1))', '"b2": np.zeros((2, 1))'))
DEAD = changed(COLUMN, ('"b1": rng', '"b1": -99 + rng'), ("    dh1 =", "    W2 = W2\n    dh1 ="))


@dataclass(frozen=True)
class Case:
    """A file, one of its lines with what is written there instead, and what that mistake is called."""

    name: str
    text: str
    line: str
    instead: str
    mistake: str
    quantity: str
    reason: str
    visible: str = COLUMN
    blamed: str = ""

    @property
    def damaged(self) -> str:
        return changed(self.text, (f"    {self.line}\n", f"    {self.instead}\n"))

    @property
    def number(self) -> int:
        """The line to be blamed: the damaged one, if not another."""
        wrong = f"    {self.blamed or self.instead}"
        return next(k for k, one in enumerate(self.damaged.splitlines(), 1) if one == wrong)


SINGLE = "only one example"
CASES = (
    Case("mean-missing", ONE, "df = (f - y) / x.shape[1]", "df = f - y", "mean-missing", "∂L/∂f", SINGLE, MEAN),
    Case(
        "mean-twice",
        ONE,
        "df = (f - y) / x.shape[1]",
        "df = (f - y) / x.shape[1] ** 2",
        "mean-twice",
        "∂L/∂f",
        SINGLE,
        MEAN,
    ),
    Case(
        "bias-not-summed",
        ONE,
        "db2 = np.sum(df, axis=1, keepdims=True)",
        "db2 = df.copy()",
        "bias-not-summed",
        "∂L/∂b₂",
        SINGLE,
        MEAN,
    ),
    Case(
        "last-example",
        ONE,
        "dW2 = df @ h1.T",
        "dW2 = df[:, -1:] @ h1[:, -1:].T",
        "last-example-only",
        "∂L/∂W₂",
        SINGLE,
        MEAN,
    ),
    Case("elementwise", ONE, "dW1 = dz1 @ x.T", "dW1 = dz1 * x.T", "elementwise-for-matmul", "∂L/∂W₁", SINGLE, MEAN),
    Case("no-mask", ON, "dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * 1.0", "relu-mask-missing", "∂L/∂z₁", "no unit is off"),
    Case("z-for-h", ON, "dW2 = df @ h1.T", "dW2 = df @ z1.T", "wrong-operand", "∂L/∂W₂", "h₁ and z₁ hold the same"),
    Case("transposed", SYMMETRIC, "dh1 = W2.T @ df", "dh1 = W2 @ df", "transposed", "∂L/∂h₁", "W₂ is square"),
    Case(
        "no-regularisation",
        UNREGULARISED,
        "dW2 += reg * W2",
        "pass",
        "regularisation-missing",
        "∂L/∂W₂",
        "reg is 0",
        ROWS,
        "dW2 = np.dot(hidden.T, dscores)",
    ),
    Case(
        "regularisation-doubled",
        UNREGULARISED,
        "dW1 += reg * W1",
        "dW1 += 2 * reg * W1",
        "regularisation-factor",
        "∂L/∂W₁",
        "reg is 0",
        ROWS,
    ),
    Case(
        "stale",
        DEAD,
        "W2 = W2",
        "W2 = W2 - 0.1 * dW2",
        "stale-weight",
        "∂L/∂h₁",
        "∂L/∂W₂ is zero throughout",
        COLUMN,
        "dh1 = W2.T @ df",
    ),
)
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def judged(folder: Path, text: str) -> Mine:
    file = folder / "mine.py"
    file.write_text(text, encoding="utf-8")
    scenario = load(file)
    assert scenario.backward is not None
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    return judge(program, scenario.backward, scenario.params, scenario.data)


def judged_stronger(folder: Path, text: str) -> StrongerMine:
    file = folder / "mine.py"
    file.write_text(text, encoding="utf-8")
    scenario = load(file)
    assert scenario.backward is not None
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    found = judge_stronger(scenario.loss, scenario.backward, program, scenario.params, scenario.data)
    assert found is not None
    return found


def agrees(text: str) -> bool:
    """Whether the backward returns the gradients of its loss, by the complex step."""
    names = names_of(text)
    return same(answers(names), true_gradients(names), 1e-10)


@each
def test_the_damage_leaves_the_numbers_of_its_input_equal(case: Case) -> None:
    """Without which nothing here would show anything: the damaged line cannot be seen."""
    assert agrees(case.text)
    assert agrees(case.damaged)


@each
def test_a_mistake_that_leaves_the_numbers_equal_is_listed_with_the_reason(case: Case, tmp_path: Path) -> None:
    """Nothing is called wrong, and the mistake is among those that cannot be decided, at its quantity."""
    mine = judged(tmp_path, case.damaged)
    assert mine.verdict == "right"
    reasons = [one.reason for one in mine.invisible if (one.mistake, one.quantity) == (case.mistake, case.quantity)]
    assert reasons
    assert all(case.reason in reason for reason in reasons)


@each
def test_the_same_file_is_wrong_at_that_line_on_a_stronger_input(case: Case, tmp_path: Path) -> None:
    """The line that was damaged is the first wrong one, and the mistake is named."""
    found = judged_stronger(tmp_path, case.damaged)
    assert found.mine.verdict == "wrong"
    first = found.mine.first_wrong
    assert first is not None
    assert first.line == case.number
    assert case.mistake in first.mistakes


@each
def test_what_an_input_shows_is_not_called_hidden(case: Case, tmp_path: Path) -> None:
    """The same net with other numbers or more examples lists nothing of the kind at that quantity."""
    listed = {(one.mistake, one.quantity) for one in judged(tmp_path, case.visible).invisible}
    assert (case.mistake, case.quantity) not in listed


@each
def test_the_undamaged_file_is_right_on_the_stronger_input(case: Case, tmp_path: Path) -> None:
    """Correct code is never called wrong for being judged on other numbers."""
    assert judged_stronger(tmp_path, case.text).mine.verdict == "right"


def test_what_is_equal_for_every_input_is_no_mistake(tmp_path: Path) -> None:
    """h1 > 0 for z1 > 0 and (B.T @ A.T).T for A @ B are right, and never listed: here nothing is."""
    other = changed(COLUMN, ("(z1 > 0)", "(h1 > 0)"), ("dW2 = df @ h1.T", "dW2 = (h1 @ df.T).T"))
    assert agrees(other)
    for text in (COLUMN, other):
        assert judged(tmp_path, text).invisible == ()


def test_a_bias_that_is_zero_hides_that_it_is_forgotten(tmp_path: Path) -> None:
    """The forward pass inside the backward may leave it out unnoticed; on other numbers it may not."""
    forgotten = "f = W2 @ h1 + b2\n    # backward"
    damaged = changed(ZERO_BIAS, (forgotten, forgotten.replace(" + b2", "")))
    assert agrees(damaged)
    assert ("forward-bias-forgotten", "b₂ is 0 throughout") in {
        (one.mistake, one.reason) for one in judged(tmp_path, damaged).invisible
    }
    first = judged_stronger(tmp_path, damaged).mine.first_wrong
    assert first is not None
    assert first.text == "f = W2 @ h1"


def test_a_dead_unit_is_named(tmp_path: Path) -> None:
    """Where what would show a mistake is exactly 0 because units are off for all examples, the reason says so.

    With all units off the gradients of the first layer are zero throughout, whatever their sign.
    """
    listed = judged(tmp_path, DEAD).invisible
    of_first = [one for one in listed if one.quantity == "∂L/∂W₁"]
    assert {"sign", "factor"} <= {one.mistake for one in of_first}
    assert {one.reason for one in of_first} == {"∂L/∂W₁ is zero throughout"}


def test_every_hidden_mistake_has_a_name_and_a_reason(tmp_path: Path) -> None:
    """Identifiers of the list of mistakes, no pair twice, and a reason in words."""
    for text in (ONE, ON, SYMMETRIC, UNREGULARISED, DEAD):
        listed = judged(tmp_path, text).invisible
        assert listed
        assert len({(one.mistake, one.quantity) for one in listed}) == len(listed)
        assert all(one.mistake in MISTAKES and one.quantity and one.reason for one in listed)


def test_one_example_hides_many(tmp_path: Path) -> None:
    """Every gradient of a parameter is among them, and all of them are put down to the single example."""
    listed = [one for one in judged(tmp_path, ONE).invisible if SINGLE in one.reason]
    assert {"∂L/∂W₁", "∂L/∂b₁", "∂L/∂W₂", "∂L/∂b₂"} <= {one.quantity for one in listed}


def test_another_function_called_loss_does_no_harm(tmp_path: Path) -> None:
    """The judge looks for the loss by its name beside the backward; one of other arguments is left alone."""
    other = "def loss(nothing):\n    return 0\n\n\ndef backward"
    names = names_of(changed(ONE, ("def loss(", "def error("), ("def backward", other)))
    (tmp_path / "mine.py").write_text(ONE, encoding="utf-8")
    scenario = load(tmp_path / "mine.py")
    program = engine.trace(names["error"], scenario.params, scenario.data)
    assert judge(program, names["backward"], scenario.params, scenario.data).verdict == "right"


def test_an_array_that_loss_does_not_read_does_no_harm(tmp_path: Path) -> None:
    """With one example too, where the program is looked at on several: it stands in nothing's place."""
    text = changed(ONE, ('data = {"x"', 'data = {"spare": rng.normal(size=(2, 1)), "x"'))
    assert judged(tmp_path, text).verdict == "right"


def test_the_share_of_a_dead_unit_hides_a_missing_mask(tmp_path: Path) -> None:
    """One unit is off for every example and feeds nothing, the others are on: the reason names that unit."""
    text = changed(
        COLUMN,
        ('"b1": rng.normal(size=(4, 1))', '"b1": np.array([[9.0], [-99.0], [9.0], [9.0]])'),
        ('"W2": rng.normal(size=(2, 4))', '"W2": rng.normal(size=(2, 4)) * [1, 0, 1, 1]'),
    )
    damaged = changed(text, ("dz1 = dh1 * (z1 > 0)", "dz1 = dh1 * 1.0"))
    assert agrees(damaged)
    reasons = {(one.mistake, one.quantity): one.reason for one in judged(tmp_path, damaged).invisible}
    expected = "unit 1 of z₁ is off for every example, so its share of ∂L/∂z₁ is exactly 0"
    assert reasons["relu-mask-missing", "∂L/∂z₁"] == expected
    first = judged_stronger(tmp_path, damaged).mine.first_wrong
    assert first is not None
    assert "relu-mask-missing" in first.mistakes
