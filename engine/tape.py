"""A tape is a program and a frame: the arrays of one pass, one tuple.

The frame keeps parameters and data by reference, and every named value. What stands inside a line is computed again
when somebody looks at it, from the kept arrays and with the same operations, so that its bits are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from engine.ops import evaluate
from engine.reading.model import Term

if TYPE_CHECKING:
    from engine.program import Program

Answer = TypeVar("Answer")


def recompute(program: Program, index: int, known: Mapping[int, Any]) -> Any:
    """The array of any value, evaluated from the ``known`` ones below it."""
    made: dict[int, Any] = {}
    stack = [index]
    while stack:
        top = stack[-1]
        if top in known or top in made:
            stack.pop()
            continue
        if top in program.literals:
            made[top] = program.literals[top]
            continue
        number = program.values[top].node
        assert number is not None
        node = program.nodes[number]
        missing = [i for i in node.inputs if i not in known and i not in made]
        if missing:
            stack.extend(missing)
            continue
        operands = tuple(made[i] if i in made else known[i] for i in node.inputs)
        made[top] = evaluate(node.op, node.attributes, node.spelling, operands)
    return made[index] if index in made else known[index]


class Tape:
    """One recorded pass; arrays that it hands out are read-only views."""

    __slots__ = ("_looked_at", "_remembered", "frame", "program")

    def __init__(self, program: Program, frame: tuple[Any, ...]) -> None:
        self.program = program
        self.frame = frame
        self._looked_at: dict[int, Any] | None = None
        self._remembered: dict[Any, Any] | None = None

    @property
    def loss(self) -> float:
        """The loss as a number."""
        return float(np.asarray(self.value(self.program.loss)).reshape(-1)[0])

    @property
    def gradients(self) -> dict[str, np.ndarray[Any, Any]]:
        """The gradient of every parameter, by the parameter's name."""
        program = self.program
        return {program.names[p.index]: self.value(program.gradients_of[p.index]) for p in program.parameters}

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        if name not in self.program.by_name:
            step = self.program.step(name)
            name = step.quantity
        return self.value(self.program.by_name[name])

    def __contains__(self, name: object) -> bool:
        return name in self.program.by_name

    def kept(self) -> dict[int, Any]:
        """The arrays of the frame by value index."""
        return dict(zip(self.program._layout.kept, self.frame, strict=True))

    def raw(self, index: int) -> Any:
        """The array of any value as the frame holds it, or computed from the frame; only to be looked at."""
        position = self.program._layout.position.get(index)
        return self.frame[position] if position is not None else recompute(self.program, index, self.kept())

    def value(self, index: int) -> np.ndarray[Any, Any]:
        """The array of any value of the program, read-only; a number is a 0-d array."""
        position = self.program._layout.position.get(index)
        if position is not None:
            return _read_only(self.frame[position])
        if self._looked_at is None:
            self._looked_at = {}
        if index not in self._looked_at:
            self._looked_at[index] = _read_only(recompute(self.program, index, self.kept()))
        return self._looked_at[index]  # type: ignore[no-any-return]

    def array(self, term: Term) -> np.ndarray[Any, Any]:
        """The array of a term, of shape ``term.shape``; a vector of ones is a broadcast view that takes no memory."""
        if term.value is None:
            return np.broadcast_to(np.float64(1.0), term.shape)
        found = self.value(term.value)
        if found.shape != term.shape:
            found = np.broadcast_to(found, term.shape)
        return found

    def remembered(self, key: Any, make: Callable[[], Answer]) -> Answer:
        """What was worked out about this tape under ``key``, worked out once."""
        if self._remembered is None:
            self._remembered = {}
        if key not in self._remembered:
            self._remembered[key] = make()
        answer: Answer = self._remembered[key]
        return answer

    @property
    def finite(self) -> bool:
        """Whether loss and gradients are finite and nothing on the way is NaN; an infinity on the way (a mask of
        -inf below a softmax) does no harm then."""
        return self.remembered("finite", self._is_finite)

    def _is_finite(self) -> bool:
        ends = [self.value(self.program.loss), *self.gradients.values()]
        quantities = (self.value(plan.quantity) for plan in self.program.plans)
        return all(np.isfinite(a).all() for a in ends) and not any(
            a.dtype.kind == "f" and np.isnan(a).any() for a in quantities
        )

    def first_not_finite(self) -> str | None:
        """The id of the first step whose quantity holds NaN or an infinity; None where the pass is `finite`."""
        if self.finite:
            return None
        for step in self.program.steps:
            assert step.result.value is not None
            array = self.value(step.result.value)
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                return step.id
        return None


def _read_only(array: Any) -> np.ndarray[Any, Any]:
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
