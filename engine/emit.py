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
from engine.ops import ATOM, TABLE, UNARY, Pattern, evaluate, pattern

Text = tuple[str, int]
_REDUCTIONS = {"sum": ("_sum", np.add), "max": ("_max", np.maximum), "min": ("_min", np.minimum)}
_ARITHMETIC = ("add", "subtract", "multiply", "divide", "maximum", "minimum")
_COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
_BESIDE_NUMBERS = frozenset((*_ARITHMETIC, *_COMPARISONS))
_LARGEST_SHARED = 1 << 20
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
        text = text.replace("inf", "np.inf").replace("nan", "np.nan")
        return (text, UNARY if text.startswith("-") else ATOM)
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

    ``fast`` takes cheaper spellings that give the same bits whatever the numbers are; `Program` replays the result
    against the recorded values and falls back to the user's own spellings where they do not.
    """

    def __init__(self, values: Sequence[Value], nodes: Sequence[Node], literals: Mapping[int, Any], fast: bool) -> None:
        self.values, self.nodes, self.literals, self.fast = values, nodes, literals, fast
        self.scope: dict[str, Any] = {"np": np, **{name: ufunc.reduce for name, ufunc in _REDUCTIONS.values()}}
        self._shared: dict[Any, str] = {}

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
        cheap = self._cheap(node, operands) if self.fast else None
        return cheap or fill(pattern(TABLE[node.op], node.attributes, node.spelling), operands)

    def _cheap(self, node: Node, operands: list[Text]) -> Text | None:
        if TABLE[node.op].family == "constant":
            return self._constant(node)
        if node.op == "matmul" and all(len(self.values[i].shape) == 2 for i in node.inputs):
            return fill(("{0:9}.dot({1:0})", ATOM), operands)
        if node.op in _REDUCTIONS and self.values[node.inputs[0]].shape and not node.attributes.get("dtype"):
            keep = ", None, None, True" if node.attributes.get("keepdims") else ""
            reduce = _REDUCTIONS[node.op][0]
            return fill((f"{reduce}({{0:0}}, {node.attributes.get('axis')}{keep})", ATOM), operands)
        if node.op in _BESIDE_NUMBERS:
            spelled = [self._number(node, k) or self._mask(node, k, operands[k]) or operands[k] for k in (0, 1)]
            return fill(pattern(TABLE[node.op], node.attributes, node.spelling), spelled)
        return None

    def _number(self, node: Node, k: int) -> Text | None:
        """A number beside a float array as a 0-d array of its dtype: what NumPy would make of it at every pass."""
        number, other = self.literals.get(node.inputs[k]), self.values[node.inputs[1 - k]]
        if type(number) not in (int, float) or not other.shape or other.dtype.kind != "f":
            return None
        try:
            array = np.array(number, other.dtype)
        except OverflowError:
            return None
        return self._share((repr(number), other.dtype.str), array)

    def _mask(self, node: Node, k: int, operand: Text) -> Text | None:
        """A mask beside a float array is turned into floats at once; NumPy would do it piece by piece."""
        mask, other = (self.values[node.inputs[i]] for i in (k, 1 - k))
        if node.op != "multiply" or mask.dtype.kind != "b" or not mask.shape or other.dtype.kind != "f":
            return None
        return fill((f"{{0:9}}.astype({self._share(('dtype', other.dtype.str), other.dtype)[0]})", ATOM), [operand])

    def _constant(self, node: Node) -> Text | None:
        """A matrix of ones or the identity, made once; a large one is made at every pass rather than held for good."""
        if int(np.prod(self.values[node.output].shape)) * 8 > _LARGEST_SHARED:
            return None
        array = evaluate(node.op, node.attributes, node.spelling, ())
        return self._share((node.op, repr(node.attributes)), array)

    def _share(self, key: tuple[str, str], value: Any) -> Text:
        """The name under which the compiled function finds what is made once."""
        if key not in self._shared:
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            self._shared[key] = f"_c{len(self._shared)}"
            self.scope[self._shared[key]] = value
        return self._shared[key], ATOM
