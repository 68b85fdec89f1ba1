"""A tape is what ran, read-only, without copies; its program runs again on like arrays and refuses others."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.oracle import Array, lines_give_the_values, values_of

RNG = np.random.default_rng(4)
PARAMS = {
    "W1": RNG.normal(size=(4, 3)), "b1": RNG.normal(size=(4, 1)),
    "W2": RNG.normal(size=(2, 4)), "b2": RNG.normal(size=(2, 1)),
}  # fmt: skip
DATA = {"x": RNG.normal(size=(3, 5)), "y": RNG.normal(size=(2, 5))}


def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = W1 @ x + b1
    h1 = np.maximum(z1, 0)
    f = W2 @ h1 + b2
    return np.mean((f - y) ** 2)


@pytest.fixture
def program() -> engine.Program:
    return engine.trace(loss, PARAMS, DATA)


def test_values_are_found_by_name_step_and_symbol(program: engine.Program) -> None:
    tape = program.run(PARAMS, DATA)
    np.testing.assert_array_equal(tape["h1"], np.maximum(PARAMS["W1"] @ DATA["x"] + PARAMS["b1"], 0))
    assert np.array_equal(tape["F2"], tape["h1"])
    assert np.array_equal(tape["∂L/∂W₁"], tape["dW1"])
    assert "dW1" in tape
    assert "nothing" not in tape
    assert tape.program is program


def test_a_name_that_is_not_there_lists_the_nearest(program: engine.Program) -> None:
    with pytest.raises(engine.LookupFailed) as caught:
        program.run(PARAMS, DATA)["dW3"]
    assert "dW1" in caught.value.nearest or "dW2" in caught.value.nearest
    assert "dW3" in str(caught.value)


def test_the_loss_is_a_number_and_the_gradients_go_by_parameter(program: engine.Program) -> None:
    tape = program.run(PARAMS, DATA)
    assert type(tape.loss) is float
    assert tape.loss == float(loss(**PARAMS, **DATA))
    assert set(tape.gradients) == set(PARAMS)
    for name, gradient in tape.gradients.items():
        assert gradient.shape == PARAMS[name].shape
        assert np.array_equal(gradient, tape[f"d{name}"])


def test_every_array_is_read_only(program: engine.Program) -> None:
    """Nothing a reader does can change what was recorded."""
    tape = program.run(PARAMS, DATA)
    handed = [*values_of(tape).values(), *tape.gradients.values()]
    handed += [tape.array(t) for s in program.steps for p in s.parts for t in (p.left, p.right, p.result) if t]
    for array in handed:
        assert isinstance(array, np.ndarray)
        assert not array.flags.writeable
        if array.size:
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_parameters_and_data_are_not_copied_and_stay_writable(program: engine.Program) -> None:
    params, data = {k: v.copy() for k, v in PARAMS.items()}, {k: v.copy() for k, v in DATA.items()}
    tape = program.run(params, data)
    for name, array in {**params, **data}.items():
        assert np.shares_memory(tape[name], array)
        assert array.flags.writeable


def test_running_never_writes_to_what_it_is_given(program: engine.Program) -> None:
    """Arrays that cannot be written to are taken, too."""
    params, data = {k: v.copy() for k, v in PARAMS.items()}, {k: v.copy() for k, v in DATA.items()}
    for array in (*params.values(), *data.values()):
        array.flags.writeable = False
    engine.trace(loss, params, data).run(params, data)
    program.mirror().run(params, data)


def test_a_frame_is_a_tuple_of_arrays_that_the_collector_need_not_visit(program: engine.Program) -> None:
    """A thousand recorded passes cost the garbage collector nothing."""
    tape = program.run(PARAMS, DATA)
    assert type(tape.frame) is tuple
    gc.collect()
    assert not gc.is_tracked(tape.frame)
    assert all(isinstance(a, np.ndarray | np.generic) for a in tape.frame)


def test_a_frame_keeps_no_array_twice(program: engine.Program) -> None:
    """The quantities and the leaves, each once; gradients that equal another array are that array."""

    def passes_on(x: Any, W: Any) -> Any:
        f = W @ x
        g = f + 1
        return np.sum(g**2)

    for made, params, data in ((program, PARAMS, DATA), (None, {"W": PARAMS["W1"]}, {"x": DATA["x"]})):
        used = made or engine.trace(passes_on, params, data)
        frame = used.run(params, data).frame
        owners = {id(a.base if getattr(a, "base", None) is not None else a): a for a in frame}
        unique = sum(a.nbytes for a in owners.values())
        names = len(used.plans) + len(params) + len(data)
        assert len(frame) <= names + sum(len(p.temporaries) for p in used.plans)
        assert unique <= sum(a.nbytes for a in frame)


def test_passes_do_not_share_what_they_compute(program: engine.Program) -> None:
    first = program.run(PARAMS, DATA)
    kept = {name: array.copy() for name, array in values_of(first).items()}
    program.run({k: v * 2 for k, v in PARAMS.items()}, {k: v + 1 for k, v in DATA.items()})
    for name, array in values_of(first).items():
        np.testing.assert_array_equal(array, kept[name])


def test_the_shown_lines_are_what_ran(program: engine.Program) -> None:
    """Executed in a fresh namespace with np and the leaves, they give every value bit for bit, in every reading."""
    for reading in (program, program.unfused(), program.mirror(), program.mirror().unfused()):
        for scale in (1.0, -0.7):
            lines_give_the_values(reading.run({k: v * scale for k, v in PARAMS.items()}, DATA))


def test_the_source_is_a_program_of_its_own(program: engine.Program) -> None:
    """``source()`` is the whole pass as NumPy text: running it is running the tape."""
    tape = program.run(PARAMS, DATA)
    scope: dict[str, Any] = {"np": np, **PARAMS, **DATA}
    exec(program.source(), scope)
    for step in program.steps:
        np.testing.assert_array_equal(scope[step.quantity], tape[step.quantity])
        for line in step.lines:
            assert line in program.source()


def test_what_stands_inside_a_line_can_be_looked_at(program: engine.Program) -> None:
    """Operands of every part are there with the shape that the part says, and fit the NumPy text of the part."""
    tape = program.run(PARAMS, DATA)
    scope: dict[str, Any] = {"np": np, **{n: a.copy() for n, a in values_of(tape).items()}}
    for step in program.steps:
        for part in step.parts:
            for term in (part.left, part.right, part.result):
                if term is None:
                    continue
                assert tape.array(term).shape == term.shape
                if term.value is not None and term.numpy.isascii() and term.numpy:
                    try:
                        shown = eval(term.numpy, scope)
                    except NameError:
                        continue
                    np.testing.assert_allclose(np.broadcast_to(shown, term.shape), tape.array(term), rtol=1e-12)


@pytest.mark.parametrize(
    ("params", "data", "said"),
    [
        ({"W1": np.ones((4, 4))}, {}, "W1 is float64 of shape (4, 4)"),
        ({"W1": PARAMS["W1"].astype(np.float32)}, {}, "W1 is float32"),
        ({"b1": np.ones(4)}, {}, "b1 is float64 of shape (4,)"),
        ({"b1": [[1.0]] * 4}, {}, "b1 is a list"),
        ({}, {"x": np.ones((3, 6))}, "x is float64 of shape (3, 6)"),
        ({}, {"x": np.ones((3, 5), int)}, "x is int64"),
        ({}, {"y": 3.0}, "y is a float"),
    ],
)
def test_other_arrays_are_refused_by_name(
    program: engine.Program, params: dict[str, Any], data: dict[str, Any], said: str
) -> None:
    """Another shape, another dtype or no array at all: named, never computed with."""
    for reading in (program, program.mirror()):
        with pytest.raises(engine.RunError) as caught:
            reading.run({**PARAMS, **params}, {**DATA, **data})
        assert said in caught.value.reason or reading is not program


def test_missing_arrays_are_refused_by_name(program: engine.Program) -> None:
    with pytest.raises(engine.RunError, match="W2 is missing"):
        program.run({k: v for k, v in PARAMS.items() if k != "W2"}, DATA)
    with pytest.raises(engine.RunError, match="x is missing"):
        program.run(PARAMS, {"y": DATA["y"]})


def test_a_missing_nested_array_is_refused_by_its_path() -> None:
    def nested(layers: Any) -> Any:
        return np.sum(layers[0]["W"] ** 2) + np.sum(layers[1]["W"])

    params = {"layers": [{"W": PARAMS["W1"]}, {"W": PARAMS["W2"]}]}
    program = engine.trace(nested, params, {})
    with pytest.raises(engine.RunError) as caught:
        program.run({"layers": [{"W": PARAMS["W1"]}]}, {})
    assert "layers[1]['W'] is missing" in caught.value.reason


def test_more_arrays_than_needed_do_not_matter(program: engine.Program) -> None:
    tape = program.run({**PARAMS, "extra": np.ones(3)}, {**DATA, "z": np.ones(1)})
    assert tape.loss == float(loss(**PARAMS, **DATA))


@pytest.mark.parametrize("shape", [(1, 1), (1,), ()])
def test_a_loss_of_any_shape_with_one_entry_is_accepted(shape: tuple[int, ...]) -> None:
    def one(W1: Any, x: Any) -> Any:
        total = np.sum((W1 @ x) ** 2)
        return total.reshape(shape).reshape(shape)

    params, data = {"W1": PARAMS["W1"]}, {"x": DATA["x"]}
    tape = engine.trace(one, params, data).run(params, data)
    assert tape.loss == float(np.sum((PARAMS["W1"] @ DATA["x"]) ** 2))
    assert tape[tape.program.names[tape.program.loss]].shape == shape
    np.testing.assert_allclose(tape["dW1"], 2 * PARAMS["W1"] @ DATA["x"] @ DATA["x"].T, rtol=1e-12)


def test_a_loss_kept_as_a_matrix_by_the_sums() -> None:
    def kept(W1: Any, x: Any) -> Any:
        return np.mean(np.sum(np.tanh(W1 @ x), axis=0, keepdims=True), axis=1, keepdims=True)

    params, data = {"W1": PARAMS["W1"]}, {"x": DATA["x"]}
    tape = engine.trace(kept, params, data).run(params, data)
    z: Array = PARAMS["W1"] @ DATA["x"]
    np.testing.assert_allclose(tape["dW1"], (1 - np.tanh(z) ** 2) @ DATA["x"].T / 5, rtol=1e-12)


def test_values_that_are_not_finite_are_recorded_and_located() -> None:
    """NaN and infinities are shown, not hidden; the first step that holds one is named."""

    def overflows(x: Any, W1: Any) -> Any:
        z = W1 @ x
        h = np.exp(z * 1e4)
        return np.sum(h / (1 + h))

    params, data = {"W1": np.abs(PARAMS["W1"])}, {"x": np.abs(DATA["x"])}
    tape = engine.trace(overflows, params, data).run(params, data)
    assert np.isnan(tape.loss)
    assert tape.first_not_finite() == "F2"
    assert engine.trace(loss, PARAMS, DATA).run(PARAMS, DATA).first_not_finite() is None


def test_a_recorded_program_keeps_no_stand_in_alive() -> None:
    """What the tape hands out are plain NumPy arrays."""
    tape = engine.trace(loss, PARAMS, DATA).run(PARAMS, DATA)
    assert {type(a) for a in values_of(tape).values()} == {np.ndarray}


def test_the_trace_leaves_the_callers_arrays_alone() -> None:
    params, data = {k: v.copy() for k, v in PARAMS.items()}, {k: v.copy() for k, v in DATA.items()}
    engine.trace(loss, params, data).run(params, data)
    for mine, given in ((params, PARAMS), (data, DATA)):
        for name, array in given.items():
            np.testing.assert_array_equal(mine[name], array)


def test_captured_arrays_are_copied_when_recorded() -> None:
    """Changing a captured array afterwards does not change what the program computes."""
    scale = np.array([[2.0], [3.0], [0.5], [1.0]])

    def scaled(W1: Any, x: Any) -> Any:
        return np.sum(scale * (W1 @ x))

    params, data = {"W1": PARAMS["W1"]}, {"x": DATA["x"]}
    program = engine.trace(scaled, params, data)
    before = program.run(params, data).loss
    scale[...] = 0
    assert program.run(params, data).loss == before
