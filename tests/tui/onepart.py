"""A tape with a single part made from any arrays, and a way to read the numbers back from what was painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.reading.model import Kind, Layout, Part, Role, Side, Step, Term
from tui.canvas import Canvas
from tui.paint.matrix import CellTarget
from tui.paint.stage import StageInfo, StageView, paint_stage

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class OnePart:
    """A tape of one step with one part; ``arrays`` are left, right (or None) and result."""

    step: Step
    arrays: dict[str, Array]
    finite: bool = False

    def array(self, term: Term) -> Array:
        """The array of a term, found by its symbol."""
        return self.arrays[term.symbol]

    def paint(self, view: StageView, width: int = 91, height: int = 20) -> tuple[Canvas, StageInfo]:
        """The stage of the only part."""
        return paint_stage(self, self.step, 0, view, width, height)  # type: ignore[arg-type]

    def text(self, view: StageView, width: int = 91, height: int = 20) -> str:
        """What stands on the stage."""
        return self.paint(view, width, height)[0].text()


def one_part(
    left: Array,
    right: Array | None,
    result: Array,
    *,
    kind: Kind,
    operator: str = "∘",
    layout: Layout = "infix",
    factor: Side | None = None,
    summed: tuple[str, ...] = (),
    letters: tuple[str, str, str] = ("", "", ""),
    symbols: tuple[str, str, str] = ("A", "B", "C"),
    role: Role = "gradient",
) -> OnePart:
    """``letters`` are the index letters of left, right and result, one character per axis (empty: none known)."""

    def term(symbol: str, array: Array, own: str) -> Term:
        names = tuple(own) if own else ("",) * array.ndim
        axes = tuple(name or None for name in names)
        return Term(symbol, symbol, symbol, role, array.shape, axes, names, 0)

    first = term(symbols[0], left, letters[0])
    second = None if right is None else term(symbols[1], right, letters[1])
    third = term(symbols[2], result, letters[2])
    part = Part("B1", "code", operator, layout, kind, first, second, third, factor, summed)
    step = Step("B1", "backward", 1, "c", "c", symbols[2], third, ("c = code",), "C = A ∘ B", None, None, (part,))
    arrays = {symbols[0]: left, symbols[2]: result} | ({} if right is None else {symbols[1]: right})
    return OnePart(step, arrays)


def product(left: Array, right: Array, **options: Any) -> OnePart:
    """A matrix product A · B = C with the letters j, n, i."""
    letters = ("jn"[-left.ndim :], "ni"[: right.ndim], "ji" if left.ndim == right.ndim == 2 else "")
    return one_part(
        left,
        right,
        np.asarray(left @ right),
        kind="product",
        operator="·",
        factor="right",
        summed=("n",),
        letters=letters,
        **options,
    )


def painted(canvas: Canvas) -> dict[CellTarget, tuple[str, list[str]]]:
    """Every number on a canvas with the styles of its cells, keyed by what a click on it would mean."""
    found: dict[CellTarget, tuple[str, list[str]]] = {}
    rows = ["".join(text for text, _ in canvas.segments(y)) for y in range(canvas.height)]
    for x, y, width, height, target in canvas.targets():
        if isinstance(target, CellTarget):
            assert target not in found
            assert height == 1
            found[target] = (rows[y][x : x + width], [canvas.style_at(column, y) for column in range(x, x + width)])
    return found


def lit(canvas: Canvas, operand: str) -> set[tuple[int, int]]:
    """Rows and columns of the numbers of an operand that are lit."""
    return {
        (target.row, target.column)
        for target, (_, styles) in painted(canvas).items()
        if target.operand == operand and styles[-1].startswith("lit")
    }


def active(canvas: Canvas) -> list[CellTarget]:
    """The cells under the cursor."""
    return [target for target, (_, styles) in painted(canvas).items() if "active" in styles]
