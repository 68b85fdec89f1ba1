"""``python -m tests.fuzz``: random programs through the engine, compared with torch, complex step and differences."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz import oracles
from tests.fuzz.comparing import Result, generalised, judged
from tests.fuzz.description import Description
from tests.fuzz.programs import numbered
from tests.fuzz.registry import writable
from tests.fuzz.shrinking import smallest


def main() -> int:
    """Exit status 0: every program agreed or was refused; 1: something was wrong, small files are kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--programs", type=int, default=None, help="how many programs (default 500)")
    parser.add_argument("--minutes", type=float, default=None, help="stop after so many minutes")
    parser.add_argument("--seed", type=int, default=0, help="number of the first program")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for the small failing files")
    parser.add_argument("--show", action="store_true", help="print the program of --seed and what becomes of it")
    options = parser.parse_args()
    if options.show:
        print(numbered(options.seed).source())
        options.programs = 1
    count = options.programs or (None if options.minutes else 500)
    until = time.monotonic() + options.minutes * 60 if options.minutes else None
    found = Tally()
    number = options.seed
    with tempfile.TemporaryDirectory() as folder:
        while (count is None or number < options.seed + count) and (until is None or time.monotonic() < until):
            description = numbered(number)
            result = judged(description, Path(folder), number)
            found.add(description, result)
            if result.outcome in ("mismatch", "crash") and found.is_new(result):
                keep(description, result, number, Path(folder), options.keep)
            number += 1
    print(found.report(options.seed, number))
    return 1 if found.outcomes["mismatch"] + found.outcomes["crash"] else 0


def keep(description: Description, result: Result, number: int, folder: Path, where: Path) -> None:
    """Print the smallest program that fails in the same way, and write it to a file."""
    text = smallest(description, result, number, folder).source()
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"{result.outcome}_{number}.py"
    path.write_text(text, encoding="utf-8")
    print(f"{path}\n{text}", flush=True)


class Tally:
    """Counts for the report."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.statements = 0
        self.comparisons: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def add(self, description: Description, result: Result) -> None:
        self.outcomes[result.outcome] += 1
        self.operations.update(result.operations)
        self.statements += len(description.statements)
        self.comparisons.update(result.oracles)
        self.notes.update(result.notes)
        if result.outcome == "refused":
            self.refusals[generalised(result.reason)] += 1
        if result.outcome in ("mismatch", "crash", "invalid"):
            self.failures[f"{result.outcome}: {result.stage or result.reason}"] += 1

    def is_new(self, result: Result) -> bool:
        """The first three failures of a kind are worth a file."""
        return self.failures[f"{result.outcome}: {result.stage}"] <= 3

    def report(self, first: int, last: int) -> str:
        total = sum(self.outcomes.values())
        missing = sorted(writable() - set(self.operations))
        lines = [
            f"{total} programs (numbers {first} to {last - 1}), {self.statements} statements, "
            f"{len(self.operations)} operations recorded" + (f"; never: {', '.join(missing)}" if missing else ""),
            "outcomes: " + _counts(self.outcomes),
            "gradients compared with: " + _counts(self.comparisons)
            + ("" if oracles.twin else " (torch is not installed)"),
        ]  # fmt: skip
        for title, counts in (("refusals", self.refusals), ("notes", self.notes), ("failures", self.failures)):
            if counts:
                lines += [f"{title}:", *(f"  {n:5d}  {text}" for text, n in counts.most_common())]
        return "\n".join(lines)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "none"


if __name__ == "__main__":
    sys.exit(main())
