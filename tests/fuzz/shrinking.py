"""Makes a failing program small: fewer statements and terms, smaller shapes, plainer numbers, the same failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.fuzz.comparing import Result, judged
from tests.fuzz.description import Array, Description, Leaf, Statement, Term
from tests.fuzz.programs import trimmed

Fails = Callable[[Description], bool]
MOST_TRIALS = 400


def shrunk(description: Description, fails: Fails, trials: int = MOST_TRIALS) -> Description:
    """The smallest description found for which ``fails`` still holds. It is asked at most ``trials`` times."""
    left = trials
    improved = True
    while improved and left > 0:
        improved = False
        for candidate in _candidates(description):
            left -= 1
            if fails(candidate):
                description, improved = candidate, True
                break
            if left <= 0:
                break
    return description


def smallest(description: Description, result: Result, number: int, folder: Path) -> Description:
    """The smallest program that fails as ``result`` says, with the failure in its notes."""

    def fails(candidate: Description) -> bool:
        again = judged(candidate, folder, number)
        return (again.outcome, again.stage) == (result.outcome, result.stage)

    small = shrunk(description, fails)
    last = judged(small, folder, number)
    notes = (f"Program {number}: {last.outcome} in {last.stage}.", *last.reason.splitlines()[:3])
    return replace(small, notes=tuple(note[:300] for note in notes))


def _candidates(description: Description) -> Iterator[Description]:
    """Smaller programs, the boldest first. Some of them may not run at all."""
    for number in range(len(description.statements)):
        yield _without(description, number)
    for number in range(len(description.terms)):
        terms = description.terms[:number] + description.terms[number + 1 :]
        if terms:
            yield _pruned(replace(description, terms=terms))
    for number in range(len(description.statements) - 1, -1, -1):
        yield from _bypassed(description, number)
    if description.names:
        yield replace(description, names=())
    if description.packed:
        yield replace(description, packed=())
    for number, statement in enumerate(description.statements):
        for line in range(len(statement.lines)):
            if len(statement.lines) > 1:
                lines = statement.lines[:line] + statement.lines[line + 1 :]
                yield _with_statement(description, number, replace(statement, lines=lines))
    for number, term in enumerate(description.terms):
        plain = f"np.sum({term.variable})"
        if term.text != plain:
            terms = (*description.terms[:number], Term(term.variable, plain), *description.terms[number + 1 :])
            yield replace(description, terms=terms)
    if any("float32" in leaf.text for leaf in description.leaves):
        yield replace(description, leaves=tuple(_double(leaf) for leaf in description.leaves))
    for number, leaf in enumerate(description.leaves):
        for smaller in _smaller(leaf):
            yield replace(
                description, leaves=(*description.leaves[:number], smaller, *description.leaves[number + 1 :])
            )
    for size in sorted({n for leaf in description.leaves for n in leaf.array.shape if n > 1}, reverse=True):
        for smaller_size in (1, size - 1):
            if smaller_size < size:
                yield replace(description, leaves=tuple(_cut(leaf, size, smaller_size) for leaf in description.leaves))


def _without(description: Description, number: int) -> Description:
    """Without a statement and everything that reads what it makes."""
    gone = {description.statements[number].target}
    kept: list[Statement] = []
    for place, statement in enumerate(description.statements):
        if place == number or gone & set(statement.reads):
            gone.add(statement.target)
        else:
            kept.append(statement)
    terms = tuple(t for t in description.terms if t.variable not in gone)
    if not terms:
        names = [s.target for s in kept][-1:] or [leaf.name for leaf in description.parameters][:1]
        terms = tuple(Term(n, f"np.sum({n})") for n in names)
    return trimmed(replace(description, statements=tuple(kept), terms=terms))


def _pruned(description: Description) -> Description:
    """Without the statements whose results nothing reads any more."""
    needed = {t.variable for t in description.terms}
    kept = []
    for statement in reversed(description.statements):
        if statement.target in needed:
            needed |= set(statement.reads)
            kept.append(statement)
    return trimmed(replace(description, statements=tuple(reversed(kept))))


def _bypassed(description: Description, number: int) -> Iterator[Description]:
    """A statement replaced by one of the variables it reads."""
    statement = description.statements[number]
    for name in statement.reads:
        line = f"{statement.target} = {name} * 1.0"
        if statement.lines != (line,):
            new = Statement("same", statement.target, (name,), (line,))
            yield _pruned(_with_statement(description, number, new))


def _with_statement(description: Description, number: int, statement: Statement) -> Description:
    statements = description.statements
    return replace(description, statements=(*statements[:number], statement, *statements[number + 1 :]))


def _double(leaf: Leaf) -> Leaf:
    array = leaf.array.astype(np.float64).round(4) if leaf.array.dtype == np.float32 else leaf.array
    return replace(leaf, array=array)


def _smaller(leaf: Leaf) -> Iterator[Leaf]:
    """The same array with a plain layout, with round numbers, or an axis shorter."""
    if leaf.layout != "C":
        yield replace(leaf, layout="C")
    if leaf.array.dtype.kind == "f":
        for plain in (leaf.array.round(1), np.ones_like(leaf.array) * 0.5):
            if not np.array_equal(plain, leaf.array):
                yield replace(leaf, array=plain)
    for axis, n in enumerate(leaf.array.shape):
        if n > 1:
            yield replace(leaf, array=np.take(leaf.array, range(n - 1), axis=axis))


def _cut(leaf: Leaf, size: int, smaller: int) -> Leaf:
    """Every axis of length ``size`` cut, everywhere at once, so that shapes still fit."""
    array: Array = leaf.array
    for axis, n in enumerate(array.shape):
        if n == size:
            array = np.take(array, range(smaller), axis=axis)
    if array.dtype.kind == "i" and array.size:
        array = np.minimum(array, max(smaller - 1, 0)) if array.max() >= smaller else array
    return replace(leaf, array=array)
