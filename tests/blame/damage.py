"""The named mistakes as changes of the text: each gives an expression, what a learner writes instead, and its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.blame.regions import Unit, base_of, readers_after, reads, target_of, writers_before

COUNT = re.compile(r"(N|m|n|len\(\w+\)|\w+\.size|\w+\.shape\[\d\])")
REGULARISED = re.compile(r"\b(reg|lam|decay)\b")
WEIGHT = re.compile(r"(^|[^A-Za-z])(d|grad_?|nabla_)[WVw]?[xhy]?\d?\b")
BIAS = re.compile(r"\bself\.b|\b[bc]\d?\b|^bias$|\['?b|params\[f'b")


@dataclass(frozen=True)
class Change:
    """``node`` becomes ``instead`` (None: the whole statement is left out); ``lines`` is where the first error shows.

    ``names`` are the identifiers of the mistake: several where one change is two of them at once.
    """

    names: tuple[str, ...]
    node: ast.AST
    instead: str | None
    lines: frozenset[int]


@dataclass(frozen=True)
class Mistake:
    """What was done: ``names`` are the identifiers that are right for it, ``lines`` where the first error shows."""

    names: tuple[str, ...]
    lines: frozenset[int]
    before: str
    after: str


def changes(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    """Every named mistake that can be made in this statement. ``mean``: the loss is divided by a count."""
    if unit.forward:
        yield from _forward(unit)
        return
    yield from _masks(unit, units)
    yield from _products(unit)
    yield from _operands(unit, units)
    yield from _signs_and_factors(unit)
    yield from _means(unit, units, mean)
    yield from _biases(unit)
    yield from _derivatives(unit, units)
    yield from _softmax(unit)
    yield from _sums(unit)
    yield from _regularisation(unit, units)
    yield from _last_example(unit)


def text(node: ast.AST) -> str:
    return ast.unparse(node)


def _here(unit: Unit, name: str, node: ast.AST, instead: str, *more: str) -> Change:
    return Change((name, *more), node, instead, unit.lines)


def _gone(unit: Unit, units: list[Unit], name: str, *, writer: bool) -> Change:
    """The statement is missing: the first line that takes what it should have changed is wrong, or the one before."""
    target = base_of(target_of(unit))
    lines = readers_after(unit, units, target)
    if writer:
        lines |= writers_before(unit, units, target)
    return Change((name,), unit.node, None, lines)


def _nodes(unit: Unit, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    taken: list[ast.AST] = [unit.value]
    if isinstance(unit.node, ast.Assign) and isinstance(unit.node.targets[0], ast.Subscript):
        taken.append(unit.node.targets[0])
    yield from (node for one in taken for node in ast.walk(one) if isinstance(node, kinds))


def is_mask(node: ast.AST) -> bool:
    """``z > 0``, ``z <= 0``, ``~self.mask``."""
    if isinstance(node, ast.Compare):
        return isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value == 0
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert)


def _is_call(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


def _masks(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    masked: list[tuple[ast.AST, str]] = []  # (mask, what it is laid over)
    for node in _nodes(unit, ast.BinOp, ast.Call):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for mask, other in ((node.left, node.right), (node.right, node.left)):
                if is_mask(mask):
                    yield _here(unit, "relu-mask-missing", node, text(other))
                    masked.append((mask, text(other)))
        elif _is_call(node, "where") and is_mask(node.args[0]):
            yield _here(unit, "relu-mask-missing", node, text(node.args[1]))
            masked.append((node.args[0], text(node.args[1])))
    target = unit.node.targets[0] if isinstance(unit.node, ast.Assign) else None
    if isinstance(target, ast.Subscript) and is_mask(target.slice):
        yield _gone(unit, units, "relu-mask-missing", writer=False)
        masked.append((target.slice, base_of(text(target))))
    for mask, other in masked:
        if not isinstance(mask, ast.Compare):
            continue
        left, rest = text(mask.left), text(mask)[len(text(mask.left)) :]
        if re.fullmatch(r"[\w.\[\]]+", other):
            yield _here(unit, "relu-mask-from-gradient", mask, other + rest)
        for layer in "123":
            elsewhere = re.sub(r"\d", layer, left)
            if elsewhere != left and any(reads(one, elsewhere) or target_of(one) == elsewhere for one in units):
                yield _here(unit, "relu-mask-wrong-layer", mask, elsewhere + rest)
        if "i - 1" in left:
            yield _here(unit, "relu-mask-wrong-layer", mask, left.replace("i - 1", "i") + rest)


def factors(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of ``a @ b`` and ``np.dot(a, b)``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if _is_call(node, "dot") and len(node.args) == 2:
        return node.args[0], node.args[1]
    return None


def _turned(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return text(node.value)
    return f"({text(node)}).T" if isinstance(node, ast.BinOp) else f"{text(node)}.T"


def _products(unit: Unit) -> Iterator[Change]:
    for node in _nodes(unit, ast.BinOp, ast.Call):
        if _is_call(node, "outer"):
            yield _here(unit, "transposed", node, f"np.outer({text(node.args[1])}, {text(node.args[0])})")
        sides = factors(node)
        if sides is None:
            continue
        left, right = sides
        yield _here(unit, "transposed", node, f"({_turned(left)} @ {_wrapped(right)})")
        yield _here(unit, "transposed", node, f"({_wrapped(left)} @ {_turned(right)})")
        yield _here(unit, "transposed", node, f"({_wrapped(left)} @ {_wrapped(right)}).T")
        yield _here(unit, "elementwise-for-matmul", node, f"({_wrapped(left)} * {_wrapped(right)})")


def _wrapped(node: ast.expr) -> str:
    return f"({text(node)})" if isinstance(node, ast.BinOp) else text(node)


def _operands(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    """Another array of this function in a product or a sum over examples; those that do not fit raise and fall out."""
    known = sorted({target_of(one) for one in units if one.function is unit.function} | _arguments(unit))
    known = [name for name in known if re.fullmatch(r"(self\.)?\w+", name) and not COUNT.fullmatch(name)]
    for node in _nodes(unit, ast.BinOp, ast.Call):
        sides = factors(node) or (tuple(node.args) if _is_call(node, "outer") else None)
        if sides is None and _is_call(node, "sum"):
            sides = (node.args[0],) if node.args else (node.func.value,)
        for side in sides or ():
            root = side.value if isinstance(side, ast.Attribute) and side.attr == "T" else side
            if not isinstance(root, ast.Name | ast.Attribute):
                continue
            for other in known:
                if other not in (text(root), target_of(unit), "self", "learning_rate", "rate", "y", "Y"):
                    yield _here(unit, "wrong-operand", root, other, *_also(text(root), other, units))
    if unit.in_loop and not isinstance(unit.node, ast.Return):  # plain numbers: h[j] for x[n][i] and the like
        for node in _nodes(unit, ast.Subscript):
            inner = text(node)
            for old, new in (("h[j]", "z[j]"), ("x[n][i]", "W1[j][i]"), ("df[k]", "f[k]"), ("dz[j]", "dh")):
                if inner == old:
                    yield _here(unit, "wrong-operand", node, new, *_also(old, new, units))


def _also(right: str, other: str, units: list[Unit]) -> tuple[str, ...]:
    """Taking dh1 for dz1 is leaving its mask or its derivative out, in one line."""
    for one in units:
        if target_of(one) == right and reads(one, other):
            if any(is_mask(node) for node in ast.walk(one.value)):
                return ("relu-mask-missing",)
            if _slope(one) is not None:
                return ("activation-derivative-missing",)
    return ()


def _arguments(unit: Unit) -> set[str]:
    return {argument.arg for argument in unit.function.args.args}


def _signs_and_factors(unit: Unit) -> Iterator[Change]:
    for node in _nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Sub) and not re.fullmatch(r"[il] [-+] 1", text(node)):
            yield _here(unit, "sign", node, f"({_wrapped(node.right)} - {_wrapped(node.left)})")
        if isinstance(node.op, ast.Mult) and text(node.left) == "2":
            yield _here(unit, "factor", node, text(node.right))
    only = isinstance(unit.node, ast.AugAssign) and REGULARISED.search(text(unit.value))
    also = ("regularisation-factor",) if only else ()
    for value in values_of(unit):
        yield _here(unit, "sign", value, f"-({text(value)})", *also)
        yield _here(unit, "factor", value, f"2 * ({text(value)})", *also)
        yield _here(unit, "factor", value, f"0.5 * ({text(value)})", *also)


def values_of(unit: Unit) -> list[ast.expr]:
    """The gradients that a statement computes: its value, or the entries of a dict that are more than names."""
    value = unit.value
    if isinstance(value, ast.Dict):
        return [one for one in value.values if isinstance(one, ast.BinOp | ast.Call)]
    own = isinstance(value, ast.BinOp | ast.Call) and not _is_plain_call(value)
    return [value] if own else []


def _is_plain_call(node: ast.expr) -> bool:
    """A call of a function of the learner's own, or one that copies: nothing is computed in this line."""
    if not isinstance(node, ast.Call):
        return False
    return isinstance(node.func, ast.Name) or node.func.attr not in ("sum", "mean", "dot", "outer", "where", "exp")


def _means(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    for node in _nodes(unit, ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and COUNT.fullmatch(text(node.right)):
            yield _here(unit, "mean-missing", node, text(node.left), "mean-misplaced")
    if isinstance(unit.node, ast.AugAssign) and isinstance(unit.node.op, ast.Div):
        yield _gone(unit, units, "mean-missing", writer=True)
    for node in _nodes(unit, ast.Call):
        if _is_call(node, "mean"):
            yield _here(unit, "sum-for-mean", node, text(node).replace("mean(", "sum("), "mean-missing")
    count = next(
        (target_of(one) for one in units if target_of(one) in ("N", "m") and one.function is unit.function), ""
    )
    if mean and count and not isinstance(unit.node, ast.AugAssign):
        for value in values_of(unit):
            yield _here(unit, "mean-twice", value, f"({text(value)}) / {count}", "mean-misplaced")


def summed(unit: Unit) -> Iterator[tuple[ast.Call, str]]:
    """Sums over one axis that are a value of their own: (call, what is summed)."""
    for value in values_of(unit):
        inner = value.left if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div) else value
        if isinstance(inner, ast.Call) and _is_call(inner, "sum", "mean") and "axis" in text(inner):
            assert isinstance(inner.func, ast.Attribute)
            yield inner, text(inner.args[0] if inner.args else inner.func.value)


def _biases(unit: Unit) -> Iterator[Change]:
    for call, what in summed(unit):
        yield _here(unit, "bias-not-summed", call, what)
        turned = re.sub(r"axis=(\d)", lambda found: f"axis={1 - int(found[1])}", text(call))
        yield _here(unit, "bias-wrong-axis", call, turned)


def _slope(unit: Unit) -> tuple[ast.BinOp, str, str] | None:
    """A product with 1 − h² or a (1 − a): (the product, what is left without it, the activation)."""
    for node in _nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if not isinstance(node.op, ast.Mult):
            continue
        for slope, other in ((node.right, node.left), (node.left, node.right)):
            found = re.fullmatch(r"1 - (.+?)( \*\* 2)?", text(slope))
            if found is None:
                continue
            if found[2]:
                return node, text(other), found[1]
            if isinstance(other, ast.BinOp) and text(other.right) == found[1]:
                return node, text(other.left), found[1]
    return None


def _derivatives(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    slope = _slope(unit)
    if slope is None:
        return
    node, other, activation = slope
    yield _here(unit, "activation-derivative-missing", node, other)
    own = [target_of(one) for one in units if one.function is unit.function and one.forward]
    pattern = re.compile(re.escape(activation) + r"(?![\w\[])")
    tried = [name for name in own if re.fullmatch(r"[A-Za-z]\w*", name) and name != activation]
    tried += (
        [re.sub(r"\[(.*?)( \+ 1)?\]", lambda f: f"[{f[1]}]" if f[2] else "[0]", activation)]
        if "[" in activation
        else []
    )
    tried += [activation.replace("a[", "zs[").replace("l + 1", "l")] if activation.startswith("a[") else []
    for name in tried:
        if name != activation:
            yield _here(unit, "activation-derivative-wrong-value", node, pattern.sub(name, text(node)))


def _softmax(unit: Unit) -> Iterator[Change]:
    found = re.fullmatch(r"(\w+) \* \((\w+) - np\.sum\(.*\)\)", text(unit.value))
    if found:
        p, dp = found[1], found[2]
        yield _here(unit, "softmax-jacobian-dropped", unit.value, dp)
        yield _here(unit, "softmax-jacobian-diagonal", unit.value, f"{p} * (1 - {p}) * {dp}")
        yield _here(unit, "softmax-jacobian-diagonal", unit.value, f"{p} * {dp}")


def _sums(unit: Unit) -> Iterator[Change]:
    node = unit.node
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        more = ("last-example-only",) if unit.in_loop else ()
        names = ("accumulation-overwritten", *more)
        yield Change(names, node, f"{text(node.target)} = {text(node.value)}", unit.lines)


def _regularisation(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    if isinstance(unit.node, ast.AugAssign) and REGULARISED.search(text(unit.value)):
        yield _gone(unit, units, "regularisation-missing", writer=True)
        yield _here(unit, "regularisation-factor", unit.value, f"2 * {text(unit.value)}")
    for node in _nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Add) and REGULARISED.search(text(node.right)):
            yield _here(unit, "regularisation-missing", node, text(node.left))
            yield _here(unit, "regularisation-factor", node.right, f"2 * {text(node.right)}")
    strengths = [found[0] for one in units if (found := REGULARISED.search(text(one.value)))]
    for call, _ in summed(unit):
        bias = re.search(r"(self\.)?d?(b\d?)$", target_of(unit))
        if strengths and bias:
            prefix = bias[1] or ""
            yield _here(
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
                yield _here(unit, "last-example-only", node, f"({text(left.value)}[-1:].T @ {text(right)}[-1:])")
            elif turned == [False, True] and re.search(r"W|V", target_of(unit)):
                yield _here(unit, "last-example-only", node, f"({text(left)}[:, -1:] @ {text(right.value)}[:, -1:].T)")
    for call, what in summed(unit):
        last = f"{what}[-1:]" if "axis=0" in text(call) else f"{what}[:, -1:]"
        yield _here(unit, "last-example-only", call, last)


def _forward(unit: Unit) -> Iterator[Change]:
    for node in _nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Add) and BIAS.search(text(node.right)) and "@" in text(node.left):
            yield _here(unit, "forward-bias-forgotten", node, text(node.left))
        elif isinstance(node.op, ast.Add) and BIAS.search(text(node.left)) and _is_sum(node.right):
            yield _here(unit, "forward-bias-forgotten", node, text(node.right))


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and text(node.func) == "sum"
