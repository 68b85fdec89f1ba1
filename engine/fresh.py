"""Arrays that ``loss`` makes itself and fills afterwards: ``out = np.zeros(shape)``, then ``out[i] = ...``.

An ordinary array cannot hold a recorded value, and nothing in NumPy's protocols is asked when one is made. So while a
loss is recorded, NumPy's constructors give stand-ins instead, to the file that is recorded and in its thread alone;
``np.array`` of a list with recorded values in it becomes a stack. Whole numbers and masks stay ordinary arrays: no
gradient flows through them.
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
from engine.session import Session, Standing, contains_standin
from engine.source import source_of, user_frame

_MAKERS = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
_TAKERS = ("array", "asarray")
_PLAIN: dict[str, Callable[..., Any]] = {name: getattr(np, name) for name in (*_MAKERS, *_TAKERS)}
# The recordings that are going on, by thread; an endless one must not keep another from starting.
_going_on: dict[int, Session] = {}
_changing = threading.Lock()


@contextmanager
def constructors(session: Session) -> Iterator[None]:
    """While this lasts, arrays that the recorded file makes are recorded."""
    thread = threading.get_ident()
    with _changing:
        _going_on[thread] = session
        for name, stand_in in _REPLACED.items():
            setattr(np, name, stand_in)
    try:
        yield
    finally:
        with _changing:
            del _going_on[thread]
            if not _going_on:
                for name, plain in _PLAIN.items():
                    setattr(np, name, plain)


def _recording(name: str) -> Session | None:
    """The recording whose file calls ``np.name`` right now, itself."""
    session = _going_on.get(threading.get_ident())
    caller = sys._getframe(2)
    own = session is not None and user_frame(caller) is caller and _is_called(name, caller)
    return session if own else None


def _is_called(name: str, frame: FrameType) -> bool:
    """Whether the file itself makes the call: compiled code in between (np.random) leaves no frame of its own."""
    where = source_of(frame)
    return where is not None and where.text.partition("(")[0].strip().rpartition(".")[2] == name


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
        session = _recording(name)
        given = args[0] if args else None
        if session is None or len(args) != 1 or kwargs or isinstance(given, dict) or not contains_standin(given):
            return plain(*args, **kwargs)
        if isinstance(given, Standing):
            return session.stand_in(session, given.index) if name == "array" else given
        return _stacked(session, given)

    return take


def _stacked(session: Session, items: Any) -> Any:
    """``np.array([a, b])``: a stack of what is in the list, lists in it first."""
    arrays = [_stacked(session, item) if isinstance(item, list | tuple) else item for item in items]
    return calls.FUNCTIONS[np.stack](session, arrays, 0, spelling="array")


_REPLACED = {name: (_making if name in _MAKERS else _taking)(name) for name in _PLAIN}
