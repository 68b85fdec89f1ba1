"""From the loss to one gradient: the factors on paper and the same chain as operators.

Every backward quantity is a seed with one-sided applications (a matrix on the left, a mask, a matrix on the right).
Where several paths meet the sum is shown, and longer chains start from its result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.errors import LookupFailed
from engine.ir import Node
from engine.ops import ATOM, PRODUCT
from engine.reading.formula import Formula, number_symbol
from engine.reading.model import Chain, Link, Step, Token

if TYPE_CHECKING:
    from engine.program import Program


_OPEN, _CLOSE = Token("(", "bracket", None, None), Token(")", "bracket", None, None)
_MOST_FACTORS = 200
"""More than a screen shows. In a sum with more on all paths together, a path starts at the gradient it is made from."""
_MOST_ADDENDS = 64
"""A longer sum is written with its first and last addends and dots between them."""
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class _Applied:
    """One application to the gradient that arrives: ``side`` is where the factor stands, None for a function."""

    sign: str
    side: str | None
    factor: str
    shape: tuple[int, ...] | None
    level: int


# Dots for applications that are left out, in front of what they are applied to or, in the row convention, behind it.
_LEFT_OUT = ((_Applied("… ", None, "", None, PRODUCT),), (_Applied(" …", "right", "", None, PRODUCT),))


@dataclass(frozen=True, slots=True)
class _Spine:
    """How one gradient quantity is made from the one before it; ``upstream`` None where it does not come from one."""

    upstream: int | None
    applied: tuple[_Applied, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    """From a seed (a gradient quantity, or an expression without one) through the quantities after it.

    None among them stands for those that are left out there.
    """

    seed: int
    quantities: tuple[int | None, ...]
    last: _Spine | None


class Chains:
    """The chains of one program. What a factor looks like is worked out once, however many chains go through it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.formula = program.formula
        self.ids = {program.by_name[name]: identifier for name, identifier in program.step_ids.items()}
        self.value_of = {gradient: value for value, gradient in program.gradients_of.items()}
        self._spines: dict[int, _Spine] = {}
        self._lengths: dict[int, int] = {}
        self._links: dict[int, Link] = {}
        self._made: dict[tuple[str, str | None], Chain] = {}

    def of(self, step: Step, about: str | None = None) -> Chain:
        """The chain of a backward step. Raises LookupFailed for a step of the forward pass, which has none.

        ``about`` is the step that is looked at: a path of more factors than any screen shows is written with its ends
        and the factors near that step, and dots for the others.
        """
        if step.of is None:
            raise LookupFailed(f"{step.id} belongs to the forward pass; a chain leads to a gradient.")
        key = (step.id, about)
        if key not in self._made:
            while len(self._made) >= _REMEMBERED:
                del self._made[next(iter(self._made))]
            self._made[key] = self._chain(step, about)
        return self._made[key]

    def _chain(self, step: Step, about: str | None) -> Chain:
        target = self.program.by_name[step.quantity]
        addends = self._addends(target)
        whole = len(addends) == 1 or sum(self._length(i, target) for _, i in addends) <= _MOST_FACTORS
        left_out = range(_MOST_ADDENDS // 2, len(addends) - _MOST_ADDENDS // 2)
        links: list[Link] = []
        tokens: list[Token] = []
        seen: set[tuple[Link, ...]] = set()
        for number, (sign, index) in enumerate(addends):
            if number in left_out:
                if number == left_out[0]:
                    tokens += [Token(" + ", "operator", step.id, None), Token("…", "operator", step.id, None)]
                    links += [Link("+", ""), Link("…", "")]
                continue
            path = self._path(index, target, whole, about)
            if tokens:
                tokens.append(Token(" + " if sign > 0 else " − ", "operator", step.id, None))
            tokens += self._tokens(path, step)
            on_paper = self._on_paper(path, step)
            if on_paper in seen:
                continue  # two addends of one derivative: ∂h/∂z stands once on paper
            links += [Link("+", ""), *on_paper] if links else on_paper
            seen.add(on_paper)
        return Chain(step.symbol, step.id, tuple(links), tuple(tokens))

    def _addends(self, index: int) -> list[tuple[int, int]]:
        """The paths that add up in one quantity, with their signs; a single one is the quantity itself."""
        found: list[tuple[int, int]] = []
        stack = [(1, index)]
        while stack:
            sign, top = stack.pop()
            number = self.program.values[top].node
            node = None if number is None else self.program.nodes[number]
            inner = node is not None and (top == index or not self.program.values[top].quantity)
            carrying = [i for i in node.inputs if self.program.values[i].role == "gradient"] if node else []
            if node is not None and inner and node.op in ("add", "subtract") and carrying:
                second = sign if node.op == "add" else -sign
                stack += [(second, node.inputs[1]), (sign, node.inputs[0])]
            else:
                found.append((sign, top))
        return found

    def _spine(self, index: int) -> _Spine:
        if index not in self._spines:
            self._spines[index] = _spine(self.program, self.formula, index)
        return self._spines[index]

    def _arriving(self, index: int, target: int) -> _Spine:
        """How an addend of ``target`` comes about; one that is another gradient as it stands is passed on unchanged."""
        return _Spine(index, ()) if index != target and index in self.value_of else self._spine(index)

    def _length(self, index: int, target: int) -> int:
        """How many quantities lie on the path to an addend."""
        upstream = self._arriving(index, target).upstream
        walked: list[int] = []
        while upstream is not None and upstream not in self._lengths:
            walked.append(upstream)
            upstream = self._spine(upstream).upstream
        for quantity in reversed(walked):
            self._lengths[quantity] = 1 + (0 if upstream is None else self._lengths[upstream])
            upstream = quantity
        return 1 if upstream is None else 1 + self._lengths[upstream]

    def _path(self, index: int, target: int, whole: bool, about: str | None) -> _Path:
        """Walk back from one addend of ``target``, through quantities with a single application each, to its start.

        Unless it is to be the ``whole`` path, it starts at the gradient from which the addend is made.
        """
        last = self._arriving(index, target)
        if last.upstream is None:
            return _Path(index, (), None)
        quantities: list[int] = []
        upstream: int | None = last.upstream
        while upstream is not None:
            quantities.append(upstream)
            upstream = self._spine(upstream).upstream if whole else None
        quantities.reverse()
        following = quantities[1:]
        return _Path(quantities[0], tuple(following if about is None else self._near(following, about)), last)

    def _near(self, quantities: Sequence[int], about: str) -> list[int | None]:
        """The first and the last quantities of a path and those about the step that makes one of them."""
        count = len(quantities)
        if count <= _MOST_FACTORS:
            return list(quantities)
        centre = next((k for k, quantity in enumerate(quantities) if self.ids.get(quantity) == about), 0)
        end, side = _MOST_FACTORS // 5, 3 * _MOST_FACTORS // 10
        kept = sorted({*range(end), *range(count - end, count), *range(max(0, centre - side), centre + side)})
        near: list[int | None] = []
        for before, k in pairwise([-1, *(k for k in kept if k < count)]):
            near += [quantities[k]] if before + 1 == k else [None, quantities[k]]
        return near

    def _on_paper(self, path: _Path, step: Step) -> tuple[Link, ...]:
        if path.seed not in self.value_of:
            return (Link(self.formula.mention(path.seed)[0], step.id),)
        links = [Link(self.program.values[path.seed].symbol, self.ids.get(path.seed, ""))]
        links += [Link("…", "") if quantity is None else self._link(quantity) for quantity in path.quantities]
        if path.last is not None and step.of is not None:
            before = (path.quantities[-1] if path.quantities else None) or path.seed
            of = self.program.values[self.program.by_name[step.of]].symbol
            links.append(Link(f"∂{self._symbol(before)}/∂{of}", step.id))
        return tuple(links)

    def _link(self, quantity: int) -> Link:
        """The fraction that leads to a quantity from the one before it on its path."""
        if quantity not in self._links:
            upstream = self._spine(quantity).upstream
            assert upstream is not None
            text = f"∂{self._symbol(upstream)}/∂{self._symbol(quantity)}"
            self._links[quantity] = Link(text, self.ids.get(quantity, ""))
        return self._links[quantity]

    def _symbol(self, gradient: int) -> str:
        return self.program.values[self.value_of[gradient]].symbol

    def _tokens(self, path: _Path, step: Step) -> deque[Token]:
        seed = self.program.values[path.seed]
        text, level = self.formula.mention(path.seed)
        tokens = deque([Token(text, "factor", self.ids.get(path.seed, step.id), seed.shape)])
        for quantity in path.quantities:
            applied = _LEFT_OUT[self.program.convention == "row"] if quantity is None else self._spine(quantity).applied
            level = _applied_to(tokens, level, applied, self.ids.get(quantity, "") if quantity is not None else "")
        if path.last is not None:
            _applied_to(tokens, level, path.last.applied, step.id)
        return tokens


def _applied_to(tokens: deque[Token], level: int, applications: Iterable[_Applied], here: str) -> int:
    """Put what step ``here`` applies around the tokens, which bind at ``level``; gives how the result binds."""
    for applied in applications:
        if level < ATOM:
            tokens.appendleft(_OPEN)
            tokens.append(_CLOSE)
        if applied.side is None:
            tokens.appendleft(Token(applied.sign, "operator", here, None))
        elif applied.side == "right" and not applied.factor:
            tokens.append(Token(applied.sign, "operator", here, None))
        elif applied.side == "left":
            tokens.appendleft(Token(f" {applied.sign} ", "operator", here, None))
            tokens.appendleft(Token(applied.factor, "factor", here, applied.shape))
        else:
            tokens.append(Token(f" {applied.sign} ", "operator", here, None))
            tokens.append(Token(applied.factor, "factor", here, applied.shape))
        level = PRODUCT
    return level


def _spine(program: Program, formula: Formula, index: int) -> _Spine:
    """Walk from a gradient quantity down to the gradient it was made from."""
    applied: list[_Applied] = []
    current = index
    while True:
        number = program.values[current].node
        if number is None:
            return _Spine(None, ())
        node = program.nodes[number]
        carrying = [i for i in node.inputs if program.values[i].role == "gradient"]
        if len(carrying) != 1 or node.inputs.count(carrying[0]) != 1:
            return _Spine(None, ())
        one = _application(program, formula, node, carrying[0])
        if one is None:
            return _Spine(None, ())
        applied += [one] if one.sign else []
        current = carrying[0]
        if current in program.names and program.values[current].quantity:
            return _Spine(current, tuple(reversed(applied)))


def _application(program: Program, formula: Formula, node: Node, gradient: int) -> _Applied | None:
    """What one node does to the gradient that passes through it; None where it is no application of one factor."""
    others = [i for i in node.inputs if i != gradient]
    first = node.inputs[0] == gradient
    match node.op:
        case "matmul":
            return _with_factor(program, formula, "·", "right" if first else "left", others[0])
        case "outer":
            text, level = formula.label(others[0])
            factor = f"({text})ᵀ" if level < ATOM else f"{text}ᵀ"
            turned = program.convention == "row"
            if first == turned:  # the gradient is the vector that stands transposed
                return _Applied("⊗", "right" if first else "left", text, program.values[others[0]].shape, PRODUCT)
            return _Applied("·", "right" if first else "left", factor, program.values[others[0]].shape, PRODUCT)
        case "multiply" if program.values[others[0]].literal:
            return _Applied(f"{number_symbol(program.literals[others[0]])} ", None, "", None, PRODUCT)
        case "multiply":
            where = "right" if first and not formula.factor_first(node) else "left"
            return _with_factor(program, formula, "⊙", where, others[0])
        case "divide" if first and program.values[others[0]].literal:
            shown = number_symbol(program.literals[others[0]])
            return _Applied("/", "right", shown, None, PRODUCT)
        case "divide" if first:
            return _with_factor(program, formula, "/", "right", others[0])
        case "negative":
            return _Applied("−", None, "", None, PRODUCT)
        case "sum":
            side = formula.bias_sum(node)
            shape = program.values[gradient].shape
            if side == "right":
                return _Applied("·", "right", "1", (shape[1], 1), PRODUCT)
            if side == "left":
                return _Applied("·", "left", "1ᵀ", (1, shape[0]), PRODUCT)
            return _Applied(f"Σ{formula.summed_letters(node)} ", None, "", None, PRODUCT)
        case "transpose":
            return _Applied("transpose of ", None, "", None, PRODUCT)
        case "reshape" | "expand_dims" | "broadcast_to" | "astype" | "same":
            return _Applied("", None, "", None, PRODUCT)
        case _:
            return None


def _with_factor(program: Program, formula: Formula, sign: str, side: str, factor: int) -> _Applied:
    text, level = formula.label(factor)
    if level < 7:
        text = f"({text})"
    return _Applied(sign, side, text, program.values[factor].shape, PRODUCT)


def path_target(program: Program, step_id: str) -> str:
    """The id of the step that makes the next parameter gradient on the path through ``step_id``.

    A forward step has none: its own id is returned, and so is that of a parameter's gradient.
    """
    step = program.step(step_id)
    if step.of is None or program.values[program.by_name[step.of]].role == "parameter":
        return step.id
    target = program.wiring.targets.get(program.directory.numbers[step.id])
    return step.id if target is None else program.directory.ids[target]
