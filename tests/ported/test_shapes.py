"""Indices, reshaping, repeating, joining and cutting.

The cases are those of test_numpy.py and of the shape part of test_systematic.py of HIPS/autograd (MIT licence); the
tests are our own. Shapes of a hundred entries and more are cut.
"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np

import engine
from tests.ported.cases import Case, case, each, is_right

ORDERS = [None, (0, 1, 2), (0, 2, 1), (2, 0, 1), (2, 1, 0), (1, 0, 2), (1, 2, 0)]
INDICES = [
    case("three numbers", lambda x: x[2, 0, 1], (3, 4, 2)),
    case("slices, one of them backwards", lambda x: x[::-1, 2:4, :], (3, 4, 2)),
    case("a list and slices", lambda x: x[[0, 1, 2], :, :], (3, 4, 2)),
    case("a number, a slice, a list", lambda x: x[2, 2:, [1, 0]], (3, 4, 2)),
    case("a slice of a vector", lambda x: x[2:4], (5,)),
    case("two overlapping slices", lambda x: x[::-1, 1:3, :] + x[::-1, 2:4, :], (3, 4, 2)),
    case("a slice of a slice", lambda x: x[2:6][1:3], (7,)),
    case("a list with a repeat", lambda x: x[[0, 0]], (3,)),
    case("a list with a repeat apart", lambda x: x[[0, 1, 0]], (3,)),
    case("the product of two slices", lambda x: np.dot(x[:2], x[2:]), (4,)),
    case("half of a split", lambda x: np.split(x, 2)[0], (10,)),
]
RESHAPED = [
    case("reshape with a tuple", lambda x: x.reshape((6, 4)), (3, 4, 2)),
    case("np.reshape", lambda x: np.reshape(x, (6, 4)), (3, 4, 2)),
    case("reshape with numbers", lambda x: x.reshape(6, 4), (3, 4, 2)),
    case("ravel method", lambda x: x.ravel(), (3, 4, 2)),
    case("np.ravel", lambda x: np.ravel(x), (3, 4, 2)),
    case("flatten", lambda x: x.flatten(), (3, 4, 2)),
    case("np.squeeze", lambda x: np.squeeze(x), (5, 1, 4)),
    case("squeeze method", lambda x: x.squeeze(), (5, 1, 4)),
    case("expand_dims", lambda x: np.expand_dims(x, 2), (5, 1, 4)),
    case("T", lambda x: x.T, (5, 5)),
    *(case(f"transpose {axes}", partial(np.transpose, axes=axes), (2, 3, 4)) for axes in ORDERS),
    *(
        case(f"swapaxes {i} {j}", partial(np.swapaxes, axis1=i, axis2=j), (3, 2, 4))
        for i, j in itertools.product(range(3), range(3))
    ),
]
MOVED = [
    case("flipud", lambda x: np.flipud(x), (4, 5)),
    case("fliplr", lambda x: np.fliplr(x), (4, 5)),
    case("roll", lambda x: np.roll(x, 2, axis=1), (4, 5)),
    case("roll of all entries", lambda x: np.roll(x, 2), (4, 5)),
    *(case(f"tril {k}", partial(np.tril, k=k), s) for k in (-1, 0, 1, 2) for s in [(5, 5), (3, 3, 2)]),
    *(case(f"triu {k}", partial(np.triu, k=k), s) for k in (-1, 0, 1, 2) for s in [(5, 5), (3, 3, 2)]),
    *(case(f"diag {k}", partial(np.diag, k=k), s) for k in (-1, 0, 1) for s in [(5, 5), (5,)]),
    case("diagonal", lambda x: np.diagonal(x), (4, 4)),
    *(
        case(f"repeat {times} {axis}", partial(np.repeat, repeats=times, axis=axis), s)
        for times in (1, 2)
        for axis in (None, 0, 1)
        for s in [(2, 3, 4), (3, 1), (5, 3)]
    ),
    case("repeat no times", lambda x: np.repeat(x, 0).sum() + x, (3,)),
    case("repeat of a vector", lambda x: np.repeat(x, 2, axis=0), (5,)),
    case("tile of four axes", lambda x: np.tile(x, (1, 4, 1, 2)), (2, 1, 3, 1)),
    *(case(f"tile {t}", partial(np.tile, reps=t), (1, 2)) for t in [(1, 2), (2, 3), (3, 2, 1)]),
    *(case(f"tile {t}", partial(np.tile, reps=t), (1,)) for t in [(2,), 2]),
    case("pad", lambda x: np.pad(x, ((1, 0), (2, 1))), (2, 3)),
]
JOINED = [
    case("concatenate with data", lambda x: np.concatenate((np.ones((2, 3)), x)), (4, 3)),
    case("concatenate between data", lambda x: np.concatenate((np.ones((3, 2)), x, np.ones((3, 2)))), (3, 2)),
    case("concatenate with the axis unnamed", lambda x: np.concatenate((x, x, x), 1), (3, 2)),
    case("concatenate vectors", lambda x, y: np.concatenate([x, y]), (1,), (3,)),
    *(
        case(f"concatenate along {axis}", lambda x, y, axis=axis: np.concatenate((x, y), axis=axis), s, s)
        for s in [(2, 2), (2, 2, 2)]
        for axis in range(len(s))
    ),
    case("vstack of vectors", lambda x, y: np.vstack((x, y)), (2,), (2,)),
    case("vstack of matrices", lambda x, y: np.vstack((x, y)), (2, 4), (1, 4)),
    case("vstack of three axes", lambda x, y: np.vstack((x, y)), (2, 3, 4), (1, 3, 4)),
    case("hstack of vectors", lambda x, y: np.hstack((x, y)), (2,), (2,)),
    case("hstack of matrices", lambda x, y: np.hstack((x, y)), (3, 4), (3, 5)),
    case("hstack of three axes", lambda x, y: np.hstack((x, y)), (2, 1, 4), (2, 3, 4)),
    *(case(f"stack {axis}", lambda x, y, axis=axis: np.stack((x, y), axis=axis), (2,), (2,)) for axis in (0, 1)),
    case("stack of one", lambda x: np.stack((x,)), (2,)),
    case("array of numbers", lambda x: np.array([x, x * 1.0, x + 2.5]), ()),
    case("array of numbers twice", lambda x: np.array([x, x * 1.0, x + 2.5]) * np.array([x, x, x]), ()),
    case("array of numbers in rows", lambda x: np.array([[x, x * 1.0, x + 2.5], [x**2, x, x / 2.0]]), ()),
    case("array of one number", lambda x: np.array(x), ()),
    case("array of arrays", lambda x: np.array([x, x]), (3, 2)),
    case("array of arrays in rows", lambda x: np.array([[2 * x, x + 1], [x, x]]), (3, 2)),
    case("column_stack of vectors", lambda x, y: np.column_stack((x, y)), (2,), (2,)),
    case("column_stack of matrices", lambda x, y: np.column_stack((x, y)), (2, 2), (2, 2)),
]
CUT = [
    *(case(f"split {n} {axis}", partial(np.split, indices_or_sections=n, axis=axis), s)
      for s, sections in [((4, 8), (4, [1, 2])), ((4, 4, 2), (2, [1, 2]))]
      for n in sections for axis in range(2)),
    *(case(f"split into one {s}", lambda x: np.split(x, 1), s) for s in [(1,), (7,)]),
    *(case(f"vsplit {n}", lambda x, n=n: np.vsplit(x, n), s) for s in [(4, 8), (4, 4, 2)] for n in (2, [1, 2])),
    *(case(f"hsplit {n}", lambda x, n=n: np.hsplit(x, n), s) for s in [(4, 8), (4, 4, 2)] for n in (2, [1, 2])),
    *(case(f"array_split {n} {axis}", partial(np.array_split, indices_or_sections=n, axis=axis), s)
      for s in [(7, 7), (5, 3, 2)] for n in (4, [1, 2]) for axis in range(2)),
    *(case(f"array_split of a vector {n}", partial(np.array_split, indices_or_sections=n), (7,)) for n in (1, 3)),
]  # fmt: skip


@each([*INDICES, *RESHAPED, *MOVED, *JOINED, *CUT])
def test_what_moves_entries_gives_their_gradients_back(case: Case) -> None:
    """Every entry's gradient arrives at the place it came from, added up where the entry was used more than once."""
    is_right(case)


def test_an_array_knows_its_length() -> None:
    """``len(x)`` inside loss is the number of rows."""

    def rows(x: np.ndarray) -> np.ndarray:
        assert len(x) == 3
        return x

    is_right(case("len", rows, (3, 2)))


def test_a_gradient_has_the_dtype_of_its_parameter() -> None:
    """A float32 parameter that is used as float64 has a float32 gradient."""
    params = {"x": np.arange(3, dtype="float32")}
    tape = engine.trace(lambda x: np.sum(np.sin(x.astype("float64"))), params, {}).run(params, {})
    assert tape.gradients["x"].dtype == np.float32
    np.testing.assert_allclose(tape.gradients["x"], np.cos(np.arange(3)), rtol=1e-6)
