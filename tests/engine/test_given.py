"""What loss is given decides what is recorded: other plain values, or reads past the arguments, are never ignored."""

from __future__ import annotations

import numpy as np
import pytest

import engine


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape)


@pytest.mark.parametrize(
    ("before", "after"),
    [(0.1, 5.0), ("sum", "mean"), (None, np.ones(2)), ([1, 0], [0, 1]), ([ones(2)], [ones(2), ones(2)])],
    ids=["number", "string", "none", "list of numbers", "length of a list"],
)
def test_a_run_with_other_plain_values_is_refused(before: object, after: object) -> None:
    """A factor, a mode or the length of a list was written into the recording; a new one must not be ignored."""
    program = engine.trace(lambda W, extra: np.sum(W**2), {"W": ones(2)}, {"extra": before})
    assert program.run({"W": ones(2)}, {"extra": before}).loss == 2.0
    with pytest.raises(engine.RunError, match="extra"):
        program.run({"W": ones(2)}, {"extra": after})


def test_data_read_past_the_arguments_make_a_run_with_other_data_refused() -> None:
    """The file's own array is a constant of the recording, so only the same data may be run."""
    data = {"x": ones(2, 2)}
    program = engine.trace(lambda x, w: np.sum(x @ w) + np.sum(data["x"] * 2 * w), {"w": ones(2)}, data)
    assert program.run({"w": ones(2)}, {"x": ones(2, 2)}).loss == 12.0
    with pytest.raises(engine.RunError):
        program.run({"w": ones(2)}, {"x": 3 * ones(2, 2)})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.array([1, 2]), "array of int64"),
        (np.array([True]), "array of bool"),
        (2.0, "a float, not an array"),
        (np.array([1j]), "complex"),
        (np.ones(2, ">f8"), "byte order"),
        (np.ma.masked_array([1.0]), "MaskedArray"),
    ],
)
def test_a_parameter_that_is_no_float_array_is_refused_by_name(value: object, said: str) -> None:
    """No gradient is truncated to whole numbers, and none is left out without a word."""
    with pytest.raises(engine.TraceError, match=r"\bs (is|has) ") as refused:
        engine.trace(lambda s: np.sum(s * 1.0), {"s": value}, {})
    assert said in str(refused.value)


def test_complex_data_are_refused() -> None:
    """A real loss of complex data needs conjugates that no rule here has."""
    with pytest.raises(engine.TraceError, match="x is complex"):
        engine.trace(lambda W, x: np.sum(np.abs(W * x)), {"W": ones(2)}, {"x": np.array([1 + 2j, 1j])})


def test_leaving_the_program_inside_loss_is_a_sentence() -> None:
    """``sys.exit()`` in a file must not end the debugger."""

    def loss(W: np.ndarray) -> float:
        raise SystemExit(3)

    with pytest.raises(engine.TraceError, match="SystemExit"):
        engine.trace(loss, {"W": ones(2)}, {})


def test_a_question_finds_nobody_to_answer() -> None:
    """``input()`` inside loss is an error with its line, not a debugger that waits for ever."""

    def loss(W: np.ndarray) -> np.ndarray:
        return np.sum(W * float(input("scale? ")))

    with pytest.raises(engine.TraceError, match="EOFError"):
        engine.trace(loss, {"W": ones(2)}, {})
