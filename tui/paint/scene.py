"""One operation and where a person looks on it: which entries light up, which slices and which windows are in view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.reading.model import Part
from tui.grid import Cell, Index, clamp, index_of
from tui.paint.connected import connected
from tui.paint.geometry import Dimension, Grid, Operand, grids, index_names
from tui.paint.layout import Arrays
from tui.paint.slices import Chosen, Lit, SliceAxis, chosen_lead, keys_of, leads, slice_axes

if TYPE_CHECKING:
    from engine.tape import Tape


@dataclass(frozen=True)
class StageView:
    """Where a person looks on the stage.

    ``cursor`` is the cell of ``operand`` as ``tui.grid`` counts it (a vector is one row). ``summed`` is the first
    entry shown of a summed index that does not fit. ``indices`` tells, by index letter, which entry of the other
    dimensions to keep in view while the cursor is in an operand that has not got them. ``chosen`` tells, by the name
    of a leading axis, which slice to show. In print (``marked`` is False) nobody points at a cell, so no cell and no
    row is lit.
    """

    cursor: Cell = (0, 0)
    operand: Operand = "result"
    summed: int = 0
    decimals: int | None = None
    indices: Mapping[str, int] = field(default_factory=dict)
    chosen: Chosen = field(default_factory=dict)
    marked: bool = True


@dataclass(frozen=True, eq=False)
class Scene:
    """What follows from a part and a view of it, before anything is laid out.

    The arrays of a part that is on no tape (somebody's own beside the engine's) are ``given``.
    """

    tape: Tape | None
    part: Part
    view: StageView
    given: Arrays | None = None

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """The operands from left to right."""
        return grids(self.part)

    @cached_property
    def arrays(self) -> Arrays:
        """Their numbers, all of them."""
        if self.tape is None:
            return self.given or {}
        return {grid.operand: self.tape.array(grid.term) for grid in self.grids}

    @property
    def compared(self) -> tuple[Operand, ...]:
        """The operands to be told apart entry by entry: of a part that is on no tape, the two that were given."""
        if self.tape is not None:
            return ()
        return ("left", "result") if self.part.right is None else ("left", "right")

    @property
    def finite(self) -> bool:
        """Whether the loss is finite whatever infinities there are, so that none of them did any harm."""
        return self.tape is not None and self.tape.finite

    @cached_property
    def focus(self) -> Grid:
        """The matrix that the cursor is in; the result where the part has no such operand."""
        found = {grid.operand: grid for grid in self.grids}
        return found.get(self.view.operand, found["result"])

    @cached_property
    def cursor(self) -> Index:
        """The array index of the cursor's entry."""
        term = self.focus.term
        return index_of(term.shape, clamp(self.view.cursor, term.shape), chosen_lead(term, self.view.chosen))

    @cached_property
    def lit(self) -> Lit:
        """What hangs together with the cursor's entry."""
        return connected(self.tape, self.part, self.focus.operand, self.cursor)

    @cached_property
    def leads(self) -> Mapping[Operand, Index]:
        """The slice that every operand shows; in print one that was asked for goes before that of a cell."""
        found = leads(self.part, self.lit, self.view.chosen)
        if self.view.marked:
            return found
        asked = self.view.chosen
        return {
            grid.operand: tuple(
                asked.get(key, position) for key, position in zip(keys_of(grid.term), found[grid.operand], strict=True)
            )
            for grid in self.grids
        }

    @cached_property
    def slices(self) -> tuple[SliceAxis, ...]:
        """The axes along which there are other slices than those in view."""
        axes = slice_axes(self.part, self.focus.operand, self.cursor, self.lit, self.view.chosen)
        if self.view.marked:
            return axes
        return tuple(replace(axis, position=self.view.chosen.get(axis.keys[0], axis.position)) for axis in axes)

    def start(self, dimension: Dimension, count: int) -> int:
        """Where the window over a dimension starts of which ``count`` entries fit.

        Along what the cursor decides on it turns pages, so that numbers stay in their places while the cursor moves.
        """
        position = self._places.get(dimension)
        if position is not None:
            return position // count * count
        if dimension in self.free:
            return self.view.summed
        return self.view.indices.get(self.letters.get(dimension, ""), 0) // count * count

    @cached_property
    def _places(self) -> dict[Dimension, int]:
        """Where the cursor's entry, and what lights up with it, stands along every dimension that it decides on."""
        found: dict[Dimension, int] = {}
        for grid in sorted(self.grids, key=lambda one: one is not self.focus):
            pair = (grid.rows,) if grid.upright else (grid.rows, grid.columns)
            for dimension, position in zip(pair[::-1], self.lit.get(grid.operand, ())[::-1], strict=False):
                if dimension.size > 1 and position is not None:
                    found.setdefault(dimension, position)
        return found

    @cached_property
    def free(self) -> list[Dimension]:
        """The dimensions that the result has not got: what is summed over, or picked from."""
        operands = [grid for grid in self.grids if grid.operand != "result"]
        found = dict.fromkeys(dimension for grid in operands for dimension in (grid.rows, grid.columns))
        places = zip(index_names(self.part)["result"], self.part.result.shape, strict=True)
        kept = {name for name, size in places if size > 1}
        return [one for one in found if one.size > 1 and kept.isdisjoint(one.names)]

    @cached_property
    def letters(self) -> dict[Dimension, str]:
        """The index letter of every dimension that has more than one entry, from left to right."""
        found: dict[Dimension, str] = {}
        for grid in self.grids:
            letters = grid.term.letters if len(grid.term.letters) == len(grid.term.shape) else ()
            rows, columns = (letters, ()) if grid.upright else (letters[-2:-1], letters[-1:])
            for dimension, own in ((grid.rows, rows), (grid.columns, columns)):
                if dimension.size > 1 and not found.get(dimension):
                    found[dimension] = ",".join(own)
        return found
