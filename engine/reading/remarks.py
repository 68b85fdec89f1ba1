"""What the number in a cell means: the unit of a gradient, whether a unit was on, an entry that is not finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ops import TABLE
from engine.reading.cells import broadcast_index, index_text, maker, value_at
from engine.reading.model import Part, Step

if TYPE_CHECKING:
    from engine.program import Program
    from engine.tape import Tape

SCALAR = "⋅"  # the product of two numbers; U+00B7 is the product of matrices
_PEOPLE = {"n": "the examples", "in": "the inputs", "out": "the outputs", "t": "the places of a sequence"}


def people(part: Part, letter: str, count: int) -> str:
    """What a summed index runs over, by the name of its axis."""
    terms = [term for term in (part.left, part.right) if term is not None]
    named = {own: name for term in terms for own, name in zip(term.letters, term.axes, strict=False) if name}
    name = named.get(letter, letter)
    if count == 1:
        return "one term: a single example" if name == "n" else "one term"
    hidden = name[:1] == "h" and name[1:].isdigit()
    where = "the hidden units" if hidden else _PEOPLE.get(name, f"the axis {letter}")
    return f"{letter} = 0…{count - 1} runs over {where}"


def remarks(tape: Tape, part: Part, index: tuple[int, ...], value: Any) -> tuple[str, ...]:
    """What the number means: the unit of a gradient, or that it is not finite."""
    if isinstance(value, float) and not np.isfinite(value):
        if np.isinf(value) and tape.finite:
            return ("infinite, and meant to be: what reads it stays finite (exp(−∞) = 0)",)
        return ("this entry is not finite; everything that reads it is lost",)
    step = _owner(tape.program, part)
    if step is None or step.of is None or part.id.rstrip("abcdefghijklmnopqrstuvwxyz") != step.id:
        return ()
    if part.result.name != step.quantity:
        return ()
    nothing = nothing_reaches(tape.program, step)
    if nothing:
        return (nothing,)
    role = tape.program.values[tape.program.by_name[step.of]].role
    what = "weight" if role == "parameter" else "entry"
    place = f"{step.of}{index_text(index)}"
    return (f"unit: d(loss)/d({place}) – nudge that {what} by ε and L changes by {_short(value)}{SCALAR}ε",)


def nothing_reaches(program: Program, step: Step) -> str:
    """Why the gradient that a step makes is zero whatever the numbers are; empty for any other step."""
    node = maker(program, program.by_name[step.quantity])
    if step.of is None or node is None or node.op != "zeros":
        return ""
    reached = {program.by_name[step.of]}
    for one in program.nodes:
        if one.backward or reached.isdisjoint(one.inputs):
            continue
        if TABLE[one.op].flat:
            return f"nothing comes back to {step.of}: {TABLE[one.op].flat}"
        reached.add(one.output)
    return f"the loss does not depend on {step.of}"


def _short(value: Any) -> str:
    number = float(value)
    if number == 0:
        return "0"
    return f"{number:.2f}" if 0.1 <= abs(number) < 1000 else f"{number:.3g}"


def _owner(program: Program, part: Part) -> Any:
    number = program.directory.find(part.id)
    return None if number is None else program.steps[number]


def mask_remarks(tape: Tape, part: Part, index: tuple[int, ...]) -> tuple[str, ...]:
    """Whether a unit was on, where a mask takes part."""
    for term in (part.left, part.right):
        if term is None or term.role != "mask" or term.value is None:
            continue
        number = tape.program.values[term.value].node
        if number is None or len(tape.program.nodes[number].inputs) != 2:
            continue
        node = tape.program.nodes[number]
        if node.op not in ("greater", "greater_equal") or not tape.program.values[node.inputs[1]].literal:
            continue
        operand = tape.program.values[node.inputs[0]].symbol
        bound = tape.program.literals[node.inputs[1]]
        array = tape.array(term)
        at = broadcast_index(index, array.shape)
        above, below = (">", "≤") if node.op == "greater" else ("≥", "<")
        if value_at(array, at):
            return (f"{operand}{index_text(at)} {above} {bound}: the unit was on, the gradient passes",)
        return (f"{operand}{index_text(at)} {below} {bound}: the unit was off, the gradient stops here",)
    return ()
