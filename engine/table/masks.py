"""Comparisons and logic: masks, which have no gradient but say where one passes."""

from __future__ import annotations

import numpy as np

from engine.op import ATOM, BITS, COMPARISON, UNARY, Op, Spelling, call, call2

_COMPARISONS = [
    ("greater", ">", ">", np.greater),
    ("greater_equal", ">=", "≥", np.greater_equal),
    ("less", "<", "<", np.less),
    ("less_equal", "<=", "≤", np.less_equal),
    ("equal", "==", "=", np.equal),
    ("not_equal", "!=", "≠", np.not_equal),
]
_LOGIC = [
    ("logical_and", "&", "∧", (np.logical_and, np.bitwise_and)),
    ("logical_or", "|", "∨", (np.logical_or, np.bitwise_or)),
]
COMPARISONS = tuple(name for name, *_ in _COMPARISONS)
NEGATED = {
    "greater": "less_equal",
    "less": "greater_equal",
    "greater_equal": "less",
    "less_equal": "greater",
    "equal": "not_equal",
    "not_equal": "equal",
}


def _comparison(name: str, symbol: str, sign: str, ufunc: np.ufunc) -> Op:
    spelled: dict[str, Spelling] = {"operator": (f"{{0:4}} {symbol} {{1:4}}", COMPARISON), **call2(f"np.{name}")}
    math = (f"𝟙({{0:4}}{sign}{{1:4}})", ATOM)
    return Op(name, spelled, "elementwise", None, math, sign, calls=(f"a {symbol} b",), ufuncs=(ufunc,))


def _logic(name: str, symbol: str, sign: str, ufuncs: tuple[np.ufunc, ...]) -> Op:
    spelled: dict[str, Spelling] = {"operator": (f"{{0:4}} {symbol} {{1:5}}", BITS), **call2(f"np.{name}")}
    calls = (f"m {symbol} k", f"np.{name}(m, k)")
    return Op(name, spelled, "elementwise", None, (f"{{0:4}} {sign} {{1:5}}", BITS), sign, calls=calls, ufuncs=ufuncs)


TITLE = "masks"
ROWS = [
    *(_comparison(*row) for row in _COMPARISONS),
    *(_logic(*row) for row in _LOGIC),
    Op(
        "invert",
        {"operator": ("~{0:7}", UNARY), **call("np.logical_not")},
        "elementwise",
        None,
        ("¬({0:0})", ATOM),
        "¬",
        calls=("~m", "np.logical_not(m)"),
        ufuncs=(np.invert, np.logical_not),
    ),
]
