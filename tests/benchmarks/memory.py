"""Resident bytes that one more recorded pass costs, beside the bytes of its own arrays.

Passes are made on one set of arrays and held; the growth of the process's resident set, divided by their number, is
what one costs. Own arrays are those a pass made itself, counted once however many names they have: parameters, data
and what all passes share are left out. Linux only (``/proc/self/statm``).
"""

from __future__ import annotations

import ctypes
import gc
import json
import resource
from pathlib import Path
from typing import Any

import numpy as np

import engine
from tests.benchmarks.child import settings
from tests.benchmarks.nets import SIZES, net

_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of this process that are in memory now."""
    return int(_STATM.read_text().split()[1]) * resource.getpagesize()


def give_back() -> None:
    """Return freed memory to the system, so that passes do not grow into what is resident already."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def base_of(array: Any) -> Any:
    """The array that owns the memory."""
    while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
        array = array.base
    return array


def own_bytes(first: tuple[Any, ...], second: tuple[Any, ...]) -> int:
    """Bytes of the distinct arrays of a frame that another frame of the same program does not share."""
    shared = {id(base_of(array)) for array in second}
    owned = {id(base_of(array)): base_of(array).nbytes for array in first}
    return sum(size for key, size in owned.items() if key not in shared)


def main() -> None:
    asked = settings()
    one = net(SIZES[asked["size"]], asked["dtype"], "integers")
    by_hand = asked["contender"] == "hand"
    program = engine.trace(one.loss, one.params, one.data)
    frames = [program.run(one.params, one.data).frame for _ in range(2)]
    arguments = one.arguments
    held: list[Any] = [None] * (asked["passes"] + asked["warm_up"])
    for k in range(asked["warm_up"]):
        held[k] = one.by_hand(*arguments) if by_hand else program.run(one.params, one.data)
    give_back()
    before = resident()
    for k in range(asked["warm_up"], len(held)):
        held[k] = one.by_hand(*arguments) if by_hand else program.run(one.params, one.data)
    grown = (resident() - before) / asked["passes"]
    print(json.dumps({"resident": grown, "own": own_bytes(frames[0], frames[1])}))


if __name__ == "__main__":
    main()
