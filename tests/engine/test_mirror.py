"""The other convention is the same mathematics: same loss, every matrix transposed, or a reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import holds, mirrored, values_of
from tests.engine.test_refusals import line_marked

RNG = np.random.default_rng(8)
LABELS = np.array([0, 2, 1, 1, 0])
COLUMN = {
    "params": {
        "W1": RNG.normal(size=(4, 3)), "b1": RNG.normal(size=(4, 1)),
        "W2": RNG.normal(size=(3, 4)), "b2": RNG.normal(size=(3, 1)),
    },
    "data": {"x": RNG.normal(size=(3, 5)), "y": RNG.normal(size=(3, 5))},
}  # fmt: skip
ROW = {
    "params": {
        "W1": RNG.normal(size=(3, 4)), "b1": RNG.normal(size=(1, 4)),
        "W2": RNG.normal(size=(4, 3)), "b2": RNG.normal(size=(1, 3)),
    },
    "data": {"x": RNG.normal(size=(5, 3)), "y": RNG.normal(size=(5, 3))},
}  # fmt: skip
FLAT_BIAS = {
    "params": {**ROW["params"], "b1": RNG.normal(size=4), "b2": RNG.normal(size=3)},
    "data": ROW["data"],
}


def column(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.maximum(W1 @ x + b1, 0)
    return np.mean((W2 @ h + b2 - y) ** 2)


def row(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.maximum(x @ W1 + b1, 0)
    return np.mean((h @ W2 + b2 - y) ** 2)


def row_by_dot(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.tanh(x.dot(W1) + b1)
    return np.sum((np.dot(h, W2) + b2 - y) ** 2)


def row_with_transposed_weights(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.tanh(x @ W1.T.T + b1)
    return np.sum((h @ W2 + b2 - y) ** 2)


def column_in_place(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = W1 @ x
    h += b1
    h[h < 0] = 0
    f = W2 @ h + b2
    f[0] = 0.5 * f[1]
    f[1:, 2] = 1.0
    return np.sum((f - y) ** 2)


def column_softmax_one_hot(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    f = W2 @ np.maximum(W1 @ x + b1, 0) + b2
    p = np.exp(f - f.max(axis=0)) / np.exp(f - f.max(axis=0)).sum(axis=0, keepdims=True)
    Y = np.eye(3)[:, LABELS]
    return -np.sum(Y * np.log(p))


def row_softmax_picks(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    f = np.maximum(x @ W1 + b1, 0) @ W2 + b2
    s = f - f.max(axis=1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(5), LABELS])


def column_softmax_picks(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    f = W2 @ np.maximum(W1 @ x + b1, 0) + b2
    e = np.exp(f)
    p = e / e.sum(axis=0, keepdims=True)
    return -np.mean(np.log(p[LABELS, np.arange(x.shape[1])]))


def column_slices(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.tanh(W1 @ x + b1)
    left, right = h[:2], h[2:, ::-1]
    return np.sum(left * right) + np.sum(h[:, 1]) + h[0, -1] + np.sum(h[[0, 2]]) + np.sum(h[..., 0] ** 2)


def column_reductions(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = W1 @ x + b1
    spread = h.max(axis=0) - h.min(axis=0)
    return np.sum(spread**2) + np.sum(h.sum(axis=1) ** 2) + np.sum(np.mean(h, axis=0, keepdims=True)) + h.max()


def column_standardised(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z = W1 @ x + b1
    mu = z.mean(axis=1, keepdims=True)
    var = np.mean((z - mu) ** 2, axis=1, keepdims=True)
    n = (z - mu) / np.sqrt(var + 1e-3)
    return np.sum((W2 @ n + b2 - y) ** 2)


def column_where(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z = W1 @ x + b1
    h = np.where((z > 0) & (z < 5), z, 0.01 * z)
    return np.sum(np.abs(W2 @ h + b2 - y))


def quadratic_form(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return np.sum((x.T @ W1.T) * (x.T @ W2)) + np.sum(W1**2) + np.sum(b1 * b1)


MIRRORED: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (column, COLUMN, "column"),
    (row, ROW, "row"),
    (row, FLAT_BIAS, "row"),
    (row_by_dot, ROW, "row"),
    (row_by_dot, FLAT_BIAS, "row"),
    (row_with_transposed_weights, ROW, "row"),
    (column_in_place, COLUMN, "column"),
    (column_softmax_one_hot, COLUMN, "column"),
    (row_softmax_picks, ROW, "row"),
    (row_softmax_picks, FLAT_BIAS, "row"),
    (column_softmax_picks, COLUMN, "column"),
    (column_slices, COLUMN, "column"),
    (column_reductions, COLUMN, "column"),
    (column_standardised, COLUMN, "column"),
    (column_where, COLUMN, "column"),
    (quadratic_form, COLUMN, "row"),
]
IDS = [f"{f.__name__}{' flat' if given is FLAT_BIAS else ''}" for f, given, _ in MIRRORED]


@pytest.mark.parametrize(("loss", "given", "convention"), MIRRORED, ids=IDS)
def test_the_other_convention_has_the_same_loss_and_transposed_gradients(
    loss: Callable[..., Any], given: dict[str, Any], convention: str
) -> None:
    tape = holds(loss, given["params"], given["data"])
    assert tape.program.convention == convention
    assert tape.program.as_written
    other = mirrored(tape, given["params"], given["data"])
    assert other.program.convention == {"column": "row", "row": "column"}[convention]
    assert not other.program.as_written


@pytest.mark.parametrize(("loss", "given", "convention"), MIRRORED, ids=IDS)
def test_every_value_is_transposed(loss: Callable[..., Any], given: dict[str, Any], convention: str) -> None:
    """Not only the gradients: h₁ is h₁ᵀ, under the same name."""
    program = engine.trace(loss, given["params"], given["data"])
    tape = program.run(given["params"], given["data"])
    other = program.mirror().run(given["params"], given["data"])
    mine, theirs = values_of(tape), values_of(other)
    assert [program.names[p.quantity] for p in program.plans] == [
        other.program.names[p.quantity] for p in other.program.plans
    ]
    for plan in program.plans:
        own, turned = mine[program.names[plan.quantity]], theirs[program.names[plan.quantity]]
        if own.ndim == 1 and turned.ndim == 2:
            own = own[None]
        np.testing.assert_allclose(turned, own.T, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("loss", "given", "convention"), MIRRORED, ids=IDS)
def test_the_mirror_image_of_the_mirror_image_is_the_program(
    loss: Callable[..., Any], given: dict[str, Any], convention: str
) -> None:
    program = engine.trace(loss, given["params"], given["data"])
    assert program.mirror().mirror() is program
    assert program.mirror() is program.mirror()
    tape = program.run(given["params"], given["data"])
    again = program.mirror().mirror().run(given["params"], given["data"])
    for name, gradient in tape.gradients.items():
        np.testing.assert_array_equal(again.gradients[name], gradient)


def test_a_flat_bias_becomes_a_column() -> None:
    """A bias of shape (H,) stands beside rows by itself; beside columns it has to be (H, 1)."""
    program = engine.trace(row, FLAT_BIAS["params"], FLAT_BIAS["data"]).mirror()
    shapes = {p.name: p.shape for p in program.parameters}
    assert shapes == {"W1": (4, 3), "b1": (4, 1), "W2": (3, 4), "b2": (3, 1)}
    assert "z1 = W1 @ x + b1" in program.source()


def test_the_mirror_takes_the_arrays_of_the_file() -> None:
    """``run`` is given what the file has, in either convention; the tape shows it transposed."""
    program = engine.trace(column, COLUMN["params"], COLUMN["data"]).mirror()
    tape = program.run(COLUMN["params"], COLUMN["data"])
    for name, array in {**COLUMN["params"], **COLUMN["data"]}.items():
        np.testing.assert_array_equal(tape[name], array.T)


def test_without_a_product_the_convention_is_as_written() -> None:
    program = engine.trace(lambda a: np.sum(a**2), {"a": np.ones((2, 3))}, {})
    assert program.convention == "as-written"
    assert program.mirror().convention == "as-written"


# what has no mirror image


def reshaped(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = W1 @ x + b1
    flat = h.reshape(2, 10)  # here
    return np.sum(flat[0] * flat[1])


def ravelled(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = W1 @ x + b1
    flat = h.ravel()  # here
    return np.sum(flat[1:] * flat[:-1])


def picked_by_mask(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    mask = np.arange(20).reshape(4, 5) % 2 == 0
    some = (W1 @ x + b1)[mask]  # here
    return np.sum(some[1:] * some[:-1])


def three_axes(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = W1 @ x + b1
    apart = h[:, :, None] - h[:, None, :]  # here
    return np.sum(apart**2)


@pytest.mark.parametrize("loss", [reshaped, ravelled, picked_by_mask, three_axes], ids=lambda f: f.__name__)
def test_what_has_no_mirror_image_names_the_line_and_the_reason(loss: Callable[..., Any]) -> None:
    """The program itself is right; asked for the other convention it says which line stands in the way."""
    tape = holds(loss, COLUMN["params"], COLUMN["data"])
    with pytest.raises(engine.MirrorError) as caught:
        tape.program.mirror()
    assert caught.value.line == line_marked(loss)
    assert (caught.value.file or "").endswith("test_mirror.py")
    assert caught.value.reason
    assert caught.value.text
