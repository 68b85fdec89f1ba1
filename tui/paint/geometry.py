"""How the matrices of one part hang together: which axes run over the same index, and which cell lights which.

Every axis of an operand gets the name of the index it runs over. Two axes with one name scroll together, and a
cell lights all cells of the other operands that agree with it in the names they share. That one rule gives the row
and the column of a matrix product, the single cells of an entrywise operation, and broadcasting.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Literal

from engine.reading.model import Part, Term
from tui.grid import Cell, Index, cell_of, grid_of, index_of, ravel, unravel

Operand = Literal["result", "left", "right"]
Names = tuple[str, ...]
Selector = tuple[int | None, ...]
"""Per axis the index that is lit, None for all of them."""

SUMMED = "sum"
ROW = "row"
COLUMN = "column"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One direction of a matrix on the screen: the indices it runs over and how many entries that makes."""

    names: Names
    size: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One operand as rows and columns, those of its last two axes; ``upright`` is a vector as a column."""

    operand: Operand
    term: Term
    rows: Dimension
    columns: Dimension
    upright: bool

    def index(self, row: int, column: int, lead: Index = ()) -> Index:
        """The array index of the entry in this row and column of the slice ``lead``."""
        return (row,) if self.upright else index_of(self.term.shape, (row, column), lead)

    def cell(self, index: Index) -> Cell:
        """The row and column of an entry; the inverse of ``index``."""
        return (index[0], 0) if self.upright else cell_of(self.term.shape, index)


def terms(part: Part) -> dict[Operand, Term]:
    """The operands of a part that exist, in the order in which they are written."""
    found: dict[Operand, Term] = {"left": part.left}
    if part.right is not None:
        found["right"] = part.right
    found["result"] = part.result
    return found


@lru_cache(maxsize=256)
def index_names(part: Part) -> dict[Operand, Names]:
    """For every operand one name per axis; equal names are one index."""
    shapes = {operand: term.shape for operand, term in terms(part).items()}
    names = None
    if part.kind == "product":
        names = _product(shapes)
    elif part.kind in ("entrywise", "apply", "same"):
        names = _aligned(shapes)
    elif part.kind == "transpose":
        names = _transposed(shapes) or _by_letters(part) or _by_sizes(shapes)
    return names or _by_letters(part) or _reduced(shapes)


def _product(shapes: dict[Operand, tuple[int, ...]]) -> dict[Operand, Names] | None:
    left, right, result = shapes["left"], shapes.get("right", ()), shapes["result"]
    names: dict[Operand, Names] = {
        "left": (*_batch(left[:-2]), ROW, SUMMED)[-len(left) :] if left else (),
        "right": (*_batch(right[:-2]), SUMMED, COLUMN) if len(right) > 1 else (SUMMED,) * len(right),
    }
    if len(left) == len(right) == 1 and len(result) == 2:
        return {"left": (ROW,), "right": (COLUMN,), "result": (ROW, COLUMN)}
    if not left or not right or left[-1] != right[max(0, len(right) - 2)]:
        return None
    batch = max(left[:-2], right[:-2], key=len)
    expected = [*zip(_batch(batch), batch, strict=True)]
    expected += [(ROW, left[-2])] if len(left) > 1 else []
    expected += [(COLUMN, right[-1])] if len(right) > 1 else []
    # A flat bias gradient comes from a product with a row of ones: the row of size 1 is gone in the result.
    while len(expected) > len(result) and any(size == 1 for _, size in expected):
        expected.remove(next(axis for axis in expected if axis[1] == 1))
    if len(expected) != len(result):
        return None
    names["result"] = tuple(name for name, _ in expected)
    return {operand: names[operand] for operand in shapes}


def _batch(shape: tuple[int, ...]) -> Names:
    return tuple(f"batch{k}" for k in reversed(range(len(shape))))


def _aligned(shapes: dict[Operand, tuple[int, ...]]) -> dict[Operand, Names] | None:
    """Axes matched from the right, as NumPy broadcasts; None where the shapes do not broadcast to the result."""
    result = shapes["result"]
    for shape in shapes.values():
        tail = result[len(result) - len(shape) :]
        if len(shape) > len(result) or any(a not in (1, b) for a, b in zip(shape, tail, strict=True)):
            return None
    return {operand: _counted(len(shape)) for operand, shape in shapes.items()}


def _counted(axes: int) -> Names:
    return tuple(f"axis{k}" for k in reversed(range(axes)))


def _transposed(shapes: dict[Operand, tuple[int, ...]]) -> dict[Operand, Names] | None:
    left, result = shapes["left"], shapes["result"]
    names = _counted(len(left))
    if result == left[::-1]:
        return {"left": names, "result": names[::-1]}
    if len(left) > 1 and result == (*left[:-2], left[-1], left[-2]):
        return {"left": names, "result": (*names[:-2], names[-1], names[-2])}
    return None


def _by_letters(part: Part) -> dict[Operand, Names] | None:
    """The index letters of the part, where every axis has one of its own that runs equally far everywhere."""
    found, sizes = terms(part), dict[str, int]()
    for term in found.values():
        if len(term.letters) != len(term.shape) or len(set(term.letters)) != len(term.letters):
            return None
        for letter, size in zip(term.letters, term.shape, strict=True):
            if size > 1 and sizes.setdefault(letter, size) != size:
                return None
    return {operand: term.letters for operand, term in found.items()}


def _by_sizes(shapes: dict[Operand, tuple[int, ...]]) -> dict[Operand, Names] | None:
    """Axes that changed places are told by their sizes; nothing is shared where two of one size may have done so."""
    left, result = shapes["left"], shapes["result"]
    if sorted(left) != sorted(result):
        return None
    names = tuple(f"left{k}" for k in range(len(left)))
    found = {size: name for size, name in zip(left, names, strict=True) if left.count(size) == 1}
    return {"left": names, "result": tuple(found.get(size, f"result{k}") for k, size in enumerate(result))}


def _reduced(shapes: dict[Operand, tuple[int, ...]]) -> dict[Operand, Names]:
    """The result's axes found again in the left operand by place or by size; nothing shared where that fails."""
    names: dict[Operand, Names] = {
        operand: tuple(f"{operand}{k}" for k in range(len(shape))) for operand, shape in shapes.items()
    }
    left, result = shapes["left"], shapes["result"]
    if len(left) == len(result) and all(own in (1, size) for own, size in zip(result, left, strict=True)):
        return {**names, "result": names["left"]}
    rest, own = list(zip(left, names["left"], strict=True)), list(names["result"])
    for axis in reversed(range(len(result))):
        while rest:
            size, name = rest.pop()
            if size == result[axis]:
                own[axis] = name
                break
    return {**names, "result": tuple(own)}


@lru_cache(maxsize=256)
def grids(part: Part) -> tuple[Grid, ...]:
    """The operands of a part as they stand on the screen, from left to right."""
    names = index_names(part)
    return tuple(_grid(part, operand, term, names) for operand, term in terms(part).items())


def _grid(part: Part, operand: Operand, term: Term, names: dict[Operand, Names]) -> Grid:
    own, shape = names[operand], term.shape
    upright = len(shape) == 1 and _is_upright(part, operand, own[0], names)
    if not shape:
        return Grid(operand, term, Dimension((), 1), Dimension((), 1), False)
    if upright:
        return Grid(operand, term, Dimension(own, shape[0]), Dimension((), 1), True)
    rows, columns = grid_of(shape)
    if 0 in shape[:-2]:  # not a single slice to look at
        rows = 0
    return Grid(operand, term, Dimension(own[:-1][-1:], rows), Dimension(own[-1:], columns), False)


def _is_upright(part: Part, operand: Operand, name: str, names: dict[Operand, Names]) -> bool:
    """Whether a vector stands as a column: where the matrix beside it has that index down its rows."""
    if part.kind == "product" and name == SUMMED:
        return operand == "right"
    return any(len(other) > 1 and other[-2] == name for other in names.values())


@lru_cache(maxsize=1024)
def light(part: Part, operand: Operand, index: tuple[int, ...]) -> dict[Operand, Selector]:
    """What lights up, per operand, for the cursor on one entry of ``operand``: the entries it is connected with.

    An operand that shares no index with the cursor is left out, unless all of it goes into a sum.
    """
    names, shapes = index_names(part), {other: term.shape for other, term in terms(part).items()}
    known = {name: k for name, k, size in zip(names[operand], index, shapes[operand], strict=True) if size > 1}
    lit: dict[Operand, Selector] = {operand: index}
    for other, shape in shapes.items():
        if other == operand:
            continue
        if part.kind == "same" and shape != shapes[operand] and prod(shape) == prod(shapes[operand]):
            lit[other] = unravel(shape, ravel(shapes[operand], index))
            continue
        selector = tuple(0 if size == 1 else known.get(name) for name, size in zip(names[other], shape, strict=True))
        connected = any(name in known for name in names[other]) or prod(shape) == 1 or not known
        if connected or part.kind in ("product", "contraction", "reduce"):
            lit[other] = selector
    return lit
