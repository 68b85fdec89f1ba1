"""The learners' files that the proof starts from are right, by a method that knows no chain rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.blame.learner import STYLES, UNSEEN, answers, names_of, same, text_of, true_gradients


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("file", [*STYLES, *UNSEEN], ids=lambda file: file.stem)
def test_every_style_returns_the_gradients_of_its_loss(file: Path, seed: int) -> None:
    """To 1e-10 of the largest entry of the complex step (float32 to 1e-5), with two draws of numbers."""
    names = names_of(text_of(file, seed))
    single = any(
        np.asarray(array).dtype == np.float32 for array in names["params"].values() if not isinstance(array, list)
    )
    assert same(answers(names), true_gradients(names), 1e-5 if single else 1e-10)


def test_there_are_at_least_twelve_styles() -> None:
    """And at least three that the judge was not built on."""
    assert len(STYLES) >= 12
    assert len(UNSEEN) >= 3
