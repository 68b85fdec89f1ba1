"""The chain bar unfolded: every factor of a long chain, on as many lines as there is room for.

Where not all lines fit, those about the current factor are shown, and ``…`` at the left says that there are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tui.canvas import Canvas
from tui.debugger import Debugger
from tui.paint.chain import Atom, Bar, bar_of, draw
from tui.paint.text import cut, wrap

_FOLDS = "  z folds"
_SMALLEST = 3
"""One line above, one of operators, and their shapes."""


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


def unfolded_height(debugger: Debugger, width: int) -> int:
    """Lines that the whole bar takes in ``width`` cells."""
    above, below = _lines(bar_of(debugger), width)
    return _rows(above) + _rows(below)


def paint_unfolded(debugger: Debugger, width: int, height: int) -> Canvas:
    """The bar in at most ``height`` lines (3 or more); a click on ``z folds`` is the key."""
    return paint_lines(bar_of(debugger), width, height)


def paint_lines(bar: Bar, width: int, height: int) -> Canvas:
    """A bar in at most ``height`` lines: a third of them for the rows above where not everything fits."""
    above, below = _lines(bar, width)
    height = max(_SMALLEST, height)
    operators = max(1, (height - min(_rows(above), max(1, height // 3))) // 2)
    shown_below = _window(below, operators)
    shown_above = _window(above, height - _rows(shown_below))
    canvas = Canvas(width, _rows(shown_above) + _rows(shown_below))
    y = 0
    for lines, shown in ((above, shown_above), (below, shown_below)):
        for line in shown:
            end = draw(canvas, y, line.atoms, line.x)
            hidden = (line is shown[0] and line is not lines[0]) or (line is shown[-1] and line is not lines[-1])
            if hidden:
                canvas.put(0, y, "…", "dim")
            if lines is above and line is shown[-1]:
                _comment(canvas, y, end, bar.comment)
            y += line.rows
    _remark(canvas, bar.remarks)
    return canvas


def _lines(bar: Bar, width: int) -> tuple[list[Line], list[Line]]:
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
    """The atoms in lines of at most ``room`` cells, broken in front of operators, the first one standing out."""
    indent = atoms[0].width if atoms and len(atoms) > 1 and atoms[0].width <= room // 3 else 0
    lines: list[Line] = []
    taken: list[Atom] = []
    used = 0
    for group in _groups(atoms, room - indent):
        width = sum(atom.width for atom in group)
        if taken and used + width > room:
            lines.append(Line(1 + indent * bool(lines), tuple(taken), rows))
            taken, used = [], indent
        taken += group
        used += width
    return [*lines, Line(1 + indent * bool(lines), tuple(taken), rows)]


def _groups(atoms: Sequence[Atom], room: int) -> list[list[Atom]]:
    """What stays on one line: an operator with what follows it up to the next one; what is too wide alone is cut."""
    number = 0
    numbers = [number := number + atom.text.startswith(" ") for atom in atoms]
    groups: list[list[Atom]] = []
    for _, members in groupby(zip(numbers, atoms, strict=True), key=lambda pair: pair[0]):
        group = [atom for _, atom in members]
        if sum(atom.width for atom in group) <= room:
            groups.append(group)
        else:
            groups += [[piece] for atom in group for piece in _pieces(atom, room)]
    return groups


def _pieces(atom: Atom, room: int) -> list[Atom]:
    """An atom that is wider than a line, at its spaces in several."""
    if atom.width <= room:
        return [atom]
    if atom.current or atom.shape:
        return [replace(atom, text=cut(atom.text, max(1, room - 2)))]
    return [replace(atom, text="".join(text for text, _ in line)) for line in wrap([(atom.text, atom.style)], room, 4)]


def _comment(canvas: Canvas, y: int, x: int, comment: str) -> None:
    """Behind the rows above: what they are and how the bar becomes small again."""
    if x + len(comment) + len(_FOLDS) <= canvas.width:
        x = canvas.put(x, y, comment, "italic")
    if x + len(_FOLDS) <= canvas.width:
        canvas.put(x, y, _FOLDS, "dim")
        canvas.hit(x, y, len(_FOLDS), 1, ("action", "toggle_chain"))


def _remark(canvas: Canvas, remarks: Sequence[str]) -> None:
    """What the step computes, in the first row from below that has room for it."""
    rows = canvas.rows()
    for remark in remarks:
        for y in reversed(range(canvas.height)):
            if max(1, len(rows[y])) + len(remark) < canvas.width:
                canvas.put(max(1, len(rows[y])), y, remark, "italic")
                return
