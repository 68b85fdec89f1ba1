"""Arrays that a loss makes and fills: the gradient flows through what was written into them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import holds

PARAMS = {"W": np.array([[0.5, -0.3, 0.8], [-0.7, 0.4, 0.1]])}
DATA = {"x": np.array([[1.4, 0.2], [-0.8, 0.6], [0.5, -1.1]])}


def filled_row_by_row(x: Any, W: Any) -> Any:
    out = np.zeros((2, 2))
    for i in range(2):
        out[i] = np.tanh(W[i] @ x)
    return np.sum(out**2)


def filled_entry_by_entry(x: Any, W: Any) -> Any:
    out = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = W[i] @ x[:, j]
    return np.sum(np.exp(out))


def accumulated(x: Any, W: Any) -> Any:
    total = np.zeros((2, 2))
    for k in range(3):
        total += np.outer(W[:, k], x[k])
    return np.sum(total**2)


def accumulated_in_places(x: Any, W: Any) -> Any:
    total = np.zeros(4)
    for k in range(3):
        total[k : k + 2] += W[:, k] * x[k]
    return np.sum(total**2)


def like_another(x: Any, W: Any) -> Any:
    h = np.zeros_like(W)
    h[0] = W[1] ** 2
    ones = np.ones_like(x)
    ones *= np.sum(W)
    return np.sum(h) + np.sum(ones * x)


def full_of_a_number(x: Any, W: Any) -> Any:
    scale = np.full((2, 3), 0.5)
    scale -= W
    return np.sum(scale**2)


def an_array_of_numbers(x: Any, W: Any) -> Any:
    both = np.array([np.sum(W), np.sum(W**2), 0.5])
    return np.sum(both**2)


def an_array_of_rows(x: Any, W: Any) -> Any:
    turned = np.array([[W[1, 0], W[0, 0]], [W[1, 1], W[0, 1]]])
    return np.sum((turned @ x[:2]) ** 2) + np.sum(np.asarray([W[0], W[1] * 2]))


def an_ordinary_array_that_grows(x: Any, W: Any) -> Any:
    total = np.array([[0.1, 0.2], [0.3, 0.4]])
    total += W @ x
    return np.sum(total**2)


FILLING = [
    filled_row_by_row, filled_entry_by_entry, accumulated, accumulated_in_places, like_another, full_of_a_number,
    an_array_of_numbers, an_array_of_rows, an_ordinary_array_that_grows,
]  # fmt: skip


@pytest.mark.parametrize("loss", FILLING, ids=lambda f: f.__name__)
def test_what_is_written_into_a_new_array_has_its_gradient(loss: Callable[..., Any]) -> None:
    """Loss and gradients are those of the plain function, and the printed lines give every value again."""
    holds(loss, PARAMS, DATA)


def test_an_array_of_whole_numbers_stays_an_ordinary_one() -> None:
    """Counters, positions and masks are computed with as before."""

    def loss(x: Any, W: Any) -> Any:
        counts = np.zeros(3, dtype=int)
        counts[np.array([0, 2])] += 1
        assert isinstance(counts, np.ndarray)
        return np.sum(W[:, counts])

    holds(loss, PARAMS, DATA)


def test_numpy_is_as_it_was_after_a_recording_and_in_other_threads() -> None:
    """Nobody but the recorded file, in its own thread, gets anything but ordinary arrays; a refusal changes nothing."""
    before = np.zeros, np.ones, np.empty, np.array, np.full_like
    seen: list[Any] = []

    def elsewhere() -> None:
        seen.append(np.zeros(2))

    def loss(x: Any, W: Any) -> Any:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return np.sum(W) + float(np.sum(W))

    with pytest.raises(engine.TraceError):
        engine.trace(loss, PARAMS, {})
    assert all(type(array) is np.ndarray for array in seen)
    assert before == (np.zeros, np.ones, np.empty, np.array, np.full_like)


def test_a_second_name_for_the_array_that_grows_is_noticed() -> None:
    """``+=`` on an ordinary array changes what every name of it holds; where that matters the loss is refused."""

    def loss(x: Any, W: Any) -> Any:
        total = np.array([[0.1, 0.2], [0.3, 0.4]])
        other = total
        total += W @ x
        return np.sum(other * W[:, :2])

    with pytest.raises(engine.TraceError, match="plain arrays"):
        engine.trace(loss, PARAMS, DATA)


def test_random_numbers_drawn_through_numpy_are_still_refused() -> None:
    """Compiled code that makes arrays for itself is left alone."""

    def loss(x: Any, W: Any) -> Any:
        return np.sum(W @ x * np.random.rand(2, 2))  # noqa: NPY002

    with pytest.raises(engine.TraceError, match="from run to run"):
        engine.trace(loss, PARAMS, DATA)
