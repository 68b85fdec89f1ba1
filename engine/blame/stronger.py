"""A stronger input: the same loss on numbers, and where it allows, sizes that can show what the given ones hide.

Every axis gets a size that none had, with several examples; the numbers are drawn anew, so that no ReLU unit is dead
and none is on for all examples. What loss does not allow stays as it is, and is said. The seed is fixed.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.blame.stronger_moved import moved_values
from engine.blame.stronger_numbers import Manner, Numbers
from engine.blame.stronger_sizes import EXAMPLES, Runs, changeable, sizes_of, unread, written_in
from engine.blame.stronger_units import switching
from engine.copies import copied
from engine.errors import ChainstepError
from engine.held import standing_in
from engine.program import Program, trace
from engine.streams import apart
from engine.trace import argument_names, arguments_of

_COEFFICIENT = 0.1
"""What a regularisation that was switched off is set to."""
_DRAWS = 6
_ROUNDS = 5

Loss = Callable[..., Any]
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """An axis that keeps its size, and why: ``loss`` or ``backward`` is written for it."""

    axis: str
    size: int
    by: str


@dataclass(frozen=True, slots=True, eq=False)
class Stronger:
    """The new input with the program of the loss on it.

    ``sizes`` are the axes that changed, each with its old and its new size; ``kept`` those that could not.
    ``coefficients`` were 0, each with its new value. ``stuck`` counts the units that are still on or off throughout,
    None without any mask.
    """

    program: Program
    params: Tree
    data: Tree
    sizes: Mapping[str, tuple[int, int]]
    kept: tuple[Kept, ...]
    coefficients: Mapping[str, float] = field(default_factory=dict)
    stuck: int | None = None


def stronger(
    loss: Loss,
    program: Program,
    params: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    keep: Mapping[str, str] | None = None,
    alike: bool = False,
    seconds: float = 10.0,
) -> Stronger | None:
    """The strongest input that ``loss`` runs on; None where it runs on no other numbers at all.

    ``program`` is that of ``loss`` on the ``params`` and ``data`` given. ``keep`` names axes that must not change, with
    who says so. ``alike``: all axes that change get one size, so that whatever ran on square arrays still runs.
    ``seconds`` bounds the search, which otherwise ends after a fixed number of tries.
    """
    maker = _Maker(loss, program, params, data, time.monotonic() + seconds)
    old = sizes_of(program)
    kept = dict(keep or {})
    runs: Runs = maker.runs
    for _ in range(_ROUNDS):
        free = {name: size for name, size in old.items() if name not in kept}
        sizes = changeable(free, runs, maker.until, alike) if free else {}
        made = maker.traced(sizes)
        if made is None and not sizes:
            return None
        if made is None and runs == maker.runs:
            runs = maker.records
            continue
        fixed = set(sizes) if made is None else _fixed(program, made.program, old, sizes)
        if made is not None and not fixed:
            return _finished(made, old, sizes, kept)
        kept |= dict.fromkeys(fixed, "loss")
    made = maker.traced({})
    return None if made is None else _finished(made, old, {}, kept)


def _fixed(before: Program, after: Program, old: Mapping[str, int], sizes: Mapping[str, int]) -> set[str]:
    """The axes that changed but should not have: loss runs with other sizes, and is another loss then."""
    fixed = written_in(before, after, old) & set(sizes)
    fixed |= unread(after, sizes) - unread(before, sizes)
    if old.get(EXAMPLES) == 1 and EXAMPLES in sizes and moved_values(before, after) is None:
        fixed.add(EXAMPLES)
    return fixed


def _finished(made: Made, old: Mapping[str, int], sizes: Mapping[str, int], kept: Mapping[str, str]) -> Stronger:
    return Stronger(
        made.program,
        made.params,
        made.data,
        {name: (old[name], size) for name, size in sizes.items()},
        tuple(Kept(name, size, kept.get(name, "loss")) for name, size in old.items() if name not in sizes),
        made.coefficients,
        made.stuck,
    )


def wider(loss: Loss, program: Program, params: Mapping[str, Any], data: Mapping[str, Any]) -> Made | None:
    """The same program on several examples where there is one, and with regularisation where its coefficient is 0.

    None where neither is so, or loss does not run that way.
    """
    single = sizes_of(program).get(EXAMPLES) == 1
    if not single and not any(_zeros(data, ())):
        return None
    maker = _Maker(loss, program, params, data, time.monotonic() + 1.0)
    for sizes in ({EXAMPLES: 7}, {}) if single else ({},):
        found = maker.input(sizes)
        if found is None:
            continue
        own, others, manner = found
        others, coefficients = maker.regularised(own, others, sizes, manner)
        made = maker.program_of(own, others) if sizes or coefficients else None
        if made is not None and moved_values(program, made) is not None:
            return Made(made, own, others, coefficients, None)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """One drawing: the program with its arrays, what is no longer 0, and the units that do not switch."""

    program: Program
    params: Tree
    data: Tree
    coefficients: Mapping[str, float]
    stuck: int | None


class _Maker:
    """Draws input for one loss and sees whether it runs."""

    def __init__(
        self, loss: Loss, program: Program, params: Mapping[str, Any], data: Mapping[str, Any], until: float
    ) -> None:
        self.loss, self.program, self.params, self.data, self.until = loss, program, params, data, until
        self.numbers = Numbers(program)
        self.names = argument_names(loss, params, data)
        self.own = {**params, **data}

    def input(self, sizes: Mapping[str, int], seed: int = 0) -> tuple[Tree, Tree, Manner] | None:
        """Numbers on which the loss is finite, drawn as freely as it allows; None where there are none."""
        for wide in (True, False) if self.numbers.has_labels else (True,):
            for positive in (False, True):
                manner = Manner(wide, positive)
                rng = np.random.default_rng(seed)
                params, data = self.numbers.drawn(self.params, self.data, sizes, rng, manner)
                value = self.value(params, data)
                if value is None:
                    break
                if np.isfinite(value):
                    return params, data, manner
        return None

    def value(self, params: Tree, data: Tree) -> float | None:
        """The loss as a number, perhaps not a finite one; None where it raises, or is not one number."""
        given = copied(params), copied(data)
        try:
            with (
                apart(io.StringIO()),
                np.errstate(all="ignore"),
                standing_in(self.loss, self.own, {**given[0], **given[1]}),
            ):
                found = self.loss(**arguments_of(self.names, *given))
            if isinstance(found, tuple):
                found = found[0]
            array = np.asarray(found, dtype=float)
        except (Exception, SystemExit):
            return None
        return float(array.reshape(-1)[0]) if array.size == 1 else None

    def runs(self, sizes: Mapping[str, int]) -> bool:
        """Whether loss runs on numbers of these sizes."""
        return self.input(sizes) is not None

    def records(self, sizes: Mapping[str, int]) -> bool:
        """Whether loss can be recorded on them, which takes longer to see."""
        found = self.input(sizes)
        return found is not None and self.program_of(*found[:2]) is not None

    def program_of(self, params: Tree, data: Tree) -> Program | None:
        try:
            with apart(io.StringIO()), standing_in(self.loss, self.own, {**params, **data}):
                return trace(self.loss, params, data)
        except ChainstepError:
            return None

    def traced(self, sizes: Mapping[str, int]) -> Made | None:
        """The best of a few draws: the one with the fewest units that do not switch."""
        best: Made | None = None
        for seed in range(_DRAWS):
            found = self.input(sizes, seed)
            if found is None:
                break
            params, data, manner = found
            data, coefficients = self.regularised(params, data, sizes, manner)
            program = self.program_of(params, data)
            if program is None:
                continue
            stuck = switching(program, params, data, self.numbers, np.random.default_rng(seed), self.until)
            if stuck is not None:  # a program is judged on the arrays that it was recorded with
                program = self.program_of(params, data)
            if program is not None and (best is None or (stuck or 0) < (best.stuck or 0)):
                best = Made(program, params, data, coefficients, stuck)
            if not stuck or time.monotonic() > self.until:
                break
        return best

    def regularised(
        self, params: Tree, data: Tree, sizes: Mapping[str, int], manner: Manner
    ) -> tuple[Tree, dict[str, float]]:
        """``data`` with every coefficient of 0 set that adds to the loss what depends on parameters alone."""
        found: dict[str, float] = {}
        for path in list(_zeros(data, ())):
            tried = _with(data, path, _COEFFICIENT)
            _, other = self.numbers.drawn(self.params, self.data, sizes, np.random.default_rng(99), manner)
            added = [self.added(params, one, path) for one in (data, other)]
            if None not in added and added[0] and np.isclose(added[0], added[1] or 0.0, rtol=1e-6, atol=0):
                data = tried
                found["".join([path[0], *(f"[{key!r}]" for key in path[1:])])] = _COEFFICIENT
        return data, found

    def added(self, params: Tree, data: Tree, path: tuple[Any, ...]) -> float | None:
        """What the loss gains when the number at ``path`` is no longer 0."""
        with_it, without = self.value(params, _with(data, path, _COEFFICIENT)), self.value(params, data)
        return None if with_it is None or without is None or not np.isfinite(with_it) else with_it - without


def _zeros(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The places of the numbers in dicts that are 0."""
    if isinstance(tree, Mapping):
        for key, held in tree.items():
            yield from _zeros(held, (*path, key))
    elif isinstance(tree, int | float) and not isinstance(tree, bool) and tree == 0:
        yield path


def _with(tree: Any, path: tuple[Any, ...], value: float) -> Any:
    if not path:
        return value
    made = dict(tree) if type(tree) is dict else tree.copy()
    made[path[0]] = _with(tree[path[0]], path[1:], value)
    return made
