"""The gradient check finds wrong gradients, passes right ones, and says what it compared, how, and what it left out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine.check import error_text
from engine.complexstep import ComplexStep
from engine.differences import CentralDifferences
from engine.suffix import Recorded
from tests.engine.oracle import Array, close, differences, traced

RNG = np.random.default_rng(17)
PARAMS = {
    "W1": RNG.normal(size=(4, 3)), "b1": RNG.normal(size=(4, 1)),
    "W2": RNG.normal(size=(2, 4)), "b2": RNG.normal(size=(2, 1)),
}  # fmt: skip
DATA = {"x": RNG.normal(size=(3, 5)), "y": RNG.normal(size=(2, 5)), "Y": np.eye(2)[:, [0, 1, 1, 0, 1]]}
Change = Callable[[Array], None]


def regression(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.maximum(W1 @ x + b1, 0)
    return np.mean((W2 @ h + b2 - y) ** 2)


def classification(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    f = W2 @ np.tanh(W1 @ x + b1) + b2
    e = np.exp(f - f.max(axis=0))
    return -np.sum(Y * np.log(e / e.sum(axis=0)))


def absolute(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return np.mean(np.abs(W2 @ np.tanh(W1 @ x + b1) + b2 - y))


def mixture(x: Any, y: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.where(W1 @ x + b1 > 0, W1 @ x + b1, 0.1 * (W1 @ x))
    h[0] = np.sqrt(h[1] ** 2 + 1)
    h = h / np.max(h, axis=0, keepdims=True) + np.min(h, axis=0)
    f = np.dot(W2, h).T + b2.ravel()
    g = np.outer(f[:, 0], f[0]) + np.square(f[1, 1]) ** 1.5
    return np.log(np.sum(np.exp(0.1 * g))) + np.sum(h[np.array([0, 1, 0]), 2] ** 3) + np.sum(2 ** h[1:, ::2])


def wrong(tape: engine.Tape, name: str, change: Change) -> engine.Tape:
    """The same tape with one array of its frame changed."""
    program = tape.program
    arrays = tape.kept()
    array = np.array(arrays[program.by_name[name]])
    change(array)
    arrays[program.by_name[name]] = array
    return engine.Tape(program, tuple(arrays.values()))


def scale_one(array: Array) -> None:
    array[(0,) * array.ndim] *= 1.001


def flip(array: Array) -> None:
    array *= -1


def to_zero(array: Array) -> None:
    array[...] = 0


def nudge(array: Array) -> None:
    array += 1e-6


@pytest.mark.parametrize("loss", [regression, classification, mixture, absolute], ids=lambda f: f.__name__)
@pytest.mark.parametrize("reading", ["as written", "mirror", "unfused"])
def test_right_gradients_pass_in_every_reading(loss: Callable[..., Any], reading: str) -> None:
    program = engine.trace(loss, PARAMS, DATA)
    if reading == "mirror":
        try:
            program = program.mirror()
        except engine.MirrorError:
            return
    program = program.unfused() if reading == "unfused" else program
    report = engine.check(program.run(PARAMS, DATA))
    assert report.ok
    assert set(report.results) == set(PARAMS)
    for name, verdict in report.results.items():
        assert verdict.ok
        assert verdict.entries_checked == verdict.entries_total == PARAMS[name].size
        assert verdict.near_kink == 0
        assert verdict.max_rel_error < (1e-6 if loss is absolute else 1e-12)
        assert verdict.method == ("central differences" if loss is absolute else "complex step")


@pytest.mark.parametrize("loss", [regression, classification, absolute], ids=lambda f: f.__name__)
@pytest.mark.parametrize("change", [scale_one, flip, to_zero, nudge], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ["dW1", "db1", "dW2", "db2"])
def test_a_wrong_gradient_is_found(loss: Callable[..., Any], change: Change, name: str) -> None:
    """One entry off by a thousandth, a sign, a zero, a shift in the sixth digit: that parameter fails, no other."""
    report = engine.check(wrong(traced(loss, PARAMS, DATA), name, change))
    assert not report.ok
    assert name[1:] in report.message
    for parameter, verdict in report.results.items():
        assert verdict.ok == (parameter != name[1:])
    verdict = report.results[name[1:]]
    assert verdict.max_rel_error > 1e-7
    assert "entry [" in verdict.message
    assert verdict.method in verdict.message


def test_the_message_names_the_worst_entry() -> None:
    def spoil(array: Array) -> None:
        array[2, 1] += 0.5

    tape = traced(regression, PARAMS, DATA)
    verdict = engine.check(wrong(tape, "dW1", spoil)).results["W1"]
    assert "entry [2, 1]" in verdict.message
    assert verdict.max_rel_error == pytest.approx(0.5 / np.abs(tape["dW1"]).max(), rel=1e-9)


def test_the_check_reads_no_gradient_rule() -> None:
    """Both methods give the derivative of the plain loss, found here by running it at neighbouring points."""
    for loss in (regression, classification, mixture, absolute):
        tape = traced(loss, PARAMS, DATA)
        recorded = Recorded(tape)
        expected = differences(loss, PARAMS, DATA)
        for parameter, right in zip(tape.program.parameters, expected, strict=True):
            flat = np.arange(right.size)
            methods = [CentralDifferences] if loss is absolute else [CentralDifferences, ComplexStep]
            for method in methods:
                slopes = method(recorded, parameter.index).entries(flat)
                assert not slopes.contested.any()
                tolerance = 1e-5 if method is CentralDifferences else 1e-7
                np.testing.assert_allclose(
                    slopes.slope.reshape(right.shape), right, rtol=0, atol=tolerance * max(1, np.abs(right).max())
                )


# kinks


def relu_of(x: Any, w: Any) -> Any:
    return np.sum(np.maximum(w * x, 0) * 3)


def test_an_entry_on_a_relus_kink_is_left_out_and_counted() -> None:
    """At exactly 0 the loss has no derivative: neither 0 nor 1 would be wrong, so nothing is compared."""
    w, x = np.array([[0.0, 1.0, -1.0, 0.0]]), np.array([[1.0, 2.0, 2.0, 1.0]])
    verdict = engine.check(traced(relu_of, {"w": w}, {"x": x})).results["w"]
    assert verdict.ok
    assert (verdict.near_kink, verdict.entries_checked, verdict.entries_total) == (2, 2, 4)
    assert "2 entries sit on kinks" in verdict.message


@pytest.mark.parametrize(
    "relu",
    [lambda z: z * (z > 0), lambda z: np.where(z > 0, z, 0), lambda z: np.minimum(-z, 0), lambda z: np.abs(z)],
)
def test_a_kink_is_seen_in_every_spelling(relu: Callable[[Any], Any]) -> None:
    w = np.array([[0.0, 1.0, -1.0]])
    verdict = engine.check(traced(lambda w: np.sum(relu(w)), {"w": w})).results["w"]
    assert verdict.ok
    assert verdict.near_kink == 1
    assert verdict.entries_checked == 2


def test_all_entries_on_a_kink_are_said_to_be_uncomparable() -> None:
    w = np.zeros((1, 3))
    verdict = engine.check(traced(lambda w: np.sum(np.maximum(w, 0)), {"w": w})).results["w"]
    assert verdict.near_kink == 3
    assert verdict.entries_checked == 0
    assert "nothing could be compared" in verdict.message


def test_a_dead_unit_at_zero_is_no_kink_for_entries_that_do_not_move_it() -> None:
    """Pixels that are zero leave z where it is: those entries are compared and right."""
    w, x = np.array([[0.0, 1.0]]), np.array([[0.0, 2.0]])
    verdict = engine.check(traced(relu_of, {"w": w}, {"x": x})).results["w"]
    assert verdict.near_kink == 0
    assert verdict.entries_checked == 2


def test_tied_maxima_that_cancel_are_compared_all_the_same() -> None:
    """All scores equal, as with zero weights: the shift of a softmax has a tie, but the loss has no kink."""
    params = {**PARAMS, "W2": np.zeros((2, 4)), "b2": np.zeros((2, 1))}
    report = engine.check(traced(classification, params, DATA))
    assert report.ok
    assert all(v.near_kink == 0 and v.entries_checked == v.entries_total for v in report.results.values())


def test_tied_maxima_that_matter_are_left_out() -> None:
    a = np.array([[1.0, 3.0], [1.0, 2.0]])
    verdict = engine.check(traced(lambda a: np.sum(a.max(axis=0)), {"a": a})).results["a"]
    assert verdict.ok
    assert verdict.near_kink == 2


def test_a_wrong_gradient_is_found_beside_entries_on_a_kink() -> None:
    w, x = np.array([[0.0, 1.0, -1.0, 0.5]]), np.array([[1.0, 2.0, 2.0, 1.0]])
    verdict = engine.check(wrong(traced(relu_of, {"w": w}, {"x": x}), "dw", flip)).results["w"]
    assert not verdict.ok
    assert verdict.near_kink == 1


# zeros and rounding


def test_a_gradient_that_is_zero_throughout_is_right_with_error_zero() -> None:
    params = {"a": RNG.normal(size=(2, 3)), "unused": RNG.normal(size=4)}
    report = engine.check(traced(lambda a, unused: np.sum(a**2), params))
    assert report.ok
    assert report.results["unused"].max_rel_error == 0
    assert report.results["unused"].entries_checked == 4


def test_a_zero_that_should_be_none_and_a_number_that_should_be_zero_are_wrong() -> None:
    params = {"a": RNG.normal(size=(2, 3)), "unused": np.ones(4)}
    tape = traced(lambda a, unused: np.sum(a**2), params)
    assert not engine.check(wrong(tape, "da", to_zero)).results["a"].ok
    verdict = engine.check(wrong(tape, "dunused", nudge)).results["unused"]
    assert not verdict.ok
    assert verdict.max_rel_error == np.inf


def test_contributions_that_cancel_to_zero_but_for_rounding_are_right() -> None:
    """A bias before a mean is taken away has gradient zero; 1e-17 in its place is rounding, not a mistake."""

    def standardised(x: Any, W1: Any, b1: Any) -> Any:
        z = W1 @ x + b1
        c = z - z.mean(axis=1, keepdims=True)
        n = c / np.sqrt(np.mean(c**2, axis=1, keepdims=True) + 1e-5)
        return np.sum(np.tanh(n) * np.arange(20).reshape(4, 5))

    def shared_shift(x: Any, b: Any) -> Any:
        f = np.array([[0.1], [0.7], [-1.3]]) @ x[:1] + b
        e = np.exp(f)
        return -np.sum(np.log((e / e.sum(axis=0))[0]))

    params = {"W1": PARAMS["W1"], "b1": PARAMS["b1"]}
    report = engine.check(traced(standardised, params, {"x": DATA["x"]}))
    assert report.ok
    assert np.abs(traced(standardised, params, {"x": DATA["x"]})["db1"]).max() < 1e-12
    report = engine.check(traced(shared_shift, {"b": np.array([[0.3]])}, {"x": DATA["x"]}))
    assert report.ok
    tape = traced(standardised, params, {"x": DATA["x"]})
    assert not engine.check(wrong(tape, "db1", nudge)).ok


def test_a_gradient_that_has_nearly_vanished_is_still_compared_digit_by_digit() -> None:
    """Tiny is not zero: a relative error of a thousandth is found in a gradient of 1e-12."""

    def vanishing(x: Any, W: Any) -> Any:
        h = x
        for _ in range(6):
            h = 0.01 * np.tanh(W @ h)
        return np.sum(h**2)

    W = RNG.normal(size=(3, 3)) * 0.1
    tape = traced(vanishing, {"W": W}, {"x": DATA["x"]})
    assert 0 < np.abs(tape["dW"]).max() < 1e-12
    assert engine.check(tape).ok

    def slightly(array: Array) -> None:
        array *= 1.001

    assert not engine.check(wrong(tape, "dW", slightly)).ok


def test_powers_keep_their_digits() -> None:
    """A negative base with a large whole exponent, a zero base, a negative exponent."""
    a = np.array([-1.5, -0.3, 0.0, 0.7, 2.0])
    assert engine.check(traced(lambda a: np.sum(a**101) + np.sum(a**2) + np.sum(a**3), {"a": a})).ok
    b = np.array([-1.5, -0.3, 0.7, 2.0])
    report = engine.check(traced(lambda b: np.sum(b**-3) + np.sum(b**-2), {"b": b}))
    assert report.ok
    assert report.results["b"].max_rel_error < 1e-12


def test_saturated_and_extreme_values_keep_their_digits() -> None:
    z = np.array([[-40.0, -3.0, 0.0, 3.0, 40.0, 400.0, -400.0]])
    report = engine.check(traced(lambda z: np.sum(np.tanh(z)) + np.sum(1 / (1 + np.exp(-z))), {"z": z}))
    assert report.ok
    assert report.results["z"].max_rel_error < 1e-12


# float32


@pytest.mark.parametrize("loss", [regression, classification, absolute], ids=lambda f: f.__name__)
def test_float32_gradients_are_compared_in_double_precision(loss: Callable[..., Any]) -> None:
    """They pass with the error of single precision; an error of one in a thousand is still found."""
    params = {k: v.astype(np.float32) for k, v in PARAMS.items()}
    data = {k: v.astype(np.float32) for k, v in DATA.items()}
    tape = traced(loss, params, data)
    report = engine.check(tape)
    assert report.ok
    assert all(1e-12 < v.max_rel_error < 1e-5 for v in report.results.values())
    for name in ("dW1", "db2"):
        assert not engine.check(wrong(tape, name, lambda a: a.__imul__(1.001))).ok  # type: ignore[arg-type, return-value]


def test_float16_gradients_are_compared_as_coarsely_as_they_are() -> None:
    """A right gradient is not called wrong for want of digits; a wrong sign is."""
    params = {k: v.astype(np.float16) for k, v in PARAMS.items()}
    tape = traced(classification, params, {k: v.astype(np.float16) for k, v in DATA.items()})
    assert engine.check(tape).ok
    assert not engine.check(wrong(tape, "dW1", flip)).ok


# what is not finite


def test_values_that_are_not_finite_are_told_with_the_first_step() -> None:
    def overflows(x: Any, W1: Any) -> Any:
        z = W1 @ x
        e = np.exp(1000 * z**2)
        p = e / e.sum(axis=0)
        return np.sum(p**2)

    report = engine.check(traced(overflows, {"W1": PARAMS["W1"]}, {"x": DATA["x"]}))
    assert not report.ok
    assert report.message == "not finite from F2 on"
    verdict = report.results["W1"]
    assert not verdict.ok
    assert verdict.message == report.message
    assert (verdict.entries_checked, verdict.entries_total) == (0, 12)


# large parameters, progress, cancelling


def large(x: Any, W: Any, b: Any, V: Any) -> Any:
    return np.mean((V @ np.maximum(W @ x + b, 0)) ** 2)


LARGE = {
    "W": RNG.normal(size=(150, 140)) / 12, "b": RNG.normal(size=(150, 1)), "V": RNG.normal(size=(3, 150)) / 12,
}  # fmt: skip
LARGE_X = {"x": RNG.normal(size=(140, 6))}


@pytest.fixture(scope="module")
def large_tape() -> engine.Tape:
    return traced(large, LARGE, LARGE_X)


def test_a_large_parameter_is_sampled_and_tried_along_a_random_direction(large_tape: engine.Tape) -> None:
    """21,000 entries: 64 of them and one direction through all; the verdict says so. The smaller ones are complete."""
    report = engine.check(large_tape)
    assert report.ok
    verdict = report.results["W"]
    assert (verdict.entries_checked, verdict.entries_total) == (64, 21_000)
    assert "64 of 21000 entries" in verdict.message
    assert "one random direction" in verdict.message
    assert report.results["V"].entries_checked == report.results["V"].entries_total == 450
    assert report.results["V"].message == ""


def test_the_random_direction_finds_one_wrong_entry_among_thousands(large_tape: engine.Tape) -> None:
    def spoil(array: Array) -> None:
        k = np.unravel_index(np.argmax(np.abs(array)), array.shape)
        array[k] *= 1.01

    verdict = engine.check(wrong(large_tape, "dW", spoil)).results["W"]
    assert not verdict.ok
    assert "along a random direction" in verdict.message


def test_full_compares_every_entry(large_tape: engine.Tape) -> None:
    verdict = engine.check(large_tape, full=True).results["W"]
    assert verdict.ok
    assert verdict.entries_checked == verdict.entries_total == 21_000
    assert verdict.message == ""


def test_when_the_time_is_up_the_rest_is_tried_along_one_direction(
    large_tape: engine.Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every parameter still gets some entries and one direction through all of it, and the verdict says so."""
    monkeypatch.setattr(importlib.import_module("engine.check"), "SECONDS", 0.0)
    monkeypatch.setattr(importlib.import_module("engine.complexstep"), "BATCH_BYTES", 0)
    seen: list[tuple[int, int]] = []
    report = engine.check(large_tape, lambda done, total: seen.append((done, total)) is None)
    assert report.ok
    verdict = report.results["V"]
    assert 0 < verdict.entries_checked < verdict.entries_total == 450
    assert "time was up" in verdict.message
    assert "one random direction" in verdict.message
    assert seen[-1] == (64 + 150 + 450, 64 + 150 + 450)
    tape = wrong(large_tape, "dV", lambda a: a.__setitem__((2, 149), 0.5))
    assert not engine.check(tape).results["V"].ok


def test_the_same_entries_are_sampled_every_time(large_tape: engine.Tape) -> None:
    assert engine.check(large_tape) == engine.check(large_tape)


def test_progress_counts_up_to_its_total(large_tape: engine.Tape) -> None:
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> bool:
        seen.append((done, total))
        return True

    engine.check(large_tape, watch)
    assert len(seen) > 5
    assert {total for _, total in seen} == {64 + 150 + 450}
    counts = [done for done, _ in seen]
    assert counts == sorted(counts)
    assert counts[-1] == 64 + 150 + 450


def test_cancelling_says_what_was_not_checked(large_tape: engine.Tape) -> None:
    """What was finished is there with its verdict; the report is not ok, because it does not know."""
    report = engine.check(large_tape, lambda done, total: done < 100)
    assert not report.ok
    assert set(report.results) == {"W"}
    assert report.message == "cancelled: b, V not checked"
    report = engine.check(large_tape, lambda done, total: False)
    assert report.results == {}
    assert report.message == "cancelled: W, b, V not checked"


# shapes


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (5,), (2, 3, 2), (0, 3)])
def test_parameters_of_any_shape_are_checked(shape: tuple[int, ...]) -> None:
    a = np.asarray(RNG.normal(size=shape))
    report = engine.check(traced(lambda a: np.sum(np.tanh(a) ** 2 * a), {"a": a}))
    assert report.ok
    assert report.results["a"].entries_checked == a.size


def test_three_axes_and_indices_apart_are_checked() -> None:
    """An index whose arrays stand apart moves its axes to the front; the batch of directions must not disturb it."""
    a = RNG.normal(size=(3, 4, 2))
    rows, last = np.array([0, 2, 2]), np.array([1, 0, 1])

    def loss(a: Any) -> Any:
        picked = a[rows, :, last] * np.arange(12).reshape(3, 4)
        b = a * 2
        b[0, :, 1] = a[1, :, 0] ** 2
        b[..., 0] = 0.5
        return np.sum(picked**2) + np.sum(a[1, :, last] ** 3) + np.sum(b.transpose(2, 0, 1)[1] ** 2) + np.sum(b[:, [1]])

    report = engine.check(traced(loss, {"a": a}))
    assert report.ok
    assert report.results["a"].entries_checked == 24
    close(traced(loss, {"a": a})["da"], differences(loss, {"a": a}, {})[0])


@pytest.mark.parametrize(
    ("left", "right"),
    [((3, 4), (4, 2)), ((3, 4), (4,)), ((4,), (4, 2)), ((4,), (4,)), ((1, 4), (4, 1))],
)
def test_products_of_every_shape_are_checked(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    """Either factor a parameter, both, one and the same; vectors and matrices; transposed."""
    a, b = RNG.normal(size=left), RNG.normal(size=right)
    assert engine.check(traced(lambda a, b: np.sum(np.tanh(a @ b)), {"a": a, "b": b})).ok
    assert engine.check(traced(lambda a, b: np.sum(np.tanh((a * 2) @ (b + a.sum()))), {"a": a, "b": b})).ok
    assert engine.check(traced(lambda a, b: np.sum((b.T @ a.T) ** 2), {"a": a}, {"b": b})).ok
    assert engine.check(traced(lambda a, b: np.sum((b.T @ a.T) ** 2), {"b": b}, {"a": a})).ok
    if left == right:
        assert engine.check(traced(lambda a: np.sum(np.outer(a, a) ** 2) + a @ a, {"a": a})).ok


def test_a_gradient_that_rounding_alone_puts_off_is_not_called_wrong() -> None:
    """tanh near 1 and x / x lose their digits in a subtraction; the verdict says so instead of calling them wrong."""

    def saturated(w: Any) -> Any:
        return np.sum(np.tanh(np.tanh(9 * w) * 9))

    def quotient(w: Any) -> Any:
        shifted = (np.float32(0.1) + w) + np.float32(0.6002)
        return np.sum(shifted / shifted)

    for loss, w in ((saturated, np.array([0.9, 1.4])), (quotient, np.array([-0.4], dtype=np.float32))):
        report = engine.check(engine.trace(loss, {"w": w}, {}).recorded())
        assert report.ok, report


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (0.0, "0"),
        (1.1836, "1.2"),
        (0.99999, "1.0"),
        (0.01234, "0.012"),
        (0.0049, "4.9e-3"),
        (3.42e-9, "3.4e-9"),
        (5e-324, "4.9e-324"),
        (123.4, "123"),
        (2.51e7, "2.5e7"),
        (float("inf"), "+∞"),
        (float("nan"), "NaN"),
    ],
)
def test_a_relative_error_is_written_with_two_significant_digits(error: float, text: str) -> None:
    """1.18 is not 1, and only an exact zero is 0; the power as in every other number, without a leading zero."""
    assert error_text(error) == text
