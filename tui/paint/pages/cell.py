"""Page 1, *cell*: how the number under the cursor came about, or where it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from engine.reading import entry as entry_of
from engine.reading.model import Entry
from tui.debugger import Debugger
from tui.numbers import exact, factor
from tui.paint.pages.terms import Reduction, is_product, reduction, write_term
from tui.paint.text import GLUE, Row, row

MOST_TERMS = 12
SHOWN_TERMS = 5
_BARS = " ▁▂▃▄▅▆▇█"
_SUM = Reduction("", "Σ", "")


def rows(debugger: Debugger, width: int) -> list[Row]:
    """Heading, the numbers put in, their products, the exact value, and what it means."""
    if 0 in debugger.term.shape:
        return [row((f"{debugger.term.symbol} has no entries", "dim"))]
    return entry_rows(entry_of(debugger.tape, debugger.part, debugger.entry_index, debugger.operand), width)


def entry_rows(entry: Entry, width: int) -> list[Row]:
    """The same for an entry that is known already."""
    remarks = [row((f"  {text}", "dim"), spare=k) for k, text in enumerate(entry.remarks, 1)]
    return [_heading(entry), *_sum(entry, width), *remarks]


def _heading(entry: Entry) -> Row:
    name, equals, rest = entry.heading.partition(" = ")
    pieces = [(name, "marker"), (equals + rest, "bold")] if equals else [(name, "bold")]
    return row(*pieces, *([(f"   {entry.note}", "dim")] if entry.note else []))


def _sum(entry: Entry, width: int) -> list[Row]:
    """The terms with their numbers, what each of them comes to, and the exact value."""
    result = [] if entry.value is None else [row(("  = ", "text"), (exact(entry.value), "marker"))]
    kind = reduction(entry.join) if all(len(term) == 1 for term in entry.terms) else None
    if not entry.terms:
        return result
    if len(entry.terms) == 1 and kind is None:
        return _one_line(write_term(entry.terms[0], entry.join), entry)
    kind = kind or _SUM
    if len(entry.terms) > MOST_TERMS:
        return [*_largest(entry, kind, width), *result]
    first = [row((f"  = {kind.write([_term(entry, k, kind) for k in range(len(entry.terms))])}", "text"))]
    if any(len(term) > 1 for term in entry.terms):
        amounts = [_amount(entry, k, kind) for k in range(len(entry.terms))]
        first.append(row((f"  = {kind.write([factor(one) for one in amounts if one is not None])}", "text")))
    return [*first, *result]


def _one_line(text: str, entry: Entry) -> list[Row]:
    value = "" if entry.value is None else exact(entry.value)
    if not text or text == value:
        return [row(("  = ", "text"), (value, "marker"))] if value else []
    return [row((f"  = {text}", "text"), *([(" = ", "text"), (value, "marker")] if value else []))]


def _term(entry: Entry, k: int, kind: Reduction) -> str:
    term = entry.terms[k]
    return kind.term(term[0].value) if len(term) == 1 else write_term(term, entry.join)


def _amount(entry: Entry, k: int, kind: Reduction) -> float | None:
    """What one term comes to; None where only the engine can tell."""
    values = [float(one.value) for one in entry.terms[k]]
    if len(values) == 1:
        return kind.amount(values[0])
    return math.prod(values) if is_product(entry.join) else None


def _largest(entry: Entry, kind: Reduction, width: int) -> list[Row]:
    """The few terms that matter in a long sum, where they stand, and how large all of them are."""
    amounts = [_amount(entry, k, kind) for k in range(len(entry.terms))]
    known = [float(entry.terms[k][0].value) if one is None else one for k, one in enumerate(amounts)]
    matter = [k for k, one in enumerate(known) if one != 0 or not kind.adds] or [0]
    order = sorted(matter, key=lambda k: _importance(known[k], kind))[:SHOWN_TERMS]
    chosen = set(order)
    others = len(known) - len(order)
    texts = [_term(entry, k, kind) if len(entry.terms[k]) == 1 else factor(known[k]) for k in order]
    if kind.adds and None not in amounts:
        rest = sum(one for k, one in enumerate(known) if k not in chosen)
        texts.append(f"{factor(rest)} (the other {others} together)".replace(" ", GLUE))
    else:
        texts.append(f"… (the other {others})".replace(" ", GLUE))
    bars = sparkline([abs(one) for one in known], max(8, width - 14))
    return [
        row((f"  = {kind.write(texts)}", "text")),
        row((f"    {_word(kind)}: {', '.join(_place(entry, k) for k in order)}", "dim"), spare=2),
        row(("    |term| ", "dim"), (bars.replace(" ", GLUE), "text"), spare=3),
    ]


def _importance(amount: float, kind: Reduction) -> float:
    """Smallest first in the order; what is not a number comes first, because it is what a person looks for."""
    if math.isnan(amount):
        return -math.inf
    return amount if kind.name == "min" else -amount if kind.name == "max" else -abs(amount)


def _word(kind: Reduction) -> str:
    return "smallest" if kind.name == "min" else "largest"


def _place(entry: Entry, k: int) -> str:
    """``n=51`` where one index runs, ``[1,51]`` where several do."""
    first, last, here = (entry.terms[j][0].index for j in (0, -1, k))
    running = [axis for axis, (start, end) in enumerate(zip(first, last, strict=True)) if start != end]
    if len(running) == 1 and entry.summed is not None:
        return f"{entry.summed}={here[running[0]]}"
    return f"[{','.join(map(str, here))}]"


def sparkline(sizes: Sequence[float], width: int) -> str:
    """One bar per value, 0 to the largest; more values than ``width`` are put together, the largest one showing."""
    count = min(width, len(sizes))
    if not count:
        return ""
    edges = [len(sizes) * k // count for k in range(count + 1)]
    pooled = [max(sizes[start:end], key=_bad_first) for start, end in pairwise(edges)]
    peak = max((size for size in pooled if math.isfinite(size)), default=0.0)
    return "".join(_bar(size, peak) for size in pooled)


def _bad_first(size: float) -> float:
    return math.inf if math.isnan(size) else size


def _bar(size: float, peak: float) -> str:
    if not math.isfinite(size):
        return _BARS[-1]
    if size == 0 or peak == 0:
        return _BARS[0]
    return _BARS[max(1, math.ceil(size / peak * (len(_BARS) - 1)))]
