"""Which entries of a part hang together with the one under the cursor, as far as anybody can tell.

``geometry`` tells it from the indices that the operands share. Where entries are picked or change their places
(``xs[t]``, a concatenation, a transpose of four axes) no index says it, and the engine is asked where one comes from.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.reading import entry
from engine.reading.model import Entry, Part
from tui.grid import Index
from tui.paint.geometry import Operand, Selector, light, terms

if TYPE_CHECKING:
    from engine.tape import Tape

MOVING = ("index", "same", "transpose")
"""Kinds of parts that leave every number as it is: an entry of the result is an entry of one operand."""


def connected(tape: Tape | None, part: Part, operand: Operand, index: Index) -> dict[Operand, Selector]:
    """What lights up, per operand, for the cursor on the entry ``index`` of ``operand``.

    Of a part that is on no tape only the indices that its operands share are known.
    """
    lit = light(part, operand, index)
    flat = max(len(part.left.shape), len(index)) < 3 and part.kind != "index"
    if tape is None or operand != "result" or part.kind not in MOVING or flat:
        return lit
    source = _source(tape, part, index)
    return lit if source is None else {operand: index, **source}


@lru_cache(maxsize=16)
def _source(tape: Tape, part: Part, index: Index) -> dict[Operand, Selector] | None:
    """The one entry of one operand that an entry of the result was taken from, None where there is none."""
    if 0 in part.result.shape:
        return None
    try:
        told = entry(tape, part, index)
    except Exception:  # the page says what went wrong; here it only means that nothing more lights up
        return None
    if len(told.terms) != 1 or len(told.terms[0]) != 1:
        return None
    (factor,) = told.terms[0]
    for operand, term in terms(part).items():
        inside = len(factor.index) == len(term.shape) and all(
            0 <= k < size for k, size in zip(factor.index, term.shape, strict=True)
        )
        if operand != "result" and factor.symbol == term.symbol and inside:
            return {operand: factor.index, **_sent_by(part, told, operand)}
    return None


def _sent_by(part: Part, told: Entry, source: Operand) -> dict[Operand, Selector]:
    """The entry of an index array that says where the number is taken from."""
    for side, row, column in told.lit:
        if side == "right" != source and part.right is not None and len(part.right.shape) in (1, 2):
            return {"right": (row, column)[-len(part.right.shape) :]}
    return {}
