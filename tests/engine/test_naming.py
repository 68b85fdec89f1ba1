"""Every value carries the name that its author gave it, however the file is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import holds

RNG = np.random.default_rng(2)
W1, B1 = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 1))
W2, B2 = RNG.normal(size=(2, 4)), RNG.normal(size=(2, 1))
WM, BM = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 1))
FLAT = {"W1": W1, "b1": B1, "W2": W2, "b2": B2}
XY = {"x": RNG.normal(size=(3, 5)), "y": RNG.normal(size=(2, 5))}


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def dense(W: Any, x: Any, b: Any) -> Any:
    z = W @ x + b
    return z  # noqa: RET504


def helpers(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = relu(dense(W1, x, b1))
    f = dense(W2, h, b2)
    return np.sum((f - y) ** 2)


def loop_over_dicts(x: Any, y: Any, layers: Any) -> Any:
    h = x
    for number, layer in enumerate(layers):
        h = layer["W"] @ h + layer["b"]
        if number < len(layers) - 1:
            h = relu(h)
    return np.sum((h - y) ** 2)


def loop_over_tuples(x: Any, y: Any, layers: Any) -> Any:
    h = x
    for W, b in layers[:-1]:
        h = np.maximum(W @ h + b, 0)
    W, b = layers[-1]
    f = W @ h + b
    return np.sum((f - y) ** 2)


def loop_over_two_lists(x: Any, y: Any, weights: Any, biases: Any) -> Any:
    a = x
    for w, b in zip(weights, biases, strict=True):
        z = w @ a + b
        a = np.tanh(z)
    return np.sum((a - y) ** 2)


def reached_by_number(x: Any, y: Any, layers: Any) -> Any:
    h = np.tanh(layers[0][0] @ x + layers[0][1])
    f = layers[1][0] @ h + layers[1][1]
    return np.sum((f - y) ** 2)


def dict_of_dicts(x: Any, y: Any, net: Any) -> Any:
    h = np.tanh(net["first"]["W"] @ x + net["first"]["b"])
    f = net["second"]["W"] @ h + net["second"]["b"]
    return np.sum((f - y) ** 2)


def hidden_preactivation(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.maximum(W1 @ x + b1, 0)
    f = W2 @ h + b2
    return np.sum((f - y) ** 2)


def one_line(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return np.sum((W2 @ np.maximum(W1 @ x + b1, 0) + b2 - y) ** 2)


def written_in_place(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = W1 @ x + b1
    h[h < 0] = 0
    f = W2 @ h + b2
    return np.sum((f - y) ** 2)


def bound_again(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.tanh(W1 @ x + b1)
    h = h * 2
    h = h + 1
    f = W2 @ h + b2
    return np.sum((f - y) ** 2)


def bound_again_with_a_digit(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h1 = np.tanh(W1 @ x + b1)
    h1 = h1 * 2
    f = W2 @ h1 + b2
    return np.sum((f - y) ** 2)


def numbered_names_taken(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h2 = W1 @ x + b1
    h = np.tanh(h2)
    h = h * 2
    f = W2 @ h + b2
    return np.sum((f - y) ** 2)


def takes_the_names_of_gradients(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    dW1 = W1 @ x + b1
    df = relu(dW1)
    f = W2 @ df + b2
    t1 = f - y
    return np.sum(t1**2)


def closure(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    def net(v: Any) -> Any:
        a = np.tanh(W1 @ v + b1)
        return W2 @ a + b2

    f = net(x)
    return np.sum((f - y) ** 2)


def keyword_only(x: Any, y: Any, *, W1: Any, b1: Any, W2: Any, b2: Any, scale: float = 2.0) -> Any:
    h = np.tanh(W1 @ x + b1)
    cost = scale * np.sum((W2 @ h + b2 - y) ** 2)
    return cost  # noqa: RET504


def whole_dicts(params: Any, data: Any) -> Any:
    z = params["W1"] @ data["x"] + params["b1"]
    o = params["W2"] @ np.tanh(z) + params["b2"]
    return np.sum((o - data["y"]) ** 2)


def keyword_arguments(**given: Any) -> Any:
    f = given["W2"] @ np.tanh(given["W1"] @ given["x"] + given["b1"]) + given["b2"]
    return np.sum((f - given["y"]) ** 2)


def kept_in_a_dict(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    cache: dict[str, Any] = {}
    cache["z1"] = W1 @ x + b1
    cache["h1"] = np.tanh(cache["z1"])
    cache["f"] = W2 @ cache["h1"] + b2
    return np.sum((cache["f"] - y) ** 2)


class Net:
    """A net as an object, the way many files are written."""

    def __init__(self, **parameters: Any) -> None:
        self.parameters = parameters

    def forward(self, x: Any) -> Any:
        self.z = self.parameters["W1"] @ x + self.parameters["b1"]
        self.a = np.tanh(self.z)
        self.out = self.parameters["W2"] @ self.a + self.parameters["b2"]
        return self.out


def an_object(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    net = Net(W1=W1, b1=b1, W2=W2, b2=b2)
    return np.sum((net.forward(x) - y) ** 2)


def unpacked(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    (z, h), scale = (lambda v: ((v, np.tanh(v)), 0.1))(W1 @ x + b1)
    (f,) = [W2 @ h + b2]
    return np.sum((f - y) ** 2) + scale * np.sum(z)


def walrus(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return np.sum(((f := W2 @ (h := np.tanh(z := W1 @ x + b1)) + b2) - y) ** 2)  # noqa: F841


def greek(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    σ = np.tanh(W1 @ x + b1)
    ŷ = W2 @ σ + b2
    return np.sum((ŷ - y) ** 2)


def underscore(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    _ = np.tanh(W1 @ x + b1)
    return np.sum((W2 @ _ + b2 - y) ** 2)


def named_loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    f = W2 @ np.tanh(W1 @ x + b1) + b2
    cost = np.sum((f - y) ** 2)
    return cost  # noqa: RET504


def generator(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    def layers() -> Any:
        h = np.tanh(W1 @ x + b1)
        yield h
        yield W2 @ h + b2

    *_, f = layers()
    return np.sum((f - y) ** 2)


LISTS = {"weights": [W1, WM, W2], "biases": (B1, BM, B2)}
TUPLES = {"layers": [(W1, B1), (WM, BM), (W2, B2)]}
DICTS = {"layers": [{"W": W1, "b": B1}, {"W": W2, "b": B2}]}
PAIRS = {"layers": ((W1, B1), (W2, B2))}
NAMED = {"net": {"first": {"W": W1, "b": B1}, "second": {"W": W2, "b": B2}}}

CASES: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (helpers, FLAT, "z h f L"),
    (loop_over_dicts, DICTS, "z1 h1 h2 L"),
    (loop_over_tuples, TUPLES, "z1 h1 z2 h2 f L"),
    (loop_over_two_lists, LISTS, "z1 a1 z2 a2 z3 a3 L"),
    (reached_by_number, PAIRS, "z1 h f L"),
    (dict_of_dicts, NAMED, "z1 h f L"),
    (hidden_preactivation, FLAT, "z1 h f L"),
    (one_line, FLAT, "z1 z2 L"),
    (written_in_place, FLAT, "z1 h f L"),
    (bound_again, FLAT, "z1 h1 h2 h3 f L"),
    (bound_again_with_a_digit, FLAT, "z1 h1_1 h1_2 f L"),
    (numbered_names_taken, FLAT, "h2 h_1 h_2 f L"),
    (takes_the_names_of_gradients, FLAT, "dW1 df f t1 L"),
    (closure, FLAT, "z1 a f L"),
    (keyword_only, FLAT, "z1 h z2 cost"),
    (whole_dicts, FLAT, "z o L"),
    (keyword_arguments, FLAT, "z1 f L"),
    (kept_in_a_dict, FLAT, "z1 h1 f L"),
    (an_object, FLAT, "z a out L"),
    (unpacked, FLAT, "z h f L"),
    (walrus, FLAT, "z h f L"),
    (greek, FLAT, "z1 σ ŷ L"),
    (underscore, FLAT, "z1 z2 L"),
    (named_loss, FLAT, "z1 f cost"),
    (generator, FLAT, "z1 h f L"),
]


def quantities(program: engine.Program, phase: str = "forward") -> list[str]:
    plans = [p for p in program.plans if (p.phase == "backward") == (phase == "backward")]
    return [program.names[p.quantity] for p in plans]


@pytest.mark.parametrize(("loss", "params", "names"), CASES, ids=[c[0].__name__ for c in CASES])
def test_values_carry_the_names_of_the_file(loss: Callable[..., Any], params: dict[str, Any], names: str) -> None:
    """The steps of the forward pass are the author's names, in the order in which the values come into being."""
    program = engine.trace(loss, params, XY)
    assert quantities(program) == names.split()


@pytest.mark.parametrize(("loss", "params", "names"), CASES, ids=[c[0].__name__ for c in CASES])
def test_no_two_values_share_a_name(loss: Callable[..., Any], params: dict[str, Any], names: str) -> None:
    """One pool of identifiers for values, gradients and temporaries, in every reading of the net."""
    program = engine.trace(loss, params, XY)
    for reading in (program, program.unfused(), program.mirror()):
        assert len(set(reading.names.values())) == len(reading.names)
        assert all(name.isidentifier() and name != "np" for name in reading.names.values())


BY_NAME = [c for c in CASES if c[0] is not whole_dicts]


@pytest.mark.parametrize(("loss", "params"), [c[:2] for c in BY_NAME], ids=[c[0].__name__ for c in BY_NAME])
def test_the_gradients_are_right_however_the_file_is_written(loss: Callable[..., Any], params: dict[str, Any]) -> None:
    holds(loss, params, XY)


def test_a_gradient_is_called_d_and_its_value() -> None:
    program = engine.trace(hidden_preactivation, FLAT, XY)
    assert quantities(program, "backward") == ["df", "dW2", "db2", "dh", "dz1", "dW1", "db1"]


def test_a_users_variable_keeps_its_name_before_a_gradient() -> None:
    """A variable called dW1 is that variable; the gradient of W1 is found under the parameter's name all the same."""
    tape = engine.trace(takes_the_names_of_gradients, FLAT, XY).run(FLAT, XY)
    np.testing.assert_array_equal(tape["dW1"], W1 @ XY["x"] + B1)
    right = engine.trace(hidden_preactivation, FLAT, XY).run(FLAT, XY)
    for name, gradient in right.gradients.items():
        np.testing.assert_allclose(tape.gradients[name], gradient, rtol=1e-12)


def test_nested_parameters_take_the_loops_names_numbered() -> None:
    program = engine.trace(loop_over_tuples, TUPLES, XY)
    assert [p.name for p in program.parameters] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert [p.path for p in program.parameters][:2] == ["layers[0][0]", "layers[0][1]"]
    assert sorted(program.run(TUPLES, XY).gradients) == ["W1", "W2", "W3", "b1", "b2", "b3"]


def test_nested_parameters_without_a_name_are_called_by_their_path() -> None:
    program = engine.trace(reached_by_number, PAIRS, XY)
    assert [p.name for p in program.parameters] == ["layers_0_0", "layers_0_1", "layers_1_0", "layers_1_1"]
    program = engine.trace(loop_over_dicts, DICTS, XY)
    assert [p.path for p in program.parameters] == [
        "layers[0]['W']", "layers[0]['b']", "layers[1]['W']", "layers[1]['b']",
    ]  # fmt: skip


def test_a_lambda_is_a_loss_like_any_other() -> None:
    loss = lambda x, y, W1, b1, W2, b2: np.sum((W2 @ np.tanh(W1 @ x + b1) + b2 - y) ** 2)  # noqa: E731
    tape = holds(loss, FLAT, XY)
    assert quantities(tape.program) == ["z1", "z2", "L"]


def test_a_preactivation_inside_a_line_is_a_value_of_its_own() -> None:
    """The mask acts on it, so it needs a name: z and its layer, unless that is taken."""

    def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        z1 = x * 2
        h = np.maximum(W1 @ z1 + b1, 0)
        return np.sum((W2 @ h + b2 - y) ** 2)

    tape = engine.trace(loss, FLAT, XY).run(FLAT, XY)
    assert quantities(tape.program) == ["z1", "z1_1", "h", "z2", "L"]
    np.testing.assert_array_equal(tape["z1_1"], W1 @ (XY["x"] * 2) + B1)


def test_a_captured_array_keeps_the_name_it_has_outside() -> None:
    mean = XY["x"].mean(axis=1, keepdims=True)

    def loss(x: Any, W1: Any) -> Any:
        h = W1 @ (x - mean)
        return np.sum(h**2)

    program = engine.trace(loss, {"W1": W1}, {"x": XY["x"]})
    assert "mean" in program.names.values()
    holds(loss, {"W1": W1}, {"x": XY["x"]})


def test_argument_names_of_helpers_do_not_rename_what_is_passed() -> None:
    """``relu(x)`` does not call the pre-activation x, and helpers called twice do not mix their names up."""

    def twice(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        first = dense(W1, x, b1)
        second = dense(W2, relu(first), b2)
        return np.sum((second - y) ** 2)

    program = engine.trace(twice, FLAT, XY)
    assert [n for n in quantities(program) if n in ("x", "z", "W", "b")] == []
    assert {"first", "second"} <= set(quantities(program))


@pytest.mark.parametrize("word", ["np", "lambda", "None"])
def test_a_parameter_called_like_a_word_of_python_gets_a_name_that_runs(word: str) -> None:
    """Dicts may hold any key; the lines must still be NumPy."""

    def loss(params: Any) -> Any:
        return np.sum(params[word] ** 2)

    tape = engine.trace(loss, {word: W1}, {}).run({word: W1}, {})
    name = next(iter(tape.gradients))
    assert name.isidentifier()
    assert name != word
    np.testing.assert_array_equal(tape.gradients[name], 2 * W1)


def test_things_of_the_same_name_in_different_places_are_told_apart() -> None:
    """``weights['i']`` and ``bias['i']`` do not count up as layers do, and no two quantities share a symbol."""
    params = {"weights": {"i": np.ones((2, 3))}, "bias": {"i": np.zeros(3)}}

    def loss(weights: Any, bias: Any, x: Any) -> Any:
        for row in range(2):
            i = np.tanh(x[row] @ weights["i"] + bias["i"])
        return np.sum(i)

    program = engine.trace(loss, params, {"x": np.ones((2, 2))})
    assert {"weights_i", "bias_i"} <= set(program.by_name)
    symbols = [value.symbol for value in program.values if value.name]
    assert len(set(symbols)) == len(symbols)
