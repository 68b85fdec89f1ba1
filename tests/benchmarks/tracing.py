"""How long it takes until a program stands: tracing, backward pass, naming, compiling and its proof.

``first`` is the first call in a fresh process, which is what somebody opening a file waits for; ``again`` the median of
later calls, which is what reloading costs. CPU time; the nets are small so that their own arithmetic does not count.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import engine
from tests.benchmarks.child import settings
from tests.benchmarks.nets import SIZES, net


def milliseconds(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1e3


def main() -> None:
    asked = settings()
    one = net(SIZES[asked["size"]], "float64", "integers")

    def trace() -> engine.Program:
        return engine.trace(one.loss, one.params, one.data)

    call: Callable[[], Any] = trace
    if asked["mirror"]:
        fresh = [trace() for _ in range(asked["repeats"] + 1)]
        call = lambda: fresh.pop().mirror()  # noqa: E731
    first = milliseconds(call)
    print(json.dumps({"first": first, "again": statistics.median(milliseconds(call) for _ in range(asked["repeats"]))}))


if __name__ == "__main__":
    main()
