"""Everything the screen shows of one run of somebody's backward, worked out beside the screen."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.failure import Failure, failure_of
from tui.own.compared import Compared, compared
from tui.own.listing import Place, Row, listing, worst

if TYPE_CHECKING:
    from engine.blame import LineVerdict, Mine
    from tui.opening import Opened


@dataclass(frozen=True, eq=False)
class Judgement:
    """One backward and what was found about it.

    ``mine`` is None before it was judged, and where it could not be: then ``failure`` says why. ``rows`` are the lines
    that are listed, ``arrays`` what they made. ``marks`` are keyed by the id of a step of the tape.
    """

    name: str
    path: Path
    rows: tuple[Row, ...]
    mine: Mine | None = None
    failure: Failure | None = None
    arrays: tuple[Compared, ...] = ()
    marks: Mapping[str, LineVerdict] = field(default_factory=dict)
    files: frozenset[str] = frozenset()

    @property
    def first_wrong(self) -> int | None:
        """The row of the first line that is wrong by itself."""
        first = None if self.mine is None else self.mine.first_wrong
        if first is None:
            return None
        errors = [k for k, row in enumerate(self.rows) if row.stop and row.verdict == "own-error"]
        here = [k for k in errors if (self.rows[k].file, self.rows[k].number) == (first.file, first.line)]
        same = [k for k in here if self._of(k).judged.equals == first.quantity]
        return next(iter(same or here or errors), None)

    @property
    def news(self) -> str:
        """The result in a few words."""
        if self.failure is not None:
            return self.failure.brief
        if self.mine is None:
            return "not judged"
        if self.mine.verdict == "right":
            return "every gradient is right"
        first, stopped = self.first_wrong, self.stopped
        if first is not None:
            return f"line {self.rows[first].number} is the first wrong one"
        if stopped is not None:
            return f"stopped on line {self.rows[stopped].number}"
        message = self.mine.message or "wrong, and no line is to blame for sure"
        return message[:1].lower() + message[1:]

    @property
    def stopped(self) -> int | None:
        """The row of the line on which the run ended."""
        return next((k for k, row in enumerate(self.rows) if row.stopped), None)

    @property
    def start(self) -> int:
        """The row that defines the backward."""
        return next((k for k, row in enumerate(self.rows) if row.kind == "def"), 0)

    def of(self, row: int) -> Compared | None:
        """The array that is told of in a row."""
        number = self.rows[row].array if 0 <= row < len(self.rows) else None
        return None if number is None else self.arrays[number]

    def _of(self, row: int) -> Compared:
        array = self.of(row)
        assert array is not None
        return array


def unjudged(opened: Opened) -> Judgement:
    """What is to be seen while the judge is at work: the function itself."""
    start = _start(opened)
    return Judgement(opened.scenario.name, opened.scenario.path, listing(start, ()), files=_files(opened, start, ()))


def judged(opened: Opened, seconds: float = 5.0) -> Judgement:
    """Run the backward of ``opened`` and judge it; a refusal is in the answer, it is not raised. Takes ``seconds``."""
    from engine.blame import judge
    from engine.errors import ChainstepError
    from engine.streams import apart

    scenario, start = opened.scenario, _start(opened)
    assert scenario.backward is not None
    try:
        with apart(io.StringIO()):
            mine = judge(opened.tape.program, scenario.backward, scenario.params, scenario.data, seconds=seconds)
    except ChainstepError as error:
        failure = failure_of(error)
        place = _place(failure, start)
        rows = listing(start, (), place)
        return Judgement(scenario.name, scenario.path, rows, failure=failure, files=_files(opened, start, ()))
    arrays = tuple(compared(one, opened.tape) for one in mine.lines)
    files = _files(opened, start, arrays)
    rows = listing(start, arrays, _stopped(mine, start))
    return Judgement(scenario.name, scenario.path, rows, mine, None, arrays, _marks(arrays), files)


def _start(opened: Opened) -> Place:
    """File and line of the backward's ``def``; a thing that is called in another way stands at the file's start."""
    code = getattr(opened.scenario.backward, "__code__", None)
    return (str(opened.scenario.path), 1) if code is None else (code.co_filename, code.co_firstlineno)


def _files(opened: Opened, start: Place, arrays: tuple[Compared, ...]) -> frozenset[str]:
    """The files whose edits change the judgement."""
    return frozenset({str(opened.scenario.path), start[0], *(array.judged.file for array in arrays)})


def _stopped(mine: Mine, start: Place) -> Place | None:
    """The line that raised."""
    return None if mine.raised is None else _below(mine.raised.file, mine.raised.line, start)


def _place(failure: Failure, start: Place) -> Place | None:
    if failure.file is None or failure.line is None:
        return None
    return _below(failure.file, failure.line, start)


def _below(file: str, line: int, start: Place) -> Place | None:
    """A line other than the ``def``, on which all of it is told of anyway."""
    return (file, line) if (file, line) != start else None


def _marks(arrays: tuple[Compared, ...]) -> dict[str, LineVerdict]:
    """What is to be shown beside a step: the worst that was found of it, and ✗ where it is what a wrong line lacks."""
    found: dict[str, list[LineVerdict]] = defaultdict(list)
    for array in arrays:
        verdict = array.judged.verdict
        if array.step is not None and verdict in ("right", "inherited", "own-error"):
            found[array.step.id].append(verdict)
        if array.missing is not None and verdict == "own-error":
            found[array.missing.id].append(verdict)
    marks = {step: worst(verdicts) for step, verdicts in found.items()}
    return {step: verdict for step, verdict in marks.items() if verdict is not None}
