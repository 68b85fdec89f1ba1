"""The chain bar: the chain rule as written on paper, the same as matrix operations, and the shapes beneath.

The factor that the step in view applies stands out in both; a forward step shows its formula instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from engine.reading import chain as chain_of
from engine.reading import path_target
from engine.reading.model import Chain, Step, Token
from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.numbers import shape_text
from tui.paint.atoms import GAP, Atom, draw, fold, width_of
from tui.paint.text import cut
from tui.remembered import numbers

if TYPE_CHECKING:
    from engine import Program

_ON_PAPER = "  on paper"
_IN_NUMPY = "  in numpy"
_UNFOLDS = "  z unfolds"
_MOST_BRACKETS = 5
"""A longer run of the same bracket is written ``)…)``: a deep chain ends in as many as it has factors."""
_COMPOUND = re.compile(r"[ ·⊙]")  # an operand that is a formula itself: its own matrices get the shapes


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar says, not yet fitted: rows above (the chain on paper, or NumPy lines) and the operators beneath.

    ``comment`` says what the rows above are, ``remarks`` (the longest first) what the step in view computes.
    """

    above: tuple[tuple[Atom, ...], ...]
    comment: str
    second: tuple[Atom, ...]
    remarks: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def bar_of(program: Program, index: int) -> Bar:
    """The bar of step number ``index``, remembered for the last few: every key press asks for its height."""
    step = program.steps[index]
    if step.phase != "backward":
        return formula_bar(step)
    return factor_bar(chain_of(program, path_target(program, step.id), step.id), program.steps, index)


def paint_chain(debugger: Debugger, width: int, lines: int = 3, keys: bool = False) -> Canvas:
    """``lines`` lines (1 to 3): on paper, operators, shapes; with two the first is dropped, with one the shapes too.

    With ``keys`` a bar that is too long for its lines says which key shows it whole.
    """
    if debugger.phase != "backward":
        return paint_formula(debugger.step, width, lines, keys)
    return _paint_bar(bar_of(debugger.tape.program, debugger.index), width, lines, keys)


def paint_factors(chain: Chain, steps: Sequence[Step], index: int, width: int, lines: int = 3) -> Canvas:
    """The bar for one chain while step number ``index`` of ``steps`` is in view."""
    return _paint_bar(factor_bar(chain, steps, index), width, lines, keys=False)


def factor_bar(chain: Chain, steps: Sequence[Step], index: int) -> Bar:
    """The chain on paper and as operators.

    A step that the chain does not name (it starts after several paths were added up) shows its own formula below it.
    """
    step, state = steps[index], _states(steps, index)
    target = numbers(steps).get(chain.target_step)
    symbol = chain.target if target is None else steps[target].symbol
    named = step.id in {link.step for link in chain.paper} | {token.step for token in chain.operators}
    paper = tuple(_paper(chain, symbol, state))
    second = tuple(_operators(chain, symbol, state) if named else _formula(step))
    if chain.target_step == step.id or not named:
        return Bar((paper,), _ON_PAPER, second)
    return Bar((paper,), _ON_PAPER, second, (f"   ← computing {step.symbol}", f"   ← {step.symbol}"))


def formula_bar(step: Step) -> Bar:
    """The NumPy lines of a step and its formula."""
    code = tuple((Atom(line, "text"),) for line in step.lines)
    return Bar(code, _IN_NUMPY, tuple(_formula(step)))


def _paint_bar(bar: Bar, width: int, lines: int, keys: bool) -> Canvas:
    canvas = _factors(bar, width, lines, keys=keys)
    if bar.remarks and not any(_remark(canvas, remark) for remark in bar.remarks):
        canvas = _factors(bar, width, lines, keys=keys, reserved=len(bar.remarks[-1]))
        _remark(canvas, bar.remarks[-1])
    if keys and max(map(width_of, (*bar.above, bar.second))) > _room(canvas):
        _hint(canvas)
    return canvas


def _factors(bar: Bar, width: int, lines: int, *, keys: bool, reserved: int = 0) -> Canvas:
    """Paper line, operators and shapes; ``reserved`` cells stay free behind the operators, room for the key above."""
    canvas = Canvas(width, lines)
    room = _room(canvas)
    (paper,) = bar.above
    if lines >= 3:
        folded = keys and width_of(paper) > room
        _lead(canvas, 0, fold(paper, room - len(_UNFOLDS) if folded else room), bar.comment)
    draw(canvas, _top(canvas), fold(bar.second, room - reserved))
    return canvas


def _top(canvas: Canvas) -> int:
    """The line of the operators: the shapes stand beneath it, the paper line above, as far as there are lines."""
    return max(0, canvas.height - 2)


def paint_formula(step: Step, width: int, lines: int = 3, keys: bool = False) -> Canvas:
    """The bar of a forward step: its NumPy lines, one a row, its formula, and the shapes of what goes in.

    Where a second NumPy line needs the row, the shapes go: they stand over the matrices as well.
    """
    canvas = Canvas(width, lines)
    top, room, formula = _top(canvas), _room(canvas), _formula(step)
    if lines >= 3:
        top = max(top, min(len(step.lines), lines - 1))
        folded = len(step.lines) > top or max(map(len, step.lines)) > room or width_of(formula) > room
        for y, atom in enumerate(_code(step.lines, top, room - len(_UNFOLDS) if folded and keys else room)):
            _lead(canvas, y, [atom], "" if y or (folded and keys) else _IN_NUMPY)
        if folded and keys:
            _hint(canvas)
    draw(canvas, top, fold(formula, room))
    return canvas


def _lead(canvas: Canvas, y: int, atoms: Sequence[Atom], comment: str) -> None:
    """A line above the operators and, where there is room for it, the words that say what it is."""
    end = draw(canvas, y, atoms)
    if end + len(comment) <= canvas.width:
        canvas.put(end, y, comment, "italic")


def _hint(canvas: Canvas) -> None:
    """The key that shows all of it, in the first row that has room for it."""
    rows = canvas.rows()
    y = next((y for y, row in enumerate(rows) if len(row) + len(_UNFOLDS) <= canvas.width), None)
    if y is not None:
        canvas.put(len(rows[y]), y, _UNFOLDS, "dim")
        canvas.hit(len(rows[y]), y, len(_UNFOLDS), 1, ("action", "toggle_chain"))


def _room(canvas: Canvas) -> int:
    """Cells between the margins."""
    return max(0, canvas.width - 2)


def _code(lines: Sequence[str], rows: int, room: int) -> list[Atom]:
    """The NumPy lines in ``rows`` rows, one each and cut at its end; what is left out is counted behind the first."""
    if len(lines) <= rows:
        return [Atom(cut(line, room), "text") for line in lines]
    more = f"  … {len(lines) - rows} more"
    first = cut(lines[0], room - len(more)) + more
    last = lines[len(lines) - rows + 1 :] if rows > 1 else ()
    return [Atom(first, "text"), *(Atom(cut(line, room), "text") for line in last)]


def _states(steps: Sequence[Step], index: int) -> Callable[[str | None], str]:
    """Tells of a step id whether it is ``done``, ``current`` or ``pending``."""
    number = numbers(steps)

    def state(step: str | None) -> str:
        if step is None or step not in number:
            return "done"
        return "current" if number[step] == index else "done" if number[step] < index else "pending"

    return state


_PAPER_STYLES = {"done": "text", "current": "active-underline", "pending": "pending"}
_FACTOR_STYLES = {"done": "bold", "current": "active", "pending": "pending"}
_OPERATOR_STYLES = {"done": "text", "current": "operator", "pending": "pending"}


def _paper(chain: Chain, symbol: str, state: Callable[[str | None], str]) -> list[Atom]:
    atoms = [Atom(f"{symbol} = ", "dim")]
    plus = True
    for link in chain.paper:
        if link.text == "+":
            atoms.append(Atom(" + ", "dim"))
            plus = True
            continue
        if not plus:
            atoms.append(Atom(" · ", "dim"))
        plus = False
        here = state(link.step)
        atoms.append(Atom(link.text, _PAPER_STYLES[here], current=here == "current"))
    return atoms


def _operators(chain: Chain, symbol: str, state: Callable[[str | None], str]) -> list[Atom]:
    atoms = [Atom(f"{symbol} = ", "grad")]
    for (kind, text), run in groupby(chain.operators, key=lambda token: (token.kind, token.text)):
        tokens = list(run)
        if kind == "bracket" and len(tokens) > _MOST_BRACKETS:
            atoms.append(Atom(f"{text}{GAP}{text}", "dim"))
            continue
        atoms += [_token(token, state(token.step)) for token in tokens]
    return atoms


def _token(token: Token, here: str) -> Atom:
    if token.kind == "factor":
        shape = "" if token.shape is None else shape_text(token.shape)
        return Atom(token.text, _FACTOR_STYLES[here], shape, here == "current")
    return Atom(token.text, "dim" if token.kind == "bracket" else _OPERATOR_STYLES[here])


def _formula(step: Step) -> list[Atom]:
    """The step's formula with a shape under every matrix in it."""
    left, equals, right = step.formula.partition(" = ")
    if not equals:
        left, right = "", step.formula
    terms = [term for part in step.parts for term in (part.left, part.right) if term is not None]
    shapes = {term.symbol: term.shape for term in terms if not _COMPOUND.search(term.symbol)}
    formula = [Atom(left, "active", shape_text(step.result.shape), True), Atom(equals, "text")] if left else []
    # Longest first, and never inside a word: the f of softmax is no matrix.
    names = sorted((name for name in shapes if name), key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names) or r"(?!)"
    for text in re.split(f"({pattern})", right):
        if text in shapes:
            formula.append(Atom(text, "bold", shape_text(shapes[text])))
        elif text:
            formula.append(Atom(text, "text"))
    return formula


def _remark(canvas: Canvas, remark: str) -> bool:
    """Behind the operators where there is room, else behind the shapes, else on the paper line; whether it was."""
    rows = canvas.rows()
    top = _top(canvas)
    for y in (top, top + 1, top - 1):
        if 0 <= y < canvas.height and len(rows[y]) + len(remark) < canvas.width:
            canvas.put(max(1, len(rows[y])), y, remark, "italic")
            return True
    return False
