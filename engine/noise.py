"""How far rounding alone may put a gradient off.

The backward pass is run again with every value one last digit off, up or down at random: where terms cancel
(1 − y² with y near 1) the gradients differ by what they could not be told better. No derivative is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.ops import evaluate
from engine.tape import Tape

Array = np.ndarray[Any, Any]
_DRAWS = 4


def rounding_noise(tape: Tape, parameter: int, dtype: np.dtype[Any]) -> Array:
    """How far apart such backward passes put every entry of the gradient of ``parameter``; same shape as that.

    ``dtype`` is the type whose last digit is meant.
    """
    gradient = tape.program.gradients_of[parameter]
    found = tape.remembered(("noise", str(dtype)), lambda: [_perturbed(tape, dtype, seed) for seed in range(_DRAWS)])
    return np.asarray(np.ptp(np.stack([np.asarray(made[gradient], dtype=np.float64) for made in found]), axis=0))


def _perturbed(tape: Tape, dtype: np.dtype[Any], seed: int) -> dict[int, Any]:
    """The gradients of a backward pass in which every value is one last digit off."""
    program = tape.program
    random = np.random.default_rng(seed)
    epsilon = float(np.finfo(dtype).eps)
    wanted = set(program.gradients_of.values())
    made: dict[int, Any] = dict(program.literals)
    known = tape.kept()
    for node in program.nodes:
        if node.backward and program.values[node.output].dtype.kind == "b":
            made[node.output] = tape.value(node.output)  # masks stay as they are: it is not asked what else was on
        elif node.backward:
            operands = tuple(made[i] if i in made else _off(tape, i, known, random, epsilon, made) for i in node.inputs)
            result = np.asarray(evaluate(node.op, node.attributes, node.spelling, operands))
            made[node.output] = _jittered(result, random, epsilon)
    return {index: made[index] for index in wanted if index in made}


def _off(
    tape: Tape, index: int, known: dict[int, Any], random: np.random.Generator, epsilon: float, made: dict[int, Any]
) -> Any:
    """A value of the forward pass, one last digit off; the same wherever it is read."""
    array = np.asarray(known[index] if index in known else tape.value(index))
    made[index] = _jittered(array, random, epsilon)
    return made[index]


def _jittered(array: Array, random: np.random.Generator, epsilon: float) -> Array:
    if array.dtype.kind != "f":
        return array
    return np.asarray(array * (1 + epsilon * random.choice((-1.0, 1.0), size=array.shape)), dtype=array.dtype)
