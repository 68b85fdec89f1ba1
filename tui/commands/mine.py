"""What is said of a hand-written backward, as text and as JSON: its lines, what it returns, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from engine.blame import MISTAKES
from engine.check import error_text
from tui.commands.outcome import Outcome
from tui.jsontext import FORMAT, json_lines, plain
from tui.paint.badges import LINE_VERDICTS, RIGHT, WRONG
from tui.paint.text import Row, cut, row

if TYPE_CHECKING:
    from engine.blame import Answer, Hidden, Judged, Mine

WIDTH = 80
"""Cells of a line where the output goes into a file or a pipe."""

_NUMBER, _LABEL = 4, len("not recognised")
_UNDER = " " * (_NUMBER + 3)
_HIDDEN = 4
_OUTCOMES = {
    "right": ("right", "ok"),
    "wrong": ("wrong", "wrong"),
    "raised": ("stopped before its end", "wrong"),
}


def rows(mine: Mine, width: int, whose: str = "your backward") -> list[Row]:
    """Everything that is said of ``whose`` numbers, for lines of ``width`` cells."""
    word, style = _OUTCOMES[mine.verdict]
    found = [row((f"{whose}: ", "text"), (word, style), hanging=0)]
    if mine.lines:
        found += [row(("", "text")), *_lines(mine, width)]
    if mine.gradients:
        found += [row(("", "text")), *_answers(mine.gradients)]
    first = mine.first_wrong
    if first is not None:
        named = ", ".join(first.mistakes) or "a mistake that I do not recognise"
        start = (f"first wrong: line {first.line}, {first.quantity}", "bold")
        found += [row(("", "text")), row(start, (f": {named}", "wrong"))]
    if mine.raised is not None:
        found.append(row(("", "text")))
    if mine.message:
        found.append(row((mine.message, "wrong" if mine.verdict == "raised" else "text"), hanging=0))
    return found + _hidden(mine.invisible)


def _lines(mine: Mine, width: int) -> list[Row]:
    """A line of the file with what it makes; where it makes several arrays, one row for each of them below it."""
    equals = max((len(judged.equals or "") for judged in mine.lines), default=0)
    room = width - len(_UNDER) - equals - _LABEL - 4
    widest = max(12, min(room, max(len(judged.text) for judged in mine.lines)))
    found: list[Row] = []
    for (number, text), group in groupby(mine.lines, lambda judged: (judged.line, judged.text)):
        several = list(group)
        if len(several) == 1:
            found += _judged(several[0], f"{number:>{_NUMBER}}", cut(text, widest), widest, equals, mine)
            continue
        found.append(row((f"{number:>{_NUMBER}}   ", "dim"), (cut(text, width - len(_UNDER)), "text")))
        for judged in several:
            found += _judged(judged, " " * _NUMBER, cut(f"  {judged.name}", widest), widest, equals, mine)
    return found


def _judged(judged: Judged, number: str, text: str, widest: int, equals: int, mine: Mine) -> list[Row]:
    glyph, word, style = LINE_VERDICTS[judged.verdict]
    if judged.verdict == "own-error" and mine.first_wrong is not None and judged.line == mine.first_wrong.line:
        word = "first wrong"
    found = [
        row(
            (f"{number} ", "dim"),
            (f"{glyph} ", style),
            (f"{text:<{widest}}  ", "dim" if judged.verdict == "in-progress" else "bold"),
            (f"{judged.equals or '':<{equals}}  ", "text"),
            (word, style),
        )
    ]
    said = judged.explanation or " ".join(MISTAKES[name] for name in judged.mistakes if name in MISTAKES)
    if said and said.rstrip(".") != word:
        found.append(row((_UNDER, "text"), (said, "text"), hanging=len(_UNDER)))
    return found


def _answers(gradients: Mapping[str, Answer]) -> list[Row]:
    """One row for each gradient that came back."""
    widest = max(len(name) for name in gradients)
    found = []
    for name, answer in gradients.items():
        glyph, style = RIGHT if answer.ok else WRONG
        said = "right" if answer.ok else f"wrong, rel. error {error_text(answer.max_rel_error)}"
        found.append(row((f"{glyph} ", style), (f"{name:<{widest}}  ", "bold"), (said, "text" if answer.ok else style)))
    return found


def _hidden(hidden: Iterable[Hidden]) -> list[Row]:
    """The mistakes that these numbers could not show; the first few, and how many there are."""
    several = list(hidden)
    if not several:
        return []
    found = [row(("", "text")), row(("Not decidable on this input:", "dim"))]
    for one in several[:_HIDDEN]:
        found.append(row((f"  {one.mistake} in {one.quantity}: {one.reason}", "dim")))
    if len(several) > _HIDDEN:
        found.append(row((f"  and {len(several) - _HIDDEN} more; --format json lists them all", "dim")))
    return found


def document(mine: Mine) -> dict[str, Any]:
    """The judgement under the key ``mine`` of the JSON document."""
    first = mine.first_wrong
    return {
        "verdict": mine.verdict,
        "message": mine.message,
        "gradients": {
            name: {"ok": answer.ok, "max_rel_error": plain(float(answer.max_rel_error))}
            for name, answer in mine.gradients.items()
        },
        "first_wrong": None
        if first is None
        else {
            "file": first.file,
            "line": first.line,
            "text": first.text,
            "quantity": first.quantity,
            "mistakes": list(first.mistakes),
            "explanation": first.explanation,
        },
        "lines": [
            {
                "line": judged.line,
                "text": judged.text,
                "name": judged.name,
                "equals": judged.equals,
                "verdict": judged.verdict,
                "mistakes": list(judged.mistakes),
                "explanation": judged.explanation,
            }
            for judged in mine.lines
        ],
        "raised": None
        if mine.raised is None
        else {
            "file": mine.raised.file,
            "line": mine.raised.line,
            "text": mine.raised.text,
            "kind": mine.raised.kind,
            "message": mine.raised.message,
            "shapes": {name: list(shape) for name, shape in mine.raised.shapes.items()},
        },
        "invisible": [
            {"mistake": hidden.mistake, "quantity": hidden.quantity, "reason": hidden.reason}
            for hidden in mine.invisible
        ],
    }


def mistakes(form: str) -> Outcome:
    """``chainstep check --mistakes``: every identifier with what it is."""
    if form == "json":
        return Outcome(0, json_lines({"format": FORMAT, "mistakes": dict(MISTAKES)}))
    lines = []
    for name, sentence in MISTAKES.items():
        lines += [name, *wrap(sentence, WIDTH, initial_indent="    ", subsequent_indent="    ")]
    return Outcome(0, lines)
