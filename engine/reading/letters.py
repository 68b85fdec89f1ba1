"""Index letters of one operation: named after the axes, and never the same letter for two axes of one array.

A square recurrent matrix has the hidden axis twice; in ``W[j,p]·h[p]`` the two places need two letters all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SPARE = "pqrstuvwyzabcdeghlmo"
_SECOND = {"t": "s"}
"""What goes beside a letter that stands twice in one array, where custom has it."""
BROADCAST = "0"

Letters = tuple[str, ...]


def spare(taken: Iterable[str], beside: str = "") -> str:
    """A letter that is not in use, to stand ``beside`` another of the same kind."""
    used = set(taken)
    custom = _SECOND.get(beside, "")
    return custom if custom and custom not in used else next(letter for letter in _SPARE if letter not in used)


def distinct(letters: Sequence[str]) -> Letters:
    """``letters`` with every repeated one replaced; a broadcast axis keeps its 0."""
    made: list[str] = []
    for letter in letters:
        repeated = letter != BROADCAST and letter in made
        made.append(spare((*letters, *made), letter) if repeated else letter)
    return tuple(made)


def product(left: Sequence[str], right: Sequence[str]) -> tuple[Letters, Letters, Letters]:
    """Letters of the left operand, the right operand and the result of a product of matrices, vectors or stacks.

    The inner axes share one letter, which stands nowhere else; the free axes keep their names where they differ. The
    axes of a stack are matched from the right; where an operand has size 1 it keeps its 0.
    """
    stacks = tuple(left[:-2]), tuple(right[:-2])
    rows, columns = tuple(left[-2:-1]), tuple(right[-1:]) if len(right) >= 2 else ()
    stack = _stack(*stacks)
    free = distinct((*stack, *rows, *columns))
    inner = left[-1]
    if inner in free and inner != BROADCAST:
        inner = spare((*free, inner), inner)
    stack, rows, columns = free[: len(stack)], free[len(stack) : len(stack) + len(rows)], free[len(stack) + len(rows) :]
    ours, theirs = (_matched(own, stack) for own in stacks)
    return (*ours, *rows, inner), (*theirs, inner, *columns), free


def _stack(left: Letters, right: Letters) -> Letters:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    filled = (BROADCAST,) * (len(longer) - len(shorter)) + shorter
    return tuple(a if a != BROADCAST else b for a, b in zip(longer, filled, strict=True))


def _matched(own: Letters, stack: Letters) -> Letters:
    tail = stack[len(stack) - len(own) :]
    return tuple(BROADCAST if mine == BROADCAST else theirs for mine, theirs in zip(own, tail, strict=True))


def without(letters: Sequence[str], gone: Sequence[int], kept: bool) -> Letters:
    """Letters left by a reduction over the axes ``gone``; a kept axis of size 1 is written 0."""
    if kept:
        return tuple(BROADCAST if k in gone else letter for k, letter in enumerate(letters))
    return tuple(letter for k, letter in enumerate(letters) if k not in gone)
