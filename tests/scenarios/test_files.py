"""What the prepared files promise to somebody who opens them: sizes, masks, numbers that can be followed by hand."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import scenarios
from engine.scenario import Scenario, load
from tests.oracles import complex_step, derivative
from tests.scenarios.networks import NETWORKS
from tests.scenarios.oracle import BY_HAND, by_hand

FOLDER = Path(scenarios.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
ROW = ("iris", "handwritten")  # all others put examples in columns, as the notes do

# inputs, hidden units of each layer, outputs, examples
SIZES = {
    "linear": (3, 4, 2, 1),
    "regression": (3, 4, 2, 1),
    "softmax": (2, 4, 3, 5),
    "three_layer": (3, 5, 4, 2, 6),
    "three_layer_softmax": (2, 5, 4, 3, 6),
    "square": (3, 3, 3, 3),
    "dead_relu": (3, 4, 2, 5),
    "handwritten": (3, 4, 2, 5),
    "overflow": (2, 4, 3, 5),
    "iris": (4, 5, 3, 150),
    "digits_size": (784, 256, 10, 64),
}


def prepared(name: str) -> Scenario:
    return load(FOLDER / f"{name}.py")


def computed(name: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Everything that the pass written out by hand makes of parameters and data."""
    if name in NETWORKS:
        return NETWORKS[name](**arrays)
    return by_hand(name, "row" if name in ROW else "column", arrays)


def passed(name: str) -> dict[str, np.ndarray]:
    scenario = prepared(name)
    return computed(name, {**scenario.params, **scenario.data})


def test_these_are_the_prepared_scenarios() -> None:
    """Twelve nets of the notes and four larger ones, each with a pass written out by hand to be compared with."""
    assert {*SIZES, "product"} == set(BY_HAND)
    assert set(NAMES) == set(BY_HAND) | set(NETWORKS)


@pytest.mark.parametrize("name", NAMES)
def test_a_prepared_file_imports_numpy_and_nothing_of_ours(name: str) -> None:
    """What a student opens first is an ordinary NumPy file (iris also says where its table lies)."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == ({"numpy", "pathlib"} if name == "iris" else {"numpy"})


@pytest.mark.parametrize("name", NAMES)
def test_a_prepared_file_has_a_title_for_the_picker(name: str) -> None:
    """One line that fits beside the name at 80 columns, and more to read below it."""
    document = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
    title, blank, *more = (document or "").splitlines()
    assert title == prepared(name).title
    assert title.endswith(".")
    assert len(title) <= 68
    assert blank == ""
    assert more


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name: str) -> None:
    """Parameters, inputs and targets have the sizes that the titles and the notes name."""
    scenario, sizes = prepared(name), SIZES[name]
    layers = list(zip(sizes[1:-1], sizes[:-2], strict=True))
    shapes = {f"W{i}": shape for i, shape in enumerate(layers, 1)} | {
        f"b{i}": (out, 1) for i, (out, _) in enumerate(layers, 1)
    }
    assert {n: a.shape[::-1] if name in ROW else a.shape for n, a in scenario.params.items()} == shapes
    assert scenario.data["x"].shape == ((sizes[-1], sizes[0]) if name in ROW else (sizes[0], sizes[-1]))


@pytest.mark.parametrize("name", sorted(set(SIZES) - {"square"}))
def test_no_two_sizes_are_equal(name: str) -> None:
    """A wrong order of factors never fits by accident, and with two or more outputs no scalar hides an error."""
    assert len(set(SIZES[name])) == len(SIZES[name])
    assert SIZES[name][-2] >= 2


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"iris", "digits_size"}))
def test_numbers_can_be_followed_by_hand(name: str) -> None:
    """Every parameter and every input has one decimal."""
    scenario = prepared(name)
    for array in (*scenario.params.values(), *scenario.data.values()):
        numbers = np.asarray(array, dtype=float)  # masks and lists of arrays as well
        assert (numbers == np.round(numbers, 1)).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"overflow"}))
def test_values_stay_modest(name: str) -> None:
    """Nothing in the pass is larger than two digits before the point."""
    assert max(abs(np.asarray(array)).max() for array in passed(name).values()) < 100


@pytest.mark.parametrize(
    "name", ["regression", "softmax", "three_layer", "three_layer_softmax", "square", "iris", "handwritten"]
)
def test_masks_have_ones_and_zeros(name: str) -> None:
    """With several examples every layer masks some entries and not others, and each unit is on for one of them."""
    values = passed(name)
    for z in (key for key in ("z1", "z2") if key in values):
        mask = values[z] > 0
        assert mask.any()
        assert not mask.all()
        if mask.shape[1] > 1:
            assert mask.any(axis=0 if name in ROW else 1).all()


@pytest.mark.parametrize("name", ["three_layer", "three_layer_softmax", "square", "iris"])
def test_each_unit_is_on_for_one_example_and_off_for_another(name: str) -> None:
    """So each row of the mask shows both of its effects."""
    values = passed(name)
    for z in (key for key in ("z1", "z2") if key in values):
        mask = values[z] > 0
        assert not mask.all(axis=0 if name in ROW else 1).any()


def test_regression_is_the_net_of_the_pictures() -> None:
    """The mask is 1 0 0 1, the loss 1.558, and one entry of the gradient has all its digits."""
    values = passed("regression")
    assert values["df"].round(2).tolist() == [[-0.63], [-1.65]]
    assert (values["z1"] > 0).T.astype(int).tolist() == [[1, 0, 0, 1]]
    assert round(float(values["L"]), 3) == 1.558
    assert values["dW1"][0, 1] == 0.07536000000000001


def test_softmax_is_the_net_of_the_pictures() -> None:
    """Probabilities, mask and loss, and the gradient of z₁ to two decimals."""
    values = passed("softmax")
    assert round(float(values["L"]), 2) == 10.41
    assert values["p"].round(2).tolist() == [
        [0.07, 0.05, 0.01, 0.06, 0.0],
        [0.15, 0.11, 0.06, 0.25, 0.13],
        [0.78, 0.84, 0.93, 0.69, 0.87],
    ]
    assert (values["dz1"].round(2) + 0.0).tolist() == [
        [0.0, 0.0, -0.38, 0.0, -0.35],
        [1.62, -0.28, 1.48, 1.47, 1.39],
        [1.36, -0.03, 0.0, 1.41, -0.35],
        [-0.05, 0.04, 0.0, -0.02, -0.26],
    ]


def test_the_dead_unit_gets_no_gradient() -> None:
    """Row 2 is exactly zero where the file says so, and no other row is."""
    values = passed("dead_relu")
    for name in ("h1", "dz1", "dW1", "db1"):
        assert np.flatnonzero(~values[name].any(axis=1)).tolist() == [2]
    assert np.flatnonzero(~values["dW2"].any(axis=0)).tolist() == [2]


def test_one_example_overflows_and_spoils_the_first_layer() -> None:
    """Inputs are finite; NaN arises in p for one example and reaches the loss and all of dW1."""
    values = passed("overflow")
    assert np.isfinite(values["f"]).all()
    assert np.isnan(values["p"]).any(axis=0).sum() == 1
    assert np.isnan(values["L"])
    assert np.isnan(values["dW1"]).all()


def test_iris_is_the_whole_table() -> None:
    """150 flowers, 50 of each of three kinds, standardised."""
    data = prepared("iris").data
    assert np.bincount(data["y"]).tolist() == [50, 50, 50]
    np.testing.assert_allclose(data["x"].mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(data["x"].std(axis=0), 1)
    assert load(FOLDER / "iris.py").loss.__globals__["measurements"][0].tolist() == [5.1, 3.5, 1.4, 0.2]


def test_digits_look_like_pictures() -> None:
    """Ink between 0 and 1 on about a fifth of the pixels, one label per picture."""
    data = prepared("digits_size").data
    assert data["x"].min() == 0
    assert data["x"].max() < 1
    assert 0.15 < (data["x"] > 0).mean() < 0.25
    assert (data["Y"].sum(axis=0) == 1).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"overflow"}))
def test_the_pass_written_by_hand_is_right(name: str) -> None:
    """The loss is that of the file, and every gradient agrees with the complex step (large ones: in two directions)."""
    scenario, values = prepared(name), passed(name)
    assert float(values["L"]) == pytest.approx(float(scenario.loss(**scenario.params, **scenario.data)), rel=1e-15)
    rng = np.random.default_rng(1)
    for parameter, array in scenario.params.items():
        gradient = values[f"d{parameter}"]
        assert gradient.shape == array.shape
        if array.size <= 200:
            expected = complex_step(scenario.loss, scenario.params, scenario.data, (parameter,))
            assert abs(gradient - expected).max() <= 1e-14 * max(1.0, abs(expected).max())
            continue
        for direction in rng.normal(size=(2, *array.shape)):
            slope = derivative(scenario.loss, scenario.params, scenario.data, (parameter,), direction)
            assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-11)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"product", "overflow", "digits_size"}))
def test_the_named_learning_rate_makes_the_loss_smaller(name: str) -> None:
    """Rate and iterations of the file train the net; digits_size, which has no pattern to learn, is left out."""
    scenario = prepared(name)
    params, losses = dict(scenario.params), []
    for _ in range(scenario.iterations or 0):
        values = computed(name, {**params, **scenario.data})
        losses.append(float(values["L"]))
        params = {key: value - (scenario.learning_rate or 0) * values[f"d{key}"] for key, value in params.items()}
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_references_belong_to_quantities(name: str) -> None:
    """Every equation that a file names belongs to something that its pass computes."""
    references = prepared(name).references
    assert references
    assert set(references) <= set(passed(name))
    assert all(text.startswith("eq. (") for text in references.values())
