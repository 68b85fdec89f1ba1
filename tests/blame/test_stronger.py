"""The stronger input: what is drawn means what the old numbers meant, and what cannot change stays and is said."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import engine
import scenarios
from engine.blame.stronger import Stronger, stronger
from engine.blame.stronger_judge import StrongerMine, judge_stronger
from engine.blame.stronger_sizes import sizes_of
from engine.scenario import load
from tests.blame.learner import FOLDER, STYLES, call, text_of
from tests.oracles import leaves

ROOT = Path(__file__).parents[1]
FILES = sorted(
    [
        *(path for path in Path(scenarios.__file__).parent.glob("*.py") if path.stem != "__init__"),
        *STYLES,
        *(ROOT / "networks" / "files").glob("*.py"),
    ]
)
COLUMN = (FOLDER / "styles" / "column_relu.py").read_text(encoding="utf-8")
LOOP = (FOLDER / "styles" / "loop_examples.py").read_text(encoding="utf-8")


def made(loss: Any, params: dict[str, Any], data: dict[str, Any]) -> Stronger:
    found = stronger(loss, engine.trace(loss, params, data), params, data)
    assert found is not None
    return found


def judged(folder: Path, text: str) -> StrongerMine:
    file = folder / "mine.py"
    file.write_text(text, encoding="utf-8")
    scenario = load(file)
    assert scenario.backward is not None
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    found = judge_stronger(scenario.loss, scenario.backward, program, scenario.params, scenario.data)
    assert found is not None
    return found


def line_of(text: str, start: str) -> int:
    return next(k for k, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def changed(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new)


# ---- every file there is ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_loss_of_every_file_runs_on_what_is_drawn(file: Path) -> None:
    """Plainly, with the number that the program has; numbers differ, kinds and structure do not, the file's own stay.

    No size is one that any axis of that file had, two axes that changed by themselves have different ones.
    """
    scenario = load(file)
    before = [(path, np.array(array)) for path, array in leaves(scenario.params)]
    found = made(scenario.loss, scenario.params, scenario.data)
    assert float(call(scenario.loss, found.params, found.data)) == float(found.program.recorded().loss)
    old, new = dict(leaves(scenario.params)), dict(leaves(found.params))
    assert old.keys() == new.keys()
    assert all(old[path].dtype == new[path].dtype and old[path].ndim == new[path].ndim for path in old)
    assert all(old[path].shape != new[path].shape or np.any(old[path] != new[path]) for path in old)
    assert all(np.array_equal(array, old[path]) for path, array in before)
    assert found.sizes or found.kept or not sizes_of(found.program)
    assert all(one != two for one, two in found.sizes.values())


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_correct_code_is_right_on_a_stronger_input(file: Path, tmp_path: Path) -> None:
    """No false alarm in any style, other sizes or not."""
    found = judged(tmp_path, text_of(file))
    assert (found.mine.verdict, found.mine.first_wrong) == ("right", None)


# ---- sizes and numbers -----------------------------------------------------------------------------------


def test_every_axis_of_a_plain_net_gets_a_size_of_its_own() -> None:
    """Distinct, none of them an old one, at least five examples; the same axis is as long wherever it occurs."""
    scenario = load(FOLDER / "styles" / "square_net.py")
    found = made(scenario.loss, scenario.params, scenario.data)
    sizes = {name: new for name, (_, new) in found.sizes.items()}
    assert set(sizes) == {"n", "in", "h1", "h2", "out"}
    assert len(set(sizes.values())) == 5
    assert 4 not in sizes.values()
    assert sizes["n"] >= 5
    shapes = {name: array.shape for name, array in {**found.params, **found.data}.items()}
    assert shapes["W1"] == (sizes["h1"], sizes["in"])
    assert shapes["W2"] == (sizes["h2"], sizes["h1"])
    assert shapes["b3"] == (sizes["out"], 1)
    assert shapes["Y"] == (sizes["out"], sizes["n"])


def test_the_same_file_gives_the_same_numbers_each_time() -> None:
    """The seed is fixed: what is printed can be looked at again."""
    scenario = load(FOLDER / "styles" / "row_softmax_reg.py")
    one, two = (made(scenario.loss, scenario.params, scenario.data) for _ in range(2))
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(leaves(one.params), leaves(two.params), strict=True))


@pytest.mark.parametrize("bias", [-99.0, 99.0])
def test_every_unit_switches(bias: float) -> None:
    """In a net whose units were all dead, or all on: by a forward pass in plain NumPy, layer for layer."""
    rng = np.random.default_rng(0)
    shapes = {"W1": (5, 3), "W2": (4, 5), "W3": (2, 4)}
    params: dict[str, Any] = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    params |= {"b1": np.full((5, 1), bias), "b2": np.full((4, 1), bias)}
    data = {"x": rng.normal(size=(3, 2)), "y": rng.normal(size=(2, 2))}

    def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any) -> Any:
        h1 = np.maximum(W1 @ x + b1, 0)
        h2 = np.maximum(W2 @ h1 + b2, 0)
        return np.sum((W3 @ h2 - y) ** 2)

    found = made(loss, params, data)
    assert found.stuck == 0
    z1 = found.params["W1"] @ found.data["x"] + found.params["b1"]
    z2 = found.params["W2"] @ np.maximum(z1, 0) + found.params["b2"]
    for z in (z1, z2):
        assert np.all((z > 0).any(axis=1))
        assert np.all((z <= 0).any(axis=1))


class Layer(NamedTuple):
    W: Any
    b: Any


def test_data_keep_their_meaning() -> None:
    """Labels reach over the classes, one-hot stays one-hot, shares sum to one, marks and flags stay what they are."""
    rng = np.random.default_rng(1)
    params = {"W": rng.normal(size=(4, 3)), "E": rng.normal(size=(6, 4)).astype(np.float64)}
    shares = rng.random((5, 3))
    data = {
        "words": rng.integers(0, 6, size=5),
        "labels": np.array([2, 0, 1, 1, 0]),
        "hot": np.eye(3)[[0, 1, 2, 2, 1]],
        "shares": shares / shares.sum(axis=1, keepdims=True),
        "yes": np.array([1.0, 0, 0, 1, 0]),
        "signs": np.array([1.0, -1, -1, 1, 1, 1])[:5],
        "kept": np.array([True, False, True, True, True]),
        "rate": 0.3,
        "name": "net",
    }

    def loss(
        words: Any, labels: Any, hot: Any, shares: Any, yes: Any, signs: Any, kept: Any, rate: Any, W: Any, E: Any
    ) -> Any:
        s = E[words] @ W
        p = np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)
        cross = -np.log(p[np.arange(len(labels)), labels]) - np.sum((hot + shares) * np.log(p), axis=1)
        return np.sum((cross + signs * s[:, 0] + yes) * kept) + rate * np.sum(W**2)

    found = made(loss, params, data)
    n, out, words = len(found.data["labels"]), found.params["W"].shape[1], found.params["E"].shape[0]
    new = found.data
    assert n >= 5
    assert found.params["E"].shape[1] == found.params["W"].shape[0]
    assert new["labels"].dtype == data["labels"].dtype
    assert set(new["labels"]) <= set(range(out))
    assert max(new["labels"]) >= min(out, n) - 1 > 2
    assert set(new["words"]) <= set(range(words))
    assert max(new["words"]) > 2
    assert np.array_equal(np.sort(new["hot"], axis=1), np.sort(np.eye(out)[np.zeros(n, int)], axis=1))
    np.testing.assert_allclose(new["shares"].sum(axis=1), 1, rtol=1e-12)
    assert np.all(new["shares"] > 0)
    assert set(new["yes"]) == {0.0, 1.0}
    assert set(new["signs"]) <= {-1.0, 1.0}
    assert new["kept"].dtype == bool
    assert set(new["kept"]) == {True, False}
    assert (new["rate"], new["name"]) == (0.3, "net")


def test_structure_and_dtypes_stay() -> None:
    """Named tuples, lists, dicts, float32; one array in two places stays one."""
    rng = np.random.default_rng(2)

    def single(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float32)

    shared = single(4, 4)
    params = {"net": [Layer(single(4, 3), single(4, 1)), {"W": shared}], "again": shared, "scale": np.array(0.5)}
    data = {"x": single(3, 5)}

    def loss(x: Any, net: Any, again: Any, scale: Any) -> Any:
        h = np.tanh(net[0].W @ x + net[0].b)
        return scale * np.sum(np.tanh(again @ np.tanh(net[1]["W"] @ h)) ** 2)

    found = made(loss, params, data)
    layer, inner = found.params["net"]
    assert type(layer) is Layer
    assert type(inner) is dict
    assert inner["W"] is found.params["again"]
    assert {array.dtype for array in (layer.W, layer.b, inner["W"], found.data["x"])} == {np.dtype(np.float32)}
    assert found.params["scale"].shape == ()


def test_a_regularisation_that_was_off_is_switched_on_and_no_other_number() -> None:
    """A coefficient of 0 that adds what depends on parameters alone; a margin of 0 stays 0."""
    rng = np.random.default_rng(3)
    params, data = (
        {"W": rng.normal(size=(2, 3))},
        {"x": rng.normal(size=(3, 4)), "reg": 0.0, "margin": 0.0, "unused": 0},
    )

    def loss(x: Any, reg: Any, margin: Any, unused: Any, W: Any) -> Any:
        return np.sum(np.maximum(W @ x - margin, 0)) + reg * np.sum(W * W)

    found = made(loss, params, data)
    assert set(found.coefficients) == {"reg"}
    assert found.data["reg"] > 0
    assert (found.data["margin"], found.data["unused"]) == (0.0, 0)


def test_arrays_that_a_function_reads_elsewhere_are_replaced_too(tmp_path: Path) -> None:
    """Parameters and data found in the file instead of the arguments: both functions see the new ones, then the old."""
    text = changed(
        COLUMN, "def loss(x, y, W1, b1, W2, b2):", 'W2, x = params["W2"], data["x"]\n\n\ndef loss(y, W1, b1, b2):'
    )
    text = changed(text, "def backward(x, y, W1, b1, W2, b2):", "def backward(y, W1, b1, b2):")
    file = tmp_path / "mine.py"
    file.write_text(text, encoding="utf-8")
    scenario = load(file)
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    assert scenario.backward is not None
    found = judge_stronger(scenario.loss, scenario.backward, program, scenario.params, scenario.data)
    assert found is not None
    assert found.mine.verdict == "right"
    assert {"h1", "out"} <= found.input.sizes.keys()
    names = inspect.unwrap(scenario.loss).__globals__
    assert names["W2"] is scenario.params["W2"]
    assert names["x"] is scenario.data["x"]


# ---- what cannot change ----------------------------------------------------------------------------------


def test_sizes_written_into_loss_stay() -> None:
    """The recurrent style starts from np.zeros((4, 5)): examples and hidden units stay, the others change."""
    scenario = load(FOLDER / "styles" / "recurrent.py")
    found = made(scenario.loss, scenario.params, scenario.data)
    assert {kept.axis: (kept.size, kept.by) for kept in found.kept} == {"n": (5, "loss"), "h1": (4, "loss")}
    assert set(found.sizes) == {"in", "out"}


def test_a_mean_over_a_plain_number_of_examples_keeps_them(tmp_path: Path) -> None:
    """`/ 6` for six examples would be another loss with seven: a backward that divides by the count is right."""
    text = changed(COLUMN, "np.sum((f - y) ** 2)", "np.sum((f - y) ** 2) / 6")
    text = changed(text, "df = f - y", "df = (f - y) / x.shape[1]")
    found = judged(tmp_path, text)
    assert found.mine.verdict == "right"
    assert [(kept.axis, kept.size) for kept in found.input.kept] == [("n", 6)]


def test_sizes_that_hang_together_change_together() -> None:
    """Two rows joined into one: the weights that read both are twice as long, or longer by as much."""
    rng = np.random.default_rng(4)
    params = {"W": rng.normal(size=(6, 2)), "E": rng.normal(size=(7, 3))}
    data = {"pairs": rng.integers(0, 7, size=(5, 2))}

    def loss(pairs: Any, W: Any, E: Any) -> Any:
        return np.sum(np.tanh(E[pairs].reshape(len(pairs), -1) @ W) ** 2)

    found = made(loss, params, data)
    width, read = found.params["E"].shape[1], found.params["W"].shape[0]
    assert (width, read) != (3, 6)
    assert read == width * found.data["pairs"].shape[1]


def test_a_loss_for_these_numbers_alone_has_no_stronger_input() -> None:
    """None, and no exception."""
    data = {"x": np.array([[1.5, -2.0]])}

    def loss(x: Any, W: Any) -> Any:
        if abs(float(x.sum()) + 0.5) > 1e-12:
            raise ValueError("another x")
        return np.sum((W @ x) ** 2)

    params = {"W": np.array([[0.5]])}
    assert stronger(loss, engine.trace(loss, params, data), params, data) is None


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("for i in range(N)", "for i in range(6)", "for i in"),
        ("dW1 = np.zeros_like(W1)", "dW1 = np.zeros((4, 3))", "dW1 ="),
    ],
)
def test_a_size_written_into_the_backward_stays_and_is_told(old: str, new: str, line: str, tmp_path: Path) -> None:
    """With the line where it stands; everything else is judged on other sizes, and right."""
    text = changed(LOOP, old, new)
    found = judged(tmp_path, text)
    assert found.mine.verdict == "right"
    assert "Your backward is written for" in found.mine.message
    assert f"line {line_of(text, line)}, " in found.mine.message
    assert {kept.by for kept in found.input.kept} == {"backward"}
    assert found.input.sizes


def test_a_size_that_a_constant_of_the_file_names_is_told_with_the_line_that_reads_it(tmp_path: Path) -> None:
    """``np.eye(VOCAB)``: the backward is right for that size, and nothing is accused."""
    text = (FOLDER / "styles" / "cbow_embedding_softmax.py").read_text(encoding="utf-8")
    found = judged(tmp_path, text)
    assert found.mine.verdict == "right"
    assert f"out = 8 (line {line_of(text, 'err = yhat')}, " in found.mine.message


def test_a_transpose_forgotten_in_a_square_net_is_named_though_it_raises(tmp_path: Path) -> None:
    """W3 is square and symmetric, so nothing shows; on other sizes the line raises, and the mistake has its name."""
    text = (FOLDER / "styles" / "square_net.py").read_text(encoding="utf-8")
    text = changed(text, "dA2 = W3.T @ dZ3", "dA2 = W3 @ dZ3")
    text = changed(text, 'data = {"X"', 'params["W3"] = params["W3"] + params["W3"].T\ndata = {"X"')
    found = judged(tmp_path, text)
    first = found.mine.first_wrong
    assert first is not None
    assert first.line == line_of(text, "dA2 =")
    assert "transposed" in first.mistakes
    assert f"Stopped on line {first.line}" in found.mine.message
    assert "loss runs and your backward does not" in found.mine.message


def test_a_backward_that_only_runs_on_its_own_sizes_is_a_finding(tmp_path: Path) -> None:
    """No number in it says why, and on its own sizes it is right: raised, with the sizes it is written for."""
    text = changed(COLUMN, "    df = f - y\n", "    df = f - y + np.zeros(ONES.shape[1])\n")
    text = changed(text, "def backward", 'ONES = np.array(data["x"])\n\n\ndef backward')
    found = judged(tmp_path, text)
    assert found.mine.verdict == "raised"
    assert "Your backward is written for n = 6, loss is not" in found.mine.message
