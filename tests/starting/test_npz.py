"""An NPZ file as data: the arrays x and y, never a pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.scenario import load
from tests.starting.making import make, refused

X = np.arange(12.0).reshape(6, 2)


def save(folder: Path, **arrays: Any) -> str:
    """The path of an archive with these arrays."""
    np.savez(folder / "data.npz", **arrays)
    return str(folder / "data.npz")


@pytest.mark.parametrize("convention", ["column", "row"])
@pytest.mark.parametrize(
    ("y", "loss", "expected"),
    [
        (np.array([0, 1, 2, 0, 1, 2]), "softmax", [0, 1, 2, 0, 1, 2]),
        (np.array([[0], [1], [1], [0], [1], [0]], dtype=np.uint8), "softmax", [0, 1, 1, 0, 1, 0]),
        (np.array(list("babbab")), "softmax", [1, 0, 1, 1, 0, 1]),
        (np.array([b"b", b"a", b"b", b"b", b"a", b"b"]), "softmax", [1, 0, 1, 1, 0, 1]),
        (np.linspace(0, 1, 6), "mse", np.linspace(0, 1, 6)[:, None]),
        (np.linspace(0, 1, 12).reshape(6, 2), "mse", np.linspace(0, 1, 12).reshape(6, 2)),
        (X > 5, "sigmoid", X > 5),
        (np.array([True, False, True, True, True, False]), "sigmoid", [[1], [0], [1], [1], [1], [0]]),
    ],
)
def test_what_y_can_be(tmp_path: Path, y: np.ndarray, loss: str, expected: Any, convention: str) -> None:
    """One label or one row per example, of numbers, truth values or texts."""
    options = ["--loss", loss, "--convention", convention, "--no-standardise"]
    scenario = load(make(tmp_path / "net.py", "--data", save(tmp_path, x=X, y=y), *options))
    turned = convention == "column"
    assert np.array_equal(scenario.data["x"], X.T if turned else X)
    assert np.array_equal(scenario.data["y"], np.transpose(expected) if turned else expected)


def test_the_loss_follows_from_y(tmp_path: Path) -> None:
    """Truth values in several columns are several answers, texts are classes, amounts a regression."""
    for k, (y, loss) in enumerate([(X > 5, "binary"), (np.array(list("ababab")), "softmax"), (X, "squared error")]):
        assert loss in load(make(tmp_path / f"net{k}.py", "--data", save(tmp_path, x=X, y=y))).title


FAULTS: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "no x": ({"inputs": X, "y": X}, [], ["no array x", "inputs, y", "np.savez"]),
    "neither": ({"inputs": X}, [], ["no array x and no array y", "inputs"]),
    "pickled inputs": ({"x": np.array([[1, None]]), "y": X[:1]}, [], ["array x", "pickle", "can run code"]),
    "pickled labels": ({"x": X, "y": np.array([1, "a", 2, 3, 4, 5], dtype=object)}, [], ["array y", "pickle"]),
    "images": ({"x": np.zeros((6, 4, 4)), "y": X}, [], ["(6, 4, 4)", "one example per row", "x.reshape(6, 16)"]),
    "one flat array": ({"x": np.zeros(6), "y": np.arange(6)}, [], ["(6,)", "reshape(6, 1)"]),
    "a number": ({"x": 1.0, "y": np.arange(6)}, [], ["()", "one example per row"]),
    "examples in columns": ({"x": X.T, "y": np.arange(6)}, [], ["2 rows", "y has 6", "save x.T"]),
    "too few labels": ({"x": X, "y": np.arange(5)}, [], ["6 rows", "y has 5"]),
    "labels in three axes": ({"x": X, "y": np.zeros((6, 1, 1))}, [], ["(6, 1, 1)", "(examples,)"]),
    "nothing": ({"x": np.zeros((0, 2)), "y": np.zeros(0)}, [], ["(0, 2)", "nothing in it"]),
    "NaN": ({"x": np.where(X == 5, np.nan, X), "y": X}, [], ["x[2, 1] is nan"]),
    "an infinite label": ({"x": X, "y": np.where(X == 5, np.inf, X)}, [], ["y[2, 1] is inf"]),
    "texts as inputs": ({"x": X.astype(str), "y": X}, [], ["array x", "not real numbers", "x.astype(float)"]),
    "complex inputs": ({"x": X + 1j, "y": X}, [], ["array x", "complex128"]),
    "sizes": ({"x": X, "y": X}, ["--layers", "3,4,2"], ["starts with 3", "2 features in x", "--layers 2,4,2"]),
    "one-hot rows": ({"x": X, "y": np.eye(6)}, ["--loss", "softmax"], ["array y", "one class", "argmax"]),
    "a label in words": ({"x": X, "y": X[:, 0] / 4}, ["--loss", "softmax"], ["0.5 (example 1)", "whole numbers"]),
    "a target": ({"x": X, "y": X}, ["--target", "y"], ["--target", "CSV", "labels in y"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said_with_its_cure(fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, at most three lines, nothing written."""
    arrays, options, said = FAULTS[fault]
    told = refused(capsys, tmp_path / "net.py", "--data", save(tmp_path, **arrays), *options)
    for words in ("data.npz", *said):
        assert words in told


def test_a_pickle_is_never_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An array of objects that would leave a mark when it is unpickled leaves none."""
    mark = tmp_path / "mark"

    class Harmful:
        def __reduce__(self) -> Any:
            return Path.touch, (mark,)

    path = save(tmp_path, x=X, y=np.array([Harmful()] * 6, dtype=object))
    assert "pickle" in refused(capsys, tmp_path / "net.py", "--data", path)
    assert not mark.exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off", b"\x93NUMPY"])
def test_what_is_no_archive(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Told as that, whatever the bytes are."""
    (tmp_path / "data.npz").write_bytes(content)
    assert "not a readable .npz" in refused(capsys, tmp_path / "net.py", "--data", str(tmp_path / "data.npz"))


def test_an_archive_whose_members_are_no_arrays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A zip file of something else, and an array that breaks off, are no data either."""
    for member, content in (("x", b"text"), ("x.npy", b"text"), ("x.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr'")):
        with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
            archive.writestr(member, content)
            archive.writestr("y.npy", content)
        assert "not a readable .npz" in refused(capsys, tmp_path / "net.py", "--data", str(tmp_path / "data.npz"))


def test_a_single_array_under_the_wrong_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """np.save writes no archive."""
    np.save(tmp_path / "data.npy", X)
    (tmp_path / "data.npy").rename(tmp_path / "data.npz")
    assert "single array" in refused(capsys, tmp_path / "net.py", "--data", str(tmp_path / "data.npz"))


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "no y": ({"x": X}, "y is not a file in the archive"),
    "other inputs": ({"x": np.zeros((6, 3)), "y": np.arange(6) % 3}, "3 inputs, W1 takes 2"),
    "fewer labels": ({"x": X, "y": np.arange(5) % 3}, "6 examples and 5 labels"),
    "another class": ({"x": X, "y": np.arange(6) % 4}, "labels are 0 to 2"),
    "half a class": ({"x": X, "y": np.arange(6) / 4}, "labels are 0 to 2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_starting_file_says_what_no_longer_fits(
    change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When it is opened, with its own line."""
    from tui.cli import main

    path = make(tmp_path / "net.py", "--data", save(tmp_path, x=X, y=np.arange(6) % 3))
    assert main(["check", str(path)]) == 0
    arrays, said = CHANGES[change]
    save(tmp_path, **arrays)
    capsys.readouterr()
    assert main(["check", str(path)]) == 2
    told = capsys.readouterr().err
    assert "net.py, line" in told
    assert said in told
