"""Mutants that no claim can kill, because they are the same mathematics; each with the reason."""

from __future__ import annotations

from fnmatch import fnmatchcase

_CONSTANT = (
    "the gradient does not depend on the operand, so where it is zero or equal to the other one nothing is special"
)
_ONE_OPERAND = "with one operand, linear in all of them together and linear in each is the same"
_FILTERED = "a gradient that nobody asks for is left out by the sweep: the test only saves making it"

# (subjects, mutant, reason); * and ? stand for anything
EQUIVALENT: list[tuple[str, str, str]] = [
    ("add", "gradients 0 and 1 exchanged", "both gradients are g"),
]


def reason(subject: str, text: str) -> str:
    """Why a mutant cannot be told from the original; empty where it can."""
    return next((entry[2] for entry in EQUIVALENT if fits(entry, subject, text)), "")


def fits(entry: tuple[str, str, str], subject: str, text: str) -> bool:
    """Whether an entry of the list is about this mutant."""
    subjects, pattern, _ = entry
    here = any(fnmatchcase(subject, s) for s in subjects.split("|"))
    return here and fnmatchcase(text, pattern.replace("[", "[[]"))
