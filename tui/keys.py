"""Every key of the debugger and of the screen of one's own backward, once: what else lists keys is made from this.

Bindings, footers, help pages and the command palette read the two lists. Keys are written as Textual names them
(``question_mark``); nothing here needs Textual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Group = Literal["Step", "Line", "Look", "Check", "Change"]
GROUPS: tuple[Group, ...] = ("Step", "Line", "Look", "Check", "Change")

_SHOWN = {
    "question_mark": "?",
    "dollar_sign": "$",
    "comma": ",",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "right": "→",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "f10": "F10",
    "f11": "F11",
    "ctrl+p": "Ctrl+P",
    "enter": "Enter",
    "escape": "Esc",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One thing a key does.

    ``action`` is the Textual action, ``keys`` the keys that do it, the first one being the one to show.
    ``label`` is the word for the footer, ``title`` the line in the command palette, ``help`` the line of the help
    page; neighbours with the same ``help`` (``n``, ``N``) share a line. ``order`` is the place in the footer.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    title: str
    help: str
    group: Group
    footer: bool = False
    order: int = 0

    @property
    def shown(self) -> str:
        """The first key as a person reads it: ``?``, ``PgUp``."""
        return shown(self.keys[0])


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line of the help page: the keys as they are read, and what they do."""

    keys: tuple[str, ...]
    help: str


_STEP = "next / previous step"
_PART = "next / previous part"
_FINISH = "next / previous ∂L/∂W, ∂L/∂b"
_LAYER = "next / previous layer"
_ENDS = "first / last step"
_CURSOR = "move the cell cursor"
_WINDOW = "a window up / down"
_ROW = "start / end of the row"
_OPERAND = "into result, left, right"
_PAGE = "inspector page"
_DECIMALS = "more / fewer decimals"
_SUMMED = "scroll the summed index"
_SLICE = "slices (3 and more axes)"
_LINE = "next / previous line"
_WRONG = "next / previous line not right"
_LINES = "a window of lines up / down"
_FIRST_LINE = "all of it / last line"
_CELL = "move the cell cursor"

KEYS: tuple[Key, ...] = (
    Key("next_step", ("n", "f10"), "next", "Next step", _STEP, "Step", True, 2),
    Key("previous_step", ("N",), "back", "Previous step", _STEP, "Step", True, 3),
    Key("next_part", ("s", "f11"), "part", "Next part of the step", _PART, "Step", True, 4),
    Key("previous_part", ("S",), "part back", "Previous part of the step", _PART, "Step"),
    Key("finish", ("f",), "finish", "Finish: next parameter gradient", _FINISH, "Step", True, 5),
    Key("unfinish", ("F",), "unfinish", "Previous parameter gradient", _FINISH, "Step"),
    Key("next_layer", ("u",), "layer", "Next layer", _LAYER, "Step"),
    Key("previous_layer", ("U",), "layer back", "Previous layer", _LAYER, "Step"),
    Key("first", ("0",), "first", "First step", _ENDS, "Step"),
    Key("last", ("dollar_sign",), "last", "Last step", _ENDS, "Step"),
    Key("move_cursor(0, -1)", ("left",), "left", "Cursor left", _CURSOR, "Look"),
    Key("move_cursor(-1, 0)", ("up",), "up", "Cursor up", _CURSOR, "Look"),
    Key("move_cursor(1, 0)", ("down",), "down", "Cursor down", _CURSOR, "Look"),
    Key("move_cursor(0, 1)", ("right",), "right", "Cursor right", _CURSOR, "Look"),
    Key("page_up", ("pageup",), "page up", "Cursor a window up", _WINDOW, "Look"),
    Key("page_down", ("pagedown",), "page down", "Cursor a window down", _WINDOW, "Look"),
    Key("row_start", ("home",), "row start", "Cursor to the row's start", _ROW, "Look"),
    Key("row_end", ("end",), "row end", "Cursor to the row's end", _ROW, "Look"),
    Key("cycle_operand(1)", ("tab",), "operand", "Cursor to the next matrix", _OPERAND, "Look"),
    Key("cycle_operand(-1)", ("shift+tab",), "operand back", "Cursor to the matrix before", _OPERAND, "Look"),
    Key("set_page(1)", ("1",), "cell", "Inspector: how this cell came about", _PAGE, "Look"),
    Key("set_page(2)", ("2",), "why", "Inspector: why a transpose", _PAGE, "Look"),
    Key("set_page(3)", ("3",), "numpy", "Inspector: the NumPy lines", _PAGE, "Look"),
    Key("set_page(4)", ("4",), "stats", "Inspector: statistics", _PAGE, "Look"),
    Key("set_page(5)", ("5",), "checks", "Inspector: gradient checks", _PAGE, "Look"),
    Key("toggle_why", ("w",), "why", "Why a transpose? (and back)", "why ᵀ? (again: back)", "Look", True, 6),
    Key("more_decimals", ("plus",), "decimals", "One decimal more", _DECIMALS, "Look"),
    Key("fewer_decimals", ("minus",), "decimals", "One decimal less", _DECIMALS, "Look"),
    Key("scroll_summed(-1)", ("comma",), "summed", "Summed index: back", _SUMMED, "Look"),
    Key("scroll_summed(1)", ("full_stop",), "summed", "Summed index: on", _SUMMED, "Look"),
    Key("move_slice(-1)", ("less_than_sign",), "slice", "Slice before, of more than two axes", _SLICE, "Look"),
    Key("move_slice(1)", ("greater_than_sign",), "slice", "Next slice, of more than two axes", _SLICE, "Look"),
    Key("check", ("G",), "check", "Check every gradient", "check every gradient", "Check"),
    Key("own", ("y",), "yours", "Your own backward, line by line", "your own backward", "Check"),
    Key("flip", ("v",), "conv", "Column / row convention", "column / row convention", "Change", True, 7),
    Key("cycle_rail", ("l",), "rail", "Rail: names, numpy, off", "rail: names, numpy, off", "Change"),
    Key("toggle_chain", ("z",), "unfold", "Long chain: unfold, fold", "unfold / fold a long chain", "Change"),
    Key("reload", ("r",), "reload", "Reload the file", "reload the file", "Change"),
    Key("open", ("o",), "open", "Open a scenario", "open a scenario", "Change"),
    Key("command_palette", ("ctrl+p",), "palette", "Command palette", "all commands, go to a step", "Change"),
    Key("help", ("question_mark",), "help", "Help", "this help", "Change", True, 1),
    Key("quit", ("q",), "quit", "Quit", "quit", "Change", True, 8),
)

OWN_KEYS: tuple[Key, ...] = (
    Key("down", ("down",), "line", "Next line", _LINE, "Line"),
    Key("up", ("up",), "line back", "Line before", _LINE, "Line"),
    Key("next_wrong", ("n",), "next wrong", "Next line that is not right", _WRONG, "Line", True, 3),
    Key("previous_wrong", ("N",), "wrong back", "Line before that is not right", _WRONG, "Line"),
    Key("page_up", ("pageup",), "page up", "A window of lines up", _LINES, "Line"),
    Key("page_down", ("pagedown",), "page down", "A window of lines down", _LINES, "Line"),
    Key("first", ("home",), "first", "All of it: the def", _FIRST_LINE, "Line"),
    Key("last", ("end",), "last", "Last line", _FIRST_LINE, "Line"),
    Key("jump", ("enter",), "its step", "To the step of this line", "the step of the line", "Line", True, 2),
    Key("left", ("left",), "left", "Cell to the left", _CELL, "Look"),
    Key("right", ("right",), "right", "Cell to the right", _CELL, "Look"),
    Key(
        "toggle_inside",
        ("tab", "shift+tab"),
        "cells",
        "Arrows into the matrices",
        "↑ ↓ in matrices / lines",
        "Look",
        True,
        4,
    ),
    Key("more_decimals", ("plus",), "decimals", "One decimal more", _DECIMALS, "Look"),
    Key("fewer_decimals", ("minus",), "decimals", "One decimal less", _DECIMALS, "Look"),
    Key("move_slice(-1)", ("less_than_sign",), "slice", "Slice before, of more than two axes", _SLICE, "Look"),
    Key("move_slice(1)", ("greater_than_sign",), "slice", "Next slice, of more than two axes", _SLICE, "Look"),
    Key("reload", ("r",), "reload", "Read the file again", "read the file again", "Change", True, 6),
    Key("back", ("y", "escape"), "debugger", "To the debugger", "to the debugger, and back", "Change", True, 5),
    Key("open", ("o",), "open", "Open a scenario", "open a scenario", "Change"),
    Key("help", ("question_mark",), "help", "Help", "this help", "Change", True, 1),
    Key("quit", ("q",), "quit", "Quit", "quit", "Change", True, 8),
)


def shown(key: str) -> str:
    """A Textual key name as a person reads it."""
    return _SHOWN.get(key, key)


def elsewhere(keys: Sequence[Key] = OWN_KEYS) -> dict[str, Key]:
    """What a key of the debugger does there that does nothing on the screen with ``keys``, by its Textual name."""
    own = {name for key in keys for name in key.keys}
    return {name: key for key in KEYS for name in key.keys if name not in own}


def told_elsewhere(name: str, key: Key) -> str:
    """``v is for the debugger (column / row convention): y leads there``."""
    title = key.title.partition(" (")[0]
    return f"{shown(name)} is for the debugger ({title[:1].lower()}{title[1:]}): y leads there"


def footer_keys(keys: Sequence[Key] = KEYS, also: Sequence[str] = ()) -> tuple[Key, ...]:
    """The keys of the footer, in its order, help first; they fit 80 columns as ``? help  n next ...``.

    ``also`` are actions that are worth a place there at the moment; they stand behind the help.
    """
    found = sorted((key for key in keys if key.footer), key=lambda key: key.order)
    return (*found[:1], *(key for key in keys if key.action in also), *found[1:])


def footer_text(keys: Sequence[Key] = KEYS) -> str:
    """The footer as one line of text."""
    return "  ".join(f"{key.shown} {key.label}" for key in footer_keys(keys))


def help_lines(group: Group, keys: Sequence[Key] = KEYS) -> tuple[HelpLine, ...]:
    """The lines of one group of the help page; neighbours that say the same share one."""
    lines: list[HelpLine] = []
    for key in keys:
        if key.group != group:
            continue
        if lines and lines[-1].help == key.help:
            lines[-1] = HelpLine((*lines[-1].keys, key.shown), key.help)
        else:
            lines.append(HelpLine((key.shown,), key.help))
    return tuple(lines)
