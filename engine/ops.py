"""The one table: an operation is one row.

A row holds the NumPy spellings (printed *and* executed: the text is the meaning), the formula, the gradient and the
family that says how axes and mirror behave. Gradient rules are written on handles that append nodes, so a rule reads
like the NumPy line it produces: ``"matmul": (g @ b.T, a.T @ g)``. A rule returns one entry per operand, None where
there is no gradient; the sum over broadcast axes is done elsewhere, in one place.

In a spelling ``{0:6}`` is the first operand, put in parentheses when it binds less tightly than 6. Levels follow
Python: 9 names and calls, 8 power, 7 unary minus, 6 ``* / @``, 5 ``+ -``, 4 bit operators, 3 comparisons, 0 the rest.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import rules
from engine.ir import Attributes

ATOM, POWER, UNARY, PRODUCT, SUM, BITS, COMPARISON = 9, 8, 7, 6, 5, 4, 3

Pattern = tuple[str, int]
Rule = Callable[..., tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Op:
    """One row. ``spellings`` map a spelling name to a pattern, or to a function of the attributes giving one.

    ``math`` is the formula pattern (levels as above), ``sign`` the operator between two matrices on screen,
    ``family`` one of elementwise, matmul, reduce, transpose, reshape, index, constant. ``gradient`` is None
    for an operation that has none (comparisons). ``kinked``: complex step does not apply.
    """

    name: str
    spellings: dict[str, Pattern | Callable[[Attributes], Pattern]]
    family: str
    gradient: Rule | None = None
    math: Pattern | Callable[[Attributes], Pattern] | None = None
    sign: str = ""
    statement: bool = False
    view: bool = False
    kinked: bool = False


def pattern(op: Op, attributes: Attributes, spelling: str) -> Pattern:
    """The pattern of ``op`` in this spelling, the first one when the row does not have it."""
    entry = op.spellings.get(spelling)
    if entry is None:
        entry = next(iter(op.spellings.values()))
    return entry(attributes) if callable(entry) else entry


@functools.cache
def _compiled(text: str, count: int) -> Callable[..., Any]:
    names = [f"_{k}" for k in range(count)]
    filled = text
    for k, name in enumerate(names):
        for level in ["", *(f":{n}" for n in range(10))]:
            filled = filled.replace("{" + f"{k}{level}" + "}", name)
    if "\n" not in filled:
        return eval(f"lambda {', '.join(names)}: {filled}", {"np": np})  # type: ignore[no-any-return]
    scope: dict[str, Any] = {"np": np}
    body = filled.replace("{out}", "_out").replace("\n", "\n    ")
    exec(f"def run({', '.join(names)}):\n    {body}\n    return _out", scope)
    return scope["run"]  # type: ignore[no-any-return]


def evaluate(op: str, attributes: Attributes, spelling: str, operands: tuple[Any, ...]) -> Any:
    """Execute the very text that is printed, on arrays, without warnings: NaN and infinities are shown instead."""
    text, _ = pattern(TABLE[op], attributes, spelling)
    with np.errstate(all="ignore"):
        return _compiled(text, len(operands))(*operands)


def _call(name: str) -> Pattern:
    return (f"{name}({{0:0}})", ATOM)


def _binary(symbol: str, level: int, function: str) -> dict[str, Pattern | Callable[[Attributes], Pattern]]:
    return {
        "operator": (f"{{0:{level}}} {symbol} {{1:{level + 1}}}", level),
        "function": (f"np.{function}({{0:0}}, {{1:0}})", ATOM),
    }


def _reduction(name: str) -> dict[str, Pattern | Callable[[Attributes], Pattern]]:
    def arguments(attributes: Attributes) -> str:
        shown = []
        if attributes.get("axis") is not None:
            shown.append(f"axis={attributes['axis']}")
        if attributes.get("keepdims"):
            shown.append("keepdims=True")
        if attributes.get("dtype"):
            shown.append(f"dtype=np.{attributes['dtype']}")
        return ", ".join(shown)

    def function(attributes: Attributes) -> Pattern:
        tail = arguments(attributes)
        return (f"np.{name}({{0:0}}{', ' + tail if tail else ''})", ATOM)

    def method(attributes: Attributes) -> Pattern:
        return (f"{{0:9}}.{name}({arguments(attributes)})", ATOM)

    return {"method": method, "function": function}


def index_text(index: tuple[Any, ...], first: int = 1) -> str:
    """An index as Python writes it; arrays in it are the operands from number ``first`` on."""
    shown = []
    for item in index:
        match item:
            case ("slice", start, stop, step):
                text = f"{'' if start is None else start}:{'' if stop is None else stop}"
                shown.append(text if step is None else f"{text}:{step}")
            case ("array", k):
                shown.append("{" + f"{first + k}:0" + "}")
            case ("new",):
                shown.append("None")
            case ("ellipsis",):
                shown.append("...")
            case ("int", k):
                shown.append(str(k))
    return ", ".join(shown)


def index_key(index: tuple[Any, ...], arrays: Sequence[Any]) -> tuple[Any, ...]:
    """A recorded index as NumPy takes it."""
    items: list[Any] = []
    for item in index:
        match item:
            case ("slice", start, stop, step):
                items.append(slice(start, stop, step))
            case ("new",):
                items.append(None)
            case ("ellipsis",):
                items.append(Ellipsis)
            case ("int", number):
                items.append(number)
            case ("array", number):
                items.append(arrays[number])
    return tuple(items)


def _getitem(attributes: Attributes) -> Pattern:
    return ("{0:9}[" + index_text(attributes["index"]) + "]", ATOM)


def _setitem(attributes: Attributes) -> Pattern:
    return ("{out} = {0:9}.copy()\n{out}[" + index_text(attributes["index"], 2) + "] = {1:0}", 0)


def _scatter(attributes: Attributes) -> Pattern:
    index = index_text(attributes["index"], 2)
    if attributes["repeats"]:
        return ("{out} = np.zeros_like({0:0})\nnp.add.at({out}, np.s_[" + index + "], {1:0})", 0)
    return ("{out} = np.zeros_like({0:0})\n{out}[" + index + "] = {1:0}", 0)


def _reshape(attributes: Attributes) -> Pattern:
    shape = attributes["shape"]
    return (f"{{0:9}}.reshape({', '.join(map(str, shape)) if shape else '()'})", ATOM)


def _transpose(attributes: Attributes) -> Pattern:
    axes = attributes.get("axes")
    return ("{0:9}.T", ATOM) if axes is None else (f"{{0:9}}.transpose({', '.join(map(str, axes))})", ATOM)


def _power_math(attributes: Attributes) -> Pattern:
    return ("{0:9}^{1:9}", POWER)


def _rows() -> list[Op]:
    elementwise = "elementwise"
    rows = [
        Op(
            "matmul",
            {
                "operator": ("{0:6} @ {1:7}", PRODUCT),
                "matmul": ("np.matmul({0:0}, {1:0})", ATOM),
                "dot": ("np.dot({0:0}, {1:0})", ATOM),
                "method": ("{0:9}.dot({1:0})", ATOM),
            },
            "matmul",
            rules.matmul,
            ("{0:6} · {1:7}", PRODUCT),
            "·",
        ),
        Op(
            "outer",
            {"function": ("np.outer({0:0}, {1:0})", ATOM)},
            "outer",
            rules.outer,
            ("{0:6} · {1:7}ᵀ", PRODUCT),
            "⊗",
        ),
        Op("add", _binary("+", SUM, "add"), elementwise, rules.add, ("{0:5} + {1:5}", SUM), "+"),
        Op("subtract", _binary("-", SUM, "subtract"), elementwise, rules.subtract, ("{0:5} − {1:6}", SUM), "−"),
        Op("multiply", _binary("*", PRODUCT, "multiply"), elementwise, rules.multiply, ("{0:6} ⊙ {1:7}", PRODUCT), "⊙"),
        Op("divide", _binary("/", PRODUCT, "divide"), elementwise, rules.divide, ("{0:6} / {1:7}", PRODUCT), "/"),
        Op(
            "power",
            {"operator": ("{0:9} ** {1:7}", POWER), "function": ("np.power({0:0}, {1:0})", ATOM)},
            elementwise,
            rules.power,
            _power_math,
            "^",
        ),
        Op(
            "negative",
            {"operator": ("-{0:7}", UNARY), "function": _call("np.negative")},
            elementwise,
            rules.negative,
            ("−{0:6}", PRODUCT),
            "−",
        ),
        Op(
            "maximum",
            {"function": ("np.maximum({0:0}, {1:0})", ATOM)},
            elementwise,
            rules.maximum,
            ("max({0:0}, {1:0})", ATOM),
            "max",
            kinked=True,
        ),
        Op(
            "minimum",
            {"function": ("np.minimum({0:0}, {1:0})", ATOM)},
            elementwise,
            rules.minimum,
            ("min({0:0}, {1:0})", ATOM),
            "min",
            kinked=True,
        ),
        Op("exp", {"function": _call("np.exp")}, elementwise, rules.exp, ("exp({0:0})", ATOM), "exp"),
        Op("log", {"function": _call("np.log")}, elementwise, rules.log, ("log({0:0})", ATOM), "log"),
        Op("sqrt", {"function": _call("np.sqrt")}, elementwise, rules.sqrt, ("√({0:0})", ATOM), "√"),
        Op("square", {"function": _call("np.square")}, elementwise, rules.square, ("{0:9}²", POWER), "(·)²"),
        Op(
            "abs",
            {"function": _call("np.abs"), "builtin": _call("abs")},
            elementwise,
            rules.absolute,
            ("|{0:0}|", ATOM),
            "|·|",
            kinked=True,
        ),
        Op("sign", {"function": _call("np.sign")}, elementwise, rules.sign, ("sign({0:0})", ATOM), "sign", kinked=True),
        Op("tanh", {"function": _call("np.tanh")}, elementwise, rules.tanh, ("tanh({0:0})", ATOM), "tanh"),
        Op(
            "where",
            {"function": ("np.where({0:0}, {1:0}, {2:0})", ATOM)},
            elementwise,
            rules.where,
            ("({1:0} if {0:0} else {2:0})", ATOM),
            "where",
            kinked=True,
        ),
        Op(
            "invert",
            {"operator": ("~{0:7}", UNARY), "function": _call("np.logical_not")},
            elementwise,
            None,
            ("¬({0:0})", ATOM),
            "¬",
        ),
        Op("sum", _reduction("sum"), "reduce", rules.total, None, "Σ"),
        Op("max", _reduction("max"), "reduce", rules.extreme, None, "max", kinked=True),
        Op("min", _reduction("min"), "reduce", rules.extreme, None, "min", kinked=True),
        Op("transpose", {"method": _transpose}, "transpose", rules.transpose, ("{0:9}ᵀ", ATOM), "ᵀ", view=True),
        Op("reshape", {"method": _reshape}, "reshape", rules.reshape, ("{0:9}", ATOM), "reshape", view=True),
        Op(
            "expand_dims",
            {"function": lambda a: (f"np.expand_dims({{0:0}}, axis={a['axis']})", ATOM)},
            "reshape",
            rules.reshape,
            ("{0:9}", ATOM),
            "reshape",
            view=True,
        ),
        Op(
            "broadcast_to",
            {"function": lambda a: (f"np.broadcast_to({{0:0}}, {a['shape']})", ATOM)},
            "broadcast",
            rules.broadcast,
            ("{0:9}", ATOM),
            "broadcast",
            view=True,
        ),
        Op("getitem", {"operator": _getitem}, "index", rules.getitem, None, "[ ]"),
        Op("setitem", {"operator": _setitem}, "update", rules.setitem, None, "[ ]=", statement=True),
        Op("scatter", {"operator": _scatter}, "scatter", None, None, "[ ]=", statement=True),
        Op(
            "astype",
            {"method": lambda a: (f"{{0:9}}.astype(np.{a['dtype']})", ATOM)},
            elementwise,
            rules.astype,
            ("{0:9}", ATOM),
            "same",
        ),
        Op("same", {"operator": ("{0:0}", 0)}, elementwise, None, ("{0:0}", 0), "=", view=True),
        Op("ones", {"function": lambda a: (f"np.ones({a['shape']}{_dtype(a)})", ATOM)}, "constant", None, ("1", ATOM)),
        Op(
            "zeros", {"function": lambda a: (f"np.zeros({a['shape']}{_dtype(a)})", ATOM)}, "constant", None, ("0", ATOM)
        ),
        Op("arange", {"function": lambda a: (f"np.arange({a['size']})", ATOM)}, "constant", None, ("0…n", ATOM)),
        Op("eye", {"function": lambda a: (f"np.eye({a['size']}{_dtype(a)})", ATOM)}, "constant", None, ("I", ATOM)),
    ]
    comparisons = [
        ("greater", ">", ">"),
        ("greater_equal", ">=", "≥"),
        ("less", "<", "<"),
        ("less_equal", "<=", "≤"),
        ("equal", "==", "="),
        ("not_equal", "!=", "≠"),
    ]
    for name, symbol, sign in comparisons:
        spell: dict[str, Pattern | Callable[[Attributes], Pattern]] = {
            "operator": (f"{{0:4}} {symbol} {{1:4}}", COMPARISON),
            "function": (f"np.{name}({{0:0}}, {{1:0}})", ATOM),
        }
        rows.append(Op(name, spell, elementwise, None, (f"𝟙({{0:4}}{sign}{{1:4}})", ATOM), sign))
    for name, symbol, sign in [("logical_and", "&", "∧"), ("logical_or", "|", "∨")]:
        rows.append(
            Op(
                name,
                {"operator": (f"{{0:4}} {symbol} {{1:5}}", BITS), "function": (f"np.{name}({{0:0}}, {{1:0}})", ATOM)},
                elementwise,
                None,
                (f"{{0:4}} {sign} {{1:5}}", BITS),
                sign,
            )
        )
    return rows


def _dtype(attributes: Attributes) -> str:
    return f", dtype=np.{attributes['dtype']}" if attributes.get("dtype") else ""


TABLE: dict[str, Op] = {op.name: op for op in _rows()}
NEGATED = {
    "greater": "less_equal",
    "less": "greater_equal",
    "greater_equal": "less",
    "less_equal": "greater",
    "equal": "not_equal",
    "not_equal": "equal",
}
