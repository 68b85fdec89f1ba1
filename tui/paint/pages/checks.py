"""Page 5, *checks*: what the gradient check said about each parameter, and how it looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check import error_text
from engine.reading.model import Step
from tui.debugger import Debugger
from tui.numbers import shape_text
from tui.paint.badges import badge
from tui.paint.text import GLUE, Row, row

if TYPE_CHECKING:
    from engine.check import Verdict

_INVITATION = "G checks every gradient against complex step"
_AGAIN = "G checks again"
_WHOSE = "these are the engine's gradients; ✗ and ↳ beside the steps are about yours: y"
_LONGEST_BAR = 20


def rows(debugger: Debugger, width: int) -> list[Row]:
    """Progress while a check runs, the verdicts when there are any, else how to start one."""
    found: list[Row] = []
    if debugger.progress is not None:
        found.append(row(("checking  ", "dim"), (progress_bar(*debugger.progress), "marker")))
    if not debugger.checks:
        if debugger.check_message:
            found.append(row((debugger.check_message, "warn"), hanging=2))
        if debugger.progress is None:
            found.append(row((_INVITATION, "text")))
        return found
    steps = {step.of: step for step in debugger.steps if step.of is not None}
    symbols = max(len(_symbol(name, steps.get(name))) for name in debugger.checks)
    shapes = max((len(shape_text(step.result.shape)) for step in steps.values()), default=0)
    if debugger.check_message:
        found.append(row((debugger.check_message, "text"), hanging=2))
    for name, verdict in debugger.checks.items():
        found += _verdict(name, verdict, steps.get(name), symbols, shapes)
        if verdict.message and verdict.message != debugger.check_message:
            found.append(row((f"    {verdict.message}", "dim" if verdict.ok else badge(verdict)[1]), hanging=4))
    if any(own in ("own-error", "inherited") for own in debugger.own.values()):
        found.append(row((_WHOSE, "dim"), hanging=2, spare=2))
    if debugger.progress is None:
        found.append(row((_AGAIN, "dim"), spare=1))
    return found


def progress_bar(done: int, total: int) -> str:
    """``▰▰▰▱▱▱ 3/6``; beyond twenty gradients a piece of the bar stands for several."""
    pieces = min(max(total, 1), _LONGEST_BAR)
    full = pieces * done // max(total, 1)
    return f"{'▰' * full}{'▱' * (pieces - full)} {done}/{total}"


def _symbol(name: str, step: Step | None) -> str:
    return name if step is None else step.symbol


def _verdict(name: str, verdict: Verdict, step: Step | None, symbols: int, shapes: int) -> list[Row]:
    glyph, style = badge(verdict)
    shape = "" if step is None else shape_text(step.result.shape)
    start = (
        (f"  {glyph} ", style),
        (f"{_symbol(name, step):<{symbols}}", "bold"),
        (f"  {shape:<{shapes}}", "dim"),
    )
    if not verdict.entries_checked:
        return [row(*start, ("  not checked", "text"), hanging=6)]
    return [
        row(
            *start,
            (f"  rel. error {error_text(verdict.max_rel_error)}", "text"),
            (f"  {verdict.method}", "dim"),
            (f"  {verdict.entries_checked}/{verdict.entries_total}{GLUE}entries", "dim"),
            hanging=6,
        )
    ]
