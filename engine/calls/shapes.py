"""Reshaping, turning, repeating, shifting and padding as they are called."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.session import Session, Standing, Unrecorded, plain_array


def shape_of(a: Any) -> tuple[int, ...]:
    return np.shape(plain_array(a))


def _blank(a: Any) -> np.ndarray[Any, Any]:
    """An array of that shape, to let NumPy say what becomes of the shape."""
    return np.empty(shape_of(a), dtype=np.bool_)


def _view(session: Session, a: Any, made: Any) -> Any:
    """A result that looks at the memory of ``a``."""
    return session.stand_in(session, made.index, base=a) if isinstance(a, Standing) else made


def _copy(session: Session, a: Any) -> Any:
    return session.stand_in(session, a.index)


def transpose(session: Session, spelling: str, a: Any, axes: Any = None, **said: Any) -> Any:
    """Any order of axes; the complete reversal is ``.T``."""
    ndim = len(shape_of(a))
    order = tuple(range(ndim))[::-1] if axes is None else tuple(int(k) % max(ndim, 1) for k in axes)
    _blank(a).transpose(order)
    if order == tuple(range(ndim)):
        return session.stand_in(session, a.index, base=a) if isinstance(a, Standing) else a
    plain = axes is None and not said
    settings = {} if plain or (order == tuple(range(ndim))[::-1] and not said) else {"axes": order, **said}
    return _view(session, a, session.apply("transpose", (a,), spelling, **settings))


def _transpose(session: Session, a: Any, axes: Any = None) -> Any:
    return transpose(session, "function", a, axes)


def _transpose_method(session: Session, a: Any, *axes: Any) -> Any:
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple | list)):
        axes = tuple(axes[0] or ())
    return transpose(session, "method", a, axes or None)


def _swapaxes_function(session: Session, a: Any, axis1: int, axis2: int) -> Any:
    return _swapped(session, "np.swapaxes", a, axis1, axis2)


def _swapaxes(session: Session, a: Any, axis1: int, axis2: int) -> Any:
    return _swapped(session, "swapaxes", a, axis1, axis2)


def _swapped(session: Session, spelling: str, a: Any, i: int, j: int) -> Any:
    order = list(range(len(shape_of(a))))
    _blank(a).swapaxes(i, j)
    order[i], order[j] = order[j], order[i]
    return transpose(session, spelling, a, order, moved=(int(i), int(j)))


def _moveaxis(session: Session, a: Any, source: Any, destination: Any) -> Any:
    shape = shape_of(a)
    ends = [tuple(int(k) for k in v) if isinstance(v, tuple | list) else int(v) for v in (source, destination)]
    moved = np.moveaxis(np.empty(shape, dtype=np.bool_), *ends)
    # where each axis went, told apart by stepping through a labelled copy of the axes
    order = _order(len(shape), ends[0], ends[1])
    assert tuple(shape[k] for k in order) == moved.shape
    return transpose(session, "moveaxis", a, order, moved=tuple(ends))


def _order(ndim: int, source: Any, destination: Any) -> list[int]:
    sources = [k % ndim for k in (source if isinstance(source, tuple) else (source,))]
    places = [k % ndim for k in (destination if isinstance(destination, tuple) else (destination,))]
    order = [k for k in range(ndim) if k not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return order


def reshape(session: Session, spelling: str, a: Any, shape: Any, order: str = "C") -> Any:
    """A reshape; -1 is worked out. The order of F is that of C for the transposes."""
    if order == "F":
        sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
        turned = transpose(session, "method", a) if len(shape_of(a)) > 1 else a
        made = reshape(session, "method", turned, sizes[::-1])
        return transpose(session, "method", made) if len(sizes) > 1 else made
    if order not in ("C", "A") or (order == "A" and not _blank(a).flags.c_contiguous):
        raise Unrecorded(f"a reshape with order={order!r} is not recorded.", "Use order='C' or order='F'.")
    sizes = tuple(int(n) for n in shape) if isinstance(shape, tuple | list) else (int(shape),)
    target = _blank(a).reshape(sizes).shape
    return _view(session, a, session.apply("reshape", (a,), spelling, shape=target))


def _reshape(
    session: Session, a: Any, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None
) -> Any:
    return reshape(session, "function", a, shape if newshape is None else newshape, order)


def _reshape_method(session: Session, a: Any, *shape: Any, order: str = "C", copy: Any = None) -> Any:
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    return reshape(session, "method", a, shape, order)


def _ravel(session: Session, a: Any, order: str = "C") -> Any:
    return reshape(session, "np.ravel", a, -1, order)


def _ravel_method(session: Session, a: Any, order: str = "C") -> Any:
    return reshape(session, "ravel", a, -1, order)


def _flatten(session: Session, a: Any, order: str = "C") -> Any:
    return _copy(session, reshape(session, "flatten", a, -1, order))


def _squeezed(session: Session, spelling: str, a: Any, axis: Any = None) -> Any:
    if _blank(a).squeeze(axis).shape == shape_of(a):
        return _view(session, a, a) if isinstance(a, Standing) else a
    settings = {} if axis is None else {"axis": axis}
    return _view(session, a, session.apply("squeeze", (a,), spelling, **settings))


def _squeeze(session: Session, a: Any, axis: Any = None) -> Any:
    return _squeezed(session, "function", a, axis)


def _squeeze_method(session: Session, a: Any, axis: Any = None) -> Any:
    return _squeezed(session, "method", a, axis)


def _expand_dims(session: Session, a: Any, axis: Any) -> Any:
    axis = tuple(int(k) for k in axis) if isinstance(axis, tuple | list) else int(axis)
    return _view(session, a, session.apply("expand_dims", (a,), "function", axis=axis))


def _at_least(session: Session, a: Any, shape: tuple[int, ...]) -> Any:
    return a if shape == shape_of(a) else reshape(session, "method", a, shape)


def _atleast_1d(session: Session, a: Any) -> Any:
    return _at_least(session, a, np.atleast_1d(_blank(a)).shape)


def _atleast_2d(session: Session, a: Any) -> Any:
    return _at_least(session, a, np.atleast_2d(_blank(a)).shape)


def _broadcast_to(session: Session, a: Any, shape: Any) -> Any:
    sizes = tuple(int(n) for n in shape) if isinstance(shape, tuple | list) else (int(shape),)
    return _view(session, a, session.apply("broadcast_to", (a,), "function", shape=sizes))


def _repeat(session: Session, a: Any, repeats: Any, axis: Any = None) -> Any:
    if isinstance(repeats, Standing) or np.ndim(repeats):
        raise Unrecorded(
            "np.repeat with a number of times for each entry is not recorded.",
            "Index with the positions: a[np.repeat(np.arange(n), times)], computed outside loss.",
        )
    settings = {} if axis is None else {"axis": int(axis) % max(len(shape_of(a)), 1)}
    return session.apply("repeat", (a,), "function", repeats=int(repeats), **settings)


def _tile(session: Session, A: Any, reps: Any) -> Any:
    times = tuple(int(n) for n in reps) if isinstance(reps, tuple | list) else (int(reps),)
    return session.apply("tile", (A,), "function", reps=times)


def _pad(session: Session, array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Any:
    if mode != "constant" or np.any(np.asarray(constant_values) != 0):
        raise Unrecorded("np.pad with anything but zeros is not recorded.", "Use np.concatenate with the border.")
    width = np.broadcast_to(np.asarray(pad_width), (len(shape_of(array)), 2))
    return session.apply("pad", (array,), "function", width=tuple((int(a), int(b)) for a, b in width))


def _roll(session: Session, a: Any, shift: Any, axis: Any = None) -> Any:
    steps = tuple(int(n) for n in shift) if isinstance(shift, tuple | list) else int(shift)
    settings = {} if axis is None else {"axis": tuple(axis) if isinstance(axis, tuple | list) else int(axis)}
    return session.apply("roll", (a,), "function", shift=steps, **settings)


def _flip(session: Session, m: Any, axis: Any = None) -> Any:
    settings = {} if axis is None else {"axis": tuple(axis) if isinstance(axis, tuple | list) else int(axis)}
    return _view(session, m, session.apply("flip", (m,), "function", **settings))


def _flipud(session: Session, m: Any) -> Any:
    return _flip(session, m, 0)


def _fliplr(session: Session, m: Any) -> Any:
    return _flip(session, m, 1)


def _diag(session: Session, v: Any, k: int = 0) -> Any:
    shape = shape_of(v)
    if len(shape) == 2 and shape[0] != shape[1]:
        raise Unrecorded(
            "np.diag of a matrix that is not square is not recorded.", "Index it: a[np.arange(n), np.arange(n)]."
        )
    settings = {"k": int(k)} if k else {}
    return session.apply("diag", (v,), "function", **settings)


def _diagonal(session: Session, a: Any, offset: int = 0) -> Any:
    if len(shape_of(a)) != 2:
        raise Unrecorded("np.diagonal of more than two dimensions is not recorded.", "Write np.einsum or an index.")
    return _diag(session, a, offset)


def _triangle(op: str) -> Any:
    def read(session: Session, m: Any, k: int = 0) -> Any:
        settings = {"k": int(k)} if k else {}
        return session.apply(op, (m,), "function", **settings)

    return read


def _fill_diagonal(session: Session, a: Any, val: Any) -> None:
    shape = shape_of(a)
    if not isinstance(a, Standing) or len(shape) != 2 or len(shape_of(val)) > 0 or shape[0] < shape[1]:
        cure = "Write a[np.arange(n), np.arange(n)] = v."
        raise Unrecorded("np.fill_diagonal of these arrays is not recorded.", cure)
    positions = np.arange(shape[1])
    a[positions, positions] = val  # type: ignore[index]


def _diff(session: Session, a: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences of neighbours, as often as is asked for."""
    ndim = len(shape_of(a))
    if not isinstance(a, Standing) or not ndim or a.dtype.kind != "f":
        raise Unrecorded("np.diff of this is not recorded.", "Write a[1:] - a[:-1].")
    before = (slice(None),) * (int(axis) % ndim)
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]  # type: ignore[index]
    return a


FUNCTIONS: dict[Any, Any] = {
    np.transpose: _transpose,
    np.permute_dims: _transpose,
    np.swapaxes: _swapaxes_function,
    np.moveaxis: _moveaxis,
    np.reshape: _reshape,
    np.ravel: _ravel,
    np.squeeze: _squeeze,
    np.expand_dims: _expand_dims,
    np.atleast_1d: _atleast_1d,
    np.atleast_2d: _atleast_2d,
    np.broadcast_to: _broadcast_to,
    np.repeat: _repeat,
    np.tile: _tile,
    np.pad: _pad,
    np.roll: _roll,
    np.flip: _flip,
    np.flipud: _flipud,
    np.fliplr: _fliplr,
    np.diag: _diag,
    np.diagonal: _diagonal,
    np.fill_diagonal: _fill_diagonal,
    np.diff: _diff,
    np.tril: _triangle("tril"),
    np.triu: _triangle("triu"),
    np.copy: lambda session, a, order="K", subok=False: a.copy(order),
}
METHODS: dict[str, Any] = {
    "transpose": _transpose_method,
    "swapaxes": _swapaxes,
    "reshape": _reshape_method,
    "ravel": _ravel_method,
    "flatten": _flatten,
    "squeeze": _squeeze_method,
    "repeat": _repeat,
    "diagonal": _diagonal,
}
