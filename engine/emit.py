"""The one printer: NumPy text, formulas and the compiled straight line, all from the same nodes.

An expression is a string with its precedence; operands are put in parentheses only where Python (or the formula) needs
them. Nothing here recurses, so a sum of thousands of terms prints and compiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.ir import Node, Value
from engine.ops import ATOM, TABLE, UNARY, Pattern, pattern

Text = tuple[str, int]
_SLOT = re.compile(r"\{(\d+):(\d)\}")


def fill(text: Pattern, operands: Sequence[Text]) -> Text:
    """A pattern with its operands in place, parenthesised where they bind less tightly than the slot asks."""
    template, level = text

    def put(match: re.Match[str]) -> str:
        operand, own = operands[int(match[1])]
        return operand if own >= int(match[2]) else f"({operand})"

    return _SLOT.sub(put, template), level


def number_text(number: Any) -> Text:
    """A literal as Python writes it."""
    text = repr(number.item() if isinstance(number, np.generic) else number)
    if text in ("inf", "nan", "-inf"):
        return (f"float('{text}')", ATOM)
    return (text, UNARY if text.startswith("-") else ATOM)


class Printer:
    """Prints values of one program as NumPy; ``names`` are the values that are mentioned by name."""

    def __init__(
        self,
        values: Sequence[Value],
        nodes: Sequence[Node],
        names: Mapping[int, str],
        spell: Callable[[Node, list[Text]], Text] | None = None,
        literals: Mapping[int, Any] | None = None,
    ) -> None:
        self.values, self.nodes, self.names = values, nodes, names
        self._literals = literals or {}
        self._spell = spell or self._as_written
        self._known: dict[int, Text] = {}

    def _as_written(self, node: Node, operands: list[Text]) -> Text:
        return fill(pattern(TABLE[node.op], node.attributes, node.spelling), operands)

    def mention(self, index: int) -> Text:
        """A value inside an expression: its name, its literal, or the expression that makes it."""
        if index in self.names:
            return (self.names[index], ATOM)
        return self.expression(index)

    def expression(self, index: int) -> Text:
        """The expression that makes a value, whether or not it has a name."""
        stack = [index]
        while stack:
            top = stack[-1]
            if top in self._known:
                stack.pop()
                continue
            number = self.values[top].node
            if number is None:
                self._known[top] = (
                    number_text(self._literals[top]) if top in self._literals else (self.names.get(top, "?"), ATOM)
                )
                continue
            node = self.nodes[number]
            missing = [i for i in node.inputs if i not in self.names and i not in self._known]
            if missing:
                stack.extend(missing)
                continue
            operands = [(self.names[i], ATOM) if i in self.names else self._known[i] for i in node.inputs]
            self._known[top] = self._spell(node, operands)
        return self._known[index]

    def lines(self, index: int, name: str) -> list[str]:
        """The statements that bind ``name`` to a value."""
        text, _ = self.expression(index)
        if "{out}" in text:
            return text.replace("{out}", name).split("\n")
        return [f"{name} = {text}"]


class Compiler:
    """Turns the lines of a program into one function of its leaves that returns a tuple of arrays.

    Spellings are the cheapest ones that give the same bits; `Program` replays the result against the recorded values
    and falls back to the user's own spellings where they do not.
    """

    def __init__(self, values: Sequence[Value], nodes: Sequence[Node], literals: Mapping[int, Any], fast: bool) -> None:
        self.values, self.nodes, self.literals, self.fast = values, nodes, literals, fast
        self.scope: dict[str, Any] = {"np": np, "_sum": np.add.reduce, "_maximum": np.maximum}
        self._zeros: dict[tuple[str, str], str] = {}

    def compile(
        self, leaves: Sequence[int], order: Sequence[int], names: Mapping[int, str], kept: Sequence[int]
    ) -> Callable[..., tuple[Any, ...]]:
        """``order``: the named values in the order in which they are computed; ``kept``: those that are returned."""
        local = {index: f"v{index}" for index in (*leaves, *names)}
        printer = Printer(self.values, self.nodes, local, self._spell, self.literals)
        body: list[str] = []
        for index in order:
            body += printer.lines(index, local[index])
        arguments = ", ".join(local[i] for i in leaves)
        result = ", ".join(local[i] for i in kept)
        text = "\n    ".join([f"def run({arguments}):", *body, f"return ({result},)"])
        exec(compile(text, "<chainstep program>", "exec"), self.scope)
        return self.scope["run"]  # type: ignore[no-any-return]

    def _spell(self, node: Node, operands: list[Text]) -> Text:
        return self._cheap(node, operands) or fill(pattern(TABLE[node.op], node.attributes, node.spelling), operands)

    def _cheap(self, node: Node, operands: list[Text]) -> Text | None:
        if not self.fast:
            return None
        shapes = [self.values[i].shape for i in node.inputs]
        if node.op == "matmul" and all(len(s) == 2 for s in shapes):
            return fill(("{0:9}.dot({1:0})", ATOM), operands)
        if node.op == "sum" and shapes[0] and not node.attributes.get("dtype"):
            keep = ", None, None, True" if node.attributes.get("keepdims") else ""
            return fill((f"_sum({{0:0}}, {node.attributes.get('axis')}{keep})", ATOM), operands)
        if node.op in ("maximum", "greater") and shapes[0] and self._same_kind(node):
            shared = [operands[0], (self._zero(node), ATOM)]
            return fill(("_maximum({0:0}, {1:0})", ATOM) if node.op == "maximum" else ("{0:4} > {1:4}", 3), shared)
        return None

    def _same_kind(self, node: Node) -> bool:
        return self.values[node.inputs[0]].dtype.kind == "f" and node.inputs[1] in self.literals

    def _zero(self, node: Node) -> str:
        """A 0-d array of the operand's dtype is cheaper for NumPy than a Python number, and compares alike."""
        dtype = self.values[node.inputs[0]].dtype
        number = self.literals[node.inputs[1]]
        key = (repr(number), str(dtype))
        if key not in self._zeros:
            self._zeros[key] = f"_c{len(self._zeros)}"
            self.scope[self._zeros[key]] = np.array(number, dtype)
        return self._zeros[key]
