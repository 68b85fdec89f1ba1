"""Where entries come from when nothing is computed: picked, put, joined, repeated, shifted, reshaped.

The operation itself is run on the positions of its operands instead of on their values, once for each part that is
looked at; what it does with positions is what it does with numbers. No rule of any single operation is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ir import Node
from engine.ops import TABLE, evaluate
from engine.reading.cells import maker
from engine.reading.model import Part, Side

if TYPE_CHECKING:
    from engine.program import Program
    from engine.tape import Tape

Index = tuple[int, ...]
# views, which show the same entries in another arrangement
_VIEWS = ("transpose", "reshape", "broadcast")
_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Which entry of an operand stands where in the result.

    ``codes`` has a number for every entry of the result (or, ``pushed``, the place in the result for every entry of the
    only operand): 0 where no entry is meant, else 1 + position in the operands laid end to end. ``sides`` are the
    operands: side, shape and where it starts in that row.
    """

    codes: np.ndarray[Any, Any]
    sides: tuple[tuple[Side, Index, int], ...]
    result: Index
    pushed: bool

    def origins(self, index: Index) -> list[tuple[Side, Index]]:
        """The entries that stand at ``index`` of the result: one, none, or several whose sum it is."""
        if self.pushed:
            side, shape, _ = self.sides[0]
            wanted = 1 + _flat(index, self.result)
            return [(side, _unflat(int(k), shape)) for k in np.flatnonzero(self.codes == wanted)]
        code = int(self.codes[index])
        return [
            (side, _unflat(code - start, shape))
            for side, shape, start in self.sides
            if start <= code < start + prod(shape)
        ]

    def places(self, side: Side, index: Index) -> list[Index]:
        """Where in the result an entry of an operand stands."""
        shape, start = next((s, k) for own, s, k in self.sides if own == side)
        if self.pushed:
            code = int(self.codes.reshape(-1)[_flat(index, shape)])
            return [_unflat(code - 1, self.result)] if code else []
        wanted = start + _flat(index, shape)
        return [_unflat(int(k), self.result) for k in np.flatnonzero(self.codes == wanted)]


def _flat(index: Index, shape: Index) -> int:
    return int(np.ravel_multi_index(index, shape)) if shape else 0


def _unflat(position: int, shape: Index) -> Index:
    return tuple(int(k) for k in np.unravel_index(position, shape)) if shape else ()


def moving_node(program: Program, part: Part) -> Node | None:
    """The operation of a part that only moves entries; None for any other part."""
    node = maker(program, part.result.value)
    moves_only = node is not None and (TABLE[node.op].moves or TABLE[node.op].family in _VIEWS)
    return node if moves_only else None


def index_array(node: Node) -> int | None:
    """The array that says which entries are picked, or where they are put; None where there is not just one."""
    at = node.index_at
    return node.inputs[at] if at is not None and len(node.inputs) == at + 1 else None


def index_axis(node: Node) -> int | None:
    """The axis that the index array of a look-up picks from; None where it is not read off the index."""
    if node.op == "take":
        axis: int = node.attributes["axis"]
        return axis
    items = node.attributes["index"]
    position = next((k for k, item in enumerate(items) if item[0] == "array"), None)
    whole = ("slice", None, None, None)
    return position if position is not None and all(item == whole for item in items[:position]) else None


def moves(tape: Tape, part: Part) -> Moves | None:
    """How the entries of a part move; None where it does not only move them, or where it is too large to tell."""
    node = moving_node(tape.program, part)
    if node is None or prod(part.result.shape) > _LARGEST or prod(part.left.shape) > _LARGEST:
        return None
    key = (part.result.value, part.left.value, part.right.value if part.right is not None else None)
    return tape.remembered(("moves", key), lambda: _moves(tape, node, part))


def _moves(tape: Tape, node: Node, part: Part) -> Moves | None:
    result = tape.program.values[node.output].shape
    if node.op == "scatter":
        return _pushed(tape, node, result) if part.left.value == node.inputs[1] else None
    shown: list[tuple[Side, int]] = []
    for side, term in (("left", part.left), ("right", None if index_array(node) is not None else part.right)):
        if term is not None and term.value in node.inputs[: _moving(node)]:
            shown.append((side, term.value))  # type: ignore[arg-type]
    if not shown:
        return None
    positions: dict[int, Any] = {}
    sides: list[tuple[Side, Index, int]] = []
    start = 1
    for side, value in shown:
        shape = tape.program.values[value].shape
        positions[value] = np.arange(start, start + prod(shape)).reshape(shape)
        sides.append((side, shape, start))
        start += prod(shape)
    operands = [positions.get(i, _standing_still(tape, node, k, i)) for k, i in enumerate(node.inputs)]
    codes = evaluate(node.op, node.attributes, node.spelling, tuple(operands))
    return Moves(np.asarray(codes), tuple(sides), result, False)


def _moving(node: Node) -> int:
    """How many operands, counted from the first, hold entries that move; the others say where to."""
    return {"update": 2, "join": len(node.inputs)}.get(TABLE[node.op].family, 1)


def _standing_still(tape: Tape, node: Node, number: int, value: int) -> Any:
    """An operand that is not shown: an index keeps its values, anything else has no position."""
    array = tape.raw(value) if value not in tape.program.literals else tape.program.literals[value]
    return np.zeros(np.shape(array), dtype=np.intp) if number < _moving(node) else array


def _pushed(tape: Tape, node: Node, result: Index) -> Moves:
    """A scatter is a look-up turned round: its entries go to the places that the look-up would read."""
    where = np.arange(1, 1 + prod(result)).reshape(result)
    arrays = tuple(tape.raw(i) for i in node.inputs[2:])
    codes = evaluate("getitem", {"index": node.attributes["index"]}, "", (where, *arrays))
    shape = tape.program.values[node.inputs[1]].shape
    return Moves(np.broadcast_to(codes, shape), (("left", shape, 1),), result, True)
