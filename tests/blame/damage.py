"""The named mistakes as changes of the text: each gives an expression, what a learner writes instead, and its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from tests.blame.expressions import (
    Change,
    gone,
    here,
    is_call,
    is_count,
    is_mask,
    is_weights_product,
    nodes,
    product_of,
    slope_of,
    text,
    untransposed,
    values_of,
    wrapped,
)
from tests.blame.layers import REGULARISED, changes_of_forward, changes_of_layers, only_regularises
from tests.blame.regions import Unit, base_of, readers_after, reads, target_of, writers_before

NO_ARRAYS = ("self", "rate", "y", "Y", "xs", "hs", "zs", "data", "params", "cache", "grads", "net", "value")
"""Names that are not put in another's place: containers, numbers, and labels."""
STRENGTH = re.compile(r"(2 \* )?(lam|reg|l2|decay)\w*")
"""The factor of the regularisation."""
SOFTMAX = re.compile(r"(\w+) \* \((\w+) - np\.sum\(.*\)\)")
"""p * (dp − Σ dp p)."""


def changes(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    """Every named mistake that can be made in this statement. ``mean``: the loss is divided by a count."""
    for change in _changes(unit, units, mean):
        if change.node is unit.value and _is_second_name(unit, change):
            lines = change.lines | readers_after(unit, units, target_of(unit))
            if change.names[0] == "mean-missing":  # it can be put into the line before as well
                lines |= writers_before(unit, units, change.instead or "")
            yield replace(change, lines=lines)
        else:
            yield change


LEFT_OUT = ("relu-mask-missing", "activation-derivative-missing", "softmax-jacobian-dropped", "mean-missing")


def _is_second_name(unit: Unit, change: Change) -> bool:
    """``g = g``; or ``q3 = q2`` where a factor was, which is wrong in itself only if its name says dz1 or delta1."""
    target, instead = target_of(unit), change.instead or ""
    if instead == target:
        return True
    bare = bool(re.fullmatch(r"\w+", instead)) and change.names[0] in LEFT_OUT
    return bare and (change.names[0] == "mean-missing" or not says_before_activation(target))


def _changes(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    if unit.forward:
        yield from changes_of_forward(unit)
        return
    yield from _masks(unit, units)
    yield from _products(unit, units)
    yield from _operands(unit, units)
    yield from _signs_and_factors(unit)
    yield from _means(unit, units, mean)
    yield from changes_of_layers(unit, units)


def _masks(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    masked: list[tuple[ast.AST, str]] = []  # (mask, what it is laid over)
    named = _mask_names(unit, units)
    for node in nodes(unit, ast.BinOp, ast.Call):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for mask, other in ((node.left, node.right), (node.right, node.left)):
                if is_mask(mask) or text(mask) in named:
                    yield here(unit, "relu-mask-missing", node, text(other))
                    masked.append((mask, text(other)))
        elif is_call(node, "where") and is_mask(node.args[0]):
            yield here(unit, "relu-mask-missing", node, text(node.args[1]))
            masked.append((node.args[0], text(node.args[1])))
    target = unit.node.targets[0] if isinstance(unit.node, ast.Assign) else getattr(unit.node, "target", None)
    if isinstance(target, ast.Subscript) and is_mask(target.slice):
        leaky = ("activation-derivative-missing",) if isinstance(unit.node, ast.AugAssign) else ()
        yield gone(unit, units, "relu-mask-missing", *leaky, writer=_promised(unit, units))
        masked.append((target.slice, base_of(text(target))))
    for mask, other in masked:
        if is_call(mask, "astype"):
            mask = mask.func.value
        if not isinstance(mask, ast.Compare):
            continue
        left, rest = text(mask.left), text(mask)[len(text(mask.left)) :]
        if re.fullmatch(r"[^\W\d][\w.\[\]]*", other):
            yield here(unit, "relu-mask-from-gradient", mask, other + rest)
        for layer in "123":
            elsewhere = re.sub(r"\d", layer, left)
            if elsewhere != left and any(reads(one, elsewhere) or target_of(one) == elsewhere for one in units):
                yield here(unit, "relu-mask-wrong-layer", mask, elsewhere + rest)
        if "i - 1" in left:
            yield here(unit, "relu-mask-wrong-layer", mask, left.replace("i - 1", "i") + rest)


def _promised(unit: Unit, units: list[Unit]) -> bool:
    """Whether the line before already carries the name of what the mask makes: dz1, delta1, or a bare copy."""
    target = base_of(target_of(unit))
    before = writers_before(unit, units, target)
    copies = (one for one in units if one.lines == before and re.search(r"copy|np\.array", text(one.value)))
    return says_before_activation(target) or any(copies)


def says_before_activation(name: str) -> bool:
    """A name that only the gradient before the activation has: dz1, grad_z1, delta1, Zbar."""
    return bool(re.search(r"[zZ]|delta|dx|pre", name))


def _products(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp, ast.Call):
        if is_call(node, "outer"):
            yield here(unit, "transposed", node, f"np.outer({text(node.args[1])}, {text(node.args[0])})")
        product = product_of(node)
        if product is None:
            continue
        for instead in product.transposed():
            change = here(unit, "transposed", node, instead)
            # Turned here and once more where it is returned: either line can be called the wrong one.
            again = _turned_later(unit, units) if node is unit.value and instead.endswith(").T") else frozenset()
            yield replace(change, lines=change.lines | again)
        if product.letters is None:
            left, right = product.left, product.right
            yield here(unit, "elementwise-for-matmul", node, f"({wrapped(left)} * {wrapped(right)})")


def _is_container(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict | ast.List | ast.ListComp)


def _turned_later(unit: Unit, units: list[Unit]) -> frozenset[int]:
    """The return that hands on this line's array turned round."""
    name = target_of(unit)
    returned = (one for one in units if one.function is unit.function and isinstance(one.node, ast.Return))
    return next(
        (one.lines for one in returned if name and re.search(rf"\b{re.escape(name)}\.T\b", text(one.value))),
        frozenset(),
    )


def _operands(unit: Unit, units: list[Unit]) -> Iterator[Change]:
    """Another array of this function in a product or a sum over examples; those that do not fit raise and fall out."""
    own = {target_of(one) for one in units if one.function is unit.function and not _is_container(one.value)}
    known = sorted(own | _arguments(unit))
    known = [name for name in known if re.fullmatch(r"(self\.)?\w+", name) and name not in unit.counts]
    for node in nodes(unit, ast.BinOp, ast.Call):
        product = product_of(node)
        sides = (product.left, product.right) if product else tuple(node.args) if is_call(node, "outer") else None
        if sides is None and is_call(node, "sum"):
            sides = (node.args[0],) if text(node.func.value) == "np" else (node.func.value,)
        for side in sides or ():
            root = untransposed(side) or side
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
    """Taking dh1 for dz1 leaves its mask or its derivative out, in one line; taking dp for df the softmax's."""
    if not any(target_of(one) == other and not one.forward for one in units):
        return ()
    for one in units:
        if one.forward or base_of(target_of(one)) != right:
            continue
        softmax, target = SOFTMAX.fullmatch(text(one.value)), getattr(one.node, "targets", [one.value])[0]
        if softmax and softmax[2] == other:
            return ("softmax-jacobian-dropped",)
        if isinstance(target, ast.Subscript) and is_mask(target.slice) and _copied(right, units) == other:
            return ("relu-mask-missing",)
        if is_call(one.value, "where") and other in [text(side) for side in one.value.args]:
            return ("relu-mask-missing",)
        local = [node for node in _multiplied(one.value) if text(node) != other]
        if len(local) == len(_multiplied(one.value)) or all(isinstance(node, ast.Constant) for node in local):
            continue
        masked = any(is_mask(node) or text(node) in _mask_names(one, units) for node in local)
        return ("relu-mask-missing",) if masked else ("activation-derivative-missing",)
    return ()


def _multiplied(node: ast.expr) -> list[ast.expr]:
    """The factors of an entry-by-entry product."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_multiplied(node.left), *_multiplied(node.right)]
    return [node]


def _copied(name: str, units: list[Unit]) -> str:
    """What ``name`` starts as a copy of."""
    found = (
        re.fullmatch(r"(\w+)\.copy\(\)|np\.array\((\w+)\)", text(one.value)) for one in units if target_of(one) == name
    )
    return next((one[1] or one[2] for one in found if one), "")


def _mask_names(unit: Unit, units: list[Unit]) -> set[str]:
    """The names of masks that have a line of their own."""
    return {target_of(one) for one in units if one.function is unit.function and is_mask(one.value)}


def _arguments(unit: Unit) -> set[str]:
    return {argument.arg for argument in unit.function.args.args}


def _signs_and_factors(unit: Unit) -> Iterator[Change]:
    found = slope_of(unit)
    slope = set(ast.walk(found.node)) if found else set()
    for node in nodes(unit, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Sub) and not re.fullmatch(r"[il] [-+] 1", text(node)):
            of = ("activation-derivative-wrong-value",) if node in slope and text(node.left) in ("1", "1.0") else ()
            yield here(unit, "sign", node, f"({wrapped(node.right)} - {wrapped(node.left)})", *of)
        if isinstance(node.op, ast.Mult) and text(node.left) == "2":
            of = ("regularisation-factor",) if REGULARISED.search(text(node.right)) else ()
            yield here(unit, "factor", node, text(node.right), *of)
    also = ("regularisation-factor",) if only_regularises(unit) else ()
    for value in values_of(unit):
        yield here(unit, "sign", value, f"-({text(value)})", *also)
        yield here(unit, "factor", value, f"2 * ({text(value)})", *also)
        yield here(unit, "factor", value, f"0.5 * ({text(value)})", *also)


def _means(unit: Unit, units: list[Unit], mean: bool) -> Iterator[Change]:
    for node in nodes(unit, ast.BinOp):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_count(unit, node.right):
            strength = bool(STRENGTH.fullmatch(text(node.left)))
            also = ("regularisation-factor",) if strength else ()
            yield here(unit, "mean-missing", node, text(node.left), *also)
    if isinstance(unit.node, ast.AugAssign) and isinstance(unit.node.op, ast.Div):
        yield gone(unit, units, "mean-missing", writer=True)
    for node in nodes(unit, ast.Call):
        if is_call(node, "mean"):
            yield here(unit, "sum-for-mean", node, text(node).replace("mean(", "sum("), "mean-missing")
    if not mean or not unit.counts or isinstance(unit.node, ast.AugAssign):
        return
    count = min(unit.counts)
    late = any(_divides(one) and _of_a_weight(one, units) for one in units if not one.forward)
    # In a backward that divides where the weights are, a delta that divides as well has the count misplaced.
    also = ("mean-misplaced",) if late and not _of_a_weight(unit, units) else ()
    for value in values_of(unit):
        if text(value).startswith("1"):  # a slope, or 1/N itself
            continue
        yield here(unit, "mean-twice", value, f"({text(value)}) / {count}", *also)


def _of_a_weight(unit: Unit, units: list[Unit]) -> bool:
    """A line that sums over the examples: the gradient of a weight or of a bias."""
    taken = nodes(unit, ast.BinOp, ast.Call)
    return any(is_call(node, "sum", "mean", "outer") or is_weights_product(node, units) for node in taken)


def _divides(unit: Unit) -> bool:
    """Whether a count stands below a fraction in this statement, or the mean is taken."""
    if isinstance(unit.node, ast.AugAssign) and isinstance(unit.node.op, ast.Div):
        return True
    taken = nodes(unit, ast.BinOp, ast.Call)
    return any(
        is_call(node, "mean")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_count(unit, node.right))
        for node in taken
    )
