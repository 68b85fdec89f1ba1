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


# What NumPy functions become; filled by tests.fuzz.translations.
UFUNCS: dict[Any, Callable[..., torch.Tensor]] = {}
REDUCED: dict[Any, Callable[..., Twin]] = {}
FUNCTIONS: dict[Any, Callable[..., Any]] = {}
FLAT: set[Any] = set()  # ufuncs without a gradient
MOVING: set[Any] = set()  # of one array
JOINING: set[Any] = set()  # of a list of arrays
METHODS: set[str] = set()  # named as the function of np


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

    def copy(self, order: str = "C") -> Twin:
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
        return moved(lambda numbers: numbers[plain_key(key)], self)

    def __setitem__(self, key: Any, value: Any) -> None:
        places = np.arange(self.size).reshape(self.shape)[plain_key(key)]
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


def plain_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(plain_key(k) for k in key)
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
