"""Parameters that loss finds in the file instead of its arguments: followed, or refused where they are views."""

from __future__ import annotations

import numpy as np
import pytest

import engine


def test_a_parameter_held_elsewhere_has_its_share_of_the_gradient():
    """A weight decay that takes W from the params dict of the file counts as much as the argument W."""
    params = {"W": np.array([[1.0, -2.0]]), "b": np.array([[0.5]])}
    data = {"x": np.array([[3.0], [4.0]])}

    def loss(x, W, b):
        return np.sum((W @ x + b) ** 2) + 0.1 * np.sum(params["W"] ** 2)

    own = params["W"]
    gradients = engine.trace(loss, params, data).run(params, data).gradients
    np.testing.assert_allclose(gradients["W"], 2 * -4.5 * data["x"].T + 0.2 * own, rtol=1e-14)
    assert params["W"] is own and type(own) is np.ndarray


def test_a_view_of_a_parameter_made_outside_is_refused_and_named():
    """It shares the numbers, so the plain loss changes with it; the recording cannot follow it."""
    params = {"W": np.array([[1.0, -2.0]]), "b": np.array([[0.5]])}
    turned, both = params["W"].T, (params["W"], params["b"])
    data = {"x": np.array([[3.0], [4.0]])}
    for loss in (
        lambda x, W, b: np.sum(W @ x) + np.sum(turned * x),
        lambda x: np.sum(turned * x),
        lambda x, b: np.sum(both[0] @ x + b),
    ):
        with pytest.raises(engine.TraceError, match=r"reads the parameter W past its arguments"):
            engine.trace(loss, params, data)


def test_the_test_for_it_leaves_every_number_as_it_was():
    """Looking for such reads changes the arrays for a moment only, even when loss raises meanwhile."""
    params = {"layers": [{"W": np.array([[1.0, -2.0]])}]}
    before = params["layers"][0]["W"].copy()
    view = params["layers"][0]["W"][0]

    def loss(x, layers):
        if view[0] != 1.0:
            raise ValueError("noticed")
        return np.sum(layers[0]["W"] @ x)

    with pytest.raises(engine.TraceError, match=r"layers\[0\]\['W'\]"):
        engine.trace(loss, params, {"x": np.array([[3.0], [4.0]])})
    np.testing.assert_array_equal(params["layers"][0]["W"], before)


def test_data_of_the_file_may_be_read_directly():
    """Only parameters matter to the gradient; a constant of the file is a constant."""
    scale = np.array([[2.0], [3.0]])
    program = engine.trace(lambda x, W: np.sum(W @ (scale * x)), {"W": np.ones((1, 2))}, {"x": np.ones((2, 1))})
    np.testing.assert_array_equal(program.recorded()["dW"], [[2.0, 3.0]])


def test_a_parameter_that_loss_does_not_take_has_gradient_zero():
    """It is shown with its zero gradient instead of being left out without a word."""
    program = engine.trace(
        lambda x, W: np.sum(W @ x), {"W": np.ones((1, 2)), "b": np.ones((3, 1))}, {"x": np.ones((2, 1))}
    )
    np.testing.assert_array_equal(program.recorded().gradients["b"], np.zeros((3, 1)))
    assert program.step("db").formula == "∂L/∂b = 0"


def test_whole_dicts_may_be_asked_for():
    """``loss(params, x)`` is an ordinary way of writing it."""
    program = engine.trace(lambda params, x: np.sum(params["W"] @ x), {"W": np.ones((1, 2))}, {"x": np.ones((2, 1))})
    np.testing.assert_array_equal(program.recorded().gradients["W"], [[1.0, 1.0]])
