"""NumPy's functions as they are spelled, and how each is recorded: ufuncs, reductions, products, views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.axes import normalised
from engine.session import Session, Standing, depends, plain_array

UFUNCS: dict[Any, str] = {
    np.add: "add", np.subtract: "subtract", np.multiply: "multiply", np.true_divide: "divide", np.power: "power",
    np.negative: "negative", np.maximum: "maximum", np.minimum: "minimum", np.exp: "exp", np.log: "log",
    np.sqrt: "sqrt", np.square: "square", np.absolute: "abs", np.sign: "sign", np.tanh: "tanh", np.matmul: "matmul",
    np.greater: "greater", np.greater_equal: "greater_equal", np.less: "less", np.less_equal: "less_equal",
    np.equal: "equal", np.not_equal: "not_equal", np.invert: "invert", np.logical_not: "invert",
    np.bitwise_and: "logical_and", np.logical_and: "logical_and", np.bitwise_or: "logical_or",
    np.logical_or: "logical_or",
}  # fmt: skip
REDUCTIONS = {np.sum: "sum", np.mean: "mean", np.max: "max", np.amax: "max", np.min: "min", np.amin: "min"}
REDUCING_UFUNCS = {np.add: "sum", np.maximum: "max", np.minimum: "min"}
SHAPE_ONLY = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like}


def stripped(tree: Any) -> Any:
    """Arguments of a function that looks at shapes and dtypes only."""
    if isinstance(tree, Standing):
        return np.empty(tree.shape, tree.dtype)
    if isinstance(tree, tuple | list):
        return type(tree)(stripped(v) for v in tree)
    if isinstance(tree, dict):
        return {k: stripped(v) for k, v in tree.items()}
    return tree


def matmul(session: Session, a: Any, b: Any, spelling: str) -> Any:
    """A product of matrices and vectors."""
    dims = [np.ndim(plain_array(v)) for v in (a, b)]
    if 0 in dims and spelling in ("dot", "method"):
        return session.apply("multiply", (a, b), "operator")
    if max(dims) > 2 and not depends((a, b)):
        return session.unsupported("np.matmul", np.matmul, (a, b), {})
    if max(dims) > 2:
        session.refuse(
            "a matrix product of more than two dimensions is not recorded yet.", "Write it as a loop over 2-D products."
        )
    return session.apply("matmul", (a, b), spelling)


def reduced(
    session: Session, op: str, a: Any, axis: Any, rest: dict[str, Any], name: str, spelling: str = "method"
) -> Any:
    rest = {k: v for k, v in rest.items() if v is not False and v is not None and v is not np._NoValue}
    keepdims = bool(rest.pop("keepdims", False))
    if rest:
        session.refuse(f"{name} with {', '.join(sorted(rest))}= is not recorded.")
    if isinstance(a, list | tuple):
        session.refuse(f"{name} of a list of recorded values is not recorded.", "Add them up with +.")
    if axis is not None:
        axis = int(axis) if not isinstance(axis, tuple | list) else tuple(int(k) for k in axis)
        normalised(axis, max(np.ndim(plain_array(a)), 1))
    if not isinstance(a, Standing):
        session.refuse(f"{name} of {type(a).__name__} is not recorded.")
    attributes: dict[str, Any] = {"axis": axis}
    if keepdims:
        attributes["keepdims"] = True
    if op != "mean":
        return session.apply(op, (a,), spelling, **attributes)
    # NumPy divides the sum by the count, bit for bit; recorded apart, the 1/N is a part one can see
    total = session.apply("sum", (a,), spelling, **attributes)
    return session.apply("divide", (total, a.size // max(total.size, 1)), "operator")


def _where(session: Session, condition: Any, *choices: Any) -> Any:
    if len(choices) != 2:
        return session.unsupported("np.where with one argument", np.where, (condition, *choices), {})
    return session.apply("where", (condition, *choices), "function")


def _transpose(session: Session, a: Any, axes: Any = None) -> Any:
    return a.transpose(axes)


def _reshape(session: Session, a: Any, shape: Any = None, order: str = "C", **kwargs: Any) -> Any:
    return a.reshape(kwargs.get("newshape", shape), order=order)


def _expand_dims(session: Session, a: Any, axis: Any) -> Any:
    return a.reshape(np.expand_dims(np.empty(a.shape, dtype=np.bool_), axis).shape)


def _outer(session: Session, a: Any, b: Any) -> Any:
    if any(np.ndim(plain_array(v)) != 1 for v in (a, b)):
        session.refuse("np.outer of arrays that are not one-dimensional is not recorded.", "Ravel them first.")
    return session.apply("outer", (a, b), "function")


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.dot: lambda session, a, b: matmul(session, a, b, "dot"),
    np.where: _where,
    np.transpose: _transpose,
    np.reshape: _reshape,
    np.ravel: lambda session, a: a.ravel(),
    np.squeeze: lambda session, a, axis=None: a.squeeze(axis),
    np.expand_dims: _expand_dims,
    np.copy: lambda session, a, **_: a.copy(),
    np.outer: _outer,
}
