"""The little marks beside a gradient: checked and right, wrong, or right but close to a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.check import Verdict

RIGHT = ("✓", "ok")
WRONG = ("✗", "wrong")
NEAR_KINK = ("⚠", "warn")


def badge(verdict: Verdict) -> tuple[str, str]:
    """Glyph and style of a verdict; a kink within reach is a remark, not an error."""
    if not verdict.ok:
        return WRONG
    return NEAR_KINK if verdict.near_kink else RIGHT
