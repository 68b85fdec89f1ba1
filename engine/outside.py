"""Does ``loss`` read a parameter past its arguments, where `engine.held` does not find it (in a view, in a tuple)?

Such a read is a plain number to the recording, and the gradient would silently lack its share. So the parameters'
own arrays are changed for the moment of one plain run on copies: a faithful ``loss`` cannot notice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np


def leaves(tree: Any, path: str) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The writable float arrays in a parameter and where they are found."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from leaves(item, f"{path}[{key!r}]")
    elif isinstance(tree, list | tuple):
        for number, item in enumerate(tree):
            yield from leaves(item, f"{path}[{number}]")
    elif isinstance(tree, np.ndarray) and tree.dtype.kind == "f" and tree.flags.writeable:
        yield path, tree


@contextlib.contextmanager
def changed(arrays: list[np.ndarray[Any, Any]]) -> Iterator[None]:
    """Arrays with other numbers in them for a moment; their own come back whatever happens."""
    kept = [array.copy() for array in arrays]
    try:
        for array in arrays:
            # no round numbers: [1, -2] + 1 has the same norm as before
            array[...] = array * 1.3717 + 0.3719
        yield
    finally:
        for array, own in zip(arrays, kept, strict=True):
            array[...] = own


def read_outside(run: Callable[[], Any], params: Mapping[str, Any], expected: Any) -> str | None:
    """The parameter that ``run``, which is given copies, reads from its own array all the same; None if there is none.

    ``run`` returns the loss in a form that can be compared, ``expected`` is what it should be.
    """

    def notices(arrays: list[np.ndarray[Any, Any]]) -> bool:
        with changed(arrays):
            try:
                return bool(run() != expected)
            except Exception:
                return True

    found = [leaf for name, tree in params.items() for leaf in leaves(tree, name)]
    if not found or not notices([array for _, array in found]):
        return None
    return next((path for path, array in found if notices([array])), found[0][0])
