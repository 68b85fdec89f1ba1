"""The program: immutable values and nodes, one representation for the forward and the backward pass.

A value is one array of the pass (or a number in it), addressed by its index; a node is the one operation
that makes a value. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Index = int
Attributes = Mapping[str, Any]
Role = Literal["parameter", "data", "activation", "mask", "constant", "gradient", "loss"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where in the user's file an operation stands; columns are 0-based characters, the end is exclusive."""

    file: str
    line: int
    column: int | None
    end_line: int | None
    end_column: int | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One array of the pass.

    ``name`` is the Python identifier under which lines mention it (None: it only occurs inside a line);
    ``quantity`` says whether it is a step of its own. ``axes`` are names or None, ``letters`` the index letters.
    ``literal`` is set for numbers written into the code (``0.5``): they are printed where they stand.
    ``path`` is where a nested parameter is found (``layers[0]['W']``). ``active``: depends on a parameter.
    """

    index: Index
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    role: Role
    name: str | None
    symbol: str
    axes: tuple[str | None, ...]
    letters: tuple[str, ...]
    quantity: bool
    active: bool
    literal: bool
    path: str | None
    node: int | None


_INDEX_AT = {"getitem": 1, "take": 1, "scatter": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation: ``output = op(*inputs, **attributes)``, spelled as the user wrote it.

    ``backward`` marks nodes that the reverse sweep appended; their ``source`` is the forward line that caused them.
    """

    op: str
    inputs: tuple[Index, ...]
    attributes: Attributes
    spelling: str
    output: Index
    source: Source | None
    backward: bool

    @property
    def index_at(self) -> int | None:
        """The place of the first input that says which entries are picked, or where they are put.

        The one before it is the array that the entries come from; None for an operation that has no such input.
        """
        return _INDEX_AT.get(self.op)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a short form takes for granted of a data array: ``one-hot`` or ``sums to one`` along ``axis``."""

    kind: str
    value: Index
    axis: int


@dataclass(frozen=True, slots=True)
class Frozen:
    """A value that the program took for a plain number or array while it was recorded; ``nodes`` compute it."""

    value: Index
    array: np.ndarray[Any, Any]
    source: Source | None
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Forward values that together are one known function of ``operand`` (``softmax``, ``sigmoid``, ``relu``, ...)."""

    kind: str
    output: Index
    operand: Index
    members: frozenset[Index]
    axis: int | None = None
    label: Index | None = None
