"""Derivatives of the loss by central differences, for operations that complex numbers do not obey (``abs``).

The forward operations themselves are run at both sides, in float64. Masks are compared as well: where one differs
between the two sides a kink lies in between, and the step is made smaller; where it still differs, there is no
derivative to compare with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.axes import normalised
from engine.ir import Node
from engine.ops import TABLE, evaluate
from engine.suffix import Array, Recorded, Slopes

STEPS = (1e-5, 1e-6, 1e-7)
_ROUNDING = 16 * float(np.finfo(np.float64).eps)


class CentralDifferences:
    """Slopes of the loss in one parameter of a recorded pass."""

    method = "central differences"
    chunk = 16

    def __init__(self, recorded: Recorded, parameter: int) -> None:
        self.recorded = recorded
        self.parameter = parameter
        self.nodes = recorded.suffix(parameter)
        self.base = np.array(recorded[parameter], dtype=np.float64)

    def entries(self, flat: Array) -> Slopes:
        """Slopes along single entries, given by their flat positions."""
        found = []
        for position in flat:
            direction = np.zeros(self.base.size)
            direction[position] = 1.0
            found.append(self._slope(direction.reshape(self.base.shape)))
        slope, contested, rounding = zip(*found, strict=True) if found else ((), (), ())
        return Slopes(np.array(slope, dtype=float), np.array(contested, dtype=bool), np.array(rounding, dtype=float))

    def along(self, direction: Array) -> Slopes:
        """The slope along one direction of the parameter's shape."""
        slope, contested, rounding = self._slope(direction)
        return Slopes(np.array([slope]), np.array([contested]), np.array([rounding]))

    def size_of_terms(self, flat: Array, gradients: Mapping[int, Array]) -> Array:
        """Rounding is already counted in the slopes."""
        return np.zeros(len(flat))

    def _slope(self, direction: Array) -> tuple[float, bool, float]:
        largest = float(np.abs(direction).max(initial=0.0))
        scale = max(1.0, float(np.abs(self.base[direction != 0]).max(initial=0.0))) / (largest or 1.0)
        slope, rounding = 0.0, 0.0
        for step in STEPS:
            h = step * scale
            high, above = self._loss(self.base + h * direction)
            low, below = self._loss(self.base - h * direction)
            slope = (high - low) / (2 * h)
            rounding = _ROUNDING * max(abs(high), abs(low)) / h
            smooth = all(np.array_equal(a, b) for a, b in zip(above, below, strict=True))
            if smooth and np.isfinite(slope):
                return slope, False, rounding
        return slope, True, rounding

    def _loss(self, parameter: Array) -> tuple[float, list[Array]]:
        """The loss at another value of the parameter, and the masks met on the way."""
        made: dict[int, Any] = {self.parameter: parameter}
        masks: list[Array] = []
        literals = self.recorded.program.literals
        for node in self.nodes:
            operands = tuple(
                made[i] if i in made else literals[i] if i in literals else self.recorded[i] for i in node.inputs
            )
            masks += _mask(node, operands)
            attributes = {**node.attributes, "dtype": "float64"} if node.op == "astype" else node.attributes
            made[node.output] = evaluate(node.op, attributes, node.spelling, operands)
        loss = made.get(self.recorded.program.loss, self.recorded[self.recorded.program.loss])
        return float(np.asarray(loss).reshape(-1)[0]), masks


def _mask(node: Node, operands: tuple[Any, ...]) -> list[Array]:
    """Which branch each entry takes: it must be the same on both sides for the slope to mean anything."""
    match node.op:
        case "abs":
            return [np.sign(operands[0])]
        case "norm" if node.attributes.get("ord") == 1:
            return [np.sign(operands[0])]
        case op if TABLE[op].flat:
            return [np.asarray(evaluate(node.op, node.attributes, node.spelling, operands))]
        case "clip":
            return [np.sign(np.subtract(operands[0], bound, dtype=np.float64)) for bound in operands[1:]]
        case "maximum" | "minimum" | "greater" | "greater_equal" | "less" | "less_equal" | "equal" | "not_equal":
            return [np.sign(np.subtract(operands[0], operands[1], dtype=np.float64))]
        case "max" | "min":
            a = np.asarray(operands[0])
            axes = normalised(node.attributes.get("axis"), a.ndim)
            best = (np.max if node.op == "max" else np.min)(a, axis=axes, keepdims=True)
            return [np.asarray(a == best)]
    return []
