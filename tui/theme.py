"""What a style name looks like: in full colour, in the 16 colours of an old terminal, and without any colour.

The one table of colours for everything that is painted on a canvas. Hues are blue for positive and orange for
negative, never green against red, and no meaning rests on a hue alone: the sign is in the text, what is current is
reversed, what is lit is underlined.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from rich.color import Color
from rich.style import Style

from tui.canvas import HEAT_LEVELS

Depth = Literal["truecolor", "standard", "none"]
Rgb = tuple[int, int, int]

BACKGROUND: Rgb = (18, 20, 28)
TEXT: Rgb = (228, 230, 238)
BRIGHT: Rgb = (255, 255, 255)
DIM: Rgb = (136, 142, 158)
FAINT: Rgb = (120, 126, 142)
YELLOW: Rgb = (255, 215, 95)
INK: Rgb = (16, 18, 24)
BLUE: Rgb = (122, 162, 247)
POSITIVE: Rgb = (40, 120, 200)
NEGATIVE: Rgb = (200, 88, 16)
PARAM: Rgb = (158, 206, 106)
GRAD: Rgb = (255, 158, 216)
MASK: Rgb = (224, 208, 112)
ACTIVATION: Rgb = (192, 202, 245)
AMBER: Rgb = (240, 160, 92)
MAGENTA: Rgb = (160, 24, 120)

# name: (full colour, background or None; 16 colours, background or None; attributes)
_Row = tuple[Rgb, Rgb | None, str, str | None, str]
_TABLE: dict[str, _Row] = {
    "text": (TEXT, None, "white", None, ""),
    "bold": (BRIGHT, None, "bright_white", None, "bold"),
    "italic": (DIM, None, "white", None, "italic"),
    "dim": (DIM, None, "white", None, "dim"),
    "dim-bold": (DIM, None, "white", None, "bold"),
    "zero": (FAINT, None, "white", None, "dim"),
    "one": (MASK, None, "bright_yellow", None, "bold"),
    "bad": (BRIGHT, MAGENTA, "bright_white", "magenta", "bold"),
    "lit": (BRIGHT, None, "bright_white", None, "bold underline"),
    "marker": (YELLOW, None, "bright_white", None, "bold"),
    "bracket": (DIM, None, "white", None, "dim"),
    "operator": (YELLOW, None, "bright_white", None, "bold"),
    "active": (INK, YELLOW, "black", "bright_white", "bold"),
    "active-underline": (YELLOW, None, "bright_white", None, "bold underline"),
    "param": (PARAM, None, "bright_green", None, "bold"),
    "grad": (GRAD, None, "bright_magenta", None, "bold"),
    "mask": (MASK, None, "bright_yellow", None, "bold"),
    "activation": (ACTIVATION, None, "bright_cyan", None, "bold"),
    "data": (TEXT, None, "bright_white", None, "bold"),
    "constant": (TEXT, None, "white", None, ""),
    "loss": (BRIGHT, None, "bright_white", None, "bold"),
    "title": (INK, BLUE, "black", "bright_cyan", "bold"),
    "page": (DIM, None, "white", None, ""),
    "page-active": (INK, BLUE, "black", "bright_cyan", "bold"),
    "phase": (YELLOW, None, "bright_white", None, "bold"),
    "pending": (DIM, None, "white", None, "dim"),
    "done": (TEXT, None, "white", None, ""),
    "ok": (BLUE, None, "bright_cyan", None, "bold"),
    "wrong": (AMBER, None, "bright_yellow", None, "bold"),
    "warn": (YELLOW, None, "bright_yellow", None, "bold"),
    "rail-here": (INK, YELLOW, "black", "bright_white", "bold"),
    "key": (YELLOW, None, "bright_white", None, "bold"),
    "error": (BRIGHT, MAGENTA, "bright_white", "magenta", "bold"),
}
# Heat in 16 colours: weak, middle, strong for positive and for negative (True) values.
_STEPS: dict[bool, tuple[tuple[str, str | None], ...]] = {
    False: (("bright_cyan", None), ("bright_white", "blue"), ("black", "bright_cyan")),
    True: (("bright_yellow", None), ("black", "yellow"), ("black", "bright_yellow")),
}
_HEAT = re.compile(r"(?P<kind>heat|lit)(?P<sign>[+-])(?P<level>\d\d)")


def depth_of(no_color: bool, color_system: str | None) -> Depth:
    """Which of the three looks a terminal gets; 256 colours are close enough to full colour."""
    if no_color or color_system is None:
        return "none"
    return "standard" if color_system in ("standard", "windows") else "truecolor"


def knows(name: str) -> bool:
    """Whether a style name is in the table."""
    return name in _TABLE or _heat(name) is not None


@cache
def style(name: str, depth: Depth = "truecolor") -> Style:
    """The Rich style of a name, built once; an unknown name looks like plain text."""
    heat = _heat(name)
    if heat is not None:
        return _heat_style(*heat, depth)
    full, back, old, old_back, attributes = _TABLE.get(name, _TABLE["text"])
    if depth == "none":
        return Style.parse(attributes) + Style(reverse=back is not None or None)
    if depth == "standard":
        return Style.parse(attributes) + Style(color=old, bgcolor=old_back)
    # Full colour has greys of its own, whose contrast is known, so it needs no dimming by the terminal.
    return Style.parse(attributes.replace("dim", "")) + _colours(full, back or BACKGROUND)


def _colours(front: Rgb, back: Rgb) -> Style:
    return Style(color=Color.from_rgb(*front), bgcolor=Color.from_rgb(*back))


def _heat(name: str) -> tuple[bool, bool, int] | None:
    """``heat-07`` -> (lit, negative, level); None for any other name."""
    match = _HEAT.fullmatch(name)
    if match is None or int(match["level"]) >= HEAT_LEVELS:
        return None
    return match["kind"] == "lit", match["sign"] == "-", int(match["level"])


def heat_share(level: int) -> float:
    """How much of the hue is blended over the background at a heat level: 0.12 … 0.95."""
    return 0.12 + 0.83 * level / (HEAT_LEVELS - 1)


def heat_colour(negative: bool, level: int) -> Rgb:
    """The background of a cell: blue for positive, orange for negative."""
    hue, share = NEGATIVE if negative else POSITIVE, heat_share(level)
    red, green, blue = (round(low + (high - low) * share) for low, high in zip(BACKGROUND, hue, strict=True))
    return red, green, blue


def _heat_style(lit: bool, negative: bool, level: int, depth: Depth) -> Style:
    attributes = Style.parse("bold underline" if lit else "")
    if depth == "none":
        return attributes
    if depth == "truecolor":
        return attributes + _colours(BRIGHT, heat_colour(negative, level))
    front, back = _STEPS[negative][min(2, level * 3 // HEAT_LEVELS)]
    return attributes + Style(color=front, bgcolor=back)
