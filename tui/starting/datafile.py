"""Reads a data file of either kind, from its name."""

from __future__ import annotations

from pathlib import Path

from tui.starting.csvfile import read_csv
from tui.starting.examples import Examples
from tui.starting.npzfile import read_npz
from tui.starting.refusal import StartingError


def read(path: Path, targets: tuple[str, ...]) -> Examples:
    """The examples in ``path``; ``targets`` are the columns that hold the label (none: the last).

    Raises StartingError, with line and cure, for whatever a net cannot be fed with.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".tsv", ".npz"):
        cure = "With NumPy: np.savez('data.npz', x=x, y=y)."
        raise StartingError(f"{path}: data come from a .csv or an .npz file.", cure=cure)
    if path.is_dir():
        raise StartingError(f"{path} is a folder, not a data file.")
    if not path.exists():
        raise StartingError(f"{path}: there is no such data file.")
    if kind == ".npz":
        if targets:
            cure = "Leave --target out: an .npz has the inputs in the array x and the labels in y."
            raise StartingError("--target names a column of a CSV file.", file=str(path), cure=cure)
        return read_npz(path)
    return read_csv(path, targets)
