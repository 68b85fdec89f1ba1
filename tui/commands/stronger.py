"""What is said of a stronger input: what was drawn, what stayed as it is, and the command that asks for one."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui.opening import Opened
from tui.paint.text import Row, row

if TYPE_CHECKING:
    from engine.blame import Mine
    from engine.blame.stronger import Stronger

_NONE = "There is no stronger input: loss runs on no other numbers than those of the file. Judged on those."
_SWITCHING = "every unit on for some examples and off for others"


def offer(target: str) -> Row:
    """The command that judges on an input that can show what this one hides."""
    command = f"chainstep check {shlex.quote(target)} --stronger-input"
    return row(("An input that can show them: ", "dim"), (command, "text"), hanging=0)


def opened_on(opened: Opened, made: Stronger) -> Opened:
    """The same file with the new numbers in place of its own."""
    scenario = replace(opened.scenario, params=made.params, data=made.data)
    return Opened(opened.target, scenario, made.program.run(made.params, made.data))


def without(own: Mine) -> Mine:
    """The plain judgement, which says that there is no other."""
    return replace(own, message=f"{_NONE} {own.message}".strip())


def row_of(made: Stronger) -> Row:
    """``judged on a stronger input: n 5 → 7, in 3 → 6; every unit on for some examples and off for others``."""
    return row((text(made), "text"), hanging=0)


def text(made: Stronger) -> str:
    """What was drawn and what could not change, in one sentence without a full stop."""
    sizes = [f"{name} {old} → {new}" for name, (old, new) in made.sizes.items()]
    coefficients = [f"{name} 0 → {value:g}" for name, value in made.coefficients.items()]
    drawn = ", ".join(sizes + coefficients) or "other numbers, no other size"
    parts = [f"judged on a stronger input: {drawn}"]
    if made.stuck is not None:
        parts.append(f"{made.stuck} units are on or off throughout" if made.stuck else _SWITCHING)
    for by in dict.fromkeys(kept.by for kept in made.kept):
        names = ", ".join(f"{kept.axis} = {kept.size}" for kept in made.kept if kept.by == by)
        parts.append(f"loss is written for {names}" if by == "loss" else f"{names} kept for your backward")
    return "; ".join(parts)


def document(made: Stronger) -> dict[str, Any]:
    """The value of the key ``stronger_input`` of the JSON document."""
    return {
        "sizes": {name: {"from": old, "to": new} for name, (old, new) in made.sizes.items()},
        "kept": [{"axis": kept.axis, "size": kept.size, "by": kept.by} for kept in made.kept],
        "coefficients": dict(made.coefficients),
        "units_that_do_not_switch": made.stuck,
    }
