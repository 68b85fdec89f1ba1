"""What speaks for one line among several that could be changed: names, neighbours, and what the file itself shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blame.test_judge import judged
from tests.blame.test_repair import LATE, assert_blamed, style

NEGATED = """
import numpy as np

rng = np.random.default_rng(4)
params = {"A": rng.normal(size=(3, 4)), "B": rng.normal(size=(4, 2))}
data = {"X": rng.normal(size=(6, 3)), "y": rng.normal(size=(6, 2))}


def loss(X, y, A, B):
    return np.sum((y - np.tanh(X @ A) @ B) ** 2) / 2


def backward(X, y, A, B):
    H = np.tanh(X @ A)
    miss = y - H @ B
    step_B = H.T @ miss
    back = miss @ B.T * (1 - H**2)
    step_A = X.T @ back
    return {"A": -step_A, "B": -step_B}
"""
COLUMN = """
import numpy as np

rng = np.random.default_rng(12)
params = {"T1": rng.normal(size=(4, 4)), "T2": rng.normal(size=(2, 5))}
data = {"X": rng.normal(size=(7, 3)), "Y": rng.normal(size=(7, 2)), "alpha": 0.1}


def ones(A):
    return np.hstack([np.ones((A.shape[0], 1)), A])


def loss(X, Y, alpha, T1, T2):
    H = ones(np.tanh(ones(X) @ T1.T)) @ T2.T
    return np.abs(H - Y).sum() / len(X) + alpha * (np.sum(T1[:, 1:] ** 2) + np.sum(T2[:, 1:] ** 2))


def backward(X, Y, alpha, T1, T2):
    m = len(X)
    A1 = ones(X)
    A2 = ones(np.tanh(A1 @ T1.T))
    d3 = np.sign(A2 @ T2.T - Y)
    d2 = d3 @ T2 * (1 - A2**2)
    d2 = d2[:, 1:]
    g1 = d2.T @ A1 / m
    g2 = d3.T @ A2 / m
    g1[:, 1:] += 2 * alpha * T1[:, 1:]
    g2[:, 1:] += 2 * alpha * T2[:, 1:]
    return {"T1": g1, "T2": g2}
"""
LISTS = """
import numpy as np

params = {"W": np.array([[0.3, -0.8, 0.5], [0.9, 0.4, -0.6]]), "V": np.array([[0.7, -0.5, 0.2]])}
data = {"inputs": [[0.5, -1.2], [1.4, 0.3], [-0.7, 0.9], [0.2, 1.6]], "targets": [[1.0], [0.0], [1.0], [0.0]]}


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def dot(v, w):
    return sum(a * b for a, b in zip(v, w))


def run(x, W, V):
    hidden = [sigmoid(dot(w, [*x, 1.0])) for w in W]
    return hidden, [sigmoid(dot(v, [*hidden, 1.0])) for v in V]


def loss(inputs, targets, W, V):
    return sum(sum((o - t) ** 2 for o, t in zip(run(x, W, V)[1], target)) for x, target in zip(inputs, targets))


def backward(inputs, targets, W, V):
    dW, dV = np.zeros_like(W), np.zeros_like(V)
    for x, target in zip(inputs, targets):
        hidden, output = run(x, W, V)
        deltas = [2 * (o - t) * o * (1 - o) for o, t in zip(output, target)]
        below = [h * (1 - h) * dot(deltas, [v[i] for v in V]) for i, h in enumerate(hidden)]
        for k, delta in enumerate(deltas):
            for j, h in enumerate([*hidden, 1.0]):
                dV[k][j] += delta * h
        for i, delta in enumerate(below):
            for j, value in enumerate([*x, 1.0]):
                dW[i][j] += delta * value
    return {"W": dW, "V": dV}
"""
RATINGS = """
import numpy as np

rng = np.random.default_rng(20)
params = {"P": rng.normal(size=(4, 3)), "Q": rng.normal(size=(5, 3))}
data = {"users": np.array([0, 0, 1, 2, 3, 3, 1]), "items": np.array([1, 4, 0, 2, 3, 0, 2]), "r": rng.normal(size=7)}


def loss(users, items, r, P, Q):
    p, q = P[users], Q[items]
    return np.sum((r - np.sum(p * q, axis=1)) ** 2) + 0.1 * (np.sum(p**2) + np.sum(q**2))


def backward(users, items, r, P, Q):
    dP, dQ = np.zeros_like(P), np.zeros_like(Q)
    for u, i, rating in zip(users, items, r):
        e = rating - P[u] @ Q[i]
        dP[u] += -2 * e * Q[i] + 0.2 * P[u]
        dQ[i] += -2 * e * P[u] + 0.2 * Q[i]
    return {"P": dP, "Q": dQ}
"""
COUNTS = """
import numpy as np

rng = np.random.default_rng(8)
params = {"beta": rng.normal(size=4)}
data = {"X": rng.normal(size=(9, 4)), "y": rng.normal(size=9), "weight": rng.uniform(1, 2, size=9)}


def loss(X, y, weight, beta):
    rate = X @ beta
    fit = np.sum(weight * (np.exp(rate) - y * rate)) / np.sum(weight)
    return fit + 0.05 * np.sum(np.abs(beta)) + 0.5 * 0.1 * np.sum(beta * beta)


def backward(X, y, weight, beta):
    mean = np.exp(X @ beta)
    share = weight / weight.sum()
    rest = share * (mean - y)
    grad = X.T @ rest
    grad += 0.05 * np.sign(beta) + 0.1 * beta
    return {"beta": grad}
"""
HERE = "evidence"
BENGIO = style("bengio_embedding")
GRAPH, TRIPLET = style("growth_curve_graph", HERE), style("triplet_margin", HERE)
CASES = {
    "a minus of one's own, not those that all entries have": (NEGATED, "H.T @ miss", "-(H.T @ miss)", "sign"),
    "a difference, where all entries have a minus": (NEGATED, "miss = y - H @ B", "miss = H @ B - y", "sign"),
    "a name of the backward's own": (GRAPH, "dneg = ex * dex", "dneg = -(ex * dex)", "sign"),
    "a number in the line, of one example each": (GRAPH, "ex = np.exp(neg)", "ex = 2 * np.exp(neg)", "factor"),
    "a count in a gradient, not in a value": (GRAPH, "ddiff = 2 * diff / N", "ddiff = 2 * diff", "mean-missing"),
    "a number in the line": (BENGIO, "embcat @ W1 + b1", "0.5 * (embcat @ W1 + b1)", "factor"),
    "a division by a size": (style("stacked_autoencoder", HERE), "2 * (recon", "(recon", "factor"),
    "one end of a loop over layers": (style("neuron_layer_objects", HERE), "1 - self.a**2", "self.a**2 - 1", "sign"),
    "another size that a sum hides": (style("layernorm_skip_block", HERE), ".dot(dz)", ".dot(db1)", "wrong-operand"),
    "a sum in a helper that runs three times": (TRIPLET, "dhid.sum(axis=0)", "dhid[-1:]", "last-example-only"),
    "a mask in a helper that runs three times": (TRIPLET, "    dhid[hid <= 0] = 0\n", "", "relu-mask-missing"),
    "a slope that is gone": (
        style("fit_step_class", HERE),
        "np.where(self.pre > 0, 1.0, self.slope)",
        "1.0",
        "relu-mask-missing",
    ),
    "what a part is taken of": (COLUMN, "d3 @ T2 * (1 - A2**2)", "d3 @ T2", "activation-derivative-missing"),
    "a count that comes late in the neighbour": (COLUMN, "d2.T @ A1 / m", "d2.T @ A1", "mean-missing"),
    "a derivative in a comprehension": (
        LISTS,
        "2 * (o - t) * o * (1 - o)",
        "2 * (o - t)",
        "activation-derivative-missing",
    ),
    "the share of those rows that are used": (RATINGS, " + 0.2 * Q[i]", "", "regularisation-missing"),
    "one of two kinds of regularisation": (COUNTS, " + 0.1 * beta", "", "regularisation-missing"),
    "a minus, and no difference the other way round": (COUNTS, "share = weight", "share = -weight", "sign"),
    "another sum": (COUNTS, "/ weight.sum()", "/ mean.sum()", "wrong-operand"),
    "a number in front": (COUNTS, "mean = np", "mean = 3 * np", "factor"),
    "a weight that is known under another name": (
        style("transposed_backward"),
        "delta1 @ a0.T + 2 * lam * V1",
        "delta1 @ a0.T",
        "regularisation-missing",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_line_that_was_changed_is_blamed_though_others_could_be(case: str, tmp_path: Path) -> None:
    """Whatever else could be changed: another line would mend all, or only the text tells what was meant."""
    assert_blamed(tmp_path, *CASES[case], seconds=60.0)  # on a slow machine as well


@pytest.mark.parametrize("case", {text: case for case, (text, *_) in CASES.items()}.values())
def test_nothing_is_blamed_as_they_stand(case: str, tmp_path: Path) -> None:
    """Every gradient is right, and no line is called wrong or inherited."""
    mine, _ = judged(tmp_path, CASES[case][0])
    assert mine.verdict == "right"
    assert not {line.verdict for line in mine.lines} & {"own-error", "inherited"}


def test_a_parameter_that_is_read_twice_after_its_update_is_read_too_late(tmp_path: Path) -> None:
    """To read it is the mistake, not to update it; and the line that reads it is told."""
    late = "    grad = X.T @ rest\n", "    grad = X.T @ rest\n    beta = beta - 0.1 * grad\n"
    mine, _ = judged(tmp_path, COUNTS, late)
    assert mine.first_wrong is not None and mine.first_wrong.mistakes == ("stale-weight",)
    assert "np.sign(beta)" in mine.first_wrong.text and "beta is read after its update" in mine.first_wrong.explanation


def test_a_return_is_told_by_the_gradient_that_is_wrong_in_it(tmp_path: Path) -> None:
    """Of several that a line hands back, the one that it is changed for."""
    mine, _ = judged(tmp_path, LATE, ('"c": dc / n}', '"c": dc}'))
    first = mine.first_wrong
    assert first is not None and first.text.startswith("return") and first.quantity == "∂L/∂c"
