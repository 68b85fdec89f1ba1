"""Other ways to write the same expression: products, sums, transposes, masks, slopes and constant factors."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator

from tests.blame.expressions import axis_of, is_call, is_count, is_mask, product_of, text, untransposed, wrapped
from tests.blame.regions import Unit, target_of
from tests.blame.source import Edit, Source, some_of

Ways = Callable[[Unit, ast.expr], Iterator[str]]


def written_otherwise(ways: Ways) -> Callable[[Source, random.Random], str | None]:
    """A rewrite of the file: some expressions of the way back written in one of the ways there are."""

    def rewrite(source: Source, rng: random.Random) -> str | None:
        edits: list[Edit] = []
        for unit in source.units:
            for node in expressions_of(unit):
                others = [other for other in ways(unit, node) if other != text(node)]
                if others:
                    edits.append(source.instead(node, rng.choice(others)))
        return source.with_edits(some_of(edits, rng)) if edits else None

    rewrite.__name__ = ways.__name__
    return rewrite


def expressions_of(unit: Unit) -> Iterator[ast.expr]:
    """The parts of its value that are evaluated once, each before its own parts."""
    waiting: list[ast.AST] = [unit.value]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.JoinedStr):
            continue
        if isinstance(node, ast.expr):
            yield node
        waiting += ast.iter_child_nodes(node)


def products(unit: Unit, node: ast.expr) -> Iterator[str]:
    product = product_of(node)
    if product is None or product.letters is not None:
        return
    left, right = wrapped(product.left), wrapped(product.right)
    yield f"{left} @ {right}"
    yield f"np.dot({text(product.left)}, {text(product.right)})"
    yield f"np.matmul({text(product.left)}, {text(product.right)})"
    yield f"{left}.dot({text(product.right)})"
    yield f"np.einsum('ij,jk->ik', {text(product.left)}, {text(product.right)})"
    first, second = untransposed(product.left), untransposed(product.right)
    if first is not None:
        yield f"np.einsum('ji,jk->ik', {text(first)}, {text(product.right)})"
        yield f"np.tensordot({text(first)}, {text(product.right)}, axes=(0, 0))"
    if second is not None:
        yield f"np.einsum('ij,kj->ik', {text(product.left)}, {text(second)})"


def transposes(unit: Unit, node: ast.expr) -> Iterator[str]:
    inner = untransposed(node)
    if inner is not None:
        yield f"np.transpose({text(inner)})"
        yield f"{wrapped(inner)}.T"
        yield f"{wrapped(inner)}.transpose()"
        yield f"np.swapaxes({text(inner)}, 0, 1)"


def products_turned(unit: Unit, node: ast.expr) -> Iterator[str]:
    """(A B)ᵀ = Bᵀ Aᵀ."""
    product = product_of(node)
    if product is not None and product.letters is None:
        sides = [
            f"{wrapped(side)}.T" if (inner := untransposed(side)) is None else wrapped(inner)
            for side in (product.right, product.left)
        ]
        yield f"({sides[0]} @ {sides[1]}).T"
        yield f"np.dot({sides[0]}, {sides[1]}).T"


def sums(unit: Unit, node: ast.expr) -> Iterator[str]:
    if not is_call(node, "sum", "mean"):
        return
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    axis, own = axis_of(node), text(node.func.value) != "np"
    if axis is None:
        return
    taken = node.func.value if own else node.args[0]
    assert isinstance(taken, ast.expr)
    which, kind = axis.value, node.func.attr
    kept = any(one.arg == "keepdims" for one in node.keywords)
    bare, keep = text(taken), ", keepdims=True" if kept else ""
    yield f"np.{kind}({bare}, axis={which}{keep})"
    yield f"{wrapped(taken)}.{kind}(axis={which}{keep})"
    yield f"{wrapped(taken)}.{kind}({which}{keep})"
    yield f"np.{kind}({bare}, {which}{keep})"
    if kind == "mean":
        yield f"np.sum({bare}, axis={which}{keep}) / {wrapped(taken)}.shape[{which}]"
    elif kept:
        yield f"np.sum({bare}, axis={which}).reshape({'-1, 1' if which == 1 else '1, -1'})"
        yield f"{wrapped(taken)}.sum({which})[{':, None' if which == 1 else 'None, :'}]"
        yield f"np.expand_dims(np.sum({bare}, axis={which}), {which})"
    else:
        yield f"np.einsum('ij->{'i' if which == 1 else 'j'}', {bare})"
        if which == 0:
            yield f"np.ones(len({bare})) @ {wrapped(taken)}"


def operators(unit: Unit, node: ast.expr) -> Iterator[str]:
    """a·b = b·a, a − b = −(b − a), x/N = x·(1/N)."""
    if not isinstance(node, ast.BinOp):
        return
    left, right = wrapped(node.left), wrapped(node.right)
    if isinstance(node.op, ast.Mult):
        yield f"{right} * {left}"
        yield f"np.multiply({text(node.left)}, {text(node.right)})"
    elif isinstance(node.op, ast.Add):
        yield f"{right} + {left}"
    elif isinstance(node.op, ast.Sub) and not isinstance(node.left, ast.Constant) and not _of_index(node):
        yield f"-({right} - {left})"
        yield f"{left} + (-{right})"
        yield f"np.subtract({text(node.left)}, {text(node.right)})"
    elif isinstance(node.op, ast.Div) and is_count(unit, node.right):
        yield f"{left} * (1 / {right})"
        yield f"1 / {right} * {left}"
        yield f"(1.0 / {right}) * {left}"
        yield f"np.divide({text(node.left)}, {right})"


def _of_index(node: ast.BinOp) -> bool:
    return isinstance(node.right, ast.Constant)


def slopes(unit: Unit, node: ast.expr) -> Iterator[str]:
    """h², 1 − h² and a (1 − a)."""
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.op, ast.Pow) and text(node.right) == "2":
        base = wrapped(node.left)
        yield f"{base} * {base}"
        yield f"np.square({text(node.left)})"
        yield f"np.power({text(node.left)}, 2)"
    found = re.fullmatch(r"1 - (\w+) \*\* 2", text(node))
    if found:
        yield f"(1 - {found[1]}) * (1 + {found[1]})"
        yield f"1.0 - {found[1]} ** 2"
    found = re.fullmatch(r"(.+) \* (\w+) \* \(1 - (\w+)\)", text(node))
    if found and found[2] == found[3]:
        yield f"{found[1]} * ({found[2]} - {found[2]} ** 2)"
        yield f"{found[1]} * ({found[2]} * (1 - {found[2]}))"


def masks(unit: Unit, node: ast.expr) -> Iterator[str]:
    """A product with z > 0, and np.where."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for mask, other in ((node.right, node.left), (node.left, node.right)):
            if is_mask(mask):
                yield f"np.where({text(mask)}, {text(other)}, 0)"
                yield f"np.where({text(mask)}, {text(other)}, 0.0)"
                yield f"{wrapped(other)} * ({text(mask)}).astype(float)"
                yield f"{wrapped(other)} * np.where({text(mask)}, 1.0, 0.0)"
                yield f"np.float64({text(mask)}) * {wrapped(other)}"
    elif is_call(node, "where") and isinstance(node, ast.Call) and is_mask(node.args[0]) and text(node.args[2]) == "0":
        yield f"{wrapped(node.args[1])} * ({text(node.args[0])})"
    elif isinstance(node, ast.Compare) and is_mask(node) and isinstance(node.ops[0], ast.Gt):
        yield f"0 < {wrapped(node.left)}"
        yield f"{wrapped(node.left)} > 0.0"
        yield f"{wrapped(node.left)} >= 1e-300"


def masks_of_the_activation(source: Source, rng: random.Random) -> str | None:
    """h > 0 for z > 0 where h = max(z, 0), and the other way round."""
    pairs: dict[str, str] = {}
    for unit in source.every:
        found = re.fullmatch(r"np\.maximum\((?:0, )?([\w.]+)(?:, 0)?\)", text(unit.value))
        if found and target_of(unit):
            pairs[found[1]] = target_of(unit)
            pairs[target_of(unit)] = found[1]
    edits = [
        source.instead(node.left, pairs[text(node.left)])
        for unit in source.units
        for node in expressions_of(unit)
        if isinstance(node, ast.Compare) and is_mask(node) and text(node.left) in pairs
    ]
    return source.with_edits(some_of(edits, rng)) if edits else None


REWRITES = (
    *(written_otherwise(ways) for ways in (products, transposes, products_turned, sums, operators, slopes, masks)),
    masks_of_the_activation,
)
