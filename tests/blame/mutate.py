"""Mutants of a learner's file: one named mistake each, or two, written into the text of its correct backward.

Only those are kept that are visible: the numbers that come back are others. Each line keeps its number, but for what
stands below a weight update that comes too early.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from tests.blame.damage import changes
from tests.blame.expressions import Change, Mistake
from tests.blame.learner import Gradients, answers, first_runs, names_of, same, text_of
from tests.blame.regions import units_of
from tests.blame.updates import updates_added, updates_moved

VISIBLE, VISIBLE_IN_SINGLE = 1e-6, 1e-3
"""Relative difference from which on a mutant counts; below the second, numbers in float32 may differ by rounding."""


@dataclass(frozen=True)
class Mutant:
    """A whole file with its mistakes in the order in which its run comes to them.

    ``raises``: the backward does not come to an end.
    """

    style: str
    text: str
    mistakes: tuple[Mistake, ...]
    raises: bool

    @property
    def name(self) -> str:
        """Distinct within a style."""
        return "+".join(f"{one.names[0]}@{min(one.lines, default=0)}" for one in self.mistakes)


@dataclass(frozen=True)
class _Edit:
    mistake: Mistake
    start: int
    end: int
    instead: str


MOST = {"wrong-operand": 2, "factor": 1, "sign": 2}
"""Ways to make one mistake in one statement that are tried, of those that there are; 6 of the others."""


def singles(file: Path, seed: int = 0, text: str | None = None) -> list[Mutant]:
    """All visible mutants with one mistake; of one mistake in one statement at most ``MOST``, and one that raises.

    ``text``: another correct text in place of the file's own.
    """
    text = text_of(file, seed) if text is None else text
    correct = answers(names_of(text))
    rng = random.Random(f"{file.stem}{seed}")
    found: list[Mutant] = []
    for sort in _sorts(text):
        rng.shuffle(sort)
        kept: list[Mutant] = []
        most = MOST.get(sort[0].mistake.names[0], 6)
        for edit in sort:
            for mutant in _kept(file.stem, text, [edit], correct, found + kept):
                if sum(one.raises == mutant.raises for one in kept) < (1 if mutant.raises else most):
                    kept.append(mutant)
        found += kept
    for mistake, moved in (*updates_moved(text), *updates_added(text, names_of(text)["params"])):
        found += _judgeable(file.stem, moved, (mistake,), correct)
    return found


def pairs(file: Path, count: int, seed: int = 0, text: str | None = None) -> list[Mutant]:
    """``count`` mutants with two mistakes of different names in different statements, drawn at random.

    Both are visible: with either one of them mended the numbers that come back are others.
    """
    text = text_of(file, seed) if text is None else text
    correct = answers(names_of(text))
    rng = random.Random(f"{file.stem}{seed}pairs")
    edits: list[_Edit] = []
    for sort in _sorts(text):
        rng.shuffle(sort)
        usable = (edit for edit in sort if any(not one.raises for one in _kept(file.stem, text, [edit], correct, [])))
        edits += [edit for edit in [next(usable, None)] if edit is not None]
    ran = first_runs(text)
    both = [
        sorted(pair, key=lambda edit: ran.get(text.count("\n", 0, edit.start) + 1, len(ran)))
        for pair in combinations(edits, 2)
        if not set(pair[0].mistake.names) & set(pair[1].mistake.names)
        and not pair[0].mistake.lines & pair[1].mistake.lines
    ]
    rng.shuffle(both)
    found: list[Mutant] = []
    for pair in both:
        if len(found) == count:
            break
        kept = [mutant for mutant in _kept(file.stem, text, pair, correct, found) if not mutant.raises]
        alone = [_kept(file.stem, text, [edit], correct, [])[0] for edit in pair]
        found += [mutant for mutant in kept if all(_differs(mutant, one) for one in alone)]
    return found


def _differs(mutant: Mutant, alone: Mutant) -> bool:
    """Whether the other of two mistakes is seen beside one: what is overwritten later on, or cut off, is not."""
    return not same(answers(names_of(mutant.text)), answers(names_of(alone.text)), VISIBLE_IN_SINGLE)


def _sorts(text: str) -> Iterator[list[_Edit]]:
    """For every statement and every mistake that can be made in it: the ways to make it."""
    units = units_of(text)
    mean = bool(re.search(r"mean\(|/ \(?(\d \* )?([Nm]\b|len\(|\w+\.(shape|size))", text[text.index("def loss") :]))
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for unit in units:
        sorts: dict[str, list[_Edit]] = {}
        for change in changes(unit, units, mean):
            sorts.setdefault(change.names[0], []).append(_edit(text, starts, change))
        yield from sorts.values()


def _edit(text: str, starts: list[int], change: Change) -> _Edit:
    node = change.node
    assert isinstance(node, ast.expr | ast.stmt)
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
    instead = "pass" if change.instead is None else change.instead
    if isinstance(node, ast.BinOp | ast.Call | ast.Name | ast.Subscript) and not _atomic(instead):
        instead = f"({instead})" if text[start - 1] != " " or text[end : end + 1] not in ("\n", ",") else instead
    return _Edit(Mistake(change.names, change.lines, text[start:end], instead), start, end, instead)


def _atomic(text: str) -> bool:
    return bool(re.fullmatch(r"[\w.]+(\[[^\[\]]*\]|\([^()]*\))*|\(.*\)", text))


def _kept(style: str, text: str, edits: list[_Edit], correct: Gradients, known: list[Mutant]) -> list[Mutant]:
    for one, other in combinations(edits, 2):
        if one.start < other.end and other.start < one.end:
            return []
    changed = text
    for edit in sorted(edits, key=lambda edit: -edit.start):
        changed = changed[: edit.start] + edit.instead + changed[edit.end :]
    mistakes = tuple(edit.mistake for edit in edits)
    if any(mutant.text == changed for mutant in known) or not all(one.lines for one in mistakes):
        return []
    return _judgeable(style, changed, mistakes, correct)


def _judgeable(style: str, text: str, mistakes: tuple[Mistake, ...], correct: Gradients) -> list[Mutant]:
    """The mutant where its numbers are others; where it raises it counts as one that does."""
    try:
        visible = not same(answers(names_of(text)), correct, VISIBLE_IN_SINGLE if "float32" in text else VISIBLE)
        return [Mutant(style, text, mistakes, False)] if visible else []
    except Exception:
        return [Mutant(style, text, mistakes, True)]
