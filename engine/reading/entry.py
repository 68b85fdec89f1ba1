"""One cell: how it came about, or (for a cell of an operand) where it goes.

Costs one row and one column, never a matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.reading.cells import (
    broadcast_index,
    broadcast_letters,
    cell,
    index_text,
    lights,
    named,
    reduced_axes,
    row_column,
    value_at,
)
from engine.reading.formula import Formula, subscript
from engine.reading.going import going
from engine.reading.model import Entry, Factor, Part

if TYPE_CHECKING:
    from engine.program import Program
    from engine.tape import Tape

_PEOPLE = {"n": "the examples", "i": "the inputs", "k": "the outputs"}
_HIDDEN = "jlmpqrstuvw"
_MOST_TERMS = 1024
_SCALAR = "⋅"  # the product of two numbers; U+00B7 is the product of matrices


def entry(tape: Tape, part: Part, index: tuple[int, ...], operand: str = "result") -> Entry:
    """Explain one cell of ``part``.

    ``index`` addresses the result, or with ``operand`` ``"left"``/``"right"`` that operand (as many numbers as the
    array has axes).
    """
    if operand != "result":
        return going(tape, part, index, operand)
    makers: dict[str, Callable[[Tape, Part, tuple[int, ...]], Entry]] = {
        "product": _product,
        "entrywise": _entrywise,
        "reduce": _reduce,
        "apply": _apply,
        "transpose": _transpose,
    }
    return makers.get(part.kind, _taken)(tape, part, index)


def _people(letter: str, count: int) -> str:
    if count == 1:
        return "one term: a single example" if letter == "n" else "one term"
    where = _PEOPLE.get(letter) or ("the hidden units" if letter in _HIDDEN else f"the axis {letter}")
    return f"{letter} = 0…{count - 1} runs over {where}"


def _remarks(tape: Tape, part: Part, index: tuple[int, ...], value: Any) -> tuple[str, ...]:
    """What the number means: the unit of a gradient, or that it is not finite."""
    if isinstance(value, float) and not np.isfinite(value):
        return ("this entry is not finite; everything that reads it is lost",)
    step = _owner(tape.program, part)
    if step is None or step.of is None or part.id.rstrip("abcdefghijklmnopqrstuvwxyz") != step.id:
        return ()
    if part.result.name != step.quantity:
        return ()
    role = tape.program.values[tape.program.by_name[step.of]].role
    what = "weight" if role == "parameter" else "entry"
    place = f"{step.of}{index_text(index)}"
    return (f"unit: d(loss)/d({place}) – nudge that {what} by ε and L changes by {_short(value)}{_SCALAR}ε",)


def _short(value: Any) -> str:
    number = float(value)
    if number == 0:
        return "0"
    return f"{number:.2f}" if 0.1 <= abs(number) < 1000 else f"{number:.3g}"


def _owner(program: Program, part: Part) -> Any:
    number = program.directory.find(part.id)
    return None if number is None else program.steps[number]


def _product(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    """Σ over the shared index; operands may be vectors."""
    assert part.right is not None
    a, b = tape.array(part.left), tape.array(part.right)
    row, column = _product_position(part, index)
    left_index: Callable[[int], tuple[int, ...]] = (lambda k: (row, k)) if a.ndim == 2 else (lambda k: (k,))
    right_index: Callable[[int], tuple[int, ...]] = (lambda k: (k, column)) if b.ndim == 2 else (lambda k: (k,))
    value = value_at(tape.array(part.result), index)
    if not part.summed:
        return _outer(tape, part, index, a, b, value)
    count = a.shape[-1]
    letter = part.summed[0]
    lefts = (a[row] if a.ndim == 2 else a).tolist()
    rights = (b[:, column] if b.ndim == 2 else b).tolist()
    terms: tuple[tuple[Factor, ...], ...] = tuple(
        (Factor(part.left.symbol, left_index(k), lefts[k]), Factor(part.right.symbol, right_index(k), rights[k]))
        for k in range(count)
    )
    left_place = f"[{row},{letter}]" if a.ndim == 2 else f"[{letter}]"
    right_place = f"[{letter},{column}]" if b.ndim == 2 else f"[{letter}]"
    ones = part.left.value is None or part.right.value is None
    kept = part.right if part.left.value is None else part.left
    kept_place = right_place if part.left.value is None else left_place
    body = f"{named(kept.symbol)}{kept_place}" if ones else (
        f"{named(part.left.symbol)}{left_place}{_SCALAR}{named(part.right.symbol)}{right_place}"
    )  # fmt: skip
    heading = f"{cell(part.result.symbol, index)} = Σ{subscript(letter)} {body}"
    if ones:
        position = 1 if part.left.value is None else 0
        terms = tuple((term[position],) for term in terms)
    lit = lights(
        ("result", *row_column(index)),
        ("left", row if a.ndim == 2 else 0, None),
        ("right", None, column),
    )
    return Entry(
        heading, _people(letter, count), _SCALAR, terms, letter, value, _remarks(tape, part, index, value), lit
    )


def _product_position(part: Part, index: tuple[int, ...]) -> tuple[int, int]:
    """Row of the left and column of the right operand for a cell of the result, which may be a vector or a number."""
    assert part.right is not None
    if len(index) == 2:
        return index[0], index[1]
    if len(index) == 0:
        return 0, 0
    left_is_row = len(part.left.shape) == 2 and (len(part.right.shape) == 1 or part.right.shape[1] == 1)
    return (index[0], 0) if left_is_row else (0, index[0])


def _outer(
    tape: Tape, part: Part, index: tuple[int, ...], a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], value: Any
) -> Entry:
    assert part.right is not None
    i, j = index
    left, right = part.left, part.right
    term = (Factor(left.symbol, (i,), value_at(a, (i,))), Factor(right.symbol, (j,), value_at(b, (j,))))
    heading = f"{named(part.result.symbol)}[{i},{j}] = {named(left.symbol)}[{i}]{_SCALAR}{named(right.symbol)}[{j}]"
    lit = lights(("result", i, j), ("left", 0, i), ("right", 0, j))
    return Entry(heading, "one product, no sum", _SCALAR, (term,), None, value, _remarks(tape, part, index, value), lit)


def _entrywise(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    assert part.right is not None
    if part.operator == "or":
        return _chosen(tape, part, index)
    sides = []
    for term in (part.left, part.right):
        array = tape.array(term)
        at = broadcast_index(index, array.shape)
        sides.append((term, at, value_at(array, at)))
    value = value_at(tape.array(part.result), index)
    join = _SCALAR if part.operator in ("⊙", "·") else part.operator
    shown = f" {join} ".join(f"{cell(t.symbol, at)}" for t, at, _ in sides)
    if join == _SCALAR:
        shown = shown.replace(f" {_SCALAR} ", _SCALAR)
    spread = [t for t, at, _ in sides if at != index and t.shape != part.result.shape]
    note = "entry by entry, no sum"
    if spread:
        letters = [x for t in spread for x in broadcast_letters(part, t)]
        over = " and ".join(dict.fromkeys(letters)) or "the other entries"
        note = f"entry by entry; {spread[0].symbol} is the same for every {over}"
    terms = (tuple(Factor(t.symbol, at, v) for t, at, v in sides),)
    remarks = _mask_remarks(tape, part, index) + _remarks(tape, part, index, value)
    lit = lights(
        ("result", *row_column(index)),
        *((side, *row_column(at)) for side, (_, at, _) in zip(("left", "right"), sides, strict=True)),
    )
    return Entry(f"{cell(part.result.symbol, index)} = {shown}", note, join, terms, None, value, remarks, lit)


def _chosen(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    """An entry of ``np.where``: taken from one side or the other, as the condition says."""
    assert part.right is not None and part.result.value is not None
    program = tape.program
    number = program.values[part.result.value].node
    assert number is not None
    condition = program.nodes[number].inputs[0]
    mask = tape.value(condition)
    at = broadcast_index(index, mask.shape)
    holds = bool(value_at(mask, at))
    side, term = ("left", part.left) if holds else ("right", part.right)
    source = broadcast_index(index, term.shape)
    value = value_at(tape.array(part.result), index)
    name = cell(Formula(program).mention(condition)[0], at)
    heading = f"{cell(part.result.symbol, index)} = {cell(term.symbol, source)}"
    terms = ((Factor(term.symbol, source, value_at(tape.array(term), source)),),)
    lit = lights(("result", *row_column(index)), (side, *row_column(source)))
    note = f"{name} is {'1: the first' if holds else '0: the second'} is taken"
    return Entry(heading, note, "=", terms, None, value, _remarks(tape, part, index, value), lit)


def _mask_remarks(tape: Tape, part: Part, index: tuple[int, ...]) -> tuple[str, ...]:
    """Whether a unit was on, where a mask takes part."""
    for term in (part.left, part.right):
        if term is None or term.role != "mask" or term.value is None:
            continue
        number = tape.program.values[term.value].node
        if number is None or len(tape.program.nodes[number].inputs) != 2:
            continue
        node = tape.program.nodes[number]
        if node.op not in ("greater", "greater_equal") or not tape.program.values[node.inputs[1]].literal:
            continue
        operand = tape.program.values[node.inputs[0]].symbol
        bound = tape.program.literals[node.inputs[1]]
        array = tape.array(term)
        at = broadcast_index(index, array.shape)
        above, below = (">", "≤") if node.op == "greater" else ("≥", "<")
        if value_at(array, at):
            return (f"{operand}{index_text(at)} {above} {bound}: the unit was on, the gradient passes",)
        return (f"{operand}{index_text(at)} {below} {bound}: the unit was off, the gradient stops here",)
    return ()


def _reduce(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    array = tape.array(part.left)
    value = value_at(tape.array(part.result), index)
    gone = reduced_axes(tape.program, part)
    if len(index) == array.ndim:
        kept = list(index)
    else:
        rest = iter(index)
        kept = [0 if k in gone else next(rest, 0) for k in range(array.ndim)]
    places: list[tuple[int, ...]] = [()]
    # a cell of a huge sum is explained by its first terms: a key press must not walk through a matrix
    for k in range(array.ndim):
        span = range(array.shape[k]) if k in gone else [kept[k]]
        places = (
            [(*p, v) for p in places for v in span]
            if len(places) * len(span) <= _MOST_TERMS
            else [(*p, 0) for p in places]
        )
    terms = tuple((Factor(part.left.symbol, at, value_at(array, at)),) for at in places)
    letters = part.summed
    symbolic = tuple(part.left.letters[k] if k in gone else kept[k] for k in range(array.ndim))
    inner = f"{cell(part.left.symbol, symbolic)}"
    heading = f"{cell(part.result.symbol, index)} = {_composed(part.operator, inner)}"
    total = int(np.prod([array.shape[k] for k in gone], dtype=np.int64)) if gone else 1
    if len(gone) == 1:
        note = _people(letters[0], total) if letters else f"{total} terms"
    else:
        note = f"all {total} entries are added up"
    lit_row, lit_column = _lit_line(array.ndim, gone, kept)
    lit = lights(("result", *row_column(index)), ("left", lit_row, lit_column))
    if len(places) < total:
        note = f"{total} entries; the first {len(places)} are looked at"
    return Entry(
        heading,
        note,
        part.operator,
        terms,
        letters[0] if letters else None,
        value,
        _remarks(tape, part, index, value),
        lit,
    )


def _lit_line(ndim: int, gone: list[int], kept: list[int]) -> tuple[int | None, int | None]:
    if ndim == 1:
        return 0, None
    if len(gone) == 1 and ndim == 2:
        return (kept[0], None) if gone[0] == 1 else (None, kept[1])
    return None, None


def _composed(operator: str, inner: str) -> str:
    """An operator with its operand in place: ``½Σ(·)²`` of r is ``½Σ(r)²``."""
    if "·" in operator:
        return operator.replace("·", inner)
    gap = "" if operator.endswith(("−", "𝟙")) else " "
    if operator in ("exp", "log", "tanh", "sign", "√", "ReLU", "σ") or operator.endswith(("exp", "log", "tanh")):
        return f"{operator}({inner})"
    return f"{operator}{gap}{inner}"


def _apply(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    array = tape.array(part.left)
    at = broadcast_index(index, array.shape)
    value = value_at(tape.array(part.result), index)
    inner = f"{cell(part.left.symbol, at)}"
    written = f"{inner} {part.operator}" if part.layout == "postfix" else _composed(part.operator, inner)
    terms = ((Factor(part.left.symbol, at, value_at(array, at)),),)
    remarks: tuple[str, ...] = ()
    if part.operator == "ReLU":
        off = not value_at(array, at) > 0
        remarks = (f"{part.left.symbol}{index_text(at)} {'≤' if off else '>'} 0: the unit is {'off' if off else 'on'}",)
    lit = lights(("result", *row_column(index)), ("left", *row_column(at)))
    remarks += _remarks(tape, part, index, value)
    return Entry(
        f"{cell(part.result.symbol, index)} = {written}",
        "entry by entry, no sum" if part.result.shape else "a single number",
        part.operator,
        terms,
        None,
        value,
        remarks,
        lit,
    )


def _transpose(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    at = index[::-1]
    value = value_at(tape.array(part.result), index)
    terms = ((Factor(part.left.symbol, at, value),),)
    heading = f"{cell(part.result.symbol, index)} = {cell(part.left.symbol, at)}"
    lit = lights(("result", *row_column(index)), ("left", *row_column(at)))
    return Entry(heading, "rows become columns; no number changes", "ᵀ", terms, None, value, (), lit)


def _taken(tape: Tape, part: Part, index: tuple[int, ...]) -> Entry:
    """Entries that are picked, put or taken over."""
    value = value_at(tape.array(part.result), index)
    array = tape.array(part.left)
    lit = [("result", *row_column(index))]
    heading = f"{cell(part.result.symbol, index)}"
    note = {"same": "taken over unchanged", "index": f"picked by {part.numpy}"}.get(part.kind, "")
    terms: tuple[tuple[Factor, ...], ...] = ()
    at = (
        index
        if part.kind == "same" and array.shape == tape.array(part.result).shape
        else _picked_from(tape, part, index)
    )
    if at is not None:
        heading += f" = {cell(part.left.symbol, at)}"
        terms = ((Factor(part.left.symbol, at, value_at(array, at)),),)
        lit.append(("left", *row_column(at)))
    return Entry(heading, note, "=", terms, None, value, _remarks(tape, part, index, value), lights(*lit))


def _picked_from(tape: Tape, part: Part, index: tuple[int, ...]) -> tuple[int, ...] | None:
    """Where in the operand an indexed entry comes from: ``p[y][3]`` is ``p[3,2]``; None where it cannot be told."""
    number = None if part.result.value is None else tape.program.values[part.result.value].node
    node = None if number is None else tape.program.nodes[number]
    if node is None or node.op != "getitem" or part.left.value != node.inputs[0]:
        return None
    arrays = [tape.value(i) for i in node.inputs[1:]]
    if any(a.ndim != 1 or a.dtype.kind == "b" for a in arrays):
        return None
    arrays = list(np.broadcast_arrays(*arrays)) if arrays else []
    rest = list(index)
    picked: int | None = None
    at: list[int] = []
    for item in node.attributes["index"]:
        match item:
            case ("array", k):
                picked = rest.pop(0) if picked is None else picked
                at.append(int(arrays[k][picked]) % part.left.shape[len(at)])
            case ("slice", *bounds):
                at.append(range(*slice(*bounds).indices(part.left.shape[len(at)]))[rest.pop(0)])
            case ("int", k):
                at.append(k % part.left.shape[len(at)])
            case ("new",):
                rest.pop(0)
            case _:
                return None
    return (*at, *rest)
