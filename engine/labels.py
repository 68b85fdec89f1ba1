"""What the short forms take for granted of labels: tests made once per program and passed at every run.

A pass of a small net takes microseconds, so the test of its labels has to be a matter of four NumPy calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Test = Callable[[Any], bool]


def label_test(kind: str, axis: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Test:
    """A test of arrays of one shape and dtype: ``one-hot``, or ``sums to one``, along ``axis`` counted from the end.

    With no more entries other than zero than there are sums, every sum can only be 1 where it is over a single 1. Such
    a sum has no rounding, so BLAS may take it.
    """
    count = np.count_nonzero
    number = math.prod(shape) // max(shape[axis], 1)
    one = np.ones((), dtype)
    if kind != "one-hot":
        return lambda label: bool(count(np.add.reduce(label, axis) == one) == number)
    if len(shape) != 2 or dtype.kind != "f":
        return lambda label: bool(count(label) == number and count(np.add.reduce(label, axis) == one) == number)
    ones = np.ones(shape[axis], dtype)
    if axis == -1:
        return lambda label: bool(count(label) == number and count(label.dot(ones) == one) == number)
    return lambda label: bool(count(label) == number and count(ones.dot(label) == one) == number)
