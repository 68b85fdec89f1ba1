"""Products: matrices, vectors, stacks of matrices, and sums of products over named indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.ir import Attributes
from engine.op import ATOM, PRODUCT, Op, Pattern, call2

if TYPE_CHECKING:
    from engine.ref import Ref

Gradients = tuple["Ref | None", ...]
_LAST = (("ellipsis",), ("new",))
_ROW = (("ellipsis",), ("new",), ("slice", None, None, None))
_FIRST_OF_LAST = (("ellipsis",), ("int", 0))


def matmul(g: Ref, y: Ref, a: Ref, b: Ref, turned: tuple[bool, bool] = (False, False)) -> Gradients:
    """Matrix, vector and inner products; a vector factor makes the other gradient an outer product.

    In a stack of matrices every product has this rule; what is shared by the stack is summed over it later. ``turned``
    tells of each operand whether the gradient is wanted of what it is the transpose of: for ``a @ w.T`` that of w is
    ``g.T @ a``, one product instead of a product and its transpose.
    """
    if any(turned):
        left = b @ g.matrix_T if turned[0] else g @ b.matrix_T
        return left, g.matrix_T @ a if turned[1] else a.matrix_T @ g
    if a.ndim > 2 or b.ndim > 2:
        return _stacked(g, a, b)
    if a.ndim == 2 and b.ndim == 2:
        return g @ b.T, a.T @ g
    if a.ndim == 2:
        return g.outer(b), a.T @ g
    if b.ndim == 2:
        return g @ b.T, a.outer(g)
    return g * b, g * a


def _stacked(g: Ref, a: Ref, b: Ref) -> Gradients:
    if b.ndim == 1:
        column = g.apply("getitem", index=_LAST)
        return column * b, column * a
    if a.ndim == 1:
        left = b @ g.apply("getitem", index=_LAST)
        return left.apply("getitem", index=_FIRST_OF_LAST), a.apply("getitem", index=_LAST) * g.apply(
            "getitem", index=_ROW
        )
    return g @ b.matrix_T, a.matrix_T @ g


def outer(g: Ref, y: Ref, a: Ref, b: Ref) -> Gradients:
    return g @ b, a @ g


def contraction(g: Ref, y: Ref, *operands: Ref, subscripts: str, **attributes: Any) -> Gradients:
    """A sum of products over named indices: the gradient is the same sum with the roles of the indices exchanged."""
    inputs, result = subscripts.split("->")
    letters = inputs.split(",")
    found: list[Ref | None] = []
    for position, own in enumerate(letters):
        if not operands[position].active:
            found.append(None)
            continue
        others = [k for k in range(len(letters)) if k != position]
        known = set(result).union(*(letters[k] for k in others))
        reachable = "".join(x for x in own if x in known)
        text = ",".join([result, *(letters[k] for k in others)]) + "->" + reachable
        made = g.contracted(text, *(operands[k] for k in others))
        # an index that only this operand has was summed by itself: every entry along it gets the same gradient
        gone = tuple(k for k, x in enumerate(own) if x not in known)
        if gone:
            made = made.apply("expand_dims", axis=gone[0] if len(gone) == 1 else gone)
        found.append(made)
    return tuple(found)


def vdot(g: Ref, y: Ref, a: Ref, b: Ref, **attributes: Any) -> Gradients:
    return g * b, g * a


def _einsum(attributes: Attributes) -> Pattern:
    count = attributes["subscripts"].count(",") + 1
    operands = ", ".join("{" + f"{k}:0" + "}" for k in range(count))
    return (f"np.einsum({attributes['subscripts']!r}, {operands})", ATOM)


def _tensordot(attributes: Attributes) -> Pattern:
    return (f"np.tensordot({{0:0}}, {{1:0}}, axes={attributes['over']})", ATOM)


TITLE = "products"
ROWS = [
    Op(
        "matmul",
        {
            "operator": ("{0:6} @ {1:7}", PRODUCT),
            "matmul": ("np.matmul({0:0}, {1:0})", ATOM),
            "dot": ("np.dot({0:0}, {1:0})", ATOM),
            "method": ("{0:9}.dot({1:0})", ATOM),
        },
        "matmul",
        matmul,
        ("{0:6} · {1:7}", PRODUCT),
        "·",
        calls=("a @ b", "np.matmul(a, b)", "np.dot(a, b)", "a.dot(b)"),
        linear="multilinear",
    ),
    Op(
        "outer",
        call2("np.outer"),
        "outer",
        outer,
        ("{0:6} · {1:7}ᵀ", PRODUCT),
        "⊗",
        calls=("np.outer(a, b)",),
        linear="multilinear",
    ),
    Op(
        "einsum",
        {"function": _einsum},
        "contraction",
        contraction,
        None,
        "Σ",
        calls=("np.einsum('ij,jk->ik', a, b)",),
        linear="multilinear",
    ),
    Op(
        "tensordot",
        {"function": _tensordot},
        "contraction",
        contraction,
        None,
        "Σ",
        calls=("np.tensordot(a, b, axes=1)",),
        linear="multilinear",
    ),
    Op(
        "inner",
        call2("np.inner"),
        "contraction",
        contraction,
        ("{0:6} · {1:7}ᵀ", PRODUCT),
        "Σ",
        calls=("np.inner(a, b)",),
        linear="multilinear",
    ),
    Op(
        "vdot",
        call2("np.vdot"),
        "contraction",
        vdot,
        ("{0:6} · {1:7}", PRODUCT),
        "Σ",
        calls=("np.vdot(a, b)",),
        linear="multilinear",
    ),
]
