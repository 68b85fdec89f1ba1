"""``chainstep check``: the engine's gradients against derivatives that are found without any gradient rule.

Where the file has a backward of its own, or gradients come in a file, they are judged against the engine's; a
backward also on a stronger input than the file's, which can show what that one hides.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from engine.blame import Mine, judge
from engine.blame.stronger_judge import StrongerMine, judge_stronger
from engine.check import Report, Verdict, check, error_text
from engine.errors import ChainstepError
from engine.streams import apart
from tui.commands import answers, mine, stronger
from tui.commands.outcome import Outcome
from tui.commands.paper import Paper
from tui.jsontext import FORMAT, json_lines, plain
from tui.numbers import shape_text
from tui.opening import Opened, open_target
from tui.paint.badges import badge
from tui.paint.status import loss_text
from tui.paint.text import Row, length, paint_rows, row

PATIENCE = 0.5
"""Seconds after which somebody who watches is told how far the check has come."""

_NO_BACKWARD = (
    "There is no backward function in this file: these are the gradients that chainstep derived from the loss."
)
_COMPARED = "Compared with the gradients that chainstep derived from the loss"


def run(
    target: str, form: str, full: bool, paper: Paper, saved: str | None = None, other_input: bool = False
) -> Outcome:
    """Status 0 where everything is right, 1 where something is wrong, not finite, or a backward raises.

    ``saved`` is an .npz file with gradients, which are judged in place of the file's own backward. With
    ``other_input`` everything is judged on a stronger input than the file's. Raises engine.ChainstepError.
    """
    if other_input and saved is not None:
        raise ChainstepError("Saved gradients belong to one input: --stronger-input cannot go with --gradients.")
    opened = open_target(target)
    found = _stronger(opened) if other_input else None
    opened = opened if found is None else stronger.opened_on(opened, found.input)
    own = _own(opened, saved) if found is None else found.mine
    if other_input and found is None and own is not None:
        own = stronger.without(own)
    with Progress() as progress:
        report = check(opened.tape, progress, full)
    status = 0 if report.ok and (own is None or own.verdict == "right") else 1
    if form == "json":
        return Outcome(status, json_lines(_document(opened, report, own, found)))
    if own is None:
        return Outcome(status, _text(opened, report, paper))
    whose = "your backward" if saved is None else "your gradients"
    said = mine.rows(own, _width(paper), whose)
    if found is not None:
        said = [stronger.row_of(found.input), *said]
    elif own.invisible and not other_input:
        said.append(stronger.offer(target))
    return Outcome(status, _own_text(opened, report, said, paper))


def _own(opened: Opened, saved: str | None) -> Mine | None:
    """The judgement of what the person wrote or saved, None where there is neither."""
    if saved is not None:
        return answers.judged(saved, opened.tape.gradients)
    scenario = opened.scenario
    if scenario.backward is None:
        return None
    with apart(sys.stderr):  # what it prints must not stand in the middle of a JSON document
        return judge(opened.tape.program, scenario.backward, scenario.params, scenario.data)


def _stronger(opened: Opened) -> StrongerMine | None:
    """The judgement on a stronger input, None where loss runs on no other numbers."""
    scenario = opened.scenario
    if scenario.backward is None:
        reason = "There is no backward function in this file, so that --stronger-input has nothing to judge."
        raise ChainstepError(reason, file=str(scenario.path))
    with apart(sys.stderr):
        return judge_stronger(scenario.loss, scenario.backward, opened.tape.program, scenario.params, scenario.data)


def _document(opened: Opened, report: Report, own: Mine | None, found: StrongerMine | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "target": opened.target,
        "loss": plain(opened.tape.loss),
        "message": report.message,
        "gradients": {
            name: {
                "ok": verdict.ok,
                "max_rel_error": plain(verdict.max_rel_error),
                "method": verdict.method,
                "entries_checked": verdict.entries_checked,
                "entries_total": verdict.entries_total,
                "near_kink": verdict.near_kink,
            }
            for name, verdict in report.results.items()
        },
        "mine": None if own is None else mine.document(own),
        "stronger_input": None if found is None else stronger.document(found.input),
    }


def _text(opened: Opened, report: Report, paper: Paper) -> Iterator[str]:
    rows = [_heading(opened), *_verdicts(opened, report)]
    rows.append(row((report.message, "text" if report.ok else "wrong")))
    rows.append(row((_NO_BACKWARD, "dim"), hanging=0))
    # In a file or a pipe every parameter keeps to its one line, however long that is.
    longest = max(length(one.pieces) for one in rows)
    yield from paper.lines(paint_rows(rows, longest if paper.depth is None else paper.width, margin=0))


def _width(paper: Paper) -> int:
    return mine.WIDTH if paper.depth is None else paper.width


def _own_text(opened: Opened, report: Report, said: list[Row], paper: Paper) -> Iterator[str]:
    """The judgement; below it a sentence about the engine's own gradients, or all of them where one is not right."""
    rows = [_heading(opened), *said]
    if report.ok:
        rows += [row(("", "text")), row((f"{_COMPARED} ({report.message}).", "dim"), hanging=0)]
    else:
        rows += [row(("", "text")), row((f"{_COMPARED}:", "text"), hanging=0), *_verdicts(opened, report)]
        rows.append(row((report.message, "wrong"), hanging=0))
    for line in paper.lines(paint_rows(rows, _width(paper), margin=0)):
        yield line.rstrip() if paper.depth is None else line


def _heading(opened: Opened) -> Row:
    return row((opened.scenario.name, "bold"), (f"  L={loss_text(opened.tape.loss)}", "bold"))


def _verdicts(opened: Opened, report: Report) -> list[Row]:
    """One row per parameter, in columns."""
    shapes = {name: shape_text(gradient.shape) for name, gradient in opened.tape.gradients.items()}
    columns = [
        (name, shapes[name], verdict.method, _entries(verdict), f"rel. error {error_text(verdict.max_rel_error)}")
        for name, verdict in report.results.items()
    ]
    widths = [max(len(cells[k]) for cells in columns) for k in range(5)] if columns else []
    found = []
    for cells, verdict in zip(columns, report.results.values(), strict=True):
        glyph, style = badge(verdict)
        texts = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)]
        note = f"  {verdict.message}" if verdict.message and verdict.message != report.message else ""
        figures = "  ".join(["", *texts[1:]])
        found.append(row((glyph, style), (f" {texts[0]}", "bold"), (figures, "text"), (note, style)))
    return found


def _entries(verdict: Verdict) -> str:
    return f"{verdict.entries_checked} of {verdict.entries_total} entries"


class Progress:
    """One line on stderr that is written over, for somebody who has been watching for a while, and then wiped."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock() + PATIENCE
        self._written = 0

    def __enter__(self) -> Progress | None:
        return self if sys.stderr.isatty() else None

    def __call__(self, done: int, total: int) -> bool:
        now = self._clock()
        if now >= self._next:
            self._next = now + 0.1
            self._write(f"checking gradients: {done} of {total} entries")
        return True

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{self._written}}")
        sys.stderr.flush()
        self._written = len(text)

    def __exit__(self, *_: object) -> None:
        if self._written:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()
