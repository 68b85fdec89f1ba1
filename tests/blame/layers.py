"""The named mistakes, second part: biases, activations, softmax, sums, regularisation, and the forward pass."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.blame.expressions import (
    Change,
    added_to,
    axis_of,
    gone,
    here,
    is_call,
    is_weights_product,
    nodes,
    product_of,
    slope_of,
    summed,
    text,
    values_of,
)
from tests.blame.regions import Unit, target_of

REGULARISED = re.compile(r"\b(reg|lam|lambd|lambda_|decay|weight_decay|l1|l2)\b|\balpha \* (w|W|theta|weights)\b")
BIAS = re.compile(r"\bself\.b|\b[bc]\d?\b|^bias$|\['?b|params\[f'b")


def _biases(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    for call, what in summed(unit, units):
        yield here(unit, "bias-not-summed", call, what)
        axis = axis_of(call)
        assert axis is not None
        yield here(unit, "bias-wrong-axis", axis, str(1 - axis.value))
    for node in nodes(unit, ast.Call):  # np.einsum("in->i", g)
        assert isinstance(node, ast.Call)
        letters = text(node.args[0])[1:-1] if is_call(node, "einsum") and len(node.args) == 2 else ""
        if re.fullmatch(r"\w\w->\w", letters):
            other = letters[:-1] + letters[:2].replace(letters[-1], "")
            yield here(unit, "bias-wrong-axis", node, f"np.einsum('{other}', {text(node.args[1])})")
            last = "[:, -1]" if letters[0] == letters[-1] else "[-1]"
            yield here(unit, "last-example-only", node, f"{text(node.args[1])}{last}")


def _derivatives(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    found = slope_of(unit)
    if found is None:
        return
    node, other, activation = found.node, found.other, found.activation
    yield here(unit, "activation-derivative-missing", node, other)
    own = [target_of(one) for one in units if one.function is unit.function and one.forward]
    tried = [name for name in own if re.fullmatch(r"[A-Za-z]\w*", name) and name not in unit.counts]
    if "[" in activation:  # of one of several layers or moments: that of the one before
        tried.append(re.sub(r"\[(.*?)( \+ 1)?\]", lambda f: f"[{f[1]}]" if f[2] else "[0]", activation))
    if activation.startswith("a["):
        tried.append(activation.replace("a[", "zs[").replace("l + 1", "l"))
    squared = found.squared
    taken = f"({other})" if " " in other else other
    for name in tried:
        if name != activation:
            slope = f"(1 - {name} ** 2)" if squared else f"{name} * (1 - {name})"
            yield here(unit, "activation-derivative-wrong-value", node, f"{taken} * {slope}")
    of_another = f"{activation} * (1 - {activation})" if squared else f"(1 - {activation} ** 2)"
    yield here(unit, "activation-derivative-wrong-value", node, f"{taken} * {of_another}")


def _softmax(unit: Unit) -> Iterator[Change]:
    found = re.fullmatch(r"(\w+) \* \((\w+) - np\.sum\(.*\)\)", text(unit.value))
    if found:
        p, dp = found[1], found[2]
        yield here(unit, "softmax-jacobian-dropped", unit.value, dp)
        yield here(unit, "softmax-jacobian-diagonal", unit.value, f"{p} * (1 - {p}) * {dp}")
        yield here(unit, "softmax-jacobian-diagonal", unit.value, f"{p} * {dp}")


def _sums(unit: Unit) -> Iterator[Change]:
    node = unit.node
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        more = ("last-example-only",) if unit.examples else ()
        names = ("accumulation-overwritten", *more)
        yield Change(names, node, f"{text(node.target)} = {text(node.value)}", unit.lines)
    added = added_to(unit)
    if added is not None:
        names = ("accumulation-overwritten", *(("last-example-only",) if unit.examples else ()))
        yield Change(names, unit.value, text(added), unit.lines)


def only_regularises(unit: Unit) -> bool:
    """Whether a statement adds the share of the regularisation and nothing else."""
    if not isinstance(unit.node, ast.AugAssign) or not REGULARISED.search(text(unit.value)):
        return False
    value = unit.value
    return not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub))


def _regularisation(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    if only_regularises(unit):
        yield gone(unit, units, "regularisation-missing", writer=True)
        yield here(unit, "regularisation-factor", unit.value, f"2 * {text(unit.value)}")
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Add) and REGULARISED.search(text(node.right)):
            yield here(unit, "regularisation-missing", node, text(node.left))
            yield here(unit, "regularisation-factor", node.right, f"2 * {text(node.right)}")
    strengths = [found[1] for one in units if (found := REGULARISED.search(text(one.value))) and found[1]]
    for call, _ in summed(unit, units):
        bias = re.search(r"(self\.)?d?(b\d?)$", target_of(unit))
        if strengths and bias:
            prefix = bias[1] or ""
            yield here(
                unit, "regularisation-factor", call, f"{text(call)} + 2 * {prefix}{strengths[0]} * {prefix}{bias[2]}"
            )


def _last_example(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    for value in values_of(unit):
        for node in ast.walk(value):
            product = product_of(node)
            if product is None or not is_weights_product(node, units):
                continue
            last = product.last_example()
            if last is not None:
                yield here(unit, "last-example-only", node, last)
    for call, what in summed(unit, units):
        axis = axis_of(call)
        assert axis is not None
        yield here(unit, "last-example-only", call, f"{what}[-1:]" if axis.value == 0 else f"{what}[:, -1:]")


def changes_of_forward(unit: Unit) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if not isinstance(node.op, ast.Add):
            continue
        named = isinstance(node.right, ast.Name | ast.Subscript | ast.Attribute) and _ends_in_product(node.left)
        if named or (BIAS.search(text(node.right)) and "@" in text(node.left)):
            yield here(unit, "forward-bias-forgotten", node, text(node.left))
        elif BIAS.search(text(node.left)) and _is_sum(node.right):
            yield here(unit, "forward-bias-forgotten", node, text(node.right))


def _ends_in_product(node: ast.expr) -> bool:
    """A product, or the sum of two."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return product_of(node.right) is not None
    return product_of(node) is not None


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and text(node.func) == "sum"


def changes_of_layers(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    """The mistakes of this part that can be made in a statement of the backward."""
    yield from _biases(unit, units)
    yield from _derivatives(unit, units)
    yield from _softmax(unit)
    yield from _sums(unit)
    yield from _regularisation(unit, units)
    yield from _last_example(unit, units)
