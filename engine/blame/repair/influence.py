"""Which arrays cannot be wrong: those that a gradient which came out right depends on.

Seen by trying it: the array is made a little larger, or is given the other sign, the rest of the backward runs as it
is, and a right gradient is no longer right each time. One that sees the square of an array says nothing of its sign,
and two turned signs, in two rounds of a line, may be none. A wrong array would have made that gradient wrong, but for
rare accidents (a mask that hides it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.blame.linetrace import Run
from engine.blame.repair.trials import Right, Trials, takes_a_probe
from engine.blame.roles import Item
from engine.blame.statements import Statement

_LARGER = 1.37
_ITEMS_AT_MOST = 80
"""Arrays up to which each is tried; of more, all that one statement makes are tried at once."""


def innocent(trials: Trials, run: Run, items: Sequence[Item], feeding: set[Item], right: Right) -> frozenset[Item]:
    """The items that a gradient in ``right`` depends on; nothing is said of arrays that a line changes in place."""
    if not right:
        return frozenset()
    tried = [i for i in items if i in feeding and not i.given and i.array.dtype.kind == "f" and i.copy_of is None]
    together = len(tried) > _ITEMS_AT_MOST
    known: dict[Statement, bool] = {}
    found = set()
    for item in tried:
        node = trials.find(item.statement)
        if node is None or trials.over or not takes_a_probe(node):
            continue
        rounds = run.rounds(item.statement)
        whole = together or item.stacked
        wanted = set(range(len(rounds))) if whole else {rounds.index(run.versions[item.versions[0]].turn)}
        if not whole or item.statement not in known:
            every = set(range(len(rounds)))
            turned = [wanted] if len(wanted) == len(rounds) else [wanted, every]
            # of a loop over layers one end may be right, and the other one wrong
            ends = [{0}, {len(rounds) - 1}] if wanted == every and len(rounds) > 1 else []
            probes = [*(_Times(_LARGER, one) for one in (wanted, *ends)), *(_Times(-1.0, one) for one in turned)]
            known[item.statement] = all(right - trials.probed(node, probe) for probe in probes)
        if known[item.statement]:
            found.add(item)
    return frozenset(found)


class _Times:
    """Multiplies what passes through, in some rounds."""

    def __init__(self, factor: float, rounds: set[int]) -> None:
        self.factor, self.rounds, self.count = factor, rounds, -1

    def __call__(self, value: Any) -> Any:
        self.count += 1
        number = isinstance(value, np.ndarray | float) and np.asarray(value).dtype.kind == "f"
        return value * self.factor if number and self.count in self.rounds else value
