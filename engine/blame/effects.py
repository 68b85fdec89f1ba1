"""What a statement can change: only what it assigns to, or anything that somebody holds.

Told from the text, on the safe side. Calls of the person's own functions are followed where they are called, so that a
name that is one of them need not be known here.
"""

from __future__ import annotations

import ast

import numpy as np


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BUILTINS = _words(
    "abs all any bool complex dict divmod enumerate float int isinstance len list map max min pow print range repr "
    "reversed round set slice sorted str sum tuple type zip"
)
_METHODS = _words(
    "all any argmax argmin argsort astype conj copy cumsum diagonal dot flatten format get item items keys max mean "
    "min nonzero prod ravel repeat reshape round split squeeze std sum swapaxes tolist trace transpose var"
)
_ANY_NUMBER = _words("reshape transpose format get")
_WRITING = _words(
    "copyto fill_diagonal place put put_along_axis putmask save savez savetxt seterr seterrcall setbufsize"
)
_THREE = _words("where clip linspace full full_like tensordot pad swapaxes moveaxis sum mean arange")
_NUMPY = ("np", "numpy")


def only_makes(node: ast.stmt) -> bool:
    """Whether nothing but what the statement assigns to can hold another array afterwards."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
        return False
    return all(_is_harmless(part) for part in ast.walk(node))


def _is_harmless(node: ast.AST) -> bool:
    if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
        return False
    return not isinstance(node, ast.Call) or _is_pure(node)


def _is_pure(call: ast.Call) -> bool:
    if any(keyword.arg in ("out", None) for keyword in call.keywords):
        return False
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    match call.func:
        case ast.Name(name):
            return name in _BUILTINS
        case ast.Attribute(ast.Name(module), name) if module in _NUMPY:
            return _of_numpy(name, len(call.args))
        case ast.Attribute(_, name):
            return name in _METHODS and (len(call.args) <= 1 or name in _ANY_NUMBER)
    return False


def _of_numpy(name: str, count: int) -> bool:
    """Whether a function of NumPy leaves its operands alone: an operand too many is where the result goes."""
    function = getattr(np, name, None)
    if function is None or name in _WRITING or not callable(function):
        return False
    if isinstance(function, np.ufunc):
        return count <= function.nin
    return count <= 2 or name == "einsum" or (count == 3 and name in _THREE)
