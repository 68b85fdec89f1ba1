"""Products of numbers, vectors, matrices and stacks of matrices in all of NumPy's spellings.

The cases are those of test_numpy.py and of the product part of test_systematic.py of HIPS/autograd (MIT licence); the
tests are our own.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.ported.cases import Case, case, each, is_right

STACKS = [((3,), (3,)), ((3,), (3, 4)), ((3,), (2, 3, 4)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((2, 3), (2, 3, 4)),
          ((2, 2, 3), (3,)), ((2, 2, 3), (3, 4)), ((2, 2, 3), (2, 3, 4))]  # fmt: skip
CASES = [
    *(case("matmul", np.matmul, *pair) for pair in STACKS),
    *(case("@", lambda a, b: a @ b, *pair) for pair in STACKS),
    *(case("dot", np.dot, a, b) for a in [(), (3,), (2, 3)] for b in [(), (3,), (3, 4)] if a or b),
    *(case("dot", np.dot, a, (3,)) for a in [(2, 2, 3)]),
    case("dot method", lambda x, y: x.dot(y), (4, 5), (5,)),
    case("dot of a matrix and a transpose", lambda x, y: np.dot(x, y.T), (4, 5), (4, 5)),
    case("dot with a number", lambda x: np.dot(x, 0.7), (4, 5)),
    *(case("inner", np.inner, *pair) for pair in [((3,), (3,)), ((3,), (4, 3)), ((2, 3), (3,)), ((2, 3), (4, 3))]),
    case("outer", lambda x, y: np.outer(x, y), (5,), (4,)),
    case("outer of transposed vectors", lambda x, y: np.outer(x.T, y.T), (5,), (4,)),
    *(
        case("tensordot (1,) (0,)", partial(np.tensordot, axes=[(1,), (0,)]), a, b)
        for a in [(1, 3), (2, 3, 2)]
        for b in [(3,), (3, 1), (3, 4, 2)]
    ),
    *(
        case("tensordot (0,) (1,)", partial(np.tensordot, axes=[(0,), (1,)]), a, b)
        for a in [(3,), (3, 1), (3, 4, 2)]
        for b in [(1, 3), (2, 3, 2)]
    ),
    *(
        case(f"tensordot {axes}", partial(np.tensordot, axes=axes), a, b)
        for axes in ([(0, 1), (1, 2)], [(1, 0), (2, 1)])
        for a in [(2, 3), (2, 3, 4)]
        for b in [(1, 2, 3), (2, 2, 3, 4)]
    ),
    *(
        case(f"tensordot {axes}", partial(np.tensordot, axes=axes), a, b)
        for axes in (1, 2)
        for a in [(2, 2), (4, 2, 2)]
        for b in [(2, 2), (2, 2, 4)]
    ),
    case("tensordot 0", partial(np.tensordot, axes=0), (4,), ()),
    case("tensordot from behind", partial(np.tensordot, axes=[[-1], [0]]), (2, 6), (6, 3)),
    case("tensordot by position", lambda x: np.tensordot(x * np.ones((2, 2)), x * np.ones((2, 2)), 2), ()),
    *(case("einsum ij->ji", lambda x: np.einsum("ij->ji", x), s) for s in [(1, 1), (4, 4), (3, 4)]),
    case("einsum ij,jk->ik", partial(np.einsum, "ij,jk->ik"), (2, 3), (3, 4)),
    case("einsum ijk,lji->lki", partial(np.einsum, "ijk,lji->lki"), (3, 4, 4), (4, 4, 3)),
    case("einsum of three", partial(np.einsum, "ijk,lji,li->lki"), (3, 2, 2), (2, 2, 3), (2, 3)),
]


@each(CASES)
def test_a_product_has_the_right_gradient(case: Case) -> None:
    """Both factors are parameters; leading axes broadcast, and their gradients are summed again."""
    is_right(case)
