"""What a run is given: the arrays out of ``params`` and ``data``, in the program's order and as they were traced.

A pass of a small net takes microseconds, so the common case, arrays just like the traced ones, is one comparison of
tuples. Only where that fails are the arrays looked at one by one, and the first that does not fit is named.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NoReturn

import numpy as np

from engine.build import Leaf
from engine.errors import RunError
from engine.ir import Value

_kind = attrgetter("__class__", "dtype", "shape", "strides")


class Intake:
    """The leaves of one program: parameters, data and constants, with the kind of array each was traced with.

    ``leaves`` and ``values`` describe the same arrays in the same order.
    """

    def __init__(self, leaves: Sequence[Leaf], values: Sequence[Value]) -> None:
        self._leaves = tuple(leaves)
        self._values = tuple(values)
        self._traced = tuple(_kind(leaf.array) for leaf in leaves)
        self._get = _getter(self._leaves)

    def gather(self, params: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arrays in order, unchecked. Raises RunError naming the first that is missing."""
        try:
            return self._get(params, data)
        except (KeyError, IndexError, TypeError):
            self._refuse_missing(params, data)

    def as_traced(self, arrays: Sequence[Any]) -> bool:
        """Whether all arrays have the types, dtypes, shapes and strides of those that the program was traced with."""
        try:
            return tuple(map(_kind, arrays)) == self._traced
        except AttributeError:
            return False

    def check(self, arrays: Sequence[Any]) -> None:
        """Raise RunError naming the first array of another shape or dtype; the layout in memory may be another."""
        for leaf, value, array in zip(self._leaves, self._values, arrays, strict=True):
            name = leaf.path or value.name
            if type(array) not in (np.ndarray, np.memmap, type(leaf.array)) and not isinstance(array, np.generic):
                raise RunError(f"{name} is a {type(array).__name__}, not a plain array.")
            if array.shape != value.shape or array.dtype != value.dtype:
                raise RunError(
                    f"{name} is {array.dtype} of shape {array.shape}; "
                    f"the program was traced with {value.dtype} of shape {value.shape}.",
                    cure="Trace again with these arrays.",
                )

    def _refuse_missing(self, params: Mapping[str, Any], data: Mapping[str, Any]) -> NoReturn:
        for leaf in self._leaves:
            try:
                _getter((leaf,))(params, data)
            except (KeyError, IndexError, TypeError):
                break
        cure = "Give params and data as they were traced."
        raise RunError(f"{leaf.path or leaf.name} is missing.", cure=cure) from None


def _getter(leaves: Sequence[Leaf]) -> Callable[[Any, Any], tuple[Any, ...]]:
    """``lambda params, data: (params['W1'], data['x'], ...)``: faster than any loop over the names."""
    constants = [leaf.array if leaf.kind == "constant" else None for leaf in leaves]
    items = []
    for k, leaf in enumerate(leaves):
        if leaf.kind == "constant":
            items.append(f"constants[{k}]")
            continue
        tree = "params" if leaf.kind == "parameter" else "data"
        items.append(tree + "".join(f"[{key!r}]" for key in _keys(leaf)))
    text = f"lambda params, data: ({''.join(item + ', ' for item in items)})"
    return eval(text, {"constants": constants})  # type: ignore[no-any-return]


def _keys(leaf: Leaf) -> list[Any]:
    """``layers[0]['W']`` as the keys ``layers``, 0, ``W``."""
    if leaf.path is None:
        return [leaf.name]
    head, bracket, rest = leaf.path.partition("[")
    keys: list[Any] = []
    node = ast.parse(f"_{bracket}{rest}", mode="eval").body
    while isinstance(node, ast.Subscript):
        keys.append(ast.literal_eval(node.slice))
        node = node.value
    return [head, *reversed(keys)]
