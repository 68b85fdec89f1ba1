"""Generators of products of vectors, matrices and stacks of matrices."""

from __future__ import annotations

from tests.fuzz.description import Statement
from tests.fuzz.maker import Maker, Variable
from tests.fuzz.registry import generator


def _small(maker: Maker, v: Variable) -> str:
    return maker.text(v)


@generator("matmul", weight=4.0)
def matmul(maker: Maker) -> Statement:
    """Matrix by matrix, matrix by vector, vector by vector, in every spelling."""
    a = maker.array(maker.choose([2, 2, 2, 1]))
    n = maker.choose(maker.sizes)
    if maker.chance(0.5):
        b = maker.matching((a.shape[-1], n) if maker.chance(0.7) else (a.shape[-1],))
        left, right = a, b
    else:
        b = maker.matching((n, a.shape[0]) if maker.chance(0.7) else (a.shape[0],))
        left, right = b, a
    spelled = maker.choose(["{} @ {}", "{} @ {}", "np.dot({}, {})", "np.matmul({}, {})", "({}).dot({})"])
    return maker.statement("matmul", [a, b], "{out} = " + spelled.format(maker.text(left), maker.text(right)))


@generator(weight=2.0)
def transposed_product(maker: Maker) -> Statement:
    a = maker.array(2)
    spelled = maker.choose(["{0} @ {0}.T", "{0}.T @ {0}", "np.dot({0}.T, {0})", "{0}.T.dot({0})"])
    return maker.statement("transposed_product", [a], "{out} = " + spelled.format(a.name))


@generator("matmul", weight=2.0)
def batched(maker: Maker) -> Statement:
    """Products of three and four dimensions, with broadcasting over the leading ones."""
    a = maker.array(maker.choose([3, 3, 4]))
    n = maker.choose(maker.sizes)
    lead = a.shape[:-2]
    lead = maker.choose([lead, lead, lead[1:], (), tuple(1 for _ in lead), (maker.choose([1, 2]), *lead)])
    if maker.chance(0.15):
        b = maker.matching((a.shape[-1],))
        return maker.statement("batched", [a, b], f"{{out}} = {a.name} @ {b.name}")
    if maker.chance(0.5):
        b = maker.matching((*lead, a.shape[-1], n))
        spelled = maker.choose(["{} @ {}", "np.matmul({}, {})"]).format(maker.text(a), b.name)
    else:
        b = maker.matching((*lead, n, a.shape[-2]))
        spelled = maker.choose(["{} @ {}", "np.matmul({}, {})"]).format(b.name, maker.text(a))
    return maker.statement("batched", [a, b], "{out} = " + spelled)


@generator(weight=0.5)
def dot_of_many(maker: Maker) -> Statement:
    """``np.dot`` outside the matrix product: with a number, and of more than two dimensions."""
    a = maker.array(maker.choose([1, 2, 3]))
    if maker.chance(0.4):
        b = maker.matching(())
        return maker.statement("dot_of_many", [a, b], f"{{out}} = np.dot({a.name}, {maker.choose([b.name, '0.5'])})")
    b = maker.matching((a.shape[-1],))
    return maker.statement("dot_of_many", [a, b], f"{{out}} = np.dot({a.name}, {b.name})")


@generator("outer")
def outer(maker: Maker) -> Statement:
    a, b = maker.array(1), maker.array(1)
    if maker.chance(0.2):
        a = maker.array(2)
        return maker.statement("outer", [a, b], f"{{out}} = np.outer({a.name}.ravel(), {b.name})")
    return maker.statement("outer", [a, b], f"{{out}} = np.outer({maker.text(a)}, {maker.text(b)})")


@generator("inner")
def inner(maker: Maker) -> Statement:
    a = maker.array(maker.choose([1, 2, 2]))
    n = maker.choose(maker.sizes)
    b = maker.matching((n, a.shape[-1]) if maker.chance(0.6) else (a.shape[-1],))
    return maker.statement("inner", [a, b], f"{{out}} = np.inner({maker.text(a)}, {maker.text(b)})")


@generator("vdot", weight=0.7)
def vdot(maker: Maker) -> Statement:
    a = maker.array()
    b = maker.matching(a.shape)
    return maker.statement("vdot", [a, b], f"{{out}} = np.vdot({maker.text(a)}, {maker.text(b)})")


@generator("tensordot")
def tensordot(maker: Maker) -> Statement:
    a = maker.array(maker.choose([1, 2, 3]))
    match maker.choose(["count", "lists", "none"]):
        case "count":
            k = int(maker.rng.integers(1, a.ndim + 1))
            b = maker.matching((*a.shape[a.ndim - k :], *maker.shape(maker.choose([0, 1]))))
            axes = f"axes={k}" if maker.chance(0.5) or k != 2 else ""
        case "lists":
            k = int(maker.rng.integers(1, a.ndim + 1))
            own = [int(i) for i in maker.rng.permutation(a.ndim)[:k]]
            extra = [maker.choose(maker.sizes) for _ in range(maker.choose([0, 1]))]
            places = [int(i) for i in maker.rng.permutation(k + len(extra))]
            sizes = [a.shape[i] for i in own] + extra
            shape = [0] * len(places)
            for place, size in zip(places, sizes, strict=True):
                shape[place] = size
            b = maker.matching(tuple(shape))
            axes = f"axes=({own}, {places[:k]})"
        case _:
            b = maker.matching(maker.shape(1))
            axes = "axes=0"
    return maker.statement(
        "tensordot", [a, b], f"{{out}} = np.tensordot({maker.text(a)}, {maker.text(b)}{', ' * bool(axes)}{axes})"
    )


EINSUMS = [
    "i->", "i->i", "ij->ji", "ij->i", "ij->j", "ij", "ji", "ijk->kij", "ijk->ik", "i,i->", "i,i->i", "i,j->ij", "i,j",
    "ij,jk->ik", "ij,jk", "ij,kj->ik", "ji,jk->ik", "ij,j->i", "i,ij->j", "ij,ij->ij", "ij,ij->", "ij,ij->i",
    "ij,j->ij", "bij,bjk->bik", "bij,jk->bik", "bhqd,bhkd->bhqk", "ijk,jil->kl", "ij,kl->ikjl", "ij,k->",
    "ij,jk,kl->il", "i,ij,j->", "ij,jk,ik->i", "bi,ij,bj->b", "ab , bc -> ac", "iJ,Jk->ki",
]  # fmt: skip


@generator("einsum", weight=2.0)
def einsum(maker: Maker) -> Statement | None:
    """One to three operands, with and without the arrow, with letters that only one operand has."""
    subscripts = maker.choose(EINSUMS)
    operands = subscripts.replace(" ", "").partition("->")[0].split(",")
    sizes: dict[str, int] = {}
    chosen: list[Variable] = []
    for letters in operands:
        known = [
            v
            for v in maker.variables.values()
            if v.real and v.ndim == len(letters) and all(
                sizes.get(c, n) == n for c, n in zip(letters, v.shape, strict=True)
            )
        ]  # fmt: skip
        if known and maker.chance(0.7):
            found = maker.choose(known)
        else:
            shape = tuple(sizes.get(c) or maker.choose(maker.sizes) for c in letters)
            found = maker.leaf(shape, maker.choose(["params", "params", "data"]))
        sizes |= dict(zip(letters, found.shape, strict=True))
        chosen.append(found)
    shown = ", ".join(maker.text(v) for v in chosen)
    return maker.statement("einsum", chosen, f'{{out}} = np.einsum("{subscripts}", {shown})')
