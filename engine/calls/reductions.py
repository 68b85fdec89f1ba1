"""Sums, means, extremes, variances and norms as they are called, with axis and keepdims."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import numpy as np

from engine.axes import normalised
from engine.session import Session, Unrecorded, dtype_of, plain_array

UNSET: Any = np._NoValue


def _operand(a: Any, name: str) -> Any:
    if isinstance(a, list | tuple):
        raise Unrecorded(f"{name} of a list of recorded values is not recorded.", "Make it one array: np.stack([...]).")
    return a


def _axes(a: Any, axis: Any) -> Any:
    """``axis`` as Python numbers; raises what NumPy raises for an axis that is not there."""
    if axis is None:
        return None
    ndim = np.ndim(plain_array(a))
    made: Any = tuple(int(k) for k in axis) if isinstance(axis, tuple | list) else int(axis)
    for k in made if isinstance(made, tuple) else (made,):
        if not -ndim <= k < max(ndim, 1):
            raise np.exceptions.AxisError(k, ndim)
    return made


def _settings(a: Any, axis: Any, keepdims: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"axis": _axes(a, axis)}
    if keepdims is not UNSET and keepdims:
        settings["keepdims"] = True
    return settings


def _only_defaults(name: str, **given: Any) -> None:
    extra = [f"{key}=" for key, value in given.items() if value is not UNSET and value is not None]
    if extra:
        raise Unrecorded(f"{name} with {', '.join(extra)} is not recorded.")


def reduce(
    session: Session, op: str, spelling: str, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = UNSET, initial: Any = UNSET, where: Any = UNSET,
) -> Any:  # fmt: skip
    """np.sum, np.max and the like; the arguments are those of np.sum."""
    _only_defaults(f"np.{op}", dtype=dtype, out=out, initial=initial, where=where)
    return session.apply(op, (_operand(a, f"np.{op}"),), spelling, **_settings(a, axis, keepdims))


def _extreme(
    session: Session, op: str, spelling: str, a: Any, axis: Any = None, out: Any = None, keepdims: Any = UNSET,
    initial: Any = UNSET, where: Any = UNSET,
) -> Any:  # fmt: skip
    return reduce(session, op, spelling, a, axis, None, out, keepdims, initial, where)


def mean(
    session: Session, spelling: str, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = UNSET, *, where: Any = UNSET,
) -> Any:  # fmt: skip
    """NumPy divides the sum by the count, bit for bit; recorded apart, the 1/N is a part one can see."""
    total = reduce(session, "sum", spelling, a, axis, dtype, out, keepdims, UNSET, where)
    return session.apply("divide", (total, np.size(plain_array(a)) // max(total.size, 1)), "operator")


def _average(session: Session, a: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean, or the sum of the weighted entries over that of the weights."""
    if weights is None:
        return mean(session, "function", a, axis)
    shapes = [np.shape(plain_array(v)) for v in (a, weights)]
    if shapes[0] != shapes[1] or dtype_of(weights) != dtype_of(a):
        raise Unrecorded("np.average with these weights is not recorded.", "Write np.sum(w * x) / np.sum(w).")
    weighted = session.apply("multiply", (a, weights), "operator")
    both = [reduce(session, "sum", "function", v, axis) for v in (weighted, weights)]
    return session.apply("divide", tuple(both), "operator")


def _prod(
    session: Session, spelling: str, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = UNSET, initial: Any = UNSET, where: Any = UNSET,
) -> Any:  # fmt: skip
    axis = _axes(_operand(a, "np.prod"), axis)
    if isinstance(axis, tuple):
        axes = normalised(axis, np.ndim(plain_array(a)))
        if len(axes) not in (1, np.ndim(plain_array(a))):
            raise Unrecorded("np.prod over several axes is not recorded.", "Write one np.prod for each axis.")
        axis = axes[0] if len(axes) == 1 else None
    if isinstance(axis, int):
        axis %= max(np.ndim(plain_array(a)), 1)
    return reduce(session, "prod", spelling, a, axis, dtype, out, keepdims, initial, where)


def _spread(
    session: Session, op: str, spelling: str, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    ddof: int = 0, keepdims: Any = UNSET, *, where: Any = UNSET, mean: Any = UNSET, correction: Any = UNSET,
) -> Any:  # fmt: skip
    """np.var and np.std."""
    _only_defaults(f"np.{op}", dtype=dtype, out=out, where=where, mean=mean)
    ddof = ddof if correction is UNSET else correction
    settings = _settings(_operand(a, f"np.{op}"), axis, keepdims)
    shape = np.shape(plain_array(a))
    count = int(np.prod([shape[k] for k in normalised(settings["axis"], len(shape))], dtype=np.int64))
    if int(ddof) != ddof or count - ddof <= 0:
        raise Unrecorded(f"np.{op} of {count} entries with ddof={ddof} divides by {count - ddof}; it is not recorded.")
    if ddof:
        settings["ddof"] = int(ddof)
    return session.apply(op, (a,), spelling, **settings)


def _norm(session: Session, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    axes = _axes(_operand(x, "np.linalg.norm"), axis)
    over = np.ndim(plain_array(x)) if axes is None else len(axes) if isinstance(axes, tuple) else 1
    euclidean = ord is None or (ord == 2 and over == 1) or (ord == "fro" and over == 2)
    if not euclidean and not (ord == 1 and over == 1):
        kind = "matrix " if over > 1 else ""
        raise Unrecorded(
            f"np.linalg.norm with ord={ord!r} is not recorded as a {kind}norm.",
            "Write it out with np.abs, np.sum and np.max.",
        )
    settings = _settings(x, axis, keepdims)
    if ord is not None:
        settings["ord"] = ord
    return session.apply("norm", (x,), "function", **settings)


def _trace(session: Session, spelling: str, a: Any, offset: int = 0) -> Any:
    if offset or np.ndim(plain_array(a)) != 2:
        raise Unrecorded(
            "np.trace beside the main diagonal or of more than two dimensions is not recorded.",
            "Write np.einsum or index the diagonal.",
        )
    return session.apply("trace", (a,), spelling)


def _position(
    session: Session, op: str, spelling: str, a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = UNSET
) -> Any:
    _only_defaults(f"np.{op}", out=out)
    return session.apply(op, (_operand(a, f"np.{op}"),), spelling, **_settings(a, axis, keepdims))


def _cumsum(session: Session, spelling: str, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    _only_defaults("np.cumsum", dtype=dtype, out=out)
    axis = _axes(_operand(a, "np.cumsum"), axis)
    settings = {} if axis is None else {"axis": axis % max(np.ndim(plain_array(a)), 1)}
    return session.apply("cumsum", (a,), spelling, **settings)


def _bound(reader: Any, op: str | None, spelling: str) -> Any:
    """A reader for one operation in one spelling."""
    leading = (spelling,) if op is None else (op, spelling)

    @functools.wraps(reader)
    def read(session: Session, *args: Any, **kwargs: Any) -> Any:
        return reader(session, *leading, *args, **kwargs)

    read.__signature__ = _without(reader, len(leading))  # type: ignore[attr-defined]
    return read


def _without(reader: Any, count: int) -> Any:
    signature = inspect.signature(reader)
    first, *rest = signature.parameters.values()
    return signature.replace(parameters=[first, *rest[count:]])


_READERS: dict[str, tuple[Any, str | None]] = {
    "sum": (reduce, "sum"),
    "max": (_extreme, "max"),
    "min": (_extreme, "min"),
    "mean": (mean, None),
    "prod": (_prod, None),
    "var": (_spread, "var"),
    "std": (_spread, "std"),
    "trace": (_trace, None),
    "argmax": (_position, "argmax"),
    "argmin": (_position, "argmin"),
    "cumsum": (_cumsum, None),
}
FUNCTIONS: dict[Any, Any] = {
    **{getattr(np, name): _bound(reader, op, "function") for name, (reader, op) in _READERS.items()},
    np.amax: _bound(_extreme, "max", "function"),
    np.amin: _bound(_extreme, "min", "function"),
    np.linalg.norm: _norm,
    np.average: _average,
}
METHODS: dict[str, Any] = {name: _bound(reader, op, "method") for name, (reader, op) in _READERS.items()}
REDUCING_UFUNCS = {np.add: "sum", np.maximum: "max", np.minimum: "min"}
