"""The network on one line: ``x─────W₁ b₁────→z₁─relu────→h₁ … L``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.reading.model import Step, Stop
from engine.reading.parts import nodes_of

if TYPE_CHECKING:
    from engine.program import Program

_NAMES = {"softmax": "softmax", "relu": "relu", "sigmoid": "σ", "log softmax": "log softmax", "log p[y]": "−log"}
_LONGEST_LABEL = 14


def strip(program: Program) -> tuple[Stop, ...]:
    """The input and every forward quantity, with the parameters and the operation on the edge that leads to it."""
    backward = {s.of: s.id for s in program.steps if s.of is not None}
    stops: list[Stop] = []
    for plan, step in zip(program.plans, program.steps, strict=True):
        if step.of is not None or not program.values[plan.quantity].active:
            continue
        nodes = nodes_of(program, plan)
        leaves = [i for n in nodes for i in n.inputs]
        parameters = []
        for index in leaves:
            name = program.names.get(index)
            if name is not None and program.values[index].role == "parameter":
                entry = (program.values[index].symbol, backward.get(name))
                if entry not in parameters:
                    parameters.append(entry)
        order = [s.id for s in program.steps]
        parameters.sort(key=lambda entry: order.index(entry[1]) if entry[1] in order else len(order))
        if not stops:
            first = next((i for i in leaves if program.values[i].role == "data"), None)
            if first is not None:
                stops.append(Stop(program.values[first].symbol, "", (), None, None))
        label = "" if parameters else _label(program, plan.quantity, step)
        stops.append(Stop(step.symbol, label, tuple(parameters), step.id, backward.get(step.quantity)))
    return tuple(stops)


def _label(program: Program, quantity: int, step: Step) -> str:
    """What happens on an edge without parameters: a known function's name, else the formula, shortened."""
    group = next((g for g in program.groups if g.output == quantity and g.kind in _NAMES), None)
    if group is not None:
        return _NAMES[group.kind]
    text = step.formula.split(" = ", 1)[1]
    text = re.sub(r"log \w+\[\w+\]", "log", text)
    text = re.sub(r"^exp\(.*\)$", "exp", re.sub(r"^tanh\(.*\)$", "tanh", re.sub(r"^log\(.*\)$", "log", text)))
    text = re.sub(r" ?([−+/⊙·]) ?", r"\1", text)
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
