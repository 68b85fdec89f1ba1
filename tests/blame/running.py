"""Runs the judge on one file after the other, and says of each mutant how close the answer came."""

from __future__ import annotations

import ast
import copy
import re
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import engine
from engine.blame import Mine, judge
from engine.scenario import load
from tests.blame.learner import answers, first_runs, names_of
from tests.blame.mutate import Mutant
from tests.oracles import leaves


@dataclass(frozen=True)
class Judgement:
    """``mine`` is None where the checker itself failed; ``crash`` says how. ``seconds`` is the judging alone."""

    mine: Mine | None
    crash: str
    seconds: float


@dataclass(frozen=True)
class Fate:
    """What became of a mutant.

    ``located``: the first wrong line is the changed one (of two: the first of them). ``named``: and the mistake is
    listed. ``alone``: and no other is. ``either``: the line is that of one of the mistakes. A mutant that raises is
    located where the judge says on which line it stopped, and is never named.
    """

    mutant: Mutant
    judgement: Judgement
    located: bool
    named: bool
    alone: bool
    either: bool

    @property
    def explained(self) -> bool:
        """Whether any mistake is listed for the first wrong line."""
        mine = self.judgement.mine
        return mine is not None and mine.first_wrong is not None and bool(mine.first_wrong.mistakes)

    @property
    def missed(self) -> bool:
        """Whether nothing at all is called wrong."""
        mine = self.judgement.mine
        return mine is not None and mine.verdict != "raised" and mine.first_wrong is None

    @property
    def said(self) -> str:
        """The answer in one line."""
        mine = self.judgement.mine
        if mine is None:
            return f"CRASH {self.judgement.crash}"
        if mine.first_wrong is None:
            return f"{mine.verdict}: no line is called wrong. {mine.message}"
        first = mine.first_wrong
        return f"{mine.verdict}: line {first.line} {first.quantity} {', '.join(first.mistakes) or '(no name)'}"


class Bench:
    """Writes files into ``folder`` and has them judged, each under a name of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def judged(self, text: str) -> Judgement:
        """The judgement of a whole file as `chainstep check` gets it. Whatever the checker raises is a crash."""
        self._count += 1
        file = self._folder / f"mine{self._count}.py"
        file.write_text(text, encoding="utf-8")
        scenario = load(file)
        assert scenario.backward is not None
        program = engine.trace(scenario.loss, scenario.params, scenario.data)
        kept = copy.deepcopy(scenario.params)
        started = time.perf_counter()
        try:
            with np.errstate(all="ignore"):
                mine = judge(program, scenario.backward, scenario.params, scenario.data)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
            return Judgement(None, " ".join(told.split()), time.perf_counter() - started)
        seconds = time.perf_counter() - started
        if not all(np.array_equal(one, dict(leaves(kept))[path]) for path, one in leaves(scenario.params)):
            return Judgement(None, "the arrays that were handed over were changed", seconds)
        return Judgement(mine, "", seconds)

    def fate(self, mutant: Mutant) -> Fate:
        """The judgement of a mutant, compared with what was done to it."""
        judgement = self.judged(mutant.text)
        mine = judgement.mine
        if mine is None:
            return Fate(mutant, judgement, False, False, False, False)
        if mutant.raises:
            stopped = mine.verdict == "raised" and bool(_stopping_lines(mutant.text) & _numbers(mine.message))
            return Fate(mutant, judgement, stopped, False, False, stopped)
        first = mine.first_wrong
        if first is None or mine.verdict != "wrong":
            return Fate(mutant, judgement, False, False, False, False)
        located = _is_first(first.line, mutant)
        either = any(first.line in one.lines for one in mutant.mistakes)
        right = {name for one in mutant.mistakes if first.line in one.lines for name in one.names}
        named = located and bool(right & set(first.mistakes))
        return Fate(mutant, judgement, located, named, named and set(first.mistakes) <= right, either)


def _is_first(line: int, mutant: Mutant) -> bool:
    """Whether a line is one of a mistake, and the other mistake does not lie wholly before it in the run."""
    ran = first_runs(mutant.text) if len(mutant.mistakes) > 1 else {}

    def when(one: int) -> int:
        return ran.get(one, len(ran))

    others = [one.lines for one in mutant.mistakes if line not in one.lines]
    return len(others) < len(mutant.mistakes) and not any(max(map(when, lines)) < when(line) for lines in others)


def false_alarm(judgement: Judgement) -> str:
    """What a correct file is wrongly told, empty where it is told nothing."""
    mine = judgement.mine
    if mine is None:
        return judgement.crash
    if mine.verdict != "right" or mine.first_wrong is not None:
        first = mine.first_wrong
        return f"{mine.verdict}" + (
            f", line {first.line}: {', '.join(first.mistakes)}" if first else f" {mine.message}"
        )
    wrong = [line for line in mine.lines if line.verdict in ("own-error", "inherited")]
    if wrong:
        return f"line {wrong[0].line} {wrong[0].name}: {wrong[0].verdict}"
    bad = [name for name, answer in mine.gradients.items() if not answer.ok]
    return f"gradients called wrong: {', '.join(bad)}" if bad else "" if mine.gradients else "no gradient was judged"


def _stopping_lines(text: str) -> set[int]:
    """The lines of the innermost statement of the file in which its backward raises."""
    names: dict[str, Any] = names_of(text)
    try:
        answers(names)
    except Exception as error:
        own = [place.lineno for place in traceback.extract_tb(error.__traceback__) if place.filename == "learner.py"]
        line = int(own[-1] or 0) if own else 0
        around = [
            range(node.lineno, (node.end_lineno or node.lineno) + 1)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        return set(min(around, key=len, default=range(0)))
    return set()


def _numbers(message: str) -> set[int]:
    return {int(found) for found in re.findall(r"line (\d+)", message)}
