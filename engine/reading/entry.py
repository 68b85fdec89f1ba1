"""One cell: how it came about, or (for a cell of an operand) where it goes.

Costs one row and one column, never a matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.reading.cells import (
    broadcast_index,
    broadcast_letters,
    cell,
    composed,
    index_text,
    lights,
    made_by,
    row_column,
    value_at,
)
from engine.reading.formula import Formula, number_symbol
from engine.reading.going import going
from engine.reading.model import Entry, Factor, Part
from engine.reading.moved import moved
from engine.reading.remarks import SCALAR, mask_remarks, remarks
from engine.reading.sums import contraction, product, reduced, running

if TYPE_CHECKING:
    from engine.tape import Tape


def entry(tape: Tape, part: Part, index: tuple[int, ...], operand: str = "result") -> Entry:
    """Explain one cell of ``part``.

    ``index`` addresses the result, or with ``operand`` ``"left"``/``"right"`` that operand (as many numbers as the
    array has axes).
    """
    if operand != "result":
        return going(tape, part, index, operand)
    makers: dict[str, Callable[[Tape, Part, tuple[int, ...]], Entry]] = {
        "product": product,
        "contraction": contraction,
        "running": running,
        "entrywise": _entrywise,
        "reduce": reduced,
        "apply": _apply,
    }
    return makers.get(part.kind, moved)(tape, part, index)


def _entrywise(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    assert part.right is not None
    if part.operator == "or":
        return _chosen(tape, part, index)
    if part.operator in ("if", "unless"):
        return _taken(tape, part, index)
    sides = []
    for term in (part.left, part.right):
        array = tape.array(term)
        at = broadcast_index(index, array.shape)
        sides.append((term, at, value_at(array, at)))
    value = value_at(tape.array(part.result), index)
    join = SCALAR if part.operator in ("⊙", "·") else part.operator
    shown = f" {join} ".join(f"{cell(t.symbol, at)}" for t, at, _ in sides)
    if join == SCALAR:
        shown = shown.replace(f" {SCALAR} ", SCALAR)
    spread = [t for t, at, _ in sides if at != index and t.shape != part.result.shape]
    note = "entry by entry, no sum"
    if spread:
        letters = [x for t in spread for x in broadcast_letters(part, t)]
        over = " and ".join(dict.fromkeys(letters)) or "the other entries"
        note = f"entry by entry; {spread[0].symbol} is the same for every {over}"
    terms = (tuple(Factor(t.symbol, at, v) for t, at, v in sides),)
    said = mask_remarks(tape, part, index) + remarks(tape, part, index, value)
    lit = lights(
        ("result", *row_column(index)),
        *((side, *row_column(at)) for side, (_, at, _) in zip(("left", "right"), sides, strict=True)),
    )
    return Entry(f"{cell(part.result.symbol, index)} = {shown}", note, join, terms, None, value, said, lit)


def _chosen(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    """An entry of ``np.where``: taken from one side or the other, as the condition says."""
    assert part.right is not None and part.result.value is not None
    program = tape.program
    number = program.values[part.result.value].node
    assert number is not None
    condition = program.nodes[number].inputs[0]
    mask = tape.value(condition)
    at = broadcast_index(index, mask.shape)
    holds = bool(value_at(mask, at))
    side, term = ("left", part.left) if holds else ("right", part.right)
    source = broadcast_index(index, term.shape)
    value = value_at(tape.array(part.result), index)
    name = cell(Formula(program).mention(condition)[0], at)
    heading = f"{cell(part.result.symbol, index)} = {cell(term.symbol, source)}"
    terms = ((Factor(term.symbol, source, value_at(tape.array(term), source)),),)
    lit = lights(("result", *row_column(index)), (side, *row_column(source)))
    note = f"{name} is {'1: the first' if holds else '0: the second'} is taken"
    return Entry(heading, note, "=", terms, None, value, remarks(tape, part, index, value), lit)


def _taken(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    """An entry of ``np.where`` with a number: the entry of the operand, or that number, as the condition says."""
    assert part.right is not None
    at, source = (broadcast_index(index, term.shape) for term in (part.right, part.left))
    holds = bool(value_at(tape.array(part.right), at))
    value = value_at(tape.array(part.result), index)
    taken = holds == (part.operator == "if")
    number = next(tape.program.literals[i] for i in made_by(tape.program, part).inputs if i in tape.program.literals)
    shown = cell(part.left.symbol, source) if taken else number_symbol(number)
    terms = ((Factor(part.left.symbol, source, value_at(tape.array(part.left), source)),),) if taken else ()
    lit = lights(("result", *row_column(index)), ("right", *row_column(at)), ("left", *row_column(source)))
    heading = f"{cell(part.result.symbol, index)} = {shown}"
    note = f"{cell(part.right.symbol, at)} is {int(holds)}"
    return Entry(heading, note, "=", terms, None, value, remarks(tape, part, index, value), lit)


def _apply(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    array = tape.array(part.left)
    at = broadcast_index(index, array.shape)
    value = value_at(tape.array(part.result), index)
    inner = f"{cell(part.left.symbol, at)}"
    written = f"{inner} {part.operator}" if part.layout == "postfix" else composed(part.operator, inner)
    terms = ((Factor(part.left.symbol, at, value_at(array, at)),),)
    said: tuple[str, ...] = ()
    if part.operator == "ReLU":
        off = not value_at(array, at) > 0
        said = (f"{part.left.symbol}{index_text(at)} {'≤' if off else '>'} 0: the unit is {'off' if off else 'on'}",)
    lit = lights(("result", *row_column(index)), ("left", *row_column(at)))
    said += remarks(tape, part, index, value)
    return Entry(
        f"{cell(part.result.symbol, index)} = {written}",
        "entry by entry, no sum" if part.result.shape else "a single number",
        part.operator,
        terms,
        None,
        value,
        said,
        lit,
    )
