"""An index as it is recorded: slices and numbers as they are, arrays as operands; and what a write by it must meet."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.ops import index_key
from engine.session import Session, Standing, depends, dtype_of, plain_array


def check_repeats(
    session: Session, shape: tuple[int, ...], index: tuple[tuple[Any, ...], ...], arrays: list[Any], value: Any
) -> None:
    """Assigning twice to one position loses the first value; what is recorded must not give it a gradient."""
    times = np.zeros(shape, dtype=np.intp)
    np.add.at(times, index_key(index, [plain_array(a) for a in arrays]), 1)
    if times.max(initial=0) > 1:
        session.refuse(
            "this assigns at integer positions of which one comes twice; only the last value would stay.",
            "Assign each position once, or use a boolean mask.",
        )
    if depends(value):
        for array in arrays:
            if isinstance(array, Standing):
                session.freeze(array)


def fix_counts(session: Session, arrays: list[Any]) -> None:
    """How many entries a mask picks is a shape of the program; arrays with which it differs are another program."""
    for mask in arrays:
        if isinstance(mask, Standing) and mask.dtype == np.bool_:
            count = session.apply("sum", (mask,), "method", axis=None)
            session.freeze(count)


def recorded_index(session: Session, key: Any) -> tuple[tuple[Any, ...], list[Any]]:
    """The index as attributes of a node, and the arrays in it, which are operands. Refuses any other kind of index."""
    items: list[tuple[Any, ...]] = []
    arrays: list[Any] = []
    for item in key if isinstance(key, tuple) else (key,):
        if isinstance(item, slice):
            items.append(("slice", *(None if v is None else int(v) for v in (item.start, item.stop, item.step))))
        elif item is None:
            items.append(("new",))
        elif item is Ellipsis:
            items.append(("ellipsis",))
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            items.append(("int", int(item)))
        else:
            if isinstance(item, list | range):
                item = np.asarray(item)
            if dtype_of(item) is None or dtype_of(item).kind not in "biu":
                session.refuse(f"an index of type {type(item).__name__} is not recorded.")
            if dtype_of(item) == np.bool_ and np.shape(plain_array(item)) == ():
                session.refuse("a single True or False as an index is not recorded.")
            items.append(("array", len(arrays)))
            arrays.append(item)
    return tuple(items), arrays
