"""The chain bar unfolded: every factor of a long chain, on as many lines as there is room for.

Where not all lines fit, those about the current factor are shown, and ``…`` at the left says that there are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.paint.atoms import Atom, draw, width_of
from tui.paint.chain import Bar, bar_of
from tui.paint.text import cut

if TYPE_CHECKING:
    from engine import Program

_FOLDS = "z folds"
_SIGNS = (" + ", " − ")
_SMALLEST = 4
"""One line above, one of operators, their shapes, and the last line, which says how the bar becomes small again."""


@dataclass(frozen=True, slots=True)
class Line:
    """Atoms that stand side by side, from column ``x`` on; ``rows`` is 2 with the shapes beneath them."""

    x: int
    atoms: tuple[Atom, ...]
    rows: int

    @property
    def current(self) -> bool:
        """Whether the factor that is being applied is on it."""
        return any(atom.current for atom in self.atoms)


Lines = tuple[list[Line], list[Line]]
"""The rows above and the operators."""


def unfolded_height(debugger: Debugger, width: int) -> int:
    """Lines that the whole bar takes in ``width`` cells."""
    above, below = _lines_of(debugger, width)
    return _rows(above) + _rows(below) + 1


def fits_folded(debugger: Debugger, width: int) -> bool:
    """Whether the usual lines show everything, so that there is nothing to unfold."""
    above, below = _lines_of(debugger, width)
    return len(above) == len(below) == 1


def paint_unfolded(debugger: Debugger, width: int, height: int) -> Canvas:
    """The bar in at most ``height`` lines (4 or more); a click on ``z folds`` is the key."""
    bar = bar_of(debugger.tape.program, debugger.index)
    return _paint(_lines_of(debugger, width), bar.comment, bar.remarks, width, height)


def paint_lines(bar: Bar, width: int, height: int) -> Canvas:
    """A bar in at most ``height`` lines: a third of them for the rows above where not everything fits."""
    return _paint(_lines(bar, width), bar.comment, bar.remarks, width, height)


def _lines_of(debugger: Debugger, width: int) -> Lines:
    return _remembered(debugger.tape.program, debugger.index, width)


@lru_cache(maxsize=8)
def _remembered(program: Program, index: int, width: int) -> Lines:
    return _lines(bar_of(program, index), width)


def _paint(both: Lines, comment: str, remarks: Sequence[str], width: int, height: int) -> Canvas:
    above, below = both
    room = max(_SMALLEST, height) - 1
    operators = max(1, (room - min(_rows(above), max(1, room // 3))) // 2)
    shown_below = _window(below, operators)
    shown_above = _window(above, room - _rows(shown_below))
    canvas = Canvas(width, _rows(shown_above) + _rows(shown_below) + 1)
    y = 0
    for lines, shown in ((above, shown_above), (below, shown_below)):
        for line in shown:
            end = draw(canvas, y, line.atoms, line.x)
            if lines is above and line is lines[-1] and end + len(comment) <= width:
                canvas.put(end, y, comment, "italic")
            if (line is shown[0] and line is not lines[0]) or (line is shown[-1] and line is not lines[-1]):
                canvas.put(0, y, "…", "dim")
            y += line.rows
    _last_line(canvas, remarks)
    return canvas


def _lines(bar: Bar, width: int) -> Lines:
    room = max(1, width - 2)
    above = [line for atoms in bar.above for line in _broken(atoms, room, 1)]
    return above, _broken(bar.second, room, 2)


def _rows(lines: Sequence[Line]) -> int:
    return sum(line.rows for line in lines)


def _window(lines: Sequence[Line], count: int) -> Sequence[Line]:
    """``count`` of the lines with the current one in the middle."""
    here = next((k for k, line in enumerate(lines) if line.current), 0)
    top = min(max(0, here - count // 2), max(0, len(lines) - count))
    return lines[top : top + count]


def _broken(atoms: Sequence[Atom], room: int, rows: int) -> list[Line]:
    """The atoms in lines of at most ``room`` cells, the first one standing out.

    A line is broken between the addends of a sum, and in front of other operators only inside an addend that is
    longer than a line.
    """
    indent = atoms[0].width if len(atoms) > 1 and atoms[0].width <= room // 3 else 0
    lines: list[Line] = []
    taken: list[Atom] = []
    used = 0
    for addend in _groups(atoms, _SIGNS):
        whole = width_of(addend) <= room - indent
        for group in [addend] if whole else _groups(addend, (" ",)):
            for piece in (
                [group] if width_of(group) <= room - indent else [_fitted(atom, room - indent) for atom in group]
            ):
                if taken and used + width_of(piece) > room:
                    lines.append(Line(1 + indent * bool(lines), tuple(taken), rows))
                    taken, used = [], indent
                taken += piece
                used += width_of(piece)
    return [*lines, Line(1 + indent * bool(lines), tuple(taken), rows)]


def _groups(atoms: Sequence[Atom], starts: tuple[str, ...]) -> list[list[Atom]]:
    """The atoms in runs that begin where the text of one starts with any of ``starts``."""
    groups: list[list[Atom]] = []
    for atom in atoms:
        if groups and not atom.text.startswith(starts):
            groups[-1].append(atom)
        else:
            groups.append([atom])
    return groups


def _fitted(atom: Atom, room: int) -> list[Atom]:
    """An atom that is wider than a line: its end is cut off."""
    return [atom if atom.width <= room else replace(atom, text=cut(atom.text, max(1, room - 2)))]


def _last_line(canvas: Canvas, remarks: Sequence[str]) -> None:
    """What the step computes, and the key that makes the bar small again."""
    y = canvas.height - 1
    x = 1
    for remark in remarks[:1]:
        x = canvas.put(x, y, remark.strip(), "italic") + 2
    canvas.put(x, y, _FOLDS, "dim")
    canvas.hit(x, y, len(_FOLDS), 1, ("action", "toggle_chain"))
