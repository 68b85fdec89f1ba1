"""Page 4, *stats*: the size of what is in view, what is zero or not a number, and units that are off throughout."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.reading.model import Part, Term
from tui.debugger import Debugger
from tui.numbers import not_finite, shape_text
from tui.paint.text import GLUE, Row, row
from tui.stats import Stats, dead, stats

_HEADINGS = ("", "shape", "min", "max", "mean", "‖∙‖₂", "zeros", "NaN/Inf")
_UNITS_NAMED = 12


def rows(debugger: Debugger, width: int) -> list[Row]:
    """A table with a line per matrix of the part, and a sentence per array that has units."""
    terms = terms_of(debugger.part)
    arrays = [debugger.tape.array(term) for term in terms]
    table = [_HEADINGS, *(_cells(term, stats(array)) for term, array in zip(terms, arrays, strict=True))]
    found = _table(table, width)
    for term, array in zip(terms, arrays, strict=True):
        if has_units(term) and stats(array).zeros:
            examples = term.axes.index("n")
            found.append(_units(term, dead(array, examples), array.shape[1 - examples]))
    return found


def terms_of(part: Part) -> list[Term]:
    """Left, right and result, each array once."""
    found: list[Term] = []
    for term in (part.left, part.right, part.result):
        if term is not None and all(term.symbol != other.symbol for other in found):
            found.append(term)
    return found


def has_units(term: Term) -> bool:
    """Whether one axis of a named activation or of a mask is the examples and the other its units."""
    units = term.role == "mask" or (term.role == "activation" and term.name is not None)
    return units and len(term.shape) == 2 and term.axes.count("n") == 1


def _cells(term: Term, figures: Stats) -> tuple[str, ...]:
    numbers = (figures.low, figures.high, figures.mean, figures.norm)
    share = f"{100 * figures.zero_share:.0f}%"
    if figures.zeros and share == "0%":
        share = "<1%"
    elif figures.zeros < figures.size and share == "100%":
        share = ">99%"
    return (term.symbol, shape_text(term.shape), *map(_number, numbers), share, str(figures.not_finite))


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else not_finite(value)


def _table(cells: Sequence[tuple[str, ...]], width: int) -> list[Row]:
    """Columns as wide as their widest entry; in a narrow pane each matrix takes a few lines of its own instead."""
    widths = [max(len(line[k]) for line in cells) for k in range(len(_HEADINGS))]
    if sum(widths) + 2 * len(widths) > width:
        return [_stacked(line) for line in cells[1:]]
    return [_line(line, widths, "dim" if k == 0 else "text") for k, line in enumerate(cells)]


def _line(cells: tuple[str, ...], widths: Sequence[int], style: str) -> Row:
    aligned = [
        f"{cell:{'<' if k < 2 else '>'}{size}}" for k, (cell, size) in enumerate(zip(cells, widths, strict=True))
    ]
    symbol, shape, *figures = aligned
    return row((symbol, "bold"), (f"  {shape}", "dim"), ("".join(f"  {figure}" for figure in figures), style))


def _stacked(cells: tuple[str, ...]) -> Row:
    figures = (f"  {name}{GLUE}{text}" for name, text in zip(_HEADINGS[2:], cells[2:], strict=True))
    return row((cells[0], "bold"), (f" {cells[1]}", "dim"), *((figure, "text") for figure in figures))


def _units(term: Term, off: tuple[int, ...], units: int) -> Row:
    if not off:
        return row((f"{term.symbol}: none of {units} units is 0 for every example", "dim"), spare=1)
    named = ", ".join(map(str, off[:_UNITS_NAMED])) + (", …" if len(off) > _UNITS_NAMED else "")
    verb, noun = ("is", "unit") if len(off) == 1 else ("are", "units")
    return row((f"{term.symbol}: {len(off)} of {units} units {verb} 0 for every example: {noun} {named}", "warn"))
