"""Copies that NumPy cannot tell from the originals, down to the last bit of a sum.

A sum of floats depends on the order in which the entries are added, and that on the strides. So a copy of a slice of a
larger array has the strides of the slice.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds


def copied(tree: Any) -> Any:
    """A deep copy of nested dicts, lists and tuples in which every array keeps its memory layout."""
    if type(tree) is dict:
        return {k: copied(v) for k, v in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)(copied(v) for v in tree)
    if type(tree) is np.ndarray and tree.dtype.kind in "biufc":
        return copied_array(tree)
    return copy.deepcopy(tree)


def copied_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A writable copy of a number array with the same strides."""
    if array.flags.c_contiguous or array.flags.f_contiguous or array.size == 0:
        return array.copy(order="K")
    low, high = byte_bounds(array)
    start = array.__array_interface__["data"][0]
    made: np.ndarray[Any, Any] = np.ndarray(
        array.shape, array.dtype, np.empty(high - low, np.uint8).data, start - low, array.strides
    )
    made[...] = array
    return made
