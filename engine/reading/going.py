"""Where an entry of an operand goes: which cells of the result read it, and what it is multiplied with there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.cells import broadcast_letters, cell, named, reduced_axes, row_column, value_at
from engine.reading.model import Entry, Part, Term

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
    if part.kind == "product" and part.right is not None and len(index) == 2 and part.result.letters:
        heading = _going_product(part, index, operand, place, lit)
    elif part.kind == "reduce":
        gone = reduced_axes(tape.program, part)
        full = len(part.result.shape) == len(index)
        into = tuple(0 if k in gone else v for k, v in enumerate(index) if full or k not in gone)
        heading = f"{place} is one of the terms of {cell(result, into)}"
        lit.append(("result", *row_column(into)))
    elif part.kind == "transpose":
        lit.append(("result", *row_column(index[::-1])))
        heading = f"{place} becomes {cell(result, index[::-1])}"
    else:
        heading, at = _going_entrywise(part, term, index, place)
        lit.append(("result", *at))
        other = "right" if operand == "left" else "left"
        if part.right is not None:
            lit.append((other, *at))
    return Entry(heading, "", "", (), None, value, (), tuple(lit))


def _going_product(
    part: Part, index: tuple[int, ...], operand: str, place: str, lit: list[tuple[str, int | None, int | None]]
) -> str:
    assert part.right is not None
    row, column = index
    letters = part.result.letters
    if operand == "left":
        free = letters[-1] if len(letters) == 2 else ""
        target = f"[{row},{free}]" if len(letters) == 2 else f"[{row}]"
        other = f"[{column},{free}]" if len(part.right.shape) == 2 else f"[{column}]"
        lit += [("right", column, None), ("result", row, None)]
        times = named(part.right.symbol)
    else:
        free = letters[0] if len(letters) == 2 else ""
        target = f"[{free},{column}]" if len(letters) == 2 else f"[{column}]"
        other = f"[{free},{row}]" if len(part.left.shape) == 2 else f"[{row}]"
        lit += [("left", None, row), ("result", None, column)]
        times = named(part.left.symbol)
    every = f" for every {free}" if free and free != "0" else ""
    ones = (part.right if operand == "left" else part.left).value is None
    tail = "" if ones else f", times {times}{other}"
    return f"{place} goes into {named(part.result.symbol)}{target}{every}{tail}"


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
