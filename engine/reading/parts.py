"""A step taken apart into operations, each readable as one row of matrices.

One node is one part, except where a person would not stop: a sign, a square or a number in front of a function is
written into its operator (``½Σ(·)²``), the shift inside a softmax and the one-hot product inside a pick are shown as
operands. A transpose and a mask are parts of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ir import Node
from engine.ops import TABLE
from engine.reading.formula import COMPARISONS, Formula, number_symbol, subscript
from engine.reading.letters import BROADCAST, distinct, product, without
from engine.reading.model import Kind, Layout, Part, Side, Term
from engine.reading.moves import index_array

if TYPE_CHECKING:
    from engine.program import Program
    from engine.schedule import Plan

_PASSED_OVER = ("reshape", "expand_dims", "squeeze", "broadcast_to", "astype", "eye", "ones", "zeros", "arange")


def nodes_of(program: Program, plan: Plan) -> list[Node]:
    """The nodes that a step's lines execute, in order."""
    own = {plan.quantity, *plan.temporaries}
    found: dict[int, Node] = {}
    stack = [plan.quantity]
    while stack:
        index = stack.pop()
        number = program.values[index].node
        if number is None or number in found or (index in program.names and index not in own):
            continue
        found[number] = program.nodes[number]
        stack.extend(program.nodes[number].inputs)
    return [found[k] for k in sorted(found)]


class Parts:
    """Makes the parts of one step."""

    def __init__(self, program: Program, plan: Plan, formula: Formula, identifier: str) -> None:
        self.program, self.plan, self.formula, self.identifier = program, plan, formula, identifier
        self.nodes = nodes_of(program, plan)
        self.makers = {node.output: node for node in self.nodes}
        self.users: dict[int, list[Node]] = {}
        for node in self.nodes:
            for i in set(node.inputs):
                self.users.setdefault(i, []).append(node)
        self.groups = program.wiring.groups

    def make(self) -> tuple[Part, ...]:
        heads = [n for n in self.nodes if not self._absorbed(n)]
        rows = [row for head in heads for row in self._rows(head)]
        if not rows:
            rows = [self._taken_over(self.nodes[-1] if self.nodes else None)]
        letters = "abcdefghijklmnopqrstuvwxyz"
        made = []
        for k, part in enumerate(rows):
            suffix = "" if len(rows) == 1 else letters[k] if k < 26 else f"_{k + 1}"
            made.append(replace(part, id=self.identifier + suffix))
        return tuple(made)

    # terms
    def term(self, index: int, *, label: bool = False) -> Term:
        """A value as it stands in a row of matrices."""
        value = self.program.values[index]
        symbol = (self.formula.label(index) if label else self.formula.mention(index))[0]
        return Term(
            symbol=symbol,
            numpy=self.program.printer.mention(index)[0],
            name=value.name if index in self.program.names else None,
            role=value.role,
            shape=value.shape,
            axes=value.axes,
            letters=distinct(value.letters),
            value=index,
        )

    def _ones(self, operand: Term, axis: int) -> Term:
        """The vector of ones that a sum over ``axis`` multiplies with; a token, no array."""
        size, name, letter = operand.shape[axis], operand.axes[axis], operand.letters[axis]
        if axis == 1:
            return Term("1", f"np.ones(({size}, 1))", None, "constant", (size, 1), (name, None), (letter, "0"), None)
        return Term("1ᵀ", f"np.ones((1, {size}))", None, "constant", (1, size), (None, name), ("0", letter), None)

    # which nodes a person would not stop at
    def _absorbed(self, node: Node) -> bool:
        if node.op == "same" and self._made(node.inputs[0]) is not None:
            return True
        if node.op in _PASSED_OVER:
            return node.output != self.plan.quantity or len(self.nodes) > 1
        if self._leads(node) is not None or self._trails(node) is not None:
            return True
        users = self.users.get(node.output, [])
        if len(users) != 1 or node.output in self.program.names:
            return False
        if node.op in ("max", "min") and users[0].op == "subtract" and users[0].inputs[0] == node.inputs[0]:
            return True
        return node.op == "multiply" and users[0].op == "sum" and node.output in self.program.wiring.picks

    def _is_function(self, node: Node) -> bool:
        """Whether a node is written as an operator in front of one matrix."""
        if TABLE[node.op].family == "reduce":
            return node.op != "sum" or self.formula.bias_sum(node) is None
        return (
            len(node.inputs) == 1
            and TABLE[node.op].family == "elementwise"
            and node.op not in ("negative", "square", "same")
        )

    def _is_touch(self, node: Node) -> bool:
        """A sign, a square or a number in front."""
        if node.op in ("negative", "square"):
            return True
        literals = [self.program.values[i].literal for i in node.inputs]
        if node.op == "power":
            return literals == [False, True] and self.program.literals[node.inputs[1]] == 2
        return node.op == "multiply" and sorted(literals) == [False, True]

    def _operand(self, node: Node) -> int:
        return next(i for i in node.inputs if not self.program.values[i].literal)

    def _leads(self, node: Node) -> Node | None:
        """The function into whose operator a touch is written, when it comes before it."""
        users = self.users.get(node.output, [])
        if not self._is_touch(node) or len(users) != 1 or node.output in self.program.names:
            return None
        return users[0] if self._is_function(users[0]) or self._leads(users[0]) is not None else None

    def _trails(self, node: Node) -> Node | None:
        """The function into whose operator a touch is written, when it comes after it (a number, a sign)."""
        if not self._is_touch(node) or node.op in ("square", "power"):
            return None
        made = self._made(self._operand(node))
        if made is None or len(self.users.get(made.output, [])) != 1 or made.output in self.program.names:
            return None
        if self._is_function(made):
            return made
        return made if self._trails(made) is not None else None

    def _made(self, index: int) -> Node | None:
        return self.makers.get(index)

    # rows
    def _rows(self, node: Node) -> list[Part]:
        rows = [self._label_row(i) for i in node.inputs if node.backward and i in self.program.labels]
        if node.op == "transpose":
            plain = self.term(node.inputs[0])
            order = node.attributes.get("axes")
            turned = plain.letters[::-1] if order is None else tuple(plain.letters[k] for k in order)
            rows.append(self._part(node, "ᵀ", "postfix", "transpose", plain, None, letters=turned))
        elif node.op in ("matmul", "outer"):
            rows.append(self._product(node))
        elif TABLE[node.op].family == "contraction":
            rows.append(self._contraction(node))
        elif TABLE[node.op].family == "join":
            rows += self._joined(node)
        elif node.op == "cumsum":
            rows.append(self._part(node, "Σ≤", "prefix", "running", self.term(node.inputs[0]), None))
        elif node.op == "sum" and self.formula.bias_sum(node) is not None:
            rows.append(self._bias(node))
        elif self._is_function(node):
            rows.append(self._function(node))
        elif TABLE[node.op].family == "elementwise":
            rows.append(self._entrywise(node))
        else:
            rows.append(self._moved(node))
        return rows

    def _part(
        self, node: Node, operator: str, layout: Layout, kind: Kind, left: Term, right: Term | None,
        factor: Side | None = None, summed: tuple[str, ...] = (), result: int | None = None,
        letters: tuple[str, ...] | None = None,
    ) -> Part:  # fmt: skip
        output = node.output if result is None else result
        renamed = [n for n in self.users.get(output, []) if n.op == "same"]
        output = renamed[0].output if renamed else output
        text, _ = self.program.printer.expression(output)
        lines = self.program.printer.lines(output, self.program.names.get(output, "out")) if "{out}" in text else [text]
        made = self.term(output)
        if letters is not None and len(letters) == len(made.letters):
            made = replace(made, letters=letters)
        return Part("", "; ".join(lines), operator, layout, kind, left, right, made, factor, summed)

    def _factor(self, left: int, right: int) -> Side | None:
        gradients = [self.program.values[i].role == "gradient" for i in (left, right)]
        if self.plan.phase != "backward" or gradients[0] == gradients[1]:
            return None
        return "right" if gradients[0] else "left"

    def _product(self, node: Node) -> Part:
        left, right = node.inputs
        a, b = self.term(left), self.term(right)
        factor = self._factor(left, right)
        if node.op == "outer":
            free = distinct((*a.letters, *b.letters))
            a, b = replace(a, letters=free[:1]), replace(b, letters=free[1:])
            return self._part(node, TABLE[node.op].sign, "infix", "product", a, b, factor, letters=free)
        values = self.program.values
        ours, theirs, made = product(values[left].letters, values[right].letters)
        a, b = replace(a, letters=ours), replace(b, letters=theirs)
        return self._part(node, TABLE[node.op].sign, "infix", "product", a, b, factor, ours[-1:], letters=made)

    def _contraction(self, node: Node) -> Part:
        """A sum of products over named indices. Of three operands the first two are shown."""
        inputs, result = node.attributes["subscripts"].split("->")
        operands = [
            replace(self.term(i), letters=tuple(own)) for i, own in zip(node.inputs, inputs.split(","), strict=True)
        ]
        summed = tuple(dict.fromkeys(x for own in inputs.split(",") for x in own if x not in result))
        right = operands[1] if len(operands) > 1 else None
        sign = f"Σ{''.join(subscript(x) for x in summed)}" if summed else "·"
        if len(operands) > 2:
            sign += f" (⋅ {', '.join(o.symbol for o in operands[2:])})"
        layout: Layout = "prefix" if right is None else "infix"
        factor = self._factor(node.inputs[0], node.inputs[1]) if right is not None else None
        return self._part(node, sign, layout, "contraction", operands[0], right, factor, summed, letters=tuple(result))

    def _joined(self, node: Node) -> list[Part]:
        """Two operands stand side by side; more of them are put in their places one after the other."""
        if len(node.inputs) == 2 and not any(self.program.values[i].literal for i in node.inputs):
            left, right = (self.term(i) for i in node.inputs)
            return [self._part(node, self.formula.joint(node), "infix", "index", left, right)]
        placed = {i: self.term(i) for i in node.inputs if not self.program.values[i].literal}
        return [
            self._part(node, f"put {k + 1}", "prefix", "index", term, None) for k, term in enumerate(placed.values())
        ]

    def _bias(self, node: Node) -> Part:
        operand = self.term(node.inputs[0])
        axis = self.formula.gone(node)[0]
        ones = self._ones(operand, axis)
        summed = (operand.letters[axis],)
        letters = without(operand.letters, (axis,), bool(node.attributes.get("keepdims")))
        if axis == 1:
            return self._part(node, "·", "infix", "product", operand, ones, "right", summed, letters=letters)
        return self._part(node, "·", "infix", "product", ones, operand, "left", summed, letters=letters)

    def _function(self, node: Node) -> Part:
        """An operator in front of one matrix, with the touches before and after it written into it."""
        operand = node.inputs[0]
        before: list[Node] = []
        made = self._made(operand)
        while made is not None and self._leads(made) is not None:
            before.append(made)
            operand = self._operand(made)
            made = self._made(operand)
        after: list[Node] = []
        output = node.output
        while True:
            following = [n for n in self.users.get(output, []) if self._trails(n) is not None]
            if not following:
                break
            after.append(following[0])
            output = following[0].output
        text = "·"
        for touch in [*reversed(before), node, *after]:
            text = self._written(touch, text)
        for ending in ("(·)", "·"):
            text = text.removesuffix(ending)
        reducing = TABLE[node.op].family == "reduce"
        term = self.term(operand)
        if not reducing:
            return self._part(node, text, "prefix", "apply", term, None, result=output)
        gone = self.formula.gone(node)
        summed = tuple(term.letters[k] for k in gone if term.letters[k] != BROADCAST)
        remaining = without(term.letters, gone, bool(node.attributes.get("keepdims")))
        return self._part(node, text, "prefix", "reduce", term, None, None, summed, result=output, letters=remaining)

    def _written(self, node: Node, inner: str) -> str:
        match node.op:
            case "sum":
                return f"Σ{self.formula.summed_letters(node)}{inner}"
            case "norm":
                return f"‖{inner}‖{self.formula.summed_letters(node)}"
            case op if TABLE[op].family == "reduce":
                return f"{TABLE[op].sign}{self.formula.summed_letters(node)} {inner}"
            case "negative":
                return f"−{inner}"
            case "square":
                return f"({inner})²"
            case "power":
                return f"({inner})²"
            case "multiply":
                number = next(self.program.literals[i] for i in node.inputs if self.program.values[i].literal)
                return f"{number_symbol(number)}{'' if number == 0.5 else ' '}{inner}"
            case _:
                return f"{TABLE[node.op].sign}({inner})"

    def _entrywise(self, node: Node) -> Part:
        group = self.groups.get(node.output)
        if group is not None and group.kind == "relu" and node.op in ("maximum", "where"):
            return self._part(node, "ReLU", "prefix", "apply", self.term(group.operand), None)
        operands = [i for i in node.inputs if not self.program.values[i].literal]
        if len(operands) < 2:
            return self._one_operand(node, operands[0] if operands else node.inputs[0])
        left, right = operands[-2:] if node.op == "where" else operands[:2]
        if node.op == "multiply" and self.formula.factor_first(node):
            left, right = right, left
        sign = TABLE[node.op].sign
        if node.op == "where":
            sign = "or"
            if len(operands) == 2:  # one side is a number: written as the other where it is taken
                left, right = right, left
                sign = "if" if self.program.values[node.inputs[2]].literal else "unless"
        if node.op == "multiply" and () in (self.program.values[left].shape, self.program.values[right].shape):
            sign = "·"
        label = node.backward
        return self._part(
            node,
            sign,
            "infix",
            "entrywise",
            self.term(left, label=label),
            self.term(right, label=label),
            self._factor(left, right),
        )

    def _one_operand(self, node: Node, operand: int) -> Part:
        """A function of one entry with numbers in it: ``1 − ·``, ``· / 15``, ``𝟙(·>0)``."""
        term = self.term(operand)
        if node.op == "same":
            return self._part(node, "=", "prefix", "same", term, None)
        if node.op in COMPARISONS:
            literal = next(self.program.literals[i] for i in node.inputs if self.program.values[i].literal)
            return self._part(node, f"𝟙(·{TABLE[node.op].sign}{number_symbol(literal)})", "prefix", "apply", term, None)
        shown = []
        for i in node.inputs:
            shown.append(number_symbol(self.program.literals[i]) if self.program.values[i].literal else "·")
        if node.op == "divide" and shown[0] == "·":
            return self._part(node, f"× 1/{shown[1]}", "postfix", "apply", term, None)
        if node.op == "multiply":
            return self._part(node, next(s for s in shown if s != "·") + " ·", "prefix", "apply", term, None)
        if node.op in ("maximum", "minimum", "where"):
            return self._part(node, f"{TABLE[node.op].sign}({', '.join(shown)})", "prefix", "apply", term, None)
        if len(shown) == 1:
            return self._part(node, TABLE[node.op].sign, "prefix", "apply", term, None)
        return self._part(node, f"{shown[0]} {TABLE[node.op].sign} {shown[1]}", "prefix", "apply", term, None)

    def _moved(self, node: Node) -> Part:
        """Entries picked, put or taken over."""
        if not node.inputs:
            made = self.term(node.output)
            symbol = self.formula.expression(node.output)[0]
            value = None if node.op == "ones" else node.output
            constant = replace(made, symbol=symbol, numpy=symbol, name=None, role="constant", value=value)
            return self._part(node, "=", "prefix", "same", constant, None)
        kind: Kind = "same" if TABLE[node.op].family in ("reshape", "broadcast", "constant") else "index"
        first = node.inputs[1] if node.op == "scatter" or self._base_is_identity(node) else node.inputs[0]
        sign = "𝟙" if self._base_is_identity(node) else self.formula.place(node) or TABLE[node.op].sign or "="
        if node.op == "setitem" and not self.program.values[node.inputs[1]].literal:
            written = self.term(node.inputs[1])
            return self._part(node, f"{self.formula.place(node)} ←", "infix", "index", self.term(first), written)
        array = None if self._base_is_identity(node) else index_array(node)
        if array is not None:
            return self._looked_up(node, first, array)
        return self._part(node, sign, "prefix", kind, self.term(first), None)

    def _looked_up(self, node: Node, first: int, array: int) -> Part:
        """Entries picked, or put back, with the array that says which beside them: ``C [·] contexts = emb``."""
        before = ":, " * node.attributes["axis"] if node.op == "take" else ""
        sign = f"[{before}·]" if node.op == "take" else self.formula.place(node, "·")
        if node.op == "scatter":
            sign = f"{'Σ' if node.attributes['repeats'] else 'put'} at {sign}"
        return self._part(node, sign, "infix", "index", self.term(first), self.term(array))

    def _base_is_identity(self, node: Node) -> bool:
        base = self.program.values[node.inputs[0]].node if node.inputs else None
        return (
            node.op == "getitem" and base is not None and self.program.nodes[base].op == "eye" and len(node.inputs) > 1
        )

    def _label_row(self, index: int) -> Part:
        """The label read as 𝟙(y), before it is subtracted."""
        plain, label = self.term(index), self.term(index, label=True)
        return Part("", plain.numpy, "=", "prefix", "same", plain, None, label, None, ())

    def _taken_over(self, node: Node | None) -> Part:
        index = self.plan.quantity
        term = self.term(index)
        source = self.term(node.inputs[0]) if node is not None and node.inputs else term
        return Part("", self.program.printer.expression(index)[0], "=", "prefix", "same", source, None, term, None, ())


__all__ = ["Parts", "nodes_of", "subscript"]
