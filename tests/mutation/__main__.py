"""``python -m tests.mutation``: damage every rule in many small ways; a claim must fail each time."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from tests.mutation.claims import collected, modules
from tests.mutation.reaching import reached
from tests.mutation.report import LEFT, line, page
from tests.mutation.running import NEAREST, Outcome, Runner
from tests.mutation.targets import SHARED, of_row, of_shared, rows


def main() -> int:
    """Exit status 0: every mutant is killed or listed as equivalent; 1: some survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--row", action="append", help="only this row of the table, or one of " + ", ".join(SHARED))
    parser.add_argument("--all-tests", action="store_true", help="run every claim that needs no screen")
    parser.add_argument("--also-equivalent", action="store_true", help="run the mutants listed as equivalent, too")
    parser.add_argument("--show", action="store_true", help="print every mutant and the claim that killed it")
    parser.add_argument("--page", type=Path, default=None, help="write the table to this Markdown file")
    options = parser.parse_args()
    named = [name for name in rows() if options.row is None or name in options.row]
    shared = [name for name in SHARED if options.row is None or name in options.row]
    if unknown := set(options.row or ()) - {*named, *shared}:
        parser.error(f"no row with a gradient is called {', '.join(sorted(unknown))}")
    started = time.monotonic()
    claims = collected(modules(options.all_tests))
    marks = reached(claims, named, shared)
    print(f"{len(claims)} claims run once in {time.monotonic() - started:.0f} s", flush=True)
    for name in marks.failing:
        print(f"  fails without damage, not used: {name}")
    runner = Runner(marks, options.also_equivalent, None if options.all_tests else NEAREST)
    found: dict[str, list[Outcome]] = {}
    for subject in [*named, *shared]:
        began = time.monotonic()
        mutants = of_shared(subject) if subject in SHARED else of_row(subject, marks.positions(subject))
        found[subject] = []
        for outcome in runner.outcomes(mutants):
            found[subject].append(outcome)
            if options.show or outcome.fate in LEFT:
                by = f"  [{outcome.by}]" if outcome.by else ""
                print(f"    {outcome.fate}: {outcome.mutant.text}{by}", flush=True)
        print(f"{time.monotonic() - began:4.0f} s  {line(subject, found[subject])}", flush=True)
    everything = [o for outcomes in found.values() for o in outcomes]
    print(f"{time.monotonic() - started:4.0f} s  {line('all', everything)}")
    if options.page:
        options.page.write_text(page(found, len(claims), f"{date.today():%Y-%m-%d}"), encoding="utf-8")
    return 1 if any(o.fate in LEFT for o in everything) else 0


if __name__ == "__main__":
    sys.exit(main())
