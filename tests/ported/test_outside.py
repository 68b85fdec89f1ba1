"""Cases that chainstep does not record: each is refused with a reason, and none is answered wrongly.

The list is what remains of the cases of HIPS/autograd (MIT licence): derivatives of derivatives, complex numbers, FFT,
SciPy, forward mode and their own extension mechanism have no counterpart here and are left out; every function on real
arrays stands below.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import engine
from tests.ported.cases import Case, case, each, is_refused

SQUARE = (4, 4)
CASES = [
    # functions of entries
    *(case(f.__name__, f, (3, 2), between=between) for f, between in [
        (np.arccosh, (1.1, 4)), (np.arcsinh, (-0.9, 0.9)), (np.arctanh, (-0.9, 0.9)), (np.arccos, (-0.9, 0.9)),
        (np.arcsin, (-0.9, 0.9)), (np.deg2rad, (-2, 2)), (np.degrees, (-2, 2)), (np.rad2deg, (-2, 2)),
        (np.radians, (-2, 2)), (np.exp2, (-2, 2)), (np.fabs, (-2, 2)), (np.real, (-2, 2)), (np.real_if_close, (-2, 2)),
        (np.imag, (-2, 2)), (np.conj, (-2, 2)), (np.angle, (-2, 2)), (np.sinc, (0.2, 2)),
    ]),
    *(case(f.__name__, f, (3, 2), (3, 2), between=((-2, 2), (0.7, 1.9))) for f in [
        np.logaddexp2, np.mod, np.fmax, np.fmin, np.arctan2, np.hypot,
    ]),
    case("%", lambda a, b: a % b, (3, 2), (2,), between=((-2, 2), (0.7, 1.9))),
    # order
    case("sort", lambda a: np.sort(a), (7,)),
    *(case(f"partition {k}", partial(np.partition, kth=k), (7,)) for k in (0, 3, 6)),
    case("all", lambda a: np.all(a) * np.sum(a), (3,)),
    case("any", lambda a: np.any(a) * np.sum(a), (3,)),
    # arrays made of recorded values
    case("vstack of one matrix", lambda x: np.vstack(x), (2, 3)),
    case("hstack of one matrix", lambda x: np.hstack(x), (3, 2)),
    case("linspace", lambda x, y: np.linspace(x, y, 5), (), ()),
    case("select", lambda a: np.select([a > 0], [a], default=1.1), (3, 4)),
    # shapes
    case("rot90", lambda a: np.rot90(a), (4, 5)),
    case("rollaxis", lambda a: np.rollaxis(a, 1, 0), (2, 3, 4)),
    case("kron", np.kron, (2, 2), (3, 3)),
    case("cross", np.cross, (3, 3), (3, 3)),
    *(case(f.__name__, f, (2, 4)) for f in (np.atleast_3d,)),
    case("trace beside the diagonal", lambda a: np.trace(a, offset=1), SQUARE),
    case("trace of three axes", lambda a: np.trace(a), (3, 4, 5)),
    case("dsplit", lambda a: np.dsplit(a, 2)[1], (2, 2, 4)),
    # products
    case("dot of three and two axes", np.dot, (2, 2, 3), (2, 3, 4)),
    case("einsum with an ellipsis", partial(np.einsum, "...ij,...jk->...ik"), (2, 2, 3), (2, 3, 4)),
    case("einsum, ellipsis behind", partial(np.einsum, "jk...,lj...->lk..."), (3, 2), (2, 3)),
    case("einsum with lists of axes", lambda a: np.einsum(a, (0, 1), (1, 0)), (3, 4)),
    case("einsum with a letter twice", partial(np.einsum, "ijk,lji,lli->lki"), (3, 4, 4), (4, 4, 3), (4, 4, 3)),
    # linear algebra
    *(case(f"norm of order {order}", partial(np.linalg.norm, ord=order), (6,), between=(0.2, 2)) for order in (3, 4)),
    case("nuclear norm", lambda a: np.linalg.norm(a, ord="nuc"), (4, 3)),
    case("inverse", lambda a: np.linalg.inv(a + 5 * np.eye(4)), SQUARE),
    case("solve", lambda a, b: np.linalg.solve(a + 5 * np.eye(4), b), SQUARE, (4, 2)),
    case("det", lambda a: np.linalg.det(a), SQUARE),
    case("slogdet", lambda a: np.linalg.slogdet(a + 5 * np.eye(4))[1], SQUARE),
    case("cholesky", lambda a: np.linalg.cholesky(a @ a.T + np.eye(4)), SQUARE),
    case("eigh", lambda a: np.linalg.eigh(a @ a.T)[0], SQUARE),
    case("svd", lambda a: np.linalg.svd(a, compute_uv=False), (5, 3)),
    case("pinv", lambda a: np.linalg.pinv(a), (4, 3)),
]  # fmt: skip


@each(CASES)
def test_what_is_not_recorded_is_refused(case: Case) -> None:
    """TraceError with a reason that is chainstep's own, and never a gradient."""
    assert is_refused(case)


def test_writing_into_an_argument_is_refused() -> None:
    """``A[1] = b`` on an argument would change the caller's array."""

    def loss(a: Any, b: Any) -> Any:
        a[1] = b
        return np.sum(a)

    with pytest.raises(engine.TraceError):
        engine.trace(loss, {"a": np.ones(5), "b": np.array(3.0)}, {})


@pytest.mark.parametrize("loss", [lambda x: x * 2, lambda x: 1.0, lambda x: np.allclose(x, x * 3.0 / 3.0)])
def test_a_loss_that_is_no_number_of_the_parameters_is_refused(loss: Any) -> None:
    """An array, a constant and a truth value have no gradient to show."""
    with pytest.raises(engine.TraceError):
        engine.trace(loss, {"x": np.zeros(2)}, {})


def test_an_assertion_on_parameters_is_refused() -> None:
    """``assert np.allclose(x, ...)`` reads numbers that depend on a parameter."""

    def loss(x: Any) -> Any:
        assert np.allclose(x, (x * 3.0) / 3.0)
        return np.sum(x)

    with pytest.raises(engine.TraceError):
        engine.trace(loss, {"x": np.array([1.0, 2.0, 3.0])}, {})


def test_whole_numbers_out_of_parameters_are_refused() -> None:
    """An index made of a parameter's own entries."""

    def loss(w: Any) -> Any:
        return w[:, :-1][np.int64(w[:, -1])].sum()

    with pytest.raises(engine.TraceError):
        engine.trace(loss, {"w": np.ones((5, 4))}, {})
