"""Entries picked by their positions, and written to positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.ir import Attributes
from engine.op import ATOM, Op, Pattern, along, index_text

if TYPE_CHECKING:
    from engine.ref import Ref

Gradients = tuple["Ref | None", ...]
_PICKED = "entries of {left} are picked, none is changed"


def getitem(g: Ref, y: Ref, a: Ref, *arrays: Ref, index: tuple[Any, ...]) -> Gradients:
    """Each entry's gradient goes back to where it was picked; what was picked twice gets both."""
    return (a.scatter(g, index, arrays), *(None for _ in arrays))


def setitem(g: Ref, y: Ref, a: Ref, value: Ref, *arrays: Ref, index: tuple[Any, ...]) -> Gradients:
    kept = g.setitem(0, index, arrays) if a.active else None
    written = g.apply("getitem", *arrays, index=index) if value.active else None
    return (kept, written, *(None for _ in arrays))


def take(g: Ref, y: Ref, a: Ref, positions: Ref, axis: int) -> Gradients:
    return a.scatter(g, along(axis, ("array", 0)), (positions,)), None


def take_along_axis(g: Ref, y: Ref, a: Ref, positions: Ref, axis: int) -> Gradients:
    """As with an index that counts through every other axis."""
    index = tuple(("array", k) for k in range(a.ndim))
    arrays = [positions if k == axis else a.counting(k) for k in range(a.ndim)]
    return a.scatter(g, index, arrays), None


def _getitem(attributes: Attributes) -> Pattern:
    return ("{0:9}[" + index_text(attributes["index"]) + "]", ATOM)


def _setitem(attributes: Attributes) -> Pattern:
    return ("{out} = np.array({0:0})\n{out}[" + index_text(attributes["index"], 2) + "] = {1:0}", 0)


def _scatter(attributes: Attributes) -> Pattern:
    index = index_text(attributes["index"], 2)
    if attributes["repeats"]:
        return ("{out} = np.zeros_like({0:0})\nnp.add.at({out}, np.s_[" + index + "], {1:0})", 0)
    return ("{out} = np.zeros_like({0:0})\n{out}[" + index + "] = {1:0}", 0)


TITLE = "picking and writing"
ROWS = [
    Op(
        "getitem",
        {"operator": _getitem},
        "index",
        getitem,
        None,
        "[ ]",
        calls=("a[2:5]", "a[i, j]", "a[ids]", "a[mask]", "a[..., None]"),
        linear="linear",
        moves=_PICKED,
    ),
    Op(
        "setitem",
        {"operator": _setitem},
        "update",
        setitem,
        None,
        "[ ]=",
        statement=True,
        calls=("a[mask] = b", "a[2:5] = b"),
        moves="some entries of {left} are written over, the others stay",
    ),
    Op(
        "scatter",
        {"operator": _scatter},
        "scatter",
        None,
        None,
        "[ ]=",
        statement=True,
        moves="each gradient goes back to the entry of {of} that was picked; picked twice means both are added, "
        "never picked means 0",
        gap="nothing was picked from here: no gradient comes back",
    ),
    Op(
        "take",
        {
            "function": lambda a: (f"np.take({{0:0}}, {{1:0}}, axis={a['axis']})", ATOM),
            "method": lambda a: (f"{{0:9}}.take({{1:0}}, axis={a['axis']})", ATOM),
        },
        "take",
        take,
        None,
        "[ ]",
        calls=("np.take(a, ids, axis)", "a.take(ids, axis)"),
        linear="linear",
        moves=_PICKED,
    ),
    Op(
        "take_along_axis",
        {"function": lambda a: (f"np.take_along_axis({{0:0}}, {{1:0}}, axis={a['axis']})", ATOM)},
        "take along",
        take_along_axis,
        None,
        "[ ]",
        calls=("np.take_along_axis(a, ids, axis)",),
        linear="linear",
        moves="one entry of {left} is picked for every position",
    ),
]
