"""The whole screen of somebody's own backward: who gets how much of it, and everything in its place.

Below 160 columns the line in view is told of beneath the listing, from there on at its right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.canvas import Canvas
from tui.keys import OWN_KEYS, footer_keys
from tui.paint.badges import RIGHT, WRONG
from tui.paint.block import HEADER
from tui.paint.footer import paint_footer
from tui.paint.matrix import Agrees
from tui.paint.own import words
from tui.paint.own.lines import lines_width, paint_lines
from tui.paint.stage import focus_height, paint_focus
from tui.paint.text import Piece, Row, cut, length, lines_needed, paint_rows, row, shorten
from tui.paint.too_small import SMALLEST_HEIGHT, SMALLEST_WIDTH, is_too_small

if TYPE_CHECKING:
    from tui.grid import Index
    from tui.own.compared import Compared
    from tui.own.place import Place

BESIDE_FROM = 160
STATUS, FOOTER = 1, 1
_NARROWEST_LISTING, _WIDEST_LISTING = 56, 96
_TALLEST = 8
"""Rows of a matrix that the listing makes room for; a higher one shows a window where there is no more room."""
_SENTENCES = 4
_LEAST_LISTING = 6
_LEAST_MATRIX = HEADER + 2
_TROUBLE = 3
_GAP = 3
_MARGINS = _GAP + 2
"""Cells of the status line that are neither its start nor a message."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Heights and widths in cells; ``beside`` is the width at the right, 0 where the details are below."""

    trouble: int
    listing: int
    details: int
    beside: int


def areas(place: Place, width: int, height: int) -> Areas:
    """Who gets how much. It depends on no line, so that nothing moves while one goes from line to line."""
    trouble = min(_TROUBLE, lines_needed([_trouble(place)], width)) if place.trouble else 0
    body = height - STATUS - FOOTER - trouble
    if width >= BESIDE_FROM:
        listing = min(max(lines_width(place.judgement) + 2, _NARROWEST_LISTING), _WIDEST_LISTING, width // 2)
        return Areas(trouble, body, body, width - listing)
    tallest = max((min(_TALLEST, _rows_of(array.arrays[0].shape)) for array in _shown(place)), default=1)
    wanted = 1 + _SENTENCES + HEADER + tallest + 1
    listing = max(min(_LEAST_LISTING, body), min(len(place.judgement.rows), body - wanted))
    return Areas(trouble, listing, body - listing, 0)


def _shown(place: Place) -> list[Compared]:
    return [array for array in place.judgement.arrays if array.arrays]


def _rows_of(shape: tuple[int, ...]) -> int:
    return shape[-2] if len(shape) > 1 else 1


def paint_own(place: Place, width: int, height: int) -> Canvas:
    """Status, listing, details and footer; in a terminal that is too small the most important sentence."""
    canvas = Canvas(width, height)
    if is_too_small(width, height):
        canvas.blit(_too_small(place, width, height), 0, 0)
        return canvas
    share = areas(place, width, height)
    _status(canvas, place)
    if share.trouble:
        canvas.blit(paint_rows([_trouble(place)], width, share.trouble), 0, STATUS)
    top = STATUS + share.trouble
    left = width - share.beside if share.beside else width
    canvas.blit(paint_lines(place.judgement, place.row, left - bool(share.beside), share.listing), 0, top)
    if share.beside:
        for y in range(share.listing):
            canvas.put(left - 1, top + y, "│", "page")
        canvas.blit(paint_details(place, share.beside, share.details), left, top)
    else:
        canvas.blit(paint_details(place, width, share.details), 0, top + share.listing)
    offered = [key for key in footer_keys(OWN_KEYS) if key.action not in place.idle]
    canvas.blit(paint_footer(offered, width), 0, height - FOOTER)
    return canvas


def _trouble(place: Place) -> Row:
    return row((place.trouble, "warn"), hanging=0)


def _status(canvas: Canvas, place: Place) -> None:
    """What the file is and how it stands; a message takes the place of the gradients.

    What more a message needs is taken from the outcome and the name, in this order.
    """
    parts, message = _standing(place, canvas.width), place.message or place.running
    while parts and message and sum(map(length, parts)) + len(message) + _MARGINS > canvas.width:
        parts.pop()
    x = canvas.run(1, 0, [piece for part in parts for piece in part]) + (_GAP if parts else 0)
    if message:
        canvas.put(x, 0, shorten(message, canvas.width - x - 1), "warn")
        return
    pieces = _answers(place)
    if x + length(pieces) < canvas.width:
        canvas.run(x, 0, pieces)


def _standing(place: Place, width: int) -> list[list[Piece]]:
    """The file, and how its backward stands: `` mine   your backward`` and ``: wrong``."""
    judgement = place.judgement
    name: list[Piece] = [(f" {cut(judgement.name, width // 3)} ", "title"), ("  your backward", "bold")]
    if judgement.mine is not None:
        return [name, [(": ", "text"), words.OUTCOMES[judgement.mine.verdict]]]
    if judgement.failure is not None:
        return [name, [(": ", "text"), ("cannot be judged", "wrong")]]
    return [name]


def _answers(place: Place) -> list[Piece]:
    """``✗ W1 b1   ✓ W2 b2``."""
    gradients = {} if place.judgement.mine is None else place.judgement.mine.gradients
    pieces: list[Piece] = []
    for right, (glyph, style) in ((False, WRONG), (True, RIGHT)):
        names = [name for name, answer in gradients.items() if answer.ok == right]
        pieces += [(glyph, style), (f" {' '.join(names)}   ", "text")] if names else []
    return pieces


def paint_details(place: Place, width: int, height: int) -> Canvas:
    """What there is to know of the line in view: its sentences, then its matrices and the cell in words."""
    canvas = Canvas(width, height)
    _rule(canvas, *words.heading(place))
    scene, rows = place.scene, words.said(place)
    room = height - 1
    if scene is None or place.judgement.mine is None:
        canvas.blit(paint_rows(rows, width, min(room, lines_needed(rows, width))), 0, 1)
        return canvas
    needed = lines_needed(rows, width)
    sentences = min(needed, max(1, room - _LEAST_MATRIX - 1))
    canvas.blit(paint_rows(rows, width, sentences), 0, 1)
    gap = int(room - sentences - 1 > focus_height(scene, width))
    y = 1 + sentences + gap
    focus, _ = paint_focus(
        scene,
        width,
        min(focus_height(scene, width), height - 1 - y),
        relation=None if place.array is None or place.array.same_shape else "≠",
        agrees=_agreement(place),
    )
    canvas.blit(focus, 0, y)
    y = min(y + focus.height, height - 1)
    canvas.run(1, y, words.entry(place, width - 2))
    _more(canvas, place, y + 2)
    return canvas


def _more(canvas: Canvas, place: Place, y: int) -> None:
    """What the input cannot show, beneath everything else where there is room for all of it."""
    mine = place.judgement.mine
    rows = words.hidden(mine) if mine is not None and mine.invisible else []
    needed = lines_needed(rows, canvas.width)
    if rows and y + needed <= canvas.height:
        canvas.blit(paint_rows(rows, canvas.width), 0, canvas.height - needed)


def _agreement(place: Place) -> Agrees | None:
    array = place.array
    if array is None or array.difference is None:
        return None
    difference = array.difference

    def agrees(index: Index) -> bool:
        return bool(difference[index] == 0)

    return agrees


def _rule(canvas: Canvas, pieces: list[Piece], called: tuple[str, ...]) -> None:
    """A line across with what is told of at its left and, as far as they fit, the names of mistakes at its right."""
    canvas.put(0, 0, "─" * canvas.width, "page")
    x = canvas.run(1, 0, [(" ", "text"), *pieces, (" ", "text")])
    tried = [", ".join(called[:k]) + (", …" if k < len(called) else "") for k in range(len(called), 0, -1)]
    name = next((text for text in tried if len(text) <= canvas.width - x - 4), "")
    if name:
        canvas.put(canvas.width - len(name) - 3, 0, f" {name} ", "dim")


def _too_small(place: Place, width: int, height: int) -> Canvas:
    rows = [
        Row(tuple(words.heading(place)[0]), 0),
        *words.said(place)[:1],
        row((f"Terminal {width}×{height} is too small: needs {SMALLEST_WIDTH}×{SMALLEST_HEIGHT}.", "warn"), hanging=0),
    ]
    return paint_rows(rows, width, height)
