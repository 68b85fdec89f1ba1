"""A formula as atoms side by side, their shapes beneath, folded about the current one where it is too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui.canvas import Canvas

GAP = "…"
"""What stands for atoms that were left out."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of a formula that is never cut: a factor over its shape, an operator, a bracket."""

    text: str
    style: str
    shape: str = ""
    current: bool = False

    @property
    def width(self) -> int:
        """Cells it takes: wide enough for its shape, with a blank on either side where it is the current factor."""
        return max(len(self.text) + 2 * self._boxed, len(self.shape))

    @property
    def _boxed(self) -> bool:
        return self.current and self.style == "active"


def width_of(atoms: Sequence[Atom]) -> int:
    """Cells that atoms side by side take."""
    return sum(atom.width for atom in atoms)


def fold(atoms: Sequence[Atom], width: int) -> list[Atom]:
    """The atoms, or, where they are wider than ``width``, the outer ones and those about the current one with ``…``.

    The current atom is always kept, then the ends and its neighbours, as many as there is room for.
    """
    if width_of(atoms) <= width:
        return list(atoms)
    centre = next((k for k, atom in enumerate(atoms) if atom.current), len(atoms) - 1)
    kept = {centre}
    for distance in range(len(atoms)):
        for k in (distance, len(atoms) - 1 - distance, centre - 1 - distance, centre + 1 + distance):
            if 0 <= k < len(atoms) and k not in kept:
                if _folded_width(atoms, kept | {k}) > width:
                    return _folded(atoms, kept)
                kept.add(k)
    return _folded(atoms, kept)


def _folded(atoms: Sequence[Atom], kept: set[int]) -> list[Atom]:
    folded: list[Atom] = []
    for k, atom in enumerate(atoms):
        if k in kept:
            folded.append(atom)
        elif not folded or folded[-1].text != GAP:
            folded.append(Atom(GAP, "dim"))
    return folded


def _folded_width(atoms: Sequence[Atom], kept: set[int]) -> int:
    """The width of ``_folded``, without making it: it is asked for once per atom, of chains with hundreds of them."""
    places = [-1, *sorted(kept), len(atoms)]
    gaps = sum(after - before > 1 for before, after in pairwise(places))
    return sum(atoms[k].width for k in kept) + gaps * len(GAP)


def draw(canvas: Canvas, y: int, atoms: Sequence[Atom], x: int = 1) -> int:
    """Atoms on line ``y`` from column ``x`` on, shapes on the line beneath; gives the x after the last."""
    for atom in atoms:
        text = atom.text.center(len(atom.text) + 2) if atom.current and atom.style == "active" else atom.text
        canvas.put(x + (atom.width - len(text)) // 2, y, text, atom.style)
        if atom.shape:
            canvas.put(x + (atom.width - len(atom.shape)) // 2, y + 1, atom.shape, "dim")
        x += atom.width
    return x
