"""``chainstep check``: the engine's gradients against derivatives that are found without any gradient rule."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from engine.check import Report, Verdict, check
from tui.commands.outcome import Outcome
from tui.commands.paper import Paper
from tui.jsontext import FORMAT, json_lines, plain
from tui.numbers import shape_text
from tui.opening import Opened, open_target
from tui.paint.badges import badge
from tui.paint.pages.checks import error_text
from tui.paint.status import loss_text
from tui.paint.text import Row, length, paint_rows, row

PATIENCE = 0.5
"""Seconds after which somebody who watches is told how far the check has come."""

_WHOSE = "these are the gradients that chainstep derived from the loss."
_NO_BACKWARD = f"There is no backward function in this file: {_WHOSE}"
_UNREAD_BACKWARD = f"This file has a backward function, whose lines are not checked yet: {_WHOSE}"


def run(target: str, form: str, full: bool, paper: Paper) -> Outcome:
    """Status 0 where every gradient is right, 1 where one is wrong or not finite. Raises engine.ChainstepError."""
    opened = open_target(target)
    with Progress() as progress:
        report = check(opened.tape, progress, full)
    status = 0 if report.ok else 1
    if form == "json":
        return Outcome(status, json_lines(_document(opened, report)))
    return Outcome(status, _text(opened, report, paper))


def _document(opened: Opened, report: Report) -> dict[str, Any]:
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
        "mine": None,
    }


def _text(opened: Opened, report: Report, paper: Paper) -> Iterator[str]:
    rows = [row((opened.scenario.name, "bold"), (f"  L={loss_text(opened.tape.loss)}", "bold"))]
    rows += _verdicts(opened, report)
    rows.append(row((report.message, "text" if report.ok else "wrong")))
    rows.append(row((_UNREAD_BACKWARD if opened.scenario.has_backward else _NO_BACKWARD, "dim"), hanging=0))
    # In a file or a pipe every parameter keeps to its one line, however long that is.
    longest = max(length(one.pieces) for one in rows)
    yield from paper.lines(paint_rows(rows, longest if paper.depth is None else paper.width, margin=0))


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
