"""What a net looks like before it has numbers: sizes, activation, loss and convention."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count, pairwise

from tui.starting.refusal import StartingError

LOSSES = ("mse", "softmax", "sigmoid")
LOSS_ALIASES = {"cross-entropy": "softmax", "bce": "sigmoid"}
ACTIVATIONS = ("relu", "tanh", "sigmoid")
CONVENTIONS = ("column", "row")

_SMALL = (2, 4, 3)
_FEWEST_EXAMPLES = 5
_FEWEST_UNITS = 5
_MOST_WEIGHTS = 10_000_000


@dataclass(frozen=True, slots=True)
class Architecture:
    """``layers`` are the sizes from the inputs over the hidden layers to the outputs, at least two."""

    layers: tuple[int, ...]
    loss: str = "mse"
    activation: str = "relu"
    convention: str = "column"
    seed: int = 0

    @property
    def depth(self) -> int:
        """The number of layers with weights."""
        return len(self.layers) - 1

    @property
    def in_rows(self) -> bool:
        """Whether an example is a row (z = x @ W + b) and not a column (z = W @ x + b)."""
        return self.convention == "row"

    def shape(self, features: int | str, examples: int | str) -> str:
        """The shape of a matrix of examples as it is written in this convention: ``(5, 2)``."""
        return f"({examples}, {features})" if self.in_rows else f"({features}, {examples})"


def check_size(layers: tuple[int, ...]) -> None:
    """Raises StartingError for a net that is too large to be looked at."""
    weights = sum(a * b for a, b in pairwise(layers))
    if weights > _MOST_WEIGHTS:
        reason = f"A net of the sizes {sizes_text(layers)} has {weights:,} weights, more than {_MOST_WEIGHTS:,}."
        raise StartingError(reason, cure="Write smaller sizes after --layers.")


def default_layers(inputs: int | None = None, outputs: int | None = None, examples: int | None = None) -> list[int]:
    """Sizes for a net that is asked for without any: small, and all different, so that shapes tell axes apart."""
    if inputs is None or outputs is None:
        return list(_SMALL)
    return [inputs, _other_than((inputs, outputs, examples or 0), _FEWEST_UNITS), outputs]


def default_examples(layers: Collection[int]) -> int:
    """How many examples to draw: few, and a number that is no size of a layer."""
    return _other_than(layers, _FEWEST_EXAMPLES)


def sizes_text(layers: Collection[int]) -> str:
    """``4,8,3``, as --layers takes it."""
    return ",".join(map(str, layers))


def spread(architecture: Architecture, layer: int) -> tuple[int, int, float]:
    """(a, n, √(a/n)): the spread that the weights of ``layer`` (from 1) start with; n is its number of inputs.

    a is 2 in front of a ReLU, which drops half of what comes in (He et al. 2015), else 1.
    """
    inputs = architecture.layers[layer - 1]
    factor = 2 if architecture.activation == "relu" and layer < architecture.depth else 1
    return factor, inputs, math.sqrt(factor / inputs)


def _other_than(taken: Collection[int], first: int) -> int:
    return next(size for size in count(first) if size not in taken)
