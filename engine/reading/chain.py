"""From the loss to one gradient: the factors on paper and the same chain as operators.

Every backward quantity is a seed with one-sided applications (a matrix on the left, a mask, a matrix on the right).
Where several paths meet the sum is shown, and longer chains start from its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LookupFailed
from engine.ir import Node
from engine.ops import PRODUCT
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
    by_quantity = {s.quantity: s for s in program.steps} if "steps" in program.__dict__ else {step.quantity: step}
    formula = Formula(program)
    index = program.by_name[step.quantity]
    path: list[tuple[int, _Spine]] = []
    while True:
        spine = _spine(program, formula, index)
        path.append((index, spine))
        if spine.upstream is None:
            break
        index = spine.upstream
    path.reverse()

    def step_id(quantity: int) -> str:
        found = by_quantity.get(program.names[quantity])
        return found.id if found is not None else ""

    links = [Link(program.values[path[0][0]].symbol, step_id(path[0][0]))]
    of = {gradient: value for value, gradient in program.gradients_of.items()}
    for (before, _), (after, _) in zip(path, path[1:], strict=False):
        above, below = program.values[of[before]].symbol, program.values[of[after]].symbol
        links.append(Link(f"∂{above}/∂{below}", step_id(after)))
    return Chain(step.symbol, step.id, tuple(links), tuple(_tokens(program, path, step_id)))


def _tokens(program: Program, path: list[tuple[int, _Spine]], step_id: object) -> list[Token]:
    assert callable(step_id)
    seed = program.values[path[0][0]]
    tokens = [Token(seed.symbol, "factor", step_id(path[0][0]), seed.shape)]
    level = 9
    for quantity, spine in path[1:]:
        here = step_id(quantity)
        for applied in spine.applied:
            if level < 9:
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
        case "multiply" if program.values[others[0]].literal:
            return _Applied(f"{number_symbol(program.literals[others[0]])} ", None, "", None, PRODUCT)
        case "multiply":
            side = "right" if first and not formula.factor_first(node) else "left"
            return _with_factor(program, formula, "⊙", side, others[0])
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
