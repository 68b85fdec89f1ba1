"""What lies between one parameter and the loss: the part of the forward pass that moves when the parameter moves.

Everything else stands still and is read from the tape, so a derivative costs only the layers above the parameter.
Nothing here knows a gradient rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.ir import Node
from engine.ops import evaluate
from engine.program import Program
from engine.tape import Tape

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Derivatives of the loss along K directions, each array of shape (K,).

    ``contested``: the loss has a kink right there (the two sides differ, or a mask flips): no derivative exists.
    ``rounding``: how far the slope may be off for want of digits.
    """

    slope: Array
    contested: Array
    rounding: Array


class Recorded:
    """Every array of a tape's forward pass, floats as float64 whatever the program computes in."""

    def __init__(self, tape: Tape) -> None:
        program = tape.program
        self.program: Program = program
        self.nodes: tuple[Node, ...] = tuple(n for n in program.nodes if not n.backward)
        known = tape.kept()
        for node in self.nodes:
            if node.output not in known:
                operands = tuple(program.literals[i] if i in program.literals else known[i] for i in node.inputs)
                known[node.output] = evaluate(node.op, node.attributes, node.spelling, operands)
        self._known = known
        self._wide: dict[int, Array] = {}
        # slopes of single operations, by value and operand, once they have been found
        self.slopes: dict[tuple[int, int], Array] = {}

    def __getitem__(self, index: int) -> Array:
        if index not in self._wide:
            found = self._known.get(index, self.program.literals.get(index))
            array = np.asarray(found)
            self._wide[index] = array.astype(np.float64) if array.dtype.kind == "f" else array
        return self._wide[index]

    def suffix(self, parameter: int) -> tuple[Node, ...]:
        """The forward nodes whose value can change with ``parameter``, in order of computation."""
        moved = {parameter}
        found = []
        for node in self.nodes:
            if any(i in moved for i in node.inputs):
                moved.add(node.output)
                found.append(node)
        return tuple(found)


def last_uses(nodes: tuple[Node, ...], loss: int) -> list[tuple[int, ...]]:
    """For each node, the values that no later one reads: their arrays can be let go."""
    seen = {loss}
    result: list[tuple[int, ...]] = []
    for node in reversed(nodes):
        here = {*node.inputs, node.output} - seen
        seen |= here
        result.append(tuple(here))
    return result[::-1]


def chunks(entries: Array, size: int) -> Iterator[Array]:
    """``entries`` in pieces of at most ``size``."""
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
