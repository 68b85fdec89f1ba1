"""Values as mathematics: ``∂L/∂W₁ = ∂L/∂z₁ · xᵀ``, ``L = ½‖f − y‖²``, ``p = softmax(f)``.

The formula is the third print of a node (the line shown and the line executed are the others); what a short form
recognised is written by its name.
"""

from __future__ import annotations

import re
from math import isinf, sqrt
from typing import TYPE_CHECKING, Any

from engine.axes import normalised
from engine.emit import Text, fill
from engine.ir import Group, Node
from engine.ops import ATOM, POWER, PRODUCT, TABLE, UNARY, index_text
from engine.reading.letters import distinct

if TYPE_CHECKING:
    from engine.program import Program

_SUPER = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUB = dict(zip("aehijklmnoprstuvx0123456789", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₀₁₂₃₄₅₆₇₈₉", strict=True))
_MOST_JOINED = 4
_LARGEST_ROOT = 100
_NUMBERS = {0.5: "½", 0.25: "¼", 0.75: "¾"}
COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
_MADE_UP = re.compile(r"t\d+")
FUNCTIONS = {"softmax": "softmax", "relu": "ReLU", "sigmoid": "σ", "log softmax": "log softmax"}


def subscript(letter: str) -> str:
    """An index letter below the line where Unicode has it."""
    return _SUB[letter[0]] + letter[1:] if letter[:1] in _SUB else "_" + letter


def number_symbol(number: Any) -> str:
    """A literal in a formula: ``½``, ``2``, ``0.02``."""
    if isinstance(number, bool):
        return str(int(number))
    if isinf(number):
        return "∞" if number > 0 else "−∞"
    shown = _NUMBERS.get(number) or (str(int(number)) if float(number).is_integer() else _decimal(float(number)))
    return shown.replace("-", "−")


def _decimal(number: float) -> str:
    """A root of a whole number as such, where it is exactly what a root gives; else the shortest decimal number."""
    square = round(number * number) if abs(number) < _LARGEST_ROOT else 0
    if square and sqrt(square) == abs(number):
        return f"{'-' if number < 0 else ''}√{square}"
    return re.sub(r"e([+-])0+(?=\d)", r"e\1", repr(number))


def reshapes(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Whether entries come to stand in other rows: axes of size 1 that come or go move nothing."""
    return [size for size in before if size != 1] != [size for size in after if size != 1]


def scaled(number: Any, text: Text) -> Text:
    """A number in front of a term: ``½‖r‖²``, ``2(f − y)``, ``0.02 W₁``."""
    shown, inner = number_symbol(number), fill(("{0:6}", PRODUCT), [text])[0]
    worded = inner[:1].isalnum() or inner.startswith("∂")
    gap = "" if inner.startswith("(") or (shown in _NUMBERS.values() and not worded) else " "
    return (f"{shown}{gap}{inner}", PRODUCT)


class Formula:
    """Prints the values of one program as mathematics.

    ``sum_implied``: write the loss of a batch as the notes write that of one example, ``−log p[y]`` without its Σ.
    """

    def __init__(self, program: Program, *, sum_implied: bool = False) -> None:
        self.program = program
        self._sum_implied = sum_implied
        self._groups: dict[int, Group] = {}
        for group in program.groups:
            self._groups.setdefault(group.output, group)
        self._known: dict[int, Text] = {}

    def mention(self, index: int) -> Text:
        """A value inside a formula: its symbol, or the expression that makes it."""
        value = self.program.values[index]
        if value.literal:
            number = self.program.literals[index]
            return (number_symbol(number), UNARY if number < 0 else ATOM)
        if index in self.program.names and not self._known_function(index):
            return (value.symbol, ATOM)
        return self.expression(index)

    def _known_function(self, index: int) -> bool:
        """A temporary that is a known function of something reads better as ``σ(z₁)`` than as ``t₁``.

        So do a function of one named value, ``tanh(g₂)``, and a comparison; a name that the user gave stays.
        """
        value = self.program.values[index]
        if value.quantity:
            return False
        group = self._groups.get(index)
        if group is not None and group.kind in FUNCTIONS:
            return True
        if value.node is None or value.name is None or not _MADE_UP.fullmatch(value.name):
            return False
        node = self.program.nodes[value.node]
        if node.op in COMPARISONS or self._ties(node):
            return True
        row = TABLE[node.op]
        if node.op == "scatter":
            return node.inputs[1] in self.program.names
        if row.family == "join":
            return len(node.inputs) <= _MOST_JOINED and all(self._short(i) for i in node.inputs)
        plain = row.family == "elementwise" and len(node.inputs) == 1 and node.inputs[0] in self.program.names
        return plain and not self._known_function(node.inputs[0])

    def _short(self, index: int) -> bool:
        """A name, a number, a constant, or a slice of something with a name."""
        if index in self.program.names or self.program.values[index].literal:
            return True
        number = self.program.values[index].node
        node = None if number is None else self.program.nodes[number]
        sliced = node is not None and node.op in ("getitem", "split") and node.inputs[0] in self.program.names
        return node is not None and (sliced or not node.inputs)

    def _ties(self, node: Node) -> bool:
        """The number of entries that attain a maximum, between which its gradient is shared: as a rule one."""
        if node.op != "sum" or not node.backward:
            return False
        number = self.program.values[node.inputs[0]].node
        return number is not None and self.program.nodes[number].op == "equal"

    def label(self, index: int) -> Text:
        """Like `mention`, with labels written as 𝟙(y)."""
        if index in self.program.labels:
            return (self.program.labels[index], ATOM)
        return self.mention(index)

    def expression(self, index: int) -> Text:
        """The right-hand side of the formula for a value."""
        stack = [index]
        while stack:
            top = stack[-1]
            if top in self._known:
                stack.pop()
                continue
            value = self.program.values[top]
            if value.node is None:
                self._known[top] = (value.symbol, ATOM)
                continue
            node = self.program.nodes[value.node]
            missing = [
                i
                for i in node.inputs
                if (i not in self.program.names or self._known_function(i))
                and not self.program.values[i].literal
                and i not in self._known
            ]
            if missing:
                stack.extend(missing)
                continue
            self._known[top] = self._node(node)
        return self._known[index]

    def _node(self, node: Node) -> Text:
        group = self._groups.get(node.output)
        if group is not None:
            named = self._group(group, node)
            if named is not None:
                return named
        operands = [self.label(i) if node.backward else self.mention(i) for i in node.inputs]
        special = getattr(self, f"_{node.op}", None)
        if special is not None:
            made: Text | None = special(node, operands)
            if made is not None:
                return made
        row = TABLE[node.op]
        general = {"reduce": self._reduced, "contraction": self._contracted, "join": self._joined}.get(row.family)
        if general is not None and row.math is None:
            return general(node, operands)
        if row.math is None:
            return (f"{row.sign}({', '.join(t for t, _ in operands)})", ATOM)
        return fill(row.math(node.attributes) if callable(row.math) else row.math, operands)

    def _group(self, group: Group, node: Node) -> Text | None:
        if group.kind in FUNCTIONS:
            return (f"{FUNCTIONS[group.kind]}({self.mention(group.operand)[0]})", ATOM)
        if group.kind == "log p[y]":
            return (f"log {self._probability(group)}[{self._picked(group, node)}]", UNARY)
        if group.kind == "−log p[y]":
            return (f"−log p[{self._picked(group, node)}]", PRODUCT)
        return None

    def _probability(self, group: Group) -> str:
        for index in sorted(group.members):
            inner = self._groups.get(index)
            if inner is not None and inner.kind == "softmax":
                return self.mention(index)[0] if index in self.program.names else "p"
        return "p"

    def _picked(self, group: Group, node: Node) -> str:
        if group.label is not None:
            label = self.program.labels.get(group.label, "")
            return label[2:-1] if label.startswith("𝟙(") else self.mention(group.label)[0]
        for index in sorted(group.members):
            number = self.program.values[index].node
            pick = None if number is None else self.program.nodes[number]
            if pick is not None and pick.op == "getitem" and len(pick.inputs) > 1:
                return self._index(pick)
        return "y"

    def _index(self, node: Node) -> str:
        """The arrays of an index without those that only count up."""
        arrays = [i for i in node.inputs[1:] if not self._counts(i)] or list(node.inputs[1:])
        return ", ".join(self.mention(i)[0] for i in arrays)

    def _counts(self, index: int) -> bool:
        number = self.program.values[index].node
        return number is not None and self.program.nodes[number].op == "arange"

    # operations whose formula depends on more than a pattern
    def _getitem(self, node: Node, operands: list[Text]) -> Text | None:
        base = self.program.values[node.inputs[0]].node
        if base is not None and self.program.nodes[base].op == "eye" and len(node.inputs) == 2:
            return (f"𝟙({operands[1][0]})", ATOM)
        if node.inputs[1:] and any(self._counts(i) for i in node.inputs[1:]):
            return (f"{fill(('{0:9}', ATOM), operands)[0]}[{self._index(node)}]", ATOM)
        return fill(("{0:9}[" + index_text(node.attributes["index"]) + "]", ATOM), operands)

    def _matmul(self, node: Node, operands: list[Text]) -> Text:
        return fill(("{0:6} · {1:7}", PRODUCT), operands)

    def _outer(self, node: Node, operands: list[Text]) -> Text:
        """A product of a column and a row: vectors are columns, or rows in the row convention."""
        if self.program.convention == "row":
            return fill(("{0:9}ᵀ · {1:7}", PRODUCT), operands)
        return fill(("{0:6} · {1:9}ᵀ", PRODUCT), operands)

    def _tight(self, operands: list[Text]) -> list[Text]:
        """Products inside a sum are written without spaces: ``W₁·x + b₁``."""
        return [(re.sub(r" · ", "·", t), level) if "(" not in t else (t, level) for t, level in operands]

    def _add(self, node: Node, operands: list[Text]) -> Text:
        return fill(("{0:5} + {1:5}", 5), self._tight(operands))

    def _subtract(self, node: Node, operands: list[Text]) -> Text:
        return fill(("{0:5} − {1:6}", 5), self._tight(operands))

    def _multiply(self, node: Node, operands: list[Text]) -> Text:
        for k in (0, 1):
            if self.program.values[node.inputs[k]].literal:
                return scaled(self.program.literals[node.inputs[k]], operands[1 - k])
        if any(self.program.values[i].shape == () for i in node.inputs):
            return fill(("{0:6}·{1:7}", PRODUCT), operands)
        if self.factor_first(node):
            operands = operands[::-1]
        return fill(("{0:6} ⊙ {1:7}", PRODUCT), operands)

    def factor_first(self, node: Node) -> bool:
        """In the column convention a mask is written to the left of the gradient it acts on, as W₂ᵀ is."""
        gradients = [self.program.values[i].role == "gradient" for i in node.inputs]
        return node.backward and self.program.convention != "row" and gradients == [True, False]

    def _power(self, node: Node, operands: list[Text]) -> Text | None:
        number = self.program.literals.get(node.inputs[1])
        if number is None or not float(number).is_integer():
            return None
        base = fill(("{0:9}", ATOM), operands)[0]
        return (base + str(int(number)).translate(_SUPER), POWER)

    def _sum(self, node: Node, operands: list[Text]) -> Text:
        if self._ties(node):
            return ("ties", ATOM)
        ones = self.bias_sum(node)
        if ones == "right":
            return fill(("{0:6} · 1", PRODUCT), operands)
        if ones == "left":
            return fill(("1ᵀ · {0:7}", PRODUCT), operands)
        total = len(self.gone(node)) == len(self.program.values[node.inputs[0]].shape)
        root = self._squared(node.inputs[0])
        if total and root is not None:
            return (f"‖{self.mention(root)[0]}‖²", ATOM)
        if total and self._sum_implied and self._is_picked(node.inputs[0]):
            return operands[0]
        return fill((f"Σ{'' if total else self.summed_letters(node)} {{0:6}}", PRODUCT), operands)

    def _norm(self, node: Node, operands: list[Text]) -> Text:
        return (f"‖{operands[0][0]}‖{self.summed_letters(node)}", ATOM)

    def _reduced(self, node: Node, operands: list[Text]) -> Text:
        return fill((f"{TABLE[node.op].sign}{self.summed_letters(node)} {{0:7}}", UNARY), operands)

    def _contracted(self, node: Node, operands: list[Text]) -> Text:
        """``Σⱼ a[i,j]⋅b[k,j]``: an einsum names its indices, and so does its formula."""
        sigma, letters = _named_indices(node)
        indexed = [fill(("{0:9}", ATOM), [operand])[0] + own for operand, own in zip(operands, letters, strict=True)]
        return (sigma + "⋅".join(indexed), PRODUCT)

    def contracted_around(self, node: Node, index: int) -> tuple[str, str]:
        """What the formula of an einsum has in front of one of its operands, and behind it."""
        sigma, letters = _named_indices(node)
        at = node.inputs.index(index)
        shown = [fill(("{0:9}", ATOM), [self.label(i)])[0] + own for i, own in zip(node.inputs, letters, strict=True)]
        before = "".join(f"{text}⋅" for text in shown[:at])
        return sigma + before, letters[at] + "".join(f"⋅{text}" for text in shown[at + 1 :])

    def _reshape(self, node: Node, operands: list[Text]) -> Text:
        if not reshapes(self.program.values[node.inputs[0]].shape, self.program.values[node.output].shape):
            return operands[0]
        return (f"reshape({operands[0][0]})", ATOM)

    def _joined(self, node: Node, operands: list[Text]) -> Text:
        """``[a | b]`` side by side, ``[a ; b]`` one above the other; long lists are folded."""
        shown = [text for text, _ in operands]
        if len(shown) > _MOST_JOINED:
            shown = [*shown[:2], "…", shown[-1]]
        return (f"[{f' {self.joint(node)} '.join(shown)}]", ATOM)

    def joint(self, node: Node) -> str:
        """The sign between two arrays that are joined: ``|`` side by side, ``;`` one above the other."""
        last = node.attributes["axis"] == len(self.program.values[node.output].shape) - 1
        return "|" if last else ";"

    def place(self, node: Node, array: str = "") -> str:
        """Where an index reads or writes: ``[ids]``, ``[:, 1]``; empty for an operation without an index.

        ``array`` stands for the arrays in it, if given: ``[·]``.
        """
        if node.op == "split":
            return f"[{':, ' * node.attributes['axis']}{node.attributes['start']}:{node.attributes['stop']}]"
        if "index" not in node.attributes:
            return ""
        first = {"scatter": 2, "setitem": 2}.get(node.op, 1)
        mentioned = [(array, ATOM) if array else self.mention(i) for i in node.inputs]
        return fill((f"[{index_text(node.attributes['index'], first)}]", ATOM), mentioned)[0]

    def _scatter(self, node: Node, operands: list[Text]) -> Text:
        """``put ∂L/∂x at [ids]``; added up where one position comes more than once."""
        verb = "Σ" if node.attributes["repeats"] else "put"
        return (f"{verb} {operands[1][0]} at {self.place(node)}", PRODUCT)

    def _setitem(self, node: Node, operands: list[Text]) -> Text:
        return (f"{operands[0][0]} with {self.place(node)} = {operands[1][0]}", PRODUCT)

    def _take(self, node: Node, operands: list[Text]) -> Text:
        before = ":, " * node.attributes["axis"]
        return (f"{fill(('{0:9}', ATOM), operands)[0]}[{before}{operands[1][0]}]", ATOM)

    def _split(self, node: Node, operands: list[Text]) -> Text:
        return (fill(("{0:9}", ATOM), operands)[0] + self.place(node), ATOM)

    def _cumsum(self, node: Node, operands: list[Text]) -> Text:
        return fill(("Σ≤ {0:7}", UNARY), operands)

    def _clip(self, node: Node, operands: list[Text]) -> Text:
        bounds = [text for text, _ in operands[1:]]
        low = bounds.pop(0) if node.attributes["lower"] else "−∞"
        high = bounds.pop(0) if node.attributes["upper"] else "∞"
        return (f"clip({operands[0][0]}, {low}…{high})", ATOM)

    def _same(self, node: Node, operands: list[Text]) -> Text:
        return operands[0]

    def _ones(self, node: Node, operands: list[Text]) -> Text:
        return ("1", ATOM)

    def _is_picked(self, index: int) -> bool:
        number = self.program.values[index].node
        while number is not None and self.program.nodes[number].op == "negative":
            index = self.program.nodes[number].inputs[0]
            number = self.program.values[index].node
        group = self._groups.get(index)
        return group is not None and group.kind in ("log p[y]", "−log p[y]")

    def _squared(self, index: int) -> int | None:
        """r, if a value is r ** 2, np.square(r) or r * r."""
        number = self.program.values[index].node
        if number is None or index in self.program.names:
            return None
        node = self.program.nodes[number]
        if node.op == "square" or (node.op == "multiply" and node.inputs[0] == node.inputs[1]):
            return node.inputs[0]
        if node.op == "power" and self.program.literals.get(node.inputs[1]) == 2:
            return node.inputs[0]
        return None

    def gone(self, node: Node) -> tuple[int, ...]:
        """The axes a reduction goes over."""
        return normalised(node.attributes.get("axis"), len(self.program.values[node.inputs[0]].shape))

    def summed_letters(self, node: Node) -> str:
        letters = distinct(self.program.values[node.inputs[0]].letters)
        if len(self.gone(node)) == len(letters):
            return ""
        return "".join(subscript(letters[k]) for k in self.gone(node))

    def bias_sum(self, node: Node) -> str | None:
        """The side on which the vector of ones stands, if this is a gradient summed over one axis of a matrix."""
        operand = self.program.values[node.inputs[0]]
        gone = self.gone(node)
        if not node.backward or operand.role != "gradient" or len(operand.shape) != 2 or len(gone) != 1:
            return None
        name = operand.axes[gone[0]]
        if name in ("in", "out") or (name or "")[1:].isdigit():
            return None
        return "right" if gone[0] == 1 else "left"


def _named_indices(node: Node) -> tuple[str, list[str]]:
    """The sum sign of an einsum with the letters it sums over, and the index of each operand."""
    inputs, result = node.attributes["subscripts"].split("->")
    letters = inputs.split(",")
    summed = dict.fromkeys(x for own in letters for x in own if x not in result)
    sigma = f"Σ{''.join(subscript(x) for x in summed)} " if summed else ""
    return sigma, [f"[{','.join(own)}]" if own else "" for own in letters]
