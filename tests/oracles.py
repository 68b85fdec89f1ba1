"""Gradients found without any chain rule: the complex step, on nothing but NumPy.

``loss(w + ih)`` has the derivative in its imaginary part, and no difference of nearly equal numbers is taken, so the
answer is good to the last digits. What compares or orders numbers must look at the real part only; that is all that
``Complex`` adds to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

STEP = 1e-30
COMPARISONS = (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal)


class Complex(np.ndarray):
    """Complex numbers that are ordered by their real part and whose absolute value is analytic."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        arrays = [np.asarray(value) for value in inputs]
        if out is not None:
            options["out"] = tuple(np.asarray(value) for value in out)
        if ufunc in COMPARISONS:
            return getattr(ufunc, method)(*[array.real for array in arrays], **options)
        if ufunc in (np.maximum, np.minimum) and method == "reduce":
            result = extreme(ufunc, arrays[0], options.get("axis", 0), options.get("keepdims", False))
        elif ufunc is np.maximum and method == "__call__":
            result = np.where(arrays[0].real > arrays[1].real, *arrays)
        elif ufunc is np.minimum and method == "__call__":
            result = np.where(arrays[0].real < arrays[1].real, *arrays)
        elif ufunc is np.absolute:
            result = np.where(arrays[0].real < 0, -arrays[0], arrays[0])
        else:
            result = getattr(ufunc, method)(*arrays, **options)
        return np.asarray(result).view(Complex)


def extreme(ufunc: np.ufunc, array: np.ndarray, axis: int | None, keepdims: bool) -> np.ndarray:
    """The entry with the largest or smallest real part along one axis, or of all entries."""
    if axis is None:
        array, axis = array.reshape(-1), 0
    choose = np.argmax if ufunc is np.maximum else np.argmin
    result = np.take_along_axis(array, choose(array.real, axis=axis, keepdims=True), axis)
    return result if keepdims else result.squeeze(axis)


def leaves(params: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], np.ndarray]]:
    """(path, array) of every array in nested dicts, lists and tuples."""
    if isinstance(params, np.ndarray):
        yield path, params
    else:
        for key, inner in params.items() if isinstance(params, dict) else enumerate(params):
            yield from leaves(inner, (*path, key))


def replaced(params: Any, path: tuple[Any, ...], array: np.ndarray) -> Any:
    """A copy of ``params`` with another array at ``path``."""
    if not path:
        return array
    if isinstance(params, dict):
        return {**params, path[0]: replaced(params[path[0]], path[1:], array)}
    return type(params)(replaced(inner, path[1:], array) if i == path[0] else inner for i, inner in enumerate(params))


def derivative(
    loss: Callable[..., Any],
    params: dict[str, Any],
    data: dict[str, Any],
    path: tuple[Any, ...],
    direction: np.ndarray,
) -> float:
    """The derivative of the loss when the parameter at ``path`` moves in ``direction`` (an array of its shape)."""
    moved = params
    for place, array in leaves(params):  # all of them complex: a loss may write one into an array made from another
        imaginary = STEP * direction if place == path else np.zeros(array.shape)
        moved = replaced(moved, place, (array + 1j * imaginary).view(Complex))
    with np.errstate(all="ignore"):
        return float(np.asarray(loss(**moved, **data)).imag.item() / STEP)


def complex_step(
    loss: Callable[..., Any], params: dict[str, Any], data: dict[str, Any], path: tuple[Any, ...]
) -> np.ndarray:
    """The whole gradient of the parameter at ``path``, entry by entry; same shape as the parameter."""
    array = dict(leaves(params))[path]
    gradient = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        direction = np.zeros(array.shape)
        direction[index] = 1.0
        gradient[index] = derivative(loss, params, data, path, direction)
    return gradient
