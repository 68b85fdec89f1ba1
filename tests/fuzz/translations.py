"""What NumPy's functions are in torch, in double precision; fills the tables of `tests.fuzz.twin`. Needs torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tests.fuzz.twin import (
    FLAT,
    FUNCTIONS,
    JOINING,
    METHODS,
    MOVING,
    REDUCED,
    UFUNCS,
    NotExpressible,
    Twin,
    moved,
    plain_key,
    tensor_of,
)


def _axes(ndim: int, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(k % ndim for k in (axis if isinstance(axis, tuple | list) else (axis,)))


def _reducing(reduce: Callable[..., torch.Tensor]) -> Callable[..., Twin]:
    """``reduce(tensor, axes, keepdims)`` as NumPy calls it."""

    def function(a: Any, axis: Any = None, keepdims: bool = False, **options: Any) -> Twin:
        options = {k: v for k, v in options.items() if v is not None and v is not np._NoValue}
        tensor = tensor_of(a)
        axes = _axes(tensor.ndim, axis)
        if tensor.ndim == 0:
            tensor = tensor.reshape(1)
            return Twin(reduce(tensor, (0,), False, **options))
        return Twin(reduce(tensor, axes, bool(keepdims), **options))

    return function


def _prod(t: torch.Tensor, axes: tuple[int, ...], keepdims: bool) -> torch.Tensor:
    for axis in sorted(axes, reverse=True):
        t = torch.prod(t, dim=axis, keepdim=keepdims)
    return t


def _var(t: torch.Tensor, axes: tuple[int, ...], keepdims: bool, ddof: float = 0) -> torch.Tensor:
    return torch.var(t, dim=axes, keepdim=keepdims, correction=ddof)


def _norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Twin:
    t = tensor_of(a)
    if ord not in (None, 1, 2, "fro") or (ord in (1, 2) and axis is None and t.ndim == 2):
        raise NotExpressible(f"norm of order {ord}")
    order = 2 if ord in (None, "fro") else ord
    return Twin(torch.linalg.vector_norm(t, order, dim=_axes(t.ndim, axis), keepdim=keepdims))


def _cumsum(a: Any, axis: Any = None) -> Twin:
    t = tensor_of(a)
    return Twin(torch.cumsum(t.reshape(-1) if axis is None else t, dim=0 if axis is None else axis))


def _dot(a: Any, b: Any) -> Twin:
    one, two = tensor_of(a), tensor_of(b)
    if 0 in (one.ndim, two.ndim):
        return Twin(one * two)
    if two.ndim == 1:
        return Twin(torch.tensordot(one, two, dims=1))
    return Twin(torch.tensordot(one, two, dims=([one.ndim - 1], [two.ndim - 2])))


def _inner(a: Any, b: Any) -> Twin:
    one, two = tensor_of(a), tensor_of(b)
    if 0 in (one.ndim, two.ndim):
        return Twin(one * two)
    return Twin(torch.tensordot(one, two, dims=([one.ndim - 1], [two.ndim - 1])))


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Twin:
    dims = axes
    if not isinstance(axes, int):
        dims = [[k] if isinstance(k, int) else list(k) for k in axes]
    return Twin(torch.tensordot(tensor_of(a), tensor_of(b), dims=dims))


def _einsum(subscripts: Any, *operands: Any) -> Twin:
    if not isinstance(subscripts, str) or "." in subscripts:
        raise NotExpressible("this einsum")
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    if not arrow:
        letters = inputs.replace(",", "")
        result = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return Twin(torch.einsum(f"{inputs}->{result}", *(tensor_of(v) for v in operands)))


def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Twin:
    t = tensor_of(a)
    if a_min is not None:
        t = torch.maximum(t, tensor_of(a_min))
    return Twin(t if a_max is None else torch.minimum(t, tensor_of(a_max)))


def _where(condition: Any, *choices: Any) -> Twin:
    if len(choices) != 2:
        raise NotExpressible("np.where with one argument")
    chosen = torch.as_tensor(np.array(plain_key(condition), dtype=bool))
    return Twin(torch.where(chosen, *(tensor_of(v) for v in choices)))


def _counted(name: str) -> Callable[..., Any]:
    """A NumPy function of the numbers alone."""
    function = getattr(np, name)
    return lambda a, *args, **kwargs: function(a.numbers(), *args, **kwargs)


def _like(number: float) -> Callable[..., Twin]:
    return lambda a, **_: Twin(torch.full(tensor_of(a).shape, number, dtype=torch.float64))


UFUNCS |= {
    np.add: torch.add, np.subtract: torch.subtract, np.multiply: torch.multiply, np.true_divide: torch.true_divide,
    np.power: torch.pow, np.negative: torch.neg, np.positive: torch.clone, np.maximum: torch.maximum,
    np.minimum: torch.minimum, np.exp: torch.exp, np.expm1: torch.expm1, np.log: torch.log, np.log1p: torch.log1p,
    np.log2: torch.log2, np.log10: torch.log10, np.logaddexp: torch.logaddexp, np.sqrt: torch.sqrt,
    np.square: torch.square, np.absolute: torch.abs, np.sin: torch.sin, np.cos: torch.cos, np.tan: torch.tan,
    np.arctan: torch.atan, np.sinh: torch.sinh, np.cosh: torch.cosh, np.tanh: torch.tanh,
    np.reciprocal: torch.reciprocal, np.matmul: torch.matmul, np.exp2: torch.exp2, np.arcsin: torch.asin,
}  # fmt: skip
FLAT |= {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.sign, np.floor, np.ceil, np.trunc,
    np.rint, np.logical_and, np.logical_or, np.logical_not, np.bitwise_and, np.bitwise_or, np.invert,
}  # fmt: skip
_sum = _reducing(lambda t, axes, keepdims: torch.sum(t, dim=axes, keepdim=keepdims))
_max = _reducing(lambda t, axes, keepdims: torch.amax(t, dim=axes, keepdim=keepdims))
_min = _reducing(lambda t, axes, keepdims: torch.amin(t, dim=axes, keepdim=keepdims))
_product = _reducing(_prod)
REDUCED |= {np.add: _sum, np.maximum: _max, np.minimum: _min, np.multiply: _product}
FUNCTIONS |= {
    np.sum: _sum, np.max: _max, np.amax: _max, np.min: _min, np.amin: _min, np.prod: _product,
    np.mean: _reducing(lambda t, axes, keepdims: torch.mean(t, dim=axes, keepdim=keepdims)),
    np.var: _reducing(_var), np.std: _reducing(lambda *args, **kwargs: torch.sqrt(_var(*args, **kwargs))),
    np.linalg.norm: _norm, np.cumsum: _cumsum, np.dot: _dot, np.inner: _inner, np.tensordot: _tensordot,
    np.vdot: lambda a, b: Twin(torch.dot(tensor_of(a).reshape(-1), tensor_of(b).reshape(-1))),
    np.outer: lambda a, b: Twin(torch.outer(tensor_of(a).reshape(-1), tensor_of(b).reshape(-1))),
    np.einsum: _einsum, np.clip: _clip, np.where: _where, np.copy: lambda a, **_: a.copy(),
    np.trace: lambda a, *args: np.sum(np.diagonal(a, *args), axis=-1),
    np.shape: lambda a: a.shape, np.ndim: lambda a: a.ndim, np.size: lambda a: a.size,
    np.zeros_like: _like(0.0), np.ones_like: _like(1.0),
    np.full_like: lambda a, number: Twin(torch.broadcast_to(tensor_of(number), tensor_of(a).shape)),
    np.argmax: _counted("argmax"), np.argmin: _counted("argmin"), np.round: _counted("round"),
    np.around: _counted("around"),
    np.split: lambda a, *args, **kwargs: moved(lambda n: np.split(n, *args, **kwargs), a),
    np.array_split: lambda a, *args, **kwargs: moved(lambda n: np.array_split(n, *args, **kwargs), a),
    np.hsplit: lambda a, *args: moved(lambda n: np.hsplit(n, *args), a),
    np.vsplit: lambda a, *args: moved(lambda n: np.vsplit(n, *args), a),
    np.broadcast_to: lambda a, shape: Twin(torch.broadcast_to(tensor_of(a), shape)),
    np.atleast_1d: lambda a: a if a.ndim else np.reshape(a, 1),
    np.take: lambda a, ids, axis=None: moved(lambda n: np.take(n, plain_key(ids), axis), a),
    np.take_along_axis: lambda a, ids, axis: moved(lambda n: np.take_along_axis(n, plain_key(ids), axis), a),
}  # fmt: skip
MOVING |= {
    np.transpose, np.permute_dims, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.swapaxes, np.moveaxis,
    np.repeat, np.tile,
    np.roll, np.flip, np.flipud, np.fliplr, np.rot90, np.diag, np.diagonal, np.tril, np.triu, np.atleast_2d,
}  # fmt: skip
JOINING |= {np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack}
METHODS |= {
    "sum", "mean", "max", "min", "prod", "var", "std", "cumsum", "trace", "clip", "ravel", "squeeze", "swapaxes", "dot",
    "repeat", "take", "diagonal", "argmax", "argmin", "round",
}  # fmt: skip


def _pad(a: Any, width: Any, mode: str = "constant", **options: Any) -> Any:
    if mode != "constant" or options:
        raise NotExpressible(f"np.pad with {mode} {options}")
    return moved(lambda numbers: np.pad(numbers, width), a)


FUNCTIONS[np.pad] = _pad
