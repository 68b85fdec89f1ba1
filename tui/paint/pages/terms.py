"""Numbers put into an operator: ``1.62⋅0.90``, ``exp(-2.13)``, ``½((0.30)² + (-1.20)²)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.reading.model import Factor
from tui.numbers import amount, factor
from tui.paint.text import GLUE

Term = tuple[Factor, ...]

_HOLE = "·"  # where the operand stands in an operator such as ½Σ(·)²
_PRODUCT = "⋅"  # U+22C5 for numbers; U+00B7 is the product of matrices
_SPACED = {"+", "−"}
_UNCHANGED = {"ᵀ", "=", "[ ]", "𝟙", ""}  # the number is moved or taken over, nothing is done to it
_LETTERS = r"(?:[\u1d62-\u1d6a\u2090-\u209c\u2c7c]|_\w)*"  # the index letters, set low
_REDUCTION = re.compile(rf"(?P<before>.*?)(?P<name>Σ|(?:max|min)(?!\()){_LETTERS} ?(?P<inner>.*)")
_BRACKETED = re.compile(r"\([^()]*\)")
_KNOWN: dict[str, Callable[[float], float]] = {"": lambda x: x, "(·)²": lambda x: x * x, "−·": lambda x: -x}


@dataclass(frozen=True, slots=True)
class Reduction:
    """An operator that combines many entries: ``−Σ`` is before ``−``, ``½Σ(·)²`` has the inner ``(·)²``."""

    before: str
    name: str
    inner: str

    @property
    def adds(self) -> bool:
        """Whether entries are added up; otherwise the largest or smallest is taken."""
        return self.name == "Σ"

    def write(self, texts: Sequence[str]) -> str:
        """The whole thing with the terms written out."""
        if len(texts) == 1 and _BRACKETED.fullmatch(texts[0]):
            texts = [texts[0][1:-1]]  # alone, a negative number is not confused with anything
        body = f" +{GLUE}".join(texts) if self.adds else f"{self.name}({', '.join(texts)})"
        if not self.before:
            return body
        gap = _PRODUCT if self.before[-1].isspace() else ""
        return f"{self.before.rstrip()}{gap}({body})" if self.adds else f"{self.before}{body}"

    def term(self, value: float) -> str:
        """One entry as it goes in."""
        return fill(self.inner, value) if self.inner else factor(value) if self.adds else amount(value)

    def amount(self, value: float) -> float | None:
        """What the entry contributes, None where that is not written in the operator."""
        known = _KNOWN.get(self.inner)
        return None if known is None else known(value)


def reduction(operator: str) -> Reduction | None:
    """The operator taken apart, None for one that works entry by entry."""
    match = _REDUCTION.fullmatch(operator.strip())
    return None if match is None else Reduction(match["before"], match["name"], match["inner"])


def is_product(join: str) -> bool:
    """Whether the factors of a term are multiplied."""
    return join in (_PRODUCT, _HOLE)


def write_term(term: Term, join: str) -> str:
    """One term: factors with their sign between them, or the function of one number. Empty where nothing is done."""
    if len(term) == 1:
        return fill(join, term[0].value)
    numbers = [factor(one.value) for one in term]
    if is_product(join):
        return _PRODUCT.join(numbers)
    if join in _SPACED:
        return f"{GLUE}{join}{GLUE}".join(numbers)
    if len(join) == 1:
        return join.join(numbers)
    return f"{join}({', '.join(amount(one.value) for one in term)})"


def fill(operator: str, value: float) -> str:
    """An operator with its number in place; empty where the operator leaves the number as it is."""
    operator = operator.strip()
    if operator in _UNCHANGED:
        return ""
    if is_product(operator):
        return amount(value)
    if "(·)" in operator:
        return operator.replace("(·)", f"({amount(value)})")
    if _HOLE in operator:
        before = operator.partition(_HOLE)[0].rstrip()
        if before and (before[-1].isdigit() or before[-1] in "½"):
            return f"{before}{_PRODUCT}{factor(value)}"
        number = amount(value) if before.endswith(("(", ",")) else factor(value)
        return operator.replace(_HOLE, number).replace(" ", GLUE)
    if operator.startswith("×"):
        return f"{factor(value)} {operator}".replace(" ", GLUE)
    if operator == "−":
        return f"−{factor(value)}"
    return f"{operator}({amount(value)})"
