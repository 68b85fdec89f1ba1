"""Arrays put side by side, and taken apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.ir import Attributes
from engine.op import ATOM, Op, Pattern, Spelling, along, part

if TYPE_CHECKING:
    from engine.ref import Ref

Gradients = tuple["Ref | None", ...]


def joined(g: Ref, y: Ref, *operands: Ref, axis: int, **attributes: Any) -> Gradients:
    """Each operand gets back the piece of the gradient that stands where it stood."""
    found: list[Ref | None] = []
    start = 0
    for operand in operands:
        # an operand of one axis less is one position along the axis: a row of a vstack, a column of a column_stack
        single = operand.ndim < y.ndim
        stop = start + (1 if single else operand.shape[axis])
        item = ("int", start) if single else part(start, stop, y.shape[axis])
        found.append(g.apply("getitem", index=along(axis, item)) if operand.active else None)
        start = stop
    return tuple(found)


def split(g: Ref, y: Ref, a: Ref, axis: int, start: int, stop: int, **attributes: Any) -> Gradients:
    return (a.scatter(g, along(axis, part(start, stop, a.shape[axis])), ()),)


def _listed(name: str, axis: bool) -> Spelling:
    def function(attributes: Attributes) -> Pattern:
        operands = ", ".join("{" + f"{k}:0" + "}" for k in range(attributes["count"]))
        tail = f", axis={attributes['axis']}" if axis and attributes["axis"] else ""
        return (f"np.{name}([{operands}]{tail})", ATOM)

    return function


def _split(attributes: Attributes) -> Pattern:
    axis = f", axis={attributes['axis']}" if attributes["axis"] else ""
    return (f"np.{attributes['name']}({{0:0}}, {attributes['sections']}{axis})[{attributes['piece']}]", ATOM)


def _join(name: str, moves: str, *, axis: bool, also: str = "") -> Op:
    """A join of a list of arrays; ``also`` is another function that does the same along the first axis."""
    spellings = {"function": _listed(name, axis), **({also: _listed(also, False)} if also else {})}
    calls = [f"np.{name}([a, b]{', axis' if axis else ''})", *([f"np.{also}([a, b])"] if also else [])]
    return Op(name, spellings, "join", joined, None, "|", calls=tuple(calls), linear="linear", moves=moves)


TITLE = "joining and splitting"
ROWS = [
    _join("concatenate", "arrays are put side by side", axis=True),
    _join("stack", "arrays are put side by side along a new axis", axis=True, also="array"),
    _join("vstack", "arrays are put one above the other", axis=False),
    _join("hstack", "arrays are put side by side", axis=False),
    _join("column_stack", "arrays are put side by side as columns", axis=False),
    Op(
        "split",
        {"function": _split},
        "split",
        split,
        None,
        "split",
        view=True,
        calls=("np.split(a, sections, axis)", "np.array_split(a, sections, axis)"),
        linear="linear",
        moves="a piece of {left} is taken",
    ),
]
