"""Index letters of one operation: named after the axes, and never the same letter for two axes of one array.

A square recurrent matrix has the hidden axis twice; in ``W[j,p]·h[p]`` the two places need two letters all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SPARE = "pqrstuvwyz"
BROADCAST = "0"

Letters = tuple[str, ...]


def spare(taken: Iterable[str]) -> str:
    """A letter that is not in use."""
    used = set(taken)
    return next(letter for letter in _SPARE if letter not in used)


def distinct(letters: Sequence[str]) -> Letters:
    """``letters`` with every repeated one replaced; a broadcast axis keeps its 0."""
    made: list[str] = []
    for letter in letters:
        repeated = letter != BROADCAST and letter in made
        made.append(spare((*letters, *made)) if repeated else letter)
    return tuple(made)


def product(left: Sequence[str], right: Sequence[str]) -> tuple[Letters, Letters, Letters]:
    """Letters of the left operand, the right operand and the result of a product of matrices or vectors.

    The inner axes share one letter, which stands nowhere else; the free axes keep their names where they differ.
    """
    rows, columns = tuple(left[:-1]), tuple(right[1:]) if len(right) == 2 else ()
    free = distinct((*rows, *columns))
    inner = left[-1]
    if inner in free and inner != BROADCAST:
        inner = spare((*free, inner))
    rows, columns = free[: len(rows)], free[len(rows) :]
    return (*rows, inner), (inner, *columns), free


def without(letters: Sequence[str], gone: Sequence[int], kept: bool) -> Letters:
    """Letters left by a reduction over the axes ``gone``; a kept axis of size 1 is written 0."""
    if kept:
        return tuple(BROADCAST if k in gone else letter for k, letter in enumerate(letters))
    return tuple(letter for k, letter in enumerate(letters) if k not in gone)
