"""One recorded forward and backward pass beside the same pass by hand, and beside other engines where installed.

Every round times every contender once, in shuffled order; the figure is a ratio of medians over the rounds. Times are
processor times, so that what else the machine does counts as little as possible. A contender repeats its pass within a
round until about two milliseconds have gone by; before that, some memory of random size is taken, because where arrays
happen to lie makes a difference of several per cent for a whole process. Before anything is timed the gradients are
compared with those by hand: ours bit for bit, the others' to rounding.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from tests.benchmarks.child import settings
from tests.benchmarks.nets import SIZES, Net, net
from tests.benchmarks.peers import PEERS

_AT_LEAST = 0.002


def contenders(one: Net, peers: bool) -> dict[str, Callable[[], Any]]:
    """What is timed, by name: each call makes one pass, with all that a second pass on other data would need."""
    program = engine.trace(one.loss, one.params, one.data)
    arguments = one.arguments
    found: dict[str, Callable[[], Any]] = {
        "hand": lambda: one.by_hand(*arguments),
        "chainstep": lambda: program.run(one.params, one.data),
    }
    _assert_equal_bits(one, program.run(one.params, one.data))
    for name, make in PEERS.items() if peers else ():
        made = make(one)
        if made is not None:
            _assert_close(one, made())
            found[name] = made
    return found


def _assert_equal_bits(one: Net, tape: engine.Tape) -> None:
    for name, mine in zip(one.params, one.by_hand(*one.arguments), strict=False):
        theirs = tape.gradients[name]
        equal = theirs.dtype == mine.dtype and theirs.tobytes() == mine.tobytes()
        assert equal, f"d{name} differs from the one by hand"


def _assert_close(one: Net, gradients: Any) -> None:
    tolerance = 1e-9 if one.params["W1"].dtype == np.float64 else 1e-3
    for mine, theirs in zip(one.by_hand(*one.arguments), gradients, strict=False):
        np.testing.assert_allclose(np.asarray(theirs), mine, rtol=tolerance, atol=tolerance)


def timed(callables: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds per pass, one figure a round."""
    repeats = {name: _repeats(call) for name, call in callables.items()}
    times: dict[str, list[float]] = {name: [] for name in callables}
    order = list(callables)
    draw = random.Random(0)
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        draw.shuffle(order)
        for name in order:
            call, count = callables[name], repeats[name]
            gc.collect()
            gc.disable()
            held = [bytearray(draw.randrange(1 << 15)) for _ in range(draw.randrange(16))]
            call()
            start = time.process_time()
            for _ in range(count):
                call()
            times[name].append((time.process_time() - start) / count)
            gc.enable()
            del held
    return times


def _repeats(call: Callable[[], Any]) -> int:
    call()
    start = time.process_time()
    call()
    return max(1, int(_AT_LEAST / max(time.process_time() - start, 1e-7)))


def main() -> None:
    asked = settings()
    one = net(SIZES[asked["size"]], asked["dtype"], asked["labels"])
    times = timed(contenders(one, asked["peers"]), asked["rounds"])
    medians = {name: statistics.median(t) for name, t in times.items()}
    pairs = sorted(a / b for a, b in zip(times["chainstep"], times["hand"], strict=True))
    print(
        json.dumps(
            {
                "hand_us": medians["hand"] * 1e6,
                "ratios": {name: m / medians["hand"] for name, m in medians.items() if name != "hand"},
                "quartiles": [pairs[len(pairs) // 4], pairs[3 * len(pairs) // 4]],
            }
        )
    )


if __name__ == "__main__":
    main()
