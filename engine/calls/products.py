"""Products as they are called: ``a @ b``, np.dot, np.einsum, np.tensordot and their relatives."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from engine.session import Session, Unrecorded, plain_array


def matmul(session: Session, a: Any, b: Any, spelling: str) -> Any:
    """A product of matrices, vectors, or stacks of matrices; np.dot of stacks is another function."""
    dims = [np.ndim(plain_array(v)) for v in (a, b)]
    dot = spelling in ("dot", "method")
    if 0 in dims and dot:
        # np.dot turns a plain number into a float64 array, which `*` does not
        a, b = (np.asarray(v) if isinstance(v, int | float) else v for v in (a, b))
        return session.apply("multiply", (a, b), "operator")
    if dot and dims[1] > 2:
        raise Unrecorded("np.dot with a second factor of more than two dimensions is not recorded.", "Write a @ b.")
    return session.apply("matmul", (a, b), spelling)


def _dot(session: Session, a: Any, b: Any) -> Any:
    return matmul(session, a, b, "dot")


def _dot_method(session: Session, a: Any, b: Any) -> Any:
    return matmul(session, a, b, "method")


def _outer(session: Session, a: Any, b: Any) -> Any:
    if any(np.ndim(plain_array(v)) != 1 for v in (a, b)):
        raise Unrecorded("np.outer of arrays that are not one-dimensional is not recorded.", "Ravel them first.")
    return session.apply("outer", (a, b), "function")


def _einsum(session: Session, subscripts: Any, *operands: Any) -> Any:
    if not isinstance(subscripts, str):
        raise Unrecorded(
            "np.einsum without subscripts in a string is not recorded.", "Write np.einsum('ij,jk->ik', a, b)."
        )
    text = subscripts.replace(" ", "")
    if "..." in text:
        raise Unrecorded("np.einsum with ... is not recorded.", "Name every axis: 'bij,bjk->bik'.")
    inputs, arrow, result = text.partition("->")
    letters = inputs.split(",")
    if any(len(set(own)) != len(own) for own in letters):
        raise Unrecorded("np.einsum with one letter twice in an operand is not recorded.", "Use np.diag or np.trace.")
    shapes = [np.ndim(plain_array(v)) for v in operands]
    if len(letters) != len(operands) or shapes != [len(own) for own in letters]:
        np.einsum(subscripts, *(plain_array(v) for v in operands))  # NumPy says what is wrong
    if not arrow:
        once = [x for x in sorted(set(inputs) - {","}) if inputs.count(x) == 1]
        result = "".join(once)
    return session.apply("einsum", operands, "function", subscripts=f"{inputs}->{result}")


def _tensordot(session: Session, a: Any, b: Any, axes: Any = 2) -> Any:
    ndims = [np.ndim(plain_array(v)) for v in (a, b)]
    if isinstance(axes, int | np.integer):
        count = int(axes)
        pairs = [list(range(ndims[0] - count, ndims[0])), list(range(count))]
        over: Any = count
    else:
        pairs = [[int(k) % n for k in np.atleast_1d(side)] for side, n in zip(axes, ndims, strict=True)]
        over = tuple(tuple(side) for side in pairs)
    left = list(string.ascii_letters[: ndims[0]])
    right = list(string.ascii_letters[ndims[0] : ndims[0] + ndims[1]])
    for i, j in zip(*pairs, strict=True):
        right[j] = left[i]
    summed = {left[i] for i in pairs[0]}
    result = "".join(x for x in (*left, *right) if x not in summed)
    return session.apply(
        "tensordot", (a, b), "function", over=over, subscripts=f"{''.join(left)},{''.join(right)}->{result}"
    )


def _inner(session: Session, a: Any, b: Any) -> Any:
    ndims = [np.ndim(plain_array(v)) for v in (a, b)]
    if 0 in ndims:
        return matmul(session, a, b, "dot")
    left = string.ascii_letters[: ndims[0]]
    right = string.ascii_letters[ndims[0] : ndims[0] + ndims[1] - 1]
    return session.apply("inner", (a, b), "function", subscripts=f"{left},{right}{left[-1]}->{left[:-1]}{right}")


def _vdot(session: Session, a: Any, b: Any) -> Any:
    shapes = [np.shape(plain_array(v)) for v in (a, b)]
    if shapes[0] != shapes[1]:
        raise Unrecorded(
            f"np.vdot of the shapes {shapes[0]} and {shapes[1]} goes by the order of the entries in memory; "
            "it is not recorded.",
            "Write a.ravel() @ b.ravel().",
        )
    letters = string.ascii_letters[: len(shapes[0])]
    return session.apply("vdot", (a, b), "function", subscripts=f"{letters},{letters}->")


FUNCTIONS: dict[Any, Any] = {
    np.dot: _dot,
    np.outer: _outer,
    np.einsum: _einsum,
    np.tensordot: _tensordot,
    np.inner: _inner,
    np.vdot: _vdot,
}
METHODS: dict[str, Any] = {"dot": _dot_method}
