"""The cursor in flat arrays, which stand as a column beside one matrix and lie as a row beside another."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import Tape
from tui.debugger import Debugger


def flat_net() -> tuple[Tape, Tape]:
    """One example without an axis of its own, z = W·x + b over flat x, b and z, in both conventions."""
    rng = np.random.default_rng(5)
    params = {"W1": rng.normal(size=(4, 3)), "b1": rng.normal(size=4), "W2": rng.normal(size=(2, 4))}
    data = {"x": rng.normal(size=3), "y": rng.normal(size=2)}

    def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any) -> Any:
        z1 = W1 @ x + b1
        h1 = np.maximum(z1, 0)
        f = W2 @ h1
        return 0.5 * np.sum((y - f) ** 2)

    program = engine.trace(loss, params, data)
    return program.run(params, data), program.mirror().run(params, data)


def test_between_a_matrix_and_a_vector_that_stands_the_row_is_kept() -> None:
    """W·x with a flat x: the result stands as a column beside W, so entry [3] is row 3 of the weight gradient."""
    start = Debugger.start(flat_net()[0])
    product = start.go_to("F1a")
    assert product.set_cell("result", 0, 3).entry_index == (3,)
    weights = product.set_cell("result", 0, 3).go_to("dW1")
    assert weights.entry_index[0] == 3
    assert weights.set_cell("result", 2, 1).go_to("F1a").entry_index == (2,)
    assert weights.set_cell("result", 2, 1).go_to("F1a").go_to("dW1").entry_index == (2, 1)


def test_along_vectors_the_entry_is_kept_whether_they_stand_or_lie() -> None:
    here = Debugger.start(flat_net()[0]).go_to("F1a").move_cursor(1, 0).move_cursor(1, 0)
    while here.step.id != "F2":
        assert here.entry_index == (2,)
        here = here.next_part()
    assert here.entry_index == (2,)
    assert here.previous_part().entry_index == (2,)


def test_the_other_convention_shows_the_same_entry_of_a_vector_and_v_comes_back_to_it() -> None:
    tape, mirrored = flat_net()
    for key in ("F1a", "z1", "h1", "db1", "dz1"):
        here = Debugger.start(tape).go_to(key).set_cell("result", 0, 3)
        other = here.flip(mirrored)
        assert sum(other.entry_index) == 3, "flat arrays are (H, 1) or (1, H) there"
        assert other.flip().entry_index == here.entry_index == (3,)
