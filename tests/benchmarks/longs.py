"""Programs of thousands of operations: until they are on the screen, and what a key costs then.

``opened`` is all that lies between the file and the first frame with a step on it (recording, backward pass, compiling
and its proof, one pass, describing and painting what is seen), without importing NumPy and Textual. CPU time.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.child import measured, settings
from tests.benchmarks.terminal import Terminal

FOLDER = Path(__file__).parent / "long"
PROGRAMS = ("recurrent", "series", "layers", "rebound", "helpers", "terms")
WIDTH, HEIGHT = 120, 40
_NEXT, _BACK, _LAST = b"n", b"N", b"$"


@dataclass(frozen=True)
class Keys:
    """What a key costs on a pseudo-terminal: mean processor time and 95th percentile in milliseconds."""

    cpu: float
    p95: float


@dataclass(frozen=True)
class Long:
    """What one program is, seconds until it stands, is opened and is read otherwise, and what its keys cost."""

    operations: int
    steps: int
    traced: float
    opened: float
    unfused: float
    mirrored: float | None
    forwards: Keys
    backwards: Keys


def measure(name: str, processes: int, presses: int) -> Long:
    """Medians over fresh processes; ``n`` from the first step on, ``N`` from the last one back."""
    runs = [measured("longs", program=name) for _ in range(processes)]
    middle = {key: sorted(run[key] for run in runs)[len(runs) // 2] for key in ("traced", "opened", "unfused")}
    mirrored = sorted(run["mirrored"] for run in runs if run["mirrored"] is not None)
    forwards, backwards = keys(str(FOLDER / f"{name}.py"), presses)
    return Long(
        runs[0]["operations"],
        runs[0]["steps"],
        **middle,
        mirrored=mirrored[len(mirrored) // 2] if mirrored else None,
        forwards=forwards,
        backwards=backwards,
    )


def keys(target: str, presses: int) -> tuple[Keys, Keys]:
    """``n`` from the first step on, then ``N`` from the last one back."""
    with Terminal((sys.executable, "-m", "tui", target), WIDTH, HEIGHT) as terminal:
        terminal.shows(b"FORWARD")
        terminal.settled()
        forwards = _pressed(terminal, _NEXT, presses)
        terminal.press(_LAST, quiet=1.0)
        return forwards, _pressed(terminal, _BACK, presses)


def _pressed(terminal: Terminal, key: bytes, presses: int) -> Keys:
    before = terminal.cpu_seconds()
    seconds = [terminal.press(key) for _ in range(presses)]
    cpu = (terminal.cpu_seconds() - before) / presses
    painted = sorted(s for s in seconds if s is not None)
    return Keys(cpu * 1e3, painted[math.ceil(0.95 * len(painted)) - 1] * 1e3)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def main() -> None:
    """In the measured process: one program, from its file to the first frame, then its other readings."""
    asked = settings()
    import engine
    from engine.reading import prepare
    from engine.scenario import load
    from tui.debugger import Debugger
    from tui.widgets.views import Stage, shown

    scenario = load(FOLDER / f"{asked['program']}.py")

    def first_frame(program: engine.Program) -> None:
        tape = program.run(scenario.params, scenario.data)
        prepare(program)
        arrangement, views = shown(Debugger.start(tape), scenario.name, Stage(), WIDTH, HEIGHT)
        for name, view in views.items():
            view.paint(arrangement.rail if name == "rail" else WIDTH - arrangement.rail, HEIGHT)

    traced, program = _timed(lambda: engine.trace(scenario.loss, scenario.params, scenario.data))
    shown_after, _ = _timed(lambda: first_frame(program))
    unfused, _ = _timed(program.unfused)
    mirrored: float | None = None
    with contextlib.suppress(engine.MirrorError):
        mirrored, _ = _timed(program.mirror)
    found = {
        "operations": sum(not node.backward for node in program.nodes),
        "steps": len(program.steps),
        "traced": traced,
        "opened": traced + shown_after,
        "unfused": unfused,
        "mirrored": mirrored,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
