"""One step as NumPy in both conventions, as an einsum, and the rule behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import MirrorError
from engine.reading.model import Idiom, Part, Step
from engine.reading.why import shape_text

if TYPE_CHECKING:
    from engine.program import Program

_LAYOUT = {"column": "feature×batch", "row": "batch×feature", "as-written": "as written"}


def idioms(program: Program, step_id: str) -> tuple[Idiom, ...]:
    """The step in the column convention, then in the row convention.

    Only one where there is no mirror image, or where it is not known yet and would keep somebody waiting.
    """
    step = program.step(step_id)
    found = [(program, step)]
    other = _other(program)
    if other is not None and step.quantity in other.step_ids:
        found.append((other, other.step(other.step_ids[step.quantity])))
    found.sort(key=lambda item: item[0].convention != "column")
    return tuple(_idiom(p, s) for p, s in found)


def _other(program: Program) -> Program | None:
    if program.convention == "as-written" or not program.mirror_at_hand:
        return None
    try:
        return program.mirror()
    except MirrorError:
        return None


def _idiom(program: Program, step: Step) -> Idiom:
    main = step.parts[step.main]
    operands = [t.shape for t in (main.left, main.right) if t is not None]
    shapes = "".join(f"({shape_text(s)})" for s in operands) + f" → ({shape_text(main.result.shape)})"
    return Idiom(
        convention=program.convention,
        layout=_layout(program),
        lines=step.lines,
        shapes=shapes,
        formula=step.formula,
        einsum=_einsum(program, main),
        rule=_rule(step, main),
    )


def _layout(program: Program) -> str:
    """How the arrays lie: by feature and example where there are examples, else by where the parameter stands."""
    if program.examples is not None:
        return _LAYOUT[program.convention]
    return {"column": "parameter left", "row": "parameter right"}.get(program.convention, "as written")


def _plain(program: Program, value: int | None, letters: tuple[str, ...], text: str) -> tuple[str, str]:
    """An operand without its transpose, as an einsum wants it: letters and NumPy text."""
    if value is not None and value not in program.names:
        number = program.values[value].node
        node = program.nodes[number] if number is not None else None
        if node is not None and node.op == "transpose" and len(letters) == 2:
            return "".join(letters[::-1]), program.printer.mention(node.inputs[0])[0]
    return "".join(letters), text


def _einsum(program: Program, part: Part) -> str | None:
    """``np.einsum('jn,in->ji', dz1, x)``: an einsum names its indices and needs no transpose."""
    if part.kind != "product" or part.right is None or not part.summed:
        return None
    result = "".join(x for x in part.result.letters if x != "0")
    operands = [_plain(program, t.value, t.letters, t.numpy) for t in (part.left, part.right) if t.value is not None]
    subscripts = ",".join(letters for letters, _ in operands)
    if not all(c.isalpha() or c == "," for c in subscripts):
        return None
    return f"np.einsum('{subscripts}->{result}', {', '.join(text for _, text in operands)})"


def _rule(step: Step, part: Part) -> str:
    if step.of is None:
        return ""
    if part.kind == "product":
        ones = part.left.value is None or (part.right is not None and part.right.value is None)
        if ones:
            return "A = B + c, c the same for every example  ⇒  ∂c = Σ ∂A"
        return "A = BC  ⇒  ∂B = ∂A·Cᵀ" if part.factor == "right" else "A = BC  ⇒  ∂C = Bᵀ·∂A"
    if part.operator == "⊙":
        return "a = φ(z) entry by entry  ⇒  ∂z = φ′(z) ⊙ ∂a"
    return ""
