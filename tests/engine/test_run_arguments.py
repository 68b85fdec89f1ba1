"""A program runs on other arrays of the same kind with the bits of the user's own lines, and refuses all others."""

from __future__ import annotations

import numpy as np
import pytest

import engine


def _softmax(f):
    e = np.exp(f - np.max(f, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def _by_one_hot(x, Y, W, b):
    z = x @ W + b
    p = _softmax(z)
    return -np.mean(np.log(np.sum(p * Y, axis=1)))


def _arrays(rng, examples=4):
    params = {"W": rng.normal(size=(3, 3)), "b": rng.normal(size=3)}
    return params, {"x": rng.normal(size=(examples, 3)), "Y": np.eye(3)[rng.integers(0, 3, examples)]}


def test_another_batch_gives_the_bits_of_the_plain_lines():
    """A program is traced once and run on every batch: z and the gradients are those of NumPy on that batch."""
    rng = np.random.default_rng(1)
    program = engine.trace(_by_one_hot, *_arrays(rng))
    params, data = _arrays(rng)
    tape = program.run(params, data)
    z = data["x"] @ params["W"] + params["b"]
    df = (_softmax(z) - data["Y"]) / 4
    assert tape["z"].tobytes() == z.tobytes()
    assert tape.gradients["W"].tobytes() == (data["x"].T @ df).tobytes()
    assert tape.gradients["b"].tobytes() == df.sum(axis=0).tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_another_layout_in_memory_gives_the_bits_of_the_plain_lines(dtype):
    """BLAS adds up in another order for other strides; a run on transposed, strided or reversed arrays follows the
    user's own spelling of the product, not a cheaper one that was equal for the traced arrays."""
    rng = np.random.default_rng(2)
    wide, weights = rng.normal(size=(68, 62)).astype(dtype), rng.normal(size=(34, 20)).astype(dtype)

    def loss(x, W):
        z = x @ W + 1
        return np.sum(z**2)

    program = engine.trace(loss, {"W": weights}, {"x": np.ascontiguousarray(wide[:34, :31].T)})
    for x in (wide[:34, :31].T, wide[::2, ::2].T, wide.reshape(62, 68)[::-2, :34]):
        assert program.run({"W": weights}, {"x": x})["z"].tobytes() == (x @ weights + 1).tobytes()
    assert program.run({"W": weights}, {"x": x})["W"].tobytes() == weights.tobytes()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param([0.0, 0.0, 0.0], id="no class"),
        pytest.param([1.0, 1.0, 0.0], id="two classes"),
        pytest.param([0.5, 0.5, 0.0], id="soft"),
        pytest.param([2.0, -1.0, 0.0], id="sums to one"),
        pytest.param([0.0, 2.0, 0.0], id="another number"),
        pytest.param([0.0, np.nan, 0.0], id="not a number"),
        pytest.param([np.inf, 1.0, -np.inf], id="infinite"),
    ],
)
def test_labels_that_are_no_longer_one_hot_are_refused_at_every_run(row):
    """The short form p − 𝟙(y) holds for one-hot labels only, so a run with others is refused instead of being wrong."""
    rng = np.random.default_rng(3)
    params, data = _arrays(rng)
    program = engine.trace(_by_one_hot, params, data)
    other = data["Y"].copy()
    other[2] = row
    with pytest.raises(engine.RunError, match="labels Y are no longer one-hot"):
        program.run(params, data | {"Y": other})


def test_labels_are_refused_where_only_their_number_is_right():
    """As many ones as examples, but two in one row and none in another."""
    params, data = _arrays(np.random.default_rng(4), examples=2)
    program = engine.trace(_by_one_hot, params, data)
    with pytest.raises(engine.RunError, match="one-hot"):
        program.run(params, data | {"Y": np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"W": np.ones((3, 2))}, r"W is float64 of shape \(3, 2\).*traced with .* \(3, 3\)", id="shape"),
        pytest.param({"W": np.ones((3, 3), np.float32)}, "W is float32 .*traced with float64", id="dtype"),
        pytest.param({"W": [[1.0, 0.0, 0.0]] * 3}, "W is a list, not a plain array", id="list"),
        pytest.param({"W": np.ma.masked_array(np.ones((3, 3)), True)}, "W is a MaskedArray", id="masked"),
        pytest.param({"W": None}, "W is a NoneType", id="nothing"),
    ],
)
def test_an_array_of_another_kind_is_refused_by_name(change, message):
    params, data = _arrays(np.random.default_rng(5))
    program = engine.trace(_by_one_hot, params, data)
    with pytest.raises(engine.RunError, match=message):
        program.run(params | change, data)


def test_an_array_that_is_missing_is_named():
    params, data = _arrays(np.random.default_rng(6))
    program = engine.trace(_by_one_hot, params, data)
    with pytest.raises(engine.RunError, match=r"^b is missing"):
        program.run({"W": params["W"]}, data)


def test_nested_parameters_are_found_where_they_were():
    """Lists and dicts of parameters are given to a run as to trace; what is missing is named in full."""
    rng = np.random.default_rng(7)

    def loss(x, layers):
        h = x
        for layer in layers:
            h = np.tanh(h @ layer["W"])
        return np.sum(h)

    def layers():
        return [{"W": rng.normal(size=(3, 3))}, {"W": rng.normal(size=(3, 3))}]

    data = {"x": rng.normal(size=(2, 3))}
    program = engine.trace(loss, {"layers": layers()}, data)
    again = layers()
    assert program.run({"layers": again}, data).loss == loss(layers=again, **data)
    with pytest.raises(engine.RunError, match=r"^layers\[1\]\['W'\] is missing"):
        program.run({"layers": again[:1]}, data)


def test_the_mirror_runs_on_the_arrays_of_the_file():
    """Either convention takes params and data as the file has them, and names misfits in the file's shapes."""
    params, data = _arrays(np.random.default_rng(8))
    mirror = engine.trace(_by_one_hot, params, data).mirror()
    other, data = _arrays(np.random.default_rng(9))
    np.testing.assert_allclose(mirror.run(other, data).loss, _by_one_hot(**data, **other), rtol=1e-12)
    with pytest.raises(engine.RunError, match=r"x is float64 of shape \(5, 3\).*\(4, 3\)"):
        mirror.run(other, data | {"x": np.ones((5, 3))})


def test_what_a_pass_makes_once_for_all_passes_is_safe_from_writing():
    """Constants are shared between passes, so nobody may write into them through a tape."""
    program = engine.trace(
        lambda x, W, V: np.sum(x @ W), {"W": np.ones((2, 2)), "V": np.ones((2, 2))}, {"x": np.ones((1, 2))}
    )
    params = {"W": np.ones((2, 2)), "V": np.ones((2, 2))}
    first = program.run(params, {"x": np.ones((1, 2))})
    with pytest.raises(ValueError, match="read-only"):
        first.gradients["V"][0, 0] = 1.0
    assert not program.run(params, {"x": np.ones((1, 2))}).gradients["V"].any()
