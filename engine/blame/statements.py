"""The statements of a file: which one a line belongs to, its text, and what it reads."""

from __future__ import annotations

import ast
import linecache
from dataclasses import dataclass

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Delete, ast.Raise, ast.Assert)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement. ``reads`` are the names, entries and attributes it looks at, as written (``cache['h']``).

    ``grows``: it changes what it writes to (``dW += ...``, ``dW[i] = ...``) instead of making it anew.
    ``copies``: it only gives something another name (``dz = dh``).
    """

    file: str
    line: int
    text: str
    reads: frozenset[str]
    writes: frozenset[str]
    grows: bool
    tree: ast.AST | None
    copies: bool = False

    def looks_at(self, path: str) -> bool:
        """Whether the statement reads the variable, a part of it, or a container that it is in."""
        return any(_touch(path, r) for r in self.reads)

    def writes_to(self, path: str) -> bool:
        """Whether the statement names the variable as its target."""
        return any(_touch(path, w) for w in self.writes)


def _touch(path: str, mention: str) -> bool:
    return (
        path == mention
        or path.startswith((f"{mention}[", f"{mention}."))
        or mention.startswith((f"{path}[", f"{path}."))
    )


class Statements:
    """The statements of one file, by line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines = linecache.getlines(file)
        self._by_line: dict[int, Statement] = {}
        try:
            tree = ast.parse("".join(self.lines))
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt):
                self._enter(node)

    def _enter(self, node: ast.stmt) -> None:
        if isinstance(node, _SIMPLE):
            first, last, read = node.lineno, node.end_lineno or node.lineno, node
        else:
            # of a loop or a condition, its head
            body = getattr(node, "body", None)
            first = node.lineno
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.lineno
            last = max(first, last)
            heads = [getattr(node, name, None) for name in ("test", "iter", "value")]
            read = next((h for h in heads if isinstance(h, ast.AST)), None)  # type: ignore[assignment]
        grows = isinstance(node, ast.AugAssign) or (
            isinstance(node, ast.Assign) and all(isinstance(t, ast.Subscript) for t in node.targets)
        )
        targets = getattr(node, "targets", None) or [t for t in (getattr(node, "target", None),) if t is not None]
        writes = frozenset(w for t in targets for w in _reads(ast.Expr(_loaded(t))))
        made = Statement(self.file, first, self._text(first, last), _reads(read), writes, grows, read, _copies(node))
        for line in range(first, last + 1):
            if line not in self._by_line or isinstance(node, _SIMPLE):
                self._by_line[line] = made

    def _text(self, first: int, last: int) -> str:
        return " ".join(line.strip() for line in self.lines[first - 1 : last])

    def at(self, line: int) -> Statement:
        """The innermost statement on a line."""
        if line not in self._by_line:
            self._by_line[line] = Statement(
                self.file, line, self._text(line, line), frozenset(), frozenset(), False, None
            )
        return self._by_line[line]


def _reads(tree: ast.AST | None) -> frozenset[str]:
    if tree is None:
        return frozenset()
    found: set[str] = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.AugAssign):
            stack += [node.value]
            found |= _reads(ast.Expr(_loaded(node.target)))
            continue
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load):
            path = _path(node)
            if path is not None:
                found.add(path)
                continue
        elif isinstance(node, ast.Attribute):
            continue
        elif isinstance(node, ast.Subscript):
            stack.append(node.slice)
            continue
        stack += list(ast.iter_child_nodes(node))
    return frozenset(found)


def _copies(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute | ast.Subscript)


def _loaded(node: ast.expr) -> ast.expr:
    text = ast.unparse(node)
    return ast.parse(text, mode="eval").body


def _path(node: ast.expr) -> str | None:
    """``cache['h']`` or ``self.W1`` as `engine.blame.linetrace` writes it; None for anything else.

    What follows the array (``h.T``, ``h.dot``, ``h[0]``) stays part of the text.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _path(node.value)
        return None if inner is None else f"{inner}.{node.attr}"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = _path(node.value)
        return None if inner is None else f"{inner}[{node.slice.value!r}]"
    return None
