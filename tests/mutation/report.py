"""What became of the mutants, as a line for each subject and as a page."""

from __future__ import annotations

from collections import Counter

from tests.mutation.running import Outcome

LEFT = ("survived", "unreached", "listed")
_PARTS = {
    "(axes)": "axis inference (`engine/axes.py`, `engine/graph.py`)",
    "(mirror)": "the mirror (`engine/mirror.py`)",
    "(handles)": "what rules are written with (`Ref` in `engine/graph.py`)",
    "(sums)": "sums over broadcast axes and uses (`engine/backward.py`)",
}


def counted(outcomes: list[Outcome]) -> tuple[int, int, int, int]:
    """Mutants, killed, equivalent, left."""
    counts = Counter(o.fate for o in outcomes)
    return len(outcomes), counts["killed"], counts["equivalent"], sum(counts[fate] for fate in LEFT)


def line(subject: str, outcomes: list[Outcome]) -> str:
    """One line of the run."""
    mutants, killed, equivalent, left = counted(outcomes)
    return f"{subject:16} {mutants:5d} mutants {killed:5d} killed {equivalent:4d} equivalent {left:4d} left"


def page(found: dict[str, list[Outcome]], claims: int, date: str) -> str:
    """The table in Markdown, with every mutant that is left."""
    everything = [o for outcomes in found.values() for o in outcomes]
    mutants, killed, equivalent, left = counted(everything)
    text = [
        "# Mutation check",
        "",
        "Every gradient rule is damaged in many small ways, in memory, and the claims in `tests/engine` are run until",
        "one fails: a sign, a factor of 1.01, an exchanged operand, a dropped transpose, `<` for `<=`, an axis, a",
        "branch; the complex form, the linearity and the family of a row; axis inference and the mirror. A mutant that",
        "no claim notices is a claim that is missing, unless it is the same mathematics: those are listed, with the",
        "reason, in `tests/mutation/equivalent.py`. `python -m tests.mutation` runs all of it, `--row matmul` one row.",
        "",
        f"{date}: {mutants} mutants, {claims} claims; {killed} killed, {equivalent} equivalent, {left} left.",
        "",
        "| row | mutants | killed | equivalent | left |",
        "|---|--:|--:|--:|--:|",
    ]
    for subject, outcomes in found.items():
        cells = " | ".join(str(n) for n in counted(outcomes))
        text.append(f"| {_PARTS.get(subject, f'`{subject}`')} | {cells} |")
    remaining = [o for o in everything if o.fate in LEFT]
    if remaining:
        text += ["", "## Left", ""]
        text += [f"- {o.mutant.subject}, {o.fate}: {o.mutant.text}" for o in remaining]
    return "\n".join(text) + "\n"
