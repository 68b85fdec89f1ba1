"""NumPy code as people write it: what a file says in other words than the prepared nets is recorded all the same."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy import array, dot, exp, mean, zeros
from numpy import zeros as blank

import engine
from engine import scenario
from tests.engine.oracle import close, differences, holds, leaves

PARAMS = {"W": np.array([[0.7, -0.4, 0.2], [0.1, 0.9, -0.6]]), "b": np.array([0.3, -0.2])}
DATA = {"X": np.array([[1.0, 2.0, -1.0], [0.5, -0.3, 0.8], [-1.2, 0.4, 0.6]])}


def filled_by_an_imported_constructor(W: Any, b: Any, X: Any) -> Any:
    out = zeros((3, 2))
    for i in range(len(X)):
        out[i] = 1 / (1 + exp(-dot(W, X[i]) - b))
    return mean(out**2)


def filled_by_a_constructor_of_another_name(W: Any, b: Any, X: Any) -> Any:
    out = blank(2, float)
    out += W @ X[0]
    out[1] *= b[0]
    return (out * out).sum()


def rows_made_an_array_of_floats(W: Any, b: Any, X: Any) -> Any:
    rows = array([dot(W, x) + b for x in X], dtype=float)
    W = np.asarray(W, dtype=np.float64)
    return np.sum(rows**2) + np.array(W, dtype="float64").sum() + np.asarray(rows[0], float) @ np.array(b, copy=True)


def statistics_of_a_list(W: Any, b: Any, X: Any) -> Any:
    errors = [np.sum((W @ x + b) ** 2) for x in X]
    total = np.sum(errors) / len(errors) + np.mean(errors) + np.sqrt(np.var(errors)) + np.max(errors)
    return total + np.sum([np.sum(W**2), np.sum(b**2), 1.0]) + mean([W[c] for c in (0, 1)], axis=0) @ X[0]


def products_with_a_list(W: Any, b: Any, X: Any) -> Any:
    return np.dot([b[0], b[1]], W) @ X[0] + np.outer([b[0], 2.0], b).sum()


def joins_of_numbers_and_lists(W: Any, b: Any, X: Any) -> Any:
    h = np.concatenate(([1.0], W @ X[0], [b[0], b[1]], np.zeros(1)))
    return h @ h + np.sum(np.vstack([[b[0], b[1], 0.5], W]) ** 3)


def laid_out_again(W: Any, b: Any, X: Any) -> Any:
    return np.sum(np.ascontiguousarray(W.T) @ np.tanh(np.asanyarray(b)))


def a_state_before_the_one_that_is_written(W: Any, b: Any, X: Any) -> Any:
    C = np.zeros((4, 2))
    H = np.zeros((4, 3))
    for t in range(1, 4):
        before = C[t - 1]
        inner = H[t - 1, 1:]
        C[t] = np.tanh(W @ X[t - 1] + b) * (1 + before)
        H[t, :2] = C[t] * inner + before
    return np.sum(C**2) + np.sum(H)


def other_columns_are_held(W: Any, b: Any, X: Any) -> Any:
    out = X @ W.T
    left, lower = out[:, :1], out[1:][:, :1]
    out[:, 1] = out[:, 1] * left[:, 0]
    out[0, 1] += np.sum(lower * left[1:])
    return np.sum(out**2)


def its_gradient_beside_it(W: Any, b: Any, X: Any) -> Any:
    scores = X @ W.T + b
    dscores = scores.copy()
    dscores[np.arange(3), [0, 1, 1]] -= 1
    return np.mean(scores**2), {"W": dscores.T @ X}


def a_python_number(W: Any, b: Any, X: Any) -> float:
    return float(np.mean((X @ W.T + b) ** 2))


def a_python_number_of_a_helper(W: Any, b: Any, X: Any) -> float:
    def cost(a: Any) -> float:
        return np.sum(np.sin(a)).item()

    return cost(X @ W.T + b)


def unrolled_column_by_column(W: Any, b: Any, X: Any) -> Any:
    theta = W.flatten(order="F")
    square, cube = np.reshape(theta, (3, 2), order="F"), X.reshape((1, 3, 3), order="F") * W[0, 0]
    return np.sum(np.tanh(square) ** 2) + np.sum(cube[0] @ W.T.ravel("F")[:3]) + theta[1] * b[0]


def without_the_diagonal(W: Any, b: Any, X: Any) -> Any:
    sim = X @ W.T @ W
    np.fill_diagonal(sim, -np.inf)
    return np.sum(np.log(np.exp(sim).sum(axis=1)))


def appended(W: Any, b: Any, X: Any) -> Any:
    outputs = np.array([])
    for x in X:
        outputs = np.append(outputs, W @ x)
    return np.sum(np.append(outputs, b[0]) ** 2) + np.sum(np.append(W, W * b[0], axis=1) ** 3)


def in_square_brackets(W: Any, b: Any, X: Any) -> Any:
    h = np.c_[np.ones(3), X @ W.T, X[:, 0] * b[0]]
    z = np.r_[1.0, b, W[0, 0], np.zeros(2)]
    return np.sum(h**2) + z @ z + np.sum(np.r_[W, 2 * W] ** 3)


def differences_of_neighbours(W: Any, b: Any, X: Any) -> Any:
    picture = X @ W.T @ W
    return np.sum(np.diff(picture) ** 2) + np.sum(np.diff(picture, axis=0) ** 2) + np.sum(np.diff(W, 2, axis=1) ** 2)


def checked_and_averaged(W: Any, b: Any, X: Any) -> Any:
    out = np.nan_to_num(X @ W.T + b)
    assert not np.isnan(out).any() and np.all(np.isfinite(out)), "diverged"
    weights = np.full((3, 2), 0.3)
    return np.average(out**2, weights=weights) + np.average(out * out, axis=0, weights=np.exp(out)) @ b + np.average(W)


LOSSES: list[Callable[..., Any]] = [
    filled_by_an_imported_constructor,
    filled_by_a_constructor_of_another_name,
    rows_made_an_array_of_floats,
    statistics_of_a_list,
    products_with_a_list,
    joins_of_numbers_and_lists,
    laid_out_again,
    a_state_before_the_one_that_is_written,
    other_columns_are_held,
    its_gradient_beside_it,
    a_python_number,
    a_python_number_of_a_helper,
    unrolled_column_by_column,
    without_the_diagonal,
    appended,
    in_square_brackets,
    differences_of_neighbours,
    checked_and_averaged,
]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_is_that_of_the_plain_function(loss: Callable[..., Any]) -> None:
    """Loss, gradients and printed lines are right, whatever way of writing it was taken."""
    holds(loss, PARAMS, DATA)


class Dense:
    """A layer that keeps its weights and what it has seen."""

    def __init__(self, inputs: int, outputs: int) -> None:
        rng = np.random.default_rng(inputs)
        self.params = {"W": rng.normal(size=(outputs, inputs)), "b": np.zeros(outputs)}
        self.total = 0.0

    def __call__(self, x: Any) -> Any:
        self.x = x
        self.total += np.sum(self.params["W"] ** 2)
        return x @ self.params["W"].T + self.params["b"]


class Net:
    """Layers in a list, and a loss of its own."""

    def __init__(self) -> None:
        self.layers = [Dense(3, 4), Dense(4, 2)]

    def loss(self, X: Any) -> Any:
        h = X
        for layer in self.layers:
            layer.total = 0.0
            h = np.tanh(layer(h))
        return np.mean(h**2) + 0.1 * sum(layer.total for layer in self.layers)


def test_a_net_that_holds_its_own_parameters_is_followed() -> None:
    """``loss = net.loss`` with the arrays of the net's layers as params: self.params["W"] is the parameter."""
    net = Net()
    params = {f"{name}{k}": a for k, layer in enumerate(net.layers) for name, a in layer.params.items()}
    own = engine.trace(net.loss, params, DATA).run(params, DATA).gradients

    def given(X: Any, W0: Any, b0: Any, W1: Any, b1: Any) -> Any:
        h = np.tanh(np.tanh(X @ W0.T + b0) @ W1.T + b1)
        return np.mean(h**2) + 0.1 * (np.sum(W0**2) + np.sum(W1**2))

    expected = differences(given, params, DATA)
    for (name, gradient), right in zip(own.items(), expected, strict=True):
        close(gradient, right)
        assert net.layers[int(name[1])].params[name[0]] is params[name]


def test_parameters_in_globals_and_closures_are_followed(write: Callable[[str], Path]) -> None:
    """A loss without arguments, over the arrays of the file and of a function that made another one."""
    found = scenario.load(
        write(
            "import numpy as np\nw = np.array([1.0, -2.0])\n"
            "def make():\n    v = np.array([0.5, 3.0])\n    return v, lambda: np.sum(w * w * v)\n"
            "v, loss = make()\nparams = {'w': w, 'v': v}\n"
        )
    )
    gradients = engine.trace(found.loss, found.params, {}).run(found.params, {}).gradients
    np.testing.assert_allclose(gradients["w"], [1.0, -12.0], rtol=1e-15)
    np.testing.assert_allclose(gradients["v"], [1.0, 4.0], rtol=1e-15)


def test_a_view_of_what_is_written_is_still_refused() -> None:
    """What a held slice shows must not change behind it, however the slice was taken."""

    def loss(W: Any, b: Any, X: Any, look: Any) -> Any:
        out = X @ W.T
        held = look(out)
        out[1, 1] = b[0]
        return np.sum(out * out) + np.sum(held)

    for look in (lambda a: a[1:], lambda a: a[:2][1:], lambda a: a.T, lambda a: a.T[1:], lambda a: a.reshape(-1)[0:1]):
        with pytest.raises(engine.TraceError, match="view of it"):
            engine.trace(lambda W, b, X, look=look: loss(W, b, X, look), PARAMS, DATA)


def test_a_python_number_that_goes_on_is_still_refused() -> None:
    """float() is followed only where nothing but the caller of loss sees what it gives."""

    def rounded(W: Any) -> Any:
        return math.exp(W.sum())

    def folded(W: Any) -> Any:
        return functools.reduce(lambda a, b: float(a * b), W[0])

    def added(W: Any) -> Any:
        total = float(W.sum())
        return total + 0.5

    def guarded(W: Any) -> Any:
        try:
            return float(W.sum())
        finally:
            W.sum()

    for loss in (rounded, folded, added, guarded):
        with pytest.raises(engine.TraceError, match="needs the number itself"):
            engine.trace(loss, {"W": PARAMS["W"]}, {})


def test_a_single_precision_loss_that_ends_in_a_python_number_is_a_double() -> None:
    """float() of a float32 is a float64; the recording says so and has the same gradient."""
    W = PARAMS["W"].astype(np.float32)
    tape = engine.trace(lambda W: float(np.sum(W * W)), {"W": W}, {}).run({"W": W}, {})
    assert tape.loss == float(np.sum(W * W))
    np.testing.assert_array_equal(tape.gradients["W"], 2 * W)


def test_imported_names_are_as_they_were_after_a_recording() -> None:
    """What a file imported from NumPy is NumPy's own again, also after a refusal."""

    def loss(W: Any, b: Any) -> Any:
        return array([W.sum(), mean([b[0], b[1]])]).sum() + float(W.sum())

    with pytest.raises(engine.TraceError):
        engine.trace(loss, PARAMS, {})
    assert [array, zeros, blank, mean] == [np.array, np.zeros, np.zeros, np.mean]
    assert type(zeros(2)) is np.ndarray


def test_numbers_that_are_not_finite_are_not_taken_for_such() -> None:
    """A check for NaN that finds some would be another program elsewhere: it is refused."""
    for loss in (
        lambda W: np.sum(np.where(np.isinf(W / 0), 0, W)),
        lambda W: np.sum(W[np.isnan(W * np.nan)]),
        lambda W: np.sum(np.nan_to_num(W / 0)),
    ):
        with pytest.raises(engine.TraceError, match="mask held in data"):
            engine.trace(loss, {"W": PARAMS["W"]}, {})


def test_a_cure_is_what_can_be_written_there() -> None:
    """max of one array, and a number in a format string, are told what stands for them at that place."""
    for loss, cure in (
        (lambda W: np.sum(W - max(W[0])), "Write np.max(W[0])."),
        (lambda W: np.sum(W - max(W[0, 0], 0)), "Write np.maximum(a, b)."),
        (lambda W: np.sum(W) if "%.2f" % W[0, 0] else 0, "f-string"),  # noqa: UP031
    ):
        with pytest.raises(engine.TraceError) as refused:
            engine.trace(loss, {"W": PARAMS["W"]}, {})
        assert cure in refused.value.cure


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "found.py"
        path.write_text(text)
        return path

    return write


def test_params_may_be_the_list_or_the_vector_that_loss_takes(write: Callable[[str], Path]) -> None:
    """``loss(params, ...)`` over a list of layers, or over one flat array, needs no dict around it."""
    for value, sum_of_squares in (
        (
            "[(np.ones((2, 3)), np.ones(2)), (np.ones((1, 2)), np.ones(1))]",
            "sum((a ** 2).sum() for W in params for a in W)",
        ),
        ("np.array([1.0, -2.0])", "(params ** 2).sum()"),
    ):
        text = f"import numpy as np\nparams = {value}\ndef loss(params):\n    return {sum_of_squares}\n"
        found = scenario.load(write(text))
        gradients = engine.trace(found.loss, found.params, found.data).run(found.params, found.data).gradients
        for own, gradient in zip(leaves(found.params), gradients.values(), strict=True):
            np.testing.assert_array_equal(gradient, 2 * own)


def test_a_loss_of_another_name_is_recognised_by_its_arguments(write: Callable[[str], Path]) -> None:
    """The cure for a missing ``loss`` is one line that works."""
    text = "import numpy as np\nparams = {'w': np.ones(2)}\n"
    text += "def half(a):\n    return a / 2\ndef cost(w):\n    return half(w @ w)\n"
    with pytest.raises(engine.ScenarioError) as refused:
        scenario.load(write(text))
    assert "`loss = cost`" in refused.value.cure
    assert scenario.load(write(text + "loss = cost\n")).loss.__name__ == "cost"


def test_an_object_of_arrays_is_told_what_it_can_be(write: Callable[[str], Path]) -> None:
    """A dataclass of arrays is no array: a NamedTuple with the same fields is read as it stands."""
    text = "import numpy as np\nclass P:\n    W = np.ones(2)\nparams = {'p': P()}\ndef loss(p):\n    return p.W.sum()\n"
    with pytest.raises(engine.ScenarioError, match="NamedTuple"):
        scenario.load(write(text))
