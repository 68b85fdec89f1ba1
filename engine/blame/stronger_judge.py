"""Judging a backward on a stronger input, and what it means where it was written for the sizes of the given one."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.blame.judge import judge
from engine.blame.model import Mine, Outcome
from engine.blame.stronger import Stronger, stronger
from engine.held import standing_in
from engine.program import Program

_GLANCE = 0.5
"""Seconds for a judgement of which only the outcome counts."""

Backward = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class StrongerMine:
    """The judgement with the input that it was made on."""

    mine: Mine
    input: Stronger


def judge_stronger(
    loss: Callable[..., Any],
    backward: Backward,
    program: Program,
    params: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    seconds: float = 5.0,
) -> StrongerMine | None:
    """Judge ``backward`` on the strongest input that ``loss`` runs on; None where loss runs on no other numbers.

    A size that the backward has written into it stays, and the judgement says so. Where the backward raises on sizes
    that loss runs on, and no number in it says why, the judgement is that of a run that raised. Raises what
    `engine.blame.judge` raises.
    """
    bench = _Bench(loss, backward, program, params, data, seconds)
    first = bench.judged({})
    if first is None or first.mine.verdict == "right" or not first.input.sizes:
        return first
    given = judge(program, backward, params, data, seconds=seconds)
    raised = first.mine.verdict == "raised" and given.verdict != "raised"
    if not raised and not (first.mine.verdict == "wrong" and given.verdict == "right"):
        return first
    old = {name: sizes[0] for name, sizes in first.input.sizes.items()}
    written = {name: line for name, size in old.items() if (line := _line_with(backward, size)) is not None}
    trouble: Outcome = "raised" if raised else "wrong"
    axes = bench.kept(written, old, trouble)
    if axes:
        again = bench.judged(dict.fromkeys(axes, "backward"))
        assert again is not None
        return StrongerMine(_told(again.mine, _written(axes, old, written, backward)), again.input)
    return _stopped(first, bench, old) if raised else first


class _Bench:
    """Judges one backward on inputs with some sizes kept."""

    def __init__(
        self,
        loss: Callable[..., Any],
        backward: Backward,
        program: Program,
        params: Mapping[str, Any],
        data: Mapping[str, Any],
        seconds: float,
    ) -> None:
        self.loss, self.backward, self.program, self.seconds = loss, backward, program, seconds
        self.params, self.data = params, data

    def judged(self, keep: Mapping[str, str], seconds: float | None = None, alike: bool = False) -> StrongerMine | None:
        """The judgement on the strongest input that keeps these axes, or that gives all the same size."""
        made = stronger(self.loss, self.program, self.params, self.data, keep=keep, alike=alike)
        if made is None:
            return None
        own, others = {**self.params, **self.data}, {**made.params, **made.data}
        with standing_in(self.backward, own, others), standing_in(self.loss, own, others):
            mine = judge(made.program, self.backward, made.params, made.data, seconds=seconds or self.seconds)
        return StrongerMine(mine, made)

    def kept(self, among: Iterable[str], old: Mapping[str, int], trouble: Outcome) -> list[str]:
        """As few of the axes as will do, with whose sizes kept the trouble is gone; none where it never is."""
        start = set(among)
        if not start or self.troubled(start, trouble):
            return []
        for name in old:
            if name in start and len(start) > 1 and not self.troubled(start - {name}, trouble):
                start.discard(name)
        return [name for name in old if name in start]

    def troubled(self, keep: Iterable[str], trouble: Outcome) -> bool:
        """Whether the backward raises, or is not right, with these axes kept."""
        found = self.judged(dict.fromkeys(keep, "backward"), _GLANCE)
        if found is None or found.mine.verdict == "raised":
            return True
        return trouble == "wrong" and found.mine.verdict == "wrong"


def _told(mine: Mine, sentence: str) -> Mine:
    return replace(mine, message=f"{sentence} {mine.message}".strip())


def _written(axes: Iterable[str], old: Mapping[str, int], lines: Mapping[str, int], backward: Backward) -> str:
    """The sizes that stand in the backward, each with its line."""
    places = []
    for line in dict.fromkeys(lines[name] for name in axes):
        text = linecache.getline(_file(backward), line).strip()
        places.append(f"line {line}, `{text}`")
    return f"Your backward is written for {_sizes(axes, old)} ({'; '.join(places)}), loss is not; kept."


def _stopped(first: StrongerMine, bench: _Bench, old: Mapping[str, int]) -> StrongerMine:
    """A backward that raises on sizes that loss runs on: on square arrays, or on the sizes it ran on, its mistake may
    have a name. Where it has none there, the sizes themselves are the finding.
    """
    square = bench.judged({}, alike=True)
    if square is not None and square.mine.verdict == "wrong" and square.input.sizes:
        size = next(iter(square.input.sizes.values()))[1]
        return StrongerMine(_told(square.mine, _where(first, f"Judged with {size} for every size.")), square.input)
    axes = bench.kept(old, old, "raised")
    again = bench.judged(dict.fromkeys(axes, "backward")) if axes else None
    if again is None:
        return first
    known = _sizes(axes, old)
    if again.mine.verdict == "wrong":
        return StrongerMine(_told(again.mine, _where(first, f"Judged with {known} kept.")), again.input)
    kept = "With that size kept it is right." if len(axes) == 1 else "With those sizes kept it is right."
    return StrongerMine(_told(first.mine, f"Your backward is written for {known}, loss is not. {kept}"), first.input)


def _where(first: StrongerMine, judged: str) -> str:
    """Where the backward stopped, and what was judged instead."""
    stop = first.mine.message.removesuffix(" Nothing after it was judged.")
    return f"On other sizes loss runs and your backward does not. {stop} {judged}"


def _sizes(axes: Iterable[str], old: Mapping[str, int]) -> str:
    """``n = 4``, ``in = h1 = 4 and n = 5``."""
    alike: dict[int, list[str]] = {}
    for name in axes:
        alike.setdefault(old[name], []).append(name)
    parts = [" = ".join([*names, str(size)]) for size, names in alike.items()]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


# ---- sizes that stand in the backward --------------------------------------------------------------------


def _file(backward: Backward) -> str:
    return str(backward.__code__.co_filename)


def _value(node: ast.Constant | ast.Name, backward: Backward) -> object:
    return node.value if isinstance(node, ast.Constant) else backward.__globals__.get(node.id)


def _is_number(value: object, size: int) -> bool:
    return type(value) in (int, float) and value == size


def _line_with(backward: Backward, size: int) -> int | None:
    """The first line of the backward, or of a function that it calls by name, in which the number ``size`` stands, or
    the name of a constant of the file that is this number."""
    if size < 2:
        return None
    tree = ast.parse("".join(linecache.getlines(_file(backward))))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    waiting, seen = [backward.__name__], {"loss"}
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in functions:
            continue
        seen.add(name)
        found = sorted(
            node.lineno
            for node in ast.walk(functions[name])
            if isinstance(node, ast.Constant | ast.Name) and _is_number(_value(node, backward), size)
        )
        if found:
            return found[0]
        waiting += [
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(functions[name])
            if isinstance(node, ast.Name | ast.Attribute)
        ]
    return None
