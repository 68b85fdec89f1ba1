"""What is said of one line of somebody's backward, and of all of it on the line that defines it."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from engine.check import error_text
from tui.numbers import amount, shape_text
from tui.paint.badges import LINE_VERDICTS, RIGHT, WRONG
from tui.paint.text import GLUE, Piece, Row, length, row

if TYPE_CHECKING:
    from engine.blame import Hidden, Mine
    from tui.failure import Failure
    from tui.own.compared import Compared
    from tui.own.place import Place

_CODE = re.compile(r"\b[\w.\[\]'\"]+ [-+*/]?= .{1,44}?(?=\.(?: |$))")
"""``dz1 = dh1 * (z1 > 0)`` before a full stop; longer ones are broken as any other text."""

_ALONE = "It is no quantity of the loss by itself: there is none to put beside it."

OUTCOMES = {
    "right": ("right", "ok"),
    "wrong": ("wrong", "wrong"),
    "raised": ("stopped before its end", "wrong"),
}


def heading(place: Place) -> tuple[list[Piece], tuple[str, ...]]:
    """``✗ first wrong, line 78: dw1 is to be ∂L/∂W₁ (B6)``, and what the mistake is called (which may be several)."""
    here, array = place.here, place.array
    if here is None or here.kind == "def":
        return [("all of it", "bold")], ()
    elsewhere = Path(here.file) != place.judgement.path
    line = f"line {here.number}" + (f" of {Path(here.file).name}" if elsewhere else "")
    if here.stopped:
        word = "stopped here" if place.judgement.failure is None else "refused here"
        return [(f"{WRONG[0]} {word}", WRONG[1]), (f", {line}", "bold")], ()
    if array is None:
        return [(line, "bold")], ()
    judged = array.judged
    glyph, word, style = LINE_VERDICTS[judged.verdict]
    pieces: list[Piece] = [(f"{glyph} {'first wrong' if place.is_first_wrong else word}", style), (f", {line}", "bold")]
    if judged.equals:
        meant = "is to be" if judged.verdict in ("own-error", "inherited") else "is"
        step = f" ({array.step.id})" if array.step else ""
        pieces.append((f": {judged.name} {meant} {judged.equals}{step}", "text"))
    else:
        pieces.append((f": {judged.name}", "text"))
    return pieces, judged.mistakes


def said(place: Place) -> list[Row]:
    """The sentences for the line in view, the most important first."""
    here, judgement = place.here, place.judgement
    if here is not None and here.stopped:
        return _stop(place)
    if judgement.failure is not None:
        return _refusal(judgement.failure)
    if judgement.mine is None:
        return [row((place.running or "Not judged.", "warn"), hanging=0)]
    if here is None or here.kind == "def":
        return _summary(place, judgement.mine)
    if place.array is None:
        if here.verdict is not None:
            return [row(("Several arrays: each has a row of its own below.", "dim"), hanging=0)]
        return [row((_nothing(judgement.mine), "dim"), hanging=0)]
    return _judged(place.array, judgement.mine)


def _nothing(mine: Mine) -> str:
    """Why a line without an array has no mark."""
    if mine.verdict == "raised":
        return f"Not judged: {_ending(mine)}."
    return "Nothing to judge on this line: no array of the pass is made here."


def _ending(mine: Mine) -> str:
    """How a run ended that came to no end."""
    if mine.raised is None:
        return "your backward did not come to its end"
    return f"your backward stopped on line {mine.raised.line}"


def _judged(array: Compared, mine: Mine) -> list[Row]:
    judged = array.judged
    text = judged.explanation
    if judged.verdict == "right" and text.rstrip(".") in ("", "right"):
        text = f"Every entry is that of {judged.equals}." if judged.equals else "Right."
    rows = [row((_unbroken(text), "bold" if judged.verdict == "own-error" else "text"), hanging=0)]
    if judged.verdict == "own-error" and mine.verdict == "raised":
        rows.append(row((f"What comes later was not judged: {_ending(mine)}.", "warn"), hanging=0))
    elif judged.verdict == "own-error" and mine.message:
        rows.append(row((mine.message, "warn"), hanging=0))
    if judged.verdict == "own-error" and judged.theirs is None:
        rows.append(row((_ALONE, "dim"), hanging=0))
    return rows + _way(array) + _shapes(array)


def _unbroken(text: str) -> str:
    """A line of code inside a sentence stays on one line."""
    return _CODE.sub(lambda found: found[0].replace(" ", GLUE), text)


def _way(array: Compared) -> list[Row]:
    """Where Enter leads."""
    step = array.goes_to
    if step is None:
        return []
    missing = "the missing " if array.missing is not None and array.missing is not array.step else ""
    made = ", which is made of this" if step is array.feeds else ""
    return [row(("Enter", "key"), (f" shows {missing}{step.id}{made}: {step.formula}", "text"), hanging=6, spare=2)]


def _shapes(array: Compared) -> list[Row]:
    if array.same_shape or not array.arrays:
        return []
    theirs, needed = (shape_text(one.shape) for one in array.arrays)
    return [row((f"The shapes differ: yours is {theirs}, {needed} is needed.", "warn"), hanging=0)]


def entry(place: Place, width: int) -> list[Piece]:
    """The cell in view in words, as many as fit: ``[1,2]  yours 1.62  needed 0  off by 1.62``."""
    array = place.array
    if array is None or not array.same_shape or not array.arrays or 0 in array.arrays[0].shape:
        return []
    index = place.entry
    theirs, needed, off = (float(one[index]) for one in array.arrays)
    where = f"[{','.join(map(str, index))}]  " if index else ""
    if array.wrong == 0:
        told = "it agrees" if array.size == 1 else f"all {array.size} entries agree"
        return [(f"{where}{amount(theirs)}; {told}", "dim")]
    pieces: list[Piece] = [(where, "bold"), (f"yours {amount(theirs)}   needed {amount(needed)}   ", "text")]
    pieces.append((f"off by {amount(off)}", "wrong") if off else ("agrees", "ok"))
    most = "the most" if index == array.largest and array.wrong > 1 else ""
    count = f"{array.wrong} of {array.size} entries differ"
    for tail in (f"   {count}, this one {most}" if most else "", f"   {count}", f"   {array.wrong} of {array.size}"):
        if tail and length(pieces) + len(tail) <= width:
            return [*pieces, (tail, "dim")]
    return pieces


def _stop(place: Place) -> list[Row]:
    """What ended the run on this line, and the shapes of what the line reads."""
    mine, failure = place.judgement.mine, place.judgement.failure
    if failure is not None:
        return _refusal(failure)
    assert mine is not None and mine.raised is not None
    raised = mine.raised
    message = " ".join(raised.message.split())
    rows = [row((f"{raised.kind}: {message}" if message else raised.kind, "wrong"), hanging=0)]
    shapes = [f"{name}{GLUE}is{GLUE}{shape_text(shape)}" for name, shape in raised.shapes.items()]
    rows += [row((f"{', '.join(shapes)}.", "bold"), hanging=0)] if shapes else []
    return [*rows, row(("The run ended here: nothing after it was judged.", "text"), hanging=0)]


def _refusal(failure: Failure) -> list[Row]:
    """What is wrong, what to do, and where, if a line is known."""
    rows = [row((failure.reason, "wrong"), hanging=0)]
    rows += [row((failure.cure, "bold"), hanging=0)] if failure.cure else []
    return rows + ([row((failure.place, "dim"), hanging=0)] if failure.line is not None else [])


def _summary(place: Place, mine: Mine) -> list[Row]:
    """The verdict, the gradients that came back, what this input cannot show, and which key is next."""
    if mine.verdict == "right":
        names = ", ".join(mine.gradients)
        verdict = row((f"{RIGHT[0]} Every gradient that your backward returns is right: {names}.", "ok"), hanging=2)
        return [verdict, *hidden(mine), _next(("↑ ↓", "line by line"), ("Enter", "the step of a line"))]
    word, style = OUTCOMES[mine.verdict]
    rows = [row((f"{WRONG[0]} Your backward: {word}.", style), hanging=2)]
    if mine.message:
        rows.append(row((mine.message, "wrong" if mine.verdict == "raised" else "warn"), hanging=0))
    if mine.verdict == "raised" and mine.raised is None:
        rows.append(row(("No line was judged. A loop that does not end, or too much data?", "text"), hanging=0))
    rows += _answers(mine)
    first = place.judgement.first_wrong
    if first is not None:
        rows.append(_next(("n", f"line {place.judgement.rows[first].number}, the first wrong one")))
    return rows + hidden(mine)


def _next(*keys: Piece) -> Row:
    """Keys that lead on, with where they lead."""
    pieces = [piece for key, leads in keys for piece in ((key.replace(" ", GLUE), "key"), (f" {leads}   ", "text"))]
    return Row(tuple(pieces), 0)


def _answers(mine: Mine) -> list[Row]:
    """The right ones in one row, each wrong one with how far it is off."""
    rows = []
    right = [name for name, answer in mine.gradients.items() if answer.ok]
    for name, answer in mine.gradients.items():
        if not answer.ok:
            text = f" {name}: rel. error {error_text(answer.max_rel_error)}"
            rows.append(row((WRONG[0], WRONG[1]), (text, "text"), hanging=2))
    if right:
        rows.append(row((RIGHT[0], RIGHT[1]), (f" {'  '.join(right)}", "text"), hanging=2))
    return rows


def hidden(mine: Mine) -> list[Row]:
    """The mistakes that these numbers would not show, those with one reason together."""
    if mine.verdict == "raised":
        return []
    if not mine.invisible:
        if mine.verdict != "right":
            return []
        return [
            row(("Each mistake that was tried on your numbers changes them: nothing is hidden here.", "dim"), hanging=0)
        ]
    rows = [row(("What this input cannot show:", "bold"), hanging=0)]

    def reason(one: Hidden) -> tuple[str, str]:
        return one.quantity, one.reason

    for (quantity, why), several in groupby(mine.invisible, key=reason):
        names = ", ".join(dict.fromkeys(one.mistake for one in several))
        rows.append(row((f"  {names}", "text"), (f" in {quantity}: {why}", "dim"), hanging=4, spare=1))
    told = "`chainstep check FILE --stronger-input` judges on other numbers, which can."
    return [*rows, row((told, "dim"), hanging=0)]
