"""Arrays that ``loss`` makes itself and fills afterwards: ``out = np.zeros(shape)``, then ``out[i] = ...``.

An ordinary array cannot hold a recorded value, and nothing in NumPy's protocols is asked when one is made. So while a
loss is recorded, NumPy's constructors give stand-ins instead, to the file that is recorded and in its thread alone;
``np.array`` of a list with recorded values in it becomes a stack, and so does a list that is given to ``np.mean``.
Names that a file imported (``from numpy import zeros``) are changed with them. Whole numbers and masks stay ordinary
arrays: no gradient flows through them.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from engine import calls
from engine.calls import joins, picks, products, reductions, shapes
from engine.reach import namespaces
from engine.session import Session, Standing, contains_standin
from engine.source import source_of, user_frame

_MAKERS = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
_TAKERS = ("array", "asarray", "asanyarray", "ascontiguousarray")
# functions of one array to which a person also gives a list: np.mean([a, b])
_OF_ARRAYS = {**reductions.FUNCTIONS, **shapes.FUNCTIONS, **picks.FUNCTIONS, **products.FUNCTIONS}
_LISTED = tuple(f.__name__ for f in _OF_ARRAYS if f.__name__ not in _MAKERS and hasattr(np, f.__name__))
_BRACKETS = {"c_": joins.columns, "r_": joins.rows}
_PLAIN: dict[str, Any] = {name: getattr(np, name) for name in (*_MAKERS, *_TAKERS, *_LISTED, *_BRACKETS)}
# The recordings that are going on, by thread; an endless one must not keep another from starting.
_going_on: dict[int, Session] = {}
# Names of persons' files that stand for something else meanwhile (``from numpy import zeros``).
_imported: list[tuple[dict[str, Any], str]] = []
_changing = threading.Lock()


@contextmanager
def constructors(session: Session, loss: Callable[..., Any]) -> Iterator[None]:
    """While this lasts, arrays that the recorded file makes are recorded."""
    thread = threading.get_ident()
    with _changing:
        _going_on[thread] = session
        for name, stand_in in _REPLACED.items():
            setattr(np, name, stand_in)
        for names in namespaces(loss):
            _replace_imported(names)
    try:
        yield
    finally:
        with _changing:
            del _going_on[thread]
            if not _going_on:
                for name, plain in _PLAIN.items():
                    setattr(np, name, plain)
                _restore_imported()


def _replace_imported(names: dict[str, Any]) -> None:
    for own, held in list(names.items()):
        if (stand_in := _STANDS_FOR.get(id(held))) is not None:
            names[own] = stand_in
            _imported.append((names, own))


def _restore_imported() -> None:
    while _imported:
        names, own = _imported.pop()
        held = names.get(own)
        if held is not None and (plain := _PLAIN_AGAIN.get(id(held))) is not None:
            names[own] = plain


def _recording(name: str) -> Session | None:
    """The recording whose file calls ``np.name`` right now, itself."""
    session = _going_on.get(threading.get_ident())
    caller = sys._getframe(2)
    own = session is not None and user_frame(caller) is caller and _is_called(name, caller)
    return session if own else None


def _is_called(name: str, frame: FrameType) -> bool:
    """Whether the file itself makes the call: compiled code in between (np.random) leaves no frame of its own."""
    where = source_of(frame)
    if where is None:
        return False
    called = where.text.partition("(")[0].strip()
    if called.rpartition(".")[2] == name:
        return True
    held = frame.f_locals.get(called, frame.f_globals.get(called))  # from numpy import zeros as z
    return held is _REPLACED[name]


def _making(name: str) -> Callable[..., Any]:
    plain = _PLAIN[name]

    @functools.wraps(plain)
    def make(*args: Any, **kwargs: Any) -> Any:
        session = _recording(name)
        if session is not None and name.endswith("_like") and args and isinstance(args[0], Standing):
            return calls.read(session, calls.FUNCTIONS[plain], f"np.{name}", plain, args, kwargs)
        made = plain(*args, **kwargs)
        if session is None or not isinstance(made, np.ndarray) or made.dtype.kind != "f":
            return made
        if name.startswith("empty"):
            made[...] = 0  # what stands in it is not told; a loss that reads it anyway differs from its plain run
        return fresh(session, made)

    return make


def fresh(session: Session, made: np.ndarray[Any, Any]) -> Any:
    """A constant array as a stand-in that may be written to; zeros and ones are made anew where they are printed."""
    settings: dict[str, Any] = {"shape": made.shape}
    if made.dtype != np.float64:
        settings["dtype"] = str(made.dtype)
    for op, number in (("zeros", 0), ("ones", 1)):
        if (made == number).all():
            return session.apply(op, (), "function", **settings)
    return session.stand_in(session, session.operand(made))


def _taking(name: str) -> Callable[..., Any]:
    plain = _PLAIN[name]

    @functools.wraps(plain)
    def take(*args: Any, **kwargs: Any) -> Any:
        given = args[0] if args else None
        if isinstance(given, dict) or not contains_standin(given):
            return plain(*args, **kwargs)
        session = _recording(name)
        dtype = _float_type(args[1:], kwargs)
        if session is None or dtype is None:
            return plain(*args, **kwargs)
        if not isinstance(given, Standing):
            made = _stacked(session, given)
        elif name == "ascontiguousarray":
            made = given.copy() if given.ndim else given.reshape(1)  # type: ignore[attr-defined]
        else:
            made = session.stand_in(session, given.index) if name == "array" and kwargs.get("copy", True) else given
        return made if dtype in (made.dtype, "") else made.astype(dtype)

    return take


def _float_type(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The dtype that is asked for, "" for none; None where something else is asked for than floats."""
    if len(args) > 1 or kwargs.keys() - {"dtype", "copy"} or (args and "dtype" in kwargs):
        return None
    asked = args[0] if args else kwargs.get("dtype")
    if asked is None:
        return ""
    return np.dtype(asked) if np.dtype(asked).kind == "f" else None


def _listed(name: str) -> Callable[..., Any]:
    plain = _PLAIN[name]

    @functools.wraps(plain)
    def take(*args: Any, **kwargs: Any) -> Any:
        session = _going_on.get(threading.get_ident())
        if session is not None:
            args = tuple(_stacked(session, a) if _is_list_of_recorded(a) else a for a in args)
        return plain(*args, **kwargs)

    return take


class _Brackets:
    """np.c_ or np.r_ while a loss is recorded."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, key: Any) -> Any:
        session = _going_on.get(threading.get_ident())
        items = key if isinstance(key, tuple) else (key,)
        if session is None or not contains_standin(items):
            return _PLAIN[self._name][key]
        return _BRACKETS[self._name](session, items)


def _replacement(name: str) -> Any:
    if name in _BRACKETS:
        return _Brackets(name)
    return (_making if name in _MAKERS else _taking if name in _TAKERS else _listed)(name)


def _is_list_of_recorded(given: Any) -> bool:
    return isinstance(given, list | tuple) and contains_standin(given)


def _stacked(session: Session, items: Any) -> Any:
    """``np.array([a, b])``: a stack of what is in the list, lists in it first."""
    arrays = [_stacked(session, item) if isinstance(item, list | tuple) else item for item in items]
    return calls.FUNCTIONS[np.stack](session, arrays, 0, spelling="array")


_REPLACED = {name: _replacement(name) for name in _PLAIN}
_STANDS_FOR = {id(plain): _REPLACED[name] for name, plain in _PLAIN.items()}
_PLAIN_AGAIN = {id(_REPLACED[name]): plain for name, plain in _PLAIN.items()}
