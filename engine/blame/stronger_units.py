"""Units that switch: numbers drawn until no ReLU unit is off for all examples and none is on for all.

A mask is any comparison that depends on a parameter. Its units are the axes that it shares with a
parameter; along all others (examples, time, places) both values should occur.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.blame.reference import Reference
from engine.blame.stronger_numbers import Numbers
from engine.errors import ChainstepError
from engine.program import Program

_ROUNDS = 120
_COMPARED = ("greater", "greater_equal", "less", "less_equal")
Array = np.ndarray[Any, Any]


def masks_of(program: Program) -> list[int]:
    """The values of a program that are masks of what depends on a parameter."""
    depends: set[int] = {v.index for v in program.values if v.role == "parameter"}
    for node in program.nodes:
        if any(i in depends for i in node.inputs):
            depends.add(node.output)
    return [
        v.index
        for v in program.values
        if v.index in depends and v.node is not None and program.nodes[v.node].op in _COMPARED and any(v.axes)
    ]


def unswitched(reference: Reference) -> Iterator[tuple[int, str | None, int, bool]]:
    """Units that are on or off throughout: the mask, the axis of the unit, its number, whether it is on."""
    program = reference.program
    own = {name for v in program.parameters for name in v.axes if name is not None}
    for mask in masks_of(program):
        value, array = program.values[mask], reference.arrays[mask]
        units = [k for k, name in enumerate(value.axes) if name in own and value.shape[k] > 1]
        if len(units) == array.ndim:
            units = [k for k in units if value.axes[k] != "n"]
        if len(units) == array.ndim:
            continue
        others = tuple(k for k in range(array.ndim) if k not in units)
        on, off = np.asarray(array.any(axis=others)), np.asarray((~array).any(axis=others))
        for place in np.argwhere(~(on & off)):
            named = [(value.axes[k], int(p)) for k, p in zip(units, place, strict=True)]
            name, number = named[-1] if named else (None, 0)
            yield mask, name, number, bool(on[tuple(place)])


def switching(
    program: Program,
    params: dict[str, Any],
    data: Mapping[str, Any],
    numbers: Numbers,
    rng: np.random.Generator,
    until: float,
) -> int | None:
    """Redraw what belongs to a unit that does not switch, in place, layer by layer; the units that still do not.

    None where the program has no mask at all.
    """
    if not masks_of(program):
        return None
    best: tuple[int, list[Array]] | None = None
    arrays = list(_parameters(program, params))
    for _ in range(_ROUNDS):
        try:
            reference = Reference(program, program.run(params, data))
        except ChainstepError:
            return 0
        stuck = list(unswitched(reference))
        finite = bool(np.isfinite(reference.arrays[program.loss]).all())
        if finite and (best is None or len(stuck) < best[0]):
            best = len(stuck), [array.copy() for _, array in arrays]
        if not stuck or time.monotonic() > until:
            break
        first = stuck[0][0]
        for mask, axis, number, _ in stuck:
            if mask == first:
                _redraw(arrays, axis, number, numbers, rng)
    if best is not None:
        for (_, array), kept in zip(arrays, best[1], strict=True):
            array[...] = kept
    return best[0] if best is not None else 0


def _redraw(
    arrays: list[tuple[tuple[str | None, ...], Array]],
    axis: str | None,
    number: int,
    numbers: Numbers,
    rng: np.random.Generator,
) -> None:
    """What belongs to one unit: its row or column in every parameter that has the axis; all where it has no axis."""
    for axes, array in arrays:
        if axis is None:
            numbers.again(array, (), rng)
            continue
        for k, name in enumerate(axes):
            if name == axis:
                numbers.again(array, (slice(None),) * k + (number,), rng)


def _parameters(program: Program, params: Mapping[str, Any]) -> Iterator[tuple[tuple[str | None, ...], Array]]:
    """The axes of every parameter with its array in ``params``."""
    known = {v.path or v.name: v.axes for v in program.parameters}
    seen: set[int] = set()
    stack = [(str(key), held) for key, held in params.items()]
    while stack:
        path, held = stack.pop(0)
        if isinstance(held, np.ndarray):
            if id(held) not in seen and path in known:
                seen.add(id(held))
                yield known[path], held
        elif isinstance(held, dict):
            stack += [(f"{path}[{key!r}]", one) for key, one in held.items()]
        elif isinstance(held, list | tuple):
            stack += [(f"{path}[{k!r}]", one) for k, one in enumerate(held)]
