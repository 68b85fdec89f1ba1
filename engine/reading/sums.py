"""Cells that many entries go into: products of matrices, sums over named indices, reductions, running sums.

Costs one row and one column, never a matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from itertools import product as combinations
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.reading.cells import (
    broadcast_index,
    cell,
    composed,
    lights,
    made_by,
    named,
    reduced_axes,
    row_column,
    value_at,
)
from engine.reading.formula import subscript
from engine.reading.model import Entry, Factor, Part
from engine.reading.remarks import SCALAR, people, remarks

if TYPE_CHECKING:
    from engine.tape import Tape

Index = tuple[int, ...]
_MOST_TERMS = 1024
_COMBINED = {"Σ": "added up", "½": "added up", "1": "added up", "Π": "multiplied"}


def product(tape: Tape, part: Part, index: Index) -> Entry:
    """Σ over the shared index of two matrices, vectors, or matrices of two stacks."""
    assert part.right is not None
    a, b = tape.array(part.left), tape.array(part.right)
    value = value_at(tape.array(part.result), index)
    if not part.summed:
        return _outer(tape, part, index, a, b, value)
    letter = part.summed[0]
    left, right = _line(part, a, b, index)
    lefts, rights = a[left].tolist(), b[right].tolist()
    count = len(lefts)
    terms: tuple[tuple[Factor, ...], ...] = tuple(
        (Factor(part.left.symbol, _at(left, k), lefts[k]), Factor(part.right.symbol, _at(right, k), rights[k]))
        for k in range(count)
    )
    places = [cell(t.symbol, _at(line, letter)) for t, line in ((part.left, left), (part.right, right))]
    ones = part.left.value is None or part.right.value is None
    if ones:
        kept = 1 if part.left.value is None else 0
        terms = tuple((term[kept],) for term in terms)
        places = [places[kept]]
    heading = f"{cell(part.result.symbol, index)} = Σ{subscript(letter)} {SCALAR.join(places)}"
    row, column = row_column(index) if len(index) >= 2 else _product_position(part, index)
    lit = lights(("result", *row_column(index)), ("left", row if a.ndim >= 2 else 0, None), ("right", None, column))
    said = remarks(tape, part, index, value)
    return Entry(heading, people(part, letter, count), SCALAR, terms, letter, value, said, lit)


def _at(line: tuple[Any, ...], k: Any) -> tuple[Any, ...]:
    """The index of one term: the summed position put where the line runs."""
    return tuple(k if isinstance(v, slice) else v for v in line)


def _line(part: Part, a: Any, b: Any, index: Index) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The row of the left and the column of the right operand, as indices with one slice in them."""
    run = slice(None)
    if a.ndim <= 2 and b.ndim <= 2:
        row, column = _product_position(part, index)
        return ((row, run) if a.ndim == 2 else (run,)), ((run, column) if b.ndim == 2 else (run,))
    ends = (a.ndim >= 2) + (b.ndim >= 2)
    stack, rest = index[: len(index) - ends], list(index[len(index) - ends :])
    left = (*broadcast_index(stack, a.shape[:-2]), rest.pop(0), run) if a.ndim >= 2 else (run,)
    right = (*broadcast_index(stack, b.shape[:-2]), run, rest.pop(0)) if b.ndim >= 2 else (run,)
    return left, right


def _product_position(part: Part, index: Index) -> tuple[int, int]:
    """Row of the left and column of the right operand for a cell of the result, which may be a vector or a number."""
    assert part.right is not None
    if len(index) == 2:
        return index[0], index[1]
    if len(index) == 0:
        return 0, 0
    left_is_row = len(part.left.shape) == 2 and (len(part.right.shape) == 1 or part.right.shape[1] == 1)
    return (index[0], 0) if left_is_row else (0, index[0])


def _outer(tape: Tape, part: Part, index: Index, a: Any, b: Any, value: Any) -> Entry:
    assert part.right is not None
    i, j = index
    left, right = part.left, part.right
    term = (Factor(left.symbol, (i,), value_at(a, (i,))), Factor(right.symbol, (j,), value_at(b, (j,))))
    heading = f"{named(part.result.symbol)}[{i},{j}] = {named(left.symbol)}[{i}]{SCALAR}{named(right.symbol)}[{j}]"
    lit = lights(("result", i, j), ("left", 0, i), ("right", 0, j))
    return Entry(heading, "one product, no sum", SCALAR, (term,), None, value, remarks(tape, part, index, value), lit)


@dataclass(frozen=True, slots=True)
class _Operand:
    """One factor of a sum of products, with a letter for each axis."""

    symbol: str
    letters: tuple[str, ...]
    array: Any

    def factor(self, at: dict[str, int]) -> Factor:
        place = tuple(at[x] for x in self.letters)
        return Factor(self.symbol, place, value_at(self.array, place))


def contraction(tape: Tape, part: Part, index: Index) -> Entry:
    """A sum of products over named indices: every letter that the result does not have is summed."""
    operands = _operands(tape, part)
    known = dict(zip(part.result.letters, index, strict=True))
    sizes = {x: n for o in operands for x, n in zip(o.letters, o.array.shape, strict=True) if x in part.summed}
    total = prod(sizes.values())
    found = []
    for choice in islice(combinations(*(range(n) for n in sizes.values())), _MOST_TERMS):
        at = {**known, **dict(zip(sizes, choice, strict=True))}
        found.append(tuple(operand.factor(at) for operand in operands))
    written = SCALAR.join(cell(o.symbol, tuple(known.get(x, x) for x in o.letters)) for o in operands)
    sigma = "".join(f"Σ{subscript(x)} " for x in sizes)
    note = f"{total} products" if sizes else "one product, no sum"
    if len(sizes) == 1:
        note = people(part, next(iter(sizes)), total)
    if len(found) < total:
        note = f"{total} products; the first {len(found)} are looked at"
    value = value_at(tape.array(part.result), index)
    lit = [("result", *row_column(index))]
    for side, operand in zip(("left", "right"), operands, strict=False):
        places = [None, None, *(known.get(x) for x in operand.letters)]
        lit.append((side, 0 if len(operand.letters) == 1 else places[-2], places[-1]))  # type: ignore[arg-type]
    return Entry(
        f"{cell(part.result.symbol, index)} = {sigma}{written}",
        note,
        SCALAR,
        tuple(found),
        next(iter(sizes), None),
        value,
        remarks(tape, part, index, value),
        lights(*lit),
    )


def _operands(tape: Tape, part: Part) -> list[_Operand]:
    """All factors: those that are shown, and a third one that is not."""
    node = made_by(tape.program, part)
    letters = node.attributes["subscripts"].split("->")[0].split(",")
    return [
        _Operand(tape.program.formula.mention(i)[0], tuple(own), tape.value(i))
        for i, own in zip(node.inputs, letters, strict=True)
    ]


def running(tape: Tape, part: Part, index: Index) -> Entry:
    """A running sum: everything up to this place."""
    axis = _running_axis(tape, part)
    array = tape.array(part.left)
    flat = axis is None
    ends = index[0] if flat else index[axis or 0]
    source = array.reshape(-1) if flat else array
    first = max(0, ends + 1 - _MOST_TERMS)
    places = [(k,) if flat else (*index[: axis or 0], k, *index[(axis or 0) + 1 :]) for k in range(first, ends + 1)]
    terms = tuple((Factor(part.left.symbol, at, value_at(source, at)),) for at in places)
    value = value_at(tape.array(part.result), index)
    upto = cell(part.left.symbol, tuple(f"≤{v}" if k == (axis or 0) else v for k, v in enumerate(index)))
    lit = lights(("result", *row_column(index)))
    heading = f"{cell(part.result.symbol, index)} = Σ {upto}"
    said = remarks(tape, part, index, value)
    return Entry(heading, "everything up to this place", "+", terms, None, value, said, lit)


def _running_axis(tape: Tape, part: Part) -> int | None:
    axis: int | None = made_by(tape.program, part).attributes.get("axis")
    return 0 if axis is None and len(part.left.shape) == 1 else axis


def reduced(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    """One operand, combined over some of its axes."""
    array = tape.array(part.left)
    value = value_at(tape.array(part.result), index)
    gone = reduced_axes(tape.program, part)
    if len(index) == array.ndim:
        kept = list(index)
    else:
        rest = iter(index)
        kept = [0 if k in gone else next(rest, 0) for k in range(array.ndim)]
    places: list[tuple[int, ...]] = [()]
    # a cell of a huge sum is explained by its first terms: a key press must not walk through a matrix
    for k in range(array.ndim):
        span = range(array.shape[k]) if k in gone else [kept[k]]
        places = (
            [(*p, v) for p in places for v in span]
            if len(places) * len(span) <= _MOST_TERMS
            else [(*p, 0) for p in places]
        )
    terms = tuple((Factor(part.left.symbol, at, value_at(array, at)),) for at in places)
    letters = part.summed
    symbolic = tuple(part.left.letters[k] if k in gone else kept[k] for k in range(array.ndim))
    inner = f"{cell(part.left.symbol, symbolic)}"
    heading = f"{cell(part.result.symbol, index)} = {composed(part.operator, inner)}"
    total = int(np.prod([array.shape[k] for k in gone], dtype=np.int64)) if gone else 1
    if len(gone) == 1:
        note = people(part, letters[0], total) if letters else f"{total} terms"
    else:
        note = f"all {total} entries are {_COMBINED.get(part.operator[:1], 'combined')}"
    lit_row, lit_column = _lit_line(array.ndim, gone, kept)
    lit = lights(("result", *row_column(index)), ("left", lit_row, lit_column))
    if len(places) < total:
        note = f"{total} entries; the first {len(places)} are looked at"
    return Entry(
        heading,
        note,
        part.operator,
        terms,
        letters[0] if letters else None,
        value,
        remarks(tape, part, index, value),
        lit,
    )


def _lit_line(ndim: int, gone: list[int], kept: list[int]) -> tuple[int | None, int | None]:
    if ndim == 1:
        return 0, None
    if len(gone) == 1 and ndim == 2:
        return (kept[0], None) if gone[0] == 1 else (None, kept[1])
    return None, None
