"""The gradient of every operation, one small function a row.

``g`` is the gradient that arrives at the result, ``y`` the result, then the operands; attributes come by keyword.
All are handles (`engine.graph.Ref`): writing NumPy on them appends nodes. Each function returns one gradient per
operand (None: has none), with the shape of the result; `engine.backward` sums over broadcast axes.
Formulas are those of any calculus text; the matrix product is notes eqs. (1)-(2): ∂L/∂B = ∂L/∂A Cᵀ, ∂L/∂C = Bᵀ ∂L/∂A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.graph import Ref

Gradients = tuple["Ref | None", ...]


def matmul(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    """Matrix, vector and inner products; a vector factor makes the other gradient an outer product."""
    if a.ndim == 2 and b.ndim == 2:
        return g @ b.T, a.T @ g
    if a.ndim == 2:
        return g.outer(b), a.T @ g
    if b.ndim == 2:
        return g @ b.T, a.outer(g)
    return g * b, g * a


def outer(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g @ b, a @ g


def add(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g, g


def subtract(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g, -g


def multiply(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g * b, g * a


def divide(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g / b, -(g * a / b**2) if b.active else None


def power(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    exponent = b.number
    if exponent is not None:
        return (g * a if exponent == 2 else g * a ** (exponent - 1)) * exponent if exponent else None, None
    base = a.number
    logarithm = a.apply("log") if base is None else float(np.log(base))
    return g * b * a ** (b - 1) if a.active else None, g * y * logarithm if b.active else None


def negative(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (-g,)


def maximum(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    """At a tie the second operand counts as the smaller one, unless it alone depends on a parameter: ReLU′(0) = 0."""
    return g * (a >= b if b.active else a > b), g * (b > a)


def minimum(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g * (a <= b if b.active else a < b), g * (b < a)


def exp(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * y,)


def log(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / a,)


def sqrt(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / (y * 2),)


def square(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a * 2,)


def absolute(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a.apply("sign"),)


def sign(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (None,)


def tanh(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * (1 - y**2),)


def where(g: Ref, y: Ref, condition: Ref, a: Ref, b: Ref) -> Gradients:
    chosen = condition.truth()
    return None, g * chosen if a.active else None, g * chosen.negated() if b.active else None


def total(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g.spread(a, attributes),)


def extreme(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    """Maximum or minimum over axes: the gradient is shared equally among the entries that attain it."""
    attained = a.apply("equal", y.kept(a, attributes))
    return (g.spread(a, attributes) * attained / attained.count(attributes, like=a),)


def transpose(g: Ref, y: Ref, a: Ref, axes: tuple[int, ...] | None = None) -> Gradients:
    if axes is None:
        return (g.T,)
    back = tuple(axes.index(k) for k in range(len(axes)))
    return (g.apply("transpose", axes=back),)


def reshape(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g.apply("reshape", shape=a.shape),)


def broadcast(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g,)


def getitem(g: Ref, y: Ref, a: Ref, *arrays: Ref, index: tuple[Any, ...]) -> Gradients:
    return (a.scatter(g, index, arrays), *(None for _ in arrays))


def setitem(g: Ref, y: Ref, a: Ref, value: Ref, *arrays: Ref, index: tuple[Any, ...]) -> Gradients:
    kept = g.setitem(0, index, arrays) if a.active else None
    written = g.apply("getitem", *arrays, index=index) if value.active else None
    return (kept, written, *(None for _ in arrays))


def astype(g: Ref, y: Ref, a: Ref, dtype: str) -> Gradients:
    return (g.apply("astype", dtype=str(a.dtype)),)
