"""Which arrays of a run are judged, and which quantity each can be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.blame.linetrace import Run, Version, numbers
from engine.blame.quantities import Quantities, Quantity
from engine.blame.reference import Array
from engine.blame.statements import Statement

_PREFIX = re.compile(r"^(dl_?d|dl_|dj_?d|d_|grads?_|g_|delta_?|nabla_|err(or)?_|d)(?=.)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?<=.)(_?grads?|_?delta|_err(or)?|_bar)$", re.IGNORECASE)
_Place = tuple[str, str, int]
"""Function, variable and line: the arrays of one place are those of the rounds of a loop."""
_ENTRY = re.compile(r"\[(?:'([^']*)'|\"([^\"]*)\"|(\d+))\]$")


@dataclass(eq=False, slots=True)
class Item:
    """One array to judge: a version, or the versions of a loop over the examples on top of each other.

    ``rounds`` is how many arrays the statement made under this name in the run. ``handed`` is the statement that calls
    the function which returns it, and gives it a name.
    """

    turn: int
    name: str
    names: tuple[str, ...]
    array: Array
    stacked: bool
    statement: Statement
    reads: frozenset[int]
    versions: tuple[int, ...]
    in_progress: bool
    given: bool
    parameter: str | None = None
    copy_of: int | None = None
    rounds: int = 1
    handed: Statement | None = None


def said(path: str, parameters: Sequence[str] = ()) -> str:
    """A variable as a person would say it: ``grads['W1']`` is dW1, ``self.dz`` is dz."""
    found = _ENTRY.search(path)
    if found is not None:
        key = found[1] or found[2] or found[3] or ""
        if key.isidentifier():
            return f"d{key}" if key in parameters else key
        return path
    return path.rsplit(".", 1)[-1]


def items_of(run: Run, quantities: Quantities, returned: Mapping[str, Any]) -> list[Item]:
    """The arrays to judge, in the order of the run. ``returned`` are the gradients by parameter."""
    versions = run.versions
    middle = {v.number for v in versions if v.then is not None and _grows_on(v, versions[v.then])}
    groups: dict[_Place, list[Version]] = {}
    for version in versions:
        if version.number not in middle and not version.given:
            groups.setdefault(_place(version), []).append(version)
    ends = _ends(run, returned, quantities, groups)
    singly = {(place[0], len(group)) for place, group in groups.items() if _are_known_singly(group, quantities)}
    stacking = ((place, group) for place, group in groups.items() if (place[0], len(group)) not in singly)
    whole = {place for place, group in stacking if _stacks(group, quantities)}
    loops = {(place[0], len(groups[place])) for place in whole}
    stacks: dict[int, list[Version]] = {}
    for place, group in groups.items():
        # in a loop over the examples also what is of no quantity's size is one array, an example on each other
        if place in whole or ((place[0], len(group)) in loops and _alike(group)):
            stacks[group[-1].number] = group
    hidden = {v.number for group in stacks.values() for v in group[:-1]} | middle
    unfinished: dict[int, list[int]] = {}
    for number in middle:
        end = number
        while end in middle and (then := versions[end].then) is not None:
            end = then
        unfinished.setdefault(end, []).append(number)
    parameters = list(quantities.by_parameter)
    items = []
    for version in versions:
        if version.number in hidden or version.array.dtype.kind not in "fiu":
            continue
        group = stacks.get(version.number, [version])
        stacked = len(group) > 1
        names = tuple(dict.fromkeys(n for v in group for n in v.names))
        shown = next((n for n in names if not n.startswith("return")), names[0])
        parameter = ends.get(version.number)
        items.append(
            Item(
                turn=version.turn,
                name=said(shown, parameters) if not (parameter and shown.startswith("return")) else f"d{parameter}",
                names=names,
                array=np.stack([v.array for v in group]) if stacked else version.array,
                stacked=stacked,
                statement=version.statement,
                reads=_reads(versions, group, unfinished),
                versions=tuple(n for v in group for n in (v.number, *unfinished.get(v.number, ()))),
                in_progress=version.then is not None and not any(v.used for v in group) and parameter is None,
                given=version.given,
                parameter=parameter,
                copy_of=None if stacked else version.copy_of,
                rounds=len(groups.get(_place(version), ())),
                handed=_handed(run, version) if version.name.startswith("return") and len(names) > 1 else None,
            )
        )
    return items


def _handed(run: Run, version: Version) -> Statement | None:
    later = [
        one for one, turn in run.ran.items() if turn > version.turn and set(one.targets.exact) & set(version.names)
    ]
    return min(later, key=lambda one: run.ran[one], default=None)


def _reads(
    versions: Sequence[Version], group: Sequence[Version], unfinished: Mapping[int, list[int]]
) -> frozenset[int]:
    """What the arrays are made of, that of the rounds of a sum and what was changed in place included."""
    grown = [versions[n] for v in group for n in unfinished.get(v.number, ())]
    own = {v.number for v in (*group, *grown)}
    read = {r for v in (*group, *grown) for r in v.reads}
    changed = {v.before for v in (*group, *grown) if v.statement.grows and v.before is not None}
    return frozenset((read | changed) - own)


def _place(version: Version) -> _Place:
    return version.function, version.name, version.statement.line


def _grows_on(version: Version, then: Version) -> bool:
    return then.statement is version.statement and version.statement.grows


def _alike(group: list[Version]) -> bool:
    one = group[0].array
    return len(group) > 1 and one.ndim < 2 and all(v.array.shape == one.shape for v in group)


def _are_known_singly(group: list[Version], quantities: Quantities) -> bool:
    """Whether each array of a loop is a value of the loss by itself: then the loss goes through the same loop."""
    if not _alike(group) or group[0].array.size < 2:
        return False
    alike = [q for q in quantities.all if q.kind == "forward" and not q.leaf and q.true.size == group[0].array.size]
    found: set[int] = set()
    for version in group:
        known = (q for q in alike if quantities.close(version.array.reshape(q.true.shape), q.true))
        match = next((q for q in known if id(q) not in found), None)
        if match is None:
            return False
        found.add(id(match))
    return True


def _stacks(group: list[Version], quantities: Quantities) -> bool:
    """Whether the arrays of a loop on top of each other are as large as a quantity."""
    if not _alike(group):
        return False
    one = group[0].array
    whole = (len(group), *one.shape)
    if one.ndim == 0:
        return any(q.true.size == len(group) for q in quantities.all if q.kind != "part")
    return any(q.true.shape in (whole, whole[::-1]) for q in quantities.all if q.kind != "part")


def _ends(
    run: Run, returned: Mapping[str, Any], quantities: Quantities, groups: Mapping[_Place, list[Version]]
) -> dict[int, str]:
    """The version that holds what was returned, by number: the last one of that very object, or of equal numbers."""
    ends: dict[int, str] = {}
    for parameter, value in returned.items():
        number = run.held.get(id(value))
        array = numbers(value)
        if array is None:
            continue
        if number is None or not np.array_equal(run.versions[number].array, array, equal_nan=True):
            number = next(
                (
                    v.number
                    for v in reversed(run.versions)
                    if v.array.shape == array.shape and np.array_equal(v.array, array, equal_nan=True)
                ),
                None,
            )
        if number is not None and not run.versions[number].given:
            number = _made(run, number, quantities.by_parameter[parameter], quantities, groups)
            if number not in ends:
                ends[number] = parameter
    return ends


def _made(run: Run, number: int, q: Quantity, quantities: Quantities, groups: Mapping[_Place, list[Version]]) -> int:
    """The version that first was this gradient: ``grads['W1'] = dW1`` is another name, ``db1 = dz1`` a mistake."""
    chain = [run.versions[number]]
    while (source := chain[-1].copy_of) is not None:
        if len(groups.get(_place(chain[-1]), ())) > 1:
            break  # overwritten in every round: that it only is a name of the last one is the mistake
        chain.append(run.versions[source])
    for version in reversed(chain):
        if version.given:
            continue
        hinted = [h for h in _hinted(version.names[:1], quantities) if h.kind == "gradient"]
        if q in hinted or (version.array.size == q.true.size and all(h.parameter is not None for h in hinted)):
            return version.number
    return chain[-2].number if len(chain) > 1 else number


def hints(item: Item, quantities: Quantities) -> list[Quantity]:
    """What the names of a variable say that it is: ``dz1``, ``grad_z1``, ``z1_grad`` are ∂L/∂z₁, ``z1`` is z₁."""
    return _hinted(item.names, quantities)


def _hinted(names: Sequence[str], quantities: Quantities) -> list[Quantity]:
    found: list[Quantity] = []
    for path in names:
        name = said(path)
        for kind, bare in readings(name):
            for exact in (True, False):
                for q in quantities.all:
                    if q.kind == kind and any(_same_name(bare, n, exact) for n in q.names) and q not in found:
                        found.append(q)
    return found


def readings(name: str) -> list[tuple[str, str]]:
    """What a name can mean: (gradient or forward, the bare name)."""
    found = []
    for pattern in (_PREFIX, _SUFFIX):
        bare = pattern.sub("", name)
        if bare != name:
            found.append(("gradient", bare))
    return [*found, ("forward", name)]


def _same_name(one: str, other: str, exact: bool) -> bool:
    if exact:
        return one == other
    return one.replace("_", "").lower() == other.replace("_", "").lower()
