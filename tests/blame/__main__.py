"""``python -m tests.blame``: mutants of correct backward functions, and how many of them the judge finds and names."""

from __future__ import annotations

import argparse
import random
import sys
from argparse import Namespace
from pathlib import Path

from tests.blame.jobs import answer, in_order, outcome
from tests.blame.learner import STYLES, UNSEEN, text_of
from tests.blame.mutate import Mutant, pairs, singles
from tests.blame.report import described, done, report, save
from tests.blame.variations import variations, varied

PAIRS = 25


def main() -> int:
    """Exit status 0: no false alarm and no crash; 1 otherwise."""
    options, files = _options()
    if options.found is not None:
        options.found.mkdir(parents=True, exist_ok=True)
    if options.correct is not None:
        return correct(files, options)
    mutants = [mutant for file in files for mutant in mutants_of(file, options)]
    if options.list:
        print("\n".join(done(mutant) for mutant in mutants))
        return 0
    outcomes = []
    for one in in_order(outcome, mutants, options.jobs):
        outcomes.append(one)
        if one.named or (one.mutant.raises and one.located):
            continue
        if options.show:
            print(described(one), flush=True)
        if options.found is not None:
            save(one, options.found)
    print(report(outcomes))
    alarms = accused(files, options)
    return 1 if alarms or any(one.crash for one in outcomes) else 0


def _options() -> tuple[Namespace, tuple[Path, ...]]:
    parser = argparse.ArgumentParser(prog="python -m tests.blame", description=__doc__)
    parser.add_argument("--pairs", action="store_true", help=f"two mistakes at once, {PAIRS} mutants of each style")
    parser.add_argument("--seed", type=int, default=0, help="draw the numbers and the choice of mutants anew")
    parser.add_argument("--style", action="append", metavar="NAME", help="only this style")
    parser.add_argument("--mistake", metavar="NAME", help="only mutants with this mistake")
    parser.add_argument("--kept-aside", action="store_true", help="the styles that the judge was not built on")
    parser.add_argument(
        "--varied", action="store_true", help="rewrite each correct text at random before it is damaged"
    )
    parser.add_argument("--correct", type=int, metavar="N", help="judge N correct texts, rewritten at random, instead")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants of each style")
    parser.add_argument("--show", action="store_true", help="print every mutant that is not located and named")
    parser.add_argument("--list", action="store_true", help="print every mutant and judge none")
    parser.add_argument("--found", type=Path, metavar="FOLDER", help="write every such mutant there, as a file")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that judge")
    options = parser.parse_args()
    every = UNSEEN if options.kept_aside else (*STYLES, *UNSEEN) if options.correct is not None else STYLES
    files = tuple(file for file in every if file.stem in (options.style or [file.stem]))
    if not files:
        parser.error("there is no such style")
    return options, files


def mutants_of(file: Path, options: Namespace) -> list[Mutant]:
    """Those of one style that were asked for."""
    seed = options.seed
    text = varied(file, seed, misleading=False).text if options.varied else None
    mutants = pairs(file, PAIRS, seed, text) if options.pairs else singles(file, seed, text)
    mutants = [one for one in mutants if options.mistake in (None, *(m.names[0] for m in one.mistakes))]
    if options.sample is not None and len(mutants) > options.sample:
        return random.Random(f"{file.stem}{seed}").sample(mutants, options.sample)
    return mutants


def accused(files: tuple[Path, ...], options: Namespace) -> int:
    """How many correct files are wrongly told something, with three draws of numbers; printed."""
    seeds = range(options.seed, options.seed + 3)
    runs = [(file, seed) for file in files for seed in seeds]
    answers = list(in_order(answer, [text_of(file, seed) for file, seed in runs], options.jobs))
    alarms = [
        f"  {file.stem} seed {seed}: {one.alarm or one.crash}"
        for (file, seed), one in zip(runs, answers, strict=True)
        if one.alarm or one.crash
    ]
    print("\n".join([f"false alarms on correct files ({len(runs)}): {len(alarms)}", *alarms]))
    return len(alarms)


def correct(files: tuple[Path, ...], options: Namespace) -> int:
    """Correct texts rewritten at random: none may be accused. Exit status 1 if one is, or if the checker fails."""
    texts = list(variations(files, options.correct, options.seed))
    hidden = {file.stem for file in UNSEEN} if not options.show else set()
    alarms = crashes = unfinished = 0
    for k, (one, told) in enumerate(zip(texts, in_order(answer, (v.text for v in texts), options.jobs), strict=True)):
        unfinished += told.unfinished
        if not (told.alarm or told.crash):
            continue
        alarms, crashes = alarms + bool(told.alarm), crashes + bool(told.crash)
        if one.style in hidden:  # who mends the judge is not to see what these styles hold
            print(f"a style kept aside ({', '.join(one.steps)}): {'accused' if told.alarm else 'CRASH'}", flush=True)
            continue
        said = f"{one.style} ({', '.join(one.steps)}): {told.alarm or f'CRASH {told.crash}'}"
        print(said, flush=True)
        if options.found is not None:
            (options.found / f"{one.style}_{k}.py").write_text(f"{one.text}# {said}\n", encoding="utf-8")
    counts = f"false alarms: {alarms}, crashes: {crashes}, not finished in time: {unfinished}"
    print(f"correct texts judged: {len(texts)}, {counts}")
    return 1 if alarms or crashes else 0


if __name__ == "__main__":
    sys.exit(main())
