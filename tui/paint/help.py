"""The help pages, laid out from the key registry; nothing in them is written twice."""

from __future__ import annotations

from collections.abc import Sequence

from tui.canvas import Canvas
from tui.keys import GROUPS, KEYS, Group, HelpLine, Key, help_lines
from tui.paint.text import GLUE, Piece, Row, lines_needed, paint_rows, row

_LEFT: tuple[Group, ...] = ("Step", "Line", "Change")
_RIGHT: tuple[Group, ...] = ("Look", "Check")
_GAP = 2
_ARROWS = "←↑↓→"
_SIGNS = (
    ("▶ ▲", "marker", "here"),
    ("●", "done", "done"),
    ("✓", "ok", "right"),
    ("✗", "wrong", "wrong"),
    ("↳", "warn", "inherited"),
    ("⚠", "warn", "near a kink"),
    ("0", "text", "exact zero"),
    ("~0", "text", "rounds to zero"),
)
_OWN_SIGNS = (
    ("✓", "ok", "right"),
    ("✗", "wrong", "wrong by itself"),
    ("↳", "warn", "right line, wrong array given"),
    ("∙", "dim", "not finished"),
    ("?", "dim", "not recognised"),
    ("0", "text", "no difference"),
    ("~0", "text", "rounds to zero"),
)
_RUNS = "Opening a file runs it, as `python file.py` would. Esc closes a dialog."


def help_height(width: int, keys: Sequence[Key] = KEYS) -> int:
    """Lines that the whole help page takes in ``width`` cells."""
    return len(_key_lines(width, keys)) + 1 + lines_needed(_notes(keys), width)


def paint_help(width: int, height: int | None = None, top: int = 0, keys: Sequence[Key] = KEYS) -> Canvas:
    """All keys in two columns where they fit, else in one; ``top`` lines are scrolled away."""
    lines = _key_lines(width, keys)
    whole = Canvas(width, help_height(width, keys))
    for y, line in enumerate(lines):
        for x, pieces in line:
            whole.run(x, y, pieces)
    whole.blit(paint_rows(_notes(keys), width), 0, len(lines) + 1)
    if height is None:
        return whole
    canvas = Canvas(width, height)
    canvas.blit(whole, 0, -top)
    return canvas


def _notes(keys: Sequence[Key]) -> list[Row]:
    signs: list[Piece] = []
    for sign, style, meaning in _OWN_SIGNS if any(key.group == "Line" for key in keys) else _SIGNS:
        signs += [(sign.replace(" ", GLUE), style), (f"{GLUE}{meaning.replace(' ', GLUE)}   ", "dim")]
    return [Row(tuple(signs), 0), row((_RUNS, "dim"), hanging=0)]


_Line = list[tuple[int, list[Piece]]]


def _key_lines(width: int, keys: Sequence[Key]) -> list[_Line]:
    """Every line as (x, pieces): headings, and keys with what they do."""
    left, right = _column(_LEFT, keys), _column(_RIGHT, keys)
    if 1 + _width(left) + _GAP + _width(right) > width:
        return [[(1, pieces)] for pieces in _column(GROUPS, keys)]
    x = 1 + _width(left) + _GAP
    blank: list[Piece] = []
    height = max(len(left), len(right))
    left, right = (part + [blank] * (height - len(part)) for part in (left, right))
    return [[(1, one), (x, two)] for one, two in zip(left, right, strict=True)]


def _column(groups: tuple[Group, ...], keys: Sequence[Key]) -> list[list[Piece]]:
    lines = {group: found for group in groups if (found := help_lines(group, keys))}
    widest = max(len(_keys(line)) for of_group in lines.values() for line in of_group)
    column: list[list[Piece]] = []
    for group, of_group in lines.items():
        column += [[]] if column else []
        column.append([(group, "bold")])
        column += [[(f" {_keys(line):<{widest}}  ", "key"), (line.help, "text")] for line in of_group]
    return column


def _width(column: list[list[Piece]]) -> int:
    return max(sum(len(text) for text, _ in pieces) for pieces in column)


def _keys(line: HelpLine) -> str:
    """``n N``, ``←↑↓→``, ``1–5``."""
    if len(line.keys) > 2 and all(key in _ARROWS for key in line.keys):
        return "".join(line.keys)
    if len(line.keys) > 2 and all(key.isdigit() for key in line.keys):
        return f"{line.keys[0]}–{line.keys[-1]}"
    return " ".join(line.keys)
