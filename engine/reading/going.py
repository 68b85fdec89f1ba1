"""Where an entry of an operand goes: which cells of the result read it, and what it is multiplied with there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.cells import broadcast_letters, cell, named, reduced_axes, row_column, value_at
from engine.reading.model import Entry, Part, Side, Term
from engine.reading.moves import index_array, index_axis, moves, moving_node

if TYPE_CHECKING:
    from engine.tape import Tape


def going(tape: Tape, part: Part, index: tuple[int, ...], operand: str) -> Entry:
    """Where an entry of an operand goes."""
    term = part.left if operand == "left" else part.right
    assert term is not None
    value = value_at(tape.array(term), index)
    place = cell(term.symbol, index)
    lit: list[tuple[str, int | None, int | None]] = [(operand, *row_column(index))]
    result = part.result.symbol
    found = moves(tape, part) if part.kind in ("index", "same", "transpose") else None
    if part.kind in ("product", "contraction") and _lettered(part):
        heading = _going_product(part, index, operand, place, lit)
    elif part.kind == "reduce":
        gone = reduced_axes(tape.program, part)
        full = len(part.result.shape) == len(index)
        into = tuple(0 if k in gone else v for k, v in enumerate(index) if full or k not in gone)
        heading = f"{place} is one of the terms of {cell(result, into)}"
        lit.append(("result", *row_column(into)))
    elif part.kind == "running":
        heading = f"{place} goes into every later sum"
    elif operand == "right" and part.kind == "index" and _says(tape, part, index):
        heading = f"{place} = {value}: {_says(tape, part, index)}"
    elif found is not None and any(side == operand for side, _, _ in found.sides):
        places = found.places(term_side(operand), index)
        heading = _going_moved(part, place, places)
        lit += [("result", *row_column(places[0]))] if len(places) == 1 else []
    else:
        heading, at = _going_entrywise(part, term, index, place)
        lit.append(("result", *at))
        other = "right" if operand == "left" else "left"
        if part.right is not None:
            lit.append((other, *at))
    return Entry(heading, "", "", (), None, value, (), tuple(lit))


def term_side(operand: str) -> Side:
    return "right" if operand == "right" else "left"


def _lettered(part: Part) -> bool:
    """Whether every axis of a product has a letter of its own, so that one operand can be read off another."""
    operands = [t for t in (part.left, part.right, part.result) if t is not None]
    return part.right is not None and all(
        len(t.letters) == len(t.shape) and "·" not in t.letters and _told_apart(t.letters) for t in operands
    )


def _told_apart(letters: tuple[str, ...]) -> bool:
    named = [x for x in letters if x != "0"]
    return len(set(named)) == len(named)


def _going_product(
    part: Part, index: tuple[int, ...], operand: str, place: str, lit: list[tuple[str, int | None, int | None]]
) -> str:
    """The cells of the result that have the letters of this entry, for every value of the letters it has not got."""
    assert part.right is not None
    own, other, side = (part.left, part.right, "right") if operand == "left" else (part.right, part.left, "left")
    known = dict(zip(own.letters, index, strict=True))
    target = [_known(x, n, known) for x, n in zip(part.result.letters, part.result.shape, strict=True)]
    times = [_known(x, n, known) for x, n in zip(other.letters, other.shape, strict=True)]
    lit += [(side, *_lit(times)), ("result", *_lit(target))]
    free = [x for x in part.result.letters if x not in known and x != "0"]
    every = f" for every {' and '.join(free)}" if free else ""
    tail = "" if other.value is None or own.value is None else f", times {cell(other.symbol, _written(times))}"
    return f"{place} goes into {cell(part.result.symbol, _written(target))}{every}{tail}"


def _known(letter: str, size: int, known: dict[str, int]) -> int | str:
    return 0 if letter == "0" or size == 1 else known.get(letter, letter)


def _written(places: list[int | str]) -> tuple[int | str, ...]:
    return tuple(places)


def _lit(places: list[int | str]) -> tuple[int | None, int | None]:
    row, column = ([None, None, *places])[-2:]
    if len(places) == 1:
        row = 0
    return (row if isinstance(row, int) else None), (column if isinstance(column, int) else None)


def _says(tape: Tape, part: Part, index: tuple[int, ...]) -> str:
    """What an entry of an index array says: ``emb[1,0,c] is C[2,c]``; empty where it is no index array."""
    node = moving_node(tape.program, part)
    axis = None if node is None or index_array(node) is None else index_axis(node)
    assert part.right is not None
    array = tape.array(part.right)
    if node is None or axis is None or array.dtype.kind not in "iu":
        return ""
    away, base = (part.left, part.result) if node.op == "scatter" else (part.result, part.left)
    position = int(array[index])
    free = away.letters[axis + array.ndim :]
    looked_up = (*away.letters[:axis], *index, *free)
    row = (*away.letters[:axis], position + base.shape[axis] * (position < 0), *free)
    if node.op == "scatter":
        return f"{cell(away.symbol, looked_up)} is added to {cell(base.symbol, row)}"
    return f"{cell(away.symbol, looked_up)} is {cell(base.symbol, row)}"


def _going_moved(part: Part, place: str, places: list[tuple[int, ...]]) -> str:
    if not places:
        return f"{place} is not used here"
    if len(places) == 1:
        return f"{place} goes into {cell(part.result.symbol, places[0])} alone"
    shown = ", ".join(cell(part.result.symbol, at) for at in places[:3])
    return f"{place} goes into {len(places)} places: {shown}{', …' if len(places) > 3 else ''}"


def _going_entrywise(
    part: Part, term: Term, index: tuple[int, ...], place: str
) -> tuple[str, tuple[int | None, int | None]]:
    """An entry goes to its own place, or along the whole axis over which its operand is broadcast."""
    missing = broadcast_letters(part, term)
    if part.kind == "index" or len(term.shape) > len(part.result.shape):
        return f"{place} goes into {named(part.result.symbol)}", (None, None)
    if not missing:
        return f"{place} goes into {cell(part.result.symbol, index)} alone", row_column(index)
    shape = (1,) * (len(part.result.shape) - len(term.shape)) + term.shape
    full = (0,) * (len(shape) - len(index)) + index
    at: list[int | None] = [
        None if own != size else k for k, own, size in zip(full, shape, part.result.shape, strict=True)
    ]
    symbolic = tuple(letter if k is None else k for k, letter in zip(at, part.result.letters, strict=True))
    row, column = at[-2:] if len(at) >= 2 else (0, at[0])
    heading = f"{place} goes into {cell(part.result.symbol, symbolic)} for every {' and '.join(missing)}"
    return heading, (row, column)
