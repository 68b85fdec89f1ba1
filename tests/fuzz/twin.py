"""NumPy text on torch tensors: a program's own file, run once more by another library's automatic differentiation.

A `Twin` answers NumPy's protocols (NEP 13 and NEP 18) with torch operations in double precision, so that the text
need not be translated. What only moves entries is done with NumPy on the entries' numbers and one torch look-up.
Whatever is missing here raises `NotExpressible`, and another oracle takes over. Needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch


class NotExpressible(Exception):
    """The program uses something that has no translation here."""


class Twin(np.lib.mixins.NDArrayOperatorsMixin):
    """A tensor that NumPy text takes for an array. Writing into it replaces the tensor; views are copies."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    # what an array tells of itself
    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def ndim(self) -> int:
        return self.tensor.ndim

    @property
    def size(self) -> int:
        return self.tensor.numel()

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.float64)

    @property
    def T(self) -> Twin:
        return np.transpose(self)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

    def numbers(self) -> np.ndarray[Any, Any]:
        """The numbers alone, without their history."""
        return self.tensor.detach().numpy().copy()

    def _read(self) -> np.ndarray[Any, Any]:
        if self.tensor.requires_grad:
            raise NotExpressible("the number of what depends on a parameter is read")
        return self.numbers()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self._read(), dtype=dtype)

    def __bool__(self) -> bool:
        return bool(self._read())

    def __float__(self) -> float:
        return float(self._read())

    def __int__(self) -> int:
        return int(self._read())

    # methods
    def reshape(self, *shape: Any) -> Any:
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        return np.transpose(self, (axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes) or None)

    def flatten(self) -> Any:
        return np.ravel(self)

    def copy(self) -> Twin:
        return Twin(self.tensor)

    def astype(self, dtype: Any) -> Twin:
        if np.dtype(dtype) != np.float64:
            raise NotExpressible(f"astype({dtype})")
        return Twin(self.tensor)

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            function = getattr(np, name)
            return lambda *args, **kwargs: function(self, *args, **kwargs)
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotExpressible(f".{name}")

    # indices
    def __getitem__(self, key: Any) -> Twin:
        return moved(lambda numbers: numbers[_plain_key(key)], self)

    def __setitem__(self, key: Any, value: Any) -> None:
        places = np.arange(self.size).reshape(self.shape)[_plain_key(key)]
        new = torch.broadcast_to(tensor_of(value), places.shape).reshape(-1)
        index = torch.as_tensor(np.asarray(places).reshape(-1))
        self.tensor = self.tensor.reshape(-1).index_put((index,), new).reshape(self.shape)

    # NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if method == "reduce" and ufunc in REDUCED:
            axis = options.pop("axis", 0)
            options = {k: v for k, v in options.items() if v is not None and v is not np._NoValue}
            return REDUCED[ufunc](inputs[0], axis=axis, **options)
        if method != "__call__" or options:
            raise NotExpressible(f"np.{ufunc.__name__}.{method} {options}")
        if ufunc in UFUNCS:
            result = Twin(UFUNCS[ufunc](*(tensor_of(v) for v in inputs)))
        elif ufunc in FLAT:
            result = getattr(ufunc, method)(*(v.numbers() if isinstance(v, Twin) else v for v in inputs))
        else:
            raise NotExpressible(f"np.{ufunc.__name__}")
        if out is None:
            return result
        if not isinstance(out[0], Twin) or result.shape != out[0].shape:
            raise NotExpressible("out=")
        out[0].tensor = tensor_of(result)
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in FUNCTIONS:
            return FUNCTIONS[function](*args, **kwargs)
        if function in MOVING:
            first, *rest = args
            return moved(lambda numbers: function(numbers, *rest, **kwargs), first)
        if function in JOINING:
            return joined(lambda parts: function(parts, *args[1:], **kwargs), args[0])
        raise NotExpressible(f"np.{function.__name__}")


def tensor_of(value: Any) -> torch.Tensor:
    """Any operand as a tensor of double precision."""
    if isinstance(value, Twin):
        return value.tensor
    if isinstance(value, list | tuple) and any(isinstance(v, Twin) for v in value):
        raise NotExpressible("a list of arrays as an array")
    array = np.asarray(value)
    return torch.as_tensor(np.array(array, dtype=np.float64, order="C"))


def _plain_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_plain_key(k) for k in key)
    return key._read() if isinstance(key, Twin) else key


def moved(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply to the numbers 1, 2, ... of the entries what would be applied to the entries; 0 marks a new zero."""
    tensor = tensor_of(value)
    places = function(np.arange(1, tensor.numel() + 1).reshape(tuple(tensor.shape)))
    pool = torch.cat([torch.zeros(1, dtype=torch.float64), tensor.reshape(-1)])
    return _looked_up(pool, places)


def joined(function: Callable[[list[Any]], Any], parts: Any) -> Any:
    """The same for functions of several arrays."""
    if isinstance(parts, Twin):
        parts = list(parts)
    tensors = [tensor_of(v) for v in parts]
    numbers, first = [], 0
    for tensor in tensors:
        numbers.append(np.arange(first, first + tensor.numel()).reshape(tuple(tensor.shape)))
        first += tensor.numel()
    return _looked_up(torch.cat([t.reshape(-1) for t in tensors]), function(numbers))


def _looked_up(pool: torch.Tensor, places: Any) -> Any:
    if isinstance(places, list | tuple):
        return [_looked_up(pool, p) for p in places]
    places = np.asarray(places)
    return Twin(pool[torch.as_tensor(places.reshape(-1))].reshape(places.shape))


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
    chosen = torch.as_tensor(np.array(_plain_key(condition), dtype=bool))
    return Twin(torch.where(chosen, *(tensor_of(v) for v in choices)))


def _counted(name: str) -> Callable[..., Any]:
    """A NumPy function of the numbers alone."""
    function = getattr(np, name)
    return lambda a, *args, **kwargs: function(a.numbers(), *args, **kwargs)


def _like(number: float) -> Callable[..., Twin]:
    return lambda a, **_: Twin(torch.full(tensor_of(a).shape, number, dtype=torch.float64))


UFUNCS: dict[Any, Callable[..., torch.Tensor]] = {
    np.add: torch.add, np.subtract: torch.subtract, np.multiply: torch.multiply, np.true_divide: torch.true_divide,
    np.power: torch.pow, np.negative: torch.neg, np.positive: torch.clone, np.maximum: torch.maximum,
    np.minimum: torch.minimum, np.exp: torch.exp, np.expm1: torch.expm1, np.log: torch.log, np.log1p: torch.log1p,
    np.log2: torch.log2, np.log10: torch.log10, np.logaddexp: torch.logaddexp, np.sqrt: torch.sqrt,
    np.square: torch.square, np.absolute: torch.abs, np.sin: torch.sin, np.cos: torch.cos, np.tan: torch.tan,
    np.arctan: torch.atan, np.sinh: torch.sinh, np.cosh: torch.cosh, np.tanh: torch.tanh,
    np.reciprocal: torch.reciprocal, np.matmul: torch.matmul, np.exp2: torch.exp2, np.arcsin: torch.asin,
}  # fmt: skip
FLAT = {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.sign, np.floor, np.ceil, np.trunc,
    np.rint, np.logical_and, np.logical_or, np.logical_not, np.bitwise_and, np.bitwise_or, np.invert,
}  # fmt: skip
_sum = _reducing(lambda t, axes, keepdims: torch.sum(t, dim=axes, keepdim=keepdims))
_max = _reducing(lambda t, axes, keepdims: torch.amax(t, dim=axes, keepdim=keepdims))
_min = _reducing(lambda t, axes, keepdims: torch.amin(t, dim=axes, keepdim=keepdims))
_product = _reducing(_prod)
REDUCED = {np.add: _sum, np.maximum: _max, np.minimum: _min, np.multiply: _product}
FUNCTIONS: dict[Any, Callable[..., Any]] = {
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
    np.take: lambda a, ids, axis=None: moved(lambda n: np.take(n, _plain_key(ids), axis), a),
    np.take_along_axis: lambda a, ids, axis: moved(lambda n: np.take_along_axis(n, _plain_key(ids), axis), a),
}  # fmt: skip
MOVING = {
    np.transpose, np.permute_dims, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.swapaxes, np.moveaxis,
    np.repeat, np.tile,
    np.roll, np.flip, np.flipud, np.fliplr, np.rot90, np.diag, np.diagonal, np.tril, np.triu, np.atleast_2d,
}  # fmt: skip
JOINING = {np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack}
METHODS = {
    "sum", "mean", "max", "min", "prod", "var", "std", "cumsum", "trace", "clip", "ravel", "squeeze", "swapaxes", "dot",
    "repeat", "take", "diagonal", "argmax", "argmin", "round",
}  # fmt: skip


def _pad(a: Any, width: Any, mode: str = "constant", **options: Any) -> Any:
    if mode != "constant" or options:
        raise NotExpressible(f"np.pad with {mode} {options}")
    return moved(lambda numbers: np.pad(numbers, width), a)


FUNCTIONS[np.pad] = _pad


def gradients(
    loss: Callable[..., Any], params: dict[str, Any], data: dict[str, Any]
) -> tuple[float, list[np.ndarray[Any, Any]]]:
    """The loss and its gradient by torch, one array per parameter array in order. Raises NotExpressible."""
    tensors: list[torch.Tensor] = []

    def wrapped(tree: Any, parameter: bool) -> Any:
        if isinstance(tree, list):
            return [wrapped(v, parameter) for v in tree]
        if not isinstance(tree, np.ndarray) or (not parameter and tree.dtype.kind != "f"):
            return tree
        tensor = torch.tensor(tree.copy(order="C"), dtype=torch.float64)
        if parameter:
            tensors.append(tensor.requires_grad_())
        return Twin(tensor)

    arguments = {k: wrapped(v, True) for k, v in params.items()} | {k: wrapped(v, False) for k, v in data.items()}
    try:
        result = loss(**arguments)
        total = tensor_of(result).reshape(())
        if not total.requires_grad:
            return float(total), [np.zeros(tuple(t.shape)) for t in tensors]
        found = torch.autograd.grad(total, tensors, allow_unused=True)
    except NotExpressible:
        raise
    except Exception as error:
        raise NotExpressible(f"{type(error).__name__}: {error}") from error
    zeros = [np.zeros(tuple(t.shape)) for t in tensors]
    grads = [z if g is None else g.numpy() for z, g in zip(zeros, found, strict=True)]
    return float(total.detach()), grads
