"""The named mistakes as changes of the text: each gives an expression, what a learner writes instead, and its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from tests.blame.expressions import (
    COUNT,
    Change,
    factors,
    gone,
    here,
    is_call,
    is_mask,
    nodes,
    slope_of,
    text,
    turned,
    values_of,
    wrapped,
)
from tests.blame.layers import REGULARISED, changes_of_forward, changes_of_layers
from tests.blame.regions import Unit, base_of, readers_after, reads, target_of, writers_before

NO_ARRAYS = ("self", "rate", "y", "Y", "xs", "hs", "zs", "data", "params", "cache", "grads", "net")
"""Names that are not put in another's place: containers, numbers, and labels."""


def changes(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    """Every named mistake that can be made in this statement. ``mean``: the loss is divided by a count."""
    for change in _changes(unit, units, mean):
        if change.node is unit.value and change.instead == target_of(unit):  # g = g: nothing is left in this line
            lines = change.lines | readers_after(unit, units, target_of(unit))
            if change.names[0] == "mean-missing":
                lines |= writers_before(unit, units, target_of(unit))
            yield replace(change, lines=lines)
        else:
            yield change


def _changes(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    if unit.forward:
        yield from changes_of_forward(unit)
        return
    yield from _masks(unit, units)
    yield from _products(unit)
    yield from _operands(unit, units)
    yield from _signs_and_factors(unit)
    yield from _means(unit, units, mean)
    yield from changes_of_layers(unit, units)


def _masks(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    masked: list[tuple[ast.AST, str]] = []  # (mask, what it is laid over)
    for node in nodes(unit, ast.BinOp, ast.Call):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for mask, other in ((node.left, node.right), (node.right, node.left)):
                if is_mask(mask):
                    yield here(unit, "relu-mask-missing", node, text(other))
                    masked.append((mask, text(other)))
        elif is_call(node, "where") and is_mask(node.args[0]):
            yield here(unit, "relu-mask-missing", node, text(node.args[1]))
            masked.append((node.args[0], text(node.args[1])))
    target = unit.node.targets[0] if isinstance(unit.node, ast.Assign) else None
    if isinstance(target, ast.Subscript) and is_mask(target.slice):
        yield gone(unit, units, "relu-mask-missing", writer=False)
        masked.append((target.slice, base_of(text(target))))
    for mask, other in masked:
        if not isinstance(mask, ast.Compare):
            continue
        left, rest = text(mask.left), text(mask)[len(text(mask.left)) :]
        if re.fullmatch(r"[\w.\[\]]+", other):
            yield here(unit, "relu-mask-from-gradient", mask, other + rest)
        for layer in "123":
            elsewhere = re.sub(r"\d", layer, left)
            if elsewhere != left and any(reads(one, elsewhere) or target_of(one) == elsewhere for one in units):
                yield here(unit, "relu-mask-wrong-layer", mask, elsewhere + rest)
        if "i - 1" in left:
            yield here(unit, "relu-mask-wrong-layer", mask, left.replace("i - 1", "i") + rest)


def _products(unit: Unit) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp, ast.Call):
        if is_call(node, "outer"):
            yield here(unit, "transposed", node, f"np.outer({text(node.args[1])}, {text(node.args[0])})")
        sides = factors(node)
        if sides is None:
            continue
        left, right = sides
        yield here(unit, "transposed", node, f"({turned(left)} @ {wrapped(right)})")
        yield here(unit, "transposed", node, f"({wrapped(left)} @ {turned(right)})")
        yield here(unit, "transposed", node, f"({wrapped(left)} @ {wrapped(right)}).T")
        yield here(unit, "elementwise-for-matmul", node, f"({wrapped(left)} * {wrapped(right)})")


def _operands(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    """Another array of this function in a product or a sum over examples; those that do not fit raise and fall out."""
    known = sorted({target_of(one) for one in units if one.function is unit.function} | _arguments(unit))
    known = [name for name in known if re.fullmatch(r"(self\.)?\w+", name) and not COUNT.fullmatch(name)]
    for node in nodes(unit, ast.BinOp, ast.Call):
        sides = factors(node) or (tuple(node.args) if is_call(node, "outer") else None)
        if sides is None and is_call(node, "sum"):
            sides = (node.args[0],) if node.args else (node.func.value,)
        for side in sides or ():
            root = side.value if isinstance(side, ast.Attribute) and side.attr == "T" else side
            if not isinstance(root, ast.Name | ast.Attribute):
                continue
            for other in known:
                if other not in (text(root), target_of(unit), *NO_ARRAYS):
                    yield here(unit, "wrong-operand", root, other, *_also(text(root), other, units))
    if unit.in_loop and not isinstance(unit.node, ast.Return):  # plain numbers: h[j] for x[n][i] and the like
        for node in nodes(unit, ast.Subscript):
            inner = text(node)
            for old, new in (("h[j]", "z[j]"), ("x[n][i]", "W1[j][i]"), ("df[k]", "f[k]"), ("dz[j]", "dh")):
                if inner == old:
                    yield here(unit, "wrong-operand", node, new, *_also(old, new, units))


def _also(right: str, other: str, units: list[Unit]) -> tuple[str, ...]:
    """Taking dh1 for dz1 is leaving its mask or its derivative out, in one line."""
    for one in units:
        if target_of(one) == right and reads(one, other):
            if any(is_mask(node) for node in ast.walk(one.value)):
                return ("relu-mask-missing",)
            if slope_of(one) is not None:
                return ("activation-derivative-missing",)
    return ()


def _arguments(unit: Unit) -> set[str]:
    return {argument.arg for argument in unit.function.args.args}


def _signs_and_factors(unit: Unit) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Sub) and not re.fullmatch(r"[il] [-+] 1", text(node)):
            yield here(unit, "sign", node, f"({wrapped(node.right)} - {wrapped(node.left)})")
        if isinstance(node.op, ast.Mult) and text(node.left) == "2":
            of = ("regularisation-factor",) if REGULARISED.search(text(node.right)) else ()
            yield here(unit, "factor", node, text(node.right), *of)
    only = isinstance(unit.node, ast.AugAssign) and REGULARISED.search(text(unit.value))
    also = ("regularisation-factor",) if only else ()
    for value in values_of(unit):
        yield here(unit, "sign", value, f"-({text(value)})", *also)
        yield here(unit, "factor", value, f"2 * ({text(value)})", *also)
        yield here(unit, "factor", value, f"0.5 * ({text(value)})", *also)


def _means(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and COUNT.fullmatch(text(node.right)):
            yield here(unit, "mean-missing", node, text(node.left), "mean-misplaced")
    if isinstance(unit.node, ast.AugAssign) and isinstance(unit.node.op, ast.Div):
        yield gone(unit, units, "mean-missing", writer=True)
    for node in nodes(unit, ast.Call):
        if is_call(node, "mean"):
            yield here(unit, "sum-for-mean", node, text(node).replace("mean(", "sum("), "mean-missing")
    count = next(
        (target_of(one) for one in units if target_of(one) in ("N", "m") and one.function is unit.function), ""
    )
    if mean and count and not isinstance(unit.node, ast.AugAssign):
        for value in values_of(unit):
            yield here(unit, "mean-twice", value, f"({text(value)}) / {count}", "mean-misplaced")
