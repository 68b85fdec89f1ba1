"""A frame with a title around a canvas, in characters that ``--ascii`` can translate."""

from __future__ import annotations

from tui.canvas import Canvas
from tui.paint.text import cut

BORDER = 2
"""Cells that a frame adds to the width and to the height."""


def framed(inside: Canvas, title: str) -> Canvas:
    """``inside`` with a line around it and the title in the upper one."""
    width, height = inside.width + BORDER, inside.height + BORDER
    canvas = Canvas(width, height)
    canvas.put(0, 0, f"╭{'─' * inside.width}╮", "page")
    canvas.put(0, height - 1, f"╰{'─' * inside.width}╯", "page")
    for y in range(1, height - 1):
        canvas.put(0, y, "│", "page")
        canvas.put(width - 1, y, "│", "page")
    canvas.put(2, 0, cut(f" {title} ", max(0, width - 4)), "title")
    canvas.blit(inside, 1, 1)
    return canvas
