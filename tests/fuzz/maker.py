"""What a generator works with: the variables that exist so far, with their values, and random choices among them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from tests.fuzz.description import Array, Helper, Layout, Leaf, Place, Statement

T = TypeVar("T")
Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]
MOST_ENTRIES = 48


@dataclass(frozen=True, eq=False)
class Variable:
    """A name in ``loss`` and the value it has; ``active`` if it depends on a parameter."""

    name: str
    array: Array
    active: bool

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def real(self) -> bool:
        return self.array.dtype.kind == "f"


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers around zero, none very near to it."""
    return np.round(rng.uniform(0.05, 1.5, size=shape) * rng.choice([-1.0, 1.0], size=shape), 4)


def positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.round(rng.uniform(0.3, 2.0, size=shape), 4)


def truth(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.random(shape) < 0.6)


def below(limit: int) -> Draw:
    """Positions along an axis of that length, now and then counted from its end."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return np.asarray(rng.integers(-limit if rng.random() < 0.25 else 0, limit, size=shape))

    return draw


def different(limit: int) -> Draw:
    """Positions of which none comes twice, some counted from the end; as many as fit the shape."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        positions = rng.permutation(limit)[: shape[0]]
        return np.asarray(np.where(rng.random(len(positions)) < 0.3, positions - limit, positions))

    return draw


class Maker:
    """The state of one program under construction."""

    def __init__(self, rng: np.random.Generator, sizes: Sequence[int] = (1, 2, 3), single: float = 0.2) -> None:
        self.rng = rng
        self.sizes = tuple(sizes)
        self.single = rng.random() < single
        self.leaves: list[Leaf] = []
        self.variables: dict[str, Variable] = {}
        self.statements: list[Statement] = []
        self._count = 0

    # random choices
    def choose(self, options: Sequence[T]) -> T:
        return options[int(self.rng.integers(len(options)))]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def number(self) -> str:
        """A number as people write it into code."""
        return self.choose(["0.5", "2", "-1", "1.5", "0.1", "3", "-0.7", "np.float64(0.3)", "1e-3"])

    def shape(self, ndim: int | None = None) -> tuple[int, ...]:
        if ndim is None:
            ndim = int(self.rng.choice([0, 1, 2, 3, 4], p=[0.1, 0.25, 0.4, 0.17, 0.08]))
        shape = tuple(self.choose(self.sizes) for _ in range(ndim))
        while np.prod(shape, dtype=int) > MOST_ENTRIES // 2:
            shape = tuple(max(1, n - 1) for n in shape)
        return shape

    # variables
    def fresh(self, stem: str = "h") -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def leaf(
        self, shape: tuple[int, ...], place: Place = "params", draw: Draw = uniform, stem: str | None = None
    ) -> Variable:
        """A new array of the file, with numbers of its own."""
        stem = stem or {"params": "w", "data": "x", "module": "c"}[place]
        array = np.asarray(draw(self.rng, shape))
        if array.dtype.kind == "f" and self.single and (place == "params" or self.chance(0.7)):
            array = array.astype(np.float32)
            array = np.asarray(np.round(array.astype(np.float64), 4), dtype=np.float32)
        leaf = Leaf(self.fresh(stem), array, place, draw, self._layout(shape))
        self.leaves.append(leaf)
        variable = Variable(leaf.name, array, place == "params")
        self.variables[leaf.name] = variable
        return variable

    def plain(self, draw: Draw) -> Variable:
        """A plain Python number in the data."""
        leaf = Leaf(self.fresh("p"), np.asarray(draw(self.rng, ())), "data", draw, plain=True)
        self.leaves.append(leaf)
        self.variables[leaf.name] = Variable(leaf.name, leaf.array, False)
        return self.variables[leaf.name]

    def _layout(self, shape: tuple[int, ...]) -> Layout:
        if not shape or self.chance(0.7):
            return "C"
        return self.choose(["F", "transposed", "strided", "reversed"])

    def any(self, wanted: Callable[[Variable], bool] = lambda v: True) -> Variable | None:
        """A variable of real numbers that is ``wanted``, rather a late one than an early one."""
        fitting = [v for v in self.variables.values() if v.real and wanted(v)]
        if not fitting:
            return None
        active = [v for v in fitting if v.active]
        if active and self.chance(0.85):
            fitting = active
        weights = np.arange(1.0, len(fitting) + 1)
        return fitting[int(self.rng.choice(len(fitting), p=weights / weights.sum()))]

    def array(self, ndim: int | None = None, least: int = 1) -> Variable:
        """A variable with ``ndim`` axes (or at least ``least``); a new parameter if there is none."""
        found = self.any(lambda v: v.ndim == ndim if ndim is not None else v.ndim >= least)
        return found or self.leaf(self.shape(ndim if ndim is not None else max(least, int(self.rng.integers(1, 4)))))

    def number_or_array(self) -> Variable:
        """Any variable, 0-d ones included."""
        return self.any() or self.leaf(self.shape())

    def beside(self, other: Variable) -> Variable:
        """A variable that broadcasts with ``other`` to a reasonable size."""

        def fits(v: Variable) -> bool:
            try:
                return int(np.prod(np.broadcast_shapes(v.shape, other.shape), dtype=int)) <= MOST_ENTRIES
            except ValueError:
                return False

        found = self.any(fits) if self.chance(0.7) else None
        if found is not None:
            return found
        cut = int(self.rng.integers(0, other.ndim + 1))
        shape = tuple(1 if self.chance(0.25) else n for n in other.shape[cut:])
        return self.leaf(shape, self.choose(["params", "params", "data", "module"]))

    def matching(self, shape: tuple[int, ...]) -> Variable:
        """A variable of exactly this shape; a new one if there is none."""
        found = self.any(lambda v: v.shape == shape)
        return found or self.leaf(shape, self.choose(["params", "data"]))

    def positive(self, variable: Variable) -> str:
        """An expression of ``variable`` that is well above zero."""
        if np.all(variable.array > 0.2):
            return variable.name
        return self.choose(["({} ** 2 + 0.5)", "(np.abs({}) + 0.4)", "np.exp({})", "(1.5 + np.tanh({}))"]).format(
            variable.name
        )

    def text(self, variable: Variable) -> str:
        """The variable as an operand: mostly its name, sometimes a small expression."""
        if self.chance(0.8) or not variable.real:
            return variable.name
        options = ["({} * 0.5)", "(-{})", "np.tanh({})", "({} + 1)", "(1 - {})", "(2 * {})", "({} / 3)", "(0.1 + {})"]
        return self.choose(options).format(variable.name)

    def statement(
        self, made_by: str, reads: Sequence[Variable], *lines: str, helpers: Sequence[Helper] = (), stem: str = "h"
    ) -> Statement:
        """Lines in which ``{out}`` stands for the new variable."""
        target = self.fresh(stem)
        names = tuple(dict.fromkeys(v.name for v in reads))
        filled = tuple(line.replace("{out}", target) for line in lines)
        return Statement(made_by, target, names, filled, tuple(helpers))

    # running
    def accept(self, statement: Statement) -> bool:
        """Run the statement on the values there are; keep it if its value is finite, small and not too large."""
        scope: dict[str, Any] = {"np": np}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                for helper in statement.helpers:
                    exec(helper.text, scope)
                scope |= {n: self.variables[n].array.copy() for n in statement.reads}
                exec("\n".join(statement.lines), scope)
            except (ValueError, IndexError, TypeError, ZeroDivisionError, np.exceptions.AxisError):
                return False
        value = scope[statement.target]
        if not isinstance(value, np.ndarray | np.generic) or not 0 < np.size(value) <= MOST_ENTRIES:
            return False
        value = np.asarray(value)
        if value.ndim > 5 or not np.isfinite(value).all() or (value.dtype.kind == "f" and np.abs(value).max() > 30):
            return False
        active = any(self.variables[n].active for n in statement.reads)
        self.variables[statement.target] = Variable(statement.target, value, active)
        self.statements.append(statement)
        return True
