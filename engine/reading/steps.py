"""The steps of a program: one named quantity each, in the order in which a person goes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.reading.chain import quantity_chain
from engine.reading.formula import Formula
from engine.reading.model import Chain, Step
from engine.reading.parts import Parts

if TYPE_CHECKING:
    from engine.program import Program


def steps(program: Program) -> tuple[Step, ...]:
    """All steps, forward (F1, F2, ...) and backward (B1, B2, ...)."""
    formula = Formula(program)
    made = []
    for plan in program.plans:
        identifier = program.step_ids[program.names[plan.quantity]]
        parts = Parts(program, plan, formula, identifier)
        value = program.values[plan.quantity]
        name = program.names[plan.quantity]
        lines: list[str] = []
        for index in (*plan.temporaries, plan.quantity):
            lines += program.printer.lines(index, program.names[index])
        node = None if value.node is None else program.nodes[value.node]
        made.append(
            Step(
                id=identifier,
                phase=plan.phase,  # type: ignore[arg-type]
                layer=plan.layer,
                quantity=name,
                of=None if plan.of is None else program.names[plan.of],
                symbol=value.symbol,
                result=parts.term(plan.quantity),
                lines=tuple(lines),
                formula=f"{value.symbol} = {formula.expression(plan.quantity)[0]}",
                reference=program.references.get(name),
                source=node.source if node is not None else None,
                parts=parts.make(),
            )
        )
    return tuple(made)


def chain(program: Program, step_id: str) -> Chain:
    """The chain from the loss to the gradient that step ``step_id`` makes. Raises LookupFailed for a forward step."""
    return quantity_chain(program, program.step(step_id))
