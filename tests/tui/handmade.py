"""A tape written down by hand: a two-layer ReLU net with its steps as the notes list them, and NumPy's own numbers.

Nothing here comes from the engine, so what the screen does with a tape is tested apart from how a tape is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.errors import LookupFailed
from engine.reading.model import Kind, Layout, Part, Phase, Role, Side, Source, Step, Term

Array = np.ndarray[Any, Any]
SUMMED: dict[str, tuple[str, ...]] = {"h1": ("j",), "in": ("i",), "out": ("k",), "n": ("n",)}
LETTERS = {"h1": "j", "in": "i", "out": "k", "n": "n"}


@dataclass(eq=False)
class Program:
    """The static half: steps, convention, look-up."""

    steps: tuple[Step, ...]
    convention: str = "column"

    @property
    def examples(self) -> int | None:
        """The size of the axis n."""
        terms = (step.result for step in self.steps)
        return next((term.shape[term.axes.index("n")] for term in terms if "n" in term.axes), None)

    def step(self, key: str) -> Step:
        """By id, part id, quantity or symbol, as the engine's programs answer."""
        for step in self.steps:
            if key in (step.id, step.quantity, step.symbol, *(part.id for part in step.parts)):
                return step
        raise LookupFailed(f"there is no step {key}", tuple(step.id for step in self.steps[:3]))


@dataclass(eq=False)
class Tape:
    """Program and arrays; a term's ``value`` is the number of its array."""

    program: Program
    arrays: list[Array]
    gradients: dict[str, Array]
    loss: float

    def array(self, term: Term) -> Array:
        """The array of a term; a vector of ones is made on the spot."""
        return np.ones(term.shape) if term.value is None else self.arrays[term.value]


@dataclass
class Maker:
    """Collects steps and their arrays, counting ids as it goes."""

    row: bool
    arrays: list[Array] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    terms: dict[str, Term] = field(default_factory=dict)

    def term(self, symbol: str, numpy: str, array: Array | None, axes: tuple[str, ...], role: Role) -> Term:
        """A matrix; in the row convention arrays and axes are given in column form and transposed here."""
        if array is not None:
            array = array.T if self.row else array
            self.arrays.append(array)
        axes = axes[::-1] if self.row else axes
        shape = array.shape if array is not None else (1,) * len(axes)
        letters = tuple(LETTERS.get(axis, "") for axis in axes)
        value = None if array is None else len(self.arrays) - 1
        name = numpy if numpy.isidentifier() else None
        return Term(symbol, numpy, name, role, shape, axes, letters, value)

    def keep(self, symbol: str, name: str, array: Array, axes: tuple[str, ...], role: Role) -> Term:
        """A named matrix that later steps use."""
        self.terms[name] = self.term(symbol, name, array, axes, role)
        return self.terms[name]

    def part(
        self,
        operator: str,
        kind: Kind,
        left: Term,
        right: Term | None,
        result: Term,
        factor: Side | None = None,
        summed: tuple[str, ...] = (),
        layout: Layout = "infix",
    ) -> tuple[Any, ...]:
        """One operation; products and masks stand the other way round in the row convention."""
        if self.row and right is not None and operator in ("·", "⊙"):
            left, right = right, left
            factor = {"left": "right", "right": "left", None: None}[factor]  # type: ignore[assignment]
        return (operator, layout, kind, left, right, result, factor, summed)

    def step(
        self,
        phase: Phase,
        layer: int | None,
        result: Term,
        line: str,
        formula: str,
        parts: list[tuple[Any, ...]],
        of: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Append a step; ids count forward and loss together, backward apart."""
        letter: Literal["B", "F"] = "B" if phase == "backward" else "F"
        number = 1 + sum(step.id.startswith(letter) for step in self.steps)
        name = f"{letter}{number}"
        several = len(parts) > 1
        made = tuple(
            Part(name + ("abcd"[k] if several else ""), line.partition(" = ")[2], *spec) for k, spec in enumerate(parts)
        )
        source = Source("net.py", 10 + len(self.steps), 4, 10 + len(self.steps), 20, line)
        quantity = result.name or result.numpy
        self.steps.append(
            Step(name, phase, layer, quantity, of, result.symbol, result, (line,), formula, reference, source, made)
        )


def two_layer(row: bool = False, examples: int = 5, seed: int = 1) -> Tape:
    """Regression with d = 3, H = 4, K = 2: F1 z₁, F2 h₁, F3 f, F4 L, B1 ∂L/∂f … B7 ∂L/∂b₁, 11 steps."""
    rng = np.random.default_rng(seed)
    W1, b1 = rng.normal(size=(4, 3)).round(1), rng.normal(size=(4, 1)).round(1)
    W2, b2 = rng.normal(size=(2, 4)).round(1), rng.normal(size=(2, 1)).round(1)
    x, y = rng.normal(size=(3, examples)).round(1), rng.normal(size=(2, examples)).round(1)
    a1 = W1 @ x
    z1 = a1 + b1
    h1 = np.maximum(z1, 0)
    a2 = W2 @ h1
    f = a2 + b2
    df = f - y
    dh1 = W2.T @ df
    mask = (z1 > 0) * 1.0
    dz1 = dh1 * mask
    gradients = {
        "W1": dz1 @ x.T,
        "b1": dz1.sum(axis=1, keepdims=True),
        "W2": df @ h1.T,
        "b2": df.sum(axis=1, keepdims=True),
    }
    loss = float(0.5 * (df**2).sum())

    make = Maker(row)
    keep, part = make.keep, make.part
    for name, symbol, array, axes, role in (
        ("W1", "W₁", W1, ("h1", "in"), "parameter"),
        ("b1", "b₁", b1, ("h1", "one"), "parameter"),
        ("W2", "W₂", W2, ("out", "h1"), "parameter"),
        ("b2", "b₂", b2, ("out", "one"), "parameter"),
        ("x", "x", x, ("in", "n"), "data"),
        ("y", "y", y, ("out", "n"), "data"),
        ("a1", "W₁·x", a1, ("h1", "n"), "activation"),
        ("z1", "z₁", z1, ("h1", "n"), "activation"),
        ("h1", "h₁", h1, ("h1", "n"), "activation"),
        ("a2", "W₂·h₁", a2, ("out", "n"), "activation"),
        ("f", "f", f, ("out", "n"), "activation"),
        ("r", "f − y", df, ("out", "n"), "activation"),
        ("L", "L", np.array(loss), (), "loss"),
        ("df", "∂L/∂f", df, ("out", "n"), "gradient"),
        ("dW2", "∂L/∂W₂", gradients["W2"], ("out", "h1"), "gradient"),
        ("db2", "∂L/∂b₂", gradients["b2"], ("out", "one"), "gradient"),
        ("dh1", "∂L/∂h₁", dh1, ("h1", "n"), "gradient"),
        ("dz1", "∂L/∂z₁", dz1, ("h1", "n"), "gradient"),
        ("dW1", "∂L/∂W₁", gradients["W1"], ("h1", "in"), "gradient"),
        ("db1", "∂L/∂b₁", gradients["b1"], ("h1", "one"), "gradient"),
    ):
        keep(symbol, name, array, axes, role)  # type: ignore[arg-type]
    t = make.terms
    h1T = make.term("h₁ᵀ", "h1.T", h1.T, ("n", "h1"), "activation")
    W2T = make.term("W₂ᵀ", "W2.T", W2.T, ("h1", "out"), "parameter")
    xT = make.term("xᵀ", "x.T", x.T, ("n", "in"), "data")
    m = make.term("𝟙(z₁>0)", "z1 > 0", mask, ("h1", "n"), "mask")
    ones = make.term("1ᵀ" if row else "1", "np.ones", np.ones((examples, 1)), ("n", "one"), "constant")

    product, entrywise = ("·", "product"), ("⊙", "entrywise")
    make.step(
        "forward",
        1,
        t["z1"],
        "z1 = W1 @ x + b1",
        "z₁ = W₁·x + b₁",
        [
            part(*product, t["W1"], t["x"], t["a1"], summed=("i",)),
            part("+", "entrywise", t["a1"], t["b1"], t["z1"]),
        ],
    )
    make.step(
        "forward",
        1,
        t["h1"],
        "h1 = np.maximum(z1, 0)",
        "h₁ = ReLU(z₁)",
        [
            part("ReLU", "apply", t["z1"], None, t["h1"], layout="prefix"),
        ],
    )
    make.step(
        "forward",
        2,
        t["f"],
        "f = W2 @ h1 + b2",
        "f = W₂·h₁ + b₂",
        [
            part(*product, t["W2"], t["h1"], t["a2"], summed=("j",)),
            part("+", "entrywise", t["a2"], t["b2"], t["f"]),
        ],
    )
    make.step(
        "loss",
        None,
        t["L"],
        "L = 0.5 * np.sum((y - f) ** 2)",
        "L = ½‖f − y‖²",
        [
            part("−", "entrywise", t["f"], t["y"], t["r"]),
            part("½Σ(·)²", "reduce", t["r"], None, t["L"], summed=("k", "n"), layout="prefix"),
        ],
    )
    make.step(
        "backward",
        2,
        t["df"],
        "df = f - y",
        "∂L/∂f = f − y",
        [
            part("−", "entrywise", t["f"], t["y"], t["df"]),
        ],
        of="f",
    )
    make.step(
        "backward",
        2,
        t["dW2"],
        "dW2 = df @ h1.T",
        "∂L/∂W₂ = ∂L/∂f · h₁ᵀ",
        [
            part("ᵀ", "transpose", t["h1"], None, h1T, layout="postfix"),
            part(*product, t["df"], h1T, t["dW2"], "right", ("n",)),
        ],
        of="W2",
        reference="eq. (14)",
    )
    make.step(
        "backward",
        2,
        t["db2"],
        "db2 = df.sum(axis=1, keepdims=True)",
        "∂L/∂b₂ = ∂L/∂f · 1",
        [
            part(*product, t["df"], ones, t["db2"], "right", ("n",)),
        ],
        of="b2",
    )
    make.step(
        "backward",
        2,
        t["dh1"],
        "dh1 = W2.T @ df",
        "∂L/∂h₁ = W₂ᵀ · ∂L/∂f",
        [
            part("ᵀ", "transpose", t["W2"], None, W2T, layout="postfix"),
            part(*product, W2T, t["df"], t["dh1"], "left", ("k",)),
        ],
        of="h1",
    )
    make.step(
        "backward",
        1,
        t["dz1"],
        "dz1 = dh1 * (z1 > 0)",
        "∂L/∂z₁ = 𝟙(z₁>0) ⊙ ∂L/∂h₁",
        [
            part("𝟙(·>0)", "apply", t["z1"], None, m, layout="prefix"),
            part(*entrywise, m, t["dh1"], t["dz1"], "left"),
        ],
        of="z1",
    )
    make.step(
        "backward",
        1,
        t["dW1"],
        "dW1 = dz1 @ x.T",
        "∂L/∂W₁ = ∂L/∂z₁ · xᵀ",
        [
            part("ᵀ", "transpose", t["x"], None, xT, layout="postfix"),
            part(*product, t["dz1"], xT, t["dW1"], "right", ("n",)),
        ],
        of="W1",
        reference="eq. (17)",
    )
    make.step(
        "backward",
        1,
        t["db1"],
        "db1 = dz1.sum(axis=1, keepdims=True)",
        "∂L/∂b₁ = ∂L/∂z₁ · 1",
        [
            part(*product, t["dz1"], ones, t["db1"], "right", ("n",)),
        ],
        of="b1",
    )
    program = Program(tuple(make.steps), "row" if row else "column")
    return Tape(program, make.arrays, gradients, loss)
