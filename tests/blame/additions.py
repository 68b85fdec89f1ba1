"""More lines for the same numbers: checks, updates at the end, second names, used names again, sums by examples."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable

from tests.blame.expressions import axis_of, is_call, is_weights_product, product_of, text, untransposed, wrapped
from tests.blame.regions import Unit, reads, target_of
from tests.blame.renaming import not_renamed, renamed
from tests.blame.source import Edit, Source, free, is_plain


def lines_beside(source: Source, rng: random.Random) -> str | None:
    """What people leave in their code: a check of shapes, a norm, an updated weight, a copy. No gradient needs it."""
    own = [unit for unit in source.units if is_plain(unit) and not unit.in_loop]
    last = [unit for unit in source.units if isinstance(unit.node, ast.Return)]
    made = [target_of(unit) for unit in own if last and unit.function is last[-1].function]
    if not made:
        return None
    name = rng.choice(made)
    weight = re.sub(r"^(grad_|d_?|g_?)|(_grad|_bar)$", "", name)
    lines = [f"norm = np.sqrt(np.sum({name} ** 2))", f"kept = {name}.copy()", f"biggest = np.abs({name}).max()"]
    lines += [f"flat = {name}.reshape(-1)", f"assert np.all(np.isfinite({name}))", f"step = -0.1 * {name}"]
    if weight in {one.arg for one in last[-1].function.args.args}:
        lines += [f"new_{weight} = {weight} - 0.1 * {name}", f"{weight} = {weight} - 0.1 * {name}"]
        lines += [f"velocity = 0.9 * np.zeros_like({weight}) + {name}", f"assert {name}.shape == {weight}.shape"]
    return source.with_edits([source.before(last[-1], rng.choice(lines))])


def second_names(source: Source, rng: random.Random) -> str | None:
    """``upstream = dh1`` before a line that then takes dh1 by its second name."""
    found = [
        (unit, other)
        for unit in source.units
        for other in source.units
        if is_plain(other) and other.function is unit.function and reads(unit, target_of(other))
    ]
    if not found:
        return None
    unit, other = rng.choice(found)
    old, new = target_of(other), free(source.text, rng.choice(("upstream", "grad", "g", "dout", "now")))
    edits = [
        Edit(*source.span(node), new)
        for node in ast.walk(unit.value)
        if isinstance(node, ast.Name) and node.id == old and old not in not_renamed(unit.function)
    ]
    return source.with_edits([source.before(unit, f"{new} = {old}"), *edits]) if edits else None


def used_names(source: Source, rng: random.Random) -> str | None:
    """dh1 = dh1 * (z1 > 0): what is no longer needed gives its name to what is made of it."""
    found = [
        (unit, other)
        for unit in source.units
        for other in source.units
        if is_plain(unit) and is_plain(other) and unit.function is other.function and reads(unit, target_of(other))
        if target_of(unit) != target_of(other)
    ]
    if not found:
        return None
    unit, other = rng.choice(found)
    if {target_of(unit), target_of(other)} & not_renamed(unit.function):
        return None
    return source.with_edits(renamed(source, unit.function, {target_of(unit): target_of(other)}))


def products_by_examples(source: Source, rng: random.Random) -> str | None:
    """xᵀ dz as outer products, one example after the other: in a loop, or in a sum."""

    def ways(unit: Unit) -> list[list[str]]:
        product = product_of(unit.value)
        if product is None or not is_weights_product(unit.value, source.units):
            return []
        inner, name = untransposed(product.left), target_of(unit)
        if inner is None:
            return []
        left, right, k = wrapped(inner), wrapped(product.right), free(source.text, rng.choice("ijkn"))
        return [
            [
                f"{name} = np.zeros(({left}.shape[1], {right}.shape[1]))",
                f"for {k} in range(len({left})):",
                f"    {name} += np.outer({left}[{k}], {right}[{k}])",
            ],
            [f"{name} = sum(np.outer({left}[{k}], {right}[{k}]) for {k} in range(len({left})))"],
        ]

    return _one_line_as(source, rng, ways)


def sums_by_examples(source: Source, rng: random.Random) -> str | None:
    """The sum over axis 0 row by row."""

    def ways(unit: Unit) -> list[list[str]]:
        call = unit.value
        if not (isinstance(call, ast.Call) and is_call(call, "sum") and isinstance(call.func, ast.Attribute)):
            return []
        axis = axis_of(call)
        if axis is None or axis.value != 0:
            return []
        taken = wrapped(call.args[0] if text(call.func.value) == "np" else call.func.value)
        name, row = target_of(unit), free(source.text, rng.choice(("row", "example", "r")))
        return [
            [f"{name} = np.zeros({taken}.shape[1])", f"for {row} in {taken}:", f"    {name} += {row}"],
            [f"{name} = 0", f"for {row} in {taken}:", f"    {name} = {name} + {row}"],
            [f"{name} = sum({taken})"],
        ]

    return _one_line_as(source, rng, ways)


def _one_line_as(source: Source, rng: random.Random, ways: Callable[[Unit], list[list[str]]]) -> str | None:
    found = [(unit, lines) for unit in source.units if is_plain(unit) for lines in ways(unit)]
    if not found:
        return None
    unit, lines = rng.choice(found)
    return source.with_edits([source.rewritten(unit, *lines)])


def returned_otherwise(source: Source, rng: random.Random) -> str | None:
    """Keys with d in front, a dict of two lists, or nothing but a second name for the dict."""
    last = source.units[-1] if source.units else None
    if last is None or not isinstance(last.node, ast.Return) or not isinstance(last.value, ast.Dict):
        return None
    keys = [text(key) for key in last.value.keys if isinstance(key, ast.Constant)]
    values = [text(value) for value in last.value.values]
    if len(keys) != len(values):
        return None
    name = free(source.text, rng.choice(("gradients", "result", "out")))
    ways = [
        [f"{name} = {text(last.value)}", f"return {name}"],
        [f"return dict(zip([{', '.join(keys)}], [{', '.join(values)}]))"],
        ["return {" + ", ".join(f"'d{key[1:]}: {value}" for key, value in zip(keys, values, strict=True)) + "}"],
        ["return {" + ", ".join(f"{key}: {value}" for key, value in list(zip(keys, values, strict=True))[::-1]) + "}"],
    ]
    return source.with_edits([source.rewritten(last, *rng.choice(ways))])


ADDITIONS = (
    lines_beside,
    second_names,
    used_names,
    products_by_examples,
    sums_by_examples,
    returned_otherwise,
)
