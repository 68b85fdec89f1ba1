"""Choosing entries, cutting them off and rounding them, as they are called."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.calls.shapes import shape_of
from engine.session import Session, Standing, Unrecorded, dtype_of


def _where(session: Session, condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise Unrecorded("np.where with one argument is not recorded.", "Use the mask itself as an index: a[mask].")
    return session.apply("where", (condition, x, y), "function")


def clip(session: Session, spelling: str, a: Any, low: Any, high: Any) -> Any:
    bounds = tuple(v for v in (low, high) if v is not None)
    if not bounds:
        return session.stand_in(session, a.index)
    return session.apply("clip", (a, *bounds), spelling, lower=low is not None, upper=high is not None)


def _clip(session: Session, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    return clip(session, "function", a, min if a_min is None else a_min, max if a_max is None else a_max)


def _clip_method(session: Session, a: Any, min: Any = None, max: Any = None) -> Any:
    return clip(session, "method", a, min, max)


def _round(session: Session, a: Any, decimals: int = 0) -> Any:
    return session.apply("round", (a,), "function", decimals=int(decimals))


def _positions(indices: Any, name: str) -> Any:
    array = np.asarray(indices) if isinstance(indices, list | tuple) else indices
    if dtype_of(array).kind not in "iu":
        raise Unrecorded(f"{name} with positions that are not whole numbers is not recorded.")
    return array


def taken(session: Session, spelling: str, a: Any, indices: Any, axis: Any) -> Any:
    shape = shape_of(a)
    if axis is None and len(shape) != 1:
        raise Unrecorded("np.take without axis, of more than one dimension, is not recorded.", "Give it an axis.")
    return session.apply(
        "take", (a, _positions(indices, "np.take")), spelling, axis=0 if axis is None else int(axis) % len(shape)
    )


def _take(session: Session, a: Any, indices: Any, axis: Any = None) -> Any:
    return taken(session, "function", a, indices, axis)


def _take_method(session: Session, a: Any, indices: Any, axis: Any = None) -> Any:
    return taken(session, "method", a, indices, axis)


def _take_along_axis(session: Session, arr: Any, indices: Any, axis: Any = -1) -> Any:
    shape, own = shape_of(arr), shape_of(indices)
    if axis is None or len(shape) != len(own):
        raise Unrecorded("np.take_along_axis without an axis is not recorded.", "Ravel the array and index it.")
    axis = int(axis) % len(shape)
    if any(n != m for k, (n, m) in enumerate(zip(shape, own, strict=True)) if k != axis):
        raise Unrecorded("np.take_along_axis with positions that are broadcast is not recorded.", "Use an index.")
    return session.apply("take_along_axis", (arr, _positions(indices, "np.take_along_axis")), "function", axis=axis)


def _like(op: str) -> Any:
    def read(session: Session, a: Any, dtype: Any = None) -> Any:
        if dtype is not None or not isinstance(a, Standing) or a.dtype.kind != "f":
            raise Unrecorded(f"np.{op} with a type of its own is not recorded.")
        return session.apply(op, (a,), "function")

    return read


def _full_like(session: Session, a: Any, fill_value: Any, dtype: Any = None) -> Any:
    if dtype is not None or not isinstance(a, Standing) or a.dtype.kind != "f":
        raise Unrecorded("np.full_like with a type of its own is not recorded.", "Use np.broadcast_to.")
    return session.apply("full_like", (a, fill_value), "function")


def _nan_to_num(session: Session, x: Any) -> Any:
    """Where every number is finite, the same numbers."""
    if not isinstance(x, Standing) or not np.isfinite(x.array).all():
        cure = "Write np.where(mask, x, 0), the mask held in data."
        raise Unrecorded("np.nan_to_num of what is not finite is not recorded.", cure)
    return session.stand_in(session, x.index)


FUNCTIONS: dict[Any, Any] = {
    np.where: _where,
    np.clip: _clip,
    np.nan_to_num: _nan_to_num,
    np.round: _round,
    np.around: _round,
    np.take: _take,
    np.take_along_axis: _take_along_axis,
    np.zeros_like: _like("zeros_like"),
    np.empty_like: _like("zeros_like"),
    np.ones_like: _like("ones_like"),
    np.full_like: _full_like,
}
METHODS: dict[str, Any] = {"clip": _clip_method, "round": _round, "take": _take_method}
