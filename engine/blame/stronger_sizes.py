"""Which axes of a file's arrays can have another size, found by running its loss on arrays of other sizes.

Axes that operations put together have one name and change together. Those whose sizes hang together in another way
(two axes that a reshape makes one, the gates of a cell side by side) are tried together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

import numpy as np

from engine.program import Program

EXAMPLES = "n"
_EXAMPLES_FROM, _OTHERS_FROM, _ALIKE_FROM = 7, 3, 5
_TOGETHER = 4
"""Axes that are tried together with another one."""
_TRIES = 600

Sizes = dict[str, int]
Runs = Callable[[Mapping[str, int]], bool]


def sizes_of(program: Program) -> Sizes:
    """The axes of the parameters and the data by name, examples first; of those of size 1 only the examples."""
    found: Sizes = {}
    for value in program.values:
        if value.node is None and value.role in ("parameter", "data"):
            for name, size in zip(value.axes, value.shape, strict=True):
                if name is not None and (size > 1 or name == EXAMPLES):
                    found.setdefault(name, size)
    return {name: found[name] for name in sorted(found, key=lambda name: name != EXAMPLES)}


def fresh(old: Mapping[str, int], alike: bool = False) -> Sizes:
    """A size for each axis that no axis had, no two the same; at least 7 examples. ``alike``: one size for all."""
    taken = {*old.values(), 1, 2}
    if alike:
        return dict.fromkeys(old, next(size for size in range(_ALIKE_FROM, 10**6) if size not in taken))
    new: Sizes = {}
    for name in old:
        size = _EXAMPLES_FROM if name == EXAMPLES else _OTHERS_FROM
        while size in taken:
            size += 1
        taken.add(size)
        new[name] = size
    return new


def changeable(old: Mapping[str, int], runs: Runs, until: float, alike: bool = False) -> Sizes:
    """The new sizes of all axes that can change, as many at once as ``runs`` allows."""
    wanted = fresh(old, alike)
    if runs(wanted):
        return wanted
    chosen: Sizes = {}
    for name, size in wanted.items():
        for other in (size, _multiple(old[name], {*old.values(), *chosen.values()})):
            if time.monotonic() > until:
                return chosen
            if runs({**chosen, name: other}):
                chosen[name] = other
                break
    left = [name for name in old if name not in chosen]
    tries = 0
    for name in list(left):
        if name in chosen:
            continue
        for sizes in _together(name, left, old, chosen):
            tries += 1
            if time.monotonic() > until or tries > _TRIES:
                return chosen
            if runs({**chosen, **sizes}):
                chosen |= sizes
                left = [other for other in left if other not in chosen]
                break
    return chosen


def _multiple(old: int, taken: set[int]) -> int:
    size = 2 * old
    while size in taken:
        size += old
    return size


def _together(name: str, left: list[str], old: Mapping[str, int], chosen: Sizes) -> Iterator[Sizes]:
    """``name`` with a new size, and others of those left changed with it: equally, in proportion, or as much."""
    others = [other for other in left if other != name][:_TOGETHER]
    fixed = {*old.values(), *chosen.values()}
    news = [next(size for size in range(_OTHERS_FROM, 10**6) if size not in fixed), _multiple(old[name], fixed)]
    for new in dict.fromkeys(news):
        options = [_following(old[other], old[name], new) for other in others]
        for picked in product(*options):
            sizes = {other: size for other, size in zip(others, picked, strict=True) if size != old[other]}
            if sizes:
                yield {name: new, **sizes}


def _following(other: int, old: int, new: int) -> list[int]:
    """The sizes that an axis may take when one of ``old`` becomes ``new``."""
    sizes = [other]
    if (other * new) % old == 0 and other * new > old:
        sizes.append(other * new // old)
    if other + new - old > 1:
        sizes.append(other + new - old)
    return list(dict.fromkeys(sizes))


def written_in(before: Program, after: Program, old: Mapping[str, int]) -> set[str]:
    """The axes whose old size, or twice that, loss divides by as a plain number: ``/ 5`` stays when 5 become 7."""
    found: set[str] = set()
    for number in _divisors(before) & _divisors(after):
        equal = {name for name, size in old.items() if size == number > 2}
        found |= equal or {name for name, size in old.items() if 2 * size == number and size > 2}
    return found


def unread(program: Program, names: Iterable[str]) -> set[str]:
    """The axes along which a whole slice of a parameter has no gradient: loss does not read that far."""
    tape, wanted = program.recorded(), set(names)
    found: set[str] = set()
    for value in program.parameters:
        gradient = np.asarray(tape.value(program.gradients_of[value.index]))
        for k, name in enumerate(value.axes):
            others = tuple(j for j in range(gradient.ndim) if j != k)
            if name is not None and name in wanted and not np.all(np.any(gradient != 0, axis=others)):
                found.add(name)
    return found


def _divisors(program: Program) -> set[float]:
    found: set[float] = set()
    for node in program.nodes:
        if node.backward or node.op not in ("divide", "multiply"):
            continue
        for k, index in enumerate(node.inputs):
            if index not in program.literals or (node.op == "divide" and k == 0):
                continue
            number = abs(float(program.literals[index]))
            if node.op == "multiply" and 0 < number < 0.4:
                number = round(1 / number, 9)
                found.add(number)
            elif node.op == "divide":
                found.add(number)
    return found
