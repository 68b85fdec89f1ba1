"""Which NumPy functions are recorded as they stand, and which only look at shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.ops import TABLE
from engine.session import Standing

UFUNCS: dict[Any, str] = {ufunc: op.name for op in TABLE.values() for ufunc in op.ufuncs}
SHAPE_ONLY = {np.shape, np.ndim, np.size}


def stripped(tree: Any) -> Any:
    """Arguments of a function that looks at shapes and dtypes only."""
    if isinstance(tree, Standing):
        return np.empty(tree.shape, tree.dtype)
    if isinstance(tree, tuple | list):
        return type(tree)(stripped(v) for v in tree)
    if isinstance(tree, dict):
        return {k: stripped(v) for k, v in tree.items()}
    return tree
