"""Where we stand on a tape and how we move: an immutable state without arrays, widgets or side effects.

Every method gives a new ``Debugger`` and leaves the old one alone, so a key press is one assignment.
A step is looked at after it was executed. Where a move is impossible nothing moves and ``message`` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tui.grid import Cell, Index, cell_of, clamp, grid_of, index_of, leading, transposed
from tui.paint import slices
from tui.paint.badges import mark
from tui.paint.connected import connected
from tui.paint.geometry import Selector, grids
from tui.paint.stage import StageView

if TYPE_CHECKING:
    from engine import Tape
    from engine.blame import LineVerdict
    from engine.check import Report, Verdict
    from engine.reading.model import Part, Phase, Step, Term

Operand = Literal["result", "left", "right"]
RailMode = Literal["names", "numpy", "off"]

PAGES = ("cell", "why ᵀ?", "numpy", "stats", "checks")
CELL, WHY, NUMPY, STATS, CHECKS = range(1, 6)
RAIL_MODES: tuple[RailMode, ...] = ("names", "numpy", "off")
USUAL_DECIMALS = 2
MOST_DECIMALS = 12


@dataclass(frozen=True, eq=False)
class Debugger:
    """The place on the tape (step, part, cell) and the choices of the person (page, decimals, rail).

    ``cell`` is the cell last chosen, row and column as they are seen; ``cursor`` is the nearest one that the operand
    in focus has, so that passing through a small matrix or along a vector that stands does not lose the place.
    ``other`` is the tape of the other convention once it has been made. ``indices`` remembers under which index letter
    the cursor stood on which number while it moves from operand to operand. ``chosen`` remembers, by the name of a
    leading axis, which slice of arrays with more than two axes is looked at. ``checks`` is keyed by parameter name;
    ``progress`` is (gradients checked, gradients in all) while a check runs. ``unfolded`` shows a long chain in full.
    ``own`` is what was found of somebody's own backward, by the id of the step.
    """

    tape: Tape
    index: int = 0
    part_index: int = 0
    cell: Cell = (0, 0)
    operand: Operand = "result"
    page: int = CELL
    page_before_why: int = CELL
    decimals: int | None = None
    summed_offset: int = 0
    rail: RailMode = "names"
    message: str = ""
    other: Tape | None = None
    checks: Mapping[str, Verdict] = field(default_factory=dict)
    check_message: str = ""
    progress: tuple[int, int] | None = None
    indices: Mapping[str, int] = field(default_factory=dict)
    chosen: slices.Chosen = field(default_factory=dict)
    unfolded: bool = False
    own: Mapping[str, LineVerdict] = field(default_factory=dict)

    @classmethod
    def start(cls, tape: Tape) -> Debugger:
        """At the first step of ``tape``, its result in view."""
        return cls(tape, part_index=tape.program.steps[0].main)

    # ---- what is in view ------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of the tape in use, in the order of execution."""
        return self.tape.program.steps

    @property
    def step(self) -> Step:
        """The step in view."""
        return self.steps[self.index]

    @property
    def part(self) -> Part:
        """The operation in view, one of ``step.parts``."""
        return self.step.parts[self.part_index]

    @property
    def phase(self) -> Phase:
        """``forward``, ``loss`` or ``backward``."""
        return self.step.phase

    @property
    def position(self) -> str:
        """``BACKWARD  step 11/12``."""
        return f"{self.phase.upper()}  step {self.index + 1}/{len(self.steps)}"

    @property
    def part_position(self) -> str:
        """``B6b 2/2``, the part in view and how many there are; ``B7`` where a step is a single operation."""
        parts = len(self.step.parts)
        return f"{self.part.id} {self.part_index + 1}/{parts}" if parts > 1 else self.step.id

    @property
    def term(self) -> Term:
        """The matrix that the cursor is in."""
        return operand_of(self.part, self.operand)

    @property
    def cursor(self) -> Cell:
        """Row and column of the cursor in its slice of ``term``; (0, j) in a vector, (0, 0) in a number."""
        return clamp(self._turned(self.cell), self.term.shape)

    @property
    def entry_index(self) -> Index:
        """The cursor as an index into the array of ``term``, one number per axis."""
        return index_of(self.term.shape, self.cursor, slices.chosen_lead(self.term, self.chosen))

    @property
    def slice_axes(self) -> tuple[slices.SliceAxis, ...]:
        """The leading axes along which ``>`` moves; none where every matrix of the part is shown whole."""
        return slices.slice_axes(self.part, self.operand, self.entry_index, self._lit, self.chosen)

    @property
    def _lit(self) -> slices.Lit:
        return connected(self.tape, self.part, self.operand, self.entry_index)

    @property
    def view(self) -> StageView:
        """What the stage has to know of this place."""
        return StageView(self.cursor, self.operand, self.summed_offset, self.decimals, self.indices, self.chosen)

    def verdict(self, step: Step) -> Verdict | None:
        """What the gradient check said about the gradient that ``step`` makes, None if it was not asked."""
        return None if step.of is None else self.checks.get(step.of)

    def mark(self, step: Step) -> tuple[str, str] | None:
        """Glyph and style of what was found about ``step``: by the person's own backward, else by the check."""
        return mark(self.own.get(step.id), self.verdict(step) if step.phase == "backward" else None)

    # ---- moving along the tape ------------------------------------------------------------------------

    def next_step(self) -> Debugger:
        """The result of the next step."""
        if self.index + 1 == len(self.steps):
            return self.say("already at the last step")
        return self.go_to_index(self.index + 1)

    def previous_step(self) -> Debugger:
        """The result of the step before."""
        if self.index == 0:
            return self.say("already at the first step")
        return self.go_to_index(self.index - 1)

    def next_part(self) -> Debugger:
        """The first part of the next step; inside a step, its next part."""
        if self.part_index < self.step.main:
            return self._at(self.index, self.part_index + 1)
        if self.index + 1 == len(self.steps):
            return self.say("already at the last part")
        return self._at(self.index + 1, 0)

    def previous_part(self) -> Debugger:
        """The part before this one, if need be the last part of the step before."""
        if self.part_index > 0:
            return self._at(self.index, self.part_index - 1)
        if self.index == 0:
            return self.say("already at the first part")
        return self.go_to_index(self.index - 1)

    def finish(self) -> Debugger:
        """The next gradient of a parameter: what all the steps in between are for."""
        following = next((index for index in self._parameter_gradients() if index > self.index), None)
        return self.say("no parameter gradient after this step") if following is None else self.go_to_index(following)

    def unfinish(self) -> Debugger:
        """The gradient of a parameter before this step."""
        before = [index for index in self._parameter_gradients() if index < self.index]
        return self.go_to_index(before[-1]) if before else self.say("no parameter gradient before this step")

    def next_layer(self) -> Debugger:
        """The first step of the next layer, or of the next phase."""
        for index in range(self.index + 1, len(self.steps)):
            if self._starts_layer(index):
                return self.go_to_index(index)
        return self.say("already in the last layer")

    def previous_layer(self) -> Debugger:
        """The first step of the layer before this one."""
        starts = [index for index in range(self.index + 1) if self._starts_layer(index)]
        if len(starts) < 2:
            return self.say("already in the first layer")
        return self.go_to_index(starts[-2])

    def first(self) -> Debugger:
        """The first step."""
        return self.go_to_index(0) if self.index else self.say("already at the first step")

    def last(self) -> Debugger:
        """The last step."""
        end = len(self.steps) - 1
        return self.go_to_index(end) if self.index < end else self.say("already at the last step")

    def go_to(self, key: str) -> Debugger:
        """The step or part of that name: ``B6``, ``B6a``, ``dW1``, ``∂L/∂W₁``. Raises engine.LookupFailed."""
        step = self.tape.program.step(key)
        parts = [part.id.casefold() for part in step.parts]
        wanted = key.strip().casefold()
        part = parts.index(wanted) if wanted in parts else step.main
        return self._at(self.steps.index(step), part)

    def go_to_index(self, index: int) -> Debugger:
        """The result of the step with that number, counted from 0."""
        return self._at(index, self.steps[index].main)

    # ---- moving inside the matrices -------------------------------------------------------------------

    def move_cursor(self, rows: int, columns: int) -> Debugger:
        """The cursor some rows down and columns to the right as they are seen, round the edges."""
        if self._upright:
            rows, columns = columns, rows
        height, width = grid_of(self.term.shape)
        row, column = self.cursor
        return self._with_cell(((row + rows) % max(1, height), (column + columns) % max(1, width)))

    def page_down(self, window: int) -> Debugger:
        """The cursor down by a window of ``window`` rows, stopping at the last row."""
        return self._down(max(1, window))

    def page_up(self, window: int) -> Debugger:
        """The cursor up by a window of ``window`` rows, stopping at the first row."""
        return self._down(-max(1, window))

    def row_start(self) -> Debugger:
        """The first column of the cursor's row."""
        return self if self._upright else self._with_cell((self.cursor[0], 0))

    def row_end(self) -> Debugger:
        """The last column of the cursor's row."""
        return self if self._upright else self._with_cell((self.cursor[0], grid_of(self.term.shape)[1] - 1))

    def set_cell(self, operand: Operand, row: int, column: int, lead: Index | None = None) -> Debugger:
        """The cursor where a person clicked: a cell of the slice ``lead``, or of the one that is shown.

        An operand that the part does not have changes nothing.
        """
        if operand == "right" and self.part.right is None:
            return self
        if lead is None:
            lead = slices.leads(self.part, self._lit, self.chosen)[operand]
        chosen = slices.choose_lead(operand_of(self.part, operand), lead, self.chosen)
        return replace(self, operand=operand, indices={}, chosen=chosen)._with_cell((row, column))

    def move_slice(self, by: int) -> Debugger:
        """``by`` slices on along the leading axes, round the ends; operands that share them move together."""
        axes = self.slice_axes
        if not axes:
            return self.say("there is no other slice to show here")
        chosen = {**self.chosen, **slices.moved(axes, by)}
        if not axes[0].decided:
            return replace(self, chosen=chosen, message="")
        other = axes[0].operand
        lead = slices.chosen_lead(operand_of(self.part, other), chosen)
        index = slices.followed(self.part, self.operand, self.entry_index, self._lit, other, lead)
        chosen = slices.choose_lead(self.term, index[: len(leading(self.term.shape))], chosen)
        return replace(self, chosen=chosen)._with_cell(cell_of(self.term.shape, index))

    def cycle_operand(self, direction: int = 1) -> Debugger:
        """The cursor to the next matrix of result, left, right; it keeps every index the matrices share.

        From result [j, i] of a product over n it goes to left [j, n] and right [n, i], and back to [j, i].
        """
        order: tuple[Operand, ...] = ("result", "left") if self.part.right is None else ("result", "left", "right")
        operand = order[(order.index(self.operand) + direction) % len(order)]
        term, here = operand_of(self.part, operand), self.entry_index
        known = {**self.indices, **dict(zip(self.term.letters, here, strict=False))}
        lead = slices.leads(self.part, self._lit, self.chosen)[operand]
        chosen = slices.choose_lead(term, lead, self.chosen)
        moved = replace(self, operand=operand, indices=known, chosen=chosen, message="")
        if len(term.letters) != len(term.shape):
            return moved
        nothing: Selector = (None,) * len(term.shape)
        decided = self._lit.get(operand, nothing)
        places = zip(decided, term.letters, strict=True)
        index = tuple(known.get(letter, 0) if place is None else place for place, letter in places)
        return replace(moved, cell=moved._turned(cell_of(term.shape, index)))

    def scroll_summed(self, by: int) -> Debugger:
        """The window over the summed index moved by ``by`` entries."""
        size = self.summed_size
        if size is None:
            return self.say("nothing is summed here")
        return replace(self, summed_offset=min(max(0, self.summed_offset + by), max(0, size - 1)), message="")

    @property
    def summed_size(self) -> int | None:
        """How many terms the summed index of the part runs over, None where nothing is summed."""
        left = self.part.left
        sizes = dict(zip(left.letters, left.shape, strict=False))
        return next((sizes[letter] for letter in self.part.summed if letter in sizes), None)

    # ---- choices --------------------------------------------------------------------------------------

    def set_page(self, page: int) -> Debugger:
        """Inspector page 1 to 5."""
        return replace(self, page=min(max(CELL, page), CHECKS), message="")

    def toggle_why(self) -> Debugger:
        """The page *why ᵀ?*, and from there back to the page before."""
        if self.page == WHY:
            return self.set_page(self.page_before_why)
        return replace(self.set_page(WHY), page_before_why=self.page)

    def more_decimals(self) -> Debugger:
        """One decimal more in every matrix."""
        shown = USUAL_DECIMALS if self.decimals is None else self.decimals
        return self._with_decimals(min(MOST_DECIMALS, shown + 1))

    def fewer_decimals(self) -> Debugger:
        """One decimal less in every matrix; below none, every matrix chooses for itself again."""
        shown = USUAL_DECIMALS if self.decimals is None else self.decimals
        return self._with_decimals(shown - 1 if shown > 0 else None)

    def cycle_rail(self) -> Debugger:
        """The step list: names, NumPy lines, off."""
        following = RAIL_MODES[(RAIL_MODES.index(self.rail) + 1) % len(RAIL_MODES)]
        return replace(self, rail=following, message="")

    def toggle_chain(self) -> Debugger:
        """The chain bar with every factor of a long chain, or folded into its usual lines."""
        return replace(self, unfolded=not self.unfolded, message="")

    def say(self, message: str) -> Debugger:
        """The same place with a message, which the next move clears."""
        return replace(self, message=message)

    # ---- other tapes ----------------------------------------------------------------------------------

    def with_tape(self, tape: Tape) -> Debugger:
        """The same quantity on another tape (the file was changed); checks of the old one are forgotten."""
        moved = self._onto(tape)
        return replace(moved, other=None, checks={}, check_message="", progress=None, own={})

    def with_own(self, marks: Mapping[str, LineVerdict]) -> Debugger:
        """What was found of the person's own backward, by the id of the step."""
        return replace(self, own=marks)

    def flip(self, other: Tape | None = None) -> Debugger:
        """The same step and cell in the other convention; ``other`` is its tape unless it is known already."""
        tape = other or self.other
        if tape is None:
            return self.say("there is no tape in the other convention")
        part, moved = self.part, self._onto(tape)
        operand = _same_operand(part, moved.part, self.operand)
        moved = replace(moved, other=self.tape, operand=operand)
        if len(moved.term.shape) == len(self.term.shape):
            lead = slices.chosen_lead(self.term, self.chosen)
            moved = replace(moved, chosen=slices.choose_lead(moved.term, lead, self.chosen))
        cell = transposed(self._turned(self.cell), self.term.shape, moved.term.shape)
        return replace(moved, cell=moved._turned(cell))

    # ---- gradient check -------------------------------------------------------------------------------

    def with_progress(self, done: int, total: int) -> Debugger:
        """A check that is running."""
        return replace(self, progress=(done, total))

    def with_report(self, report: Report) -> Debugger:
        """A check that has finished."""
        return replace(self, checks=dict(report.results), check_message=report.message, progress=None)

    def without_progress(self) -> Debugger:
        """A check that was cancelled or failed; what an earlier one found stays."""
        return replace(self, progress=None)

    # ---- inner workings -------------------------------------------------------------------------------

    def _at(self, index: int, part: int) -> Debugger:
        moved = self._placed(self.tape, index, part)
        # From a vector that stands to one that lies the cursor stays on its entry, as it does in matrices.
        vectors = len(self.term.shape) == len(moved.term.shape) == 1
        return replace(moved, cell=moved._turned(self._turned(self.cell))) if vectors else moved

    def _placed(self, tape: Tape, index: int, part: int) -> Debugger:
        place = replace(self, tape=tape, index=index, part_index=part, operand="result")
        return replace(place, summed_offset=0, indices={}, message="")

    @property
    def _upright(self) -> bool:
        """Whether the cursor is in a vector that is drawn as a column: its entries lie below one another."""
        return any(grid.upright for grid in grids(self.part) if grid.operand == self.operand)

    def _down(self, by: int) -> Debugger:
        row, column = self.cursor
        return self._with_cell((row, column + by) if self._upright else (row + by, column))

    def _with_cell(self, cell: Cell) -> Debugger:
        return replace(self, cell=self._turned(clamp(cell, self.term.shape)), message="")

    def _turned(self, cell: Cell) -> Cell:
        """Between a cell as it is seen and as ``tui.grid`` counts it: a vector that stands is a row there."""
        return (cell[1], cell[0]) if self._upright else cell

    def _with_decimals(self, decimals: int | None) -> Debugger:
        text = "decimals: chosen for each matrix" if decimals is None else f"decimals: {decimals}"
        return replace(self, decimals=decimals, message=text)

    def _parameter_gradients(self) -> list[int]:
        """The numbers of the steps that the whole backward pass is for."""
        names = self.tape.gradients.keys()
        return [index for index, step in enumerate(self.steps) if step.phase == "backward" and step.of in names]

    def _starts_layer(self, index: int) -> bool:
        if index == 0:
            return True
        here, before = self.steps[index], self.steps[index - 1]
        return (here.phase, here.layer) != (before.phase, before.layer)

    def _onto(self, tape: Tape) -> Debugger:
        """The step with the same quantity, else with the same id, else the same number; the same part in it."""
        steps, here = tape.program.steps, self.step
        index = next(
            (index for index, step in enumerate(steps) if step.quantity == here.quantity),
            next((index for index, step in enumerate(steps) if step.id == here.id), min(self.index, len(steps) - 1)),
        )
        main = steps[index].main
        part = main if self.part_index == here.main else min(self.part_index, main)
        moved = self._placed(tape, index, part)
        stays = self.operand != "right" or moved.part.right is not None
        return replace(moved, operand=self.operand if stays else "result")


def operand_of(part: Part, operand: Operand) -> Term:
    """The matrix of ``part`` in that place; the result where there is no right operand."""
    if operand == "left":
        return part.left
    if operand == "right" and part.right is not None:
        return part.right
    return part.result


def _same_operand(before: Part, after: Part, operand: Operand) -> Operand:
    """Where the operand in focus stands after the convention changed, which turns most products round."""
    if operand == "result" or after.right is None or before.right is None:
        return operand if operand != "right" or after.right is not None else "result"
    crossed = before.left.symbol == after.right.symbol or before.right.symbol == after.left.symbol
    straight = before.left.symbol == after.left.symbol or before.right.symbol == after.right.symbol
    if crossed and not straight:
        return "right" if operand == "left" else "left"
    return operand
