"""What a canvas is printed on: a terminal with colours, or plain text where the output goes into a file or a pipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from tui.ascii import ASCII
from tui.canvas import Canvas

if TYPE_CHECKING:
    from rich.color import ColorSystem

    from tui.theme import Depth

PIPED_WIDTH = 100
NARROWEST = 40


@dataclass(frozen=True, slots=True)
class Paper:
    """``width`` in cells; ``depth`` and ``colours`` say how the terminal shows styles, None for plain text."""

    width: int = PIPED_WIDTH
    ascii_only: bool = False
    depth: Depth | None = None
    colours: ColorSystem | None = None

    def lines(self, canvas: Canvas) -> Iterator[str]:
        """The rows of a canvas as they are written."""
        drawn = canvas.translate(ASCII) if self.ascii_only else canvas
        if self.depth is None:
            yield from drawn.rows()
            return
        from tui.theme import style

        for y in range(drawn.height):
            runs = drawn.segments(y)
            yield "".join(style(name, self.depth).render(text, color_system=self.colours) for text, name in runs)


def paper_for(out: TextIO, width: int | None, ascii_only: bool) -> Paper:
    """The paper that ``out`` is: as wide as the terminal, or as ``width`` says."""
    if not out.isatty():
        return Paper(width or PIPED_WIDTH, ascii_only)
    from rich.color import ColorSystem
    from rich.console import Console

    width = width or max(NARROWEST, _columns(out))
    console = Console(file=out)
    if console.color_system is None:  # a terminal without bold and underline
        return Paper(width, ascii_only)
    systems = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR}
    from tui.theme import depth_of

    depth = depth_of(console.no_color, console.color_system)
    return Paper(width, ascii_only, depth, systems.get(console.color_system, ColorSystem.STANDARD))


def _columns(out: TextIO) -> int:
    try:
        return os.get_terminal_size(out.fileno()).columns or PIPED_WIDTH
    except (OSError, ValueError):
        return PIPED_WIDTH
