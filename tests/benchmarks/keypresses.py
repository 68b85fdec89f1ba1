"""From a key to the last byte of the frame it causes, on a pseudo-terminal of 120 columns by 40 rows.

The net is 784-256-10 with 64 examples; the arrows move inside its 256 by 784 weight gradient. The next key is pressed
when the line has been quiet for 80 ms, as by somebody who looks before stepping on.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.terminal import Terminal

COMMAND = (sys.executable, "-m", "tui", "digits_size")
FIRST, LAST = b"0", b"$"
NEXT, BACK = b"n", b"N"
RIGHT, DOWN = b"\x1b[C", b"\x1b[B"


@dataclass(frozen=True)
class Latency:
    """What one key cost: quantiles in milliseconds over the presses that painted something, and mean processor time."""

    key: str
    p50: float
    p95: float
    cpu: float
    presses: int
    unpainted: int


def measure(presses: int) -> list[Latency]:
    """Every key on a fresh app, so that none profits from what another has left in a cache."""
    return [
        _measured("n", presses, _steps),
        _measured("→ in dW1", presses, lambda terminal, count: _moves(terminal, RIGHT, count)),
        _measured("↓ in dW1", presses, lambda terminal, count: _moves(terminal, DOWN, count)),
    ]


def _measured(name: str, presses: int, press: Callable[[Terminal, int], list[float | None]]) -> Latency:
    with Terminal(COMMAND) as terminal:
        terminal.first_paint()
        terminal.settled()
        before = terminal.cpu_seconds()
        seconds = press(terminal, presses)
        cpu = (terminal.cpu_seconds() - before) / len(seconds)
    painted = sorted(s * 1e3 for s in seconds if s is not None)
    p50, p95 = (painted[math.ceil(q * len(painted)) - 1] for q in (0.5, 0.95))
    return Latency(name, p50, p95, cpu * 1e3, len(painted), len(seconds) - len(painted))


def _steps(terminal: Terminal, presses: int) -> list[float | None]:
    """``n`` through the whole pass, again from the first step when the last one is reached."""
    terminal.press(FIRST)
    found: list[float | None] = []
    while len(found) < presses:
        latency = terminal.press(NEXT)
        if latency is None:
            found.pop()  # the press before this one was at the last step too, and only said so
            terminal.press(FIRST)
        else:
            found.append(latency)
    return found


def _moves(terminal: Terminal, key: bytes, presses: int) -> list[float | None]:
    """One arrow in the largest gradient: the last step is the bias gradient, the one before it dW1."""
    terminal.press(LAST)
    terminal.press(BACK)
    return [terminal.press(key) for _ in range(presses)]


if __name__ == "__main__":
    for latency in measure(60):
        print(latency)
