"""Why a transpose? Shapes first, then the verdict, then the index argument, which always decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ir import Node
from engine.ops import TABLE
from engine.reading.formula import subscript
from engine.reading.letters import product
from engine.reading.model import Candidate, Part, Step, Term, Why
from engine.reading.moves import moving_node
from engine.reading.remarks import nothing_reaches

if TYPE_CHECKING:
    from engine.program import Program


def why(program: Program, step_id: str) -> Why:
    """Explain where the transpose of a step comes from, or what the step does instead of a product."""
    step = program.step(step_id)
    found = _products(program, step)
    if not found:
        return Why("", (), "", False, "", "", "", _instead(program, step))
    return _answer(program, step, *max(found, key=lambda one: one[1].output), len(found))


def _products(program: Program, step: Step) -> list[tuple[Part, Node]]:
    """The parts of a gradient step that apply the rule of a product, each with that product of the forward pass."""
    if step.of is None:
        return []
    caused = ((part, _cause(program, step, part)) for part in step.parts if part.kind == "product" and part.right)
    return [(part, forward) for part, forward in caused if forward is not None]


def shape_text(shape: tuple[int, ...]) -> str:
    """``4×2``; a number is ``1×1``."""
    return "×".join(map(str, shape)) or "1×1"


def _sides(part: Part) -> tuple[Term, Term] | None:
    """The factor of a product and the gradient that it is multiplied with."""
    if part.right is None or part.factor is None:
        return None
    return (part.right, part.left) if part.factor == "right" else (part.left, part.right)


def _plain_factor(program: Program, part: Part) -> tuple[int, bool] | None:
    """The factor of a product without its transpose, and whether it stands transposed."""
    sides = _sides(part)
    if sides is None or sides[0].value is None:
        return None
    plain, turned = program.wiring.upright(sides[0].value)
    return plain, turned or part.operator == "⊗"


def _cause(program: Program, step: Step, part: Part) -> Node | None:
    """The product of the forward pass whose rule this step applies."""
    factor = _plain_factor(program, part)
    if factor is None or step.of is None or factor[0] == program.by_name[step.of]:
        return None
    return program.wiring.products.get(frozenset((factor[0], program.by_name[step.of])))


def _upright(program: Program, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A vector as the matrix that it is in a product: a column, or a row in the row convention; one of a stack."""
    if len(shape) != 1:
        return shape[-2:]
    return (1, shape[0]) if program.convention == "row" else (shape[0], 1)


@dataclass(frozen=True, slots=True)
class _Matrix:
    """One side of a candidate."""

    text: str
    shape: tuple[int, ...]

    def turned(self) -> _Matrix:
        return _Matrix(self.text + "ᵀ", self.shape[::-1])


def _answer(program: Program, step: Step, part: Part, forward: Node, count: int) -> Why:
    """``count`` is in how many products the operand stands: its gradient has one term for each, this is the last."""
    found, sides = _plain_factor(program, part), _sides(part)
    assert found is not None and sides is not None and step.of is not None and sides[1].value is not None
    plain, transposed = program.values[found[0]], found[1]
    gradient, gradient_turned = program.wiring.upright(sides[1].value)
    upstream = program.values[gradient]
    target = program.values[program.by_name[step.of]]
    wanted = _upright(program, target.shape)
    factor = _Matrix(plain.symbol, _upright(program, plain.shape))
    arriving = _Matrix(program.formula.mention(gradient)[0], _upright(program, upstream.shape))
    if gradient_turned:  # the operand stood transposed: the question is about the gradient
        shown = factor.turned() if transposed else factor
        options = [(arriving, shown, False), (shown, arriving, False)]
        options += [(arriving.turned(), shown, True), (shown, arriving.turned(), True)]
    else:
        options = [(arriving, factor, False), (factor, arriving, False)]
        options += [(arriving, factor.turned(), True), (factor.turned(), arriving, True)]
    candidates = []
    for number, (left, right, turned) in enumerate(options):
        fits, reason = _fits(left.shape, right.shape, wanted)
        side = "right" if number % 2 == 0 else "left"
        chosen = turned == (transposed or gradient_turned) and side == part.factor
        shapes = f"({shape_text(left.shape)})({shape_text(right.shape)})"
        candidates.append(Candidate(f"{left.text}·{right.text}", shapes, fits, reason, chosen))
    fitting = sum(c.fits for c in candidates)
    ambiguous = f"{fitting} candidates fit: shapes alone do NOT decide, the index does:"
    letters = _letters(program, forward)
    requirement = f"{step.symbol} must have the shape of {target.symbol}: {shape_text(wanted)}"
    if count > 1:
        requirement = (
            f"{target.symbol} stands in {count} products, {step.symbol} is the sum of one term per product; "
            f"each must have the shape of {target.symbol}: {shape_text(wanted)}; the last of them:"
        )
    return Why(
        requirement=requirement,
        candidates=tuple(candidates),
        verdict="shapes alone decide it" if fitting == 1 else ambiguous,
        decided=fitting == 1,
        forward=_forward_text(program, forward, letters),
        derivative=_derivative_text(
            program, step, forward, letters, arriving.text, _scales(step, part), last=count > 1
        ),
        neighbours=_neighbours(
            *((arriving.text, letters[forward.output]) if gradient_turned else (plain.symbol, letters[plain.index])),
            transposed or gradient_turned,
            _summed(letters, forward, target.index),
        ),
        instead=_elsewhere(step, part),
    )


def _scales(step: Step, part: Part) -> tuple[str, str]:
    """Numbers and signs that the step puts in front of the product or behind it: ``("−", " × 1/2")``."""
    front = behind = ""
    for one in step.parts[step.parts.index(part) + 1 :]:
        if one.kind == "apply" and one.layout == "postfix":
            behind += f" {one.operator}"
        elif one.kind == "apply":
            front = one.operator.replace("·", "").strip() + (" " if "·" in one.operator else "") + front
    return front, behind


def _elsewhere(step: Step, part: Part) -> tuple[str, ...]:
    """Which part the product is, where the step goes on after it."""
    after = step.parts[step.parts.index(part) + 1 :]
    if not after:
        return ()
    sums = [one for one in after if one.kind == "reduce"]
    if any(one.kind == "entrywise" and one.operator in ("+", "−") for one in after):
        rest = "the terms are added up after it"
    elif sums:
        rest = f"{sums[0].id} adds up over {' and '.join(sums[0].summed)}"
    else:
        rest = f"after it comes {', '.join(one.operator for one in after)}"
    return (f"The product is part {part.id}; {rest}.",)


def _letters(program: Program, node: Node) -> dict[int, tuple[str, ...]]:
    """The index letters of a product's operands and result, by value; of transposed operands as they are upright."""
    *operands, made = product(*(program.values[i].letters for i in node.inputs))
    found = {node.output: made}
    for i, letters in zip(node.inputs, operands, strict=True):
        plain, turned = program.wiring.upright(i)
        found[plain] = (*letters[:-2], *letters[:-3:-1]) if turned else letters
    return found


def _summed(letters: dict[int, tuple[str, ...]], node: Node, target: int) -> tuple[str, ...]:
    """The letters of the product that its operand ``target`` does not have: what the gradient is summed over."""
    return tuple(x for x in letters[node.output] if x not in letters[target])


def _fits(a: tuple[int, ...], b: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[bool, str]:
    inner = b[0] if len(b) == 1 else b[-2]
    if a[-1] != inner:
        return False, f"inner sizes {a[-1]} ≠ {inner}"
    made = (*a[:-1], *(b[-1:] if len(b) == 2 else ()))
    if made != wanted:
        return False, f"gives {shape_text(made)}"
    return True, f"→ {shape_text(made)}"


def _indexed(symbol: str, letters: tuple[str, ...]) -> str:
    return f"{symbol}[{','.join(letters)}]" if letters else symbol


def _forward_text(program: Program, node: Node, letters: dict[int, tuple[str, ...]]) -> str:
    """``z₁[j,n] = Σᵢ W₁[j,i]·x[i,n] + b₁[j]``, with the quantity that the product ends in and its bias."""
    (first, turned), (second, _) = (program.wiring.upright(i) for i in node.inputs)
    left, right = program.values[first], program.values[second]
    inner = letters[first][-2 if turned else -1]
    operands = f"{_indexed(left.symbol, letters[left.index])}⋅{_indexed(right.symbol, letters[right.index])}"
    body = f"Σ{subscript(inner)} {operands}"
    made = letters[node.output]
    owner = program.wiring.owners.get(node.output)
    if owner is not None:
        plan, inside = program.wiring.forward[owner]
        biases = [
            program.values[i]
            for other in inside
            for i in other.inputs
            if other.op == "add" and program.values[i].role == "parameter"
        ]
        quantity = program.values[plan.quantity]
        if quantity.letters and len(inside) == 1 + len(biases):
            added = "".join(f" + {_indexed(b.symbol, tuple(x for x in b.letters if x in made))}" for b in biases)
            return f"{_indexed(quantity.symbol, made)} = {body}{added}"
    return f"{_indexed('(' + program.formula.mention(node.output)[0] + ')', made)} = {body}"


def _derivative_text(
    program: Program,
    step: Step,
    forward: Node,
    letters: dict[int, tuple[str, ...]],
    gradient: str,
    scales: tuple[str, str],
    *,
    last: bool,
) -> str:
    """The same product with the other two indices free: ``∂L/∂W₁[j,i] = Σₙ ∂L/∂z₁[j,n]·x[i,n]``.

    ``scales`` are the numbers in front and behind; ``last``: it is the last of several terms.
    """
    assert step.of is not None
    target = program.by_name[step.of]
    left, right = (program.wiring.upright(i)[0] for i in forward.inputs)
    first_wanted = left == target
    other = right if first_wanted else left
    sigma = "".join(f"Σ{subscript(x)} " for x in _summed(letters, forward, target))
    upstream = _indexed(gradient, letters[forward.output])
    factor = _indexed(program.values[other].symbol, letters[other])
    ordered = (upstream, factor) if first_wanted else (factor, upstream)
    others = "… + " if last else ""
    return f"{_indexed(step.symbol, letters[target])} = {others}{scales[0]}{sigma}{ordered[0]}⋅{ordered[1]}{scales[1]}"


def _neighbours(symbol: str, letters: tuple[str, ...], transposed: bool, summed: tuple[str, ...]) -> str:
    if not summed:
        return "nothing is summed: a column times a row holds every product of their entries"
    rule = "a product sums NEIGHBOURING indices"
    inner = next((x for x in summed if x in letters[-2:]), summed[0])
    if not transposed or len(letters) < 2:
        return f"{rule}; they are neighbours already, no transpose is needed"
    plain, turned = _indexed(symbol, letters), _indexed(symbol + "ᵀ", (*letters[:-2], letters[-1], letters[-2]))
    return f"{rule}; {plain} = {turned} puts {inner} next to {inner}"


def _instead(program: Program, step: Step) -> tuple[str, ...]:
    """For a step without a matrix product of its own: what it does with shapes."""
    nothing = nothing_reaches(program, step)
    if nothing:
        return (f"No transpose: {nothing}.",)
    # a function of one entry says little: what the step does with shapes stands in a part before it
    main = next((p for p in reversed(step.parts) if p.kind != "apply"), step.parts[step.main])
    node = moving_node(program, main)
    if main.kind in ("index", "transpose") and node is not None and TABLE[node.op].moves:
        return (f"No transpose: {TABLE[node.op].moves.format(left=main.left.symbol, of=step.of or main.left.symbol)}.",)
    if main.kind == "same" and node is not None:
        return (f"No transpose: the entries of {main.left.symbol} stay in their order, in another shape.",)
    if main.kind == "contraction":
        return (
            "No transpose: an einsum names its indices, so no axis has to be moved next to another one.",
            f"Summed over {', '.join(main.summed) or 'nothing'}; left are {', '.join(main.result.letters) or 'none'}.",
        )
    if main.kind == "running":
        return (f"No transpose: every entry is the sum of the entries of {main.left.symbol} up to it.",)
    shape = shape_text(main.result.shape)
    if main.kind == "product" and (main.left.value is None or (main.right is not None and main.right.value is None)):
        letter = main.summed[0] if main.summed else "n"
        kept = main.right if main.left.value is None else main.left
        assert kept is not None
        return (
            f"No transpose: {step.of} is the same for every {letter}, so its gradient is a sum over {letter}.",
            f"{step.symbol} must have the shape of {step.of}: {shape}; {kept.symbol} is {shape_text(kept.shape)}.",
            f"As a product it is {kept.symbol} and a vector of ones, the rule A = BC with "
            + ("B = 1ᵀ." if main.left.value is None else "C = 1."),
        )
    if main.kind == "product":
        right = main.right
        assert right is not None
        return (
            f"The product as it is written: ({shape_text(main.left.shape)})({shape_text(right.shape)}) → {shape}.",
            "Its transposes appear in the backward pass, one for each operand.",
        )
    if main.kind == "entrywise" and main.right is not None and main.operator == "⊙":
        alike = main.left.shape == main.right.shape
        sides = f"both sides are {shape}" if alike else f"the smaller side is repeated to {shape}"
        return (
            f"No transpose: ⊙ multiplies entry by entry, {sides}.",
            "Each entry of the result depends on one entry of the operand, so nothing is summed and nothing is moved.",
        )
    if main.kind == "entrywise" and main.operator in ("+", "−") and step.of is not None:
        met = _met(program, step)
        if met:
            return (met,)
    if main.kind == "entrywise" and main.operator in ("or", "if", "unless"):
        return ("No transpose: a condition says for each entry, where it stands, which of two values is taken.",)
    if main.kind == "entrywise":
        return (f"No transpose: {main.operator} works entry by entry; the result is {shape}.",)
    if main.kind == "reduce":
        return (f"No transpose: the entries of {main.left.symbol} are combined into {shape}.",)
    if not main.result.shape:
        return (f"No transpose: {main.result.symbol} is a single number.",)
    if main.kind == "transpose":
        return ("The transpose itself: rows become columns.",)
    return (f"No transpose: each entry of {main.result.symbol} comes from the same place of {main.left.symbol}.",)


def _met(program: Program, step: Step) -> str:
    """Where the contributions come from that add up in one gradient; empty where there is one alone."""
    assert step.of is not None
    of = program.values[program.by_name[step.of]]
    readers = [program.values[i].symbol for i in program.wiring.readers.get(of.index, [])]
    count = program.chains.count(program.by_name[step.quantity])
    if count < 2 or not readers:
        return ""
    if len(readers) == 1:
        return f"No transpose: {of.symbol} stands in {readers[0]} {count} times; what comes back from each is added up."
    shown = readers if len(readers) <= 6 else [*readers[:3], "…", *readers[-2:]]
    listed = f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"No transpose: {of.symbol} goes into {listed}; what comes back from each of them is added up."
