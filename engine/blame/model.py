"""What is said of a hand-written backward: per line what it equals, whether it is right, what the mistake is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

LineVerdict = Literal["right", "own-error", "inherited", "in-progress", "unrecognised"]
Outcome = Literal["right", "wrong", "raised"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One array that a line of the backward made.

    ``name`` is the variable as a person would say it (``dW2``; ``grads['W1']`` is dW1), ``equals`` the quantity that it
    is in mathematics (``∂L/∂h₁``), None where it is none. ``mistakes`` are identifiers of `engine.blame.mistakes`.
    ``values`` are the numbers of that quantity in the program that was judged against (its short form), ``missing``
    those of a step that the line goes without and no line computes: a dropped mask leaves out ∂L/∂z₁. ``feeds`` are
    those of the next quantity that is made of the array, where the array itself is none that the program names.
    ``file`` is where the line stands: a backward may call functions of another file. ``theirs`` is the array,
    ``engines`` what it should be, laid the same way wherever the shapes allow it; both are None of what has no
    quantity.
    """

    line: int
    text: str
    name: str
    equals: str | None
    verdict: LineVerdict
    mistakes: tuple[str, ...]
    explanation: str
    values: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    feeds: frozenset[int] = frozenset()
    file: str = ""
    theirs: np.ndarray[Any, Any] | None = field(default=None, compare=False, repr=False)
    engines: np.ndarray[Any, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FirstWrong:
    """The first line that is wrong by itself."""

    file: str
    line: int
    text: str
    quantity: str
    mistakes: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A mistake that this input could not show."""

    mistake: str
    quantity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One gradient that the backward returns: max|a − b| / max|b| against the engine's."""

    ok: bool
    max_rel_error: float


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that ended a backward, and the line of the person's own that it came from.

    ``kind`` is its class, ``message`` what it says. ``shapes`` are those of the arrays that the line looks at, by the
    name that they have there. ``text`` is empty where no line of the person's own is known: then it is the ``def``.
    """

    file: str
    line: int
    text: str
    kind: str
    message: str
    shapes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Mine:
    """The judgement of one backward. ``message`` is the sentence of a run that raised or was stopped.

    Of a run that came to no end in its time ``raised`` is None, and the verdict is the same.
    """

    verdict: Outcome
    gradients: Mapping[str, Answer]
    first_wrong: FirstWrong | None
    lines: tuple[Judged, ...]
    invisible: tuple[Hidden, ...]
    message: str = ""
    raised: Raised | None = None
