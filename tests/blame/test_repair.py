"""What a person can rely on where comparing arrays is not enough: the line is blamed that can be mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import engine
from engine.blame import FirstWrong, judge
from engine.scenario import load
from tests.blame.learner import answers, names_of, same, true_gradients
from tests.blame.test_judge import CLASSES, NOTES, judged, line_with
from tests.blame.test_naming import RECURRENT

HELPERS = """
import numpy as np

rng = np.random.default_rng(4)
params = {"W1": rng.normal(size=(3, 5)), "b1": rng.normal(size=5)}
params |= {"W2": rng.normal(size=(5, 6)), "b2": rng.normal(size=6)}
params |= {"W3": rng.normal(size=(6, 2)), "b3": rng.normal(size=2)}
data = {"x": rng.normal(size=(7, 3)), "y": rng.normal(size=(7, 2))}


def affine(x, w, b):
    return x @ w + b, (x, w)


def relu(x):
    return np.maximum(x, 0), x


def affine_backward(dout, cache):
    x, w = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)
    return dx


def loss(x, y, W1, b1, W2, b2, W3, b3):
    h1, _ = relu(affine(x, W1, b1)[0])
    h2, _ = relu(affine(h1, W2, b2)[0])
    f, _ = affine(h2, W3, b3)
    return 0.5 * np.sum((f - y) ** 2) + 0.05 * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))


def backward(x, y, W1, b1, W2, b2, W3, b3):
    a1, fc1 = affine(x, W1, b1)
    h1, mask1 = relu(a1)
    a2, fc2 = affine(h1, W2, b2)
    h2, mask2 = relu(a2)
    f, fc3 = affine(h2, W3, b3)
    df = f - y
    dh2, dW3, db3 = affine_backward(df, fc3)
    da2 = relu_backward(dh2, mask2)
    dh1, dW2, db2 = affine_backward(da2, fc2)
    da1 = relu_backward(dh1, mask1)
    dx, dW1, db1 = affine_backward(da1, fc1)
    dW3 += 0.1 * W3
    dW2 += 0.1 * W2
    dW1 += 0.1 * W1
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}
"""
SQUARED = HELPERS.replace("(5, 6)", "(5, 5)").replace("size=6", "size=5").replace("(6, 2)", "(5, 2)")

SCALARS = """
import numpy as np

rng = np.random.default_rng(2)
params = {"w": rng.normal(size=(2, 3)), "v": rng.normal(size=2)}
data = {"x": rng.normal(size=(4, 3)), "y": rng.normal(size=4)}


def loss(x, y, w, v):
    return 0.5 * np.sum((np.tanh(x @ w.T) @ v - y) ** 2)


def backward(x, y, w, v):
    dw, dv = np.zeros_like(w), np.zeros_like(v)
    for n in range(4):
        h = [np.tanh(sum(w[j, i] * x[n, i] for i in range(3))) for j in range(2)]
        error = sum(v[j] * h[j] for j in range(2)) - y[n]
        for j in range(2):
            dv[j] += error * h[j]
            slope = 1 - h[j] ** 2
            for i in range(3):
                dw[j, i] += error * v[j] * slope * x[n, i]
    return {"w": dw, "v": dv}
"""

CURES = {
    "another cache handed to a helper that is right": (
        SQUARED,
        ("relu_backward(dh1, mask1)", "relu_backward(dh1, mask2)"),
        "relu-mask-wrong-layer",
    ),
    "an index that slipped in a loop over numbers": (SCALARS, ("slope * x[n, i]", "slope * x[j, i]"), "wrong-operand"),
    "the derivative of another unit": (
        SCALARS,
        ("slope = 1 - h[j] ** 2", "slope = 1 - h[0] ** 2"),
        "activation-derivative-wrong-value",
    ),
    "the state of another time step": (RECURRENT, ("dz @ hs[t].T", "dz @ hs[t + 1].T"), "wrong-operand"),
    "a sum over time that is overwritten": (RECURRENT, ("dWh += dz", "dWh = dz"), "accumulation-overwritten"),
}


def first_wrong(folder: Path, text: str, *changes: tuple[str, str]) -> tuple[FirstWrong, list[str], str]:
    """The first wrong line, the lines of the text, and the text with the mistake."""
    mine, lines = judged(folder, text, *changes)
    assert mine.verdict == "wrong" and mine.first_wrong is not None
    return mine.first_wrong, lines, "\n".join(lines)


@pytest.mark.parametrize("case", CURES)
def test_the_line_that_was_changed_is_blamed(case: str, tmp_path: Path) -> None:
    """And its mistake is named, also where the line stands in a loop over numbers or calls a helper."""
    text, change, name = CURES[case]
    first, lines, _ = first_wrong(tmp_path, text, change)
    assert first.line == line_with(lines, change[1]), first
    assert name in first.mistakes


@pytest.mark.parametrize("case", CURES)
def test_what_is_said_to_be_written_makes_every_gradient_right(case: str, tmp_path: Path) -> None:
    """By complex step of the loss: the sentence is no guess."""
    text, change, _ = CURES[case]
    first, _, wrong = first_wrong(tmp_path, text, change)
    found = re.search(r"Write (.*): with it every gradient is right", first.explanation)
    if found is None:  # the mistake is known from the arrays alone
        return
    cured = names_of(wrong.replace(first.text, found[1]))
    assert same(answers(cured), true_gradients(cured), 1e-9)


def test_some_of_these_can_only_be_found_by_trying(tmp_path: Path) -> None:
    """So the claim above is not empty."""
    said = [first_wrong(tmp_path, text, change)[0].explanation for text, change, _ in CURES.values()]
    assert sum("with it every gradient is right" in one for one in said) >= 3


def test_a_share_left_out_of_one_call_is_missed_where_the_call_stands(tmp_path: Path) -> None:
    """Not in the helper, which is right for the other layers."""
    first, lines, _ = first_wrong(tmp_path, HELPERS, ("    dW2 += 0.1 * W2\n", ""))
    assert first.line == line_with(lines, "dh1, dW2, db2 = affine_backward(da2, fc2)")
    assert first.mistakes == ("regularisation-missing",)


def test_a_function_that_hands_back_what_it_was_handed_is_blamed(tmp_path: Path) -> None:
    """``return dout`` in a relu_backward: the mask is missing there, not in the lines that read it."""
    first, lines, _ = first_wrong(tmp_path, HELPERS.replace("dx = dout * (x > 0)", "dx = dout"))
    assert first.line == line_with(lines, "    dx = dout") and first.mistakes == ("relu-mask-missing",)


def test_a_mask_that_never_applies_is_blamed(tmp_path: Path) -> None:
    """``dz1[h1 < 0] = 0`` changes nothing, an activation is never below 0."""
    change = ("dz1 = dh1 * (z1 > 0)", "dz1 = dh1.copy()\n    dz1[h1 < 0] = 0")
    first, lines, _ = first_wrong(tmp_path, NOTES, change)
    assert first.line == line_with(lines, "dz1[h1 < 0] = 0") and "relu-mask-missing" in first.mistakes


def test_a_line_on_which_a_right_gradient_depends_is_not_blamed(tmp_path: Path) -> None:
    """With dW2 and db2 right, df is right, whatever sign or count would explain the rest."""
    first, lines, _ = first_wrong(tmp_path, NOTES, ("np.dot(x.T, dz1)", "-np.dot(x.T, dz1)"))
    assert first.line == line_with(lines, "dw1 = ") and first.mistakes == ("sign",)


def test_trying_leaves_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Functions and arguments are what they were, and what the backward prints is printed once, by the run itself."""
    file = tmp_path / "mine.py"
    text = CLASSES.replace("x.T @ dz", "dz.T @ dz")
    head, mark, tail = text.partition("def backward")
    body = tail.split("\n", 1)
    file.write_text(f'{head}{mark}{body[0]}\n    print("here")\n{body[1]}', encoding="utf-8")
    scenario = load(file)
    assert scenario.backward is not None
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    known = scenario.backward.__globals__
    codes = {name: thing.__code__ for name, thing in known.items() if hasattr(thing, "__code__")}
    capsys.readouterr()
    assert judge(program, scenario.backward, scenario.params, scenario.data).first_wrong is not None
    assert capsys.readouterr().out == "here\n"
    assert {name: thing.__code__ for name, thing in known.items() if hasattr(thing, "__code__")} == codes


def test_a_change_that_makes_a_list_grow_is_stopped(tmp_path: Path) -> None:
    """Numbers in lists: no change may multiply a list again and again until the memory is full."""
    text = SCALARS.replace("np.zeros_like(w), np.zeros_like(v)", "[[0.0] * 3 for _ in range(2)], [0.0] * 2")
    text = text.replace("dw[j, i] +=", "dw[j][i] +=")
    first, lines, _ = first_wrong(tmp_path, text, ("dv[j] += error * h[j]", "dv[j] += -error * h[j]"))
    assert first.line == line_with(lines, "dv[j] += ") and "sign" in first.mistakes


def test_nothing_is_tried_where_a_run_cannot_be_repeated(tmp_path: Path) -> None:
    """A backward that counts its calls gives other numbers each time: its arrays are compared, and that is all."""
    text = NOTES.replace("def backward(", "CALLS = []\n\n\ndef backward(", 1).replace(
        "    df = f - y\n", "    CALLS.append(1)\n    df = (f - y) * len(CALLS)\n"
    )
    first, lines, _ = first_wrong(tmp_path, text, ("dz1 = dh1 * (z1 > 0)", "dz1 = dh1"))
    assert first.line == line_with(lines, "dz1 = dh1")


def test_a_backward_that_runs_only_once_is_judged_all_the_same(tmp_path: Path) -> None:
    """What it uses up is gone the second time; that is no failure of the judge."""
    text = NOTES.replace("def backward(", "ONCE = [1]\n\n\ndef backward(", 1).replace(
        "    df = f - y\n", "    df = (f - y) * ONCE.pop()\n"
    )
    first, lines, _ = first_wrong(tmp_path, text, ("dz1 = dh1 * (z1 > 0)", "dz1 = dh1"))
    assert first.line == line_with(lines, "dz1 = dh1") and first.mistakes == ("relu-mask-missing",)


def style(name: str, folder: str = "styles") -> str:
    return (Path(__file__).parent / folder / f"{name}.py").read_text(encoding="utf-8")


def assert_blamed(tmp_path: Path, text: str, old: str, new: str, mistake: str, seconds: float = 5.0) -> None:
    """With ``new`` for the last ``old`` of the text its line is the first wrong one, and the mistake is named."""
    head, found, tail = text.rpartition(old)
    assert found
    mine, _ = judged(tmp_path, head + new + tail, seconds=seconds)
    first = mine.first_wrong
    assert first is not None and first.line == head.count("\n") + 1 and mistake in first.mistakes


HINGE = """
import numpy as np

rng = np.random.default_rng(9)
params = {"W": rng.normal(size=(4, 3))}
data = {"X": rng.normal(size=(6, 4)), "y": np.array([0, 2, 1, 1, 0, 2])}


def loss(X, y, W):
    scores = X @ W
    right = scores[np.arange(len(y)), y][:, None]
    margins = np.maximum(0, scores - right + 1)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y)


def backward(X, y, W):
    dW = np.zeros_like(W)
    for i in range(len(y)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return {"W": dW / len(y)}
"""
LATE = """
import numpy as np

rng = np.random.default_rng(6)
params = {"W": rng.normal(size=(2, 3)), "c": rng.normal(size=2)}
data = {"x": rng.normal(size=(5, 3)), "y": rng.normal(size=(5, 2))}


def loss(x, y, W, c):
    return 0.5 * np.sum((x @ W.T + c - y) ** 2) / len(x)


def backward(x, y, W, c):
    dW, dc, n = np.zeros_like(W), np.zeros_like(c), len(x)
    for i in range(n):
        e = W @ x[i] + c - y[i]
        dW += np.outer(e, x[i])
        dc += e
    return {"W": dW / n, "c": dc / n}
"""
STAGED = """
import numpy as np

rng = np.random.default_rng(2)
params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}
data = {"x": rng.normal(size=(5, 3)), "y": np.array([0, 3, 1, 2, 1])}


def loss(x, y, W, b):
    z = x @ W + b
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -logp[np.arange(len(y)), y].mean()


def backward(x, y, W, b):
    z = x @ W + b
    z = z - z.max(axis=1, keepdims=True)
    exps = np.exp(z)
    inverse = exps.sum(axis=1, keepdims=True) ** -1
    probs = exps * inverse
    logp = np.log(probs)
    dlogp = np.zeros_like(logp)
    dlogp[np.arange(len(y)), y] = -1.0 / len(y)
    dprobs = (1.0 / probs) * dlogp
    dinverse = (exps * dprobs).sum(axis=1, keepdims=True)
    dexps = inverse * dprobs
    dexps += np.ones_like(exps) * (-(inverse**2) * dinverse)
    dz = exps * dexps
    return {"W": x.T @ dz, "b": dz.sum(axis=0)}
"""
DECORATED = style("nielsen_one_example").replace(
    "def sigmoid(z)", "def plain(function):\n    return function\n\n\n@plain\ndef sigmoid(z)"
)
OTHERS = {
    "a count that the entry beside it is divided by": (LATE, '"c": dc / n}', '"c": dc}', "mean-missing"),
    "a mask that is kept as a logical array": (
        style("layer_objects"),
        "out = grad.copy()\n        out[~self.mask] = 0",
        "out = grad.copy()",
        "relu-mask-missing",
    ),
    "another variable on the left": (
        style("scalars"),
        "dz[j] = dh * (z[j] > 0)",
        "dh = dh * (z[j] > 0)",
        "wrong-operand",
    ),
    "a sign behind the numbers of one example each": (
        style("xor_neurons_by_hand"),
        "dL_dnet = dL_do * o * (1.0 - o)",
        "dL_dnet = -(dL_do * o * (1.0 - o))",
        "sign",
    ),
    "one term of a sum": (
        style("deep_parameters_dict"),
        "+ lambd / m * W",
        "+ lambd * W",
        "regularisation-factor",
    ),
    "a sign that a square hides": (style("siamese_outer"), "diff = e1 - e2", "diff = e2 - e1", "sign"),
    "a sign turned twice": (style("sequential_modules"), "return grad_output * (1", "return -grad_output * (1", "sign"),
    "a sign behind right ones": (STAGED, "dz = exps * dexps", "dz = -exps * dexps", "sign"),
    "a bias of a list": (style("any_depth"), "@ Ws[l] + bs[l]", "@ Ws[l]", "forward-bias-forgotten"),
    "what only an if looks at": (HINGE, "scores = X[i] @ W", "scores = -(X[i] @ W)", "sign"),
    "a number in the place of an array": (style("logreg_step"), "np.dot(w.T, X)", "np.dot(b.T, X)", "wrong-operand"),
    "not the function of the loss": (style("nielsen_one_example"), "= sigmoid(z)", "= sigmoid(-z)", "sign"),
    "not a decorated one either": (DECORATED, "= sigmoid(z)", "= sigmoid(-z)", "sign"),
    "the slope of tanh": (
        style("xor_by_hand"),
        "v1 * h1 * (1 - h1)",
        "v1 * (1 - h1**2)",
        "activation-derivative-wrong-value",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_the_line_is_found_in_other_ways_of_writing(case: str, tmp_path: Path) -> None:
    """By the whole backward, run with the line changed: arrays that look right, signs that hide, ways through an if."""
    assert_blamed(tmp_path, *OTHERS[case])


def test_indices_with_a_sum_in_them_are_tried_to_an_end(tmp_path: Path) -> None:
    """``W[l + 1]``: another entry may stand in the place of the l of that very index."""
    mine, _ = judged(tmp_path, style("three_sigmoid_lists"), ("[l + 1].T @ delta", "[l + 1].T @ delta * 1.01"))
    assert mine.verdict == "wrong" and mine.first_wrong is not None


def test_of_two_mistakes_the_change_is_said_to_mend_what_it_mends(tmp_path: Path) -> None:
    """No one change makes everything right then; what is said to become right with one does."""
    wrong = "out = out @ Ws[l]\n        pre"
    changes = ("out = out @ Ws[l] + bs[l]\n        pre", wrong), ("inputs[l].T @ dout", "inputs[l][-1:].T @ dout[-1:]")
    first, lines, _ = first_wrong(tmp_path, style("any_depth"), *changes)
    assert first.text == "out = out @ Ws[l]"
    told = re.search(r"Write (.+): with it (.+) are right", first.explanation)
    assert told is not None and told[2] == "dbs[0], dbs[1] and dbs[2]"
    mended = "\n".join(lines).replace(wrong, f"{told[1]}\n        pre")
    found, true = answers(names_of(mended)), true_gradients(names_of(mended))
    assert same({k: v for k, v in found.items() if "bs" in k}, {k: v for k, v in true.items() if "bs" in k}, 1e-10)
