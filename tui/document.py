"""A tape as JSON, format ``chainstep/1``: every value, step, part and chain as plain dicts, lists and strings.

Executing the ``numpy`` lines of all steps in order, given ``np`` and the parameters, data and constants among the
values, gives exactly the values. All arrays are in the convention of the tape.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from engine.reading import chain
from tui.jsontext import FORMAT, plain

if TYPE_CHECKING:
    from engine import Program, Tape
    from engine.ir import Source, Value
    from engine.reading.model import Part, Step, Term

Json = dict[str, Any]


def document(tape: Tape, target: str, title: str, *, steps: Sequence[Step] | None = None, values: bool = True) -> Json:
    """The whole tape, or only some of its ``steps``; without ``values`` shapes and names stay, arrays do not."""
    program = tape.program
    shown = program.steps if steps is None else steps
    found: Json = {
        "format": FORMAT,
        "target": target,
        "title": title,
        "convention": program.convention,
        "loss": plain(tape.loss),
        "values": {
            name: _value(program.values[index], tape if values else None) for name, index in _named(program, shown)
        },
        "steps": [_step(program, step) for step in shown],
    }
    if values:
        found["gradients"] = {name: plain(gradient) for name, gradient in tape.gradients.items()}
    return found


def _named(program: Program, steps: Iterable[Step]) -> list[tuple[str, int]]:
    """Parameters and quantities, and whatever else the lines of ``steps`` mention or assign."""
    mentioned = {name for step in steps for line in step.lines for name in identifiers(line)}
    kept = mentioned | {step.quantity for step in program.steps}
    return [
        (name, index)
        for name, index in program.by_name.items()
        if name in kept or program.values[index].role == "parameter"
    ]


def identifiers(line: str) -> set[str]:
    """The names that a line of Python mentions or assigns."""
    return {node.id for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Name)}


def _value(value: Value, tape: Tape | None) -> Json:
    found: Json = {
        "symbol": value.symbol,
        "role": value.role,
        "shape": list(value.shape),
        "axes": list(value.axes),
        "dtype": str(value.dtype),
    }
    if value.path is not None:
        found["path"] = value.path
    if tape is not None:
        found["value"] = plain(tape.value(value.index))
    return found


def _step(program: Program, step: Step) -> Json:
    found: Json = {"id": step.id, "phase": step.phase, "layer": step.layer, "quantity": step.quantity}
    if step.of is not None:
        found["of"] = step.of
    found |= {
        "symbol": step.symbol,
        "shape": list(step.result.shape),
        "axes": list(step.result.axes),
        "numpy": list(step.lines),
        "formula": step.formula,
    }
    if step.phase == "backward":
        factors = chain(program, step.id, step.id)  # whole, but for chains of hundreds of factors
        found["chain"] = {"paper": factors.paper_text, "operators": factors.operators_text}
    return found | {
        "reference": step.reference,
        "source": _source(step.source),
        "parts": [_part(part) for part in step.parts],
    }


def _source(source: Source | None) -> Json | None:
    if source is None:
        return None
    return {
        "file": source.file,
        "line": source.line,
        "column": source.column,
        "end_line": source.end_line,
        "end_column": source.end_column,
        "text": source.text,
    }


def _part(part: Part) -> Json:
    return {
        "id": part.id,
        "numpy": part.numpy,
        "operator": part.operator,
        "left": _term(part.left),
        "right": None if part.right is None else _term(part.right),
        "result": _term(part.result),
        "factor": part.factor,
    }


def _term(term: Term) -> Json:
    return {"symbol": term.symbol, "shape": list(term.shape), "axes": list(term.axes)}
