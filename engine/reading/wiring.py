"""Who makes and who reads which value, step by step: worked out once per program, in one walk over its nodes.

Everything that goes from one step to another (the chain, the network strip, the cause of a gradient) looks it up here,
so that a question about one step of a long program does not walk through all of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.ir import Group, Node
from engine.reading.parts import nodes_of

if TYPE_CHECKING:
    from engine.program import Program
    from engine.schedule import Plan


class Wiring:
    """The look-ups of one program. Steps are given by their number, counted from 0; values by their index."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @cached_property
    def forward(self) -> tuple[tuple[Plan, tuple[Node, ...]], ...]:
        """The steps of the forward pass and the loss, each with the nodes that its lines execute."""
        program = self._program
        return tuple((plan, tuple(nodes_of(program, plan))) for plan in program.plans if plan.of is None)

    @cached_property
    def readers(self) -> dict[int, list[int]]:
        """For each value, the forward quantities whose lines read it: the expressions that cause its gradient."""
        readers: dict[int, list[int]] = {}
        for plan, nodes in self.forward:
            for index in {i for node in nodes for i in node.inputs}:
                readers.setdefault(index, []).append(plan.quantity)
        return readers

    @cached_property
    def owners(self) -> dict[int, int]:
        """For each value of the forward pass, the number of the first step whose lines compute it."""
        owners: dict[int, int] = {}
        for number, (_, nodes) in enumerate(self.forward):
            for node in nodes:
                owners.setdefault(node.output, number)
        return owners

    @cached_property
    def products(self) -> dict[frozenset[int], Node]:
        """The first product of the forward pass with these operands, transposed or not."""
        products: dict[frozenset[int], Node] = {}
        for node in self._program.nodes:
            if node.op == "matmul" and not node.backward:
                products.setdefault(frozenset(self.upright(i)[0] for i in node.inputs), node)
        return products

    def upright(self, index: int) -> tuple[int, bool]:
        """A value without the transpose that only stands in an expression, and whether there was one."""
        number = self._program.values[index].node
        node = self._program.nodes[number] if number is not None else None
        if node is not None and node.op == "transpose" and index not in self._program.names:
            return node.inputs[0], True
        return index, False

    @cached_property
    def groups(self) -> dict[int, Group]:
        """The short form that each value is the result of."""
        return {group.output: group for group in self._program.groups}

    @cached_property
    def picks(self) -> frozenset[int]:
        """The values inside a pick of the logarithm at the labels."""
        picks = (group.members for group in self._program.groups if group.kind == "log p[y]")
        return frozenset().union(*picks)

    @cached_property
    def gradient_steps(self) -> dict[int, int]:
        """For each value that has a gradient, the number of the step that makes it."""
        return {plan.of: number for number, plan in enumerate(self._program.plans) if plan.of is not None}

    @cached_property
    def targets(self) -> dict[int, int]:
        """For each step of the backward pass, the next step on its path that makes a parameter's gradient.

        A matrix goes before a bias: it is what the rule for the product is about. Steps that lead to none are missing.
        """
        program = self._program
        wanted = {program.gradients_of[p.index] for p in program.parameters}
        any_of: dict[int, int] = {}
        matrix: dict[int, int] = {}
        targets: dict[int, int] = {}
        for number in range(len(program.plans) - 1, -1, -1):
            plan = program.plans[number]
            if plan.of is None:
                break  # the forward pass comes first
            last = plan.quantity
            found = matrix.get(last, any_of.get(last))
            if found is not None:
                targets[number] = found
            if last in wanted:
                any_of[last] = number
                shape = program.values[last].shape
                if len(shape) == 2 and 1 not in shape:
                    matrix[last] = number
            for index in (last, *reversed(plan.temporaries)):
                for below in self._read(index):
                    for known in (any_of, matrix):
                        if index in known:
                            known[below] = min(known[index], known.get(below, known[index]))
        return targets

    @cached_property
    def followers(self) -> dict[int, list[int]]:
        """For each gradient, those made from it, in the order of the steps; without those of parameters."""
        program = self._program
        followers: dict[int, list[int]] = {}
        for plan in program.plans:
            if plan.of is not None and program.values[plan.of].role != "parameter":
                for source in self.sources(plan.quantity):
                    followers.setdefault(source, []).append(plan.quantity)
        return followers

    def sources(self, index: int) -> set[int]:
        """The gradients of other quantities that the expression of a gradient reads."""
        values = self._program.values
        found: set[int] = set()
        seen = {index}
        stack = [index]
        while stack:
            for i in self._read(stack.pop()):
                if i in seen or values[i].role != "gradient":
                    continue
                seen.add(i)
                if values[i].quantity:
                    found.add(i)
                else:
                    stack.append(i)
        return found

    def _read(self, index: int) -> set[int]:
        """The named values that the expression of a value reads."""
        program = self._program
        found: set[int] = set()
        seen = {index}
        stack = [index]
        while stack:
            number = program.values[stack.pop()].node
            for i in program.nodes[number].inputs if number is not None else ():
                if i in program.names:
                    found.add(i)
                elif i not in seen:
                    seen.add(i)
                    stack.append(i)
        return found
