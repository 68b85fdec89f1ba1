"""Functions of one entry: arithmetic, exponentials, circles, kinks and steps."""

from __future__ import annotations

from math import log as natural_log
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ir import Attributes
from engine.op import ATOM, POWER, PRODUCT, SUM, UNARY, Op, Pattern, Rule, Spelling, binary, call, call2

if TYPE_CHECKING:
    from engine.ref import Ref

Gradients = tuple["Ref | None", ...]
FAMILY = "elementwise"


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
    return _power_of_base(g, a, b) if a.active else None, _power_of_exponent(g, y, a, base) if b.active else None


def _power_of_base(g: Ref, a: Ref, b: Ref) -> Ref:
    """b aᵇ⁻¹; where the exponent is 0 the power is constant, whatever the base is: 0 ⋅ 0⁻¹ must be 0 there."""
    lowered = b.truth().apply("where", b - 1, b.literal(1))
    return g * b * a**lowered


def _power_of_exponent(g: Ref, y: Ref, a: Ref, base: int | float | None) -> Ref | None:
    """aᵇ log a; where the base is 0 the power does not change with the exponent, though log 0 is infinite."""
    if base is not None:
        return g * y * (natural_log(base) if base > 0 else float("nan")) if base else None
    return g * y * a.truth().apply("where", a, a.literal(1)).apply("log")


def negative(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (-g,)


def reciprocal(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (-(g * y**2),)


def maximum(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    """At a tie the second operand counts as the smaller one, unless it alone depends on a parameter: ReLU′(0) = 0."""
    return g * (a >= b if b.active else a > b), g * (b > a)


def minimum(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g * (a <= b if b.active else a < b), g * (b < a)


def clip(g: Ref, y: Ref, a: Ref, *bounds: Ref, lower: bool, upper: bool) -> Gradients:
    """Inside the bounds the gradient passes; at a bound it does not, as with ReLU′(0) = 0."""
    low = bounds[0] if lower else None
    high = bounds[-1] if upper else None
    inside = [mask for mask in (low is not None and a > low, high is not None and a < high) if mask]
    passes = inside[0] if len(inside) == 1 else inside[0].apply("logical_and", inside[1])
    found: list[Ref | None] = [g * passes if a.active else None]
    if low is not None:
        # where both bounds cut, NumPy gives the upper one
        at_low = a <= low if high is None else (a <= low).apply("logical_and", low < high)
        found.append(g * at_low if low.active else None)
    if high is not None:
        at_high = a >= high if low is None else (a >= high).apply("logical_or", low >= high)
        found.append(g * at_high if high.active else None)
    return tuple(found)


def exp(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * y,)


def expm1(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * (y + 1),)


def log(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / a,)


def log1p(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / (a + 1),)


def log2(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / (a * natural_log(2)),)


def log10(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / (a * natural_log(10)),)


def logaddexp(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    """log(eᵃ + eᵇ): each side's share, eᵃ⁻ʸ and eᵇ⁻ʸ; a softmax of two."""
    return g * (a - y).apply("exp") if a.active else None, g * (b - y).apply("exp") if b.active else None


def sqrt(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / (y * 2),)


def square(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a * 2,)


def absolute(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a.apply("sign"),)


def sin(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a.apply("cos"),)


def cos(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (-(g * a.apply("sin")),)


def tan(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * (y**2 + 1),)


def arctan(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g / (a**2 + 1),)


def sinh(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a.apply("cosh"),)


def cosh(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * a.apply("sinh"),)


def tanh(g: Ref, y: Ref, a: Ref) -> Gradients:
    return (g * (1 - y**2),)


def flat(g: Ref, y: Ref, a: Ref, **attributes: Any) -> Gradients:
    """A step function: its derivative is 0 wherever it has one, so nothing is passed on."""
    return (None,)


def where(g: Ref, y: Ref, condition: Ref, a: Ref, b: Ref) -> Gradients:
    chosen = condition.truth()
    return None, g * chosen if a.active else None, g * chosen.negated() if b.active else None


def astype(g: Ref, y: Ref, a: Ref, dtype: str) -> Gradients:
    return (g.cast(a),)


def _clip(attributes: Attributes) -> Pattern:
    low = "{1:0}" if attributes["lower"] else "None"
    high = ("{2:0}" if attributes["lower"] else "{1:0}") if attributes["upper"] else "None"
    return (f"np.clip({{0:0}}, {low}, {high})", ATOM)


def _clip_method(attributes: Attributes) -> Pattern:
    text, level = _clip(attributes)
    return (text.replace("np.clip({0:0}, ", "{0:9}.clip("), level)


def _round(attributes: Attributes) -> Pattern:
    return (f"np.round({{0:0}}{', ' + str(attributes['decimals']) if attributes['decimals'] else ''})", ATOM)


def _power_math(attributes: Attributes) -> Pattern:
    return ("{0:9}^{1:9}", POWER)


def _complex_log(base: float) -> Any:
    return lambda a: np.log(a) / natural_log(base)


def _complex_logaddexp(a: Any, b: Any) -> Any:
    top = np.maximum(np.real(a), np.real(b))
    return np.log(np.exp(a - top) + np.exp(b - top)) + top


def _function(
    name: str, rule: Rule, ufunc: Any, analytic: Any = None, math: Spelling | None = None, sign: str = ""
) -> Op:
    """A function of one operand, called ``np.name`` and written ``name(·)``."""
    return Op(
        name,
        call(f"np.{name}"),
        FAMILY,
        rule,
        math or (f"{name}({{0:0}})", ATOM),
        sign or name,
        calls=(f"np.{name}(a)",),
        ufuncs=(ufunc,),
        analytic=analytic or ufunc,
    )


def _step(name: str, ufunc: Any, math: Spelling, sign: str) -> Op:
    """A step function: constant between its jumps."""
    return Op(
        name,
        call(f"np.{name}"),
        FAMILY,
        flat,
        math,
        sign,
        calls=(f"np.{name}(a)",),
        ufuncs=(ufunc,),
        flat=f"{name} is constant between its jumps: its derivative is 0, no gradient passes through it",
    )


TITLE = "entry by entry"
ROWS = [
    Op(
        "add",
        binary("+", SUM, "add"),
        FAMILY,
        add,
        ("{0:5} + {1:5}", SUM),
        "+",
        calls=("a + b", "a += b", "np.add(a, b)"),
        ufuncs=(np.add,),
        linear="linear",
    ),
    Op(
        "subtract",
        binary("-", SUM, "subtract"),
        FAMILY,
        subtract,
        ("{0:5} − {1:6}", SUM),
        "−",
        calls=("a - b", "a -= b", "np.subtract(a, b)"),
        ufuncs=(np.subtract,),
        linear="linear",
    ),
    Op(
        "multiply",
        binary("*", PRODUCT, "multiply"),
        FAMILY,
        multiply,
        ("{0:6} ⊙ {1:7}", PRODUCT),
        "⊙",
        calls=("a * b", "a *= b", "np.multiply(a, b)"),
        ufuncs=(np.multiply,),
        analytic=np.multiply,
    ),
    Op(
        "divide",
        binary("/", PRODUCT, "divide"),
        FAMILY,
        divide,
        ("{0:6} / {1:7}", PRODUCT),
        "/",
        calls=("a / b", "a /= b", "np.divide(a, b)"),
        ufuncs=(np.true_divide,),
        analytic=np.divide,
    ),
    Op(
        "power",
        {"operator": ("{0:9} ** {1:7}", POWER), **call2("np.power")},
        FAMILY,
        power,
        _power_math,
        "^",
        calls=("a ** b", "a **= b", "np.power(a, b)"),
        ufuncs=(np.power,),
        analytic=np.power,
    ),
    Op(
        "negative",
        {"operator": ("-{0:7}", UNARY), **call("np.negative")},
        FAMILY,
        negative,
        ("−{0:6}", PRODUCT),
        "−",
        calls=("-a", "np.negative(a)"),
        ufuncs=(np.negative,),
        linear="linear",
    ),
    _function("reciprocal", reciprocal, np.reciprocal, lambda a: 1 / a, ("1 / {0:7}", PRODUCT), "1/"),
    Op(
        "maximum",
        call2("np.maximum"),
        FAMILY,
        maximum,
        ("max({0:0}, {1:0})", ATOM),
        "max",
        calls=("np.maximum(a, b)",),
        ufuncs=(np.maximum,),
    ),
    Op(
        "minimum",
        call2("np.minimum"),
        FAMILY,
        minimum,
        ("min({0:0}, {1:0})", ATOM),
        "min",
        calls=("np.minimum(a, b)",),
        ufuncs=(np.minimum,),
    ),
    Op(
        "clip",
        {"function": _clip, "method": _clip_method},
        FAMILY,
        clip,
        None,
        "clip",
        calls=("np.clip(a, low, high)", "a.clip(low, high)"),
    ),
    _function("exp", exp, np.exp),
    _function("expm1", expm1, np.expm1, None, ("(exp({0:0}) − 1)", ATOM)),
    _function("log", log, np.log),
    _function("log1p", log1p, np.log1p, None, ("log(1 + {0:6})", ATOM)),
    _function("log2", log2, np.log2, _complex_log(2), ("log₂({0:0})", ATOM), "log₂"),
    _function("log10", log10, np.log10, _complex_log(10), ("log₁₀({0:0})", ATOM), "log₁₀"),
    Op(
        "logaddexp",
        call2("np.logaddexp"),
        FAMILY,
        logaddexp,
        ("log(exp({0:0}) + exp({1:0}))", ATOM),
        "log Σ exp",
        calls=("np.logaddexp(a, b)",),
        ufuncs=(np.logaddexp,),
        analytic=_complex_logaddexp,
    ),
    _function("sqrt", sqrt, np.sqrt, None, ("√({0:0})", ATOM), "√"),
    _function("square", square, np.square, None, ("{0:9}²", POWER), "(·)²"),
    Op(
        "abs",
        {**call("np.abs"), "builtin": ("abs({0:0})", ATOM)},
        FAMILY,
        absolute,
        ("|{0:0}|", ATOM),
        "|·|",
        calls=("np.abs(a)", "abs(a)"),
        ufuncs=(np.absolute,),
    ),
    _function("sin", sin, np.sin),
    _function("cos", cos, np.cos),
    _function("tan", tan, np.tan),
    _function("arctan", arctan, np.arctan),
    _function("sinh", sinh, np.sinh),
    _function("cosh", cosh, np.cosh),
    _function("tanh", tanh, np.tanh),
    _step("sign", np.sign, ("sign({0:0})", ATOM), "sign"),
    _step("floor", np.floor, ("⌊{0:0}⌋", ATOM), "floor"),
    _step("ceil", np.ceil, ("⌈{0:0}⌉", ATOM), "ceil"),
    _step("trunc", np.trunc, ("trunc({0:0})", ATOM), "trunc"),
    _step("rint", np.rint, ("round({0:0})", ATOM), "round"),
    Op(
        "round",
        {"function": _round},
        FAMILY,
        flat,
        ("round({0:0})", ATOM),
        "round",
        calls=("np.round(a, decimals)", "a.round(decimals)"),
        flat="round is constant between its jumps: its derivative is 0, no gradient passes through it",
    ),
    Op(
        "where",
        {"function": ("np.where({0:0}, {1:0}, {2:0})", ATOM)},
        FAMILY,
        where,
        ("({1:0} if {0:0} else {2:0})", ATOM),
        "where",
        calls=("np.where(mask, a, b)",),
    ),
    Op(
        "astype",
        {"method": lambda a: (f"{{0:9}}.astype(np.{a['dtype']})", ATOM)},
        FAMILY,
        astype,
        ("{0:9}", ATOM),
        "same",
        calls=("a.astype(float)",),
        linear="linear",
    ),
    Op("same", {"operator": ("{0:0}", 0)}, FAMILY, None, ("{0:0}", 0), "=", view=True, linear="linear"),
]
