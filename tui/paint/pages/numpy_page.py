"""Page 3, *numpy*: the step as NumPy in both conventions, the rule behind it, and the line of the person's own file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import MirrorError
from engine.reading import idioms as idioms_of
from engine.reading.model import Idiom, Step
from tui.debugger import Debugger
from tui.paint.text import Piece, Row, row

if TYPE_CHECKING:
    from engine import Program

_NAMES = 8  # column, row, einsum, rule, file
_LAYOUTS = 15
_HANGING = 2 + _NAMES + _LAYOUTS
_SHORT_HANGING = 4
_ROOMY = 72
_SWITCH = "v switches the convention; step, cell and cursor stay on the same quantity"
_NOT_MADE = "v makes the other convention, which takes a moment in a program of this length"


def rows(debugger: Debugger, width: int) -> list[Row]:
    """The lines of both conventions with shapes and formula, einsum, rule, reference and source."""
    program, step = debugger.tape.program, debugger.step
    idioms = idioms_of(program, step.id)
    found = idiom_rows(idioms, step, program.convention, width)
    if len(idioms) == 1 and program.convention != "as-written":
        found.append(row((f"  {_why_alone(program)}", "dim"), hanging=4, spare=1))
    return found


def _why_alone(program: Program) -> str:
    """Why only one convention is shown: with its line the reason why there is no other, or how to have it made."""
    return f"no other convention: {_why_no_mirror(program)}" if program.mirror_at_hand else _NOT_MADE


def _why_no_mirror(program: Program) -> str:
    """The reason with its line; empty where it is this step alone that the other convention has not got."""
    try:
        program.mirror()
    except MirrorError as error:
        return f"line {error.line}: {error.reason}" if error.line else error.reason
    return "this step is not in it"


def idiom_rows(idioms: Sequence[Idiom], step: Step, convention: str, width: int) -> list[Row]:
    """The same for idioms that are known already; ``convention`` is the one in use."""
    used = next((idiom for idiom in idioms if idiom.convention == convention), idioms[0] if idioms else None)
    found: list[Row] = []
    for idiom in idioms:
        found += _idiom(idiom, idiom is used, width)
    if used is not None:
        found += _rule(used, step, width)
    if step.source is not None:
        found.append(_field("file", "", (_place(step), "text"), width=width))
    if len(idioms) > 1:
        found.append(row((f"  {_SWITCH}", "dim"), hanging=2, spare=1))
    return found


def _idiom(idiom: Idiom, here: bool, width: int) -> list[Row]:
    first, *more = idiom.lines or ("",)
    style = "bold" if here else "text"
    found = [_field(idiom.convention, idiom.layout, (first, style), here=here, width=width)]
    found += [_field("", "", (line, style), width=width) for line in more]
    shapes = f"    {idiom.shapes}   " if idiom.shapes else "    "
    found.append(row((shapes, "dim"), (idiom.formula, "text" if here else "dim"), hanging=_SHORT_HANGING))
    return found


def _rule(idiom: Idiom, step: Step, width: int) -> list[Row]:
    found = []
    if idiom.einsum is not None:
        found.append(_field("einsum", "", (idiom.einsum, "text"), width=width))
    reference = f"notes {step.reference}" if step.reference else ""
    rule = "   ".join(text for text in (idiom.rule, reference) if text)
    if rule:
        found.append(_field("rule" if idiom.rule else "notes", "", (rule, "text"), width=width))
    return found


def _place(step: Step) -> str:
    """``softmax.py, line 8: W1 @ x + b1``; what stands on several lines is shown in one."""
    source = step.source
    return "" if source is None else f"{Path(source.file).name}, line {source.line}: {' '.join(source.text.split())}"


def _field(name: str, layout: str, value: Piece, *, width: int, here: bool = False) -> Row:
    """``▶ column  feature×batch   dW1 = dz1 @ x.T``; narrow panes leave the second column out where it is empty."""
    mark = ("▶ ", "marker") if here else ("  ", "text")
    head = (f"{name:<{_NAMES}}", "bold" if here else "dim")
    if width < _ROOMY and not layout:
        return row(mark, head, value, hanging=2 + _NAMES)
    return row(mark, head, (f"{layout:<{_LAYOUTS}} ", "dim"), value, hanging=_HANGING + 1 if width >= _ROOMY else 4)
