"""Other ways to write a correct backward: rewritten at random, kept where plain NumPy gives the same numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.blame.additions import ADDITIONS, lines_beside, used_names
from tests.blame.learner import Gradients, answers, names_of, same, text_of
from tests.blame.renaming import misleading_names
from tests.blame.restatements import RESTATEMENTS
from tests.blame.rewrites import REWRITES
from tests.blame.source import Source

SAME, SAME_IN_SINGLE = 1e-9, 1e-5
"""Relative difference up to which two texts give the same gradients; the second for numbers in float32."""
TRIES = 30


@dataclass(frozen=True)
class Variation:
    """A whole file, and the names of what was done to it, in order."""

    style: str
    text: str
    steps: tuple[str, ...]


def variations(files: tuple[Path, ...], count: int, seed: int = 0) -> Iterator[Variation]:
    """``count`` of them over all files in turn, with numbers drawn anew for every round; no two are alike."""
    known: set[str] = set()
    given = k = 0
    while given < count:
        variation = varied(files[k % len(files)], 1000 * seed + k // len(files))
        k += 1
        if variation.text not in known:
            known.add(variation.text)
            given += 1
            yield variation


def varied(file: Path, seed: int, misleading: bool = True) -> Variation:
    """One to four rewrites, one after the other, of the text with this seed's numbers.

    ``misleading``: names may say what is not so, and lines may stand beside that no gradient needs. A mistake among
    those has no line or no name that is surely its own.
    """
    text = text_of(file, seed)
    correct = answers(names_of(text))
    single = "float32" in text
    rng = random.Random(f"{file.stem}{seed}varied")
    steps: list[str] = []
    wanted = rng.randint(1, 4)
    for _ in range(TRIES):
        if len(steps) == wanted:
            break
        step = rng.choice((*REWRITES, *RESTATEMENTS, *ADDITIONS))
        if step in (misleading_names, lines_beside, used_names) and not misleading:
            continue
        other = step(Source(text), rng)
        if other is not None and other != text and _as_before(other, correct, SAME_IN_SINGLE if single else SAME):
            text = other
            steps.append(step.__name__)
    return Variation(file.stem, text, tuple(steps))


def _as_before(text: str, correct: Gradients, tolerance: float) -> bool:
    """Whether the text still runs and gives the same gradients."""
    try:
        return same(answers(names_of(text)), correct, tolerance)
    except Exception:
        return False
