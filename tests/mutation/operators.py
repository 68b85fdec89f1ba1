"""Small damage to the source of a function: one operator, name, number, keyword, branch or statement at a time.

Every mutation is made on the syntax tree in memory; no file is written. Left alone is what is no rule: the texts of
messages, type hints, guards such as ``strict=True``, and ``... if b.active else None``, which only saves making a
gradient that the sweep leaves out anyway.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[tuple[str, int | None], ...]
Definition = ast.FunctionDef
_NOT_ENTERED = (ast.JoinedStr, ast.Raise, ast.Assert)
_NO_FIELDS = ("annotation", "returns", "decorator_list", "ctx", "type_comment")
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# names of operations and settings that stand as text in a rule
_WORDS = {
    "sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh", "exp": "expm1", "sign": "abs", "equal": "greater_equal",
    "logical_and": "logical_or", "logical_or": "logical_and", "tril": "triu", "triu": "tril", "cumsum": "flip",
    "greater": "greater_equal", "not_equal": "equal",
}  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """A damaged function: what was changed, as text, and the line of the statement it stands in."""

    text: str
    line: int
    function: Definition
    path: Path
    changed: ast.AST

    @property
    def tree(self) -> Definition:
        """The new syntax tree."""
        tree = copy.deepcopy(self.function)
        node: ast.AST = tree
        for name, k in self.path[:-1]:
            node = getattr(node, name) if k is None else getattr(node, name)[k]
        name, k = self.path[-1]
        if k is None:
            setattr(node, name, copy.deepcopy(self.changed))
        else:
            getattr(node, name)[k] = copy.deepcopy(self.changed)
        return ast.fix_missing_locations(tree)


def mutations(function: Definition, *, every_name: bool) -> list[Mutation]:
    """All damaged versions of a function; ``every_name``: exchange each operand with every other one, not the next."""
    names = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]
    made: list[Mutation] = []
    seen: Counter[str] = Counter()
    for path, node, statement in _places(function):
        for changed in _variants(node, names, every_name):
            if ast.unparse(changed) == ast.unparse(node):
                continue
            text = f"{function.name}: `{_short(node)}` → `{_short(changed)}`"
            if not isinstance(node, ast.stmt):
                text += f" in `{_short(statement)}`"
            seen[text] += 1
            if seen[text] > 1:
                text += f" #{seen[text]}"
            made.append(Mutation(text, statement.lineno, function, path, changed))
    return made


def _places(function: Definition) -> Iterator[tuple[Path, ast.AST, ast.stmt]]:
    """Every place of the body that can be damaged, with the statement it belongs to."""
    for k, statement in enumerate(function.body):
        if k == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        yield from _below((("body", k),), statement, statement)


def _below(path: Path, node: ast.AST, statement: ast.stmt) -> Iterator[tuple[Path, ast.AST, ast.stmt]]:
    statement = node if isinstance(node, ast.stmt) else statement
    yield path, node, statement
    if isinstance(node, _NOT_ENTERED):
        return
    for name, value in ast.iter_fields(node):
        if name in _NO_FIELDS or (name == "test" and _saves_work(node)):
            continue
        if isinstance(value, ast.AST):
            yield from _below((*path, (name, None)), value, statement)
        elif isinstance(value, list):
            for k, item in enumerate(value):
                if isinstance(item, ast.AST) and getattr(item, "arg", None) != "strict":
                    yield from _below((*path, (name, k)), item, statement)


def _saves_work(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.IfExp)
        and isinstance(node.test, ast.Attribute)
        and node.test.attr == "active"
        and isinstance(node.orelse, ast.Constant)
    )


def _short(node: ast.AST, width: int = 90) -> str:
    if isinstance(node, ast.Match):
        text = f"match {ast.unparse(node.subject)}"
    elif isinstance(node, ast.match_case):
        text = f"case {ast.unparse(node.pattern)}"
    else:
        text = " ".join(ast.unparse(node).split())
    return text if len(text) <= width else text[: width - 1] + "…"


def _variants(node: ast.AST, names: list[str], every_name: bool) -> Iterator[ast.AST]:
    if isinstance(node, ast.expr):
        yield from _of_expression(node, names, every_name)
    elif isinstance(node, ast.stmt):
        yield from _of_statement(node)
    elif isinstance(node, ast.MatchOr):
        for k in range(len(node.patterns)):
            left = [p for j, p in enumerate(node.patterns) if j != k]
            yield ast.MatchOr(left) if len(left) > 1 else left[0]
    elif isinstance(node, ast.match_case) and node.guard is None and not isinstance(node.pattern, ast.MatchAs):
        yield ast.match_case(node.pattern, ast.Constant(False), node.body)


def _of_expression(node: ast.expr, names: list[str], every_name: bool) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp():
            for operator in _OPERATORS.get(type(node.op), ()):
                yield ast.BinOp(node.left, operator(), node.right)
            if isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult | ast.FloorDiv | ast.Mod):
                yield ast.BinOp(node.right, node.op, node.left)
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
            yield node.operand
        case ast.Attribute(attr="T" | "matrix_T"):
            yield node.value
        case ast.Name(id=name, ctx=ast.Load()) if name in names:
            others = [n for n in names if n != name]
            for other in others if every_name else others[names.index(name) % len(others) :][:1] if others else []:
                yield ast.Name(other, ast.Load())
        case ast.Constant():
            yield from _of_constant(node)
        case ast.Call():
            yield from _of_call(node)
        case ast.Compare(ops=[operator]):
            for other in _COMPARISONS.get(type(operator), ()):
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other, node.values)
            if len(node.values) > 1:
                for k in range(len(node.values)):
                    left = [v for j, v in enumerate(node.values) if j != k]
                    yield ast.BoolOp(node.op, left) if len(left) > 1 else left[0]
        case ast.IfExp():
            if not _saves_work(node):
                yield node.body
            yield node.orelse
        case ast.Subscript(slice=ast.Slice()):
            yield node.value
        case ast.GeneratorExp() | ast.ListComp() if node.generators[0].ifs:
            first = node.generators[0]
            plain = ast.comprehension(first.target, first.iter, [], first.is_async)
            yield type(node)(node.elt, [plain, *node.generators[1:]])


def _of_constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        if value:
            yield ast.Constant(value - 1)
    elif isinstance(value, str) and value in _WORDS:
        yield ast.Constant(_WORDS[value])


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    for k, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "strict") and ast.unparse(keyword.value) != "np.int64":
            yield ast.Call(node.func, node.args, [w for j, w in enumerate(node.keywords) if j != k])
            if keyword.arg == "keepdims" and not isinstance(keyword.value, ast.Constant):
                turned = ast.keyword(keyword.arg, ast.UnaryOp(ast.Not(), keyword.value))
                yield ast.Call(node.func, node.args, [turned if w is keyword else w for w in node.keywords])
    if isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
    ):
        yield node.func.value
    if isinstance(node.func, ast.Name) and len(node.args) == 1 and node.func.id in ("sorted", "normalised"):
        yield node.args[0]


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.Tuple(elts=parts)) if len(parts) > 1:
            yield ast.copy_location(ast.Return(ast.Tuple(parts[::-1], ast.Load())), node)
        case ast.If():
            yield ast.copy_location(ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse), node)
            yield ast.copy_location(ast.If(ast.Constant(False), node.body, node.orelse), node)
        case ast.AugAssign():
            yield ast.copy_location(ast.Pass(), node)
        case ast.Expr() | ast.Raise():
            yield ast.copy_location(ast.Pass(), node)
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.copy_location(ast.Pass(), node)
