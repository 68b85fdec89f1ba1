"""What is known of a run: the versions of its arrays, what it returned or raised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.blame.model import Raised
from engine.blame.statements import Statement


@dataclass(slots=True, eq=False)
class Version:
    """What ``name`` held after ``statement``; ``given`` ones came in as an argument.

    ``listed`` ones are lists of numbers. ``reads`` are the versions that the statement looked at, ``then`` is the
    version that took its place under the same name, ``used`` whether any other statement read it. ``turn`` counts the
    statements of the run; ``copy_of`` is the version that a bare ``dz = dh`` gives a second name.
    """

    number: int
    turn: int
    name: str
    array: np.ndarray[Any, Any]
    statement: Statement
    frame: int
    function: str
    given: bool
    reads: tuple[int, ...]
    names: list[str] = field(default_factory=list)
    then: int | None = None
    used: bool = False
    before: int | None = None
    copy_of: int | None = None
    listed: bool = False


@dataclass(slots=True, eq=False)
class Run:
    """All versions in the order of the run, what was returned, and how the run ended.

    ``ran`` says for each statement at which turn it came to its end for the first time.
    """

    versions: list[Version]
    returned: Any
    raised: Raised | None
    stopped: str
    held: dict[int, int]
    ran: dict[Statement, int] = field(default_factory=dict)

    def rounds(self, statement: Statement) -> list[int]:
        """The turns at which a statement has made something."""
        return sorted({v.turn for v in self.versions if v.statement is statement and not v.given})


class Stop(BaseException):
    """Leaves a run that does not end; no ``except Exception`` of the person's file holds it up."""
