"""Where the right gradient comes from: torch, complex step, or five-point differences; never chainstep."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tests.engine.oracle import differences
from tests.fuzz.description import Array
from tests.oracles import COMPARISONS, Complex, complex_step, leaves, replaced

try:
    from tests.fuzz import translations, twin

    assert translations.UFUNCS
except ImportError:  # torch is not installed
    twin = None  # type: ignore[assignment]

Loss = Callable[..., Any]
Name = Literal["torch", "complex step", "differences"]


@dataclass(frozen=True, eq=False)
class Answer:
    """One gradient per parameter array, who found it, and how far it may be off, relative to the largest entry."""

    oracle: Name
    gradients: list[Array]
    tolerance: float


class NoAnswer(Exception):
    """Nobody can say: the loss has a kink here, or its numbers are too coarse."""


class _Analytic(Complex):
    """Complex numbers on which only those functions work that obey the derivative; anything else is an error."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if ufunc not in ANALYTIC or method not in ("__call__", "reduce", "accumulate"):
            raise TypeError(ufunc.__name__)
        result = super().__array_ufunc__(ufunc, method, *inputs, out=out, **options)
        if out is not None:
            return out[0]
        return np.asarray(result) if result.dtype == bool else np.asarray(result).view(_Analytic)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function not in MOVING_OR_ADDING:
            raise TypeError(function.__name__)
        return super().__array_function__(function, types, args, kwargs)

    def astype(self, dtype: Any, **_: Any) -> Any:
        if np.dtype(dtype) != np.float64:
            raise TypeError("astype")
        return self.copy()

    def __getattribute__(self, name: str) -> Any:
        if name in ("var", "std", "round", "clip", "argmax", "argmin", "sort", "conj", "imag", "__float__"):
            raise TypeError(name)
        return super().__getattribute__(name)


ANALYTIC = {
    np.add, np.subtract, np.multiply, np.true_divide, np.power, np.negative, np.positive, np.maximum, np.minimum,
    np.exp, np.expm1, np.log, np.log1p, np.log2, np.log10, np.sqrt, np.square, np.absolute, np.sin, np.cos, np.tan,
    np.arctan, np.sinh, np.cosh, np.tanh, np.reciprocal, np.matmul, *COMPARISONS,
}  # fmt: skip
MOVING_OR_ADDING = {
    np.sum, np.mean, np.prod, np.cumsum, np.max, np.amax, np.min, np.amin, np.trace, np.dot, np.inner, np.outer,
    np.tensordot, np.einsum, np.where, np.transpose, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.swapaxes,
    np.moveaxis, np.broadcast_to, np.repeat, np.tile, np.pad, np.roll, np.flip, np.flipud, np.fliplr, np.diag,
    np.diagonal, np.tril, np.triu, np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.split,
    np.array_split, np.take, np.take_along_axis, np.zeros_like, np.ones_like,  np.shape, np.ndim, np.size,
    np.atleast_1d, np.copy,
}  # fmt: skip


def by_torch(loss: Loss, params: dict[str, Any], data: dict[str, Any]) -> Answer | None:
    """The gradient by torch; None if it is not installed, cannot express the program, or finds another loss."""
    if twin is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, gradients = twin.gradients(loss, params, data)
    except twin.NotExpressible:
        return None
    expected = float(np.asarray(_plain(loss, params, data)).reshape(-1)[0])
    if not np.isclose(value, expected, rtol=1e-9, atol=1e-9):
        return None
    if not all(np.isfinite(g).all() for g in gradients):  # 0/0 at a point where there is no derivative
        return None
    return Answer("torch", gradients, 1e-8)


def by_complex_step(loss: Loss, params: dict[str, Any], data: dict[str, Any]) -> Answer | None:
    """The gradient by complex step; None where the program leaves the functions that obey it."""

    def analytic(**arguments: Any) -> Any:
        return loss(**{k: _viewed(v) for k, v in arguments.items()})

    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            value = np.asarray(analytic(**_complex(params), **data)).reshape(-1)[0]
            if not np.isclose(value.real, _plain(loss, params, data).reshape(-1)[0], rtol=1e-9, atol=1e-9):
                return None
            gradients = [complex_step(analytic, params, data, path) for path, _ in leaves(params)]
    except Exception:
        return None
    if not all(np.isfinite(g).all() for g in gradients) or not _slope_is(loss, params, data, gradients):
        return None
    return Answer("complex step", gradients, 1e-8)


def _slope_is(loss: Loss, params: dict[str, Any], data: dict[str, Any], gradients: list[Array]) -> bool:
    """Whether the gradient gives the slope along one direction: complex numbers may have got into other functions."""
    directions = [np.cos(1.0 + np.arange(g.size)).reshape(g.shape) for g in gradients]
    step = 1e-4

    def at(distance: float) -> float:
        moved = params
        for (path, array), direction in zip(list(leaves(params)), directions, strict=True):
            moved = replaced(moved, path, np.asarray(array + distance * direction))
        return float(_plain(loss, moved, data).reshape(-1)[0])

    slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)
    own = sum(float(np.sum(g * d)) for g, d in zip(gradients, directions, strict=True))
    return abs(slope - own) <= 1e-5 * max(1e-3, *(float(np.abs(g).max(initial=0.0)) for g in gradients))


def by_differences(loss: Loss, params: dict[str, Any], data: dict[str, Any]) -> Answer:
    """The gradient by five-point differences. Raises NoAnswer where two widths disagree."""
    one = differences(loss, params, data)
    two = differences(loss, params, data, step=2.3e-4)
    scale = max([1e-3, *(float(np.abs(g).max(initial=0.0)) for g in one)])
    for a, b in zip(one, two, strict=True):
        if not np.isfinite(a).all() or not np.allclose(a, b, rtol=0, atol=1e-6 * scale):
            raise NoAnswer("two widths of differences disagree: a kink is near")
    return Answer("differences", two, 1e-5)


def answer(loss: Loss, params: dict[str, Any], data: dict[str, Any], names: tuple[Name, ...]) -> Answer:
    """The first of the oracles called ``names`` that can tell. Raises NoAnswer if none can."""
    if "torch" in names and (found := by_torch(loss, params, data)) is not None:
        return found
    if "complex step" in names and (found := by_complex_step(loss, params, data)) is not None:
        return found
    return by_differences(loss, params, data)


def _complex(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {k: _complex(v) for k, v in tree.items()}
    return [_complex(v) for v in tree] if isinstance(tree, list) else tree.astype(complex)


def _viewed(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_viewed(v) for v in tree]
    return tree.view(_Analytic) if isinstance(tree, np.ndarray) and tree.dtype.kind == "c" else tree


def _plain(loss: Loss, params: dict[str, Any], data: dict[str, Any]) -> Array:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(loss(**params, **data))
