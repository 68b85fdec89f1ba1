"""Somebody's functions with a mark on every judged line and, at the right, the step that the line is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.canvas import Canvas
from tui.own.listing import Row
from tui.paint.badges import LINE_VERDICTS, WRONG
from tui.paint.text import cut

if TYPE_CHECKING:
    from tui.own.judgement import Judgement

_HERE = "▶"
_GAP = "⋮"
_SPACE = 2
_SIGNS = 5
"""Cells for the cursor, the sign of a line and the blanks about them, beside the number."""
_UNLIMITED = 10**6
_NOT_RIGHT = ("own-error", "inherited")
_LEAST = 40
"""Cells of source text below which the words at the right give way."""


class LineTarget(NamedTuple):
    """What a click on a row of the listing means: the cursor goes there."""

    row: int


def paint_lines(judgement: Judgement, row: int, width: int, height: int) -> Canvas:
    """The rows about the cursor, which stands on number ``row``; a click goes to a `LineTarget`."""
    canvas = Canvas(width, height)
    top = min(max(0, row - height // 2), max(0, len(judgement.rows) - height))
    digits = _digits(judgement)
    places = _Columns.of(judgement, width, digits + _SIGNS)
    for y, number in enumerate(range(top, min(len(judgement.rows), top + height))):
        _paint_line(canvas, y, judgement, number, number == row, digits, places)
    return canvas


def lines_width(judgement: Judgement) -> int:
    """Cells in which every line, its step and its word are to be seen whole."""
    start = _digits(judgement) + _SIGNS
    places = _Columns.of(judgement, _UNLIMITED, start)
    words = max((len(word_of(judgement, k)[0]) for k in range(len(judgement.rows))), default=0)
    text = start + max((len(row.text) for row in judgement.rows), default=0)
    return max(text, (places.word or 0) + words) + 1


def _digits(judgement: Judgement) -> int:
    return max([3, *(len(str(one.number)) for one in judgement.rows)])


class _Columns(NamedTuple):
    """Where text, step and word of a line stand; the last two are None where there is no room for them."""

    text: int
    step: int | None
    word: int | None

    @classmethod
    def of(cls, judgement: Judgement, width: int, text: int) -> _Columns:
        told = [row for row in judgement.rows if row.verdict is not None or row.stopped]
        longest = max((len(row.text) for row in told), default=0)
        steps = max((len(_step(judgement, k)) for k in range(len(judgement.rows))), default=0)
        words = max((len(word_of(judgement, k)[0]) for k in range(len(judgement.rows))), default=0)
        for wide in (steps + _SPACE + words, steps):
            room = width - text - wide - _SPACE
            if room >= min(longest, _LEAST):
                step = text + min(longest, room) + _SPACE
                return cls(text, step, step + steps + _SPACE if wide > steps else None)
        return cls(text, None, None)


def _paint_line(
    canvas: Canvas, y: int, judgement: Judgement, number: int, here: bool, digits: int, places: _Columns
) -> None:
    row = judgement.rows[number]
    if row.kind in ("gap", "file"):
        canvas.put(1 + digits - 1, y, _GAP if row.kind == "gap" else f"  {row.text}", "dim" if row.text else "page")
        return
    if here:
        canvas.put(0, y, _HERE, "marker")
    if row.kind != "array":
        canvas.put(1, y, f"{row.number:>{digits}}", "dim")
    if row.verdict is not None or row.stopped:
        glyph, _, style = (*WRONG[:1], "", WRONG[1]) if row.stopped else LINE_VERDICTS[row.verdict or "right"]
        canvas.put(digits + 2, y, glyph, style)
    step, (word, word_style) = _step(judgement, number), word_of(judgement, number)
    end = canvas.width
    if step and places.step is not None:
        end = places.step - 1
    elif word and places.word is not None:
        end = places.word - 1
    if here and places.text + len(row.text) > end:  # step and word of this line are told beneath
        step, word, end = "", "", canvas.width
    text = cut(row.text, max(0, end - places.text))
    canvas.put(places.text, y, text, "rail-here" if here else _style(row))
    if places.step is not None:
        canvas.put(places.step, y, step, "bold" if here or row.verdict in _NOT_RIGHT else "dim")
    if places.word is not None:
        canvas.put(places.word, y, word, word_style)
    if row.stop:
        canvas.hit(0, y, canvas.width, 1, LineTarget(number))


def _style(row: Row) -> str:
    if row.verdict in _NOT_RIGHT or row.kind == "def" or row.stopped:
        return "bold"
    return "text" if row.stop or row.verdict is not None else "dim"


def _step(judgement: Judgement, row: int) -> str:
    """``B6 ∂L/∂W₁``; the name in mathematics where no step makes it."""
    array = judgement.of(row)
    if array is None or array.judged.verdict == "unrecognised":
        return ""
    if array.step is None:
        return array.judged.equals or ""
    return f"{array.step.id} {array.step.symbol}"


def word_of(judgement: Judgement, row: int) -> tuple[str, str]:
    """What is to be read of a line that is not simply right: ``first wrong``, ``inherited``."""
    one = judgement.rows[row]
    if one.stopped:
        return ("stopped here" if judgement.failure is None else "refused here"), "wrong"
    if one.verdict is None or one.verdict == "right" or (one.array is None and one.kind == "code"):
        return "", "text"
    _, word, style = LINE_VERDICTS[one.verdict]
    return ("first wrong" if row == judgement.first_wrong else word), style
