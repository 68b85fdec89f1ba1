"""``python -m tests.blame``: mutants of correct backward functions, and how many of them the judge finds and names."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.blame.learner import STYLES, UNSEEN, text_of
from tests.blame.mutate import pairs, singles
from tests.blame.running import Bench, Fate, false_alarm

PAIRS = 25


def main() -> int:
    """Exit status 0: no false alarm and no crash; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.blame", description=__doc__)
    parser.add_argument("--pairs", action="store_true", help=f"two mistakes at once, {PAIRS} mutants of each style")
    parser.add_argument("--seed", type=int, default=0, help="draw the numbers and the choice of mutants anew")
    parser.add_argument("--style", action="append", metavar="NAME", help="only this style")
    parser.add_argument("--mistake", metavar="NAME", help="only mutants with this mistake")
    parser.add_argument("--kept-aside", action="store_true", help="the styles that the judge was not built on")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants of each style")
    parser.add_argument("--show", action="store_true", help="print every mutant that is not located and named")
    parser.add_argument("--found", type=Path, metavar="FOLDER", help="write every such mutant there, as a file")
    options = parser.parse_args()
    files = [file for file in (UNSEEN if options.kept_aside else STYLES) if file.stem in (options.style or [file.stem])]
    if not files:
        parser.error("there is no such style")
    fates: list[Fate] = []
    alarms: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for file in files:
            for seed in (options.seed, options.seed + 1, options.seed + 2):
                if alarm := false_alarm(bench.judged(text_of(file, seed))):
                    alarms.append(f"{file.stem} seed {seed}: {alarm}")
            mutants = pairs(file, PAIRS, options.seed) if options.pairs else singles(file, options.seed)
            mutants = [one for one in mutants if options.mistake in (None, *(m.names[0] for m in one.mistakes))]
            if options.sample is not None and len(mutants) > options.sample:
                mutants = random.Random(options.seed).sample(mutants, options.sample)
            for mutant in mutants:
                fate = bench.fate(mutant)
                fates.append(fate)
                if fate.named or (mutant.raises and fate.located):
                    continue
                if options.show:
                    print(described(fate), flush=True)
                if options.found is not None:
                    save(fate, options.found)
    running = [fate for fate in fates if not fate.mutant.raises]
    print(table("mistake", running, lambda fate: (name for one in fate.mutant.mistakes for name in one.names[:1])))
    print(table("style", running, lambda fate: (fate.mutant.style,)))
    stopping = [fate for fate in fates if fate.mutant.raises]
    print(f"mutants that raise: {len(stopping)}, told on which line: {sum(fate.located for fate in stopping)}")
    print(f"false alarms on correct files ({3 * len(files)}): {len(alarms)}")
    for alarm in alarms:
        print(f"  {alarm}")
    crashes = [fate for fate in fates if fate.judgement.mine is None]
    for text in sorted({fate.judgement.crash for fate in crashes})[:20]:
        print(f"  crash: {text}")
    seconds = [fate.judgement.seconds for fate in fates] or [0.0]
    print(f"seconds: median {statistics.median(seconds):.3f}, max {max(seconds):.2f}")
    return 1 if alarms or crashes else 0


def save(fate: Fate, folder: Path) -> None:
    """The mutant as a file, with what was done and what was said below its last line."""
    said = described(fate).replace("\n", " | ")
    where = folder / f"{fate.mutant.style}_{fate.mutant.name.replace('@', '_').replace('+', '_')}.py"
    where.write_text(f"{fate.mutant.text}# {said}\n", encoding="utf-8")


def described(fate: Fate) -> str:
    """A mutant that was not understood: what was done, and what was said."""
    done = "; ".join(
        f"{'/'.join(one.names)} line {sorted(one.lines)}: {one.before} → {one.after}" for one in fate.mutant.mistakes
    )
    how = "named another" if fate.located else "elsewhere"
    return f"{fate.mutant.style}: {done}\n    {how}: {fate.said}"


def table(title: str, fates: list[Fate], keys: Callable[[Fate], Iterable[str]]) -> str:
    """One row per key, and one for all of them."""
    rows: dict[str, list[Fate]] = {}
    for fate in fates:
        for key in keys(fate):
            rows.setdefault(key, []).append(fate)
    lines = [f"{title:34} mutants  located    named    alone  either  unnamed  missed  crashed"]
    lines += [_row(key, rows[key]) for key in sorted(rows)]
    return "\n".join([*lines, _row("all", fates), ""])


def _row(key: str, fates: list[Fate]) -> str:
    total = max(len(fates), 1)
    located, named, alone, either = (
        sum(getattr(fate, which) for fate in fates) for which in ("located", "named", "alone", "either")
    )
    unnamed = sum(fate.located and not fate.explained for fate in fates)
    missed = sum(fate.missed for fate in fates)
    crashed = sum(fate.judgement.mine is None for fate in fates)
    return (
        f"{key:34} {len(fates):7} {located:4} {located / total:4.0%} {named:4} {named / total:4.0%} {alone:4}"
        f" {alone / total:3.0%} {either:7} {unnamed:8} {missed:7} {crashed:8}"
    )


if __name__ == "__main__":
    sys.exit(main())
