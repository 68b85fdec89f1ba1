"""The statements of a file: which ones stand on a line, their text, what they read, write and can change."""

from __future__ import annotations

import ast
import linecache
from dataclasses import dataclass, field

from engine.blame.effects import only_makes
from engine.blame.mentions import Targets, bases_of, reads_of, targets_of, touch

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Delete, ast.Raise, ast.Assert)
_LOOPS = (ast.For, ast.While, ast.AsyncFor)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement. ``reads`` are the names, entries and attributes it looks at, as written (``cache['h']``).

    ``grows``: it changes what it writes to (``dW += ...``, ``dW[i] = ...``) instead of making it anew.
    ``renames`` are targets that it only gives another name to (``dz = dh``). ``makes``: nothing but what it assigns
    to can be another array afterwards. ``simple``: no head of a loop or a condition. ``body`` are the lines of what a
    ``for`` repeats.
    """

    file: str
    line: int
    text: str
    reads: frozenset[str]
    targets: Targets
    grows: bool = False
    renames: frozenset[str] = frozenset()
    makes: bool = False
    simple: bool = True
    tree: ast.AST | None = None
    body: range | None = None
    _looks: dict[str, bool] = field(default_factory=dict)

    def looks_at(self, path: str) -> bool:
        """Whether the statement reads the variable, a part of it, or a container that it is in.

        An array of which it sets entries (``dz[h <= 0] = 0``) is read as well: the rest of it stays.
        """
        known = self._looks.get(path)
        if known is None:
            known = self._looks[path] = path in self.targets.entries or any(touch(path, r) for r in self.reads)
        return known

    def writes_to(self, path: str) -> bool:
        """Whether the statement names the variable as its target."""
        return any(touch(path, w) for w in self.targets.written)

    def only_renames(self, path: str) -> bool:
        """Whether the statement gives what it assigns to the variable just another name."""
        return any(touch(path, w) for w in self.renames)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What stands on a line, in order. ``loops``: a loop with its body on its own line, which runs again and again."""

    statements: tuple[Statement, ...]
    loops: bool


class Statements:
    """The statements of one file, by line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines = linecache.getlines(file)
        self.names: frozenset[str] = frozenset()
        self._by_line: dict[int, list[Statement]] = {}
        self._places: dict[tuple[int, ...], Place] = {}
        self._place_of: dict[int, Place] = {}
        self._loops: set[int] = set()
        try:
            tree = ast.parse("".join(self.lines))
        except (SyntaxError, ValueError):
            return
        self._loops = {
            n.lineno for n in ast.walk(tree) if isinstance(n, _LOOPS) and n.body and n.body[0].lineno == n.lineno
        }
        self.names = frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt):
                self._enter(node)

    def _enter(self, node: ast.stmt) -> None:
        simple = isinstance(node, _SIMPLE)
        read: list[ast.AST]
        if simple:
            first, last, read = node.lineno, node.end_lineno or node.lineno, [node]
        else:
            # of a loop or a condition, its head
            body = getattr(node, "body", None)
            first = node.lineno
            last = max(first, body[0].lineno - 1 if isinstance(body, list) and body else node.lineno)
            read = _heads(node)
        made = Statement(
            self.file,
            first,
            " ".join(line.strip() for line in self.lines[first - 1 : last]),
            frozenset().union(*(reads_of(one) for one in read)),
            targets_of(node),
            _grows(node),
            _renamed(node),
            simple and only_makes(node),
            simple,
            read[0] if read else None,
            _body(node),
        )
        for line in range(first, last + 1):
            self._by_line.setdefault(line, []).append(made)

    def on(self, line: int) -> Place:
        """What stands on a line; lines of one statement have the very same place."""
        known = self._place_of.get(line)
        if known is None:
            found = self._by_line.get(line)
            if not found:
                text = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
                found = [Statement(self.file, line, text, frozenset(), Targets())]
            found = sorted(found, key=lambda one: one.simple)
            key = tuple(id(one) for one in found)
            known = self._places.setdefault(key, Place(tuple(found), line in self._loops))
            self._place_of[line] = known
        return known

    def at(self, line: int) -> Statement:
        """The innermost statement on a line."""
        return self.on(line).statements[-1]


def _heads(node: ast.stmt) -> list[ast.AST]:
    """What the head of a loop, a condition, a ``with`` or a ``match`` looks at."""
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.context_expr for item in node.items]
    found = [getattr(node, name, None) for name in ("test", "iter", "subject")]
    return [one for one in found if isinstance(one, ast.AST)]


def _body(node: ast.stmt) -> range | None:
    if not isinstance(node, ast.For) or node.body[0].lineno == node.lineno:
        return None
    return range(node.body[0].lineno, (node.body[-1].end_lineno or node.body[-1].lineno) + 1)


def _grows(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign):
        return isinstance(node, ast.AugAssign)
    return all(isinstance(t, ast.Subscript) for t in node.targets) or _adds_to_itself(node)


def _adds_to_itself(node: ast.Assign) -> bool:
    """``db = db + dz``, which is ``db += dz`` written out."""
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name | ast.Attribute):
        return False
    target, summed = ast.unparse(node.targets[0]), [node.value]
    while summed:
        one = summed.pop()
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add | ast.Sub):
            summed += [one.left, one.right] if isinstance(one.op, ast.Add) else [one.left]
        elif ast.unparse(one) == target:
            return True
    return False


def _renamed(node: ast.stmt) -> frozenset[str]:
    """The targets of ``dz = dh`` and ``dz, db = dh, dz``: a second name and nothing else."""
    found: set[str] = set()
    if isinstance(node, ast.Assign):
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for one, value in pairs:
                if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
                    found.update(bases_of(one))
    return frozenset(found)
