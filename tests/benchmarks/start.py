"""From the command to the first readable frame, beside the smallest Textual app, in turns on a pseudo-terminal."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass

from tests.benchmarks.terminal import Terminal

MINIMAL = (sys.executable, "-m", "tests.benchmarks.minimal_app")
CHAINSTEP = (sys.executable, "-m", "tui", "regression")
_WARM_UPS = 2


@dataclass(frozen=True)
class Start:
    """Medians in milliseconds: first readable frame of either, and the frame with the recorded step."""

    minimal: float
    chainstep: float
    settled: float

    @property
    def ratio(self) -> float:
        return self.chainstep / self.minimal


def measure(rounds: int) -> Start:
    times: dict[str, list[float]] = {"minimal": [], "chainstep": [], "settled": []}
    for number in range(rounds + _WARM_UPS):
        found = {}
        for name, command in (("minimal", MINIMAL), ("chainstep", CHAINSTEP)):
            with Terminal(command) as terminal:
                found[name] = terminal.first_paint()
                settled = terminal.settled()
        found["settled"] = settled
        if number >= _WARM_UPS:
            for name, seconds in found.items():
                times[name].append(seconds * 1e3)
    return Start(**{name: statistics.median(t) for name, t in times.items()})


if __name__ == "__main__":
    print(measure(5))
