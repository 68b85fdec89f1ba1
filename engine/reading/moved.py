"""Cells whose number was computed elsewhere: picked, put, joined, turned, or taken over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.ir import Node
from engine.ops import TABLE
from engine.reading.cells import broadcast_index, cell, lights, row_column, value_at
from engine.reading.model import Entry, Factor, Part, Term
from engine.reading.moves import Index, index_array, index_axis, moves, moving_node
from engine.reading.remarks import remarks

if TYPE_CHECKING:
    from engine.tape import Tape

_MOST_TERMS = 1024


def moved(tape: Tape, part: Part, index: Index) -> Entry:
    """Where the entry at ``index`` of the result was taken from."""
    if part.kind == "transpose" and len(part.left.shape) == 2:
        return _turned(tape, part, index)
    node = moving_node(tape.program, part)
    found = moves(tape, part)
    if node is None or found is None:
        return _taken_over(tape, part, index)
    value = value_at(tape.array(part.result), index)
    origins = found.origins(index)
    terms = tuple((_factor(tape, _term(part, side), at),) for side, at in origins[:_MOST_TERMS])
    said = remarks(tape, part, index, value)
    lit = [("result", *row_column(index)), *((side, *row_column(at)) for side, at in origins[:1])]
    chosen = _index_at(tape, part, node, index, origins)
    if chosen is not None and part.right is not None:
        said = (f"{cell(part.right.symbol, chosen)} = {value_at(tape.array(part.right), chosen)}", *said)
        lit.append(("right", *row_column(chosen)))
    heading = f"{cell(part.result.symbol, index)} = {_sum(part, origins)}"
    join = "+" if len(origins) > 1 else "="
    return Entry(heading, _note(part, node, len(origins)), join, terms, None, value, said, lights(*lit))


def _term(part: Part, side: str) -> Term:
    return part.right if side == "right" and part.right is not None else part.left


def _factor(tape: Tape, term: Term, at: Index) -> Factor:
    return Factor(term.symbol, at, value_at(tape.array(term), at))


def _sum(part: Part, origins: Sequence[tuple[str, Index]]) -> str:
    shown = [cell(_term(part, side).symbol, at) for side, at in origins[:3]]
    return " + ".join([*shown, *(["…"] if len(origins) > 3 else [])]) or "0"


def _note(part: Part, node: Node, count: int) -> str:
    if node.op == "scatter" and count > 1:
        return f"picked {count} times: the gradients of all these places add up"
    if not count:
        return TABLE[node.op].gap or "comes from none of the entries shown here"
    if node.op == "scatter":
        return "goes back to where it was picked"
    if part.kind == "transpose":
        return "the axes change places; no number changes"
    return {"same": "taken over unchanged", "index": f"picked by {part.numpy}"}.get(part.kind, "")


def _index_at(tape: Tape, part: Part, node: Node, index: Index, origins: Sequence[tuple[str, Index]]) -> Index | None:
    """The place in the index array that sent an entry where it is; None where it is not shown, or a mask."""
    value = index_array(node)
    axis = None if value is None else index_axis(node)
    if value is None or axis is None or part.right is None or not origins:
        return None
    ndim = len(part.right.shape)
    looked_up = origins[0][1] if node.op == "scatter" else index
    masked = tape.program.values[value].dtype.kind == "b"
    return None if masked or axis + ndim > len(looked_up) else looked_up[axis : axis + ndim]


def _turned(tape: Tape, part: Part, index: Index) -> Entry:
    at = index[::-1]
    value = value_at(tape.array(part.result), index)
    terms = ((Factor(part.left.symbol, at, value),),)
    heading = f"{cell(part.result.symbol, index)} = {cell(part.left.symbol, at)}"
    lit = lights(("result", *row_column(index)), ("left", *row_column(at)))
    return Entry(heading, "rows become columns; no number changes", "ᵀ", terms, None, value, (), lit)


def _taken_over(tape: Tape, part: Part, index: Index) -> Entry:
    """An entry of a part that only renames its operand, or broadcasts it."""
    value = value_at(tape.array(part.result), index)
    array = tape.array(part.left)
    lit = [("result", *row_column(index))]
    heading = cell(part.result.symbol, index)
    note = {"same": "taken over unchanged", "index": f"picked by {part.numpy}"}.get(part.kind, "")
    terms: tuple[tuple[Factor, ...], ...] = ()
    if part.kind == "same" and array.ndim <= len(index):
        at = broadcast_index(index, array.shape)
        heading += f" = {cell(part.left.symbol, at)}"
        terms = ((_factor(tape, part.left, at),),)
        lit.append(("left", *row_column(at)))
    return Entry(heading, note, "=", terms, None, value, remarks(tape, part, index, value), lights(*lit))
