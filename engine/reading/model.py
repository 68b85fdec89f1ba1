"""The tape as a person reads it: immutable descriptions, no arrays and no markup.

Everything here is derived from the program alone (never from a list of known nets), so one description
serves the text printer, the JSON of ``chainstep show`` and the painters of the terminal app.
Numbers are reached through the tape: ``tape.array(term)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.ir import Role, Source

Phase = Literal["forward", "loss", "backward"]
Side = Literal["left", "right"]
Layout = Literal["infix", "prefix", "postfix"]
Kind = Literal["product", "contraction", "entrywise", "reduce", "running", "apply", "transpose", "index", "same"]


@dataclass(frozen=True, slots=True)
class Term:
    """One matrix as it stands in a step: a quantity, a transposed operand, a mask, a vector of ones.

    ``symbol`` is mathematics (``W₂ᵀ``), ``numpy`` the same thing as code (``W2.T``).
    ``name`` is the Python identifier where the term is a quantity, a parameter, a data array or a constant.
    ``axes`` are names such as ``("h1", "n")``, None where nothing is known; ``letters`` are the index letters
    under which this operand is read in its part (``("j", "n")``), one per axis.
    ``value`` addresses the array; it is None for a vector of ones that is a token and no array.
    """

    symbol: str
    numpy: str
    name: str | None
    role: Role
    shape: tuple[int, ...]
    axes: tuple[str | None, ...]
    letters: tuple[str, ...]
    value: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """One operation inside a step, always readable as one row of matrices.

    ``layout`` says how the row is written:
    ``infix``    left operator right = result      (``∂L/∂z₁ · xᵀ = ∂L/∂W₁``)
    ``prefix``   operator left = result            (``ReLU z₁ = h₁``, ``exp s = e``, ``½Σ(·)² r = L``); right is None
    ``postfix``  left operator = result            (``x ᵀ = xᵀ``); right is None
    ``kind`` says how a cell of the result comes about:
    ``product``    sum over the shared index ``summed`` (matrix product; a bias gradient is a product with ones)
    ``contraction`` sum of products over the indices ``summed`` (einsum), which the letters of the operands name
    ``entrywise``  one entry of each operand (⊙ + − ÷ and comparisons), broadcasting included
    ``reduce``     one operand summed (or its maximum taken) over the axes with letters ``summed``
    ``running``    everything up to that place (cumsum)
    ``apply``      a function of one entry
    ``transpose`` / ``index`` / ``same``  entries are moved, picked, or taken over unchanged
    ``factor`` tells which operand is the local factor of the chain rule, None in the forward pass.
    """

    id: str
    numpy: str
    operator: str
    layout: Layout
    kind: Kind
    left: Term
    right: Term | None
    result: Term
    factor: Side | None
    summed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One fraction of the chain on paper, ``∂f/∂h₁``, and the step that multiplies it on."""

    text: str
    step: str


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the operator chain. Factors carry their shape and the step that applies them.

    ``kind``: ``factor`` (``W₂ᵀ``), ``operator`` (``⊙``, belongs to the same step as its factor), ``bracket``.
    """

    text: str
    kind: Literal["factor", "operator", "bracket"]
    step: str | None
    shape: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The factors from the loss to one gradient, on paper and as operators.

    ``paper`` links stand in the order in which they are multiplied on; several paths (fan-out) are joined
    by links with the text ``+`` and an empty step. ``"".join(t.text for t in operators)`` is the formula.
    """

    target: str
    target_step: str
    paper: tuple[Link, ...]
    operators: tuple[Token, ...]

    @property
    def paper_text(self) -> str:
        """``∂L/∂f · ∂f/∂h₁``."""
        text = " · ".join(link.text for link in self.paper)
        return text.replace(" · + · ", " + ").replace(" · − · ", " − ")

    @property
    def operators_text(self) -> str:
        """``W₂ᵀ · ∂L/∂f``."""
        return "".join(token.text for token in self.operators)


@dataclass(frozen=True, slots=True)
class Step:
    """One named quantity comes into being.

    ``id`` is F1, F2, ... (forward and loss together) or B1, B2, ... ``quantity`` is the identifier (``dW1``),
    ``of`` the value that a gradient belongs to (``W1``), None in the forward pass. ``lines`` are the NumPy
    lines whose execution gives the quantity, bit for bit. ``reference`` is the notes' equation if the file
    names one. ``main`` is the index of the part shown when the step is entered with ``n`` (the last one). ``place`` is
    what the layer is called.
    """

    id: str
    phase: Phase
    layer: int | None
    quantity: str
    of: str | None
    symbol: str
    result: Term
    lines: tuple[str, ...]
    formula: str
    reference: str | None
    source: Source | None
    parts: tuple[Part, ...]
    place: str = ""

    @property
    def layer_text(self) -> str:
        """``layer 2``, or ``time step 2`` where rounds have the same weights; empty where there is no layer."""
        return self.place or ("" if self.layer is None else f"layer {self.layer}")

    @property
    def main(self) -> int:
        """Index of the last part, whose result is the step's quantity."""
        return len(self.parts) - 1


@dataclass(frozen=True, slots=True)
class Stop:
    """One quantity on the network strip, with the parameters and the operation on the edge that leads to it.

    ``x─────W₁ b₁────→z₁─relu────→h₁`` is the stops x, z₁ (parameters W₁, b₁), h₁ (label ``relu``).
    ``forward`` and ``backward`` are the ids of the steps that make the quantity and its gradient, or None.
    Parameters are (symbol, id of the step that makes their gradient). ``origin`` is what the edge starts from where
    that is not the stop before it: three products with one x are a fan (empty: from nothing but parameters).
    """

    symbol: str
    label: str
    parameters: tuple[tuple[str, str | None], ...]
    forward: str | None
    backward: str | None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """One number inside a term of an entry: ``∂L/∂z₁[1,n]`` is 1.62."""

    symbol: str
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Entry:
    """How one cell came about, or (for an operand) where it goes.

    ``heading`` is symbolic (``∂L/∂W₁[1,1] = Σₙ ∂L/∂z₁[1,n]·xᵀ[n,1]``), ``note`` says what the index runs over
    or why there is no sum. ``terms`` are the products that are added up; each term is a tuple of factors.
    ``join`` is how factors of one term are combined (``·``, ``+``, ``−``, ``/``, or a function name such as
    ``exp`` for one factor). ``value`` is the exact entry. ``remarks`` are sentences of meaning
    (``z₁[1,0] ≤ 0: the unit was off, the gradient stops here``; the unit of a gradient).
    ``lit`` lists, per operand "left"/"right"/"result", the row and column to light: (row|None, column|None).
    """

    heading: str
    note: str
    join: str
    terms: tuple[tuple[Factor, ...], ...]
    summed: str | None
    value: float | int | bool | None
    remarks: tuple[str, ...]
    lit: tuple[tuple[str, int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the four ways to multiply two matrices: does it fit, and if not why not."""

    text: str
    shapes: str
    fits: bool
    reason: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to *why a transpose?*: shapes, verdict, index, in this order.

    For a step without a matrix product ``candidates`` is empty and ``instead`` says in sentences what the step does.
    """

    requirement: str
    candidates: tuple[Candidate, ...]
    verdict: str
    decided: bool
    forward: str
    derivative: str
    neighbours: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Idiom:
    """One step as NumPy: its lines, shapes like ``(4×5)(5×2) → (4×2)``, formula, einsum (or None), rule text."""

    convention: str
    layout: str
    lines: tuple[str, ...]
    shapes: str
    formula: str
    einsum: str | None
    rule: str
