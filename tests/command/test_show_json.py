"""``show --format json``: the document carries every factor, and its lines, executed, give exactly its values."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scenarios
from tests.command.running import Ran, chainstep
from tui.document import document
from tui.opening import open_target

NAMES = sorted(file.stem for file in Path(scenarios.__file__).parent.glob("[!_]*.py"))
# arrays of more than two axes, or entries in the order of memory: these have one convention only
ONE_CONVENTION = {"attention": "row", "convolution": "row", "embedding": "row"}
READINGS = [
    (name, convention)
    for name in NAMES
    for convention in ("column", "row")
    if ONE_CONVENTION.get(name, convention) == convention
]
GIVEN = {"parameter", "data", "constant"}
Document = dict[str, Any]


@cache
def shown(*arguments: str) -> Document:
    """What the command prints, parsed."""
    ran: Ran = chainstep("show", *arguments, "--format", "json")
    assert (ran.status, ran.err) == (0, "")
    found: Document = ran.json
    return found


def made(name: str, convention: str, unfused: bool) -> Document:
    """The same document without a process."""
    opened = open_target(name)
    return document(opened.read_as(convention, unfused), name, opened.scenario.title)


def array(entry: Document) -> np.ndarray[Any, Any]:
    """A value of the document as an array; NumPy reads the strings NaN and Infinity as what they say."""
    found = np.array(entry["value"], dtype=object).astype(float).astype(entry["dtype"])
    assert list(found.shape) == entry["shape"]
    return found


@pytest.mark.parametrize("unfused", [False, True])
@pytest.mark.parametrize(("name", "convention"), READINGS)
def test_executing_the_lines_gives_exactly_the_values(name: str, convention: str, unfused: bool) -> None:
    """Given NumPy and the parameters, data and constants, in both conventions, fused and unfused, bit for bit."""
    found = made(name, convention, unfused)
    names: dict[str, Any] = {"np": np}
    names |= {key: array(entry) for key, entry in found["values"].items() if entry["role"] in GIVEN}
    with np.errstate(all="ignore"):
        for step in found["steps"]:
            for line in step["numpy"]:
                exec(line, names)
    for key, entry in found["values"].items():
        got, expected = np.asarray(names[key]), array(entry)
        assert got.dtype == expected.dtype, key
        assert np.array_equal(got, expected, equal_nan=got.dtype.kind == "f"), key
    for key, gradient in found["gradients"].items():
        assert gradient == found["values"][f"d{key}"]["value"]


def test_the_command_prints_that_document() -> None:
    """The process and the function agree to the last digit; a number is written so that it is read back the same."""
    assert shown("softmax") == made("softmax", "column", False)
    assert shown("iris", "--convention", "column", "--unfused") == made("iris", "column", True)


def operand(term: Document | None, values: Document) -> np.ndarray[Any, Any]:
    """The array that a term's symbol stands for, found among the values by name, transposed or as a mask."""
    assert term is not None
    symbol = term["symbol"]
    by_symbol = {entry["symbol"]: entry for entry in values.values()}
    if symbol in by_symbol:
        return array(by_symbol[symbol])
    if symbol.removesuffix("ᵀ") in by_symbol:
        return array(by_symbol[symbol.removesuffix("ᵀ")]).T
    if symbol in ("1", "1ᵀ"):
        return np.ones(term["shape"])
    assert symbol.startswith("𝟙(")
    assert symbol.endswith(">0)")
    return (array(by_symbol[symbol[2:-3]]) > 0) * 1.0


OPERATORS = {"·": np.matmul, "⊙": np.multiply, "−": np.subtract, "+": np.add, "/": np.divide}


@pytest.mark.parametrize("convention", ["column", "row"])
@pytest.mark.parametrize("name", ["regression", "three_layer", "dead_relu", "linear"])
def test_every_backward_part_adds_up_from_its_own_factors(name: str, convention: str) -> None:
    """left operator right is result: matrices found by their symbols, shapes as printed, the factor on its side."""
    found = made(name, convention, False)
    values = found["values"]
    compared = 0
    for step in found["steps"]:
        if step["phase"] != "backward":
            continue
        for part in step["parts"]:
            if part["right"] is None:
                continue
            left, right = operand(part["left"], values), operand(part["right"], values)
            assert [list(left.shape), list(right.shape)] == [part["left"]["shape"], part["right"]["shape"]]
            result = OPERATORS[part["operator"]](left, right)
            np.testing.assert_allclose(result, operand(part["result"], values), rtol=1e-12, atol=1e-15)
            assert list(result.shape) == part["result"]["shape"] == step["shape"]
            # The factor is the local one: what is not the gradient that arrives.
            if part["factor"] is not None:
                other = part["right" if part["factor"] == "left" else "left"]
                assert other["symbol"].startswith("∂L/∂")
                assert not part[part["factor"]]["symbol"].startswith("∂L/∂")
            compared += 1
    assert compared >= 4


def test_the_chain_of_a_weight_gradient_multiplies_to_it() -> None:
    """The operator chain of ∂L/∂W₁, read with its brackets, is ∂L/∂W₁."""
    found = shown("regression")
    (step,) = [step for step in found["steps"] if step["quantity"] == "dW1"]
    assert step["chain"] == {
        "paper": "∂L/∂f · ∂f/∂h₁ · ∂h₁/∂z₁ · ∂z₁/∂W₁",
        "operators": "(𝟙(z₁>0) ⊙ (W₂ᵀ · ∂L/∂f)) · xᵀ",
    }
    names = {key: array(entry) for key, entry in found["values"].items()}
    by_hand = ((names["z1"] > 0) * (names["W2"].T @ names["df"])) @ names["x"].T
    np.testing.assert_allclose(by_hand, names["dW1"], rtol=1e-13)


def test_a_step_has_all_the_keys_of_the_format() -> None:
    """As the description of chainstep/1 has them; `of` and `chain` only on backward steps."""
    found = shown("softmax")
    assert list(found) == ["format", "target", "title", "convention", "loss", "values", "steps", "gradients"]
    assert (found["format"], found["target"], found["convention"]) == ("chainstep/1", "softmax", "column")
    common = {"id", "phase", "layer", "quantity", "symbol", "shape", "axes", "numpy", "formula", "reference", "source"}
    for step in found["steps"]:
        extra = {"of", "chain"} if step["phase"] == "backward" else set()
        assert set(step) == common | {"parts"} | extra
        for part in step["parts"]:
            assert set(part) == {"id", "numpy", "operator", "left", "right", "result", "factor"}
            assert part["factor"] in ("left", "right", None)
            for term in (part["left"], part["right"], part["result"]):
                assert term is None or set(term) == {"symbol", "shape", "axes"}
    for entry in found["values"].values():
        assert set(entry) == {"symbol", "role", "shape", "axes", "dtype", "value"}


def test_ids_phases_and_layers() -> None:
    """Forward and loss steps count together, backward steps apart; the loss phase has no layer, B1 the last one."""
    steps = shown("softmax")["steps"]
    assert [(s["id"], s["phase"], s["layer"]) for s in steps] == [
        ("F1", "forward", 1), ("F2", "forward", 1), ("F3", "forward", 2), ("F4", "loss", None), ("F5", "loss", None),
        ("B1", "backward", 2), ("B2", "backward", 2), ("B3", "backward", 2), ("B4", "backward", 2),
        ("B5", "backward", 1), ("B6", "backward", 1), ("B7", "backward", 1),
    ]  # fmt: skip


def test_sources_point_at_the_very_expression() -> None:
    """Characters `column` to `end_column` of the file are `text`."""
    checked = 0
    for step in shown("softmax")["steps"]:
        source = step["source"]
        if source is None or source["line"] != source["end_line"]:
            continue
        line = Path(source["file"]).read_text(encoding="utf-8").splitlines()[source["line"] - 1]
        assert line[source["column"] : source["end_column"]] == source["text"]
        checked += 1
    assert checked >= 8


def test_what_is_not_finite_is_written_as_strings() -> None:
    """JSON has no NaN: overflow's loss and its gradients say it in words."""
    found = shown("overflow")
    assert found["loss"] == "NaN"
    flat = str(found["values"])
    assert "'NaN'" in flat
    assert "'Infinity'" in flat


def test_integers_and_booleans_stay_what_they_are(tmp_path: Path) -> None:
    """Labels are whole numbers, a mask in data is true and false, a nested parameter says where it is found."""
    file = tmp_path / "kinds.py"
    file.write_text(
        "import numpy as np\n"
        "params = {'layers': [{'W': np.ones((3, 2))}]}\n"
        "data = {'x': np.ones((4, 3)), 'y': np.array([0, 1, 1, 0]), 'keep': np.array([True, False, True, True])}\n"
        "def loss(x, y, keep, layers):\n"
        "    f = x @ layers[0]['W']\n"
        "    return np.sum(np.where(keep, f[np.arange(4), y], 0.0) ** 2)\n"
    )
    values = shown(str(file))["values"]
    assert values["y"]["value"] == [0, 1, 1, 0]
    assert (values["y"]["dtype"], values["y"]["shape"]) == ("int64", [4])
    assert values["keep"]["value"] == [True, False, True, True]
    (nested,) = [entry for entry in values.values() if entry["role"] == "parameter"]
    assert nested["path"] == "layers[0]['W']"


def test_no_values_leaves_the_numbers_out_and_keeps_shapes() -> None:
    """The same steps; no array in it."""
    found, whole = shown("softmax", "--no-values"), shown("softmax")
    assert found["steps"] == whole["steps"]
    assert "gradients" not in found
    for key, entry in found["values"].items():
        assert "value" not in entry
        assert entry["shape"] == whole["values"][key]["shape"]


@pytest.mark.parametrize(
    ("key", "step", "parts"),
    [("B6", "B6", 2), ("dW1", "B6", 2), ("∂L/∂W₁", "B6", 2), ("B6a", "B6", 1), ("z1", "F1", 2)],
)
def test_one_step_alone(key: str, step: str, parts: int) -> None:
    """By id, quantity, symbol or part."""
    (only,) = shown("softmax", "--step", key)["steps"]
    assert (only["id"], len(only["parts"])) == (step, parts)


def test_the_mirror_is_the_same_net_turned_round() -> None:
    """Names and ids stay, every 2-D array is transposed, lines are those of the other convention."""
    column, row = shown("regression"), shown("regression", "--convention", "row")
    assert (column["convention"], row["convention"]) == ("column", "row")
    assert [step["id"] for step in column["steps"]] == [step["id"] for step in row["steps"]]
    for key, entry in column["values"].items():
        if len(entry["shape"]) == 2:
            np.testing.assert_allclose(array(row["values"][key]).T, array(entry), rtol=1e-13, atol=1e-16)
    assert [step["numpy"] for step in row["steps"] if step["quantity"] == "dW1"] == [["dW1 = x.T @ dz1"]]


def test_asking_for_the_convention_that_it_has_changes_nothing() -> None:
    """column and as-written are the same for a column file."""
    assert (
        shown("regression", "--convention", "column")
        == shown("regression")
        == shown("regression", "--convention", "as-written")
    )
