"""The network on one line: ``x─────W₁ b₁────→z₁─relu────→h₁ … L``; what is not made from its neighbour says of what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from engine.ir import Node
from engine.reading.model import Step, Stop

if TYPE_CHECKING:
    from engine.program import Program
    from engine.schedule import Plan

_NAMES = {"softmax": "softmax", "relu": "relu", "sigmoid": "σ", "log softmax": "log softmax", "log p[y]": "−log"}
_LONGEST_LABEL = 14


def strip(program: Program) -> Sequence[Stop]:
    """The input and every forward quantity, with the parameters and the operation on the edge that leads to it.

    A stop is described when it is asked for: a long net is looked at through a window.
    """
    return program.stops


def reached(program: Program, number: int) -> tuple[int, str] | None:
    """The last step up to step ``number`` (counted from 0) that is on the strip: the number of its stop, and its id."""
    return program.stops.reached[number]


class Stops(Sequence[Stop]):
    """The stops of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._steps = [
            (number, plan, nodes)
            for number, (plan, nodes) in enumerate(program.wiring.forward)
            if program.values[plan.quantity].active
        ]
        self._groups = {g.output: g for g in reversed(program.groups) if g.kind in _NAMES}
        self._input = self._first_input()
        self._made: dict[int, Stop] = {}

    def _first_input(self) -> int | None:
        """Data, or a quantity made of data alone, in the first step that a parameter takes part in."""
        leaves = [i for _, _, nodes in self._steps[:1] for node in nodes for i in node.inputs]
        values = self._program.values
        given = (i for i in leaves if values[i].role == "data" or (values[i].quantity and not values[i].active))
        return next(given, None)

    @cached_property
    def _input_step(self) -> int | None:
        """The number of the step that makes the first stop, where it is no data as they came."""
        plans = self._program.plans
        return next((number for number, plan in enumerate(plans) if plan.quantity == self._input), None)

    @property
    def _before(self) -> int:
        """How many stops no step leads to: one where the first quantity is made from data."""
        return int(self._input is not None)

    def __len__(self) -> int:
        return self._before + len(self._steps)

    @overload
    def __getitem__(self, index: int) -> Stop: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Stop, ...]: ...
    def __getitem__(self, index: int | slice) -> Stop | tuple[Stop, ...]:
        if isinstance(index, slice):
            return tuple(self[k] for k in range(*index.indices(len(self))))
        at = range(len(self))[index]
        if at not in self._made:
            self._made[at] = self._stop(at)
        return self._made[at]

    @cached_property
    def reached(self) -> tuple[tuple[int, str] | None, ...]:
        """For each step, the last one up to it that is on the strip: the number of its stop, and its id."""
        program = self._program
        at: dict[int, int] = {} if self._input_step is None else {self._input_step: 0}
        for stop, (number, plan, nodes) in enumerate(self._steps, self._before):
            at[number] = stop
            for value in (plan.quantity, *(i for node in nodes for i in node.inputs if self._is_parameter(i))):
                gradient = program.wiring.gradient_steps.get(value)
                if gradient is not None:
                    at[gradient] = stop
        found: list[tuple[int, str] | None] = []
        for number, identifier in enumerate(program.directory.ids):
            before = found[-1] if found else None
            found.append((at[number], identifier) if number in at else before)
        return tuple(found)

    def _is_parameter(self, index: int) -> bool:
        return index in self._program.names and self._program.values[index].role == "parameter"

    def _stop(self, at: int) -> Stop:
        program = self._program
        if self._input is not None and at == 0:
            made = None if self._input_step is None else program.directory.ids[self._input_step]
            return Stop(program.values[self._input].symbol, "", (), made, None)
        number, plan, nodes = self._steps[at - self._before]
        step = program.steps[number]
        parameters = self._parameters(nodes)
        label = "" if parameters else self._label(plan, step)
        origin = self._origin(at, nodes) if at else None
        return Stop(step.symbol, label, parameters, step.id, self._gradient(plan.quantity), origin)

    def _origin(self, at: int, nodes: Sequence[Node]) -> str | None:
        """What the edge to a stop starts from; None for the stop before it."""
        values = self._program.values
        read = self._read(nodes)
        first = at - self._before
        before = self._input if first == 0 else self._steps[first - 1][1].quantity
        if before in read:
            return None
        made = [i for i in read if values[i].active and values[i].role != "parameter"]
        given = [i for i in read if values[i].role == "data"]
        origin = max(made, default=given[0] if given else None)
        return "" if origin is None else values[origin].symbol

    def _read(self, nodes: Sequence[Node]) -> list[int]:
        """The quantities, data and parameters that lines read, those behind lines of other steps included."""
        values = self._program.values
        found: dict[int, None] = {}
        own = {node.output for node in nodes}
        stack = [i for node in nodes for i in node.inputs if i not in own]
        while stack:
            index = stack.pop()
            number = values[index].node
            if index in self._program.names and (values[index].quantity or number is None):
                found[index] = None
            elif number is not None:
                stack.extend(self._program.nodes[number].inputs)
        return sorted(found)

    def _gradient(self, value: int) -> str | None:
        number = self._program.wiring.gradient_steps.get(value)
        return None if number is None else self._program.directory.ids[number]

    def _parameters(self, nodes: Sequence[Node]) -> tuple[tuple[str, str | None], ...]:
        """Symbols and gradient steps of the parameters that an edge brings in, in the order of those steps."""
        read = dict.fromkeys(i for node in nodes for i in node.inputs if self._is_parameter(i))
        steps = self._program.wiring.gradient_steps
        ordered = sorted(read, key=lambda i: steps.get(i, len(self._program.plans)))
        return tuple((self._program.values[i].symbol, self._gradient(i)) for i in ordered)

    def _label(self, plan: Plan, step: Step) -> str:
        """What happens on an edge without parameters: a known function's name, else the formula, shortened."""
        group = self._groups.get(plan.quantity)
        if group is not None:
            return _NAMES[group.kind]
        text = step.formula.split(" = ", 1)[1]
        text = re.sub(r"^reshape\([^()]*\)(ᵀ?)$", r"reshape\1", text)
        text = re.sub(r"^\w+(\[[^\]]*\])$", r"\1", text)  # which entries are picked: of what, the strip says already
        text = re.sub(r"log \w+\[\w+\]", "log", text)
        text = re.sub(r"^exp\(.*\)$", "exp", re.sub(r"^tanh\(.*\)$", "tanh", re.sub(r"^log\(.*\)$", "log", text)))
        text = re.sub(r" ?([−+/⊙·]) ?", r"\1", text)
        return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
