"""The table of what became of the mutants, and their files."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.blame.jobs import Outcome
from tests.blame.mutate import Mutant


def report(outcomes: list[Outcome]) -> str:
    """By mistake and by style, and below it what raised, what crashed and how long it took."""
    running = [one for one in outcomes if not one.mutant.raises]
    stopping = [one for one in outcomes if one.mutant.raises]
    crashes = sorted({one.crash for one in outcomes if one.crash})
    seconds = [one.seconds for one in outcomes] or [0.0]
    return "\n".join(
        [
            table("mistake", running, lambda one: (made.names[0] for made in one.mutant.mistakes)),
            table("style", running, lambda one: (one.mutant.style,)),
            f"mutants that raise: {len(stopping)}, told on which line: {sum(one.located for one in stopping)}",
            *(f"  crash: {text}" for text in crashes[:20]),
            f"seconds: median {statistics.median(seconds):.3f}, max {max(seconds):.2f}",
        ]
    )


def table(title: str, outcomes: list[Outcome], keys: Callable[[Outcome], Iterable[str]]) -> str:
    """One row per key, and one for all of them."""
    rows: dict[str, list[Outcome]] = {}
    for one in outcomes:
        for key in keys(one):
            rows.setdefault(key, []).append(one)
    lines = [f"{title:34} mutants  located    named    alone  either  unnamed  missed  crashed"]
    lines += [_row(key, rows[key]) for key in sorted(rows)]
    return "\n".join([*lines, _row("all", outcomes), ""])


def _row(key: str, outcomes: list[Outcome]) -> str:
    total = max(len(outcomes), 1)
    located, named, alone, either = (
        sum(getattr(one, which) for one in outcomes) for which in ("located", "named", "alone", "either")
    )
    unnamed = sum(one.located and not one.explained for one in outcomes)
    missed = sum(one.missed for one in outcomes)
    crashed = sum(bool(one.crash) for one in outcomes)
    return (
        f"{key:34} {len(outcomes):7} {located:4} {located / total:4.0%} {named:4} {named / total:4.0%} {alone:4}"
        f" {alone / total:3.0%} {either:7} {unnamed:8} {missed:7} {crashed:8}"
    )


def done(mutant: Mutant) -> str:
    """What was done: the names that are right for it, the lines that may be blamed, before and after."""
    return f"{mutant.style}: " + "; ".join(
        f"{'/'.join(one.names)} line {sorted(one.lines)}: {one.before} → {one.after}" for one in mutant.mistakes
    )


def described(outcome: Outcome) -> str:
    """A mutant that was not understood: what was done, and what was said."""
    how = "named another" if outcome.located else "elsewhere"
    return f"{done(outcome.mutant)}\n    {how}: {outcome.said}"


def save(outcome: Outcome, folder: Path) -> None:
    """The mutant as a file, with what was done and what was said below its last line."""
    said = described(outcome).replace("\n", " | ")
    name = outcome.mutant.name.replace("@", "_").replace("+", "_")
    where, k = folder / f"{outcome.mutant.style}_{name}.py", 1
    while where.exists():  # several of one mistake in one line
        k += 1
        where = folder / f"{outcome.mutant.style}_{name}_{k}.py"
    where.write_text(f"{outcome.mutant.text}# {said}\n", encoding="utf-8")
