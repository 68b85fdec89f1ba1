"""Numbers drawn anew that mean what the old ones meant: labels stay labels, one-hot rows stay one-hot.

What an array means is read off its entries and off the program: which axis an index array points into, along which
axis labels are one-hot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.ir import Node
from engine.program import Program

Array = np.ndarray[Any, Any]
Sizes = Mapping[str, int]

_EXAMPLES = "n"
_FEW = 6
"""Entries from which on two values that keep coming back are taken for labels."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is known of one array of ``params`` or ``data``: its axes by name, what it points into, where it is one-hot.

    ``points`` are the name and the old size of the axis that the array is an index into.
    """

    parameter: bool
    axes: tuple[str | None, ...]
    points: tuple[str | None, int] | None = None
    hot: int | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How freely to draw. ``wide``: labels reach to the end of a longer axis. ``positive``: no sign is changed."""

    wide: bool = True
    positive: bool = False


FREELY = Manner()


class Numbers:
    """Draws ``params`` and ``data`` anew for one program; the structure and every dtype stay as they are."""

    def __init__(self, program: Program) -> None:
        self.leaves = _leaves(program)
        self.has_labels = any(leaf.points for leaf in self.leaves.values())
        self.old = {
            name: size
            for value in program.values
            for name, size in zip(value.axes, value.shape, strict=True)
            if name is not None
        }

    def drawn(
        self,
        params: Mapping[str, Any],
        data: Mapping[str, Any],
        sizes: Sizes,
        rng: np.random.Generator,
        manner: Manner = FREELY,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """New ``params`` and ``data``; ``sizes`` are those of the changed axes. One array in two places stays one."""
        pen = _Pen(self, sizes, rng, manner)
        return {k: pen.tree(v, k) for k, v in params.items()}, {k: pen.tree(v, k) for k, v in data.items()}

    def again(self, value: Array, at: tuple[Any, ...], rng: np.random.Generator) -> None:
        """Draw the entries of ``value[at]`` anew, in place, a little further around than they were."""
        mean, spread = _moments(value)
        value[at] = rng.normal(mean, 1.2 * max(spread, 0.3), size=np.shape(value[at]))


class _Pen:
    """One drawing."""

    def __init__(self, numbers: Numbers, sizes: Sizes, rng: np.random.Generator, manner: Manner) -> None:
        self.numbers, self.sizes, self.rng, self.manner = numbers, sizes, rng, manner
        self.made: dict[int, Any] = {}

    def tree(self, held: Any, path: str) -> Any:
        """A dict, list, tuple or named tuple of the same kind with what is in it drawn anew."""
        if isinstance(held, dict):
            made = {key: self.tree(one, f"{path}[{key!r}]") for key, one in held.items()}
            return made if type(held) is dict else _like(held, made)
        if isinstance(held, list | tuple):
            if _is_row_of_numbers(held):
                return self.row(held)
            inner = [self.tree(one, f"{path}[{k!r}]") for k, one in enumerate(held)]
            return type(held)(*inner) if hasattr(held, "_fields") else type(held)(inner)
        if not isinstance(held, np.ndarray) or held.dtype.kind not in "biuf":
            return held
        if id(held) not in self.made:
            known = self.numbers.leaves.get(path, Leaf(False, (None,) * held.ndim))
            self.made[id(held)] = np.asarray(self.array(held, known), held.dtype)
        return self.made[id(held)]

    def row(self, held: Any) -> Any:
        """Plain numbers, one for each example, where the examples become more; else they stay."""
        new = self.sizes.get(_EXAMPLES)
        if new is None or len(held) != self.numbers.old.get(_EXAMPLES):
            return held
        return type(held)(held[int(k)] for k in self.rng.integers(0, len(held), size=new))

    def array(self, old: Array, known: Leaf) -> Array:
        shape = tuple(
            self.sizes.get(name, size) if name else size for name, size in zip(known.axes, old.shape, strict=True)
        )
        if known.parameter:
            return self.parameter(old, shape)
        if old.ndim == 0 or old.size == 0:
            return old.copy() if shape == old.shape else np.zeros(shape, old.dtype)
        return self.data(old, shape, known)

    def parameter(self, old: Array, shape: tuple[int, ...]) -> Array:
        """Around 0 and as large as the old ones; in the careful manner above 0 where those were."""
        mean, spread = _moments(old)
        if self.manner.positive and np.all(old > 0):
            return mean * np.exp(self.rng.normal(0, 0.3, size=shape))
        rms = float(np.clip(np.hypot(mean, spread), 0.4, 0.8))
        if old.ndim == 0:
            return mean + self.rng.normal(0, 0.3, size=shape)
        return self.rng.normal(0, rms, size=shape)

    def data(self, old: Array, shape: tuple[int, ...], known: Leaf) -> Array:
        if not np.all(np.isfinite(old)):
            return self.rng.choice(old.ravel(), size=shape)
        low, high = float(np.min(old)), float(np.max(old))
        if old.dtype.kind == "b" or (low >= 0 and high <= 1 and np.all((old == 0) | (old == 1)) and not known.points):
            return self.binary(old, shape, known)
        if old.dtype.kind in "iu":
            return self.whole(old, shape, known)
        whole = bool(np.all(old == np.round(old)))
        values = np.unique(old)
        if whole and (set(values.tolist()) == {-1.0, 1.0} or (len(values) == 2 and old.size >= _FEW)):
            return self.rng.choice(values, size=shape)
        if whole and len(values) > 2 and old.size > 2 * len(values):
            return self.rng.integers(int(low), int(high) + 1, size=shape)
        if low >= 0 and high <= 1 and old.size > 2:
            return self.shares(old, shape)
        return self.plain(old, shape, low)

    def plain(self, old: Array, shape: tuple[int, ...], low: float) -> Array:
        mean, spread = _moments(old)
        if self.manner.positive and low > 0:
            return mean * np.exp(self.rng.normal(0, 0.4, size=shape))
        spread = float(np.clip(spread if old.size > 2 else max(spread, abs(mean)), 0.5, 2.0))
        return self.rng.normal(np.clip(mean, -0.3, 0.3), spread, size=shape)

    def binary(self, old: Array, shape: tuple[int, ...], known: Leaf) -> Array:
        """Zeros and ones: one-hot along an axis, else both in about equal numbers."""
        axis = known.hot if known.hot is not None else _one_hot(old, known.axes)
        if axis is None:
            flat = np.arange(int(np.prod(shape, dtype=np.int64))) % 2
            return self.rng.permutation(flat).reshape(shape)
        size, rest = shape[axis], int(np.prod(shape, dtype=np.int64)) // max(shape[axis], 1)
        rows = np.eye(size)[self.spread(size, rest)]
        lead = tuple(n for k, n in enumerate(shape) if k != axis % len(shape))
        return np.moveaxis(rows.reshape(*lead, size), -1, axis)

    def whole(self, old: Array, shape: tuple[int, ...], known: Leaf) -> Array:
        """Labels and places to look up reach over the axis that they point into; others keep their range."""
        low, high = int(np.min(old)), int(np.max(old))
        count = int(np.prod(shape, dtype=np.int64))
        if low >= 0 and known.points is not None:
            reach = self.reach(known.points, high)
            return self.spread(reach, count).reshape(shape)
        values = np.unique(old)
        if low >= 0 and high <= 1:
            values = np.array([0, 1])
        if len(values) <= 3:
            return self.rng.choice(values, size=shape)
        return self.rng.integers(low, high + 1, size=shape)

    def reach(self, points: tuple[str | None, int], high: int) -> int:
        """The number of places that may be pointed to."""
        name, size = points
        if not self.manner.wide:
            return min(high + 1, self.sizes.get(name, size) if name else size)
        if name is not None and name in self.sizes:
            return self.sizes[name]
        same = [a for a, old in self.numbers.old.items() if old == size and a in self.sizes and a != _EXAMPLES]
        return self.sizes["out" if "out" in same else same[0]] if same else size

    def spread(self, reach: int, count: int) -> Array:
        """``count`` whole numbers below ``reach``, each of them as often as the others."""
        rounds = np.concatenate([self.rng.permutation(reach) for _ in range(count // max(reach, 1) + 1)])
        return np.asarray(rounds[:count], np.int64)

    def shares(self, old: Array, shape: tuple[int, ...]) -> Array:
        """Between 0 and 1; what sums to one along an axis still does."""
        drawn = self.rng.uniform(0.05, 0.95, size=shape)
        axis = next((k for k in reversed(range(old.ndim)) if np.allclose(old.sum(axis=k), 1, atol=1e-6)), None)
        return drawn if axis is None or old.shape[axis] == 1 else drawn / drawn.sum(axis=axis, keepdims=True)


def _like(held: Any, made: dict[Any, Any]) -> Any:
    """A dict of the person's own class."""
    copy = held.copy()
    copy.update(made)
    return copy


def _is_row_of_numbers(held: Any) -> bool:
    return len(held) > 1 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in held)


def _moments(old: Array) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        wide = old.astype(np.float64)
        mean, spread = float(np.mean(wide)), float(np.std(wide))
    return (mean if np.isfinite(mean) else 0.0), (spread if np.isfinite(spread) else 1.0)


def _one_hot(old: Array, axes: tuple[str | None, ...]) -> int | None:
    """The axis along which every row has a single 1; None for zeros and ones of another kind."""
    if old.dtype.kind == "b" or old.ndim < 2:
        return None
    for k in reversed(range(old.ndim)):
        if old.shape[k] > 1 and axes[k] != _EXAMPLES and np.all(old.sum(axis=k) == 1):
            return k
    return None


# ---- what the program knows of its leaves ----------------------------------------------------------------


def _leaves(program: Program) -> dict[str, Leaf]:
    hot = {c.value: c.axis for c in program.conditions}
    points = dict(_pointing(program))
    return {
        value.path or value.name or "": Leaf(
            value.role == "parameter",
            value.axes,
            points.get(value.index),
            hot.get(value.index),
        )
        for value in program.values
        if value.node is None and value.role in ("parameter", "data") and not value.literal
    }


def _pointing(program: Program) -> Iterator[tuple[int, tuple[str | None, int]]]:
    """Index arrays that are data, each with the name and size of the axis that they point into."""
    for node in program.nodes:
        if node.backward:
            continue
        for index, axis in _indices(program, node):
            source = program.values[node.inputs[0]]
            if not 0 <= axis < len(source.shape):
                continue
            for leaf in _leaves_below(program, index):
                if program.values[leaf].dtype.kind in "iu" and program.values[leaf].role == "data":
                    yield leaf, (source.axes[axis], source.shape[axis])


def _indices(program: Program, node: Node) -> Iterator[tuple[int, int]]:
    """The index arrays of an operation: value, and the axis of its first operand that it points into."""
    items = node.attributes.get("index")
    if not isinstance(items, tuple):
        if "take" in node.op and len(node.inputs) > 1:
            yield node.inputs[1], int(node.attributes.get("axis") or 0)
        return
    arrays = [item for item in items if isinstance(item, tuple) and item[0] == "array"]
    operands = node.inputs[len(node.inputs) - len(arrays) :] if arrays else ()
    taken = sum(1 for item in items if item[0] in ("slice", "int", "array"))
    position = 0
    for item in items:
        if item[0] == "array" and item[1] < len(operands):
            yield operands[item[1]], position
        if item[0] == "ellipsis":
            position += len(program.values[node.inputs[0]].shape) - taken
        elif item[0] != "new":
            position += 1


def _leaves_below(program: Program, index: int) -> Iterator[int]:
    stack = [index]
    while stack:
        value = program.values[stack.pop()]
        if value.node is None:
            yield value.index
        else:
            stack.extend(program.nodes[value.node].inputs)
