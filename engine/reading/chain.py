"""From the loss to one gradient: the factors on paper and the same chain as operators.

Every backward quantity is a seed with one-sided applications (a matrix on the left, a mask, a matrix on the right).
Where several paths meet the sum is shown, and longer chains start from its result. What all paths of a sum have in
common is not repeated: they start at the last gradient that they share or, where that is still too long to be read,
each at the gradient that it is made from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from engine.errors import LookupFailed
from engine.reading.applied import LEFT_OUT, Spine, apply_to, spine
from engine.reading.model import Chain, Link, Step, Token

if TYPE_CHECKING:
    from engine.program import Program

_Key = TypeVar("_Key", bound=Hashable)
_Made = TypeVar("_Made")
_MOST_FACTORS = 200
"""More than a screen shows."""
_MOST_SUMMED = 7
"""Quantities on all paths of a sum together that can still be read in one line."""
_MOST_ADDENDS = 64
"""A longer sum is written with its first and last addends and dots between them."""
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class _Path:
    """From a seed (a gradient quantity, or an expression without one) through the quantities after it.

    None among them stands for those that are left out there. ``cut``: the seed has a chain of its own, left out here.
    """

    sign: int
    seed: int
    quantities: tuple[int | None, ...]
    last: Spine | None
    cut: bool = False


class Chains:
    """The chains of one program. What a factor looks like is worked out once, however many chains go through it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.formula = program.formula
        self.ids = {program.by_name[name]: identifier for name, identifier in program.step_ids.items()}
        self.value_of = {gradient: value for value, gradient in program.gradients_of.items()}
        self.aims: dict[int, int] = {}
        self._spines: dict[int, Spine] = {}
        self._lengths: dict[int, int] = {}
        self._links: dict[int, Link] = {}
        self._made: dict[tuple[str, str | None], Chain] = {}
        self._same: set[str] = set()
        """The steps whose chain is short enough to be the same whichever step is looked at."""
        self._applied: dict[int, frozenset[int]] = {}

    def of(self, step: Step, about: str | None = None) -> Chain:
        """The chain of a backward step. Raises LookupFailed for a step of the forward pass, which has none.

        ``about`` is the step that is looked at: a path of more factors than any screen shows is written with its ends
        and the factors near that step, and dots for the others.
        """
        if step.of is None:
            raise LookupFailed(f"{step.id} belongs to the forward pass; a chain leads to a gradient.")
        key = (step.id, None if step.id in self._same else about)
        return _remembered(self._made, key, lambda: self._chain(step, about))

    def spine(self, index: int) -> Spine:
        """How a gradient quantity is made from the one before it."""
        if index not in self._spines:
            self._spines[index] = spine(self.program, self.formula, index)
        return self._spines[index]

    def applied(self, target: int) -> frozenset[int]:
        """The gradient quantities whose steps the chain to ``target`` goes through, itself among them."""
        return _remembered(self._applied, target, lambda: self._gone_through(target))

    def starts(self, quantity: int) -> bool:
        """Whether longer chains start at a gradient that is itself made from others: where paths meet."""
        return self.spine(quantity).upstream is None and bool(self.program.wiring.sources(quantity))

    def count(self, target: int) -> int:
        """How many contributions add up in a gradient."""
        return len(self._addends(target))

    def _gone_through(self, target: int) -> frozenset[int]:
        paths = self._paths(target)
        found = {target}
        for path in paths:
            found.update(q for q in path.quantities if q is not None)
            if path.last is None:
                found |= self.program.wiring.sources(path.seed)
            elif not path.cut and not self.starts(path.seed):
                found.add(path.seed)
        if len(paths) == 1 and paths[0].last is None:  # written on paper alone
            for source in self.program.wiring.sources(target):
                found.update(self._upwards(source))
        return frozenset(found)

    def _chain(self, step: Step, about: str | None) -> Chain:
        target = self.program.by_name[step.quantity]
        paths = self._paths(target)
        if all(len(path.quantities) <= _MOST_FACTORS for path in paths):
            self._same.add(step.id)
        left_out = range(_MOST_ADDENDS // 2, len(paths) - _MOST_ADDENDS // 2)
        links: list[Link] = []
        tokens: list[Token] = []
        seen: set[tuple[Link, ...]] = set()
        for number, path in enumerate(paths):
            if number in left_out:
                if number == left_out[0]:
                    tokens += [Token(" + ", "operator", step.id, None), Token("…", "operator", step.id, None)]
                    links += [Link("+", ""), Link("…", "")]
                continue
            if about is not None:
                path = replace(path, quantities=tuple(self._near(path.quantities, about)))
            if tokens:
                tokens.append(Token(" + " if path.sign > 0 else " − ", "operator", step.id, None))
            tokens += self._tokens(path, step)
            on_paper = self._on_paper(path, step)
            if on_paper in seen:
                continue  # two addends of one derivative: ∂h/∂z stands once on paper
            links += [Link("+", ""), *on_paper] if links else on_paper
            seen.add(on_paper)
        return Chain(step.symbol, step.id, tuple(links), tuple(tokens))

    # paths
    def _addends(self, index: int) -> list[tuple[int, int]]:
        """The paths that add up in one quantity, with their signs; a single one is the quantity itself."""
        found: list[tuple[int, int]] = []
        stack = [(1, index)]
        while stack:
            sign, top = stack.pop()
            number = self.program.values[top].node
            node = None if number is None else self.program.nodes[number]
            inner = node is not None and (top == index or not self.program.values[top].quantity)
            carrying = [i for i in node.inputs if self.program.values[i].role == "gradient"] if node else []
            if node is not None and inner and node.op in ("add", "subtract") and carrying:
                second = sign if node.op == "add" else -sign
                stack += [(second, node.inputs[1]), (sign, node.inputs[0])]
            else:
                found.append((sign, top))
        return found

    def _paths(self, target: int) -> list[_Path]:
        """The paths to a quantity, those of a sum shortened at their start until they can be read together."""
        addends = self._addends(target)
        arriving = [(sign, index, self._arriving(index, target)) for sign, index in addends]
        many = len(addends) > 1
        if many and sum(self._length(last) for _, _, last in arriving) > _MOST_FACTORS:
            ways = [[] if last.upstream is None else [last.upstream] for _, _, last in arriving]
        else:
            ways = [[] if last.upstream is None else self._upwards(last.upstream) for _, _, last in arriving]
            ways = _shortened(ways) if many else ways
        made = []
        for (sign, index, last), way in zip(arriving, ways, strict=True):
            if not way:
                made.append(_Path(sign, index, (), None))
                continue
            made.append(_Path(sign, way[0], tuple(way[1:]), last, cut=self.spine(way[0]).upstream is not None))
        return made

    def _upwards(self, quantity: int) -> list[int]:
        """The quantities from the start of a gradient's own chain to itself."""
        found: list[int] = []
        upstream: int | None = quantity
        while upstream is not None:
            found.append(upstream)
            upstream = self.spine(upstream).upstream
        return found[::-1]

    def _arriving(self, index: int, target: int) -> Spine:
        """How an addend of ``target`` comes about; one that is another gradient as it stands is passed on unchanged."""
        return Spine(index, ()) if index != target and index in self.value_of else self.spine(index)

    def _length(self, arriving: Spine) -> int:
        """How many quantities lie on the path of an addend."""
        upstream = arriving.upstream
        walked: list[int] = []
        while upstream is not None and upstream not in self._lengths:
            walked.append(upstream)
            upstream = self.spine(upstream).upstream
        for quantity in reversed(walked):
            self._lengths[quantity] = 1 + (0 if upstream is None else self._lengths[upstream])
            upstream = quantity
        return 1 if upstream is None else 1 + self._lengths[upstream]

    def _near(self, quantities: Sequence[int | None], about: str) -> Sequence[int | None]:
        """The first and the last quantities of a path and those about the step that makes one of them."""
        count = len(quantities)
        if count <= _MOST_FACTORS:
            return quantities
        centre = next((k for k, q in enumerate(quantities) if q is not None and self.ids.get(q) == about), 0)
        end, side = _MOST_FACTORS // 5, 3 * _MOST_FACTORS // 10
        kept = sorted({*range(end), *range(count - end, count), *range(max(0, centre - side), centre + side)})
        near: list[int | None] = []
        for before, k in pairwise([-1, *(k for k in kept if k < count)]):
            near += [quantities[k]] if before + 1 == k else [None, quantities[k]]
        return near

    # on paper
    def _on_paper(self, path: _Path, step: Step) -> tuple[Link, ...]:
        target = self.program.by_name[step.quantity]
        if path.last is None:
            return self._not_written_out(path.seed, target, step)
        links = [Link(self.program.values[path.seed].symbol, self.ids.get(path.seed, ""))]
        links += [Link("…", "") if quantity is None else self._link(quantity) for quantity in path.quantities]
        before = (path.quantities[-1] if path.quantities else None) or path.seed
        return (*links, self._last_link(before, step))

    def _not_written_out(self, seed: int, target: int, step: Step) -> tuple[Link, ...]:
        """What is no row of factors: the gradients that it is made from, each with its fraction."""
        sources = sorted(self.program.wiring.sources(seed), key=lambda i: self.program.directory.numbers[self.ids[i]])
        if not sources:
            return (Link(self.formula.mention(seed)[0], step.id),)
        if len(sources) == 1 and seed == target:
            way = self._upwards(sources[0])
            seeded = Link(self.program.values[way[0]].symbol, self.ids.get(way[0], ""))
            return (seeded, *map(self._link, way[1:]), self._last_link(way[-1], step))
        links: list[Link] = []
        for source in sources:
            links += [Link("+", "")] if links else []
            links += [Link(self.program.values[source].symbol, self.ids[source]), self._last_link(source, step)]
        return tuple(links)

    def _last_link(self, before: int, step: Step) -> Link:
        assert step.of is not None
        of = self.program.values[self.program.by_name[step.of]].symbol
        return Link(f"∂{self._symbol(before)}/∂{of}", step.id)

    def _link(self, quantity: int) -> Link:
        """The fraction that leads to a quantity from the one before it on its path."""
        if quantity not in self._links:
            upstream = self.spine(quantity).upstream
            assert upstream is not None
            text = f"∂{self._symbol(upstream)}/∂{self._symbol(quantity)}"
            self._links[quantity] = Link(text, self.ids.get(quantity, ""))
        return self._links[quantity]

    def _symbol(self, gradient: int) -> str:
        return self.program.values[self.value_of[gradient]].symbol

    # as operators
    def _tokens(self, path: _Path, step: Step) -> deque[Token]:
        seed = self.program.values[path.seed]
        text, level = self.formula.mention(path.seed)
        if path.last is None and self.program.by_name[step.quantity] == path.seed and self.starts(path.seed):
            text, level = self.formula.expression(path.seed)
        tokens = deque([Token(text, "factor", self.ids.get(path.seed, step.id), seed.shape)])
        for quantity in path.quantities:
            applied = LEFT_OUT[self.program.convention == "row"] if quantity is None else self.spine(quantity).applied
            level = apply_to(tokens, level, applied, self.ids.get(quantity, "") if quantity is not None else "")
        if path.last is not None:
            apply_to(tokens, level, path.last.applied, step.id)
        return tokens


def _shortened(ways: list[list[int]]) -> list[list[int]]:
    """The ways of a sum without what all of them have in common, or each with its last quantity alone."""
    if _quantities(ways) <= _MOST_SUMMED:
        return ways
    shared = 0
    while all(len(way) > shared for way in ways) and len({way[shared] for way in ways}) == 1:
        shared += 1
    if shared:
        ways = [way[shared - 1 :] for way in ways]
    return ways if _quantities(ways) <= _MOST_SUMMED else [way[-1:] for way in ways]


def _quantities(ways: Sequence[Sequence[int]]) -> int:
    return sum(1 + len(way) for way in ways)


def _remembered(known: dict[_Key, _Made], key: _Key, make: Callable[[], _Made]) -> _Made:
    """The last few that were asked for."""
    if key not in known:
        while len(known) >= _REMEMBERED:
            del known[next(iter(known))]
        known[key] = make()
    return known[key]
