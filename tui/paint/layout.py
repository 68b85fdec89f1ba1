"""What of a part fits: number formats, windows and places of its matrices for a given width and height.

The order of concessions: axis names go, leading zeros go, one decimal, and only then a window over the columns.
There is one window per index and not per matrix, so the columns of A and the rows of B always show the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from numpy.typing import NDArray

from engine.reading.model import Part
from tui.grid import Index
from tui.numbers import Format, choose, choose_alike
from tui.paint.block import Block, Header
from tui.paint.geometry import Dimension, Grid, Operand

LABEL_MARGIN = 5
"""Where the matrices start when the step's id stands to the left of them."""
NARROW_MARGIN = 1

_HEADERS: tuple[tuple[int, Header], ...] = (
    (LABEL_MARGIN, "axes"),
    (NARROW_MARGIN, "axes"),
    (NARROW_MARGIN, "shape"),
    (NARROW_MARGIN, "cropped"),
)

Arrays = Mapping[Operand, NDArray[Any]]
Form = tuple[int | None, bool, bool]
"""Decimals (None: the matrix chooses), whether leading zeros are dropped, and whether one decimal is to do."""
Windows = Mapping[Dimension, range]
Leads = Mapping[Operand, Index]
"""The slice that is shown of every operand with more than two axes."""
_FIRST: Leads = {}


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a row with the x of each, the operator texts between them, and what is only partly shown."""

    blocks: tuple[tuple[int, Block], ...]
    texts: tuple[tuple[int, str], ...]
    width: int
    margin: int

    @property
    def operator_row(self) -> int:
        """The row of numbers on which operators stand: the middle of the lowest matrix, beside every one of them."""
        rows = [len(block.rows) for _, block in self.blocks if not block.is_number]
        return max(0, min(rows, default=1) - 1) // 2


def forms(decimals: int | None) -> list[Form]:
    """The number formats to try, the best one first. Decimals that a person asked for are not taken away."""
    tried: list[Form] = [(decimals, False, False), (decimals, True, False)]
    return tried if decimals is not None else [*tried, (None, True, True)]


def whole(grids: Iterable[Grid]) -> dict[Dimension, range]:
    """Windows that show everything."""
    return {dimension: range(dimension.size) for grid in grids for dimension in (grid.rows, grid.columns)}


def arrange(
    part: Part,
    grids: Sequence[Grid],
    arrays: Arrays,
    windows: Windows,
    form: Form,
    *,
    margin: int,
    header: Header = "axes",
    indexed: bool = True,
    active: Operand | None = None,
    hidden: Operand | None = None,
    leads: Leads = _FIRST,
) -> Layout:
    """The row ``left operator right = result`` laid out from ``margin`` on; ``hidden`` stands as ``…``."""
    formats = _formats(grids, arrays, form)
    return _laid_out(part, grids, formats, windows, _Frame(margin, header, indexed, active, hidden), leads)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Everything about a row but its numbers and windows."""

    margin: int
    header: Header = "axes"
    indexed: bool = True
    active: Operand | None = None
    hidden: Operand | None = None


def _formats(grids: Sequence[Grid], arrays: Arrays, form: Form, alike: Sequence[Operand] = ()) -> tuple[Format, ...]:
    common = dict(zip(alike, choose_alike([arrays[operand] for operand in alike], *form), strict=True))
    return tuple(common.get(grid.operand) or choose(arrays[grid.operand], *form) for grid in grids)


def _laid_out(
    part: Part,
    grids: Sequence[Grid],
    formats: Sequence[Format],
    windows: Windows,
    frame: _Frame,
    leads: Leads = _FIRST,
) -> Layout:
    by_operand = {grid.operand: form for grid, form in zip(grids, formats, strict=True)}
    x = frame.margin
    blocks: list[tuple[int, Block]] = []
    texts: list[tuple[int, str]] = []
    for piece in _sequence(part, grids):
        if isinstance(piece, str) or piece.operand == frame.hidden:
            text = piece if isinstance(piece, str) else "…"
            texts.append((x, text))
            x += len(text)
            continue
        block = Block(
            piece,
            by_operand[piece.operand],
            windows[piece.rows],
            windows[piece.columns],
            frame.header,
            piece.operand == frame.active,
            frame.indexed,
            lead=leads.get(piece.operand, ()),
        )
        blocks.append((x, block))
        x += block.width
    return Layout(_told_apart(blocks), tuple(texts), x, frame.margin)


def _told_apart(blocks: list[tuple[int, Block]]) -> tuple[tuple[int, Block], ...]:
    """The blocks with more of the end of their names where a cropped one could be that of another matrix."""
    if not _alike(blocks):
        return tuple(blocks)
    longest = max(len(block.symbol) for _, block in blocks)
    tries = ([(x, replace(block, ending=ending)) for x, block in blocks] for ending in range(1, longest))
    return tuple(next((found for found in tries if not _alike(found)), blocks))


def _alike(blocks: Sequence[tuple[int, Block]]) -> bool:
    symbols = {block.grid.term.symbol for _, block in blocks}
    for _, block in blocks:
        head, mark, tail = block.symbol.partition("…")
        others = symbols - {block.grid.term.symbol} if mark else ()
        if any(other.startswith(head) and other.endswith(tail) for other in others):
            return True
    return False


def _sequence(part: Part, grids: Sequence[Grid]) -> list[Grid | str]:
    """Matrices and operator texts in the order in which they are read."""
    *operands, result = grids
    operator = "" if part.operator == "=" else part.operator  # "the same again" needs no second equals sign
    if part.layout == "postfix":
        return [operands[0], f" {operator}", " = ", result]
    if part.layout == "prefix" or len(operands) == 1:
        return [*([f"{operator} "] if operator else []), operands[0], " = ", result]
    return [operands[0], f" {operator} ", operands[1], " = ", result]


def fit(
    part: Part,
    grids: tuple[Grid, ...],
    arrays: Arrays,
    width: int,
    rows: int,
    decimals: int | None,
    start: Callable[[Dimension, int], int],
    active: Operand | None,
    leads: Leads = _FIRST,
    alike: Sequence[Operand] = (),
) -> Layout:
    """The best layout in ``width`` cells and ``rows`` rows of numbers.

    ``start`` gives the first entry to show of a dimension of which only so many fit. The operands in ``alike`` are
    compared, and written in one format.
    """
    tried = tuple(_formats(grids, arrays, form, alike) for form in forms(decimals))
    plan = _plan(part, grids, tried, width, rows, active)
    windows = {dimension: _window(dimension, count, start) for dimension, count in plan.counts}
    return _laid_out(part, grids, plan.formats, windows, plan.frame, leads)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A layout but for where its windows start and which slices it shows: the same for every place of the cursor."""

    formats: tuple[Format, ...]
    frame: _Frame
    counts: tuple[tuple[Dimension, int], ...]


@lru_cache(maxsize=256)
def _plan(
    part: Part,
    grids: tuple[Grid, ...],
    tried: tuple[tuple[Format, ...], ...],
    width: int,
    rows: int,
    active: Operand | None,
) -> _Plan:
    caps = _row_caps(grids, rows)

    def laid(counts: Mapping[Dimension, int], formats: tuple[Format, ...], frame: _Frame) -> Layout:
        windows = {dimension: range(count) for dimension, count in counts.items()}
        return _laid_out(part, grids, formats, windows, frame)

    for formats in tried:
        # No header is narrower than the last: matrices too wide for that one need not be tried with the others.
        narrowest = _Frame(*_HEADERS[-1], active=active)
        if laid(caps, formats, narrowest).width > width:
            continue
        for margin, header in _HEADERS:
            frame = _Frame(margin, header, active=active)
            if laid(caps, formats, frame).width <= width:
                return _Plan(formats, frame, tuple(caps.items()))
    for _, header in _HEADERS[1:]:
        frame = _Frame(NARROW_MARGIN, header, active=active)
        counts = _share_columns(laid(caps, tried[0], frame), caps, width)
        if all(count > 1 for dimension, count in counts.items() if dimension.size > 1):
            break
    return _Plan(tried[0], frame, tuple(counts.items()))


def _row_caps(grids: Sequence[Grid], rows: int) -> dict[Dimension, int]:
    """How many entries of every dimension the height allows; columns alone are not limited by it."""
    caps = {dimension: dimension.size for grid in grids for dimension in (grid.rows, grid.columns)}
    for grid in grids:
        caps[grid.rows] = min(caps[grid.rows], max(1, rows))
    return caps


def _share_columns(layout: Layout, caps: Mapping[Dimension, int], width: int) -> dict[Dimension, int]:
    """How many columns of every dimension fit: shared out one by one, always to the dimension with the fewest."""
    blocks = [block for _, block in layout.blocks]
    between = layout.width - sum(block.width for block in blocks)
    columns = {block.grid.columns for block in blocks}
    counts = {dimension: min(1, cap) if dimension in columns else cap for dimension, cap in caps.items()}
    growing = [dimension for dimension in columns if counts[dimension] < caps[dimension]]
    while growing:
        smallest = min(growing, key=lambda dimension: (counts[dimension], dimension.size))
        counts[smallest] += 1
        if between + sum(block.width_of(counts[block.grid.columns]) for block in blocks) > width:
            counts[smallest] -= 1
            growing.remove(smallest)
        elif counts[smallest] == caps[smallest]:
            growing.remove(smallest)
    return counts


def _window(dimension: Dimension, count: int, start: Callable[[Dimension, int], int]) -> range:
    if count >= dimension.size:
        return range(dimension.size)
    first = min(max(0, start(dimension, count)), dimension.size - count)
    return range(first, first + count)
