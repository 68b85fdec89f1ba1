"""Places in the tree of a statement, what is put there instead, and what a function offers for it."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_ARRAYS_AT_MOST = 40
"""Arrays of one function that are tried in each other's places."""
_DATA = ("T", "shape", "size", "ndim", "dtype")


@dataclass(frozen=True, eq=False)
class Slot:
    """A place in a tree that holds an expression or a statement."""

    parent: ast.AST
    field: str
    index: int | None

    @property
    def node(self) -> ast.AST:
        held: Any = getattr(self.parent, self.field)
        node: ast.AST = held if self.index is None else held[self.index]
        return node

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True, eq=False)
class Edit:
    """Other nodes in some slots. ``mistakes`` is what was wrong if this is right.

    ``wrong`` and ``right`` are the array that stood there and the one put in its place. ``kind``: "operand" where one
    array stands for another, "swap" where the two sides of a difference change places, "alike" where it is made
    what its neighbours are. ``far``: something is added that may be missing elsewhere.
    """

    mistakes: tuple[str, ...]
    slots: tuple[Slot, ...]
    nodes: tuple[ast.AST, ...]
    kind: str = ""
    wrong: str = ""
    right: str = ""
    far: bool = False

    @cached_property
    def tier(self) -> int:
        """How soon it is tried: 0 where the file itself speaks for it, as for a ``-`` too much, 2 where it is far."""
        if self.far:
            return 2
        kept = zip(self.slots, self.nodes, strict=True)
        away = self.kind in ("swap", "alike") or (
            bool(self.nodes) and all(_is_within(new, slot.node) for slot, new in kept)
        )
        return 0 if away else 1

    def text(self, node: ast.stmt) -> str:
        """What to write, while the change is made: ``node``, or what stands in its place."""
        whole = next((new for new in self.nodes if isinstance(new, ast.stmt)), node)
        several = whole.body if isinstance(whole, ast.If) and whole is not node else [whole]
        return "; ".join(map(ast.unparse, several))

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


def _is_within(node: ast.AST, whole: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(whole)) and node is not whole


def slots_of(statement: ast.stmt) -> list[Slot]:
    """Every expression of a statement that is read, the whole right side first."""
    found: list[Slot] = []

    def into(parent: ast.AST) -> None:
        for name, value in ast.iter_fields(parent):
            values = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for index, child in values:
                if not isinstance(child, ast.AST):
                    continue
                if isinstance(child, ast.expr) and isinstance(getattr(child, "ctx", ast.Load()), ast.Load):
                    found.append(Slot(parent, name, index))
                into(child)

    into(statement)
    return found


def wholes(slot: Slot) -> Iterator[Slot]:
    """What a right side consists of: itself, or the entries of a tuple, a list, a dict, of a comprehension."""
    node = slot.node
    if isinstance(node, ast.ListComp):
        yield from wholes(Slot(node, "elt", None))
    elif isinstance(node, ast.Tuple | ast.List):
        for index in range(len(node.elts)):
            yield from wholes(Slot(node, "elts", index))
    elif isinstance(node, ast.Dict):
        for index in range(len(node.values)):
            yield from wholes(Slot(node, "values", index))
    else:
        yield slot


def negated_alike(statement: ast.AST) -> list[ast.AST]:
    """The entries of what is handed back, where each of several has a minus in front; none otherwise."""
    whole = statement.value if isinstance(statement, ast.Return) else None
    if not isinstance(whole, ast.Tuple | ast.List | ast.Dict):
        return []
    entries = [slot.node for slot in wholes(Slot(statement, "value", None))]
    minus = [isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) for node in entries]
    return entries if len(entries) > 1 and all(minus) else []


@dataclass(frozen=True)
class Share:
    """By which multiple of a parameter its gradient is too small, and the statements (by ``id``) that make it."""

    multiple: float
    makers: frozenset[int]


class Around:
    """What a function offers to put into one of its statements: its arrays, its indices, its own functions.

    ``masks``: names of logical arrays; ``shares``: what the gradients of parameters lack of them.
    """

    def __init__(
        self,
        function: ast.AST,
        paths: Iterable[str],
        lists: Mapping[str, int],
        functions: Iterable[str],
        parameters: Iterable[str],
        masks: Iterable[str],
        shares: Mapping[str, Share],
    ) -> None:
        self.shares = shares
        self.paths, self.parameters, self._lists = frozenset(paths), frozenset(parameters), lists
        self._containers = frozenset(re.split(r"[\[]", p, maxsplit=1)[0] for p in self.paths)
        self.arrays: dict[str, ast.expr] = {}
        self.containers: dict[str, ast.expr] = {}
        self.indices: dict[str, ast.expr] = {}
        self.helpers: dict[str, ast.expr] = {}
        self.targets: dict[str, ast.expr] = {}
        self.masks: dict[str, ast.expr] = {}
        known = frozenset(functions)
        logical = frozenset(masks)
        for node in ast.walk(function):
            if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", None), ast.Store):
                self.targets.setdefault(ast.unparse(node), node)
            if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in logical:
                self.masks.setdefault(ast.unparse(node), loaded(node))
            if isinstance(node, ast.expr) and self.is_array(node):
                self.arrays.setdefault(ast.unparse(node), loaded(node))
            if isinstance(node, ast.Subscript):
                if self.is_array(node):
                    self.containers.setdefault(ast.unparse(node.value), loaded(node.value))
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
        self._offer_entries(function)
        loops = [n for n in ast.walk(function) if isinstance(n, ast.For | ast.While)]
        self._repeated = frozenset(id(inner) for loop in loops for inner in ast.walk(loop))
        # what a function assigns or is given, arrays or not
        self.variables = frozenset(
            [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            + [n.arg for n in ast.walk(function) if isinstance(n, ast.arg) and n.arg != "self"]
        )
        # a loop over layers names them w and b
        self.forward = self.parameters | {
            n.id for n in ast.walk(function) if isinstance(n, ast.Name) and re.fullmatch(r"b(ias)?\d*", n.id)
        }
        for argument in (n.arg for n in ast.walk(function) if isinstance(n, ast.arg)):
            if argument in self.paths:
                self.arrays.setdefault(argument, ast.Name(argument, ast.Load()))
            if argument == "self":  # what other methods have put there
                for path in sorted(p for p in self.paths | logical if re.fullmatch(r"self\.\w+", p)):
                    offered = self.arrays if path in self.paths else self.masks
                    offered.setdefault(path, ast.parse(path, mode="eval").body)

    def _offer_entries(self, function: ast.AST) -> None:
        """``bs[l]`` where the function reads ``Ws[l]``: entries of the other containers under the same indices."""
        used: dict[str, set[str]] = {}
        for node in ast.walk(function):
            if not isinstance(node, ast.Subscript) or ast.unparse(node.value) not in self.containers:
                continue
            if not any(isinstance(n, ast.Slice | ast.Compare | ast.Tuple) for n in ast.walk(node.slice)):
                used.setdefault(ast.unparse(node.slice), set()).add(ast.unparse(node.value))
        for index in sorted(used, key=lambda text: -len(used[text])):
            for text in self.containers:
                if len(self.arrays) >= _ARRAYS_AT_MOST:
                    return
                entry = f"{text}[{index}]"
                self.arrays.setdefault(entry, ast.parse(entry, mode="eval").body)

    def is_bias(self, array: ast.expr) -> bool:
        """Whether an array is, by its name, what a layer adds: ``b1``, ``bs[l]``, ``self.bias``, ``params["b1"]``."""
        if isinstance(array, ast.Subscript) and re.search(r"""\[f?['"]b(ias)?(es)?\d*['"{]""", ast.unparse(array)):
            return True
        named = ast.unparse(array.value if isinstance(array, ast.Subscript) else array)
        return named in self.forward or bool(re.fullmatch(r"self\.b(ias(es)?)?\d*", named))

    def is_repeated(self, node: ast.AST) -> bool:
        """Whether something stands in a loop."""
        return id(node) in self._repeated

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


def loaded(node: ast.expr) -> ast.expr:
    text = ast.unparse(node)
    return ast.parse(text, mode="eval").body


def target_of(statement: ast.AST) -> ast.expr | None:
    """The one thing that a statement assigns to or adds to; None where there is none, or several one after another."""
    if isinstance(statement, ast.AugAssign):
        return statement.target
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.targets[0]
    return None


def stored(node: ast.expr) -> ast.expr:
    """The same, as a target of an assignment."""
    statement = ast.parse(f"{ast.unparse(node)} = 0").body[0]
    assert isinstance(statement, ast.Assign)
    return statement.targets[0]


def one_edit(mistakes: tuple[str, ...], slot: Slot, node: ast.AST, kind: str = "") -> Edit:
    return Edit(mistakes, (slot,), (node,), kind)
