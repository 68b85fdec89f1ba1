"""The one table of operations: every row, by name, and how a recorded operation is executed."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.ir import Attributes
from engine.op import (
    ATOM,
    POWER,
    PRODUCT,
    UNARY,
    Op,
    Pattern,
    compiled,
    index_key,
    index_text,
    pattern,
)
from engine.table import constants, entrywise, indexing, joining, masks, products, reductions, shaping

__all__ = [
    "ATOM",
    "GROUPS",
    "NEGATED",
    "POWER",
    "PRODUCT",
    "TABLE",
    "UNARY",
    "Op",
    "Pattern",
    "evaluate",
    "index_key",
    "index_text",
    "pattern",
]

_KINDS = (products, entrywise, masks, reductions, shaping, joining, indexing, constants)
TABLE: dict[str, Op] = {op.name: op for kind in _KINDS for op in kind.ROWS}
GROUPS: dict[str, str] = {op.name: kind.TITLE for kind in _KINDS for op in kind.ROWS}
NEGATED = masks.NEGATED


def evaluate(op: str, attributes: Attributes, spelling: str, operands: tuple[Any, ...]) -> Any:
    """Execute the very text that is printed, on arrays, without warnings: NaN and infinities are shown instead."""
    text, _ = pattern(TABLE[op], attributes, spelling)
    with np.errstate(all="ignore"):
        return compiled(text, len(operands))(*operands)
