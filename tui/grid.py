"""How arrays of any number of axes are looked at as rows and columns.

A number is 1×1, a vector one row. Of an array with more than two axes one slice is looked at, the matrix of its last
two axes; its leading index says which one.
"""

from __future__ import annotations

from math import prod

Cell = tuple[int, int]
Shape = tuple[int, ...]
Index = tuple[int, ...]


def grid_of(shape: Shape) -> tuple[int, int]:
    """Rows and columns of the matrix, or of one slice of the array, with this shape."""
    if len(shape) < 2:
        return 1, prod(shape)
    return shape[-2], shape[-1]


def leading(shape: Shape) -> Shape:
    """The sizes of the axes in front of the last two: how many slices there are in each direction."""
    return shape[:-2]


def clamp(cell: Cell, shape: Shape) -> Cell:
    """The cell of the grid nearest to ``cell``."""
    rows, columns = grid_of(shape)
    return min(max(0, cell[0]), max(0, rows - 1)), min(max(0, cell[1]), max(0, columns - 1))


def index_of(shape: Shape, cell: Cell, lead: Index = ()) -> Index:
    """The array index, one number per axis, of a cell in the slice ``lead`` (the first one where it is left out)."""
    if len(shape) < 2:
        return cell[1:] if shape else ()
    return (*(lead or (0,) * len(leading(shape))), *cell)


def cell_of(shape: Shape, index: Index) -> Cell:
    """The cell where the entry with this array index is shown, in the slice that its first numbers name."""
    if len(shape) < 2:
        return clamp((0, index[0] if index else 0), shape)
    return clamp((index[-2], index[-1]), shape)


def transposed(cell: Cell, shape: Shape, mirrored: Shape) -> Cell:
    """Where ``mirrored`` (the shape, its last two axes swapped) has the entry that ``shape`` has at ``cell``."""
    return cell if len(shape) == len(mirrored) == 1 else (cell[1], cell[0])


def ravel(shape: Shape, index: Index) -> int:
    """The number of an entry, counted along the last axis first."""
    flat = 0
    for size, position in zip(shape, index, strict=True):
        flat = flat * size + position
    return flat


def unravel(shape: Shape, flat: int) -> Index:
    """The entry with that number; the inverse of ``ravel``."""
    index = []
    for size in reversed(shape):
        index.append(flat % max(1, size))
        flat //= max(1, size)
    return tuple(reversed(index))
