"""The small changes of one statement: what somebody may have meant to write, and the mistake that each one undoes."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

_SLOPE = re.compile(r"prime|deriv|grad(?!_)|slope", re.IGNORECASE)
_FLIPPED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.Lt, ast.LtE),
    ast.GtE: (ast.Lt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Gt, ast.GtE),
}
_DATA = ("T", "shape", "size", "ndim", "dtype")


@dataclass(frozen=True, eq=False)
class Slot:
    """A place in a tree that holds an expression or a statement."""

    parent: ast.AST
    field: str
    index: int | None

    @property
    def node(self) -> ast.AST:
        held = getattr(self.parent, self.field)
        return held if self.index is None else held[self.index]

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True, eq=False)
class Edit:
    """Other nodes in some slots. ``mistakes`` is what was wrong if this is right; ``other`` the array put in its place.

    ``kind``: "operand" where one array stands for another. ``far``: something is added that may be missing elsewhere.
    """

    mistakes: tuple[str, ...]
    slots: tuple[Slot, ...]
    nodes: tuple[ast.AST, ...]
    kind: str = ""
    wrong: str = ""
    right: str = ""
    far: bool = False

    def statement(self, node: ast.stmt) -> ast.AST:
        """The whole statement as it is with the change, while it is made: ``node``, or what stands in its place."""
        return next((new for new in self.nodes if isinstance(new, ast.stmt)), node)

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """The tree with the change in it; it comes back whatever happens."""
        kept = [slot.node for slot in self.slots]
        try:
            for slot, before, node in zip(self.slots, kept, self.nodes, strict=True):
                for new in ast.walk(node):
                    if not hasattr(new, "lineno") and "lineno" in new._attributes:
                        ast.copy_location(new, before)
                slot.put(node)
            yield
        finally:
            for slot, node in zip(self.slots, kept, strict=True):
                slot.put(node)


def slots_of(statement: ast.stmt) -> list[Slot]:
    """Every expression of a statement that is read, the whole right side first."""
    found: list[Slot] = []

    def into(parent: ast.AST) -> None:
        for name, value in ast.iter_fields(parent):
            values = [(None, value)] if isinstance(value, ast.AST) else list(enumerate(value)) if _many(value) else []
            for index, child in values:
                if not isinstance(child, ast.AST):
                    continue
                if isinstance(child, ast.expr) and isinstance(getattr(child, "ctx", ast.Load()), ast.Load):
                    found.append(Slot(parent, name, index))
                into(child)

    into(statement)
    return found


def _wholes(slot: Slot) -> Iterator[Slot]:
    """What a right side consists of: itself, or the entries of a tuple, a list, a dict, of a comprehension."""
    node = slot.node
    if isinstance(node, ast.ListComp):
        yield from _wholes(Slot(node, "elt", None))
    elif isinstance(node, ast.Tuple | ast.List):
        for index in range(len(node.elts)):
            yield from _wholes(Slot(node, "elts", index))
    elif isinstance(node, ast.Dict):
        for index in range(len(node.values)):
            yield from _wholes(Slot(node, "values", index))
    else:
        yield slot


def _many(value: object) -> bool:
    return isinstance(value, list)


class Around:
    """What a function offers to put into one of its statements: its arrays, its indices, its own functions."""

    def __init__(
        self,
        function: ast.AST,
        paths: Iterable[str],
        lists: Mapping[str, int],
        functions: Iterable[str],
        parameters: Iterable[str],
    ) -> None:
        self.paths, self.parameters, self._lists = frozenset(paths), frozenset(parameters), lists
        self._containers = frozenset(re.split(r"[\[]", p, maxsplit=1)[0] for p in self.paths)
        self.arrays: dict[str, ast.expr] = {}
        self.containers: dict[str, ast.expr] = {}
        self.indices: dict[str, ast.expr] = {}
        self.helpers: dict[str, ast.expr] = {}
        known = frozenset(functions)
        for node in ast.walk(function):
            if isinstance(node, ast.expr) and self.is_array(node):
                self.arrays.setdefault(ast.unparse(node), _loaded(node))
            if isinstance(node, ast.Subscript):
                if self.is_array(node):
                    self.containers.setdefault(ast.unparse(node.value), _loaded(node.value))
                for inner in ast.walk(node.slice):
                    if isinstance(inner, ast.Name) and not self.is_array(inner):
                        self.indices.setdefault(inner.id, inner)
            if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
                name = ast.unparse(node.func)
                if name in known or name in ("np.tanh", "np.exp", "np.log"):
                    self.helpers.setdefault(name, node.func)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id in self._containers and node.id not in self.paths:
                self.containers.setdefault(node.id, ast.Name(node.id, ast.Load()))
        # a loop over layers names them w and b
        self.forward = self.parameters | {
            n.id for n in ast.walk(function) if isinstance(n, ast.Name) and re.fullmatch(r"b(ias)?\d*", n.id)
        }
        for argument in (n.arg for n in ast.walk(function) if isinstance(n, ast.arg)):
            if argument in self.paths:
                self.arrays.setdefault(argument, ast.Name(argument, ast.Load()))
            if argument == "self":  # what other methods have put there
                for path in sorted(p for p in self.paths if re.fullmatch(r"self\.\w+", p)):
                    self.arrays.setdefault(path, _loaded(ast.parse(path, mode="eval").body))

    def is_array(self, node: ast.AST) -> bool:
        """Whether an expression names an array that the run has made: ``h``, ``self.z``, ``zs[-l]``, ``x[i]``.

        Of a list of numbers only an entry is one: lists that are multiplied become longer and longer.
        """
        inner, depth = node, 0
        while True:
            if isinstance(inner, ast.expr) and ast.unparse(inner) in self._lists:
                return depth >= self._lists[ast.unparse(inner)]
            if not isinstance(inner, ast.Subscript):
                break
            inner, depth = inner.value, depth + 1
        if isinstance(node, ast.Name):
            return node.id in self.paths
        if isinstance(node, ast.Attribute):
            return node.attr not in _DATA and ast.unparse(node) in self.paths
        if isinstance(node, ast.Subscript):
            base = ast.unparse(node.value)
            return base in self.paths or base in self._containers
        return False


def _loaded(node: ast.expr) -> ast.expr:
    text = ast.unparse(node)
    return ast.parse(text, mode="eval").body


def edits_of(place: Slot, around: Around, counts: Sequence[float]) -> Iterator[Edit]:
    """The changes of the statement at a place, the plainest first."""
    statement = place.node
    assert isinstance(statement, ast.stmt)
    slots = slots_of(statement)
    whole = next((s for s in slots if s.parent is statement and s.field == "value"), None)
    wholes = list(_wholes(whole)) if whole is not None else []
    for slot in slots:
        yield from _turned(slot, around)
        yield from _operators(slot)
        yield from _numbers(slot)
        yield from _axes(slot, any(slot.node is one.node for one in wholes))
        yield from _masks(slot)
    for one in wholes:
        yield from _scaled(one, counts, _only_parameters(one.node, around))
    yield from _added(place, statement)
    yield from _sliced(slots)
    yield from _indices(slots, around)
    yield from _operands(statement, slots, around)
    for slot in slots:
        yield from _dropped(slot)
        yield from _calls(slot, around)
    for one in wholes:
        bare = one.parent is statement and isinstance(one.node, ast.Name | ast.Attribute | ast.Subscript)
        yield from (replace(edit, far=not bare) for edit in _left_out(one, around))
    for slot in slots:
        yield from _summed(slot)


def _one(mistakes: tuple[str, ...], slot: Slot, node: ast.AST, kind: str = "") -> Edit:
    return Edit(mistakes, (slot,), (node,), kind)


# ---- transposes --------------------------------------------------------------------------------------------


def _turned(slot: Slot, around: Around) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield _one(("transposed",), slot, node.value)
        return
    if isinstance(slot.parent, ast.Attribute) or not isinstance(node, ast.expr):
        return
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    if around.is_array(node) or product or isinstance(node, ast.Call):
        yield _one(("transposed",), slot, ast.Attribute(node, "T", ast.Load()))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield _one(("transposed",), slot, ast.BinOp(node.right, ast.MatMult(), node.left))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
        if node.func.attr in ("dot", "matmul", "outer"):
            yield _one(("transposed",), slot, ast.Call(node.func, node.args[::-1], node.keywords))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value:
        for text in _subscripts(node.value):
            yield _one(("transposed",), slot, ast.Constant(text))


def _subscripts(text: str) -> Iterator[str]:
    """An einsum text with two letters of one operand exchanged."""
    left, right = text.split("->")
    terms = left.split(",")
    for k, term in enumerate(terms):
        plain = term.strip()
        for i in range(len(plain)):
            for j in range(i + 1, len(plain)):
                if plain[i].isalpha() and plain[j].isalpha() and plain[i] != plain[j]:
                    letters = list(plain)
                    letters[i], letters[j] = letters[j], letters[i]
                    yield ",".join([*terms[:k], "".join(letters), *terms[k + 1 :]]) + "->" + right


# ---- operators and numbers ---------------------------------------------------------------------------------


def _operators(slot: Slot) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _one(("sign",), slot, node.operand)
    if not isinstance(node, ast.BinOp):
        return
    left, right = node.left, node.right
    match node.op:
        case ast.Add():
            yield _one(("sign",), slot, ast.BinOp(left, ast.Sub(), right))
        case ast.Sub():
            yield _one(("sign",), slot, ast.BinOp(right, ast.Sub(), left))
            yield _one(("sign",), slot, ast.BinOp(left, ast.Add(), right))
            if isinstance(left, ast.Constant) and not (isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow)):
                square = ast.BinOp(right, ast.Pow(), ast.Constant(2))
                yield _one(("activation-derivative-wrong-value",), slot, ast.BinOp(left, ast.Sub(), square))
        case ast.Mult():
            yield _one(("elementwise-for-matmul",), slot, ast.BinOp(left, ast.MatMult(), right))
            yield _one(("factor",), slot, ast.BinOp(left, ast.Div(), right))
        case ast.MatMult():
            yield _one(("wrong-operand",), slot, ast.BinOp(left, ast.Mult(), right))
        case ast.Div():
            yield _one(("factor",), slot, ast.BinOp(left, ast.Mult(), right))
        case ast.Pow() if isinstance(right, ast.Constant):
            yield _one(("activation-derivative-wrong-value",), slot, left)


def _numbers(slot: Slot) -> Iterator[Edit]:
    node = slot.node
    inside = isinstance(slot.parent, ast.Subscript | ast.keyword | ast.Slice)
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float) or not node.value or inside:
        return
    slope = isinstance(slot.parent, ast.BinOp) and isinstance(slot.parent.op, ast.Sub | ast.Pow)
    name = "activation-derivative-wrong-value" if slope else "factor"
    for other in (node.value * 2, node.value / 2, 1, node.value**2, -node.value):
        if other != node.value:
            yield _one((name if other != -node.value else "sign",), slot, ast.Constant(other))


def _only_parameters(node: ast.AST, around: Around) -> bool:
    """Whether an expression reads parameters and no other arrays: what is added for the regularisation."""
    read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and around.is_array(n)}
    return bool(read & around.parameters) and read <= around.parameters


def _scaled(whole: Slot, counts: Sequence[float], regularisation: bool) -> Iterator[Edit]:
    node = whole.node
    assert isinstance(node, ast.expr)
    if regularisation:
        name = ("regularisation-factor",)
        for factor in (-1.0, 2.0, 0.5, *counts):
            yield _one(name, whole, ast.BinOp(node, ast.Mult(), ast.Constant(factor)))
            yield _one(name, whole, ast.BinOp(node, ast.Div(), ast.Constant(factor)))
        return
    yield _one(("sign",), whole, ast.UnaryOp(ast.USub(), node))
    for count in counts:
        yield _one(("mean-missing",), whole, ast.BinOp(node, ast.Div(), ast.Constant(count)))
        yield _one(("mean-twice",), whole, ast.BinOp(node, ast.Mult(), ast.Constant(count)))
    for factor in (2.0, 0.5):
        yield _one(("factor",), whole, ast.BinOp(node, ast.Mult(), ast.Constant(factor)))


# ---- sums --------------------------------------------------------------------------------------------------


def _axes(slot: Slot, whole: bool) -> Iterator[Edit]:
    node = slot.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr not in ("sum", "mean", "max"):
        return
    name = "bias-wrong-axis" if whole else "activation-derivative-wrong-value"
    for k, keyword in enumerate(node.keywords):
        if keyword.arg != "axis":
            continue
        for axis in (0, 1, -1):
            if not (isinstance(keyword.value, ast.Constant) and keyword.value.value == axis):
                yield _one((name,), Slot(keyword, "value", None), ast.Constant(axis))
        rest = [*node.keywords[:k], *node.keywords[k + 1 :]]
        yield _one((name,), slot, ast.Call(node.func, node.args, rest))
        return
    positional = ast.unparse(node.func.value) in ("np", "numpy")
    if len(node.args) > positional:
        for axis in (0, 1):
            yield _one((name,), Slot(node, "args", int(positional)), ast.Constant(axis))
        return
    for axis in (0, 1):
        more = [*node.keywords, ast.keyword("axis", ast.Constant(axis))]
        yield _one((name,), slot, ast.Call(node.func, node.args, more))
        kept = [*more, ast.keyword("keepdims", ast.Constant(True))]
        yield _one((name,), slot, ast.Call(node.func, node.args, kept))


def _sliced(slots: Sequence[Slot]) -> Iterator[Edit]:
    """``x[-1:].T @ g[-1:]``: all of the examples instead of the last ones."""
    groups: dict[str, list[Slot]] = {}
    for slot in slots:
        if isinstance(slot.node, ast.Subscript) and any(isinstance(n, ast.Slice) for n in ast.walk(slot.node.slice)):
            groups.setdefault(ast.unparse(slot.node.slice), []).append(slot)
    for group in groups.values():
        bases = [slot.node.value for slot in group if isinstance(slot.node, ast.Subscript)]
        yield Edit(("last-example-only",), tuple(group), tuple(bases))


def _masks(slot: Slot) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _FLIPPED.get(type(node.ops[0]), ()):
            flipped = ast.Compare(node.left, [other()], node.comparators)
            yield _one(("relu-mask-missing", "activation-derivative-wrong-value"), slot, flipped)


def _added(place: Slot, statement: ast.stmt) -> Iterator[Edit]:
    """``=`` and ``+=`` for each other; a sum over repeated indices; the sign of what is added."""
    name = ("accumulation-overwritten",)
    if isinstance(statement, ast.AugAssign):
        if isinstance(statement.op, ast.Add | ast.Sub):
            other = ast.Sub() if isinstance(statement.op, ast.Add) else ast.Add()
            yield _one(("sign",), place, ast.AugAssign(statement.target, other, statement.value))
        if isinstance(statement.op, ast.Add) and isinstance(statement.target, ast.Subscript):
            base, index = _loaded(statement.target.value), statement.target.slice
            call = ast.Call(ast.parse("np.add.at", mode="eval").body, [base, index, statement.value], [])
            yield _one(name, place, ast.Expr(call))
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            more = ("last-example-only",) if isinstance(place.parent, ast.For) else ()
            yield _one((*name, *more), place, ast.AugAssign(target, ast.Add(), statement.value))


def _summed(slot: Slot) -> Iterator[Edit]:
    """``[dnw for nw, dnw in zip(grad_w, dw)]``: what a comprehension goes through and does not use, added."""
    node = slot.node
    if not isinstance(node, ast.ListComp):
        return
    used = {n.id for n in ast.walk(node.elt) if isinstance(n, ast.Name)}
    for name in ast.walk(node.generators[0].target):
        if isinstance(name, ast.Name) and name.id not in used:
            both = ast.BinOp(ast.Name(name.id, ast.Load()), ast.Add(), node.elt)
            yield _one(("accumulation-overwritten", "last-example-only"), Slot(node, "elt", None), both)


# ---- other arrays ------------------------------------------------------------------------------------------


def _indices(slots: Sequence[Slot], around: Around) -> Iterator[Edit]:
    """``h[k]`` for ``h[j]``, ``hs[t - 1]`` for ``hs[t]``, ``a[-l]`` for ``a[-l - 1]``: alone, and wherever it stands."""
    seen: set[tuple[str, str]] = set()
    for slot in slots:
        node = slot.node
        if not isinstance(node, ast.Subscript) or not around.is_array(node):
            continue
        text = ast.unparse(node)
        for other in _other_indices(node, around):
            for edit in _swapped(slot, slots, text, other, around):
                key = (str(len(edit.slots)) + ast.unparse(slot.parent) + text, ast.unparse(other))
                if key not in seen:
                    seen.add(key)
                    yield edit


def _other_indices(node: ast.Subscript, around: Around) -> Iterator[ast.expr]:
    index = node.slice
    for text, container in around.containers.items():
        if text != ast.unparse(node.value):
            yield ast.Subscript(container, index, ast.Load())
    parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
    for k, part in enumerate(parts):
        others: list[ast.expr] = []
        if isinstance(part, ast.Slice | ast.Compare):
            continue
        plain = isinstance(part, ast.Constant)
        if plain and type(part.value) is int:
            others += [ast.Constant(part.value + 1), ast.Constant(part.value - 1)]
        elif isinstance(part, ast.BinOp) and isinstance(part.right, ast.Constant):
            others.append(part.left)
        if not plain:
            others += [ast.BinOp(part, op, ast.Constant(1)) for op in (ast.Add(), ast.Sub())]
            others += [name for text, name in around.indices.items() if text != ast.unparse(part)]
        for other in others:
            whole = other if len(parts) == 1 else ast.Tuple([*parts[:k], other, *parts[k + 1 :]], ast.Load())
            yield ast.Subscript(node.value, whole, ast.Load())


def _operands(statement: ast.stmt, slots: Sequence[Slot], around: Around) -> Iterator[Edit]:
    """Every array that the statement reads, in one place or in all, exchanged for another one of the function's."""
    inside = {id(slot.node) for slot in slots if isinstance(slot.parent, ast.Subscript) and slot.field == "slice"}
    seen: set[tuple[str, str]] = set()
    for slot in slots:
        node = slot.node
        if not isinstance(node, ast.expr) or not around.is_array(node) or id(node) in inside:
            continue
        if isinstance(slot.parent, ast.Attribute | ast.Subscript) and around.is_array(slot.parent):
            continue
        text = ast.unparse(node)
        for name, other in around.arrays.items():
            if name == text:
                continue
            for edit in _swapped(slot, slots, text, other, around):
                if len(edit.slots) > 1:
                    if (text, name) in seen:
                        continue
                    seen.add((text, name))
                yield edit


def _swapped(slot: Slot, slots: Sequence[Slot], text: str, other: ast.expr, around: Around) -> Iterator[Edit]:
    alike = [s for s in slots if isinstance(s.node, ast.expr) and ast.unparse(s.node) == text]
    right = ast.unparse(other)
    yield Edit(_role(slot, slots), (slot,), (other,), "operand", text, right)
    if len(alike) > 1:
        names = next((n for s in alike if (n := _role(s, slots)) != ("wrong-operand",)), ("wrong-operand",))
        yield Edit(names, tuple(alike), tuple(other for _ in alike), "operand", text, right)


def _role(slot: Slot, slots: Sequence[Slot]) -> tuple[str, ...]:
    """What it is to have another array at this place: in a mask, in the derivative of an activation, elsewhere."""
    above = {id(s.node): s for s in slots}
    chain, at = [], slot
    while True:
        chain.append(at.parent)
        if id(at.parent) not in above:
            break
        at = above[id(at.parent)]
    for node in chain:
        if isinstance(node, ast.Compare):
            return ("relu-mask-wrong-layer",)
        if isinstance(node, ast.Call) and _SLOPE.search(ast.unparse(node.func).rsplit(".", 1)[-1]):
            return ("activation-derivative-wrong-value",)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _is_one(node.left):
            return ("activation-derivative-wrong-value",)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            return ("wrong-operand",)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            text = ast.unparse(slot.node)
            if any(_complement(side) == text for side in _factors(node)):
                return ("activation-derivative-wrong-value",)
    return ("wrong-operand",)


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (1, 1.0)


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _complement(node: ast.expr) -> str:
    """``h`` of ``1 - h``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _is_one(node.left):
        return ast.unparse(node.right)
    return ""


# ---- too much, too little ----------------------------------------------------------------------------------


def _dropped(slot: Slot) -> Iterator[Edit]:
    """One side of a sum or a product left out; a function that is not applied."""
    node = slot.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        sums = isinstance(node.op, ast.Add | ast.Sub)
        for kept in (node.left, node.right)[: 2 if isinstance(node.op, ast.Add | ast.Mult) else 1]:
            lost = node.right if kept is node.left else node.left
            if sums:
                names: tuple[str, ...] = ("wrong-operand",)
            elif any(isinstance(n, ast.Compare) for n in ast.walk(lost)) or "1 -" in ast.unparse(lost):
                names = ("activation-derivative-wrong-value",)
            else:
                names = ("mean-twice",) if isinstance(node.op, ast.Div) else ("factor",)
            yield _one(names, slot, kept)


def _calls(slot: Slot, around: Around) -> Iterator[Edit]:
    node = slot.node
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        name = ast.unparse(node.func)
        if name in around.helpers:
            yield _one(("activation-derivative-wrong-value", "wrong-operand"), slot, node.args[0])
            for other, function in around.helpers.items():
                if other != name:
                    names = ("activation-derivative-wrong-value", "wrong-operand")
                    yield _one(names, slot, ast.Call(function, node.args, []))


def _left_out(whole: Slot, around: Around) -> Iterator[Edit]:
    """The mask, the derivative of the activation, or another contribution that the statement goes without."""
    node = whole.node
    assert isinstance(node, ast.expr)
    for array in around.arrays.values():
        mask = ast.Compare(array, [ast.Gt()], [ast.Constant(0)])
        yield _one(("relu-mask-missing",), whole, ast.BinOp(node, ast.Mult(), mask))
        one = ast.BinOp(ast.Constant(1), ast.Sub(), array)
        square = ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(array, ast.Pow(), ast.Constant(2)))
        sigmoid = ast.BinOp(ast.BinOp(node, ast.Mult(), array), ast.Mult(), one)
        name = ("activation-derivative-missing",)
        for missing in (ast.BinOp(node, ast.Mult(), one), ast.BinOp(node, ast.Mult(), array), sigmoid):
            yield _one(name, whole, missing)
        yield _one(name, whole, ast.BinOp(node, ast.Mult(), square))
        for function in around.helpers.values():
            yield _one(name, whole, ast.BinOp(node, ast.Mult(), ast.Call(function, [array], [])))
        lost = ast.BinOp(node, ast.Add(), array)
        bias = ast.unparse(array) in around.forward or bool(re.fullmatch(r"self\.b(ias(es)?)?\d*", ast.unparse(array)))
        yield _one(("forward-bias-forgotten" if bias else "accumulation-overwritten",), whole, lost)
