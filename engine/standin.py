"""The stand-in array: looks like an ndarray to the user's code, records what is done with it."""

from __future__ import annotations

import functools
import operator
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from engine import calls
from engine.calls.products import matmul
from engine.calls.reductions import REDUCING_UFUNCS, reduce
from engine.indexing import check_repeats, fix_counts, recorded_index
from engine.instead import instead_of
from engine.ops import index_key
from engine.session import Session, Standing, depends, dtype_of, plain_array
from engine.source import calling_frame, is_operator, stores_back
from engine.spellings import SHAPE_ONLY, UFUNCS, stripped

_USUAL = {np.isnan: False, np.isinf: False, np.isfinite: True}


def _binary(op: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: StandIn, other: Any) -> Any:
        return self.session.apply(op, (self, other), "operator")

    def reflected(self: StandIn, other: Any) -> Any:
        return self.session.apply(op, (other, self), "operator")

    return forward, reflected


def _unrecorded(symbol: str, function: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operator outside the table: computed on data, refused on what depends on a parameter."""

    def forward(self: StandIn, other: Any) -> Any:
        return self.session.unsupported(f"the operator {symbol}", function, (self, other), {})

    def reflected(self: StandIn, other: Any) -> Any:
        return self.session.unsupported(f"the operator {symbol}", function, (other, self), {})

    return forward, reflected


def _method(name: str) -> Callable[..., Any]:
    """A method of arrays that the table knows."""

    def method(self: StandIn, *args: Any, **kwargs: Any) -> Any:
        whole = (self, *args)
        return calls.read(self.session, calls.METHODS[name], f".{name}", getattr(np.ndarray, name), whole, kwargs)

    return method


@functools.cache
def _reducer(ufunc: Any) -> Callable[..., Any]:
    """np.add.reduce and its like."""

    def read(session: Session, a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
        return reduce(session, REDUCING_UFUNCS[ufunc], "method", a, axis, dtype, out, keepdims)

    return read


def _in_place(op: str, symbol: str) -> Callable[..., Any]:
    def update(self: StandIn, other: Any) -> Any:
        if isinstance(self.array, np.generic):
            return self.session.apply(op, (self, other), "operator")
        if self.base is not None and stores_back(calling_frame()):
            return self._fitting(self.session.apply(op, (self, other), "operator"), symbol)
        self.check_writable(f"{symbol}=")
        self._moved(self._fitting(self.session.apply(op, (self, other), "operator"), symbol))
        return self

    return update


class StandIn(Standing):
    """One recorded array. ``index`` addresses the graph; an in-place write moves it to the updated value."""

    __slots__ = ("__weakref__", "_crowded", "_views", "base", "fixed", "keys")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, session: Session, index: int, *, base: StandIn | None = None, fixed: bool = False, key: Any = None
    ) -> None:
        super().__init__(session, index)
        # a view of a view looks at the array below; each key is a basic index, or None for another kind of view
        self.base: StandIn | None = base if base is None or base.base is None else base.base
        self.keys: tuple[Any, ...] = () if base is None else (*base.keys, key)
        self.fixed = fixed
        self._views: list[weakref.ref[StandIn]] = []
        self._crowded = 8
        if self.base is not None:
            self.base.note_view(self)

    def note_view(self, view: StandIn) -> None:
        if len(self._views) >= self._crowded:
            self._views = [r for r in self._views if r() is not None]
            self._crowded = 2 * len(self._views) + 8
        self._views.append(weakref.ref(view))

    def check_writable(self, what: str, besides: Any = None, written: Any = None) -> None:
        """Only a whole array of loss's own can be updated: not an argument, not a view, nothing that views look at.

        ``besides``: a view that is only read, before the write (``h[0] = h[1]``). ``written``: the index of the write,
        where it is not the whole array; a view of other entries does not notice it (``c = C[t - 1]``, ``C[t] = ...``).
        """
        if self.fixed:
            self.session.refuse(
                f"{what} writes into an argument of loss; the caller's array would change.",
                "Work on a copy: h = x.copy().",
            )
        if self.base is not None:
            self.session.refuse(
                f"{what} writes through a view of another array.",
                "Write it out on the array itself: h[0] = h[0] + 1.",
            )
        if self._is_viewed(besides, written):
            self.session.namer.harvest(calling_frame())
            if self._is_viewed(besides, written):
                self.session.refuse(
                    f"{what} changes an array while a view of it (a slice or a transpose) is still in use.",
                    "Copy the slice first: v = h[:2].copy().",
                )

    def _is_viewed(self, besides: Any, written: Any) -> bool:
        views = [view for view in (r() for r in self._views) if view is not None and view is not besides]
        if not views or written is None:
            return bool(views)
        marks = np.zeros(self.shape, dtype=np.bool_)
        marks[written] = True
        return any(view._seen_of(marks).any() for view in views)

    def _seen_of(self, marks: Any) -> Any:
        """Which entries of this view are marked in the array it looks at; if that cannot be told, whether one is."""
        for key in self.keys:
            if key is None:
                return marks.any()
            marks = np.asarray(marks[key])
        return marks

    def _fitting(self, made: StandIn, symbol: str) -> StandIn:
        """The result of an in-place operation, in the shape and dtype that the array has."""
        if made.shape != self.shape:
            raise ValueError(f"non-broadcastable output operand with shape {self.shape} doesn't match {made.shape}")
        if made.dtype != self.dtype:
            if not np.can_cast(made.dtype, self.dtype, "same_kind"):
                raise np.exceptions.DTypePromotionError(f"{symbol}= would turn {self.dtype} into {made.dtype}")
            made = made.astype(self.dtype)
        return made

    # what an ndarray tells without being read
    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[StandIn]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return repr(self.array)

    def __str__(self) -> str:
        return str(self.array)

    def __format__(self, spec: str) -> str:
        return format(self.array, spec)

    # operators
    __add__, __radd__ = _binary("add")
    __sub__, __rsub__ = _binary("subtract")
    __mul__, __rmul__ = _binary("multiply")
    __truediv__, __rtruediv__ = _binary("divide")
    __pow__, __rpow__ = _binary("power")

    def __matmul__(self, other: Any) -> Any:
        return matmul(self.session, self, other, "operator")

    def __rmatmul__(self, other: Any) -> Any:
        return matmul(self.session, other, self, "operator")

    __and__, __rand__ = _binary("logical_and")
    __or__, __ror__ = _binary("logical_or")
    __mod__, __rmod__ = _unrecorded("%", operator.mod)
    __floordiv__, __rfloordiv__ = _unrecorded("//", operator.floordiv)
    __divmod__, __rdivmod__ = _unrecorded("divmod", divmod)
    __xor__, __rxor__ = _unrecorded("^", operator.xor)
    __lshift__, __rlshift__ = _unrecorded("<<", operator.lshift)
    __rshift__, __rrshift__ = _unrecorded(">>", operator.rshift)
    __gt__, _ = _binary("greater")
    __ge__, _ = _binary("greater_equal")
    __lt__, _ = _binary("less")
    __le__, _ = _binary("less_equal")
    __eq__, _ = _binary("equal")
    __ne__, _ = _binary("not_equal")
    __iadd__ = _in_place("add", "+")
    __isub__ = _in_place("subtract", "-")
    __imul__ = _in_place("multiply", "*")
    __itruediv__ = _in_place("divide", "/")
    __ipow__ = _in_place("power", "**")

    def __neg__(self) -> Any:
        return self.session.apply("negative", (self,), "operator")

    def __pos__(self) -> StandIn:
        return StandIn(self.session, self.index)

    def __abs__(self) -> Any:
        return self.session.apply("abs", (self,), "builtin")

    def __invert__(self) -> Any:
        return self.session.apply("invert", (self,), "operator")

    # reading the number itself
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.session.read(self, "turning it into a plain array"), dtype=dtype)

    def __bool__(self) -> bool:
        return bool(self.session.read(self, "a condition (if, while, and, or)"))

    def __float__(self) -> float:
        return self.session.number(self, "float()")  # type: ignore[no-any-return]

    def __int__(self) -> int:
        return int(self.session.read(self, "int()"))

    def __index__(self) -> int:
        return self.session.read(self, "using it as an index").__index__()  # type: ignore[no-any-return]

    def __complex__(self) -> complex:
        return complex(self.session.read(self, "complex()"))

    def __contains__(self, item: Any) -> bool:
        return item in self.session.read(self, "`in`")

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.session.read(self, "round()"), digits)

    def __deepcopy__(self, memo: Any) -> StandIn:
        return StandIn(self.session, self.index)

    def __copy__(self) -> StandIn:
        return StandIn(self.session, self.index)

    # NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = f"np.{ufunc.__name__}" if hasattr(np, ufunc.__name__) else ufunc.__name__
        session = self.session
        written = kwargs.pop("out", None)
        if written is not None and self._becomes_recorded(written, inputs, ufunc):
            # ``total += h`` on an ordinary array: the name is bound to what comes back
            started = StandIn(session, session.operand(written[0]))
            return started._fitting(session.apply(UFUNCS[ufunc], (started, *inputs[1:]), "operator"), ufunc.__name__)
        if written is not None:
            session.refuse(
                f"{name} writes into an existing array (out= or an in-place operator on a plain array).",
                "Assign the result to a name instead.",
            )
        if ufunc is np.matmul and method == "__call__" and not kwargs:
            return matmul(session, inputs[0], inputs[1], "operator" if is_operator(calling_frame()) else "matmul")
        if method == "reduce" and ufunc in REDUCING_UFUNCS:
            kwargs.setdefault("axis", 0)
            return calls.read(session, _reducer(ufunc), f"{name}.reduce", ufunc.reduce, inputs, kwargs)
        if ufunc in _USUAL and method == "__call__" and not kwargs and isinstance(inputs[0], StandIn):
            found = ufunc(inputs[0].array)
            if np.all(found == _USUAL[ufunc]):
                return found  # numbers as they should be: a check that finds nothing is no step
        if method != "__call__" or ufunc not in UFUNCS:
            shown = name if method == "__call__" else f"{name}.{method}"
            return session.unsupported(shown, getattr(ufunc, method), inputs, kwargs)
        if kwargs:
            session.refuse(f"{name} with {', '.join(sorted(kwargs))}= is not recorded.")
        op = UFUNCS[ufunc]
        if ufunc in (np.invert, np.bitwise_and, np.bitwise_or) and any(dtype_of(v) != np.bool_ for v in inputs):
            return session.unsupported(name, ufunc, inputs, kwargs)
        return session.apply(op, inputs, "operator" if is_operator(calling_frame()) else "function")

    def _becomes_recorded(self, written: Any, inputs: Any, ufunc: Any) -> bool:
        plain = written[0]
        in_place = inputs[0] is plain and ufunc in UFUNCS and is_operator(calling_frame())
        return in_place and not isinstance(plain, StandIn)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        session = self.session
        if function in SHAPE_ONLY:
            return function(*stripped(args), **stripped(kwargs))
        module = getattr(function, "__module__", "numpy") or "numpy"
        name = f"{module.replace('numpy', 'np')}.{function.__name__}"
        return calls.read(session, calls.FUNCTIONS.get(function), name, function, args, kwargs)

    # methods
    @property
    def T(self) -> StandIn:
        if self.ndim < 2:
            return StandIn(self.session, self.index, base=self)
        return self._view(self.session.apply("transpose", (self,), "method"))

    def copy(self, order: Literal["C", "F", "A", "K"] = "C") -> StandIn:
        """The same value; a copy that lies otherwise in memory is recorded, because sums add up along memory."""
        array = self.array
        if isinstance(array, np.ndarray) and array.copy(order).strides != array.strides:
            said = {} if order == "C" else {"order": order}
            made: StandIn = self.session.apply("copy", (self,), "method", **said)
            return made
        return StandIn(self.session, self.index)

    def astype(
        self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        target = np.dtype(dtype)
        if not copy and target == self.dtype:
            return self
        active = self.session.graph.cells[self.index].active
        if active and target.kind != "f":
            self.session.refuse(f".astype({target}) throws away what depends on a parameter.", "Keep it a float array.")
        return self.session.apply("astype", (self,), "method", dtype=str(target))

    def tolist(self) -> Any:
        return self.session.read(self, ".tolist()").tolist()

    def item(self, *args: Any) -> Any:
        return self.session.read(self, ".item()").item(*args) if args else self.session.number(self, ".item()")

    def _view(self, made: StandIn) -> StandIn:
        return StandIn(self.session, made.index, base=self)

    def __getitem__(self, key: Any) -> Any:
        index, arrays = recorded_index(self.session, key)
        fix_counts(self.session, arrays)
        made = self.session.apply("getitem", (self, *arrays), "operator", index=index)
        if arrays or not isinstance(made.array, np.ndarray):
            return made
        return StandIn(self.session, made.index, base=self, key=index_key(index, []))

    def __setitem__(self, key: Any, value: Any) -> None:
        index, arrays = recorded_index(self.session, key)
        self.check_writable(
            "this assignment", besides=value, written=index_key(index, [plain_array(a) for a in arrays])
        )
        if any(dtype_of(a) != np.bool_ for a in arrays):
            check_repeats(self.session, self.shape, index, arrays, value)
        if np.asarray(plain_array(value)).dtype.kind == "f" and self.dtype.kind != "f":
            self.session.refuse(
                f"this assignment rounds floats to {self.dtype}.", "Make the array a float array first."
            )
        if np.size(plain_array(value)) != 1:
            fix_counts(self.session, arrays)
        made: StandIn | None = None
        if (
            len(index) == 1
            and arrays
            and dtype_of(arrays[0]) == np.bool_
            and np.shape(plain_array(value)) == ()
            and np.shape(plain_array(arrays[0])) == self.shape
        ):
            made = self.session.apply("where", (arrays[0], value, self), "function")
            if made.dtype != self.dtype:
                made = made.astype(self.dtype)
        if made is None:
            made = self.session.apply("setitem", (self, value, *arrays), "operator", index=index)
        self._moved(made)

    def _moved(self, made: StandIn) -> None:
        """From now on this array is the updated value, whoever holds it."""
        self.index = made.index
        self.session.namer.writes += 1

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute '{name}'")
        if depends(self):
            self.session.refuse(f".{name} is not among the operations chainstep records.", instead_of(f".{name}"))
        return getattr(np.array(self.session.read(self, f".{name}")), name)


for _name in calls.METHODS:
    setattr(StandIn, _name, _method(_name))
