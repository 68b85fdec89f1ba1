"""The steps of a program: one named quantity each, in the order in which a person goes through them.

What a step is called and where it stands is known at once; how it reads (its lines, its formula, its parts) is worked
out when somebody looks at it, so that a program of thousands of steps opens as fast as it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.reading.letters import distinct
from engine.reading.model import Chain, Step, Term
from engine.reading.parts import Parts

if TYPE_CHECKING:
    from engine.program import Program
    from engine.schedule import Plan

_WHEN_LOOKED_AT = ("lines", "formula", "source", "parts")


class Unfolding(Step):
    """A step whose lines, formula, source and parts are filled in when one of them is asked for."""

    __slots__ = ("_describe",)
    _describe: Callable[[], dict[str, Any]]

    @classmethod
    def named(cls, describe: Callable[[], dict[str, Any]], **known: Any) -> Unfolding:
        """A step of which everything is ``known`` but the fields that ``describe`` gives."""
        step = object.__new__(cls)
        for name, value in known.items():
            object.__setattr__(step, name, value)
        object.__setattr__(step, "_describe", describe)
        return step

    def __getattr__(self, name: str) -> Any:
        """Python asks here for a field that is not filled in yet, and for what a step has not got at all."""
        if name not in _WHEN_LOOKED_AT:
            raise AttributeError(f"a step has no {name}")
        for field, value in self._describe().items():
            object.__setattr__(self, field, value)
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        """By id before anything is worked out, so that looking for one step does not describe the others."""
        if self is other:
            return True
        return isinstance(other, Step) and self.id == other.id and _whole(self) == _whole(other)

    def __hash__(self) -> int:
        return hash((self.id, self.quantity))


def _whole(step: Step) -> tuple[object, ...]:
    return tuple(getattr(step, name) for name in Step.__dataclass_fields__)


def steps(program: Program) -> tuple[Step, ...]:
    """All steps, forward (F1, F2, ...) and backward (B1, B2, ...)."""
    return tuple(_step(program, plan, name) for plan, name in zip(program.plans, program.directory.ids, strict=True))


def _step(program: Program, plan: Plan, identifier: str) -> Step:
    name = program.names[plan.quantity]
    return Unfolding.named(
        lambda: _described(program, plan, identifier),
        id=identifier,
        phase=plan.phase,
        layer=plan.layer,
        place=plan.place,
        quantity=name,
        of=None if plan.of is None else program.names[plan.of],
        symbol=program.values[plan.quantity].symbol,
        result=_result(program, plan.quantity),
        reference=program.references.get(name),
    )


def _result(program: Program, index: int) -> Term:
    value, name = program.values[index], program.names[index]
    return Term(value.symbol, name, name, value.role, value.shape, value.axes, distinct(value.letters), index)


def _described(program: Program, plan: Plan, identifier: str) -> dict[str, Any]:
    """The fields of a step that take printing."""
    lines: list[str] = []
    for index in (*plan.temporaries, plan.quantity):
        lines += program.printer.lines(index, program.names[index])
    cause = plan.quantity if plan.of is None else _only(program.wiring.readers.get(plan.of, []))
    number = None if cause is None else program.values[cause].node
    return {
        "lines": tuple(lines),
        "formula": f"{program.values[plan.quantity].symbol} = {program.written.expression(plan.quantity)[0]}",
        "source": None if number is None else program.nodes[number].source,
        "parts": Parts(program, plan, program.formula, identifier).make(),
    }


def _only(indices: list[int]) -> int | None:
    return indices[0] if len(indices) == 1 else None


def chain(program: Program, step_id: str, about: str | None = None) -> Chain:
    """The chain from the loss to the gradient that step ``step_id`` makes. Raises LookupFailed for a forward step.

    With ``about``, the id of the step that is looked at, a chain of hundreds of factors is shortened far from it.
    """
    return program.chains.of(program.step(step_id), about)
