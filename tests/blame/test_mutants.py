"""The mutants are what they claim to be: one changed statement each, other numbers, and a name that the judge knows."""

from __future__ import annotations

import difflib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from engine.blame import MISTAKES
from tests.blame.learner import STYLES, answers, names_of, same, text_of
from tests.blame.mutate import VISIBLE, Mutant, pairs, singles

SOME = [file for file in STYLES if file.stem in ("column_relu", "row_softmax_reg", "scalars", "helpers_cache")]


@cache
def mutants(file: Path) -> list[Mutant]:
    return singles(file)


@pytest.mark.parametrize("file", SOME, ids=lambda file: file.stem)
def test_a_mutant_gives_other_numbers_or_raises(file: Path) -> None:
    """What nobody could see in the numbers is no mutant."""
    correct = answers(names_of(text_of(file)))
    for mutant in mutants(file):
        if mutant.raises:
            with pytest.raises(Exception):  # noqa: B017 - whatever the learner's code raises
                answers(names_of(mutant.text))
        else:
            assert not same(answers(names_of(mutant.text)), correct, VISIBLE), mutant.name


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_a_mutant_differs_in_one_place_only(file: Path) -> None:
    """One line is another or stands elsewhere; no two mutants are alike."""
    before = text_of(file).splitlines()
    for mutant in mutants(file):
        changed = [line for line in difflib.ndiff(before, mutant.text.splitlines()) if line[0] in "+-"]
        assert 1 <= len(changed) <= 2, mutant.name
        (mistake,) = mutant.mistakes
        if mistake.names[0] != "stale-weight" and mistake.after != "pass":
            same_place = [k for k, (a, b) in enumerate(zip(before, mutant.text.splitlines(), strict=True), 1) if a != b]
            assert set(same_place) <= mistake.lines, mutant.name
    assert max(Counter(mutant.text for mutant in mutants(file)).values()) == 1


def test_every_mistake_that_has_a_name_is_made() -> None:
    """Each identifier of the judge belongs to a mutant that comes to its end; mutants use no other identifier."""
    made = {
        name for file in STYLES for mutant in mutants(file) if not mutant.raises for name in mutant.mistakes[0].names
    }
    assert made == set(MISTAKES)


def test_pairs_are_two_mistakes_of_different_names_in_different_lines() -> None:
    """In the order in which the run comes to them."""
    for mutant in pairs(SOME[0], 10):
        first, second = mutant.mistakes
        assert not set(first.names) & set(second.names)
        assert not first.lines & second.lines
