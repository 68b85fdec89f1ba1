"""Which claims reach which statement of which rule: found by running every claim once on functions that say so."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from engine.graph import Graph
from engine.ops import TABLE
from engine.ref import Ref
from tests.mutation.claims import Claim
from tests.mutation.functions import MARK, closure, code_of, coded, definition, marked, rebuilt
from tests.mutation.mutant import row_with
from tests.mutation.targets import SHARED

Parts = tuple[Any, ...]
# what the claims about the parts of the engine are called
_WORDS = {
    "(mirror)": ("mirror", "convention"),
    "(axes)": ("the_axis_of", "axes_"),
    "(sums)": ("broadcast", "example", "printed", "prints"),
    "(handles)": ("printed",),
}


@dataclass
class Reached:
    """For every mark the claims that reach it; how long each took; those that fail without any damage."""

    claims: dict[Hashable, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, float] = field(default_factory=dict)
    failing: list[str] = field(default_factory=list)

    def positions(self, row: str) -> list[int]:
        """The operands to which a rule was seen to give a gradient."""
        return sorted(key[2] for key in self.claims if isinstance(key, tuple) and key[:2] == ("part", row))

    def of(self, mark: Hashable, subject: str, nearest: int | None) -> list[Claim]:
        """Claims that reach a mark: all that are about the subject, then quick ones, at least ``nearest`` in all."""
        words = _WORDS.get(subject, (f" {subject}", f"_{subject}_"))
        quick = sorted(self.claims[mark], key=lambda c: self.seconds[c.name])
        about = [c for c in quick if any(w in c.name for w in words)]
        known = {c.name for c in about}
        return [*about, *(c for c in quick if c.name not in known)][: nearest and max(nearest, len(about))]


def reached(claims: list[Claim], rows: list[str], shared: list[str]) -> Reached:
    """Run every claim once on marked functions."""
    found = Reached()
    marks: set[Hashable] = set()
    with _marking(rows, shared, marks.add):
        for claim in claims:
            marks.clear()
            started = time.perf_counter()
            holds = claim.holds()
            found.seconds[claim.name] = time.perf_counter() - started
            if not holds:
                found.failing.append(claim.name)
                continue
            for mark in marks:
                found.claims[mark].append(claim)
    return found


@contextmanager
def _marking(rows: list[str], shared: list[str], mark: Callable[[Hashable], None]) -> Iterator[None]:
    with ExitStack() as stack:
        for row in rows:
            stack.enter_context(row_with(row, gradient=_marked_rule(row, mark)))
        for subject in shared:
            for function in SHARED[subject]:
                tree = marked(definition(function), function.__qualname__)
                function.__globals__[MARK] = mark
                stack.callback(function.__globals__.pop, MARK, None)
                stack.enter_context(coded(function, code_of(tree, function)))
        stack.enter_context(_recording(set(rows), mark))
        yield


def _marked_rule(row: str, mark: Callable[[Hashable], None]) -> Callable[..., Parts]:
    rule = TABLE[row].gradient
    assert rule is not None
    codes = {name: code_of(marked(definition(f), "line", row), f) for name, f in closure(rule).items()}
    own = rebuilt(rule, codes, {MARK: mark})

    def seen(g: Ref, y: Ref, *operands: Ref, **attributes: Any) -> Parts:
        mark(("rule", row))
        parts = own(g, y, *operands, **attributes)
        for k, (part, operand) in enumerate(zip(parts, operands, strict=True)):
            if part is not None and operand.active and k < 4:
                mark(("part", row, k))
        return parts

    return seen


@contextmanager
def _recording(rows: set[str], mark: Callable[[Hashable], None]) -> Iterator[None]:
    """Say which operations are recorded."""
    kept = Graph.apply

    def apply(self: Graph, op: str, *args: Any, **settings: Any) -> int:
        if op in rows:
            mark(("operation", op))
        return kept(self, op, *args, **settings)

    Graph.apply = apply  # type: ignore[method-assign]
    try:
        yield
    finally:
        Graph.apply = kept  # type: ignore[method-assign]
