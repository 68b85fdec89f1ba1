"""The notes' short forms (p − 𝟙(y), p ⊙ (1 − p)) are used where they are true, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import holds, mirrored

RNG = np.random.default_rng(21)
K, N = 3, 5
LABELS = np.array([0, 2, 1, 1, 0])
W = RNG.normal(size=(K, 4))
X = RNG.normal(size=(4, N))
Y = np.eye(K)[:, LABELS]
COLUMN = {"x": X, "Y": Y, "y": LABELS}
ROW = {"x": X.T.copy(), "Y": Y.T.copy(), "y": LABELS}
Loss = Callable[..., Any]


def softmax(f: Any, axis: int = 0) -> Any:
    e = np.exp(f - np.max(f, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def column_log_loss(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * Y, axis=0)))


def column_log_loss_mean(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.mean(np.log(np.sum(Y * p, axis=0, keepdims=True)))


def column_cross_entropy(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = np.exp(f) / np.sum(np.exp(f), axis=0)
    return -np.sum(Y * np.log(p))


def column_cross_entropy_divided(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = np.exp(f) / np.exp(f).sum(axis=0, keepdims=True)
    return -np.sum(np.log(p) * Y) / x.shape[1]


def column_log_softmax(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    logp = f - np.log(np.sum(np.exp(f), axis=0))
    return -np.sum(Y * logp)


def column_log_softmax_per_example(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    s = f - f.max(axis=0)
    logp = s - np.log(np.sum(np.exp(s), axis=0, keepdims=True))
    return -np.mean(np.sum(Y * logp, axis=0))


def column_picks(x: Any, y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(np.log(p[y, np.arange(len(y))]))


def column_picks_log_softmax(x: Any, y: Any, W: Any) -> Any:
    f = W @ x
    logp = f - np.log(np.exp(f).sum(axis=0, keepdims=True))
    return -np.mean(logp[y, range(5)])


def row_picks(x: Any, y: Any, W: Any) -> Any:
    f = x @ W.T
    p = softmax(f, axis=1)
    return -np.mean(np.log(p[np.arange(x.shape[0]), y]))


def row_picks_with_new_axes(x: Any, y: Any, W: Any) -> Any:
    f = x @ W.T
    e = np.exp(f - f.max(axis=1)[:, None])
    p = e / e.sum(axis=1)[:, None]
    return -np.mean(np.log(p[np.arange(5), y]))


def row_picks_with_reshape(x: Any, y: Any, W: Any) -> Any:
    f = x @ W.T
    e = np.exp(f - np.max(f, axis=-1).reshape(-1, 1))
    p = e / np.expand_dims(e.sum(axis=-1), 1)
    return -np.log(p[np.arange(5), y]).mean()


def row_log_sum_exp(x: Any, y: Any, W: Any) -> Any:
    f = x @ W.T
    m = f.max(axis=1, keepdims=True)
    logp = f - m - np.log(np.exp(f - m).sum(axis=1, keepdims=True))
    return -logp[np.arange(5), y].sum()


def row_log_sum_less_score(x: Any, y: Any, W: Any) -> Any:
    f = x @ W.T
    return np.mean(np.log(np.sum(np.exp(f), axis=1)) - f[np.arange(5), y])


def row_shift_by_everything(x: Any, Y: Any, W: Any) -> Any:
    f = x @ W.T
    e = np.exp(f - f.max())
    return -np.sum(Y * np.log(e / e.sum(axis=1, keepdims=True)))


SOFTMAX: list[tuple[Loss, dict[str, Any]]] = [
    (column_log_loss, COLUMN),
    (column_log_loss_mean, COLUMN),
    (column_cross_entropy, COLUMN),
    (column_cross_entropy_divided, COLUMN),
    (column_log_softmax, COLUMN),
    (column_log_softmax_per_example, COLUMN),
    (column_picks, COLUMN),
    (column_picks_log_softmax, COLUMN),
    (row_picks, ROW),
    (row_picks_with_new_axes, ROW),
    (row_picks_with_reshape, ROW),
    (row_log_sum_exp, ROW),
    (row_log_sum_less_score, ROW),
    (row_shift_by_everything, ROW),
]


def wanted(loss: Loss, data: dict[str, Any]) -> dict[str, Any]:
    names = loss.__code__.co_varnames[: loss.__code__.co_argcount]
    return {k: v for k, v in data.items() if k in names}


def line_of(program: engine.Program, name: str) -> str:
    """The one line that binds a quantity."""
    return next(line for line in program.source().split("\n") if line.startswith(f"{name} = "))


@pytest.mark.parametrize(("loss", "data"), SOFTMAX, ids=[s[0].__name__ for s in SOFTMAX])
def test_softmax_with_log_loss_gives_p_minus_one_hot(loss: Loss, data: dict[str, Any]) -> None:
    """However it is written: df is a difference of probabilities and labels in one line, and equals the long chain."""
    given = wanted(loss, data)
    tape = holds(loss, {"W": W}, given)
    program = tape.program
    line = line_of(program, "df")
    assert " - Y" in line or " - np.eye(3)" in line
    assert "np.log(" not in line
    p = softmax(tape["f"], 0 if data is COLUMN else 1)
    hot = data["Y"]
    scale = 1 / N if "mean" in loss.__code__.co_names or "shape" in loss.__code__.co_names else 1.0
    if loss in (column_picks, row_shift_by_everything, row_log_sum_exp):
        scale = 1.0
    np.testing.assert_allclose(tape["df"], (p - hot) * scale, rtol=1e-12, atol=1e-15)
    long = program.unfused().run({"W": W}, given)
    np.testing.assert_allclose(long["df"], tape["df"], rtol=1e-12, atol=1e-15)
    assert len(program.unfused().plans) > len(program.plans)


def test_the_short_form_deletes_nothing() -> None:
    """p stays a step of its own; the long chain is one call away and comes back to the same program."""
    program = engine.trace(column_log_loss, {"W": W}, wanted(column_log_loss, COLUMN))
    assert "p" in program.by_name
    assert program.fused
    assert not program.unfused().fused
    assert program.unfused().unfused() is program.unfused()
    assert program.unfused() is program.unfused()


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


T = (RNG.random((1, N)) > 0.5) * 1.0
V = RNG.normal(size=(1, 4))

BINARY: list[tuple[str, Loss]] = [
    ("log-likelihood", lambda x, t, V: -np.sum(t * np.log(s := sigmoid(V @ x)) + (1 - t) * np.log(1 - s))),
    ("mean", lambda x, t, V: -np.mean((1 - t) * np.log(1 - sigmoid(V @ x)) + t * np.log(sigmoid(V @ x)))),
    ("minus signs", lambda x, t, V: np.mean(-t * np.log(s := sigmoid(V @ x)) - (1 - t) * np.log(1 - s))),
    ("minus in front", lambda x, t, V: np.sum(-(t * np.log(s := sigmoid(V @ x))) - (1 - t) * np.log(1 - s))),
    ("the other term first", lambda x, t, V: np.sum(-(1 - t) * np.log(1 - (s := sigmoid(V @ x))) - t * np.log(s))),
    ("both minus, added", lambda x, t, V: np.sum(-t * np.log(s := sigmoid(V @ x)) + -(1 - t) * np.log(1 - s))),
    ("exp over one plus exp", lambda x, t, V: -np.sum(
        t * np.log(s := np.exp(z := V @ x) / (1 + np.exp(z))) + (1 - t) * np.log(1 - s))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "loss"), BINARY, ids=[b[0] for b in BINARY])
def test_binary_cross_entropy_gives_p_minus_y(name: str, loss: Loss) -> None:
    """Σ −(y log p + (1 − y) log(1 − p)) with p = σ(z) has the gradient p − y with respect to z, in every spelling."""
    tape = holds(loss, {"V": V}, {"x": X, "t": T})
    p = sigmoid(V @ X)
    scale = 1 / N if "mean" in loss.__code__.co_names else 1.0
    z = next(n for n in ("z", "z1", "z1_1") if f"d{n}" in tape.program.by_name)
    np.testing.assert_allclose(tape[f"d{z}"], (p - T) * scale, rtol=1e-12)
    assert "log" not in line_of(tape.program, f"d{z}")
    assert " - t" in line_of(tape.program, f"d{z}")


def test_a_saturated_sigmoid_keeps_its_gradient_where_the_long_chain_loses_it() -> None:
    """With p = 1 exactly the chain over the logarithm divides by zero; p − y does not."""
    weights = {"V": np.array([[800.0, 0.0, 0.0, 0.0]])}
    data = {"x": np.ones((4, 1)), "t": np.array([[1.0]])}
    tape = engine.trace(BINARY[0][1], weights, data).run(weights, data)
    np.testing.assert_array_equal(tape["dV"], np.zeros((1, 4)))


def test_a_sigmoid_alone_gives_p_times_one_minus_p() -> None:
    def loss(x: Any, V: Any) -> Any:
        z = V @ x
        p = sigmoid(z)
        return np.sum(p**2)

    tape = holds(loss, {"V": V}, {"x": X})
    assert line_of(tape.program, "dz") == "dz = dp * p * (1 - p)"


def test_a_softmax_alone_gives_its_jacobian_product() -> None:
    """Without log-loss: df = p ⊙ (dp − Σ p ⊙ dp)."""

    def loss(x: Any, W: Any) -> Any:
        f = W @ x
        p = softmax(f)
        return np.sum(p**3)

    tape = holds(loss, {"W": W}, {"x": X})
    p, dp = tape["p"], tape["dp"]
    np.testing.assert_allclose(tape["df"], p * (dp - (p * dp).sum(axis=0, keepdims=True)), rtol=1e-12)
    assert "exp" not in line_of(tape.program, "df")


# near misses: the gradient has to be right, and p − Y must not stand where it is not

SQUARE_X = RNG.normal(size=(4, K))
SQUARE = {"x": SQUARE_X, "Y": np.eye(K)[:, [0, 2, 1]], "y": np.array([0, 2, 1]), "S": np.eye(K)[:, [0, 0, 1]]}


def picks_along_the_wrong_axis(x: Any, S: Any, W: Any) -> Any:
    """The labels are one-hot down the columns, the softmax runs along the rows."""
    f = W @ x
    p = softmax(f, axis=1)
    return -np.sum(np.log(np.sum(p * S, axis=0) + 1e-3))


def cross_entropy_along_the_wrong_axis(x: Any, S: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f, axis=1)
    return -np.sum(S * np.log(p))


def sum_over_everything(x: Any, Y: Any, W: Any) -> Any:
    """One normaliser for the whole matrix is no softmax per example."""
    f = W @ x
    p = np.exp(f) / np.sum(np.exp(f))
    return -np.sum(Y * np.log(p))


def sum_not_kept_along_rows(x: Any, Y: Any, W: Any) -> Any:
    """A square matrix lets a sum over rows stand beside the columns; no softmax."""
    f = W @ x
    p = np.exp(f) / np.sum(np.exp(f), axis=1)
    return -np.sum(Y * np.log(p))


def shifted_by_the_wrong_axis(x: Any, Y: Any, W: Any) -> Any:
    """The shift varies along the softmax: what is exponentiated is f − m, not f."""
    f = W @ x
    e = np.exp(f - f.max(axis=1, keepdims=True))
    p = e / e.sum(axis=0, keepdims=True)
    return -np.sum(Y * np.log(p))


def other_numerator(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = np.exp(2 * f) / np.sum(np.exp(f), axis=0)
    return -np.sum(Y * np.log(p))


def soft_labels(x: Any, Y: Any, W: Any) -> Any:
    """Labels that do not sum to one: −Σ Y log p has the gradient p ΣY − Y."""
    f = W @ x
    p = softmax(f)
    return -np.sum((Y * 0.7) * np.log(p))


def two_hot(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(np.log(np.sum(p * (Y + np.array([[1.0], [0], [0]])), axis=0)))


def weighted_examples(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(np.array([0.5, 2.0, 1.0]) * np.log(np.sum(p * Y, axis=0)))


def weighted_examples_kept(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(np.array([[0.5, 2.0, 1.0]]) * np.log(np.sum(p * Y, axis=0, keepdims=True)))


def weighted_picks(x: Any, y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(np.array([0.5, 2.0, 1.0]) * np.log(p[y, np.arange(3)]))


def picks_twice(x: Any, y: Any, W: Any) -> Any:
    """One example is picked twice, another not at all."""
    f = W @ x
    p = softmax(f)
    return -np.sum(np.log(p[y, np.array([0, 0, 2])]))


def picks_a_table(x: Any, y: Any, W: Any) -> Any:
    """Labels of shape (N, 1) broadcast to every pair of examples."""
    f = W @ x
    p = softmax(f)
    return -np.sum(np.log(p[y.reshape(-1, 1), np.arange(3)]))


def picks_the_diagonal(x: Any, y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f, axis=1)
    return -np.sum(np.log(p[y, np.arange(3)]))


def used_elsewhere_too(x: Any, Y: Any, W: Any) -> Any:
    """The gradient through the other use of p adds up."""
    f = W @ x
    p = softmax(f)
    return -np.sum(Y * np.log(p)) + 0.3 * np.sum(p**2) + np.sum(f**3)


def exponential_used_elsewhere(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    e = np.exp(f)
    q = e.sum(axis=0, keepdims=True)
    p = e / q
    return -np.sum(Y * np.log(p)) + np.sum(e) + np.sum(q**2)


def log_used_elsewhere(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    logp = np.log(softmax(f))
    return -np.sum(Y * logp) - 0.1 * np.sum(np.exp(logp) * logp)


def squared_log(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return np.sum(np.log(np.sum(p * Y, axis=0)) ** 2)


def entropy(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    return -np.sum(p * np.log(p))


def labels_from_parameters(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = softmax(f)
    target = softmax(2 * f)
    return -np.sum(target * np.log(p))


def almost_a_sigmoid(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = 1 / (2 + np.exp(-f))
    return -np.sum(Y * np.log(p) + (1 - Y) * np.log(1 - p))


def sigmoid_of_something_else(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = np.exp(f) / (1 + np.exp(2 * f))
    return np.sum(p)


def other_complement(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = sigmoid(f)
    return -np.sum(Y * np.log(p) + (2 - Y) * np.log(1 - p))


def other_sign(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = sigmoid(f)
    return np.sum(Y * np.log(p) - (1 - Y) * np.log(1 - p))


def two_sigmoids(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = sigmoid(f)
    q = sigmoid(2 * f)
    return -np.sum(Y * np.log(p) + (1 - Y) * np.log(1 - q))


def labels_that_broadcast(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    p = sigmoid(f)
    t = Y[:1]
    return -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p))


NEAR_MISSES = [
    picks_along_the_wrong_axis, cross_entropy_along_the_wrong_axis, sum_over_everything, sum_not_kept_along_rows,
    shifted_by_the_wrong_axis, other_numerator, soft_labels, two_hot, weighted_examples, weighted_examples_kept,
    weighted_picks, picks_twice, picks_a_table, picks_the_diagonal, used_elsewhere_too, exponential_used_elsewhere,
    log_used_elsewhere, squared_log, entropy, labels_from_parameters, almost_a_sigmoid, sigmoid_of_something_else,
    other_complement, other_sign, two_sigmoids, labels_that_broadcast,
]  # fmt: skip


@pytest.mark.parametrize("loss", NEAR_MISSES, ids=lambda f: f.__name__)
def test_near_misses_have_the_right_gradient(loss: Loss) -> None:
    """As many classes as examples, so that nothing but the structure tells one axis from the other."""
    tape = holds(loss, {"W": W}, wanted(loss, SQUARE))
    long = tape.program.unfused().run({"W": W}, wanted(loss, SQUARE))
    np.testing.assert_allclose(tape["dW"], long["dW"], rtol=1e-10, atol=1e-13)


def mean_of_log_loss(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    return -np.mean(np.log(np.sum(softmax(f) * Y, axis=0)))


def mean_over_every_entry(x: Any, Y: Any, W: Any) -> Any:
    f = W @ x
    return -np.mean(Y * np.log(softmax(f)))


def test_the_mean_counts_examples_or_entries_as_written() -> None:
    """1/N for a mean over examples, 1/(KN) for a mean over the whole matrix."""
    tape = holds(mean_of_log_loss, {"W": W}, wanted(mean_of_log_loss, COLUMN))
    assert line_of(tape.program, "df").endswith("/ 5")
    tape = holds(mean_over_every_entry, {"W": W}, wanted(mean_over_every_entry, COLUMN))
    assert line_of(tape.program, "df").endswith("/ 15")


# what the short form takes for granted of the labels


@pytest.mark.parametrize("loss", [column_log_loss, column_log_loss_mean, column_cross_entropy, column_log_softmax])
def test_labels_are_checked_again_when_the_data_change(loss: Loss) -> None:
    """Other one-hot labels are taken; labels for which p − Y would be wrong are refused, not used."""
    given = wanted(loss, COLUMN)
    program = engine.trace(loss, {"W": W}, given)
    assert program.conditions
    others = np.eye(K)[:, [2, 2, 0, 1, 0]]
    tape = program.run({"W": W}, {**given, "Y": others})
    assert tape.loss == loss(**{**given, "W": W, "Y": others})
    np.testing.assert_allclose(
        tape["dW"], program.unfused().run({"W": W}, {**given, "Y": others})["dW"], rtol=1e-12, atol=1e-14
    )
    for wrong in (Y * 0.5, Y + 1.0, np.zeros_like(Y)):
        with pytest.raises(engine.RunError) as caught:
            program.run({"W": W}, {**given, "Y": wrong})
        assert "Y" in caught.value.reason
        assert "Trace again" in caught.value.cure
        again = engine.trace(loss, {"W": W}, {**given, "Y": wrong})
        with np.errstate(divide="ignore"):
            plain = loss(**{**given, "W": W, "Y": wrong})
        assert again.run({"W": W}, {**given, "Y": wrong}).loss == plain


def test_the_mirror_checks_the_labels_too() -> None:
    given = wanted(column_log_loss, COLUMN)
    program = engine.trace(column_log_loss, {"W": W}, given).mirror()
    with pytest.raises(engine.RunError):
        program.run({"W": W}, {**given, "Y": Y * 0.5})


def test_the_long_chain_takes_any_labels() -> None:
    """It uses no short form, so it asks nothing of the labels."""
    given = {**wanted(column_log_loss, COLUMN), "Y": Y * 0.5}
    program = engine.trace(column_log_loss, {"W": W}, wanted(column_log_loss, COLUMN)).unfused()
    assert program.run({"W": W}, given).loss == column_log_loss(W=W, **given)


def test_soft_labels_that_sum_to_one_may_use_the_short_form_of_cross_entropy() -> None:
    """−Σ Y log p has the gradient p − Y whenever the labels of each example add up to one."""
    mixed = 0.9 * Y + 0.1 / K
    given = {"x": X, "Y": mixed}
    holds(column_cross_entropy, {"W": W}, given)
    holds(column_log_loss, {"W": W}, given)


def test_whole_number_labels_may_change() -> None:
    given = wanted(row_picks, ROW)
    program = engine.trace(row_picks, {"W": W}, given)
    others = {**given, "y": np.array([1, 1, 2, 0, 2])}
    tape = program.run({"W": W}, others)
    right = engine.trace(row_picks, {"W": W}, others).run({"W": W}, others)
    np.testing.assert_array_equal(tape["dW"], right["dW"])


ONE = np.eye(K)[:, [2]]
ONE_EXAMPLE: list[tuple[str, Callable[[Any, Any, Any], Any]]] = [
    ("sum of p and y", lambda p, y, k: -np.log(np.sum(p * y))),
    ("cross-entropy", lambda p, y, k: -np.sum(y * np.log(p))),
    ("mean", lambda p, y, k: -3 * np.mean(y * np.log(p))),
    ("number", lambda p, y, k: -np.log(p[(2, 0) if p.shape[0] == K else (0, 2)])),
    ("array", lambda p, y, k: -np.log(p[(k, 0) if p.shape[0] == K else (0, k)]).sum()),
    ("pair of arrays", lambda p, y, k: -np.log(p[(k, [0]) if p.shape[0] == K else ([0], k)]).mean()),
    ("doubled", lambda p, y, k: -2 * np.log(np.sum(p * y)) * 0.5),
]


@pytest.mark.parametrize("column", [True, False], ids=["column", "row"])
@pytest.mark.parametrize(("name", "last"), ONE_EXAMPLE, ids=[o[0] for o in ONE_EXAMPLE])
def test_one_example_as_a_column_or_a_row(name: str, last: Callable[[Any, Any, Any], Any], column: bool) -> None:
    """With a single example people sum over everything; that is the softmax of the one column, and df is p − y."""

    def loss(x: Any, y: Any, k: Any, W: Any) -> Any:
        f = W @ x if column else x @ W
        e = np.exp(f - np.max(f))
        p = e / np.sum(e)
        return last(p, y, k)

    params = {"W": W if column else W.T.copy()}
    data = {"x": X[:, :1], "y": ONE, "k": np.array([2])}
    if not column:
        data = {**data, "x": X[:, :1].T.copy(), "y": ONE.T.copy()}
    tape = holds(loss, params, data)
    p = np.exp(tape["f"]) / np.sum(np.exp(tape["f"]))
    np.testing.assert_allclose(tape["df"], p - data["y"], rtol=1e-12, atol=1e-15)
    assert "np.log(" not in line_of(tape.program, "df")
    assert line_of(tape.program, "df").startswith("df = p - ")
    mirrored(tape, params, data)


def test_one_example_as_a_vector() -> None:
    """A softmax of one vector, with its label picked by a number, is p − 𝟙(y) as well."""
    x = X[:, 0]

    def by_number(W: Any, x: Any) -> Any:
        f = W @ x
        e = np.exp(f - np.max(f))
        return -np.log((e / e.sum())[1])

    def by_array(W: Any, x: Any, y: Any) -> Any:
        f = W @ x
        e = np.exp(f)
        return -np.sum(np.log((e / np.sum(e))[y]))

    tape = holds(by_number, {"W": W}, {"x": x})
    np.testing.assert_allclose(tape["df"], softmax(tape["f"]) - np.eye(K)[1], rtol=1e-12)
    tape = holds(by_array, {"W": W}, {"x": x, "y": np.array([2])})
    np.testing.assert_allclose(tape["df"], softmax(tape["f"]) - np.eye(K)[2], rtol=1e-12)


def test_float32_stays_float32_through_the_short_forms() -> None:
    single = {k: (v.astype(np.float32) if v.dtype.kind == "f" else v) for k, v in COLUMN.items()}
    for loss in (column_log_loss, column_cross_entropy, column_log_softmax, column_picks):
        program = engine.trace(loss, {"W": W.astype(np.float32)}, wanted(loss, single))
        assert {v.dtype for v in program.values if v.dtype.kind == "f" and not v.literal} == {np.dtype(np.float32)}
