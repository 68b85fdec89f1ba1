"""The page for a file that could not be opened or recorded: the reason, the lines around the place, what to do."""

from __future__ import annotations

from tui.canvas import Canvas
from tui.failure import Failure
from tui.paint.text import Row, paint_rows, row

_MARK = "▶"
_KEYS = (("r", "read it again"), ("o", "open another"), ("q", "quit"))
_BACK = ("Esc", "back to what was recorded before")


def paint_failure(failure: Failure, width: int, height: int, can_go_back: bool = False) -> Canvas:
    """Reason first, then the source with the line marked, then the keys, which are never lost."""
    canvas = Canvas(width, height)
    keys = paint_rows([_keys(can_go_back)], width)
    body = paint_rows(_rows(failure), width, max(0, height - keys.height - 1))
    canvas.blit(body, 0, 0)
    canvas.blit(keys, 0, height - keys.height)
    return canvas


def paint_mistake(failure: Failure, width: int, height: int) -> Canvas:
    """What a pane shows that cannot be painted: where the mistake is, for a report."""
    return paint_rows([row((text, "warn"), hanging=2) for text in failure.sentences], width, height)


def _rows(failure: Failure) -> list[Row]:
    rows = [row((" This file cannot be recorded ", "error"), hanging=0), row(("", "text"))]
    rows += [row((failure.place, "bold"), hanging=2)] if failure.place else []
    rows.append(row((failure.reason, "warn"), hanging=2))
    rows += [row((failure.cure, "text"), hanging=2)] if failure.cure else []
    if failure.source:
        rows.append(row(("", "text"), spare=1))
        rows += [row((failure.file or "", "dim"), hanging=0, spare=2)]
    digits = max((len(str(number)) for number, _ in failure.source), default=0)
    for number, text in failure.source:
        here = number == failure.line
        mark = (f"{_MARK} " if here else "  ", "marker")
        style = "bold" if here else "dim"
        rows.append(
            row(
                mark,
                (f"{number:>{digits}}  ", style),
                (text.expandtabs(4), style),
                hanging=digits + 4,
                spare=_spare(failure, number),
            )
        )
    return rows


def _spare(failure: Failure, number: int) -> int:
    """Lines further away from the place go first where there is too little height; the place itself stays."""
    return 3 * abs(number - (failure.line or number))


def _keys(can_go_back: bool) -> Row:
    keys = [*_KEYS, _BACK] if can_go_back else _KEYS
    pieces = [piece for key, does in keys for piece in ((key, "key"), (f" {does}   ", "text"))]
    return Row(tuple(pieces), 0)
