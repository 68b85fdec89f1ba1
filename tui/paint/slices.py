"""Which slice of an array with more than two axes is looked at, and which axes ``<`` and ``>`` move along.

What belongs to the cursor's entry decides: its index, as far as the operands share it. Everything else comes from the
slices that were chosen before, remembered by the name of the axis, so that a head or an example stays the same from
operand to operand and from step to step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from engine.reading.model import Part, Term
from tui.grid import Index, leading, ravel, unravel
from tui.paint.geometry import Operand, Selector, index_names, light, terms

Chosen = Mapping[str, int]
"""The position that was last looked at along an axis, by the key of the axis."""

Lit = Mapping[Operand, Selector]
"""What hangs together with the cursor's entry, per operand."""

_BROADCAST = "0"  # the letter of an axis that has one entry for all


@dataclass(frozen=True, slots=True)
class SliceAxis:
    """One leading index that can be moved along: its letter, how far it runs, and the position that is looked at.

    ``keys`` are what its axis is called in the operands that have it in front, ``operand`` is the first of them.
    ``decided``: which slice is shown there depends on the cursor's place, so the cursor has to move. ``summed``: the
    part adds up all of these slices.
    """

    operand: Operand
    letter: str
    size: int
    position: int
    keys: tuple[str, ...]
    decided: bool
    summed: bool


def keys_of(term: Term) -> tuple[str, ...]:
    """What the leading axes are remembered by: their name, with a number where one array has it twice."""
    keys = []
    for k in range(len(leading(term.shape))):
        name = term.axes[k] if k < len(term.axes) else None
        again = term.axes[:k].count(name)
        keys.append(f"#{k}" if name is None else f"{name}#{again}" if again else name)
    return tuple(keys)


def chosen_lead(term: Term, chosen: Chosen) -> Index:
    """The leading index of the slice last looked at, or the nearest one that the array has."""
    sizes = leading(term.shape)
    return tuple(
        min(max(0, chosen.get(key, 0)), max(0, size - 1)) for key, size in zip(keys_of(term), sizes, strict=True)
    )


def choose_lead(term: Term, lead: Index, chosen: Chosen) -> dict[str, int]:
    """``chosen`` with the slice ``lead`` of ``term``; an axis with a single entry says nothing about it."""
    places = zip(keys_of(term), lead, leading(term.shape), strict=True)
    return {**chosen, **{key: position for key, position, size in places if size > 1}}


def leads(part: Part, lit: Lit, chosen: Chosen) -> dict[Operand, Index]:
    """The slice that every operand shows while ``lit`` is what hangs together with the cursor's entry."""
    found: dict[Operand, Index] = {}
    for other, term in terms(part).items():
        before = chosen_lead(term, chosen)
        known = lit[other][: len(before)] if other in lit else (None,) * len(before)
        found[other] = tuple(b if k is None else k for k, b in zip(known, before, strict=True))
    return found


def slice_axes(part: Part, operand: Operand, index: Index, lit: Lit, chosen: Chosen) -> tuple[SliceAxis, ...]:
    """The axes that can be moved along: those in front in the cursor's operand, then those that it leaves open.

    Where there are none, those of another operand whose slice the cursor's entry decides on (a reshape, say). Where
    an entry comes from one of several operands (a concatenation), the slices of the others are of no interest.
    """
    names, found, shown = index_names(part), terms(part), leads(part, lit, chosen)
    axes: dict[str, SliceAxis] = {}
    for other in sorted(found, key=lambda one: one != operand):
        term = found[other]
        if other not in lit and _is_sourced(part, operand, lit):
            continue
        places = zip(names[other], keys_of(term), shown[other], leading(term.shape), strict=False)
        for k, (name, key, position, size) in enumerate(places):
            if size > 1 and name in axes:
                axes[name] = replace(axes[name], keys=(*axes[name].keys, key))
            elif size > 1:
                decided = other != operand and other in lit and lit[other][k] is not None
                letter = _letter(term, k)
                summed = bool(letter) and letter in part.summed
                axes[name] = SliceAxis(other, letter, size, position, (key,), decided, summed)
    free = tuple(axis for axis in axes.values() if not axis.decided)
    if free or not axes:
        return free
    other = next(iter(axes.values())).operand
    decided_there = tuple(axis for axis in axes.values() if axis.operand == other)
    lead = chosen_lead(found[other], {**chosen, **moved(decided_there, 1)})
    return decided_there if followed(part, operand, index, lit, other, lead) != index else ()


def _is_sourced(part: Part, operand: Operand, lit: Lit) -> bool:
    """Whether the cursor's entry is one entry of another operand, taken over as it is."""
    return part.right is not None and any(
        other != operand and None not in selector and part.kind == "index" for other, selector in lit.items()
    )


def followed(part: Part, operand: Operand, index: Index, lit: Lit, other: Operand, lead: Index) -> Index:
    """The entry of ``operand`` for which ``other`` shows the slice ``lead``, as near to ``index`` as there is one."""
    there = (*lead, *(position or 0 for position in lit[other][len(lead) :]))
    back = light(part, other, there).get(operand, (None,) * len(index))
    return tuple(before if position is None else position for position, before in zip(back, index, strict=True))


def moved(axes: Sequence[SliceAxis], by: int) -> dict[str, int]:
    """The positions ``by`` slices further, the last axis first and round the ends."""
    sizes = tuple(axis.size for axis in axes)
    here = ravel(sizes, tuple(axis.position for axis in axes))
    positions = unravel(sizes, (here + by) % prod(sizes))
    return {key: position for axis, position in zip(axes, positions, strict=True) for key in axis.keys}


def number(axes: Sequence[SliceAxis]) -> tuple[int, int]:
    """Which of the slices is looked at, counted from 1, and how many there are."""
    sizes = tuple(axis.size for axis in axes)
    return ravel(sizes, tuple(axis.position for axis in axes)) + 1, prod(sizes)


def _letter(term: Term, axis: int) -> str:
    """The index letter of an axis, else its name; nothing where neither tells it from the other axes."""
    for names in (term.letters, term.axes):
        own = names[axis] if axis < len(names) else None
        if own and own != _BROADCAST and names.count(own) == 1:
            return own
    return ""
