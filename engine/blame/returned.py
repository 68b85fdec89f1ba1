"""What a backward returned, as gradients by parameter, and how far each is from the engine's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.blame.linetrace import numbers
from engine.blame.model import Answer
from engine.blame.quantities import Quantities, without_ones
from engine.blame.roles import readings
from engine.errors import RunError

_KEY = re.compile(r"\[(?:'([^']*)'|\"([^\"]*)\"|(\d+))\]")


def gradients_of(returned: Any, quantities: Quantities, returns: str | None, file: str | None) -> dict[str, Any]:
    """The returned gradients by parameter. Raises RunError where one is missing or the form is another."""
    found = returned
    if returns is not None:
        names = returns.replace(",", " ").split()
        values = found if isinstance(found, tuple | list) else (found,)
        if len(values) == len(names) + 1:
            values = values[1:]
        if len(values) != len(names):
            raise RunError(
                f"RETURNS names {len(names)} gradients, and backward returns {len(values)} values.", file=file
            )
        found = dict(zip(names, values, strict=True))
    elif isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], Mapping):
        found = found[1]
    if not isinstance(found, Mapping):
        what = "nothing" if found is None else f"a {type(found).__name__}"
        raise RunError(
            f"backward returns {what}, not a dict of gradients.",
            file=file,
            cure='Return {"W1": dW1, ...}, or add a line RETURNS = "dW1 db1" that names a tuple.',
        )
    result = {}
    for parameter in quantities.by_parameter:
        value = _at(found, parameter)
        if numbers(value) is None and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if numbers(value) is None:
            missing = "no gradient" if value is None else f"a {type(value).__name__} as the gradient"
            raise RunError(f"backward returns {missing} of {parameter}.", file=file)
        result[parameter] = value
    return result


def _at(found: Mapping[Any, Any], parameter: str) -> Any:
    root = re.split(r"[\[.]", parameter, maxsplit=1)[0]
    value: Any = next((found[k] for k in (root, f"d{root}", parameter, f"d{parameter}") if k in found), None)
    if value is None:  # grad_W1, W1_grad, nabla_W1
        named = [k for k in found if isinstance(k, str) and ("gradient", root) in readings(k)]
        value = found[named[0]] if len(named) == 1 else None
    if root == parameter or parameter in found or f"d{parameter}" in found:
        return value
    for match in _KEY.finditer(parameter):
        key: Any = int(match[3]) if match[3] is not None else match[1] or match[2]
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def answer(value: Any, true: np.ndarray[Any, Any], tolerance: float) -> Answer:
    """One gradient beside the engine's; shapes count but for axes of size one."""
    array = numbers(value)
    if array is None or without_ones(array.shape) != without_ones(true.shape):
        return Answer(False, float("inf"))
    with np.errstate(all="ignore"):
        off = float(np.max(np.abs(array.reshape(true.shape) - true), initial=0.0))
        size = float(np.max(np.abs(true), initial=0.0))
        error = off / size if size else (0.0 if off == 0.0 else float("inf"))
    if np.isnan(error):
        error = 0.0 if np.array_equal(array.reshape(true.shape), true, equal_nan=True) else float("inf")
    return Answer(error <= tolerance, error)
