"""How arrays of any number of axes are looked at as rows and columns.

A number is 1×1, a vector one row, and more than two axes are unrolled: all but the last run down the rows.
"""

from __future__ import annotations

from math import prod

Cell = tuple[int, int]
Shape = tuple[int, ...]


def grid_of(shape: Shape) -> tuple[int, int]:
    """Rows and columns that an array of this shape is shown in."""
    if not shape:
        return 1, 1
    return prod(shape[:-1]), shape[-1]


def clamp(cell: Cell, shape: Shape) -> Cell:
    """The cell of the grid nearest to ``cell``."""
    rows, columns = grid_of(shape)
    return min(max(0, cell[0]), max(0, rows - 1)), min(max(0, cell[1]), max(0, columns - 1))


def index_of(shape: Shape, cell: Cell) -> tuple[int, ...]:
    """The array index, one number per axis, of a cell of the grid."""
    if not shape:
        return ()
    row, column = cell
    index = [column]
    for size in reversed(shape[:-1]):
        index.append(row % max(1, size))
        row //= max(1, size)
    return tuple(reversed(index))


def flat_cell(shape: Shape, index: tuple[int, ...]) -> Cell:
    """The cell of the grid where the entry with this array index is shown."""
    row = 0
    for size, position in zip(shape[:-1], index[:-1], strict=True):
        row = row * size + position
    return clamp((row, index[-1] if index else 0), shape)


def transposed(cell: Cell, shape: Shape, mirrored: Shape) -> Cell:
    """Where ``mirrored`` (the shape, its last two axes swapped) has the entry that ``shape`` has at ``cell``."""
    if len(shape) == len(mirrored) == 1:
        return cell
    if len(shape) < 3 or len(mirrored) != len(shape):
        return cell[1], cell[0]
    *leading, row, column = index_of(shape, clamp(cell, shape))
    return flat_cell(mirrored, (*leading, column, row))
