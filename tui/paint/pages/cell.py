"""Page 1, *cell*: how the number under the cursor came about, or where it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add, mul, sub, truediv

from engine.reading import entry as entry_of
from engine.reading.model import Entry, Factor
from tui.debugger import Debugger
from tui.numbers import exact, factor
from tui.paint.text import GLUE, Row, row

MOST_TERMS = 12
SHOWN_TERMS = 5
_SCALAR_PRODUCT = "⋅"  # U+22C5; U+00B7 is the matrix product, and --ascii tells them apart
_BARS = " ▁▂▃▄▅▆▇█"
_INDENT = 4
_JOINS = {"·": mul, _SCALAR_PRODUCT: mul, "+": add, "−": sub, "-": sub, "/": truediv, "÷": truediv}
_SPACED = {"+", "−", "-"}

Term = tuple[Factor, ...]


def rows(debugger: Debugger, width: int) -> list[Row]:
    """Heading, the numbers put in, their products, the exact value, and what it means."""
    return entry_rows(entry_of(debugger.tape, debugger.part, debugger.entry_index, debugger.operand), width)


def entry_rows(entry: Entry, width: int) -> list[Row]:
    """The same for an entry that is known already."""
    return [_heading(entry), *_sum(entry, width), *_remarks(entry)]


def _heading(entry: Entry) -> Row:
    name, equals, rest = scalar(entry.heading).partition(" = ")
    pieces = [(name, "marker"), (equals + rest, "bold")] if equals else [(name, "bold")]
    return row(*pieces, *([(f"   {scalar(entry.note)}", "dim")] if entry.note else []))


def _remarks(entry: Entry) -> list[Row]:
    return [row((f"  {scalar(text)}", "dim"), spare=k) for k, text in enumerate(entry.remarks, 1)]


def scalar(text: str) -> str:
    """Index formulas multiply numbers, not matrices."""
    return text.replace("·", _SCALAR_PRODUCT)


def _sum(entry: Entry, width: int) -> list[Row]:
    value = [] if entry.value is None else [(exact(entry.value), "marker")]
    if not entry.terms:
        return [row(("  = ", "text"), *value)] if value else []
    if len(entry.terms) == 1:
        text = _term_text(entry.terms[0], entry.join)
        same = bool(value) and text == value[0][0]
        pieces = [("  = ", "text"), *([] if same else [(text, "text"), (" = ", "text")] if value else [(text, "text")])]
        return [row(*pieces, *value, hanging=_INDENT)]
    amounts = [_value(term, entry.join) for term in entry.terms]
    result = [row(("  = ", "text"), *value, hanging=_INDENT)] if value else []
    if len(entry.terms) > MOST_TERMS:
        return [*_largest(entry, amounts, width), *result]
    sums = [row((f"  = {_added([_term_text(term, entry.join) for term in entry.terms])}", "text"))]
    if any(len(term) > 1 for term in entry.terms) and all(amount is not None for amount in amounts):
        sums.append(row((f"  = {_added([factor(amount) for amount in amounts if amount is not None])}", "text")))
    return [*sums, *result]


def _added(texts: Sequence[str]) -> str:
    return f" +{GLUE}".join(texts)


def _term_text(term: Term, join: str) -> str:
    """``1.62⋅0.90``, ``0.07 − 1``, ``exp(-0.25)``; one factor without a function is itself."""
    numbers = [factor(one.value) for one in term]
    if join in _SPACED:
        return f"{GLUE}{join}{GLUE}".join(numbers)
    if join in _JOINS or not join:
        return scalar(join).join(numbers)
    return f"{join}({', '.join(number.removeprefix('(').removesuffix(')') for number in numbers)})"


def _value(term: Term, join: str) -> float | None:
    """What a term adds to the sum; None where ``join`` is a function that only the engine can evaluate."""
    values = [float(one.value) for one in term]
    if join in _JOINS:
        try:
            return reduce(_JOINS[join], values)
        except ZeroDivisionError:
            return math.nan
    return values[0] if len(values) == 1 and not join else None


def _largest(entry: Entry, amounts: Sequence[float | None], width: int) -> list[Row]:
    """The few terms that matter in a long sum, where they stand, and how large all of them are."""
    known = [0.0 if amount is None else amount for amount in amounts]
    if any(amount is None for amount in amounts):
        texts = [_term_text(term, entry.join) for term in entry.terms[:SHOWN_TERMS]]
        return [row((f"  = {_added(texts)} +{GLUE}… (other {len(known) - SHOWN_TERMS})", "text"))]
    order = sorted(range(len(known)), key=lambda k: -_size(known[k]))[:SHOWN_TERMS]
    rest = sum(known[k] for k in range(len(known)) if k not in order)
    texts = [factor(known[k]) for k in order] + [f"{factor(rest)} (other {len(known) - len(order)})"]
    where = ", ".join(_place(entry, k) for k in order)
    bars = sparkline([_size(amount) for amount in known], max(8, width - 14))
    return [
        row((f"  = {_added(texts)}", "text")),
        row((f"    largest: {where}", "dim"), spare=2),
        row(("    |term| ", "dim"), (bars.replace(" ", GLUE), "text"), spare=3),
    ]


def _size(amount: float) -> float:
    """|amount|; what is not a number comes first, because it is what a person looks for."""
    return math.inf if math.isnan(amount) else abs(amount)


def _place(entry: Entry, k: int) -> str:
    if entry.summed is not None and len(entry.summed) == 1:
        return f"{entry.summed}={k}"
    return f"[{','.join(map(str, entry.terms[k][0].index))}]"


def sparkline(sizes: Sequence[float], width: int) -> str:
    """One bar per value, 0 to the largest; more values than ``width`` are put together, the largest one showing."""
    count = min(width, len(sizes))
    if not count:
        return ""
    edges = [len(sizes) * k // count for k in range(count + 1)]
    pooled = [max(sizes[start:end]) for start, end in pairwise(edges)]
    peak = max((size for size in pooled if math.isfinite(size)), default=0.0)
    return "".join(_bar(size, peak) for size in pooled)


def _bar(size: float, peak: float) -> str:
    if not math.isfinite(size):
        return _BARS[-1]
    if size == 0 or peak == 0:
        return _BARS[0]
    return _BARS[max(1, math.ceil(size / peak * (len(_BARS) - 1)))]
