"""The named mistakes, second part: biases, activations, softmax, sums, regularisation, and the forward pass."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.blame.expressions import COUNT, Change, factors, gone, here, nodes, slope_of, summed, text, values_of
from tests.blame.regions import Unit, target_of

REGULARISED = re.compile(r"\b(reg|lam|decay)\b")
BIAS = re.compile(r"\bself\.b|\b[bc]\d?\b|^bias$|\['?b|params\[f'b")
WEIGHT = re.compile(r"[WVw]|grad\d|nabla")


def _biases(unit: Unit) -> Iterator[Change]:
    for call, what in summed(unit):
        yield here(unit, "bias-not-summed", call, what)
        turned = re.sub(r"axis=(\d)", lambda found: f"axis={1 - int(found[1])}", text(call))
        yield here(unit, "bias-wrong-axis", call, turned)


def _derivatives(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    found = slope_of(unit)
    if found is None:
        return
    node, other, activation = found
    yield here(unit, "activation-derivative-missing", node, other)
    own = [target_of(one) for one in units if one.function is unit.function and one.forward]
    tried = [name for name in own if re.fullmatch(r"[A-Za-z]\w*", name) and not COUNT.fullmatch(name)]
    if "[" in activation:  # of one of several layers or moments: that of the one before
        tried.append(re.sub(r"\[(.*?)( \+ 1)?\]", lambda f: f"[{f[1]}]" if f[2] else "[0]", activation))
    if activation.startswith("a["):
        tried.append(activation.replace("a[", "zs[").replace("l + 1", "l"))
    squared = f"1 - {activation} ** 2" in text(node)
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
        more = ("last-example-only",) if unit.in_loop else ()
        names = ("accumulation-overwritten", *more)
        yield Change(names, node, f"{text(node.target)} = {text(node.value)}", unit.lines)


def _regularisation(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    if isinstance(unit.node, ast.AugAssign) and REGULARISED.search(text(unit.value)):
        yield gone(unit, units, "regularisation-missing", writer=True)
        yield here(unit, "regularisation-factor", unit.value, f"2 * {text(unit.value)}")
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Add) and REGULARISED.search(text(node.right)):
            yield here(unit, "regularisation-missing", node, text(node.left))
            yield here(unit, "regularisation-factor", node.right, f"2 * {text(node.right)}")
    strengths = [found[0] for one in units if (found := REGULARISED.search(text(one.value)))]
    for call, _ in summed(unit):
        bias = re.search(r"(self\.)?d?(b\d?)$", target_of(unit))
        if strengths and bias:
            prefix = bias[1] or ""
            yield here(
                unit, "regularisation-factor", call, f"{text(call)} + 2 * {prefix}{strengths[0]} * {prefix}{bias[2]}"
            )


def _last_example(unit: Unit) -> Iterator[Change]:
    named = WEIGHT.search(target_of(unit)) or isinstance(unit.value, ast.Dict) or "grads" in target_of(unit)
    for value in values_of(unit):
        for node in ast.walk(value):
            sides = factors(node)
            if sides is None or not named:
                continue
            left, right = sides
            turned = [isinstance(side, ast.Attribute) and side.attr == "T" for side in sides]
            if turned == [True, False]:
                yield here(unit, "last-example-only", node, f"({text(left.value)}[-1:].T @ {text(right)}[-1:])")
            elif turned == [False, True] and re.search(r"W|V", target_of(unit)):
                yield here(unit, "last-example-only", node, f"({text(left)}[:, -1:] @ {text(right.value)}[:, -1:].T)")
    for call, what in summed(unit):
        last = f"{what}[-1:]" if "axis=0" in text(call) else f"{what}[:, -1:]"
        yield here(unit, "last-example-only", call, last)


def changes_of_forward(unit: Unit) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Add) and BIAS.search(text(node.right)) and "@" in text(node.left):
            yield here(unit, "forward-bias-forgotten", node, text(node.left))
        elif isinstance(node.op, ast.Add) and BIAS.search(text(node.left)) and _is_sum(node.right):
            yield here(unit, "forward-bias-forgotten", node, text(node.right))


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and text(node.func) == "sum"


def changes_of_layers(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    """The mistakes of this part that can be made in a statement of the backward."""
    yield from _biases(unit)
    yield from _derivatives(unit, units)
    yield from _softmax(unit)
    yield from _sums(unit)
    yield from _regularisation(unit, units)
    yield from _last_example(unit)
