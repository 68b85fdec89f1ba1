"""Judges many files in several processes; the answers come back in the order of the files, whoever is first."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from tests.blame.mutate import Mutant
from tests.blame.running import Bench, false_alarm

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant, as ``Fate`` tells it, without the arrays. ``crash`` is empty where there is none."""

    mutant: Mutant
    located: bool
    named: bool
    alone: bool
    either: bool
    explained: bool
    missed: bool
    crash: str
    said: str
    seconds: float


@dataclass(frozen=True)
class Answer:
    """What a correct file was told: ``alarm`` is what it was wrongly told, ``crash`` how the checker failed.

    ``unfinished``: nothing is blamed, the time was over; which says something of the machine as well.
    """

    alarm: str
    crash: str
    unfinished: bool
    seconds: float


def outcome(mutant: Mutant) -> Outcome:
    """The judgement of one mutant."""
    fate = _bench().fate(mutant)
    crash = fate.judgement.crash if fate.judgement.mine is None else ""
    flags = (fate.located, fate.named, fate.alone, fate.either, fate.explained, fate.missed)
    return Outcome(mutant, *flags, crash, fate.said, fate.judgement.seconds)


def answer(text: str) -> Answer:
    """The judgement of one correct file."""
    judgement = _bench().judged(text)
    mine = judgement.mine
    if mine is None:
        return Answer("", judgement.crash, False, judgement.seconds)
    unfinished = mine.verdict == "raised" and "Not finished" in mine.message
    return Answer("" if unfinished else false_alarm(judgement), "", unfinished, judgement.seconds)


def in_order(work: Callable[[In], Out], items: Iterable[In], jobs: int) -> Iterator[Out]:
    """``work`` of each item, in ``jobs`` processes."""
    if jobs == 1:
        yield from map(work, items)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(work, items, chunksize=4)


@cache
def _bench() -> Bench:
    """One for each process; its folder goes with the process."""
    folder = tempfile.TemporaryDirectory()
    _folders.append(folder)
    return Bench(Path(folder.name))


_folders: list[tempfile.TemporaryDirectory[str]] = []
