"""What a person reads of the hand-made net (tests/tui/handmade.py), written down from the notes' own formulas."""

from __future__ import annotations

from dataclasses import dataclass

from engine.reading.model import Candidate, Chain, Entry, Factor, Idiom, Link, Stop, Token, Why

STRIP = (
    Stop("x", "", (), None, None),
    Stop("z₁", "", (("W₁", "B6"), ("b₁", "B7")), "F1", "B5"),
    Stop("h₁", "relu", (), "F2", "B4"),
    Stop("f", "", (("W₂", "B2"), ("b₂", "B3")), "F3", "B1"),
    Stop("L", "½‖f−y‖²", (), "F4", None),
)


def factor(text: str, step: str, *shape: int) -> Token:
    return Token(text, "factor", step, shape)


def operator(text: str, step: str) -> Token:
    return Token(f" {text} ", "operator", step, None)


OPEN, CLOSE = Token("(", "bracket", None, None), Token(")", "bracket", None, None)

# ∂L/∂W₁ = (𝟙(z₁>0) ⊙ (W₂ᵀ · ∂L/∂f)) · xᵀ
CHAIN = Chain(
    "W1",
    "B6",
    (Link("∂L/∂f", "B1"), Link("∂f/∂h₁", "B4"), Link("∂h₁/∂z₁", "B5"), Link("∂z₁/∂W₁", "B6")),
    (
        OPEN,
        factor("𝟙(z₁>0)", "B5", 4, 5),
        operator("⊙", "B5"),
        OPEN,
        factor("W₂ᵀ", "B4", 4, 2),
        operator("·", "B4"),
        factor("∂L/∂f", "B1", 2, 5),
        CLOSE,
        CLOSE,
        operator("·", "B6"),
        factor("xᵀ", "B6", 5, 3),
    ),
)

WHY = Why(
    "∂L/∂W₁ must have the shape of W₁: 4×3",
    (
        Candidate("∂L/∂z₁·x", "(4×5)(3×5)", False, "inner sizes differ", False),
        Candidate("x·∂L/∂z₁", "(3×5)(4×5)", False, "inner sizes differ", False),
        Candidate("∂L/∂z₁·xᵀ", "(4×5)(5×3)", True, "→ 4×3", True),
        Candidate("xᵀ·∂L/∂z₁", "(5×3)(4×5)", False, "inner sizes differ", False),
    ),
    "shapes alone decide it",
    True,
    "z₁[j,n] = Σᵢ W₁[j,i]⋅x[i,n] + b",
    "∂L/∂W₁[j,i] = Σₙ ∂L/∂z₁[j,n]⋅x[i,n]",
    "a product sums NEIGHBOURING indices; x[i,n] = xᵀ[n,i] puts n next to n",
    (),
)

IDIOMS = (
    Idiom(
        "column",
        "feature×batch",
        ("dW1 = dz1 @ x.T",),
        "(4×5)(5×3) → (4×3)",
        "∂L/∂W₁ = ∂L/∂z₁·xᵀ",
        "np.einsum('jn,ni->ji', …)",
        "A=BC ⇒ ∂B",
    ),
    Idiom(
        "row",
        "batch×feature",
        ("dW1 = x.T @ dz1",),
        "(3×5)(5×4) → (3×4)",
        "∂L/∂W₁ = xᵀ·∂L/∂z₁",
        "np.einsum('in,nj->ij', …)",
        "A=BC ⇒ ∂C",
    ),
)


def products(left: list[float], right: list[float], value: float) -> Entry:
    """An entry of ∂L/∂W₁ as a sum of products over the examples."""
    terms = tuple(
        (Factor("∂L/∂z₁", (1, n), a), Factor("xᵀ", (n, 1), b)) for n, (a, b) in enumerate(zip(left, right, strict=True))
    )
    return Entry(
        "∂L/∂W₁[1,1] = Σₙ ∂L/∂z₁[1,n]⋅xᵀ[n,1]",
        f"n = 0…{len(terms) - 1} runs over the examples",
        "⋅",
        terms,
        "n",
        value,
        ("unit: d(loss)/d(W1[1,1]) – nudge that weight by ε and L changes by -1.41⋅ε",),
        (),
    )


@dataclass
class Verdict:
    """One parameter's answer from a gradient check."""

    ok: bool = True
    max_rel_error: float = 3e-10
    method: str = "complex step"
    entries_checked: int = 12
    entries_total: int = 12
    near_kink: int = 0
    message: str = ""


@dataclass
class Report:
    """A gradient check that has finished."""

    results: dict[str, Verdict]
    message: str = ""
    ok: bool = True
