"""Arrays put side by side and taken apart, as they are called."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.calls.shapes import reshape, shape_of
from engine.session import Session, Standing, Unrecorded, contains_standin


def _arrays(session: Session, arrays: Any, name: str) -> tuple[Any, ...]:
    """The operands of a join; a list of recorded values among them is one array."""
    if isinstance(arrays, Standing):
        raise Unrecorded(f"{name} of one array is not recorded.", "Give it a list of arrays, or reshape the array.")
    return tuple(_one(session, a) for a in arrays)


def _one(session: Session, items: Any) -> Any:
    if not isinstance(items, list | tuple) or not contains_standin(items):
        return items
    return _stack(session, [_one(session, item) for item in items], spelling="array")


def _shape(function: Any, arrays: tuple[Any, ...], **settings: Any) -> tuple[int, ...]:
    """The shape of the result; raises what NumPy raises for arrays that do not fit."""
    shape: tuple[int, ...] = function([np.empty(shape_of(a), dtype=np.bool_) for a in arrays], **settings).shape
    return shape


def _joined(session: Session, name: str, arrays: tuple[Any, ...], axis: int, spelling: str = "function") -> Any:
    return session.apply(name, arrays, spelling, axis=axis, count=len(arrays))


def _concatenate(session: Session, arrays: Any, axis: Any = 0) -> Any:
    arrays = _arrays(session, arrays, "np.concatenate")
    if axis is None:
        raise Unrecorded("np.concatenate with axis=None is not recorded.", "Ravel the arrays first.")
    shape = _shape(np.concatenate, arrays, axis=axis)
    return _joined(session, "concatenate", arrays, int(axis) % len(shape))


def _stack(session: Session, arrays: Any, axis: int = 0, *, spelling: str = "function") -> Any:
    arrays = _arrays(session, arrays, "np.stack")
    shape = _shape(np.stack, arrays, axis=axis)
    return _joined(session, "stack", arrays, int(axis) % len(shape), spelling)


def _append(session: Session, arr: Any, values: Any, axis: Any = None) -> Any:
    arr, values = (_one(session, a) for a in (arr, values))
    if axis is None:
        arr, values = (a if len(shape_of(a)) == 1 else reshape(session, "ravel", a, -1) for a in (arr, values))
    return _concatenate(session, (arr, values), 0 if axis is None else axis)


def _vstack(session: Session, tup: Any) -> Any:
    arrays = _arrays(session, tup, "np.vstack")
    _shape(np.vstack, arrays)
    return _joined(session, "vstack", _no_numbers(arrays, "np.vstack"), 0)


def _hstack(session: Session, tup: Any) -> Any:
    arrays = _arrays(session, tup, "np.hstack")
    shape = _shape(np.hstack, arrays)
    return _joined(session, "hstack", _no_numbers(arrays, "np.hstack"), 0 if len(shape) == 1 else 1)


def _column_stack(session: Session, tup: Any) -> Any:
    arrays = _arrays(session, tup, "np.column_stack")
    _shape(np.column_stack, arrays)
    return _joined(session, "column_stack", _no_numbers(arrays, "np.column_stack"), 1)


def columns(session: Session, items: tuple[Any, ...]) -> Any:
    """``np.c_[a, b]``"""
    if {len(shape_of(_one(session, a))) for a in items if not isinstance(a, slice | str)} - {1, 2}:
        session.refuse("np.c_ of these is not recorded.", "Write np.concatenate([...], axis=-1).")
    return _column_stack(session, items)


def rows(session: Session, items: tuple[Any, ...]) -> Any:
    """``np.r_[a, b]``: numbers and vectors behind one another, or matrices below one another."""
    arrays = [_one(session, a) for a in items]
    ndims = {max(len(shape_of(a)), 1) for a in arrays}
    if len(ndims) != 1 or any(isinstance(a, slice | str) for a in arrays):
        session.refuse("np.r_ of these is not recorded.", "Write np.concatenate([...]).")
    return _concatenate(session, [_stack(session, [a], spelling="array") if not shape_of(a) else a for a in arrays])


def _no_numbers(arrays: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    if any(shape_of(a) == () for a in arrays):
        raise Unrecorded(f"{name} of numbers is not recorded.", "Use np.stack([...]) for a list of numbers.")
    return arrays


def _split(session: Session, ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return _pieces(session, "split", np.split, ary, indices_or_sections, axis)


def _array_split(session: Session, ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return _pieces(session, "array_split", np.array_split, ary, indices_or_sections, axis)


def _hsplit(session: Session, ary: Any, indices_or_sections: Any) -> Any:
    return _split(session, ary, indices_or_sections, 0 if len(shape_of(ary)) == 1 else 1)


def _vsplit(session: Session, ary: Any, indices_or_sections: Any) -> Any:
    return _split(session, ary, indices_or_sections, 0)


def _pieces(session: Session, name: str, function: Any, a: Any, sections: Any, axis: int) -> Any:
    """One recorded value a piece: only those that are used become part of the program."""
    axis = int(axis) % max(len(shape_of(a)), 1)
    positions = np.arange(shape_of(a)[axis] if shape_of(a) else 0)
    said = [int(k) for k in sections] if np.ndim(sections) else int(sections)
    found = []
    for number, piece in enumerate(function(positions, said)):
        start = int(piece[0]) if len(piece) else 0
        made = session.apply(
            "split",
            (a,),
            "function",
            name=name,
            sections=tuple(said) if isinstance(said, list) else said,
            axis=axis,
            piece=number,
            start=start,
            stop=start + len(piece),
        )
        found.append(session.stand_in(session, made.index, base=a if isinstance(a, Standing) else None))
    return found


FUNCTIONS: dict[Any, Any] = {
    np.concatenate: _concatenate,
    np.concat: _concatenate,
    np.stack: _stack,
    np.append: _append,
    np.vstack: _vstack,
    np.hstack: _hstack,
    np.column_stack: _column_stack,
    np.split: _split,
    np.array_split: _array_split,
    np.hsplit: _hsplit,
    np.vsplit: _vsplit,
}
