"""What depends on data alone may be read as plain numbers; with data that would read otherwise the program refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import holds
from tests.engine.test_refusals import line_marked

RNG = np.random.default_rng(11)
PARAMS = {"W": RNG.normal(size=(3, 2))}
DATA: dict[str, Any] = {"x": RNG.normal(size=(2, 5)), "y": np.array([0, 2, 1, 1, 0])}
OTHER: dict[str, Any] = {"x": -DATA["x"], "y": np.array([1, 0, 2, 2, 3])}


def one_hot_by_eye(x: Any, y: Any, W: Any) -> Any:
    Y = np.eye(3)[y].T  # here
    return np.sum((W @ x - Y) ** 2)


def counts_classes(x: Any, y: Any, W: Any) -> Any:
    K = int(y.max()) + 1  # here
    return np.sum(W @ x) / K


def branches_on_data(x: Any, y: Any, W: Any) -> Any:
    f = W @ x
    if x.sum() > 0:  # here
        return np.sum(f)
    return np.sum(f**2)


def sorts_data(x: Any, y: Any, W: Any) -> Any:
    order = np.argsort(y)  # here
    return np.sum((W @ x) * order)


def loops_over_labels(x: Any, y: Any, W: Any) -> Any:
    f = W @ x
    total = 0.0
    for n, k in enumerate(y.tolist()):  # here
        total = total + f[k, n]
    return total


def takes_a_plain_copy(x: Any, y: Any, W: Any) -> Any:
    plain = np.array(x.tolist())  # here
    return np.sum(W @ plain)


def masks_examples(x: Any, y: Any, W: Any) -> Any:
    return np.mean((W @ x).T[y == 0])  # here


def norm_of_data(x: Any, y: Any, W: Any) -> Any:
    scale = np.linalg.norm(x[:, y == 1])  # here
    return np.sum(W @ x) / scale


READING = [
    one_hot_by_eye, counts_classes, branches_on_data, sorts_data, loops_over_labels, takes_a_plain_copy, masks_examples,
    norm_of_data,
]  # fmt: skip


@pytest.mark.parametrize("loss", READING, ids=lambda f: f.__name__)
def test_reading_data_is_allowed_and_the_gradient_is_right(loss: Callable[..., Any]) -> None:
    holds(loss, PARAMS, DATA)


@pytest.mark.parametrize("loss", READING, ids=lambda f: f.__name__)
@pytest.mark.parametrize("reading", ["as written", "mirror", "unfused", "unfused mirror"])
def test_data_that_would_read_otherwise_are_refused(loss: Callable[..., Any], reading: str) -> None:
    """The message names the line where the value was read and says what to do; the program is not run."""
    program = engine.trace(loss, PARAMS, DATA)
    try:
        program = program.mirror() if "mirror" in reading else program
    except engine.MirrorError:
        return
    program = program.unfused() if "unfused" in reading else program
    assert program.run(PARAMS, DATA).loss == pytest.approx(loss(**PARAMS, **DATA), rel=1e-12)
    with pytest.raises(engine.RunError) as caught:
        program.run(PARAMS, OTHER)
    assert Path(caught.value.file or "").name == "test_frozen_data.py"
    assert caught.value.line == line_marked(loss)
    assert "Trace again" in caught.value.cure


@pytest.mark.parametrize("loss", READING, ids=lambda f: f.__name__)
def test_data_that_read_the_same_are_taken(loss: Callable[..., Any]) -> None:
    """What was read has to be equal; the parameters, and whatever else was not read, may be different."""
    program = engine.trace(loss, PARAMS, DATA)
    other = {"W": PARAMS["W"] * 2 + 1}
    assert program.run(other, DATA).loss == loss(**other, **DATA)


def test_shapes_are_no_reads() -> None:
    """``len``, ``.shape``, ``.size``, ``.ndim`` and ``np.zeros_like`` freeze nothing."""

    def loss(x: Any, W: Any) -> Any:
        total = np.zeros_like(np.ones((3, 1)))
        for n in range(x.shape[1]):
            total = total + W @ x[:, n : n + 1]
        return np.sum(total**2) / len(x) / x.size / np.ndim(x) / np.shape(x)[0]

    data, other = {"x": DATA["x"]}, {"x": OTHER["x"]}
    program = engine.trace(loss, PARAMS, data)
    assert program.run(PARAMS, other).loss == loss(**PARAMS, **other)


def test_labels_used_as_an_index_are_no_reads() -> None:
    """Integer labels may change: ``p[y, np.arange(n)]`` is recorded as it stands."""

    def loss(x: Any, y: Any, W: Any) -> Any:
        f = W @ x
        return np.sum(f[y, np.arange(5)])

    program = engine.trace(loss, PARAMS, DATA)
    other = {"x": DATA["x"], "y": np.array([2, 2, 0, 1, 1])}
    assert program.run(PARAMS, other).loss == loss(**PARAMS, **other)


def test_a_label_out_of_range_is_refused_in_a_sentence() -> None:
    def loss(x: Any, y: Any, W: Any) -> Any:
        return np.sum((W @ x)[y, np.arange(5)])

    program = engine.trace(loss, PARAMS, DATA)
    with pytest.raises(engine.RunError):
        program.run(PARAMS, OTHER)


def test_a_mask_that_depends_on_a_parameter_may_change_but_not_how_many_it_picks() -> None:
    """The number of picked entries is a shape of the program."""

    def loss(x: Any, W: Any) -> Any:
        f = W @ x
        return np.sum(f[f > 0] ** 2)  # here

    data = {"x": DATA["x"]}
    holds(loss, PARAMS, data)
    program = engine.trace(loss, PARAMS, data)
    flipped = {"W": np.abs(PARAMS["W"])}
    count = [int(np.sum(p["W"] @ data["x"] > 0)) for p in (PARAMS, flipped)]
    assert count[0] != count[1]
    with pytest.raises(engine.RunError) as caught:
        program.run(flipped, data)
    assert caught.value.line == line_marked(loss)


def test_positions_that_are_assigned_to_may_change_where_a_number_is_written() -> None:
    """The margins of an SVM: the label's own entry is set to zero, whatever the label; other values are fixed."""

    def margins(x: Any, y: Any, W: Any) -> Any:
        f = W @ x
        h = np.maximum(0, f - f[y, np.arange(5)] + 1)
        h[y, np.arange(5)] = 0
        return np.sum(h)

    def moved(x: Any, y: Any, W: Any) -> Any:
        h = W @ x
        h[y, np.arange(5)] = h[0] * 2  # here
        return np.sum(h**2)

    other = {"x": DATA["x"], "y": np.array([1, 0, 2, 2, 1])}
    holds(margins, PARAMS, DATA)
    assert engine.trace(margins, PARAMS, DATA).run(PARAMS, other).loss == margins(**PARAMS, **other)
    holds(moved, PARAMS, DATA)
    with pytest.raises(engine.RunError):
        engine.trace(moved, PARAMS, DATA).run(PARAMS, other)


def test_an_in_place_mask_may_change_freely() -> None:
    """``h[h < 0] = 0`` holds for every parameter: it is no read."""

    def loss(x: Any, W: Any) -> Any:
        h = W @ x
        h[h < 0] = 0
        return np.sum(h**2)

    data = {"x": DATA["x"]}
    program = engine.trace(loss, PARAMS, data)
    for scale in (1.0, -1.0, 0.3):
        other = {"W": PARAMS["W"] * scale}
        assert program.run(other, data).loss == loss(**other, **data)
