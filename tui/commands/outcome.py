"""What a command has to say: an exit status that is known before the first line is written, and the lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """``lines`` may be made while they are written, so that the first ones appear at once."""

    status: int
    lines: Iterable[str]
