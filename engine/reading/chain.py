"""From the loss to one gradient: the factors on paper and the same chain as operators.

Every backward quantity is a seed with one-sided applications (a matrix on the left, a mask, a matrix on the right).
Where several paths meet the sum is shown, and longer chains start from its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LookupFailed
from engine.ir import Node
from engine.ops import ATOM, PRODUCT
from engine.reading.formula import Formula, number_symbol
from engine.reading.model import Chain, Link, Step, Token

if TYPE_CHECKING:
    from engine.program import Program


@dataclass(frozen=True, slots=True)
class _Applied:
    """One application to the gradient that arrives: ``side`` is where the factor stands, None for a function."""

    sign: str
    side: str | None
    factor: str
    shape: tuple[int, ...] | None
    level: int


@dataclass(frozen=True, slots=True)
class _Spine:
    """How one gradient quantity is made from the one before it; ``upstream`` None where it does not come from one."""

    upstream: int | None
    applied: tuple[_Applied, ...]


def quantity_chain(program: Program, step: Step) -> Chain:
    """The chain of a backward step. Raises LookupFailed for a step of the forward pass, which has none."""
    if step.of is None:
        raise LookupFailed(f"{step.id} belongs to the forward pass; a chain leads to a gradient.")
    reader = _Reader(program)
    target = program.by_name[step.quantity]
    links: list[Link] = []
    tokens: list[Token] = []
    seen: list[list[Link]] = []
    for sign, index in reader.addends(target):
        path = reader.path(index, target)
        if tokens:
            tokens.append(Token(" + " if sign > 0 else " − ", "operator", step.id, None))
        tokens += reader.tokens(path, step)
        on_paper = reader.links(path, step)
        if on_paper in seen:
            continue  # two addends of one derivative: ∂h/∂z stands once on paper
        links += [Link("+", ""), *on_paper] if links else on_paper
        seen.append(on_paper)
    return Chain(step.symbol, step.id, tuple(links), tuple(tokens))


@dataclass(frozen=True, slots=True)
class _Path:
    """From a seed (a gradient quantity, or an expression without one) through the quantities after it."""

    seed: int
    quantities: tuple[tuple[int, _Spine], ...]
    last: _Spine | None


class _Reader:
    """Reads chains off one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.formula = Formula(program)
        self.ids = {program.by_name[name]: identifier for name, identifier in program.step_ids.items()}
        self.of = {gradient: value for value, gradient in program.gradients_of.items()}

    def addends(self, index: int) -> list[tuple[int, int]]:
        """The paths that add up in one quantity, with their signs; a single one is the quantity itself."""
        found: list[tuple[int, int]] = []
        stack = [(1, index)]
        while stack:
            sign, top = stack.pop()
            number = self.program.values[top].node
            node = None if number is None else self.program.nodes[number]
            inner = node is not None and (top == index or top not in self.program.names)
            carrying = [i for i in node.inputs if self.program.values[i].role == "gradient"] if node else []
            if node is not None and inner and node.op in ("add", "subtract") and carrying:
                second = sign if node.op == "add" else -sign
                stack += [(second, node.inputs[1]), (sign, node.inputs[0])]
            else:
                found.append((sign, top))
        return found

    def path(self, index: int, target: int) -> _Path:
        """Walk back from one addend of ``target``, through quantities with a single application each, to its start.

        An addend that is another gradient as it stands is passed on unchanged.
        """
        passed_on = index != target and index in self.of
        last = _Spine(index, ()) if passed_on else _spine(self.program, self.formula, index)
        if last.upstream is None:
            return _Path(index, (), None)
        quantities: list[tuple[int, _Spine]] = []
        upstream: int | None = last.upstream
        while upstream is not None:
            spine = _spine(self.program, self.formula, upstream)
            quantities.append((upstream, spine))
            upstream = spine.upstream
        quantities.reverse()
        return _Path(quantities[0][0], tuple(quantities[1:]), last)

    def links(self, path: _Path, step: Step) -> list[Link]:
        if path.seed not in self.of:
            return [Link(self.formula.mention(path.seed)[0], step.id)]
        links = [Link(self.program.values[path.seed].symbol, self.ids.get(path.seed, ""))]
        before = self._symbol(path.seed)
        for quantity, _ in path.quantities:
            links.append(Link(f"∂{before}/∂{self._symbol(quantity)}", self.ids.get(quantity, "")))
            before = self._symbol(quantity)
        if path.last is not None and step.of is not None:
            of = self.program.values[self.program.by_name[step.of]].symbol
            links.append(Link(f"∂{before}/∂{of}", step.id))
        return links

    def _symbol(self, gradient: int) -> str:
        return self.program.values[self.of[gradient]].symbol

    def tokens(self, path: _Path, step: Step) -> list[Token]:
        seed = self.program.values[path.seed]
        text, level = self.formula.mention(path.seed)
        tokens = [Token(text, "factor", self.ids.get(path.seed, step.id), seed.shape)]
        applications = [(self.ids.get(q, ""), a) for q, spine in path.quantities for a in spine.applied]
        if path.last is not None:
            applications += [(step.id, a) for a in path.last.applied]
        for here, applied in applications:
            if level < ATOM:
                tokens = [Token("(", "bracket", None, None), *tokens, Token(")", "bracket", None, None)]
            if applied.side is None:
                tokens = [Token(applied.sign, "operator", here, None), *tokens]
            elif applied.side == "left":
                factor = Token(applied.factor, "factor", here, applied.shape)
                tokens = [factor, Token(f" {applied.sign} ", "operator", here, None), *tokens]
            else:
                factor = Token(applied.factor, "factor", here, applied.shape)
                tokens = [*tokens, Token(f" {applied.sign} ", "operator", here, None), factor]
            level = PRODUCT
        return tokens


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

    A forward step has none: its own id is returned.
    """
    step = program.step(step_id)
    if step.of is None:
        return step.id
    formula = Formula(program)
    reached = {program.by_name[step.quantity]}
    parameters = {program.gradients_of[p.index] for p in program.parameters}
    if reached <= parameters:
        return step.id
    candidates = []
    past = False
    for one in program.steps:
        past = past or one.id == step.id
        if not past or one.of is None or one.id == step.id:
            continue
        index = program.by_name[one.quantity]
        if _spine(program, formula, index).upstream in reached or _reads(program, index, reached):
            reached.add(index)
            if index in parameters:
                candidates.append(one)
    matrices = [c for c in candidates if len(c.result.shape) == 2 and 1 not in c.result.shape]
    chosen = matrices or candidates
    return chosen[0].id if chosen else step.id


def _reads(program: Program, index: int, reached: set[int]) -> bool:
    seen = set()
    number = program.values[index].node
    stack = list(program.nodes[number].inputs) if number is not None else []
    while stack:
        top = stack.pop()
        if top in reached:
            return True
        if top in seen or top in program.names:
            continue
        seen.add(top)
        inner = program.values[top].node
        stack.extend(program.nodes[inner].inputs if inner is not None else ())
    return False
