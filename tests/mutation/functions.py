"""Functions of the engine as syntax trees, and other versions of them put in their place in memory."""

from __future__ import annotations
import __future__

import ast
import copy
import dis
import functools
import inspect
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

MARK = "__reached__"
Function = Callable[..., Any]


@functools.cache
def _definitions(file: str) -> dict[tuple[str, int], ast.FunctionDef]:
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {(f.name, min([f.lineno, *(d.lineno for d in f.decorator_list)])): f for f in found}


def definition(function: Function) -> ast.FunctionDef:
    """The syntax tree of a function, without decorators. LookupError where its file has changed since it was loaded."""
    code = function.__code__
    key = (code.co_name, code.co_firstlineno)
    if key not in _definitions(code.co_filename):
        raise LookupError(f"{code.co_filename} has changed since it was loaded: start again")
    tree = copy.deepcopy(_definitions(code.co_filename)[key])
    tree.decorator_list = []
    if _gist(code_of(tree, function)) != _gist(code):
        raise LookupError(f"{code.co_filename} has changed since it was loaded: start again")
    return tree


def _gist(code: CodeType) -> tuple[Any, ...]:
    """Names and constants; the instructions themselves differ a little where a module imports what is called."""
    constants = tuple(repr(c) for c in code.co_consts if not isinstance(c, CodeType | frozenset))
    return code.co_names, code.co_varnames, constants


def code_of(tree: ast.FunctionDef, original: Function) -> CodeType:
    """A syntax tree compiled as the function would be where it stands."""
    module = ast.Module([tree], [])
    compiled = compile(
        module, original.__code__.co_filename, "exec", __future__.annotations.compiler_flag, dont_inherit=True
    )
    return next(c for c in compiled.co_consts if isinstance(c, CodeType) and c.co_name == tree.name)


def functions_of(module: ModuleType, *, of_class: type | None = None, only: tuple[str, ...] = ()) -> list[Function]:
    """The functions of a module and the methods of its classes, in the order in which they stand there."""
    found: list[Function] = []
    for holder in [of_class] if of_class else [module, *(v for v in vars(module).values() if inspect.isclass(v))]:
        if holder is not module and holder.__module__ != module.__name__:
            continue
        for value in vars(holder).values():
            value = value.fget if isinstance(value, property) else value
            own = isinstance(value, FunctionType) and value.__code__.co_filename == module.__file__
            if own and (not only or value.__name__ in only) and value.__name__ != "__init__":
                found.append(value)
    return sorted((f for f in found if not f.__code__.co_freevars), key=lambda f: f.__code__.co_firstlineno)


def marked(tree: ast.FunctionDef, *key: Hashable) -> ast.FunctionDef:
    """The same function, saying before each statement that it was reached."""

    class Marker(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> ast.AST:
            super().generic_visit(node)
            for name in ("body", "orelse", "finalbody"):
                statements = getattr(node, name, None)
                if isinstance(statements, list) and statements and isinstance(statements[0], ast.stmt):
                    setattr(node, name, [s for one in statements for s in (call(one.lineno), one)])
            return node

    def call(line: int) -> ast.stmt:
        return ast.parse(f"{MARK}({(*key, line)!r})").body[0]

    return ast.fix_missing_locations(Marker().visit(copy.deepcopy(tree)))


@contextmanager
def coded(function: Function, code: CodeType) -> Iterator[None]:
    """The function with other code, wherever it is referred to."""
    kept = function.__code__
    function.__code__ = code  # type: ignore[attr-defined]
    try:
        yield
    finally:
        function.__code__ = kept  # type: ignore[attr-defined]


def closure(function: Function) -> dict[str, Function]:
    """A function and the functions of its own module that it calls, by name."""
    found = {function.__name__: function}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        for name in _names(one.__code__):
            called = one.__globals__.get(name)
            own = isinstance(called, FunctionType) and called.__code__.co_filename == function.__code__.co_filename
            if own and name not in found and not called.__code__.co_freevars:
                found[name] = called
                waiting.append(called)
    return found


def _names(code: CodeType) -> set[str]:
    """The global names that a function looks up, also inside comprehensions; attributes are not among them."""
    own = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return own.union(*(_names(c) for c in code.co_consts if isinstance(c, CodeType)))


def rebuilt(function: Function, codes: dict[str, CodeType], extra: dict[str, Any] | None = None) -> Function:
    """A copy of ``function`` whose own code, and that of what it calls, is replaced; the original is not touched."""
    namespace = {**function.__globals__, **(extra or {})}
    for name, one in closure(function).items():
        made = FunctionType(codes.get(name, one.__code__), namespace, name, one.__defaults__)
        made.__kwdefaults__ = one.__kwdefaults__
        namespace[name] = made
    return namespace[function.__name__]  # type: ignore[no-any-return]
