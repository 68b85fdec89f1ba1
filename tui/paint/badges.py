"""The little marks beside a gradient or a line: right, wrong, inherited, or right but close to a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.blame import LineVerdict
    from engine.check import Verdict

RIGHT = ("✓", "ok")
WRONG = ("✗", "wrong")
NEAR_KINK = ("⚠", "warn")

LINE_VERDICTS: dict[LineVerdict, tuple[str, str, str]] = {
    "right": (*RIGHT[:1], "right", "ok"),
    "own-error": (*WRONG[:1], "wrong", "wrong"),
    "inherited": ("↳", "inherited", "warn"),
    "in-progress": ("∙", "in progress", "dim"),
    "unrecognised": ("?", "not recognised", "dim"),
}
"""What a line of somebody's backward is: glyph, word and style. The dot is U+2219, no product of matrices."""


def badge(verdict: Verdict) -> tuple[str, str]:
    """Glyph and style of a verdict; a kink within reach is a remark, not an error."""
    if not verdict.ok:
        return WRONG
    return NEAR_KINK if verdict.near_kink else RIGHT


def line_badge(verdict: LineVerdict) -> tuple[str, str]:
    """Glyph and style of what a line of somebody's own backward is."""
    glyph, _, style = LINE_VERDICTS[verdict]
    return glyph, style


def mark(own: LineVerdict | None, verdict: Verdict | None) -> tuple[str, str] | None:
    """The one mark beside a step: what is wrong goes before what is right, somebody's own lines before the check."""
    if own in ("own-error", "inherited"):
        return line_badge(own)
    if verdict is not None:
        return badge(verdict)
    return None if own is None else line_badge(own)
