"""Reads a CSV file with a header line; every fault is told with its line and the name of the column."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from tui.starting.examples import CsvSource, Examples
from tui.starting.refusal import StartingError

_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, eq=False)
class _Table:
    """The text of a file: ``rows`` of cells without blanks around them, and the line on which each stands."""

    path: Path
    names: list[str]
    header_line: int
    rows: list[list[str]]
    lines: list[int]

    def refuse(self, reason: str, cure: str = "", line: int | None = None) -> NoReturn:
        raise StartingError(reason, file=str(self.path), line=line, cure=cure)

    def column(self, at: int) -> list[str]:
        return [row[at] for row in self.rows]


def read_csv(path: Path, targets: tuple[str, ...]) -> Examples:
    """The examples of a CSV file: every column that is no target is an input.

    A target whose cells are all texts holds class names; everything else must be a finite number.
    Raises StartingError.
    """
    table, source = _table(path, _text(path))
    _check_header(table)
    _check_rows(table)
    targets = _targets(table, targets)
    inputs = [k for k, name in enumerate(table.names) if name not in targets]
    if not inputs:
        table.refuse("Every column is a label: there is no input.", "Name fewer columns with --target.")
    chosen = [table.names.index(name) for name in targets]
    x = np.stack([_numbers(table, k, is_target=False) for k in inputs], axis=1)
    return Examples(
        file=path,
        source=replace(source, targets=targets),
        inputs=x,
        target=_target(table, chosen),
        target_name="the column " + targets[0] if len(targets) == 1 else "the columns " + ", ".join(targets),
        lines=table.lines,
    )


# ---- from bytes to cells ------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        reason = "The file is not readable as UTF-8 text."
        raise StartingError(reason, file=str(path), cure="Save it as CSV in UTF-8.") from error
    except OSError as error:
        raise StartingError(f"The file cannot be read: {error.strerror or error}.", file=str(path)) from error


def _delimiter(text: str) -> str:
    """The one that cuts the first line into the most cells; a comma where none does."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter), [])))


def _table(path: Path, text: str) -> tuple[_Table, CsvSource]:
    """The table without empty lines, and how it is written; the targets are still open."""
    encoded, text = not text.isascii(), text.removeprefix(_BYTE_ORDER_MARK)
    delimiter = _delimiter(text)
    records: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start, gaps = 1, False
    try:
        for cells in reader:
            gaps = gaps or not cells
            if cells:
                records.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise StartingError(f"This is not valid CSV: {error}.", file=str(path), line=reader.line_num) from error
    if len(records) < 2:
        what = "is empty" if not records else "has a header and no example below it"
        cure = "Write the column names on the first line and one example on each line below."
        raise StartingError(f"The file {what}.", file=str(path), cure=cure)
    stripped = [[cell.strip() for cell in cells] for _, cells in records]
    padded = any(one != cells for one, (_, cells) in zip(stripped, records, strict=True))
    source = CsvSource(delimiter, '"' in text, "#" in text, encoded, padded, gaps)
    lines = [line for line, _ in records]
    return _Table(path, stripped[0], lines[0], stripped[1:], lines[1:]), source


# ---- checks -------------------------------------------------------------------------------------------


def _check_header(table: _Table) -> None:
    """Names, all different, and no numbers: a file without a header would lose its first example."""
    line = table.header_line
    if len(table.names) == 1:
        cure = "Separate the columns by commas, and end each line with the label."
        table.refuse("There is only one column: a net needs inputs and a label.", cure, line)
    numbers = [number for number in map(_number, table.names) if number is not None]
    numbered = len(numbers) > 2 and numbers == [numbers[0] + k for k in range(len(numbers))]  # columns 0, 1, 2, ...
    if 2 * len(numbers) > len(table.names) and not numbered:
        cure = f"Write the column names on the first line: {_example_header(len(table.names))}."
        table.refuse("There is no header: the first line has numbers where column names are expected.", cure, line)
    for k, name in enumerate(table.names):
        if not name:
            cure = "Write a name, or leave the column out (pandas: to_csv(..., index=False))."
            table.refuse(f"Column {k + 1} has no name in the header.", cure, line)
        if name in table.names[:k]:
            table.refuse(f"Two columns are called {name}.", "Give every column a name of its own.", line)


def _check_rows(table: _Table) -> None:
    width = len(table.names)
    for row, line in zip(table.rows, table.lines, strict=True):
        if len(row) != width:
            cells = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
            cure = "Give every line one cell per column; a cell with the separator in it stands in quotation marks."
            table.refuse(f"This line has {cells}, the header has {width} columns.", cure, line)


def _targets(table: _Table, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the target columns; the last one where none is asked for."""
    for name in asked:
        if name not in table.names:
            close = difflib.get_close_matches(name, table.names, n=1)
            known = ", ".join(table.names) if len(table.names) <= 12 else ", ".join([*table.names[:11], "..."])
            cure = f"Say --target {close[0]!r}." if close else f"The columns are {known}."
            table.refuse(f"There is no column {name!r} for --target.", cure)
    return tuple(dict.fromkeys(asked)) or (table.names[-1],)


def _target(table: _Table, columns: Sequence[int]) -> NDArray[np.float64] | NDArray[np.str_]:
    """(N, K) numbers, or (N,) class names where there is one column and no cell of it is a number."""
    if len(columns) == 1:
        cells = table.column(columns[0])
        for cell, line in zip(cells, table.lines, strict=True):
            if not cell:
                _refuse_cell(table, columns[0], cell, line, is_target=True)
        if all(_number(cell) is None for cell in cells):
            return np.array(cells)
    return np.stack([_numbers(table, k, is_target=True) for k in columns], axis=1)


def _numbers(table: _Table, at: int, is_target: bool) -> NDArray[np.float64]:
    """One column as finite numbers."""
    cells = table.column(at)
    try:
        found = np.array(cells).astype(float)
    except ValueError:
        found = np.array([np.nan if (number := _number(cell)) is None else number for cell in cells])
    bad = np.flatnonzero(~np.isfinite(found))
    if len(bad):
        _refuse_cell(table, at, cells[bad[0]], table.lines[bad[0]], is_target)
    return found


def _refuse_cell(table: _Table, at: int, cell: str, line: int, is_target: bool) -> NoReturn:
    name = table.names[at]
    column = table.column(at)
    number = _number(cell)
    if not cell:
        table.refuse(f"The cell of the column {name} is empty.", "Fill it in, or take the line out.", line)
    if number is not None:
        cure = "Write a finite number, or take the line out."
        table.refuse(f"The column {name} has {cell}, which is no finite number.", cure, line)
    if _number(cell.replace(",", ".")) is not None:
        table.refuse(
            f"The column {name} has the text {cell!r}.", f"Write {cell.replace(',', '.')}, with a point.", line
        )
    cure = "Write a number, or take the line out."
    if all(_number(other) is None for other in column):  # words throughout, not a slip in one cell
        cure = "Take the column out of the file" + (
            "." if is_target else f", or say --target {name!r} if it is the label."
        )
    table.refuse(f"The column {name} has the text {cell!r} where a number is expected.", cure, line)


def _number(cell: str) -> float | None:
    """The number that a cell holds (NaN and infinities count), None where it holds none."""
    try:
        return float(cell)
    except ValueError:
        return None


def _example_header(width: int) -> str:
    inputs = [f"x{k + 1}" for k in range(width - 1)]
    return ",".join([*inputs, "label"] if width <= 6 else [*inputs[:2], "...", "label"])
