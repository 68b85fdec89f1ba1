"""What the ported cases share: a function, the shapes of its arrays, and the claim that its gradient is right."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import Array, close, differences, holds

Function = Callable[..., Any]
Shape = tuple[int, ...]
Range = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """A function of some arrays; their shapes; between which numbers their entries lie (one range, or one each)."""

    name: str
    function: Function
    shapes: tuple[Shape, ...]
    ranges: tuple[Range, ...] = ((-2.0, 2.0),)

    def params(self) -> dict[str, Array]:
        """The arrays as parameters ``a``, ``b``, ...; the same numbers for the same name on every machine."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        ranges = self.ranges * len(self.shapes) if len(self.ranges) == 1 else self.ranges
        pairs = zip("abcde", self.shapes, ranges, strict=False)
        return {name: np.asarray(rng.uniform(*between, size=shape)) for name, shape, between in pairs}

    def loss(self, **arrays: Any) -> Any:
        """One number in which every entry of the result has its own weight."""
        return number(self.function(*arrays.values()))


def number(result: Any) -> Any:
    """One number of an array, or of a list of arrays."""
    if isinstance(result, list | tuple):
        return sum((k + 1) * number(piece) for k, piece in enumerate(result))
    return np.sum(np.sin(result) * np.arange(1.0, result.size + 1).reshape(result.shape))


def case(name: str, function: Function, *shapes: Shape, between: Range | tuple[Range, ...] = (-2.0, 2.0)) -> Case:
    ranges = between if isinstance(between[0], tuple) else (between,)
    return Case(f"{name} {' '.join(map(str, shapes))}", function, shapes, ranges)  # type: ignore[arg-type]


def each(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """Parametrise a test with cases, under their names."""
    names = [c.name for c in cases]
    assert len(set(names)) == len(names), "two cases have one name"
    return pytest.mark.parametrize("case", cases, ids=names)


def is_right(case: Case) -> None:
    """Short and long chain give the loss bit for bit and the gradient found by differences; the lines are what ran."""
    names = "abcde"[: len(case.shapes)]
    scope: dict[str, Any] = {"case": case}
    # a function with named arguments, as a file has one
    exec(f"def loss({', '.join(names)}):\n    return case.loss({', '.join(f'{n}={n}' for n in names)})", scope)
    holds(scope["loss"], case.params())


def is_refused(case: Case) -> str:
    """The engine raises TraceError; returns its reason. The plain function runs."""
    names = "abcde"[: len(case.shapes)]
    scope: dict[str, Any] = {"case": case}
    exec(f"def loss({', '.join(names)}):\n    return case.loss({', '.join(f'{n}={n}' for n in names)})", scope)
    scope["loss"](**case.params())
    with pytest.raises(engine.TraceError) as refusal:
        engine.trace(scope["loss"], case.params(), {})
    assert "when it is recorded" not in refusal.value.reason, refusal.value.reason
    return refusal.value.reason


__all__ = ["Case", "Range", "Shape", "case", "close", "differences", "each", "is_refused", "is_right"]
