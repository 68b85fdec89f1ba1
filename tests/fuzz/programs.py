"""Whole programs: a few arrays, a few statements on them, and a loss in which everything takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

# The modules of generators register themselves.
from tests.fuzz import entrywise, indexing, losses, outside, products, reductions, shaping, structures  # noqa: F401
from tests.fuzz.description import Description, Term
from tests.fuzz.maker import Maker, Variable
from tests.fuzz.registry import GENERATORS, Generator

# Each makes one number of a variable; entries weigh differently, so that one in the wrong place is noticed.
TERMS = [
    "np.sum(np.tanh({0}) * np.cos(np.arange({0}.size)).reshape({0}.shape))",
    "np.sum(np.sin({0}) * np.arange(1, {0}.size + 1).reshape({0}.shape)) / {0}.size",
    "np.mean({0} ** 2)",
    "0.5 * np.sum({0} * {0})",
    "np.sum({0})",
    "{0}.mean()",
    "np.mean((({0} - 0.3) * (1 + np.arange({0}.size).reshape({0}.shape))) ** 2)",
]


def described(rng: np.random.Generator, wanted: Sequence[Generator] = (), length: int | None = None) -> Description:
    """A random program; each of ``wanted`` makes one of its statements, at a random place."""
    maker = Maker(rng, sizes=[(1, 2, 3), (2, 3), (2, 3, 4), (1, 2), (2, 5)][int(rng.integers(5))])
    for _ in range(int(rng.integers(1, 4))):
        maker.leaf(maker.shape(), "params")
    for _ in range(int(rng.integers(0, 3))):
        maker.leaf(maker.shape(), "data")
    queue: list[Generator | None] = [None] * (int(rng.integers(1, 9)) if length is None else length)
    for generator in wanted:
        queue.insert(int(rng.integers(len(queue) + 1)), generator)
    weights = np.array([g.weight for g in GENERATORS.values()])
    every = list(GENERATORS.values())
    for entry in queue:
        tries = 0
        while tries < (40 if entry is not None else 6):
            generator = entry or every[int(rng.choice(len(every), p=weights / weights.sum()))]
            statement = generator.make(maker)
            if statement is not None and maker.accept(statement):
                break
            tries += 1
    return _finished(maker, rng)


def numbered(number: int) -> Description:
    """The program of this number; the generators take turns, so that the rare ones come up too."""
    every = sorted(GENERATORS)
    return described(np.random.default_rng(number), [GENERATORS[every[number % len(every)]]])


def _finished(maker: Maker, rng: np.random.Generator) -> Description:
    read = {name for statement in maker.statements for name in statement.reads}
    ends = [v for v in maker.variables.values() if v.real and v.name not in read]
    made = {s.target for s in maker.statements}
    terms = [Term(v.name, _term(maker, v)) for v in ends if v.name in made or v.active]
    parameters = [leaf.name for leaf in maker.leaves if leaf.place == "params"]
    packed: tuple[str, ...] = ()
    if rng.random() < 0.15:
        packed = tuple(n for n in parameters if rng.random() < 0.7)
    names = _named(maker, terms) if rng.random() < 0.4 else ()
    description = Description(tuple(maker.leaves), tuple(maker.statements), tuple(terms), packed, names=names)
    return trimmed(description)


def _term(maker: Maker, variable: Variable) -> str:
    return maker.choose(TERMS).format(variable.name)


POOL = ["h", "z", "a", "x", "out", "f", "e", "W", "b", "L", "dW", "dh", "y_hat", "s", "T", "g", "h_1", "n"]


def _named(maker: Maker, terms: list[Term]) -> tuple[tuple[str, str], ...]:
    """Names as people give them: the same one again for what takes the place of an older value."""
    last: dict[str, int] = {}
    for place, statement in enumerate(maker.statements):
        last |= dict.fromkeys((*statement.reads, statement.target), place)
    last |= dict.fromkeys((t.variable for t in terms), len(maker.statements))
    chosen: dict[str, str] = {}
    holds: dict[str, str] = {}
    for leaf in maker.leaves:
        name = maker.choose(POOL)
        if name not in holds:
            chosen[leaf.name], holds[name] = name, leaf.name
            last.setdefault(leaf.name, -1)
            if leaf.place == "module":  # the function reads it anew every time
                last[leaf.name] = len(maker.statements)
    for place, statement in enumerate(maker.statements):
        name = maker.choose(POOL)
        before = holds.get(name)
        until = place if len(statement.lines) == 1 else place - 1
        if before is None or last[before] <= until:
            chosen[statement.target], holds[name] = name, statement.target
    return tuple(chosen.items())


def trimmed(description: Description) -> Description:
    """Without the arrays that nothing reads; one parameter stays in any case."""
    used = {n for s in description.statements for n in s.reads} | {t.variable for t in description.terms}
    leaves = tuple(leaf for leaf in description.leaves if leaf.name in used)
    if not any(leaf.place == "params" for leaf in leaves):
        leaves += tuple(leaf for leaf in description.leaves if leaf.place == "params")[:1]
    names = {leaf.name for leaf in leaves}
    return replace(description, leaves=leaves, packed=tuple(n for n in description.packed if n in names))


def redrawn(description: Description, rng: np.random.Generator) -> Description:
    """The same program with other numbers in its parameters and data."""
    return replace(description, leaves=tuple(leaf.redrawn(rng) for leaf in description.leaves))
