"""Reads an NPZ file with the arrays ``x`` (one example per row) and ``y``; never unpickles anything."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from tui.starting.examples import Examples, NpzSource
from tui.starting.refusal import StartingError

_EXPECTED = "Save it with np.savez(file, x=x, y=y): x has one example per row, y one label (or one row) per example."


def read_npz(path: Path) -> Examples:
    """The examples of an NPZ file: x of shape (N, features), y of shape (N,) or (N, K). Raises StartingError."""
    arrays = _arrays(path)
    x, y = arrays["x"], arrays["y"]
    _check_shapes(path, x, y)
    inputs = _finite(path, "x", x)
    target = y.astype(str) if y.dtype.kind in "US" and y.ndim == 1 else _finite(path, "y", y).reshape(len(x), -1)
    return Examples(path, NpzSource(y.ndim, y.dtype.kind), inputs, target, "the array y")


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """x and y, both of them arrays that need no unpickling."""
    try:
        with path.open("rb") as file:
            opened = np.load(file, allow_pickle=False)
            if not isinstance(opened, NpzFile):
                _refuse(path, "This is a single array, not an .npz archive.", _EXPECTED)
            return _x_and_y(path, opened)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise StartingError("This is not a readable .npz file.", file=str(path), cure=_EXPECTED) from error


def _x_and_y(path: Path, archive: NpzFile) -> dict[str, NDArray[Any]]:
    missing = [name for name in ("x", "y") if name not in archive.files]
    if missing:
        has = ", ".join(archive.files) or "no arrays"
        _refuse(path, f"There is no array {' and no array '.join(missing)}; the file has {has}.", _EXPECTED)
    return {name: _array(path, archive, name) for name in ("x", "y")}


def _array(path: Path, archive: NpzFile, name: str) -> NDArray[Any]:
    try:
        array: NDArray[Any] | bytes = archive[name]
    except ValueError as error:
        if "pickle" not in str(error):
            raise
        reason = f"The array {name} is made of Python objects (a pickle), which is not opened: a pickle can run code."
        _refuse(path, reason, "Save numbers: x.astype(float), and labels as whole numbers or texts.")
    if not isinstance(array, np.ndarray):  # a file in the archive that is no array
        raise ValueError(name)
    return array


def _check_shapes(path: Path, x: NDArray[Any], y: NDArray[Any]) -> None:
    if x.ndim != 2:
        per_example = int(np.prod(x.shape[1:])) if x.ndim > 2 else 1
        cure = f"Save x.reshape({len(x)}, {per_example})." if x.ndim > 0 else _EXPECTED
        reason = f"The array x has the shape {x.shape}; expected is one example per row, (examples, features)."
        _refuse(path, reason, cure)
    if 0 in x.shape:
        _refuse(path, f"The array x has the shape {x.shape}: there is nothing in it.", _EXPECTED)
    if y.ndim not in (1, 2) or 0 in y.shape:
        _refuse(
            path, f"The array y has the shape {y.shape}; expected is (examples,) or (examples, outputs).", _EXPECTED
        )
    if len(x) != len(y):
        both = f"x has {len(x)} rows and y has {len(y)}"
        swapped = x.shape[1] == len(y)
        cure = "The examples of x stand in columns: save x.T." if swapped else "Save as many labels as examples."
        _refuse(path, f"The arrays do not belong together: {both}.", cure)


def _finite(path: Path, name: str, array: NDArray[Any]) -> NDArray[np.float64]:
    if array.dtype.kind not in "biuf":
        _refuse(path, f"The array {name} holds {array.dtype}, not real numbers.", f"Save {name}.astype(float).")
    found = array.astype(float)
    bad = np.argwhere(~np.isfinite(found))
    if len(bad):
        at = ", ".join(map(str, bad[0]))
        reason = f"{name}[{at}] is {found[tuple(bad[0])]}, which is no finite number."
        _refuse(path, reason, "Fill it in, or leave the example out.")
    return found


def _refuse(path: Path, reason: str, cure: str) -> NoReturn:
    raise StartingError(reason, file=str(path), cure=cure)
