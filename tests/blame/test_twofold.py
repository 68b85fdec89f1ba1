"""What can be relied on where two lines are wrong: both are told, with what to write in each, the first one first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.blame import Judged, Mine
from tests.blame.learner import answers, names_of, same, true_gradients
from tests.blame.test_judge import judged, line_with
from tests.blame.test_repair import style

TWO = {
    "two terms of one gradient": (
        "tied_weights",
        ("dW = h.T @ dr", "dW = h[-1:].T @ dr[-1:]"),
        ("dW += du.T @ x", "dW += -(du.T @ x)"),
    ),
    "two gradients": (
        "three_layer_g",
        ("dW3 = g @ h2.T", "dW3 = -(g @ h2.T)"),
        ("dW1 = g @ x.T", "dW1 = 3 * (g @ x.T)"),
    ),
    "two constants of one product": (
        "l1_four_layers",
        ("upstream = np.sign(outs[-1] - T) / X.shape[0]", "upstream = np.sign(outs[-1] - T)"),
        ("upstream = local @ Ws[i].T", "upstream = 0.5 * (local @ Ws[i].T)"),
    ),
    "one that everything after it inherits, and one further on": (
        "loop_examples",
        ("dh = W2.T @ df", "dh = 2 * (W2.T @ df)"),
        ("dW1 += np.outer(dz, x[i])", "dW1 = np.outer(dz, x[i])"),
    ),
    "a derivative left out, and with it another array": (
        "three_sigmoid_lists",
        ("delta = (W[l + 1].T @ delta) * a[l + 1] * (1 - a[l + 1])", "delta = W[l + 1].T @ delta"),
        ("nabla_W[l] = delta @ a[l].T", "nabla_W[l] = x @ a[l].T"),
    ),
    "one that another line reads, and that line": (
        "affine_relu_sandwich",
        ("dWc = np.dot(dyhat, h2.T)", "dWc = -np.dot(dyhat, h2.T)"),
        ("dh2 = np.dot(Wc.T, dyhat)", "dh2 = np.dot(dWc.T, dyhat)"),
    ),
    "a bias inside a function, and a factor": (
        "single_product_lines",
        ("np.exp(H @ W2 + b2)", "np.exp(H @ W2)"),
        ("(P - Y) / N", "0.5 * (P - Y) / N"),
    ),
    "a sum that has another shape without the first": (
        "three_layer_g",
        ("db2 = g.sum(axis=1, keepdims=True)", "db2 = g"),
        ("db1 = g.sum(axis=1, keepdims=True)", "db1 = -g.sum(axis=1, keepdims=True)"),
    ),
}


@cache
def told(case: str) -> tuple[Mine, tuple[str, ...], list[Judged]]:
    """The judgement, the lines of the text, and those lines that are wrong by themselves, in order."""
    name, *changes = TWO[case]
    with TemporaryDirectory() as folder:
        mine, lines = judged(Path(folder), style(name), *changes, seconds=60.0)  # on a slow machine as well
    assert mine.first_wrong is not None
    own = {one.line: one for one in mine.lines if one.verdict == "own-error"}
    return mine, tuple(lines), [own[line] for line in sorted(own)]


def written(lines: Sequence[str], *wrong: Judged) -> str:
    """The text with what is said to be written in the place of these lines."""
    text = list(lines)
    for one in wrong:
        found = re.search(r"rite (.+?): with it", one.explanation)
        assert found is not None
        old = text[one.line - 1]
        text[one.line - 1] = old[: len(old) - len(old.lstrip())] + found[1]
    return "\n".join(text)


@pytest.mark.parametrize("case", TWO)
def test_both_lines_are_told_and_the_first_of_them_first(case: str) -> None:
    mine, lines, own = told(case)
    wanted = [line_with(list(lines), new.strip()) for _, new in TWO[case][1:]]
    assert [one.line for one in own] == wanted
    assert mine.first_wrong is not None and mine.first_wrong.line == wanted[0]


@pytest.mark.parametrize("case", TWO)
def test_with_what_is_told_for_both_every_gradient_is_right(case: str) -> None:
    """By complex step of the loss. Each sentence names the line of the other mistake."""
    _, lines, own = told(case)
    for one, other in (own, own[::-1]):
        assert f"line {other.line}" in one.explanation
    mended = names_of(written(lines, *own))
    assert same(answers(mended), true_gradients(mended), 1e-9)


@pytest.mark.parametrize("case", TWO)
def test_a_gradient_that_is_said_to_be_right_with_one_of_them_is(case: str) -> None:
    _, lines, own = told(case)
    for one in own:
        found = re.search(r"rite .+?: with it (d\w.*?) (?:is|are) right", one.explanation)
        if found is None:
            continue
        several = [name[1:] for name in re.split(r", | and ", found[1])]
        mended = names_of(written(lines, one))
        now, true = answers(mended), true_gradients(mended)
        assert several and same({p: now[p] for p in several}, {p: true[p] for p in several}, 1e-9)


def test_such_gradients_are_named_where_one_mistake_is_all_that_is_wrong_with_them() -> None:
    """So the claim above is not empty."""
    said = [
        one.explanation
        for case in ("two gradients", "a derivative left out, and with it another array")
        for one in told(case)[2]
    ]
    assert sum(bool(re.search(r"with it d\w.*? (is|are) right; line", one)) for one in said) >= 2
