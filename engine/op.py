"""What one row of the table of operations is, and how its spellings are written and executed.

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
from typing import Any, Literal

import numpy as np

from engine.ir import Attributes

ATOM, POWER, UNARY, PRODUCT, SUM, BITS, COMPARISON = 9, 8, 7, 6, 5, 4, 3

Pattern = tuple[str, int]
Spelling = Pattern | Callable[[Attributes], Pattern]
Rule = Callable[..., tuple[Any, ...]]
GENERATED = "<chainstep operation>"
Linearity = Literal["", "linear", "multilinear"]


@dataclass(frozen=True, slots=True)
class Op:
    """One row. ``spellings`` map a spelling name to a pattern, or to a function of the attributes giving one.

    ``math`` is the formula pattern (levels as above), ``sign`` the operator between two matrices on screen,
    ``family`` says how axes and mirror behave (`engine.graph`, `engine.mirror`). ``gradient`` is None for an operation
    that has none (comparisons). ``calls`` are what a person writes, for the list of operations. ``ufuncs`` are recorded
    as this row as they stand. ``linear``: in its operands together, or in each of them (``multilinear``); of any other
    operation ``analytic`` is the form that obeys complex numbers. ``flat`` says why no gradient passes.
    ``moves`` is the sentence of an operation that only moves entries, with {left} for its operand and {of} for what a
    gradient is of; ``gap`` tells what stands where no entry was moved to.
    """

    name: str
    spellings: dict[str, Spelling]
    family: str
    gradient: Rule | None = None
    math: Spelling | None = None
    sign: str = ""
    statement: bool = False
    view: bool = False
    calls: tuple[str, ...] = ()
    ufuncs: tuple[Any, ...] = ()
    linear: Linearity = ""
    analytic: Callable[..., Any] | None = None
    flat: str = ""
    moves: str = ""
    gap: str = ""


def pattern(op: Op, attributes: Attributes, spelling: str) -> Pattern:
    """The pattern of ``op`` in this spelling, the first one when the row does not have it."""
    entry = op.spellings.get(spelling)
    if entry is None:
        entry = next(iter(op.spellings.values()))
    return entry(attributes) if callable(entry) else entry


@functools.cache
def compiled(text: str, count: int) -> Callable[..., Any]:
    """A spelling as a function of ``count`` operands."""
    names = [f"_{k}" for k in range(count)]
    filled = text
    for k, name in enumerate(names):
        for level in ["", *(f":{n}" for n in range(10))]:
            filled = filled.replace("{" + f"{k}{level}" + "}", name)
    if "\n" not in filled:
        code = compile(f"lambda {', '.join(names)}: {filled}", GENERATED, "eval")
        return eval(code, {"np": np})  # type: ignore[no-any-return]
    scope: dict[str, Any] = {"np": np}
    body = filled.replace("{out}", "_out").replace("\n", "\n    ")
    exec(compile(f"def run({', '.join(names)}):\n    {body}\n    return _out", GENERATED, "exec"), scope)
    return scope["run"]  # type: ignore[no-any-return]


# ---- patterns that many rows share ----------------------------------------------------------------------


def call(name: str) -> dict[str, Spelling]:
    """``np.exp(a)``: a function of one operand."""
    return {"function": (f"{name}({{0:0}})", ATOM)}


def call2(name: str) -> dict[str, Spelling]:
    """``np.maximum(a, b)``."""
    return {"function": (f"{name}({{0:0}}, {{1:0}})", ATOM)}


def binary(symbol: str, level: int, function: str) -> dict[str, Spelling]:
    """An operator between two operands, and the function that is the same."""
    return {"operator": (f"{{0:{level}}} {symbol} {{1:{level + 1}}}", level), **call2(f"np.{function}")}


def settings(attributes: Attributes, *names: str, **defaults: Any) -> str:
    """``axis=1, keepdims=True``: the keyword arguments that are not at their defaults, as Python writes them."""
    shown = []
    for name in names:
        value = attributes.get(name)
        if value is not None and value is not False and value != defaults.get(name):
            shown.append(f"{name}=np.{value}" if name == "dtype" else f"{name}={value!r}")
    return ", ".join(shown)


def after(text: str) -> str:
    """Settings behind the first argument."""
    return f", {text}" if text else ""


def dtype_setting(attributes: Attributes) -> str:
    """``, dtype=np.float32`` where an array is not float64."""
    return after(settings(attributes, "dtype"))


def function_and_method(name: str, *names: str, module: str = "np", **defaults: Any) -> dict[str, Spelling]:
    """``a.sum(axis=0)`` and ``np.sum(a, axis=0)``: an operand with settings."""

    def method(attributes: Attributes) -> Pattern:
        return (f"{{0:9}}.{name}({settings(attributes, *names, **defaults)})", ATOM)

    return {"method": method, **function_with(f"{module}.{name}", *names, **defaults)}


def function_with(name: str, *names: str, **defaults: Any) -> dict[str, Spelling]:
    """``np.flip(a, axis=0)``: a function of one operand with settings."""

    def function(attributes: Attributes) -> Pattern:
        return (f"{name}({{0:0}}{after(settings(attributes, *names, **defaults))})", ATOM)

    return {"function": function}


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
    return ", ".join(shown) or "()"


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


WHOLE = ("slice", None, None, None)


def along(axis: int, item: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """An index that applies ``item`` to one axis and leaves those before it whole."""
    return (*(WHOLE for _ in range(axis)), item)


def part(start: int, stop: int, size: int) -> tuple[Any, ...]:
    """The slice from ``start`` to ``stop`` of an axis of ``size``, with nothing written that is implied."""
    return ("slice", start or None, None if stop == size else stop, None)
