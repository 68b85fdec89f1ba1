"""Cells of matrices: how they are written, which row and column lights up, what broadcasts onto what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.axes import normalised
from engine.ir import Node
from engine.ops import TABLE
from engine.reading.model import Part, Term

if TYPE_CHECKING:
    from engine.program import Program

Lit = tuple[str, int | None, int | None]


def value_at(array: np.ndarray[Any, Any], index: tuple[int, ...]) -> Any:
    """One entry as a Python number."""
    return array[index].item() if array.shape else array.item()


def index_text(index: tuple[Any, ...]) -> str:
    """``[1,0]``; nothing for a number."""
    return f"[{','.join(map(str, index))}]" if index else ""


def cell(symbol: str, index: tuple[Any, ...]) -> str:
    """``W₁[1,0]``; a number needs no index and no parentheses."""
    return f"{named(symbol)}{index_text(index)}" if index else symbol


def named(symbol: str) -> str:
    """A symbol that an index can stand behind: sums and products in parentheses."""
    return f"({symbol})" if " " in symbol or "⋅" in symbol else symbol


def lights(*rows: tuple[str, int | None, int | None]) -> tuple[tuple[str, int | None, int | None], ...]:
    """Rows and columns to light, by operand."""
    return rows


def row_column(index: tuple[int, ...]) -> tuple[int, int]:
    if len(index) >= 2:
        return index[-2], index[-1]
    return (0, index[0]) if index else (0, 0)


def broadcast_index(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The entry of an operand of ``shape`` that stands at ``index`` of the broadcast result."""
    tail = index[len(index) - len(shape) :] if len(shape) <= len(index) else (0,) * (len(shape) - len(index)) + index
    return tuple(k if size != 1 else 0 for k, size in zip(tail, shape, strict=True))


def broadcast_letters(part: Part, term: Term) -> list[str]:
    """The letters of the result along which an operand is broadcast."""
    shape = (1,) * (len(part.result.shape) - len(term.shape)) + term.shape
    return [x for x, size, own in zip(part.result.letters, part.result.shape, shape, strict=False) if own != size]


def reduced_axes(program: Program, part: Part) -> list[int]:
    """The axes over which a part sums or takes a maximum, read off its operation."""
    index = part.result.value
    while index is not None:
        number = program.values[index].node
        assert number is not None
        node = program.nodes[number]
        if TABLE[node.op].family == "reduce":
            return list(normalised(node.attributes.get("axis"), len(program.values[node.inputs[0]].shape)))
        index = next((i for i in node.inputs if not program.values[i].literal), None)
    return []


def maker(program: Program, index: int | None) -> Node | None:
    """The operation that makes a value, behind its second names; None for what nothing in the program makes."""
    number = None if index is None else program.values[index].node
    while number is not None and program.nodes[number].op == "same":
        number = program.values[program.nodes[number].inputs[0]].node
    return None if number is None else program.nodes[number]


def made_by(program: Program, part: Part) -> Node:
    """The operation that makes the result of a part."""
    node = maker(program, part.result.value)
    assert node is not None
    return node


def composed(operator: str, inner: str) -> str:
    """An operator with its operand in place: ``½Σ(·)²`` of r is ``½Σ(r)²``."""
    if "·" in operator:
        return operator.replace("·", inner)
    gap = "" if operator.endswith(("−", "𝟙")) else " "
    if operator in ("exp", "log", "tanh", "sign", "√", "ReLU", "σ") or operator.endswith(("exp", "log", "tanh")):
        return f"{operator}({inner})"
    return f"{operator}{gap}{inner}"
