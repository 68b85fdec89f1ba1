"""The rewritten files are right, by a method that knows no chain rule, and they are other texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.blame.additions import ADDITIONS
from tests.blame.learner import STYLES, UNSEEN, answers, names_of, same, true_gradients
from tests.blame.mutate import singles
from tests.blame.restatements import RESTATEMENTS
from tests.blame.rewrites import REWRITES
from tests.blame.variations import Variation, variations, varied

ROUND = (*STYLES, *UNSEEN)


@pytest.fixture(scope="module")
def some() -> list[Variation]:
    return list(variations(ROUND, 3 * len(ROUND), seed=5))


def test_a_variation_returns_the_gradients_of_its_loss(some: list[Variation]) -> None:
    """To 1e-8 of the largest entry of the complex step (float32 to 1e-4)."""
    for variation in some:
        names = names_of(variation.text)
        single = any(getattr(array, "dtype", None) == np.float32 for array in names["params"].values())
        assert same(answers(names), true_gradients(names), 1e-4 if single else 1e-8), variation


def test_no_two_are_alike_and_the_loss_stays_as_it_was(some: list[Variation]) -> None:
    """One to four rewrites of the backward; the same seed gives the same texts."""
    assert len({variation.text for variation in some}) == len(some)
    assert all(1 <= len(variation.steps) <= 4 for variation in some)
    assert some == list(variations(ROUND, len(some), seed=5))


def test_every_rewrite_is_used() -> None:
    """None of them is left out by the check of its numbers."""
    used = {step for variation in variations(ROUND, 500, seed=1) for step in variation.steps}
    assert used == {step.__name__ for step in (*REWRITES, *RESTATEMENTS, *ADDITIONS)}


@pytest.mark.parametrize("file", STYLES[:3], ids=lambda file: file.stem)
def test_a_variation_can_be_damaged_as_its_original_can(file: Path) -> None:
    """Fresh seeds give fresh texts with mistakes in them."""
    mutants = singles(file, 4, varied(file, 4, misleading=False).text)
    assert len(mutants) > len(singles(file, 4)) / 2
    assert not {mutant.text for mutant in mutants} & {mutant.text for mutant in singles(file, 4)}
