"""Run the claims that reach a mutant until one fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.mutation import equivalent
from tests.mutation.claims import Claim
from tests.mutation.mutant import Mutant
from tests.mutation.reaching import Reached

_REMEMBERED = 12
# so many claims are tried on one mutant, the nearest ones first; with --all-tests all of them
NEAREST = 300


@dataclass(frozen=True)
class Outcome:
    """``fate``: killed, equivalent, survived, unreached (no claim runs the line), listed (as equivalent, yet killed).

    ``by``: the claim that failed, or the reason why none can.
    """

    mutant: Mutant
    fate: str
    by: str = ""


class Runner:
    """Remembers, for each subject, which claims killed its mutants last: they are tried first."""

    def __init__(self, reached: Reached, also_equivalent: bool = False, nearest: int | None = NEAREST) -> None:
        self._reached = reached
        self._nearest = nearest
        self._also_equivalent = also_equivalent
        self._killers: dict[str, list[Claim]] = defaultdict(list)

    def outcomes(self, mutants: Iterable[Mutant]) -> Iterator[Outcome]:
        for mutant in mutants:
            yield self.outcome(mutant)

    def outcome(self, mutant: Mutant) -> Outcome:
        why = equivalent.reason(mutant.subject, mutant.text)
        if why and not self._also_equivalent:
            return Outcome(mutant, "equivalent", why)
        claims = self._reached.of(mutant.mark, mutant.subject, self._nearest)
        killer = self._killer(mutant, claims)
        if killer is not None:
            self._remember(mutant.subject, killer)
            return Outcome(mutant, "listed" if why else "killed", killer.name)
        if why:
            return Outcome(mutant, "equivalent", why)
        return Outcome(mutant, "survived" if claims else "unreached")

    def _killer(self, mutant: Mutant, claims: list[Claim]) -> Claim | None:
        names = {c.name for c in claims}
        first = [c for c in self._killers[mutant.subject] if c.name in names]
        known = {c.name for c in first}
        with mutant.damage():
            for claim in (*first, *(c for c in claims if c.name not in known)):
                if not claim.holds():
                    return claim
        return None

    def _remember(self, subject: str, claim: Claim) -> None:
        others = [c for c in self._killers[subject] if c.name != claim.name]
        self._killers[subject] = [claim, *others][:_REMEMBERED]
