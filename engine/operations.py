"""What can be recorded: the public list, made from the table of operations."""

from __future__ import annotations

from dataclasses import dataclass

from engine.op import Op
from engine.ops import GROUPS, TABLE


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table as a person asks for it.

    ``calls`` are the ways to write it. ``gradient``: whether one passes through; if not, ``reason`` says why.
    """

    name: str
    group: str
    calls: tuple[str, ...]
    gradient: bool
    reason: str


def operations() -> tuple[Operation, ...]:
    """Every operation that a file may use on what depends on a parameter, by group."""
    return tuple(
        Operation(op.name, GROUPS[op.name], op.calls, op.gradient is not None and not op.flat, _reason(op))
        for op in TABLE.values()
        if op.calls
    )


def _reason(op: Op) -> str:
    if op.flat:
        return op.flat
    if op.gradient is not None:
        return ""
    return "a mask: it says where a gradient passes" if GROUPS[op.name] == "masks" else "a constant"
