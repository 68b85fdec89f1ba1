"""Gradients that somebody saved in an .npz file, compared with those of the loss; never unpickles anything."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from engine.blame import Answer, Mine
from engine.errors import ChainstepError

Arrays = Mapping[str, NDArray[Any]]

_SAVE = "Save the gradients with np.savez(file, {})."
_DOUBLE, _SINGLE = 1e-8, 3e-5


def judged(file: str, gradients: Arrays) -> Mine:
    """The outputs alone: whether each saved gradient agrees with that of the same parameter.

    The keys are ``W1`` or ``dW1``. Raises ChainstepError for a file that cannot be read, for keys that are missing,
    for shapes that do not fit ((n,) and (1, n) are one), and for arrays that are not made of real numbers.
    """
    saved = _read(Path(file).expanduser(), gradients)
    found, unknown = {}, set(saved)
    for name, expected in gradients.items():
        key = name if name in saved else f"d{name}"
        unknown.discard(key)
        found[name] = _answer(saved[key], expected)
    message = f"Not looked at, because no parameter has that name: {', '.join(sorted(unknown))}." if unknown else ""
    return Mine("right" if all(one.ok for one in found.values()) else "wrong", found, None, (), (), message)


def _answer(own: NDArray[Any], expected: NDArray[Any]) -> Answer:
    """max|a − b| / max|b|; what is not finite agrees with nothing but its like."""
    single = np.float32 in (own.dtype, expected.dtype)
    a, b = own.squeeze().astype(float), expected.squeeze().astype(float)
    if np.array_equal(a, b, equal_nan=True):
        return Answer(True, 0.0)
    with np.errstate(all="ignore"):
        difference, scale = float(np.max(abs(a - b))), float(np.max(abs(b)))
        error = difference / scale if scale > 0 else float("inf")
    return Answer(error <= (_SINGLE if single else _DOUBLE), error)


def _read(path: Path, gradients: Arrays) -> dict[str, NDArray[Any]]:
    """All arrays of the file, those of the parameters in their shapes."""
    cure = _SAVE.format(", ".join(f"d{name}=d{name}" for name in gradients if name.isidentifier()) or "**gradients")
    try:
        with path.open("rb") as opened:
            archive = np.load(opened, allow_pickle=False)
            if not isinstance(archive, NpzFile):
                _refuse(path, "This is a single array, not an .npz archive.", cure)
            with archive:
                missing = [name for name in gradients if not {name, f"d{name}"} & set(archive.files)]
                if missing:
                    has = ", ".join(archive.files) or "no arrays"
                    _refuse(path, f"There is no gradient of {', '.join(missing)}; the file has {has}.", cure)
                wanted = {key for name in gradients for key in (name, f"d{name}")} & set(archive.files)
                saved = {key: _array(path, archive, key) for key in archive.files if key in wanted}
                saved |= {key: np.empty(0) for key in archive.files if key not in wanted}
    except FileNotFoundError as error:
        raise ChainstepError("There is no such file.", file=str(path), cure=cure) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ChainstepError("This is not a readable .npz file.", file=str(path), cure=cure) from error
    for name, expected in gradients.items():
        key = name if name in saved else f"d{name}"
        if saved[key].squeeze().shape != expected.squeeze().shape:
            _refuse_shape(path, key, saved[key].shape, name, expected.shape)
    return saved


def _array(path: Path, archive: NpzFile, key: str) -> NDArray[Any]:
    try:
        array: Any = archive[key]
    except ValueError as error:
        if "pickle" not in str(error):
            raise
        reason = f"The array {key} is made of Python objects (a pickle), which is not opened: a pickle can run code."
        raise ChainstepError(reason, file=str(path), cure=f"Save numbers: {key}.astype(float).") from error
    if not isinstance(array, np.ndarray):  # a file in the archive that is no array
        raise ValueError(key)
    if array.dtype.kind not in "fiu":
        _refuse(path, f"The array {key} is made of {array.dtype}, not of real numbers.", "Save it as floats.")
    return array


def _refuse_shape(path: Path, key: str, own: tuple[int, ...], name: str, needed: tuple[int, ...]) -> NoReturn:
    reason = f"The file's array {key} has the shape {own}; the parameter {name} has {needed}, and so has its gradient."
    turned = own == needed[::-1]
    cure = f"It lies the other way round: save {key}.T." if turned else f"Save {key} as an array of shape {needed}."
    _refuse(path, reason, cure)


def _refuse(path: Path, reason: str, cure: str) -> NoReturn:
    raise ChainstepError(reason, file=str(path), cure=cure)
