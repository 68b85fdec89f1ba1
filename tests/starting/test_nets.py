"""A starting file is a right net: it opens, its gradients hold, and it reads like the prepared ones."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.scenario import Scenario, load
from tests.oracles import complex_step
from tests.starting.making import backward_by_hand, make

ROOT = Path(__file__).parents[2]
LAYERS = ("3,2", "2,4,3", "1,5,2", "3,5,4,6,2", "2,3,3,3,3,3,3,2")
LOSSES = ("mse", "softmax", "sigmoid")
ACTIVATIONS = ("relu", "tanh", "sigmoid")
CONVENTIONS = ("column", "row")
GRID = list(itertools.product(LAYERS, LOSSES, ACTIVATIONS, CONVENTIONS))


def made(folder: Path, layers: str, loss: str, activation: str, convention: str, *more: str) -> Path:
    """A starting file of this kind."""
    options = ["--layers", layers, "--loss", loss, "--activation", activation, "--convention", convention]
    name = f"net_{layers.replace(',', '_')}_{loss}_{activation}_{convention}.py"
    return make(folder / name, *options, *more)


def traced(scenario: Scenario) -> engine.Tape:
    """Its recording, in its own convention."""
    return engine.trace(scenario.loss, scenario.params, scenario.data).run(scenario.params, scenario.data)


@pytest.mark.parametrize(("layers", "loss", "activation", "convention"), GRID)
def test_every_gradient_is_right(tmp_path: Path, layers: str, loss: str, activation: str, convention: str) -> None:
    """Recorded gradients agree with the complex step and with a pass by hand; so do those of the mirrored net."""
    scenario = load(made(tmp_path, layers, loss, activation, convention))
    tape = traced(scenario)
    assert tape.program.convention == convention
    mirrored = tape.program.mirror().run(scenario.params, scenario.data)
    row, column = (tape, mirrored) if convention == "row" else (mirrored, tape)
    own = {name: row[name] for name in scenario.params}
    y = scenario.data["y"]
    data = {"x": row["x"], "y": y if loss == "softmax" else row["y"]}
    value, by_hand = backward_by_hand(own, data, loss, activation)
    assert float(tape.loss) == pytest.approx(value, rel=1e-12)
    for name, gradient in by_hand.items():
        scale = abs(gradient).max()
        assert abs(row.gradients[name] - gradient).max() <= 1e-12 * scale
        assert abs(column.gradients[name].T - gradient).max() <= 1e-12 * scale
        stepped = complex_step(scenario.loss, scenario.params, scenario.data, (name,))
        assert abs(tape.gradients[name] - stepped).max() <= 1e-12 * scale


@pytest.mark.parametrize(("layers", "loss", "activation", "convention"), GRID)
def test_every_quantity_has_the_name_of_the_notes(
    tmp_path: Path, layers: str, loss: str, activation: str, convention: str
) -> None:
    """z1, h1, z2, ..., f (and p), one step each; the first gradient is df, and each layer has W, b, then passes on."""
    program = traced(load(made(tmp_path, layers, loss, activation, convention))).program
    depth = layers.count(",")
    hidden = [f"{kind}{layer}" for layer in range(1, depth) for kind in "zh"]
    ending = ["f"] if loss == "mse" else ["f", "p"]
    assert [step.quantity for step in program.steps if step.phase != "backward"] == [*hidden, *ending, "L"]
    back = [
        name for layer in range(depth - 1, 0, -1) for name in (f"dh{layer}", f"dz{layer}", f"dW{layer}", f"db{layer}")
    ]
    expected = ["df", f"dW{depth}", f"db{depth}", *back]
    assert [step.quantity for step in program.steps if step.phase == "backward"] == expected


def test_the_engine_checks_it_right(tmp_path: Path) -> None:
    """Whole: no entry sits on the kink of a ReLU, also where all units in front of it are off."""
    for kind in itertools.product(("2,4,3", "3,5,4,6,2"), LOSSES, ACTIVATIONS, CONVENTIONS):
        report = engine.check(traced(load(made(tmp_path, *kind))))
        assert report.ok
        assert all(one.entries_checked == one.entries_total for one in report.results.values())


@pytest.mark.parametrize(("loss", "convention"), list(itertools.product(LOSSES, CONVENTIONS)))
def test_sizes_are_where_they_were_asked_for(tmp_path: Path, loss: str, convention: str) -> None:
    """--layers are the shapes of the weights, --examples the number of examples."""
    scenario = load(made(tmp_path, "7,3,4", loss, "relu", convention, "--examples", "6"))
    shapes = {"W1": (7, 3), "b1": (1, 3), "W2": (3, 4), "b2": (1, 4)}
    found = {name: array.shape for name, array in scenario.params.items()}
    assert found == {name: shape if convention == "row" else shape[::-1] for name, shape in shapes.items()}
    matrix = (6, 4) if convention == "row" else (4, 6)
    assert scenario.data["x"].shape == ((6, 7) if convention == "row" else (7, 6))
    assert scenario.data["y"].shape == ((6,) if loss == "softmax" else matrix)


def test_without_options_all_axes_have_different_sizes(tmp_path: Path) -> None:
    """So that shapes can tell features, units, outputs and examples apart, also for layers that take 5 and 6."""
    for options in ([], ["--layers", "5,6,7"]):
        scenario = load(make(tmp_path / "net.py", *options, "--force"))
        sizes = [*scenario.data["x"].shape, scenario.params["W1"].shape[0], scenario.params["W2"].shape[0]]
        assert len(set(sizes)) == 4


def test_the_seed_decides_the_numbers(tmp_path: Path) -> None:
    """The same seed gives the same file, another one other weights."""
    first, same, other = (make(tmp_path / f"net{k}.py", "--seed", seed) for k, seed in enumerate("778"))
    assert np.array_equal(load(first).params["W1"], load(same).params["W1"])
    assert not np.array_equal(load(first).params["W1"], load(other).params["W1"])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_weights_start_with_the_spread_that_the_comment_says(tmp_path: Path, activation: str) -> None:
    """√(2 / inputs) in front of a ReLU, √(1 / inputs) elsewhere; two decimals where the spread allows it."""
    params = load(make(tmp_path / "net.py", "--layers", "50,400,300,90", "--activation", activation)).params
    factor = 2 if activation == "relu" else 1
    assert np.std(params["W1"]) == pytest.approx(np.sqrt(factor / 50), rel=0.03)
    assert np.std(params["W2"]) == pytest.approx(np.sqrt(factor / 400), rel=0.03)
    assert np.std(params["W3"]) == pytest.approx(np.sqrt(1 / 300), rel=0.03)
    assert np.array_equal(params["W1"], params["W1"].round(2))
    started = [set(params[f"b{layer}"].flat) for layer in (1, 2, 3)]
    assert started == ([{0.1}, {0.1}, {0.0}] if activation == "relu" else [{0.0}] * 3)


def test_every_class_has_an_example(tmp_path: Path) -> None:
    """Drawn labels leave no class out where there are examples enough."""
    for seed in range(10):
        path = make(tmp_path / "net.py", "--loss", "softmax", "--layers", "2,3,5", "--seed", str(seed), "--force")
        assert set(load(path).data["y"].tolist()) == set(range(5))


def test_the_text_passes_linter_and_formatter(tmp_path: Path) -> None:
    """As it is, for lines of 88 columns and for this project's own settings."""
    for layers, loss, activation, convention in GRID:
        made(tmp_path, layers, loss, activation, convention)
    write_tables(tmp_path)
    own = ["--config", str(ROOT / "pyproject.toml"), "--line-length", "120"]
    for settings in (["--isolated"], own):
        for command in (["check"], ["format", "--check"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command, "--no-cache", *settings, str(tmp_path)],
                capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr


def write_tables(folder: Path) -> None:
    """Starting files for tables with awkward names, many columns and many classes, and for arrays."""
    rng = np.random.default_rng(0)
    rows = [[*rng.normal(size=30).round(3), f"class {k % 18} of 'many'"] for k in range(60)]
    header = [*(f'the "{k}"' for k in range(30)), "kind, as text"]
    quoted = [['"' + str(cell).replace('"', '""') + '"' for cell in row] for row in [header, *rows]]
    wide = folder / "it's a table; # 1, ä.csv"
    wide.write_text("\n".join(" ; ".join(row) for row in quoted).replace(" ;", ";").replace("; ", ";") + "\n")
    many = ["a,b,c,d,price per square metre,number of rooms in the house,another long name of a column,y"]
    many += [",".join(f"{number:.2f}" for number in rng.normal(size=8)) for _ in range(9)]
    (folder / "numbers.csv").write_text("\n".join(many))
    np.savez(folder / "arrays.npz", x=rng.normal(size=(9, 3)), y=np.arange(9) % 2)
    targets = ["price per square metre", "number of rooms in the house", "another long name of a column"]
    tables = (
        [wide.name],
        ["numbers.csv"],
        ["numbers.csv", *(part for name in targets for part in ("--target", name))],
        ["arrays.npz", "--loss", "sigmoid"],
        ["arrays.npz", "--loss", "mse"],
        ["arrays.npz", "--loss", "softmax", "--examples", "4"],
    )
    for k, (name, *options) in enumerate(tables):
        for convention in CONVENTIONS:
            path = folder / f"table{k}_{convention}.py"
            make(path, "--data", str(folder / name), "--convention", convention, *options)
            assert traced(load(path)).program.convention == convention
