"""How calls of NumPy functions and of array methods are read: their arguments, and the row of the table they become.

A function here has the arguments of the NumPy function it stands for. What it cannot say raises `Unrecorded`; then the
call is computed if it depends on data alone, and refused otherwise.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from engine.calls import joins, picks, products, reductions, shapes
from engine.session import Session, Unrecorded

Reader = Callable[..., Any]

FUNCTIONS: dict[Any, Reader] = {
    **products.FUNCTIONS,
    **reductions.FUNCTIONS,
    **shapes.FUNCTIONS,
    **joins.FUNCTIONS,
    **picks.FUNCTIONS,
}
METHODS: dict[str, Reader] = {**products.METHODS, **reductions.METHODS, **shapes.METHODS, **picks.METHODS}


@functools.cache
def _signature(reader: Reader) -> inspect.Signature:
    return inspect.signature(reader)


def read(
    session: Session, reader: Reader | None, name: str, function: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    """Record one call of ``function``, which a person knows as ``name``."""
    if reader is None:
        return session.unsupported(name, function, args, kwargs)
    try:
        _signature(reader).bind(session, *args, **kwargs)
    except TypeError:
        reason = f"{name} with these arguments is not recorded ({_unknown(reader, kwargs)})."
        return session.unsupported(name, function, args, kwargs, reason)
    try:
        return reader(session, *args, **kwargs)
    except Unrecorded as why:
        return session.unsupported(name, function, args, kwargs, why.reason, why.cure)


def _unknown(reader: Reader, kwargs: dict[str, Any]) -> str:
    known = list(_signature(reader).parameters)[1:]
    extra = [f"{name}=" for name in kwargs if name not in known]
    return f"without {', '.join(extra)}" if extra else f"it takes {', '.join(known)}"
