"""The judge on a sample of the mutants: no correct file is accused, and no fewer mistakes are found than today.

`python -m tests.blame` runs it on all of them.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from tests.blame.learner import STYLES, text_of
from tests.blame.mutate import Mutant, singles
from tests.blame.running import Bench, Fate, false_alarm

PER_MISTAKE = 2
LOCATED, NAMED, STOPPED = 0.97, 0.97, 1.0
"""Shares of the sample below which the judge has become worse."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("blame"))


@cache
def sample() -> tuple[list[Mutant], list[Mutant]]:
    """Of each mistake a few mutants, from any style; and some that raise."""
    rng = random.Random(1)
    everything = [mutant for file in STYLES for mutant in singles(file)]
    of: dict[str, list[Mutant]] = {}
    for mutant in everything:
        if not mutant.raises:
            of.setdefault(mutant.mistakes[0].names[0], []).append(mutant)
    chosen = [one for several in of.values() for one in rng.sample(several, min(PER_MISTAKE, len(several)))]
    return chosen, rng.sample([mutant for mutant in everything if mutant.raises], 12)


@pytest.fixture(scope="module")
def fates(bench: Bench) -> list[Fate]:
    return [bench.fate(mutant) for mutant in sample()[0]]


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_a_correct_backward_is_not_accused(file: Path, bench: Bench) -> None:
    """In no style, with other numbers than the file's: nothing is wrong or inherited, and every gradient is right."""
    assert false_alarm(bench.judged(text_of(file, 1))) == ""


def test_the_checker_never_fails_itself(fates: list[Fate]) -> None:
    """Whatever the learner's code does; and what it was given stays as it was."""
    assert [fate.said for fate in fates if fate.judgement.mine is None] == []


def test_no_wrong_file_is_called_right(fates: list[Fate]) -> None:
    """Each has a gradient that is wrong, and that is said."""
    assert [fate.mutant.name for fate in fates if fate.judgement.mine and fate.judgement.mine.verdict == "right"] == []


def test_the_changed_line_is_found(fates: list[Fate]) -> None:
    """In at least this share of the mutants the first wrong line is the changed one."""
    assert share([fate.located for fate in fates]) >= LOCATED, report(fate for fate in fates if not fate.located)


def test_the_mistake_is_named(fates: list[Fate]) -> None:
    """In at least this share the mistake that was made is listed at its line."""
    assert share([fate.named for fate in fates]) >= NAMED, report(fate for fate in fates if not fate.named)


def test_code_that_raises_is_told_with_its_line(bench: Bench) -> None:
    """The line in the learner's file where Python stopped."""
    stopped = [bench.fate(mutant) for mutant in sample()[1]]
    assert share([fate.located for fate in stopped]) >= STOPPED, report(fate for fate in stopped if not fate.located)


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def report(fates: object) -> str:
    assert hasattr(fates, "__iter__")
    return "\n".join(f"{fate.mutant.style} {fate.mutant.name}: {fate.said}" for fate in fates)
