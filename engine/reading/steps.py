"""The steps of a program: one named quantity each, in the order in which a person goes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ir import Node
from engine.reading.chain import quantity_chain
from engine.reading.formula import Formula
from engine.reading.model import Chain, Step
from engine.reading.parts import Parts, nodes_of

if TYPE_CHECKING:
    from engine.program import Program


def steps(program: Program) -> tuple[Step, ...]:
    """All steps, forward (F1, F2, ...) and backward (B1, B2, ...)."""
    formula, written = Formula(program), Formula(program, sum_implied=True)
    made = []
    readers = _readers(program)
    for plan in program.plans:
        identifier = program.step_ids[program.names[plan.quantity]]
        parts = Parts(program, plan, formula, identifier)
        value = program.values[plan.quantity]
        name = program.names[plan.quantity]
        lines: list[str] = []
        for index in (*plan.temporaries, plan.quantity):
            lines += program.printer.lines(index, program.names[index])
        cause = plan.quantity if plan.of is None else _only(readers.get(plan.of, []))
        node = _node(program, cause)
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
                formula=f"{value.symbol} = {written.expression(plan.quantity)[0]}",
                reference=program.references.get(name),
                source=node.source if node is not None else None,
                parts=parts.make(),
            )
        )
    return tuple(made)


def _readers(program: Program) -> dict[int, list[int]]:
    """For each value, the forward quantities whose lines read it: the expressions that cause its gradient."""
    readers: dict[int, list[int]] = {}
    for plan in program.plans:
        if plan.of is None:
            read = {i for node in nodes_of(program, plan) for i in node.inputs}
            for index in read:
                readers.setdefault(index, []).append(plan.quantity)
    return readers


def _only(indices: list[int]) -> int | None:
    return indices[0] if len(indices) == 1 else None


def _node(program: Program, index: int | None) -> Node | None:
    number = None if index is None else program.values[index].node
    return None if number is None else program.nodes[number]


def chain(program: Program, step_id: str) -> Chain:
    """The chain from the loss to the gradient that step ``step_id`` makes. Raises LookupFailed for a forward step."""
    return quantity_chain(program, program.step(step_id))
