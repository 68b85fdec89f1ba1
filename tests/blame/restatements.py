"""Other statements for the same numbers: temporaries, order, in-place forms, helpers, where 1/N is divided."""

from __future__ import annotations

import ast
import random

from tests.blame.expressions import (
    is_call,
    is_count,
    is_mask,
    is_weights_product,
    product_of,
    summed,
    text,
    values_of,
    wrapped,
)
from tests.blame.regions import MARK, Unit, base_of, reads, target_of
from tests.blame.renaming import misleading_names, names, not_renamed
from tests.blame.rewrites import expressions_of
from tests.blame.source import Edit, Source, free, is_plain, names_in, some_of


def temporaries(source: Source, rng: random.Random) -> str | None:
    """A part of an expression gets a line and a name of its own."""
    found = [
        (unit, node)
        for unit in source.units
        for node in expressions_of(unit)
        if (node is not unit.value and isinstance(node, ast.BinOp | ast.Call | ast.Compare)) or _is_turned(node)
        if node is not unit.value
    ]
    if not found:
        return None
    unit, node = rng.choice(found)
    name = free(source.text, rng.choice(("tmp", "part", "t", "inner", "aux", "mask" if is_mask(node) else "term")))
    start, end = source.span(node)
    return source.with_edits([source.before(unit, f"{name} = {text(node)}"), Edit(start, end, name)])


def _is_turned(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"


def inlined(source: Source, rng: random.Random) -> str | None:
    """What is read only in the next line is written there instead."""
    found: list[list[Edit]] = []
    for unit, after in source.neighbours():
        name = target_of(unit)
        if not is_plain(unit) or name in not_renamed(unit.function):
            continue
        every = [node for node in ast.walk(unit.function) if isinstance(node, ast.Name) and node.id == name]
        readers = [node for node in expressions_of(after) if isinstance(node, ast.Name) and node.id == name]
        if len(every) == 2 and len(readers) == 1:
            found.append([source.dropped(unit), Edit(*source.span(readers[0]), f"({text(unit.value)})")])
    return source.with_edits(rng.choice(found)) if found else None


def order(source: Source, rng: random.Random) -> str | None:
    """Two lines that do not need each other change places, or become one."""
    found = []
    for one, other in source.neighbours():
        if isinstance(one.node, ast.Return | ast.Expr) or isinstance(other.node, ast.Return | ast.Expr):
            continue
        made, taken = base_of(target_of(one)), base_of(target_of(other))
        if made != taken and not reads(other, made) and not reads(one, taken):
            found.append((one, other))
    if not found:
        return None
    one, other = rng.choice(found)
    first, second = (source.text[slice(*source.span(unit.node))] for unit in (one, other))
    if is_plain(one) and is_plain(other) and rng.random() < 0.25:
        both = f"{target_of(one)}, {target_of(other)} = {text(one.value)}, {text(other.value)}"
        return source.with_edits([source.dropped(other), source.rewritten(one, both)])
    return source.with_edits([source.rewritten(one, second), source.rewritten(other, first)])


def sums_in_two(source: Source, rng: random.Random) -> str | None:
    """t = a + b as t = a and t += b; t += b as t = t + b; g = g * m as g *= m."""
    edits = []
    for unit in source.units:
        node, target = unit.node, target_of(unit)
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Div | ast.Sub):
            sign = {ast.Add: "+", ast.Div: "/", ast.Sub: "-"}[type(node.op)]
            edits.append(source.rewritten(unit, f"{target} = {target} {sign} {wrapped(node.value)}"))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            left, right = node.value.left, node.value.right
            if isinstance(node.value.op, ast.Add) and isinstance(left, ast.BinOp | ast.Call):
                edits.append(source.rewritten(unit, f"{target} = {text(left)}", f"{target} += {text(right)}"))
            elif isinstance(node.value.op, ast.Mult | ast.Div):
                sign = "*" if isinstance(node.value.op, ast.Mult) else "/"
                if text(left) == target:
                    edits.append(source.rewritten(unit, f"{target} {sign}= {text(right)}"))
                elif isinstance(left, ast.BinOp | ast.Call):
                    edits.append(source.rewritten(unit, f"{target} = {text(left)}", f"{target} {sign}= {text(right)}"))
    return source.with_edits(some_of(edits, rng)) if edits else None


def masks_in_place(source: Source, rng: random.Random) -> str | None:
    """dz = dh * (z > 0) as a copy whose entries are set to 0, and the other way round."""
    edits = []
    for unit in source.units:
        target, value = target_of(unit), unit.value
        if isinstance(unit.node, ast.Assign) and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
            for mask, other in ((value.right, value.left), (value.left, value.right)):
                if isinstance(mask, ast.Compare) and is_mask(mask) and isinstance(mask.ops[0], ast.Gt):
                    bare = isinstance(other, ast.Name | ast.Attribute)
                    copies = [f"{text(other)}.copy()", f"np.array({text(other)})"] if bare else [text(other)]
                    off = rng.choice([f"{text(mask.left)} <= 0", f"~({text(mask)})", f"np.logical_not({text(mask)})"])
                    edits.append(source.rewritten(unit, f"{target} = {rng.choice(copies)}", f"{target}[{off}] = 0"))
        target_node = unit.node.targets[0] if isinstance(unit.node, ast.Assign) else None
        if isinstance(target_node, ast.Subscript) and isinstance(target_node.slice, ast.Compare):
            name, mask = text(target_node.value), target_node.slice
            if is_mask(mask) and isinstance(mask.ops[0], ast.LtE):
                on = f"({text(mask.left)} > 0)"
                edits.append(source.rewritten(unit, rng.choice([f"{name} = {name} * {on}", f"{name} *= {on}"])))
    return source.with_edits(some_of(edits, rng)) if edits else None


def helpers(source: Source, rng: random.Random) -> str | None:
    """The value of a line comes from a small function, inside the backward or above it."""
    found = [unit for unit in source.units if values_of(unit) == [unit.value] and not unit.in_loop]
    if not found:
        return None
    unit = rng.choice(found)
    known = {node.id for node in ast.walk(unit.function) if isinstance(node, ast.Name | ast.arg) and _is_local(node)}
    known |= {one.arg for one in unit.function.args.args}
    taken = sorted(names_in(unit.value) & known)
    name = free(source.text, rng.choice(("step", "through", "layer_grad", "f_back", "helper")))
    call = f"{name}({', '.join(taken)})"
    edit = Edit(*source.span(unit.value), call)
    body = f"return {text(unit.value)}"
    if rng.random() < 0.3:
        body = f"result = {text(unit.value)}\n{{indent}}    return result"
    if rng.random() < 0.5:
        inside = source.indent(unit)
        return source.with_edits(
            [source.before(unit, f"def {call}:", *f"    {body}".format(indent=inside).split(f"\n{inside}")), edit]
        )
    start = source.starts[unit.function.lineno - 1]
    if unit.function.col_offset:
        return None
    return source.with_edits([Edit(start, start, f"def {call}:\n    {body.format(indent='')}\n\n\n"), edit])


def _is_local(node: ast.Name | ast.arg) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def means_late(source: Source, rng: random.Random) -> str | None:
    """1/N taken out of the first gradient and put into every line that sums over the examples."""
    divided = [(unit, node) for unit in source.units for node in expressions_of(unit) if _over_count(unit, node)]
    first = [(unit, node) for unit, node in divided if not _sums_over_examples(unit, source)]
    if len(first) != 1 or len(divided) != 1:
        return None
    unit, node = first[0]
    assert isinstance(node, ast.BinOp)
    edits = [source.instead(node, text(node.left))]
    for one in source.units:
        if one.function is unit.function:
            edits += [
                source.instead(value, f"{wrapped(value)} / {text(node.right)}") for value in _sums_of(one, source)
            ]
    return source.with_edits(edits)


def means_early(source: Source, rng: random.Random) -> str | None:
    """1/N taken out of every line that sums over the examples and put into the first gradient."""
    divided = [(unit, node) for unit in source.units for node in expressions_of(unit) if _over_count(unit, node)]
    late = [(unit, node) for unit, node in divided if _sums_over_examples(unit, source)]
    if len(late) < 2 or len(late) != len(divided):
        return None
    first = source.units[0]
    edits = [source.instead(node, text(node.left)) for _, node in late if isinstance(node, ast.BinOp)]
    for unit in source.units:
        for node in expressions_of(unit):
            if is_call(node, "mean"):
                edits.append(source.instead(node, text(node).replace("mean(", "sum(")))
    if not is_plain(first) or first.function is not late[0][0].function:
        return None
    count = text(late[0][1].right)  # type: ignore[attr-defined]
    return source.with_edits([*edits, source.instead(first.value, f"{wrapped(first.value)} / {count}")])


def _over_count(unit: Unit, node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_count(unit, node.right)


def _sums_over_examples(unit: Unit, source: Source) -> bool:
    return bool(_sums_of(unit, source))


def _sums_of(unit: Unit, source: Source) -> list[ast.expr]:
    biases = {call for call, _ in summed(unit, source.units)}
    return [
        node
        for node in expressions_of(unit)
        if node in biases or (product_of(node) and is_weights_product(node, source.units))
    ]


def dict_of_gradients(source: Source, rng: random.Random) -> str | None:
    """What is returned is collected in a dict on the way: grads["W1"] = ..."""
    last = source.units[-1] if source.units else None
    if last is None or not isinstance(last.node, ast.Return) or not isinstance(last.value, ast.Dict):
        return None
    plain = [(key, value) for key, value in zip(last.value.keys, last.value.values, strict=True) if key is not None]
    if rng.random() < 0.4 and all(isinstance(key, ast.Constant) for key, _ in plain):
        given = ", ".join(f"{key.value}={text(value)}" for key, value in plain)  # type: ignore[attr-defined]
        return source.with_edits([source.rewritten(last, f"return dict({given})")])
    made = {text(value): text(key) for key, value in plain if isinstance(value, ast.Name)}
    if len(made) != len(plain) or set(made) & not_renamed(last.function):
        return None
    name = free(source.text, rng.choice(("grads", "g", "out")))
    own = [node for node in ast.walk(last.function) if isinstance(node, ast.Name) and node.id in made]
    edits = [Edit(*source.span(node), f"{name}[{made[node.id]}]") for node in own if node.lineno < last.node.lineno]
    mark = next((k for k, line in enumerate(source.text.splitlines(), 1) if line.strip() == MARK), None)
    if mark is None:
        return None
    start = source.starts[mark]
    edits += [Edit(start, start, f"    {name} = {{}}\n"), source.rewritten(last, f"return {name}")]
    return source.with_edits(edits)


RESTATEMENTS = (
    misleading_names,
    names,
    names,
    temporaries,
    temporaries,
    inlined,
    order,
    sums_in_two,
    masks_in_place,
    helpers,
    means_late,
    means_early,
    dict_of_gradients,
)
