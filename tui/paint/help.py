"""The help page, laid out from the key registry; nothing in it is written twice."""

from __future__ import annotations

from tui.canvas import Canvas
from tui.keys import GROUPS, Group, HelpLine, help_lines
from tui.paint.text import GLUE, Piece, Row, lines_needed, paint_rows, row

_LEFT: tuple[Group, ...] = ("Step", "Change")
_RIGHT: tuple[Group, ...] = ("Look", "Check")
_GAP = 2
_ARROWS = "←↑↓→"
_SIGNS = (
    ("▶ ▲", "marker", "here"),
    ("●", "done", "done"),
    ("✓", "ok", "checked"),
    ("✗", "wrong", "wrong"),
    ("⚠", "warn", "near a kink"),
    ("0", "text", "exact zero"),
    ("~0", "text", "rounds to zero"),
)
_RUNS = "Opening a file runs it, as `python file.py` would. Esc closes a dialog."


def help_height(width: int) -> int:
    """Lines that the whole help page takes in ``width`` cells."""
    return len(_key_lines(width)) + 1 + lines_needed(_notes(), width)


def paint_help(width: int, height: int | None = None, top: int = 0) -> Canvas:
    """All keys in two columns where they fit, else in one; ``top`` lines are scrolled away."""
    lines = _key_lines(width)
    whole = Canvas(width, help_height(width))
    for y, line in enumerate(lines):
        for x, pieces in line:
            whole.run(x, y, pieces)
    whole.blit(paint_rows(_notes(), width), 0, len(lines) + 1)
    if height is None:
        return whole
    canvas = Canvas(width, height)
    canvas.blit(whole, 0, -top)
    return canvas


def _notes() -> list[Row]:
    signs: list[Piece] = []
    for sign, style, meaning in _SIGNS:
        signs += [(sign.replace(" ", GLUE), style), (f"{GLUE}{meaning.replace(' ', GLUE)}   ", "dim")]
    return [Row(tuple(signs), 0), row((_RUNS, "dim"), hanging=0)]


_Line = list[tuple[int, list[Piece]]]


def _key_lines(width: int) -> list[_Line]:
    """Every line as (x, pieces): headings, and keys with what they do."""
    left, right = _column(_LEFT), _column(_RIGHT)
    if 1 + _width(left) + _GAP + _width(right) > width:
        return [[(1, pieces)] for pieces in _column(GROUPS)]
    x = 1 + _width(left) + _GAP
    blank: list[Piece] = []
    height = max(len(left), len(right))
    left, right = (part + [blank] * (height - len(part)) for part in (left, right))
    return [[(1, one), (x, two)] for one, two in zip(left, right, strict=True)]


def _column(groups: tuple[Group, ...]) -> list[list[Piece]]:
    lines = {group: help_lines(group) for group in groups}
    keys = max(len(_keys(line)) for group in groups for line in lines[group])
    found: list[list[Piece]] = []
    for group in groups:
        found += [[]] if found else []
        found.append([(group, "bold")])
        found += [[(f" {_keys(line):<{keys}}  ", "key"), (line.help, "text")] for line in lines[group]]
    return found


def _width(column: list[list[Piece]]) -> int:
    return max(sum(len(text) for text, _ in pieces) for pieces in column)


def _keys(line: HelpLine) -> str:
    """``n N``, ``←↑↓→``, ``1–5``."""
    if len(line.keys) > 2 and all(key in _ARROWS for key in line.keys):
        return "".join(line.keys)
    if len(line.keys) > 2 and all(key.isdigit() for key in line.keys):
        return f"{line.keys[0]}–{line.keys[-1]}"
    return " ".join(line.keys)
