"""What a data file holds, whatever its kind, and the look-ups that its errors need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tui.starting.refusal import StartingError


@dataclass(frozen=True, slots=True)
class CsvSource:
    """How a CSV file is written, as far as reading it again depends on it.

    ``quoted`` and ``hashes``: the characters " and # occur; ``encoded``: it is not pure ASCII; ``padded``: cells stand
    between blanks; ``gaps``: some lines are empty. ``targets`` are the names of the label's columns.
    """

    delimiter: str
    quoted: bool
    hashes: bool
    encoded: bool
    padded: bool
    gaps: bool
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NpzSource:
    """How the arrays of an NPZ file are read again: ``target_ndim`` is that of ``y``, ``target_kind`` its dtype's."""

    target_ndim: int
    target_kind: str


@dataclass(frozen=True, eq=False)
class Examples:
    """The examples of a file, one per row.

    ``inputs`` is float64 of shape (N, features). ``target`` is float64 of shape (N, K), or texts of shape (N,).
    ``lines`` are the lines of the file where the examples stand, None where a file has no lines.
    """

    file: Path
    source: CsvSource | NpzSource
    inputs: NDArray[np.float64]
    target: NDArray[Any]
    target_name: str
    lines: Sequence[int] | None = None

    @property
    def has_texts(self) -> bool:
        """Whether the target is made of class names."""
        return self.target.ndim == 1

    @property
    def features(self) -> int:
        """The number of inputs."""
        return int(self.inputs.shape[1])

    def __len__(self) -> int:
        return len(self.inputs)

    def refuse(self, reason: str, cure: str = "", example: int | None = None) -> NoReturn:
        """Raise the StartingError for this file, with the line of ``example`` where that is known."""
        line = self.lines[example] if self.lines is not None and example is not None else None
        raise StartingError(reason, file=str(self.file), line=line, cure=cure)

    def named(self, example: int) -> str:
        """`` (example 3)`` in a file without lines; with lines the place says it."""
        return "" if self.lines is not None else f" (example {example})"
