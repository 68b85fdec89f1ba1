"""Where we stand on the screen of somebody's backward and how we move: an immutable state without side effects.

Every method gives a new ``Place`` and leaves the old one alone. Where a move is impossible nothing moves and
``message`` says why. ``Judgement`` holds the arrays; nothing here looks through them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tui.debugger import MOST_DECIMALS, USUAL_DECIMALS
from tui.grid import Cell, Index, cell_of, clamp, grid_of, index_of, leading
from tui.own.compared import Compared
from tui.own.judgement import Judgement
from tui.own.listing import Row, moved
from tui.paint import slices
from tui.paint.geometry import Operand, grids
from tui.paint.scene import Scene, StageView

if TYPE_CHECKING:
    from engine.reading.model import Step

_NOT_RIGHT = ("own-error", "inherited", "unrecognised")


@dataclass(frozen=True, eq=False)
class Place:
    """A row of the listing and a cell of its matrices.

    ``cell`` is the cell of the matrices as it is seen, None until one was chosen: then it is the one that is off the
    most. ``inside`` says that the arrows move the cell and not the line. ``chosen`` is the slice of arrays with more
    than two axes. ``running`` is what is being done beside the screen, ``trouble`` why the file as it is now on disk
    could not be judged; what is shown is then the judgement before.
    """

    judgement: Judgement
    row: int = 0
    cell: Cell | None = None
    inside: bool = False
    operand: Operand = "result"
    decimals: int | None = None
    chosen: Mapping[str, int] = field(default_factory=dict)
    message: str = ""
    running: str = ""
    trouble: str = ""

    @classmethod
    def start(cls, judgement: Judgement) -> Place:
        """On the first wrong line; else on the line that the run ended on; else where all of it is told of."""
        return cls(judgement, _opening(judgement))

    # ---- what is in view ------------------------------------------------------------------------------

    @property
    def here(self) -> Row | None:
        """The row that the cursor is on."""
        rows = self.judgement.rows
        return rows[self.row] if self.row < len(rows) else None

    @property
    def array(self) -> Compared | None:
        """The array that is told of."""
        return self.judgement.of(self.row)

    @property
    def goes_to(self) -> Step | None:
        """The step that Enter leads to."""
        return None if self.array is None else self.array.goes_to

    @property
    def no_step(self) -> str:
        """Why Enter leads nowhere from here; empty where it leads to a step."""
        if self.running:
            return f"still {self.running}"
        unjudged = self._unjudged
        if unjudged or self.goes_to is not None:
            return unjudged
        here, array = self.here, self.array
        if here is None or here.kind == "def":
            return "a step belongs to a line: this is all of it"
        if here.stopped:
            return "the run stopped on this line: there is no array to show the step of"
        if array is None:
            return "no array was judged on this line: there is no step for it"
        what = f"{array.judged.equals or array.judged.name} is no step of this pass"
        return f"{what}, and no gradient is made of it"

    @property
    def idle(self) -> frozenset[str]:
        """The actions that would only say why they do nothing."""
        does = {
            "jump": not self.no_step,
            "next_wrong": any(k != self.row for k in self._wrong()),
            "toggle_inside": self.scene is not None,
        }
        return frozenset(action for action, something in does.items() if not something)

    @property
    def told_there(self) -> str:
        """What to say at the step that Enter leads to."""
        here, array = self.here, self.array
        if here is None or array is None or array.goes_to is None:
            return ""
        if array.goes_to is array.missing and array.missing is not array.step:
            return f"no line of yours computes this; line {here.number} needs it: y back"
        if array.goes_to is array.feeds:
            return f"your line {here.number} goes into this: y back"
        return f"your line {here.number}: y back"

    @property
    def is_first_wrong(self) -> bool:
        """Whether this is the first line that is wrong by itself."""
        return self.judgement.mine is not None and self.row == self.judgement.first_wrong

    @property
    def scene(self) -> Scene | None:
        """The matrices of the array, None where there are none."""
        array = self.array
        if array is None or array.part is None:
            return None
        given = {grid.operand: numbers for grid, numbers in zip(grids(array.part), array.arrays, strict=True)}
        return Scene(None, array.part, self._view(array), given)

    def _view(self, array: Compared) -> StageView:
        chosen = self._chosen(array)
        marked = self.inside or self.cell is not None or array.largest is not None
        return StageView(self.cursor, self.operand, decimals=self.decimals, chosen=chosen, marked=marked)

    def _chosen(self, array: Compared) -> Mapping[str, int]:
        """The slice: the one chosen, else the one with the entry that is off the most."""
        if self.chosen or array.largest is None or array.part is None:
            return self.chosen
        lead = array.largest[: len(leading(array.part.result.shape))]
        return slices.choose_lead(array.part.result, lead, {})

    @property
    def cursor(self) -> Cell:
        """Row and column of the cell in its slice."""
        array = self.array
        if array is None or array.part is None:
            return 0, 0
        shape = array.part.result.shape
        if self.cell is not None:
            return clamp(self.cell, shape)
        return cell_of(shape, array.largest) if array.largest is not None else (0, 0)

    @property
    def entry(self) -> Index:
        """The cell as an index into the arrays."""
        array = self.array
        if array is None or array.part is None:
            return ()
        term = array.part.result
        return index_of(term.shape, self.cursor, slices.chosen_lead(term, self._chosen(array)))

    # ---- moving along the lines -----------------------------------------------------------------------

    def up(self) -> Place:
        """The line before; inside the matrices a cell up."""
        return self._cell(-1, 0) if self.inside else self._line(-1, "already on the first line")

    def down(self) -> Place:
        """The next line; inside the matrices a cell down."""
        return self._cell(1, 0) if self.inside else self._line(1, "already on the last line")

    def left(self) -> Place:
        """A cell to the left."""
        return self._cell(0, -1)

    def right(self) -> Place:
        """A cell to the right."""
        return self._cell(0, 1)

    def page(self, by: int) -> Place:
        """``by`` rows down, or up where it is negative: the nearest line there that the cursor can stand on."""
        if self.inside:
            return self._cell(by, 0, wraps=False)
        stops = self._stops()
        wanted = min(max(0, self.row + by), len(self.judgement.rows) - 1)
        return self._to(min(stops, key=lambda k: abs(k - wanted))) if stops else self

    def first(self) -> Place:
        """The line that defines the backward, where all of it is told of; inside the matrices the start of the row."""
        if self.inside:
            return replace(self, cell=(self.cursor[0], 0), message="")
        return self._to(self.judgement.start)

    def last(self) -> Place:
        """The last line; inside the matrices the end of the row."""
        if self.inside:
            return self._cell(0, 10**9, wraps=False)
        return self._to(next(reversed(self._stops()), self.row))

    def next_wrong(self) -> Place:
        """The next line that is not right; from where all of it is told of, the first wrong one."""
        if self.here is not None and self.here.kind == "def" and self.judgement.first_wrong is not None:
            return self._to(self.judgement.first_wrong)
        after = [k for k in self._wrong() if k > self.row]
        return self._to(after[0]) if after else self.say(self._none("after"))

    def previous_wrong(self) -> Place:
        """The line before that is not right."""
        before = [k for k in self._wrong() if k < self.row]
        return self._to(before[-1]) if before else self.say(self._none("before"))

    def select(self, row: int) -> Place:
        """The row that a person clicked on, if the cursor can stand there."""
        return self._to(row) if row in self._stops() else self

    def at_step(self, step: str) -> Place:
        """The line that belongs to a step: this one if it does, else the one that most needs a look; else this one."""
        if self.goes_to is not None and self.goes_to.id == step:
            return replace(self, message="", inside=False)
        own = [k for k in self._stops() if step in self._steps(k)] or [k for k in self._stops() if self._feeds(k, step)]
        if not own or self.row in own:
            return replace(self, message="", inside=False)
        wrong = [k for k in own if k in self._wrong()]
        return self._to((wrong or own[-1:])[0])

    # ---- moving inside the matrices -------------------------------------------------------------------

    def toggle_inside(self) -> Place:
        """The arrows move the cell, and then the line again."""
        if self.inside:
            return replace(self, inside=False, message="")
        if self.scene is None:
            return self.say("this line has no matrices to go into")
        return replace(self, inside=True, cell=self.cursor, chosen=self._kept(), message="")

    def set_cell(self, operand: Operand, row: int, column: int, lead: Index) -> Place:
        """The cell that was clicked."""
        array = self.array
        if array is None or array.part is None:
            return self
        chosen = slices.choose_lead(array.part.result, lead, self.chosen)
        operand = operand if not array.same_shape else "result"
        return replace(self, cell=(row, column), operand=operand, chosen=chosen, message="")

    def move_slice(self, by: int) -> Place:
        """Another slice of arrays with more than two axes."""
        scene = self.scene
        if scene is None or not scene.slices:
            return self.say("there is no other slice to show here")
        return replace(self, chosen={**self._kept(), **slices.moved(scene.slices, by)}, cell=self.cursor, message="")

    def more_decimals(self) -> Place:
        """One decimal more in every matrix."""
        shown = USUAL_DECIMALS if self.decimals is None else self.decimals
        return replace(self, decimals=min(MOST_DECIMALS, shown + 1), message="")

    def fewer_decimals(self) -> Place:
        """One decimal less; below none every matrix chooses for itself again."""
        shown = USUAL_DECIMALS if self.decimals is None else self.decimals
        return replace(self, decimals=shown - 1 if shown > 0 else None, message="")

    # ---- what happens beside the screen ---------------------------------------------------------------

    def say(self, message: str) -> Place:
        """The same place with a message, which the next move clears."""
        return replace(self, message=message)

    def work(self, running: str) -> Place:
        """What is going on beside the screen; nothing, with an empty text."""
        return replace(self, running=running)

    def failed(self, trouble: str) -> Place:
        """The file on disk cannot be judged as it is now: what was there stays."""
        return replace(self, trouble=trouble, running="", message="")

    def again(self, judgement: Judgement) -> Place:
        """The same line in what was judged after an edit."""
        before = self.judgement.rows
        row = _nearest(judgement, moved(before, judgement.rows, self.row)) if before else _opening(judgement)
        return replace(self, judgement=judgement, row=row, cell=None, inside=False, chosen={}, trouble="", running="")

    # ---- inner workings -------------------------------------------------------------------------------

    def _line(self, by: int, end: str) -> Place:
        there = [k for k in self._stops() if (k - self.row) * by > 0]
        return self._to(there[0] if by > 0 else there[-1]) if there else self.say(end)

    def _to(self, row: int) -> Place:
        here = replace(self, message="", inside=False)
        return here if row == self.row else replace(here, row=row, cell=None, operand="result", chosen={})

    def _cell(self, rows: int, columns: int, wraps: bool = True) -> Place:
        scene = self.scene
        if scene is None:
            return self.say("this line has no matrices")
        if scene.focus.upright:
            rows, columns = columns, rows
        height, width = grid_of(scene.focus.term.shape)
        row, column = self.cursor[0] + rows, self.cursor[1] + columns
        cell = (row % max(1, height), column % max(1, width)) if wraps else clamp((row, column), scene.focus.term.shape)
        return replace(self, cell=cell, chosen=self._kept(), message="")

    def _kept(self) -> Mapping[str, int]:
        return self.chosen if self.array is None else self._chosen(self.array)

    def _stops(self) -> list[int]:
        return [k for k, row in enumerate(self.judgement.rows) if row.stop]

    def _wrong(self) -> list[int]:
        rows = self.judgement.rows
        return [k for k in self._stops() if rows[k].verdict in _NOT_RIGHT or rows[k].stopped]

    def _none(self, side: str) -> str:
        if self._unjudged:
            return self._unjudged
        mine = self.judgement.mine
        if mine is not None and mine.raised is not None:
            stopped = f"the run stopped on line {mine.raised.line}: what comes after it was not judged"
            return stopped if side == "after" else "no judged line before this one is wrong"
        return f"no line {side} this one is wrong"

    @property
    def _unjudged(self) -> str:
        """Why no line was judged; empty where some were."""
        mine, failure = self.judgement.mine, self.judgement.failure
        if mine is None and failure is None:
            return "nothing was judged" if self.trouble else "nothing was judged yet: wait a moment"
        endless = mine is not None and mine.verdict == "raised" and mine.raised is None
        return f"nothing was judged: {self.judgement.news}" if failure is not None or endless else ""

    def _feeds(self, row: int, step: str) -> bool:
        array = self.judgement.of(row)
        return array is not None and array.feeds is not None and array.feeds.id == step

    def _steps(self, row: int) -> set[str]:
        array = self.judgement.of(row)
        return set() if array is None else {one.id for one in (array.step, array.missing) if one is not None}


def _opening(judgement: Judgement) -> int:
    tried = (judgement.first_wrong, judgement.stopped)
    return next((row for row in tried if row is not None), judgement.start)


def _nearest(judgement: Judgement, row: int) -> int:
    stops = [k for k, one in enumerate(judgement.rows) if one.stop]
    return min(stops, key=lambda k: (abs(k - row), k), default=0)
