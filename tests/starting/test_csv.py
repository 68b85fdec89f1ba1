"""A CSV file as data: what is understood, and one clear sentence for everything that is not."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scenario import load
from tests.starting.making import make, refused

FLOWERS = """\
length,width,species
5.1,3.5,setosa
7.0,3.2,versicolor
4.9,3.0,setosa
6.4,3.2,virginica
"""
AMOUNTS = "rooms,area,price\n3,70.5,210\n2,48,150\n4,95,300\n5,120,310\n"
NUMBERED = "a,b,class\n1,2,0\n3,4,1\n5,6,2\n7,8,1\n9,1,0\n2,2,2\n"
ANSWERS = "a,b,wet,cold\n1,2,0,1\n3,4,1,1\n5,6,0,0\n"


def write(folder: Path, text: str, name: str = "data.csv") -> str:
    """The path of a file with this text."""
    path = folder / name
    path.write_bytes(text.encode())
    return str(path)


# ---- what is understood -------------------------------------------------------------------------------


@pytest.mark.parametrize("convention", ["column", "row"])
def test_texts_in_the_last_column_are_classes(tmp_path: Path, convention: str) -> None:
    """Softmax, without being told; the classes are numbered in alphabetical order, and the file says so."""
    path = make(tmp_path / "net.py", "--data", write(tmp_path, FLOWERS), "--convention", convention, "--no-standardise")
    scenario = load(path)
    rows = scenario.data["x"] if convention == "row" else scenario.data["x"].T
    assert rows.tolist() == [[5.1, 3.5], [7.0, 3.2], [4.9, 3.0], [6.4, 3.2]]
    assert scenario.data["y"].tolist() == [0, 1, 0, 2]
    assert 'CLASSES = ["setosa", "versicolor", "virginica"]' in path.read_text()
    assert "softmax" in scenario.title


def test_sizes_follow_from_the_file(tmp_path: Path) -> None:
    """As many inputs as columns, as many outputs as classes, and hidden units of another number than either."""
    scenario = load(make(tmp_path / "net.py", "--data", write(tmp_path, FLOWERS), "--convention", "row"))
    (inputs, hidden), (also_hidden, outputs) = (scenario.params[name].shape for name in ("W1", "W2"))
    assert (inputs, outputs) == (2, 3)
    assert hidden == also_hidden
    assert hidden not in (inputs, outputs, 4)


def test_amounts_are_a_regression(tmp_path: Path) -> None:
    """One column of y per target, in the order in which they are named."""
    data = ["--data", write(tmp_path, AMOUNTS), "--convention", "row", "--no-standardise"]
    one = load(make(tmp_path / "one.py", *data))
    assert one.data["y"].tolist() == [[210], [150], [300], [310]]
    two = load(make(tmp_path / "two.py", *data, "--target", "price", "--target", "rooms"))
    assert two.data["y"].tolist() == [[210, 3], [150, 2], [300, 4], [310, 5]]
    assert two.data["x"].tolist() == [[70.5], [48], [95], [120]]


def test_few_whole_numbers_are_classes(tmp_path: Path) -> None:
    """0 to K-1, every one there: softmax. --loss mse takes them as amounts."""
    data = ["--data", write(tmp_path, NUMBERED), "--no-standardise"]
    assert load(make(tmp_path / "net.py", *data)).data["y"].tolist() == [0, 1, 2, 1, 0, 2]
    assert load(make(tmp_path / "mse.py", *data, "--loss", "mse")).data["y"].tolist() == [[0, 1, 2, 1, 0, 2]]


def test_several_columns_of_0_and_1_are_several_answers(tmp_path: Path) -> None:
    """Sigmoid with one output each; two class names make one output."""
    data = ["--data", write(tmp_path, ANSWERS), "--target", "wet", "--target", "cold", "--convention", "row"]
    scenario = load(make(tmp_path / "net.py", *data))
    assert scenario.data["y"].tolist() == [[0, 1], [1, 1], [0, 0]]
    assert "binary cross-entropy" in scenario.title
    named = write(tmp_path, "a,ill\n1,no\n2,yes\n3,no\n", "ill.csv")
    assert load(make(tmp_path / "ill.py", "--data", named, "--loss", "sigmoid")).data["y"].tolist() == [[0, 1, 0]]


def test_more_classes_may_be_asked_for_than_the_file_has(tmp_path: Path) -> None:
    """--layers says how many there are; the file may be a part of a larger one."""
    text = "a,class\n1,0\n2,3\n"
    scenario = load(
        make(tmp_path / "net.py", "--data", write(tmp_path, text), "--loss", "softmax", "--layers", "1,4,5")
    )
    assert scenario.params["W2"].shape == (5, 4)


def test_inputs_are_standardised_and_so_are_amounts(tmp_path: Path) -> None:
    """Mean 0 and spread 1 of every column; a constant column becomes 0 and not NaN."""
    text = AMOUNTS.replace("rooms,", "one,rooms,").replace("\n", "\n7,").removesuffix("7,")
    scenario = load(make(tmp_path / "net.py", "--data", write(tmp_path, text), "--convention", "row"))
    x, y = scenario.data["x"], scenario.data["y"]
    assert np.allclose(x.mean(axis=0), 0) and np.allclose(y.mean(axis=0), 0)
    assert np.allclose(x.std(axis=0), [0, 1, 1]) and np.allclose(y.std(axis=0), 1)
    assert np.array_equal(x[:, 0], np.zeros(4))


def test_part_of_a_large_file(tmp_path: Path) -> None:
    """--examples takes so many, the first, the last and evenly in between."""
    text = "a,b,y\n" + "".join(f"{k},{k * k},{k / 2}\n" for k in range(101))
    data = ["--data", write(tmp_path, text), "--examples", "5", "--no-standardise", "--convention", "row"]
    scenario = load(make(tmp_path / "net.py", *data))
    assert scenario.data["x"][:, 0].tolist() == [0, 25, 50, 75, 100]
    assert scenario.data["y"][:, 0].tolist() == [0, 12.5, 25, 37.5, 50]


@pytest.mark.parametrize(
    "text",
    [
        FLOWERS.replace(",", ";"),
        FLOWERS.replace(",", "\t"),
        FLOWERS.replace(",", " , "),
        FLOWERS.replace("\n", "\r\n"),
        FLOWERS.replace("\n", "\n\n"),
        FLOWERS.removesuffix("\n"),
        "\ufeff" + FLOWERS,
        FLOWERS.replace("setosa", '"setosa"'),
    ],
)
def test_the_same_table_written_differently(tmp_path: Path, text: str) -> None:
    """Semicolons, tabs, blanks, empty lines, quotation marks and a byte order mark make no difference."""
    plain = load(make(tmp_path / "plain.py", "--data", write(tmp_path, FLOWERS, "plain.csv")))
    other = load(make(tmp_path / "other.py", "--data", write(tmp_path, text, "other.csv")))
    assert np.array_equal(plain.data["x"], other.data["x"])
    assert np.array_equal(plain.data["y"], other.data["y"])


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=8)


@given(
    columns=st.lists(NAMES.map("c{}".format), min_size=2, max_size=5, unique=True),
    numbers=st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4),
    classes=st.lists(NAMES.map("k, {}".format), min_size=2, max_size=2, unique=True),
)
def test_the_starting_file_reads_what_was_checked(
    tmp_path_factory: pytest.TempPathFactory, columns: list[str], numbers: list[float], classes: list[str]
) -> None:
    """Whatever characters are in names and labels: NumPy in the file reads the very cells that the csv module wrote."""
    folder = tmp_path_factory.mktemp("table")
    inputs = len(columns) - 1
    rows = [[number + k for k in range(inputs)] for number in numbers]
    labels = [classes[0], classes[1], classes[0], classes[1]]
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *([*row, label] for row, label in zip(rows, labels, strict=True))])
    data = ["--data", str(folder / "data.csv"), "--no-standardise", "--convention", "row"]
    scenario = load(make(folder / "net.py", *data))
    assert scenario.data["x"].tolist() == rows
    assert [sorted(classes)[k] for k in scenario.data["y"]] == labels


# ---- what is not understood ---------------------------------------------------------------------------

# what is wrong: (the file, the options, what is said)
FAULTS = {
    "no such column": (FLOWERS, ["--target", "specis"], ["data.csv", "'specis'", "--target 'species'"]),
    "no such column, nothing like it": (FLOWERS, ["--target", "q"], ["data.csv", "'q'", "length, width, species"]),
    "a text among numbers": (
        FLOWERS.replace("4.9", "wide"), [], ["data.csv, line 4", "column length", "'wide'", "Write a number"],
    ),
    "a text among numbered labels": (NUMBERED.replace("8,1", "8,one"), [], ["line 5", "column class", "'one'"]),
    "a column of words": (FLOWERS, ["--target", "width"], ["line 2", "species", "'setosa'", "--target 'species'"]),
    "a decimal comma": (
        FLOWERS.replace(",", ";").replace(".", ","), [], ["line 2", "length", "'5,1'", "Write 5.1, with a point"],
    ),
    "NaN": (FLOWERS.replace("3.0", "NaN"), [], ["data.csv, line 4", "width", "NaN", "finite"]),
    "infinity": (FLOWERS.replace("3.0", "inf"), [], ["line 4", "width", "inf"]),
    "an empty cell": (FLOWERS.replace("3.0", ""), [], ["data.csv, line 4", "width", "empty"]),
    "an empty label": (FLOWERS.replace("virginica", ""), [], ["line 5", "species", "empty"]),
    "a missing cell": (FLOWERS.replace(",3.0", ""), [], ["data.csv, line 4", "2 cells", "3 columns"]),
    "a cell too many": (FLOWERS.replace("4.9", "4,9"), [], ["line 4", "4 cells", "3 columns"]),
    "no header": (FLOWERS.partition("\n")[2], [], ["data.csv, line 1", "no header", "x1,x2,label"]),
    "a column without name": (
        "," + FLOWERS.replace("\n", "\n0,").removesuffix("0,"), [], ["line 1", "Column 1", "index=False"],
    ),
    "a name twice": (FLOWERS.replace("width", "length"), [], ["line 1", "Two columns", "length"]),
    "one column": ("species\nsetosa\n", [], ["only one column"]),
    "every column a label": ("a,b\n1,2\n", ["--target", "a", "--target", "b"], ["no input"]),
    "nothing at all": ("", [], ["data.csv", "empty"]),
    "a header alone": ("a,b\n", [], ["data.csv", "no example"]),
    "too many inputs asked for": (
        FLOWERS, ["--layers", "4,8,3"], ["starts with 4", "2 input columns", "Write --layers 2,8,3"],
    ),
    "too few outputs asked for": (
        FLOWERS, ["--layers", "2,8,2"], ["ends with 2", "3 classes", "Write --layers 2,8,3"],
    ),
    "outputs of a regression": (AMOUNTS, ["--layers", "2,4,3"], ["ends with 3", "1 per example", "--layers 2,4,1"]),
    "a label beyond the classes asked for": (
        NUMBERED, ["--layers", "2,4,2", "--loss", "softmax"], ["line 4", "label 2", "Write 3 as the last size"],
    ),
    "labels from 1": (
        "a,k\n1,1\n2,2\n3,3\n", ["--loss", "softmax"], ["line 4", "1 to 3", "Subtract 1"],
    ),
    "labels with a gap": ("a,k\n1,0\n2,2\n", ["--loss", "softmax"], ["none is 1", "without gaps"]),
    "negative labels": ("a,k\n1,-1\n2,1\n", ["--loss", "softmax"], ["line 2", "label -1", "from 0"]),
    "labels that are no whole numbers": (
        "a,k\n1,0\n2,0.5\n", ["--loss", "softmax"], ["line 3", "0.5", "whole numbers", "--loss mse"],
    ),
    "one class": ("a,k\n1,x\n2,x\n", [], ["one class", "x"]),
    "one numbered class": ("a,k\n1,0\n2,0\n", ["--loss", "softmax"], ["one class"]),
    "texts that are no classes": (
        "a,name\n" + "".join(f"{k},person{k}\n" for k in range(50)), [], ["50 different texts", "--target"],
    ),
    "names for a regression": (FLOWERS, ["--loss", "mse"], ["line 2", "setosa", "--loss softmax"]),
    "three classes for a sigmoid": (FLOWERS, ["--loss", "sigmoid"], ["3 classes", "--loss softmax"]),
    "amounts for a sigmoid": (AMOUNTS, ["--loss", "sigmoid"], ["line 2", "210", "0 and 1"]),
    "two columns for softmax": (
        ANSWERS,
        ["--target", "wet", "--target", "cold", "--loss", "softmax"],
        ["wet, cold", "one class", "--loss sigmoid"],
    ),
    "more examples than there are": (FLOWERS, ["--examples", "9"], ["4 examples, not 9"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said_with_line_and_cure(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, at most three lines, nothing written."""
    text, options, said = FAULTS[fault]
    told = refused(capsys, tmp_path / "net.py", "--data", write(tmp_path, text), *options)
    for words in said:
        assert words in told


def test_columns_numbered_from_0_are_a_header(tmp_path: Path) -> None:
    """As pandas writes columns that have no names."""
    text = "0,1,2\n0.5,1.5,x\n2.5,3.5,y\n"
    assert load(make(tmp_path / "net.py", "--data", write(tmp_path, text))).data["y"].tolist() == [0, 1]


def test_bytes_that_are_no_utf8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The cure is to save the file anew."""
    (tmp_path / "data.csv").write_bytes("größe,art\n1,a\n2,b\n".encode("latin-1"))
    assert "UTF-8" in refused(capsys, tmp_path / "net.py", "--data", str(tmp_path / "data.csv"))


# ---- the file changes later ---------------------------------------------------------------------------

CHANGES = {
    "it is gone": (None, ["data.csv", "does not exist"]),
    "the target was renamed": (FLOWERS.replace("species", "kind"), ["data.csv has no column", "species"]),
    "a column more": (AMOUNTS.replace("price", "species"), ["not in CLASSES", "210"]),
    "a column less": ("length,species\n1,setosa\n", ["data.csv has 1 inputs, W1 takes 2"]),
    "a new class": (FLOWERS + "1,2,lily\n", ["not in CLASSES", "lily"]),
    "a text": (FLOWERS.replace("4.9", "wide"), ["could not convert", "wide"]),
    "NaN": (FLOWERS.replace("4.9", "nan"), ["data.csv: an input is NaN"]),
    "a ragged line": (FLOWERS.replace("4.9,", ""), ["number of columns changed"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_starting_file_says_what_no_longer_fits(
    change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its own line, when it is opened; more or other rows are no error."""
    from tui.cli import main

    path = make(tmp_path / "net.py", "--data", write(tmp_path, FLOWERS))
    text, said = CHANGES[change]
    (tmp_path / "data.csv").unlink()
    if text is not None:
        write(tmp_path, text)
    capsys.readouterr()
    assert main(["check", str(path)]) == 2
    told = capsys.readouterr().err
    assert "net.py, line" in told
    assert len(told.splitlines()) <= 3
    for words in said:
        assert words in told
    write(tmp_path, FLOWERS + "5.5,3.1,virginica\n")
    assert main(["check", str(path)]) == 0
