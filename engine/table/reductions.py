"""Many entries become one: sums, extremes, products, norms; and running sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.axes import normalised
from engine.ir import Attributes
from engine.op import ATOM, Op, Pattern, Spelling, after, function_and_method, settings

if TYPE_CHECKING:
    from engine.ref import Ref

Gradients = tuple["Ref | None", ...]
FAMILY = "reduce"


def total(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    return (g.spread(a, attributes),)


def extreme(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    """Maximum or minimum over axes: the gradient is shared equally among the entries that attain it."""
    attained = a.apply("equal", y.kept(a, attributes))
    return (g.spread(a, attributes) * attained / attained.count(attributes, like=a),)


def product(g: Ref, y: Ref, a: Ref, axis: int | None = None, keepdims: bool = False) -> Gradients:
    """The product of the *other* entries: y / a would be 0 / 0 where an entry is zero."""
    if not a.ndim:
        return (g,)
    if axis is None and a.ndim > 1:
        others = a.shaped((a.size,)).apply("product_of_others", axis=0).shaped(a.shape)
    else:
        others = a.apply("product_of_others", axis=axis or 0)
    return (g.spread(a, {"axis": axis, "keepdims": keepdims}) * others,)


def variance(g: Ref, y: Ref, a: Ref, ddof: int = 0, **attributes: Any) -> Gradients:
    """2 (a − mean) / (n − ddof); the mean's own share cancels, because the deviations add up to zero."""
    return (g.spread(a, attributes) * _deviation(a, attributes) * 2 / _freedom(a, attributes, ddof),)


def deviation(g: Ref, y: Ref, a: Ref, ddof: int = 0, **attributes: Any) -> Gradients:
    """√ of the variance: (a − mean) / (y (n − ddof)); 0 where all entries are equal and the deviation has a kink."""
    return ((g / _not_zero(y)).spread(a, attributes) * _deviation(a, attributes) / _freedom(a, attributes, ddof),)


def _deviation(a: Ref, attributes: dict[str, Any]) -> Ref:
    axis = attributes.get("axis")
    return a - a.sum(axis=axis, keepdims=axis is not None) / _count(a, attributes)


def _count(a: Ref, attributes: dict[str, Any]) -> int:
    return int(np.prod([a.shape[k] for k in normalised(attributes.get("axis"), a.ndim)], dtype=np.int64))


def _freedom(a: Ref, attributes: dict[str, Any], ddof: int) -> int:
    return _count(a, attributes) - ddof


def norm(g: Ref, y: Ref, a: Ref, ord: int | str | None = None, **attributes: Any) -> Gradients:
    """Along its own direction a norm grows by one: a / ‖a‖; the 1-norm by the sign of each entry."""
    if ord == 1:
        return (g.spread(a, attributes) * a.apply("sign"),)
    return ((g / _not_zero(y)).spread(a, attributes) * a,)


def _not_zero(y: Ref) -> Ref:
    """``y`` with 1 for 0, for a quotient whose numerator is 0 there too."""
    return y.truth().apply("where", y, y.literal(1))


def cumsum(g: Ref, y: Ref, a: Ref, axis: int | None = None) -> Gradients:
    """An entry takes part in every later sum: the gradients are summed from the end."""
    k = axis or 0
    return (g.apply("flip", axis=k).apply("cumsum", axis=k).apply("flip", axis=k).shaped(a.shape),)


def trace(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    rows, columns = a.shape
    return (g * a.identity(rows, columns),)


def _norm(attributes: Attributes) -> Pattern:
    return (f"np.linalg.norm({{0:0}}{after(settings(attributes, 'ord', 'axis', 'keepdims'))})", ATOM)


def _others(attributes: Attributes) -> Pattern:
    """Products of what stands before and of what stands behind, without any division."""
    axis, before = attributes["axis"], ":, " * attributes["axis"]
    ahead = f"np.cumprod({{0:9}}[{before}:-1], axis={axis})"
    behind = f"np.cumprod({{0:9}}[{before}::-1], axis={axis})[{before}::-1][{before}1:]"
    lines = ("{out} = np.ones_like({0:0})", f"{{out}}[{before}1:] = {ahead}", f"{{out}}[{before}:-1] *= {behind}")
    return ("\n".join(lines), 0)


def _complex_variance(a: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    count = a.size if axis is None else np.prod([a.shape[k] for k in normalised(axis, a.ndim)])
    around = a - a.mean(axis=axis, keepdims=True)
    return np.sum(around * around, axis=axis, keepdims=keepdims) / (count - ddof)


def _complex_norm(a: Any, axis: Any = None, keepdims: bool = False, ord: Any = None) -> Any:
    if ord == 1:
        return np.sum(np.where(a.real < 0, -a, a), axis=axis, keepdims=keepdims)
    return np.sqrt(np.sum(a * a, axis=axis, keepdims=keepdims))


def _argument(name: str) -> Op:
    """The position of an extreme: a whole number, which jumps."""
    return Op(
        name,
        function_and_method(name, "axis", "keepdims"),
        FAMILY,
        None,
        None,
        name,
        calls=(f"np.{name}(a, axis)", f"a.{name}(axis)"),
        flat=f"{name} gives a position, a whole number that jumps: no gradient passes through it",
    )


def _calls(name: str) -> tuple[str, ...]:
    return (f"np.{name}(a, axis, keepdims)", f"a.{name}(axis, keepdims)")


_SUM: dict[str, Spelling] = function_and_method("sum", "axis", "keepdims", "dtype")
TITLE = "reductions"
ROWS = [
    Op("sum", _SUM, FAMILY, total, None, "Σ", calls=(*_calls("sum"), *_calls("mean")), linear="linear"),
    Op("max", function_and_method("max", "axis", "keepdims"), FAMILY, extreme, None, "max", calls=_calls("max")),
    Op("min", function_and_method("min", "axis", "keepdims"), FAMILY, extreme, None, "min", calls=_calls("min")),
    Op(
        "prod",
        function_and_method("prod", "axis", "keepdims"),
        FAMILY,
        product,
        None,
        "Π",
        calls=_calls("prod"),
        analytic=np.prod,
    ),
    Op(
        "var",
        function_and_method("var", "axis", "ddof", "keepdims", ddof=0),
        FAMILY,
        variance,
        None,
        "var",
        calls=("np.var(a, axis, ddof, keepdims)", "a.var(axis, ddof, keepdims)"),
        analytic=_complex_variance,
    ),
    Op(
        "std",
        function_and_method("std", "axis", "ddof", "keepdims", ddof=0),
        FAMILY,
        deviation,
        None,
        "std",
        calls=("np.std(a, axis, ddof, keepdims)", "a.std(axis, ddof, keepdims)"),
        analytic=lambda a, **settings: np.sqrt(_complex_variance(a, **settings)),
    ),
    Op(
        "norm",
        {"function": _norm},
        FAMILY,
        norm,
        None,
        "‖·‖",
        calls=("np.linalg.norm(a, ord, axis, keepdims)",),
        analytic=_complex_norm,
    ),
    Op(
        "trace",
        function_and_method("trace"),
        FAMILY,
        trace,
        ("tr({0:0})", ATOM),
        "tr",
        calls=("np.trace(a)", "a.trace()"),
        linear="linear",
    ),
    _argument("argmax"),
    _argument("argmin"),
    Op(
        "cumsum",
        function_and_method("cumsum", "axis"),
        "along",
        cumsum,
        None,
        "Σ…",
        calls=("np.cumsum(a, axis)", "a.cumsum(axis)"),
        linear="linear",
    ),
    Op("product_of_others", {"statement": _others}, "along", None, None, "Π of the others", statement=True),
]
