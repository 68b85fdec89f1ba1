"""What a loss reaches besides its arguments: the namespaces of its file and of the files beside it."""

from __future__ import annotations

import functools
import os
import sysconfig
from collections.abc import Callable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

from engine.source import is_ours

_INSTALLED = tuple(sysconfig.get_path(which) + os.sep for which in ("stdlib", "purelib", "platlib"))


def namespaces(loss: Callable[..., Any]) -> list[dict[str, Any]]:
    """The globals of ``loss`` and of every person's function, class and module that can be reached from there."""
    found: dict[int, dict[str, Any]] = {}
    waiting = list(_globals_of(loss))
    while waiting:
        names = waiting.pop()
        if id(names) in found or not is_a_persons(names):
            continue
        found[id(names)] = names
        for held in list(names.values()):
            waiting += _globals_of(held)
    return list(found.values())


def _globals_of(held: Any) -> Iterator[dict[str, Any]]:
    """The namespaces in which the code of a function, a class, an object or a module looks its names up."""
    while isinstance(held, functools.partial):
        held = held.func
    if isinstance(held, MethodType):
        held = held.__func__
    if isinstance(held, FunctionType):
        yield held.__globals__
    elif isinstance(held, ModuleType):
        yield vars(held)
    else:
        defining = held if isinstance(held, type) else type(held)
        yield from (f.__globals__ for f in vars(defining).values() if isinstance(f, FunctionType))


def is_a_persons(names: dict[str, Any]) -> bool:
    """Neither the engine nor NumPy nor anything that is installed."""
    if names.get("__name__") in ("builtins", "numpy"):
        return False
    file = names.get("__file__")
    return not isinstance(file, str) or not (is_ours(file) or file.startswith(_INSTALLED))
