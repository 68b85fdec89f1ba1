"""The stand-in array: looks like an ndarray to the user's code, records what is done with it.

Only operations of the table are recorded. On a value that depends on data alone anything else is allowed too: it is
computed on the real array, and the array that was read is remembered as *frozen*, so that a later run with other data
is refused instead of being wrong.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from engine.axes import normalised
from engine.copies import copied_array
from engine.errors import TraceError
from engine.graph import Graph
from engine.ir import Frozen
from engine.names import Namer
from engine.ops import index_key
from engine.source import calling_frame, is_operator, source_of

UFUNCS: dict[Any, str] = {
    np.add: "add", np.subtract: "subtract", np.multiply: "multiply", np.true_divide: "divide", np.power: "power",
    np.negative: "negative", np.maximum: "maximum", np.minimum: "minimum", np.exp: "exp", np.log: "log",
    np.sqrt: "sqrt", np.square: "square", np.absolute: "abs", np.sign: "sign", np.tanh: "tanh", np.matmul: "matmul",
    np.greater: "greater", np.greater_equal: "greater_equal", np.less: "less", np.less_equal: "less_equal",
    np.equal: "equal", np.not_equal: "not_equal", np.invert: "invert", np.logical_not: "invert",
    np.bitwise_and: "logical_and", np.logical_and: "logical_and", np.bitwise_or: "logical_or",
    np.logical_or: "logical_or",
}  # fmt: skip
_SPELLED_APART = {np.matmul: "matmul"}
_REDUCTIONS = {np.sum: "sum", np.mean: "mean", np.max: "max", np.amax: "max", np.min: "min", np.amin: "min"}
_REDUCING_UFUNCS = {np.add: "sum", np.maximum: "max", np.minimum: "min"}
_SHAPE_ONLY = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like}


class Session:
    """One recording in progress: the graph, the user's names, frozen reads, the first refusal."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.namer = Namer()
        self.frozen: list[Frozen] = []
        self.error: TraceError | None = None
        self._constants: dict[int, list[tuple[Any, int]]] = {}

    def leaves(self, tree: Any, kind: str, path: str) -> Any:
        """``tree`` with every array in it replaced by a stand-in; anything else stays as it is."""
        if isinstance(tree, dict):
            return {k: self.leaves(v, kind, f"{path}[{k!r}]") for k, v in tree.items()}
        if isinstance(tree, list | tuple):
            items = [self.leaves(v, kind, f"{path}[{k}]") for k, v in enumerate(tree)]
            if isinstance(tree, list):
                return items
            return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
        if isinstance(tree, np.ndarray | np.generic) and tree.dtype.kind in "biufc":
            name = path if path.isidentifier() else None
            index = self.graph.leaf(tree, kind, name, None if name else path)
            return StandIn(self, index, fixed=True)
        return tree

    def refuse(self, reason: str, cure: str = "", frame: FrameType | None = None) -> NoReturn:
        """Raise TraceError at the user's line, and remember it in case the user's code swallows it."""
        where = source_of(frame or calling_frame())
        error = TraceError(
            reason,
            file=where.file if where else None,
            line=where.line if where else None,
            text=where.text if where else "",
            cure=cure,
        )
        if self.error is None:
            self.error = error
        raise error

    def operand(self, value: Any, beside: np.dtype[Any] | None = None) -> int:
        """The index of an operand: a stand-in's, a literal's, or a captured constant's (copied)."""
        if isinstance(value, StandIn):
            return value.index
        if isinstance(value, np.generic) and value.dtype.kind in "biuf" and beside in (np.float64, None):
            value = value.item()
        if type(value) in (bool, int, float):
            return self.graph.literal(value)
        if isinstance(value, list | tuple):
            if _contains_standin(value):
                self.refuse(
                    "a list that holds recorded values is used as an array.",
                    "Write the operation on arrays (np.stack is not recorded yet).",
                )
            value = np.asarray(value)
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "biuf":
            kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
            self.refuse(f"{kind} takes part in the computation; only real numbers can be recorded.")
        known = self._constants.setdefault(id(value), [])
        for original, index in known:
            kept = self.graph.cells[index].array
            if (
                original is value
                and kept.dtype == value.dtype
                and np.array_equal(kept, value, equal_nan=value.dtype.kind == "f")
            ):
                return index
        if (
            isinstance(value, np.ndarray)
            and value.dtype == np.arange(1).dtype
            and np.array_equal(value, np.arange(value.size))
        ):
            index = self.graph.apply("arange", (), {"size": value.size})
            known.append((value, index))
            return index
        frozen = value
        if isinstance(value, np.ndarray):
            frozen = copied_array(value)
            frozen.setflags(write=False)
        index = self.graph.leaf(frozen, "constant", None)
        self.namer.constant(index, value, calling_frame())
        known.append((value, index))
        return index

    def apply(self, op: str, operands: tuple[Any, ...], spelling: str, **attributes: Any) -> StandIn:
        """Execute and record one operation; NumPy's own exceptions pass through to the user's code."""
        frame = calling_frame()
        self.namer.observe(frame)
        beside = next((v.dtype for v in operands if isinstance(v, StandIn) and v.dtype.kind == "f"), None)
        indices = tuple(self.operand(v, beside) for v in operands)
        index = self.graph.apply(op, indices, attributes, spelling=spelling, source=source_of(frame))
        return StandIn(self, index)

    def read(self, standin: StandIn, what: str) -> Any:
        """The real array, for code that needs numbers; only where it depends on data alone."""
        cell = self.graph.cells[standin.index]
        if cell.depends:
            self.refuse(
                f"{what} needs the number itself, but this value depends on a parameter; "
                "what follows from it could not be differentiated.",
                "Keep it an array and use NumPy operations, or compute it outside loss.",
            )
        self.freeze(standin)
        return cell.array

    def freeze(self, standin: StandIn) -> None:
        """Remember that the program is only good for arrays that give this value again."""
        if not any(f.value == standin.index for f in self.frozen):
            kept = np.array(self.graph.cells[standin.index].array)
            kept.setflags(write=False)
            self.frozen.append(Frozen(standin.index, kept, source_of(calling_frame())))

    def concrete(self, tree: Any, what: str) -> Any:
        """Arguments of a function that is not in the table, with stand-ins replaced by the arrays they stand for."""
        if isinstance(tree, StandIn):
            return np.array(self.read(tree, what))
        if isinstance(tree, list | tuple):
            return type(tree)(self.concrete(v, what) for v in tree)
        if isinstance(tree, dict):
            return {k: self.concrete(v, what) for k, v in tree.items()}
        return tree

    def unsupported(self, name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """A function outside the table: computed on data, refused on anything that depends on a parameter."""
        if _depends(args) or _depends(kwargs):
            self.refuse(
                f"{name} is not among the operations chainstep records.",
                "See the list in README, or write it with those.",
            )
        return function(*self.concrete(args, name), **self.concrete(kwargs, name))


def _contains_standin(tree: Any) -> bool:
    if isinstance(tree, StandIn):
        return True
    if isinstance(tree, dict):
        return any(_contains_standin(v) for v in tree.values())
    return isinstance(tree, list | tuple) and any(_contains_standin(v) for v in tree)


def _depends(tree: Any) -> bool:
    if isinstance(tree, StandIn):
        return tree.session.graph.cells[tree.index].depends
    if isinstance(tree, dict):
        return any(_depends(v) for v in tree.values())
    return isinstance(tree, list | tuple) and any(_depends(v) for v in tree)


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


def _in_place(op: str, symbol: str) -> Callable[..., Any]:
    def update(self: StandIn, other: Any) -> StandIn:
        if isinstance(self.array, np.generic):
            return self.session.apply(op, (self, other), "operator")
        self.check_writable(f"{symbol}=")
        made = self.session.apply(op, (self, other), "operator")
        if made.shape != self.shape:
            raise ValueError(f"non-broadcastable output operand with shape {self.shape} doesn't match {made.shape}")
        if made.dtype != self.dtype:
            if not np.can_cast(made.dtype, self.dtype, "same_kind"):
                raise np.exceptions.DTypePromotionError(f"{symbol}= would turn {self.dtype} into {made.dtype}")
            made = made.astype(self.dtype)
        self.index = made.index
        return self

    return update


class StandIn:
    """One recorded array. ``index`` addresses the graph; an in-place write moves it to the updated value."""

    __slots__ = ("__weakref__", "_views", "base", "fixed", "index", "session")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, session: Session, index: int, *, base: StandIn | None = None, fixed: bool = False) -> None:
        self.session = session
        self.index = index
        self.base = base
        self.fixed = fixed
        self._views: list[weakref.ref[StandIn]] = []
        if base is not None:
            base.note_view(self)

    @property
    def array(self) -> Any:
        return self.session.graph.cells[self.index].array

    def note_view(self, view: StandIn) -> None:
        self._views = [r for r in self._views if r() is not None]
        self._views.append(weakref.ref(view))
        if self.base is not None:
            self.base.note_view(view)

    def check_writable(self, what: str, besides: Any = None) -> None:
        """Only a whole array of loss's own can be updated: not an argument, not a view, nothing that views look at.

        ``besides``: a view that is only read, before the write (``h[0] = h[1]``).
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
        if self._is_viewed(besides):
            self.session.namer.harvest(calling_frame())
            if self._is_viewed(besides):
                self.session.refuse(
                    f"{what} changes an array while a view of it (a slice or a transpose) is still in use.",
                    "Copy the slice first: v = h[:2].copy().",
                )

    def _is_viewed(self, besides: Any) -> bool:
        return any(view is not None and view is not besides for view in (r() for r in self._views))

    # what an ndarray tells without being read
    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.array)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.session.graph.cells[self.index].dtype

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
        return _matmul(self.session, self, other, "operator")

    def __rmatmul__(self, other: Any) -> Any:
        return _matmul(self.session, other, self, "operator")

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

    def __neg__(self) -> StandIn:
        return self.session.apply("negative", (self,), "operator")

    def __pos__(self) -> StandIn:
        return StandIn(self.session, self.index)

    def __abs__(self) -> StandIn:
        return self.session.apply("abs", (self,), "builtin")

    def __invert__(self) -> StandIn:
        return self.session.apply("invert", (self,), "operator")

    # reading the number itself
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.session.read(self, "turning it into a plain array"), dtype=dtype)

    def __bool__(self) -> bool:
        return bool(self.session.read(self, "a condition (if, while, and, or)"))

    def __float__(self) -> float:
        return float(self.session.read(self, "float()"))

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
        name = f"np.{ufunc.__name__}"
        session = self.session
        if kwargs.pop("out", None) is not None:
            session.refuse(
                f"{name} writes into an existing array (out= or an in-place operator on a plain array).",
                "Assign the result to a name instead.",
            )
        if method == "reduce" and ufunc in _REDUCING_UFUNCS:
            kwargs = {k: v for k, v in kwargs.items() if v is not None or k == "axis"}
            return _reduce(session, _REDUCING_UFUNCS[ufunc], inputs[0], kwargs.pop("axis", 0), kwargs, f"{name}.reduce")
        if method != "__call__" or ufunc not in UFUNCS:
            shown = name if method == "__call__" else f"{name}.{method}"
            return session.unsupported(shown, getattr(ufunc, method), inputs, kwargs)
        if kwargs:
            session.refuse(f"{name} with {', '.join(sorted(kwargs))}= is not recorded.")
        op = UFUNCS[ufunc]
        if op == "matmul":
            return _matmul(session, inputs[0], inputs[1], "operator" if is_operator(calling_frame()) else "matmul")
        if ufunc in (np.invert, np.bitwise_and, np.bitwise_or) and any(_dtype_of(v) != np.bool_ for v in inputs):
            return session.unsupported(name, ufunc, inputs, kwargs)
        return session.apply(op, inputs, "operator" if is_operator(calling_frame()) else "function")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        session = self.session
        filled = function is np.full_like and not any(isinstance(v, StandIn) for v in (*args[1:], *kwargs.values()))
        if function in _SHAPE_ONLY or filled:
            return function(*_stripped(args), **_stripped(kwargs))
        if function in _REDUCTIONS:
            rest = dict(zip(("axis",), args[1:2], strict=False)) | {
                k: v for k, v in kwargs.items() if v is not None or k == "axis"
            }
            operand = args[0] if args else rest.pop("a", None)
            if len(args) <= 2:
                return _reduce(
                    session,
                    _REDUCTIONS[function],
                    operand,
                    rest.pop("axis", None),
                    rest,
                    f"np.{function.__name__}",
                    "function",
                )
        handler = _FUNCTIONS.get(function)
        if handler is not None:
            return handler(session, *args, **kwargs)
        module = getattr(function, "__module__", "numpy") or "numpy"
        return session.unsupported(f"{module.replace('numpy', 'np')}.{function.__name__}", function, args, kwargs)

    # methods
    def dot(self, other: Any) -> Any:
        return _matmul(self.session, self, other, "method")

    def sum(self, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        return _reduce(self.session, "sum", self, axis, {"keepdims": keepdims, **kwargs}, ".sum")

    def mean(self, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        return _reduce(self.session, "mean", self, axis, {"keepdims": keepdims, **kwargs}, ".mean")

    def max(self, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        return _reduce(self.session, "max", self, axis, {"keepdims": keepdims, **kwargs}, ".max")

    def min(self, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        return _reduce(self.session, "min", self, axis, {"keepdims": keepdims, **kwargs}, ".min")

    @property
    def T(self) -> StandIn:
        if self.ndim < 2:
            return StandIn(self.session, self.index, base=self)
        return self._view(self.session.apply("transpose", (self,), "method"))

    def transpose(self, *axes: Any) -> StandIn:
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple | list)):
            axes = tuple(axes[0] or ())
        if not axes or tuple(k % self.ndim for k in axes) == tuple(range(self.ndim))[::-1]:
            return self.T
        return self._view(self.session.apply("transpose", (self,), "method", axes=tuple(k % self.ndim for k in axes)))

    def reshape(self, *shape: Any, **kwargs: Any) -> StandIn:
        if kwargs.get("order", "C") != "C":
            self.session.refuse(f".reshape with order={kwargs['order']!r} is not recorded.")
        if len(shape) == 1 and isinstance(shape[0], tuple | list):
            shape = tuple(shape[0])
        target = np.empty(self.shape, dtype=np.bool_).reshape(*(int(n) for n in shape)).shape
        return self._view(self.session.apply("reshape", (self,), "method", shape=target))

    def ravel(self) -> StandIn:
        return self.reshape(-1)

    def flatten(self) -> StandIn:
        return StandIn(self.session, self.reshape(-1).index)

    def squeeze(self, axis: Any = None) -> StandIn:
        return self.reshape(np.empty(self.shape, dtype=np.bool_).squeeze(axis).shape)

    def copy(self, *_: Any, **__: Any) -> StandIn:
        return StandIn(self.session, self.index)

    def astype(
        self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
    ) -> StandIn:
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
        return self.session.read(self, ".item()").item(*args)

    def _view(self, made: StandIn) -> StandIn:
        return StandIn(self.session, made.index, base=self)

    def __getitem__(self, key: Any) -> StandIn:
        index, arrays = self._index(key)
        self._fix_counts(arrays)
        made = self.session.apply("getitem", (self, *arrays), "operator", index=index)
        return made if arrays or not isinstance(made.array, np.ndarray) else self._view(made)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.check_writable("this assignment", besides=value)
        index, arrays = self._index(key)
        if any(_dtype_of(a) != np.bool_ for a in arrays):
            self._check_repeats(index, arrays, value)
        if np.asarray(_plain_array(value)).dtype.kind == "f" and self.dtype.kind != "f":
            self.session.refuse(
                f"this assignment rounds floats to {self.dtype}.", "Make the array a float array first."
            )
        if np.size(_plain_array(value)) != 1:
            self._fix_counts(arrays)
        made: StandIn | None = None
        if (
            len(index) == 1
            and arrays
            and np.shape(_plain_array(value)) == ()
            and np.shape(_plain_array(arrays[0])) == self.shape
        ):
            made = self.session.apply("where", (arrays[0], value, self), "function")
            if made.dtype != self.dtype:
                made = made.astype(self.dtype)
        if made is None:
            made = self.session.apply("setitem", (self, value, *arrays), "operator", index=index)
        self.index = made.index

    def _check_repeats(self, index: tuple[tuple[Any, ...], ...], arrays: list[Any], value: Any) -> None:
        """Assigning twice to one position loses the first value; what is recorded must not give it a gradient."""
        times = np.zeros(self.shape, dtype=np.intp)
        np.add.at(times, index_key(index, [_plain_array(a) for a in arrays]), 1)
        if times.max(initial=0) > 1:
            self.session.refuse(
                "this assigns at integer positions of which one comes twice; only the last value would stay.",
                "Assign each position once, or use a boolean mask.",
            )
        if _depends(value):
            for array in arrays:
                if isinstance(array, StandIn):
                    self.session.freeze(array)

    def _fix_counts(self, arrays: list[Any]) -> None:
        """How many entries a mask picks is a shape of the program; arrays with which it differs are another program."""
        for mask in arrays:
            if isinstance(mask, StandIn) and mask.dtype == np.bool_:
                count = self.session.apply("sum", (mask,), "method", axis=None)
                self.session.freeze(count)

    def _index(self, key: Any) -> tuple[tuple[Any, ...], list[Any]]:
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
                if _dtype_of(item) is None or _dtype_of(item).kind not in "biu":
                    self.session.refuse(f"an index of type {type(item).__name__} is not recorded.")
                if _dtype_of(item) == np.bool_ and np.shape(_plain_array(item)) == ():
                    self.session.refuse("a single True or False as an index is not recorded.")
                if isinstance(item, StandIn) and item.dtype != np.bool_ and _depends(item):
                    self.session.refuse("an index depends on a parameter; only a mask may.", "Use np.where.")
                items.append(("array", len(arrays)))
                arrays.append(item)
        return tuple(items), arrays

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute '{name}'")
        if _depends(self):
            self.session.refuse(
                f".{name} is not among the operations chainstep records.",
                "See the list in README, or write it with those.",
            )
        return getattr(np.array(self.session.read(self, f".{name}")), name)


def _plain_array(value: Any) -> Any:
    return value.array if isinstance(value, StandIn) else value


def _dtype_of(value: Any) -> Any:
    return value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype


def _stripped(tree: Any) -> Any:
    """Arguments of a function that looks at shapes and dtypes only."""
    if isinstance(tree, StandIn):
        return np.empty(tree.shape, tree.dtype)
    if isinstance(tree, tuple | list):
        return type(tree)(_stripped(v) for v in tree)
    if isinstance(tree, dict):
        return {k: _stripped(v) for k, v in tree.items()}
    return tree


def _matmul(session: Session, a: Any, b: Any, spelling: str) -> Any:
    dims = [np.ndim(_plain_array(v)) for v in (a, b)]
    if 0 in dims and spelling in ("dot", "method"):
        return session.apply("multiply", (a, b), "operator")
    if max(dims) > 2 and not _depends((a, b)):
        return session.unsupported("np.matmul", np.matmul, (a, b), {})
    if max(dims) > 2:
        session.refuse(
            "a matrix product of more than two dimensions is not recorded yet.", "Write it as a loop over 2-D products."
        )
    return session.apply("matmul", (a, b), spelling)


def _reduce(
    session: Session, op: str, a: Any, axis: Any, rest: dict[str, Any], name: str, spelling: str = "method"
) -> Any:
    rest = {k: v for k, v in rest.items() if v is not False and v is not None and v is not np._NoValue}
    keepdims = bool(rest.pop("keepdims", False))
    if rest:
        session.refuse(f"{name} with {', '.join(sorted(rest))}= is not recorded.")
    if isinstance(a, list | tuple):
        session.refuse(f"{name} of a list of recorded values is not recorded.", "Add them up with +.")
    if axis is not None:
        axis = int(axis) if not isinstance(axis, tuple | list) else tuple(int(k) for k in axis)
        normalised(axis, max(np.ndim(_plain_array(a)), 1))
    if not isinstance(a, StandIn):
        session.refuse(f"{name} of {type(a).__name__} is not recorded.")
    attributes: dict[str, Any] = {"axis": axis}
    if keepdims:
        attributes["keepdims"] = True
    if op != "mean":
        return session.apply(op, (a,), spelling, **attributes)
    # NumPy divides the sum by the count, bit for bit; recorded apart, the 1/N is a part one can see
    total = session.apply("sum", (a,), spelling, **attributes)
    return session.apply("divide", (total, a.size // max(total.size, 1)), "operator")


def _where(session: Session, condition: Any, *choices: Any) -> Any:
    if len(choices) != 2:
        return session.unsupported("np.where with one argument", np.where, (condition, *choices), {})
    return session.apply("where", (condition, *choices), "function")


def _transpose(session: Session, a: StandIn, axes: Any = None) -> StandIn:
    return a.transpose(axes)


def _reshape(session: Session, a: StandIn, shape: Any = None, order: str = "C", **kwargs: Any) -> StandIn:
    return a.reshape(kwargs.get("newshape", shape), order=order)


def _expand_dims(session: Session, a: StandIn, axis: Any) -> StandIn:
    return a.reshape(np.expand_dims(np.empty(a.shape, dtype=np.bool_), axis).shape)


def _outer(session: Session, a: Any, b: Any) -> StandIn:
    if any(np.ndim(_plain_array(v)) != 1 for v in (a, b)):
        session.refuse("np.outer of arrays that are not one-dimensional is not recorded.", "Ravel them first.")
    return session.apply("outer", (a, b), "function")


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.dot: lambda session, a, b: _matmul(session, a, b, "dot"),
    np.where: _where,
    np.transpose: _transpose,
    np.reshape: _reshape,
    np.ravel: lambda session, a: a.ravel(),
    np.squeeze: lambda session, a, axis=None: a.squeeze(axis),
    np.expand_dims: _expand_dims,
    np.copy: lambda session, a, **_: a.copy(),
    np.outer: _outer,
}
