"""What a statement mentions: the names, entries and attributes that it reads and those that it assigns to, as paths."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Targets:
    """What a statement assigns to.

    ``written`` are all of it as far as it can be told from the text (``layers`` for ``layers[i].dW``), ``exact`` those
    of which it can be told fully, ``entries`` arrays or containers of which an entry is set. ``names``: only plain
    names are assigned to; ``added``: by ``+=`` or another of its kind.
    """

    written: frozenset[str] = frozenset()
    exact: tuple[str, ...] = ()
    entries: frozenset[str] = frozenset()
    names: bool = True
    added: bool = False


def touch(path: str, mention: str) -> bool:
    """Whether one of the two is a part of the other."""
    return (
        path == mention
        or path.startswith((f"{mention}[", f"{mention}."))
        or mention.startswith((f"{path}[", f"{path}."))
    )


def path_of(node: ast.expr) -> str | None:
    """``cache['h']`` or ``self.W1`` as `engine.blame.tracing.arrays` writes it; None for anything else.

    What follows the array (``h.T``, ``h.dot``, ``h[0]``) stays part of the text.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return None if inner is None else f"{inner}.{node.attr}"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = path_of(node.value)
        return None if inner is None else f"{inner}[{node.slice.value!r}]"
    return None


def reads_of(tree: ast.AST, inner: frozenset[str] = frozenset()) -> frozenset[str]:
    """The paths that are looked at; ``inner`` are names of a comprehension or a lambda, which mean something else."""
    found: set[str] = set()
    _collect(tree, inner, found)
    return frozenset(found)


def _collect(node: ast.AST, inner: frozenset[str], found: set[str]) -> None:
    if isinstance(node, ast.AugAssign):
        _collect(node.value, inner, found)
        found.update(bases_of(node.target))
        _indices(node.target, inner, found)
        return
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        if isinstance(node.ctx, ast.Load):
            path = path_of(node)
            if path is not None:
                if _root(path) not in inner:
                    found.add(path)
                return
        else:
            _indices(node, inner, found)
            return
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        inner = inner | {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        # the first iterable is read outside, under the outer names
        _collect(
            node.generators[0].iter,
            inner - {n.id for n in ast.walk(node.generators[0].target) if isinstance(n, ast.Name)},
            found,
        )
    elif isinstance(node, ast.Lambda):
        inner = inner | {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    for child in ast.iter_child_nodes(node):
        _collect(child, inner, found)


def _indices(target: ast.AST, inner: frozenset[str], found: set[str]) -> None:
    """The indices of a target are looked at."""
    if isinstance(target, ast.Subscript):
        _collect(target.slice, inner, found)
    if isinstance(target, ast.Subscript | ast.Attribute):
        _indices(target.value, inner, found)


def _root(path: str) -> str:
    return path.replace("[", ".").split(".", 1)[0]


def bases_of(node: ast.expr) -> list[str]:
    """The longest part of a target that can be told from the text."""
    while True:
        path = path_of(node)
        if path is not None:
            return [path]
        if not isinstance(node, ast.Attribute | ast.Subscript):
            return sorted(reads_of(node))
        node = node.value


def targets_of(node: ast.stmt) -> Targets:
    """What a statement, or the head of a loop or of a ``with``, assigns to; ``(dz := ...)`` inside it too."""
    written: set[str] = set()
    exact: dict[str, None] = {}
    entries: set[str] = set()
    leaves = list(_leaves(node))
    for leaf in leaves:
        written.update(bases_of(leaf))
        path = path_of(leaf)
        if path is not None:
            exact[path] = None
        inner: ast.expr = leaf
        while isinstance(inner, ast.Subscript):
            inner = inner.value
            path = path_of(inner)
            if path is not None:
                entries.add(path)
    return Targets(
        frozenset(written),
        tuple(exact),
        frozenset(entries),
        all(isinstance(leaf, ast.Name) for leaf in leaves),
        isinstance(node, ast.AugAssign),
    )


def _leaves(node: ast.stmt) -> Iterator[ast.expr]:
    """The single targets, tuples taken apart."""
    stack: list[ast.AST] = []
    if isinstance(node, ast.Assign):
        stack += node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.AsyncFor):
        stack.append(node.target)
    elif isinstance(node, ast.With | ast.AsyncWith):
        stack += [item.optional_vars for item in node.items if item.optional_vars is not None]
    while stack:
        top = stack.pop(0)
        if isinstance(top, ast.Tuple | ast.List):
            stack += top.elts
        elif isinstance(top, ast.Starred):
            stack.append(top.value)
        elif isinstance(top, ast.expr):
            yield top
    for part in _own_parts(node):
        for inner in ast.walk(part):
            if isinstance(inner, ast.NamedExpr):
                yield inner.target


def _own_parts(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without the statements inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr | ast.withitem):
            yield child
