"""Mistakes that this input could not show: changes of a step that give equal numbers here, but not everywhere.

Every change is made to the true step. Where it gives the same numbers, it is made once more with parameters drawn at
random: one that is equal there as well (z1 > 0 for h1 > 0) is no mistake, and is left out.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.blame.model import Hidden
from engine.blame.mutations import Change, Mutations, attempt
from engine.blame.quantities import Quantities, Quantity
from engine.blame.reference import Array, Reference
from engine.errors import ChainstepError

_SECONDS = 0.5
_OVER_EXAMPLES = ("last-example-only", "bias-not-summed")
_LEFT_OUT = ("wrong-operand",)


def invisible(
    quantities: Quantities, params: Mapping[str, Any], data: Mapping[str, Any], until: float
) -> tuple[Hidden, ...]:
    """The mistakes that nobody could see on this input, by gradient, in the order of the backward pass."""
    until = min(until, time.monotonic() + _SECONDS)
    mutations = Mutations(quantities, 0)
    here = quantities.references[0]
    elsewhere = _elsewhere(here, params, data)
    found: dict[tuple[str, str], Hidden] = {}
    if elsewhere is None:
        return ()
    for q in quantities.gradients:
        if 0 not in q.target or (q.true.size < 2 and q.parameter is None):
            continue
        cuts = [_cut(quantities, q, reference) for reference in (here, elsewhere)]
        target = q.target[0]
        for change in mutations.changes(target, cuts[0], {}):
            if time.monotonic() > until:
                return tuple(found.values())
            key = (change.mistake, q.symbol)
            if key in found or change.mistake in _LEFT_OUT:
                continue
            if not _same(attempt(here, target, cuts[0], [change]), here.arrays[target], quantities.tolerance):
                continue
            single = change.mistake in _OVER_EXAMPLES and quantities.program.examples == 1
            other = attempt(elsewhere, target, cuts[1], [change])
            if other is None or (_same(other, elsewhere.arrays[target], quantities.tolerance) and not single):
                continue
            found[key] = Hidden(change.mistake, q.symbol, _reason(change, q, single))
    return tuple(found.values())


def _elsewhere(here: Reference, params: Mapping[str, Any], data: Mapping[str, Any]) -> Reference | None:
    """The same program with other parameters; None where it cannot run on them."""
    rng = np.random.default_rng(0)
    try:
        return Reference(here.program, here.program.run(_drawn(params, rng), data))
    except ChainstepError:
        return None


def _drawn(tree: Any, rng: np.random.Generator) -> Any:
    if isinstance(tree, Mapping):
        return {k: _drawn(v, rng) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(_drawn(v, rng) for v in tree)
    return np.asarray(rng.normal(size=tree.shape), tree.dtype) if isinstance(tree, np.ndarray) else tree


def _cut(quantities: Quantities, q: Quantity, reference: Reference) -> dict[int, Array]:
    """The true gradients that the step of ``q`` starts from."""
    cut: dict[int, Array] = {}
    below = reference.below(q.target[0])
    for other in quantities.gradients:
        if other is not q and 0 in other.target:
            cut |= {i: reference.arrays[i] for i in other.values[0] if i in below and i not in q.values[0]}
    return cut


def _same(value: Array | None, right: Array, tolerance: float) -> bool:
    if value is None or value.size != right.size:
        return False
    if [n for n in value.shape if n != 1] != [n for n in right.shape if n != 1]:
        return False
    with np.errstate(all="ignore"):
        off = np.max(np.abs(value.reshape(right.shape) - right), initial=0.0)
        return bool(off <= tolerance * np.max(np.abs(right), initial=0.0))


def _reason(change: Change, q: Quantity, single: bool) -> str:
    if single:
        return "there is only one example"
    if not np.any(q.true):
        return f"{q.symbol} is zero throughout"
    if change.mistake.startswith("relu-mask"):
        return "no gradient is cut off by the mask, or the masks are equal here"
    return "the numbers are equal on this input"
