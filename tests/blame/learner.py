"""A learner's file as the proof handles it: run from its text, its backward called by hand, its answers laid out flat.

Nothing here uses the judge or the engine's gradients.
"""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from tests.oracles import complex_step, leaves

FOLDER = Path(__file__).parent
STYLES = tuple(sorted((FOLDER / "styles").glob("*.py")))
UNSEEN = tuple(sorted((FOLDER / "unseen").glob("*.py")))

Gradients = dict[str, np.ndarray]


def text_of(file: Path, seed: int = 0) -> str:
    """The file's text; with a seed other than 0 its numbers are drawn anew."""
    text = file.read_text(encoding="utf-8")
    return text if seed == 0 else re.sub(r"default_rng\((\d+)\)", rf"default_rng(\g<1> + {1000 * seed})", text)


def names_of(text: str) -> dict[str, Any]:
    """Everything that running the text defines."""
    names: dict[str, Any] = {"__name__": "learner"}
    exec(compile(text, "learner.py", "exec"), names)
    return names


def answers(names: dict[str, Any]) -> Gradients:
    """What ``backward`` returns, by parameter, whatever form it has. Raises whatever the backward raises."""
    params, data = copy.deepcopy(names["params"]), copy.deepcopy(names["data"])
    with np.errstate(all="ignore"):
        found = call(names["backward"], params, data)
    order = names.get("RETURNS")
    if order is not None:
        found = dict(zip(order.split(), found, strict=True))
    elif isinstance(found, tuple):
        found = found[1]
    found = {key if key in params else key.removeprefix("d"): value for key, value in found.items()}
    return {place(path): np.asarray(at(found, path), dtype=float) for path, _ in leaves(params)}


def call(function: Callable[..., Any], params: dict[str, Any], data: dict[str, Any]) -> Any:
    """The function with the arguments that it asks for by name."""
    known = {"params": params, "data": data} | params | data
    return function(**{name: known[name] for name in inspect.signature(function).parameters})


def first_runs(text: str) -> dict[int, int]:
    """When each line of the text comes to its end for the first time while ``backward`` runs: a number that grows.

    A line that calls a function ends after the lines of that function. Raises whatever the backward raises.
    """
    ended: dict[int, int] = {}
    running: dict[FrameType, int] = {}

    def listen(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != "learner.py":
            return None
        if event in ("line", "return") and frame in running:
            ended.setdefault(running.pop(frame), len(ended))
        if event == "line":
            running[frame] = frame.f_lineno
        return listen

    names = names_of(text)
    before = sys.gettrace()
    sys.settrace(listen)
    try:
        answers(names)
    finally:
        sys.settrace(before)
    return ended


def at(found: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        found = found[key]
    return found


def place(path: tuple[Any, ...]) -> str:
    """``W1``, ``W[0]``."""
    return str(path[0]) + "".join(f"[{key!r}]" for key in path[1:])


def true_gradients(names: dict[str, Any]) -> Gradients:
    """By complex step, entry by entry."""
    params, data = names["params"], names["data"]

    def loss(**arrays: Any) -> Any:
        own = {key: arrays[key] for key in params}
        return call(names["loss"], own, {key: arrays[key] for key in data})

    return {place(path): complex_step(loss, params, data, path) for path, _ in leaves(params)}


def same(one: Gradients, other: Gradients, tolerance: float) -> bool:
    """Whether all agree in number, shapes (n,) and (1, n) taken as one; NaN agrees with nothing."""
    return all(one[key].size == other[key].size and error(one[key], other[key]) <= tolerance for key in other)


def error(one: np.ndarray, other: np.ndarray) -> float:
    """max|a − b| / max|b| on squeezed shapes, infinite where the shapes differ."""
    one, other = one.squeeze(), other.squeeze()
    if one.shape != other.shape:
        return float("inf")
    difference = float(np.max(abs(one - other), initial=0))
    scale = float(np.max(abs(other), initial=0))
    return 0.0 if difference == 0 else difference / scale if scale else float("inf")
