"""Page 2, *why ᵀ?*: what the shapes allow, whether they decide, and what the index says, in this order."""

from __future__ import annotations

from engine.reading import why as why_of
from engine.reading.model import Candidate, Why
from tui.debugger import Debugger
from tui.paint.text import Row, row

_SHAPES = "Shapes: "
_INDEX = "Index:  "


def rows(debugger: Debugger, width: int) -> list[Row]:
    """The candidates with the verdict and the index argument; other steps say what they do instead."""
    return why_rows(why_of(debugger.tape.program, debugger.step.id))


def why_rows(why: Why) -> list[Row]:
    """The same for an answer that is known already."""
    if not why.candidates:
        return [row((text, "text"), hanging=2) for text in why.instead]
    return [
        row((_SHAPES, "bold"), (why.requirement, "text"), hanging=len(_SHAPES)),
        *_candidates(why.candidates),
        row((f"  {why.verdict}", "marker"), hanging=2),
        *_index(why),
        *(row((text, "text"), hanging=2) for text in why.instead),
    ]


def _candidates(candidates: tuple[Candidate, ...]) -> list[Row]:
    texts = max(len(one.text) for one in candidates)
    shapes = max(len(one.shapes) for one in candidates)
    found = []
    for one in candidates:
        mark = ("  ✓ ", "ok") if one.fits else ("  ✗ ", "wrong")
        style = "bold" if one.chosen else "text" if one.fits else "dim"
        text = (f"{one.text:<{texts}}", style)
        found.append(row(mark, text, (f"  {one.shapes:<{shapes}}", "dim"), (f"  {one.reason}", style), hanging=6))
    return found


def _index(why: Why) -> list[Row]:
    start, blank = (_INDEX, "bold"), (" " * len(_INDEX), "text")
    return [
        row(start, ("forward ", "dim"), (why.forward, "text"), hanging=len(_INDEX) + 2),
        row(blank, ("so ", "dim"), (why.derivative, "bold"), hanging=len(_INDEX) + 2),
        row(blank, (why.neighbours, "dim"), hanging=len(_INDEX) + 2),
    ]
