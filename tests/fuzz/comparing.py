"""One program through the engine, and everything that must be true of it afterwards."""

from __future__ import annotations

import re
import traceback
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

import engine
from tests.engine.oracle import lines_give_the_values
from tests.fuzz.description import Array, Description
from tests.fuzz.files import File, opened
from tests.fuzz.oracles import Answer, Name, NoAnswer, answer, by_differences
from tests.fuzz.programs import redrawn
from tests.fuzz.reading import read_everything
from tests.oracles import leaves

Outcome = Literal["agreed", "refused", "mismatch", "crash", "invalid"]
# An exception of the engine's own that was turned into a refusal is a crash all the same.
_INTERNAL = re.compile(r"cannot be built: |has no mirror image: ")
# The plain run did not raise: the person's code is not to blame.
_RAISED = re.compile(r"loss raises (\w+) when it is recorded")
OTHERWISE = "again in another layout"
ORACLES: tuple[Name, ...] = ("torch", "complex step")


class Mismatch(AssertionError):
    """Something that is claimed of every program does not hold; ``stage`` says what."""

    def __init__(self, stage: str, found: str) -> None:
        self.stage = stage
        super().__init__(f"{stage}: {found}")


@dataclass
class Result:
    """What became of one program."""

    outcome: Outcome
    stage: str = ""
    reason: str = ""
    operations: set[str] = field(default_factory=set)
    oracles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def judged(description: Description, folder: Path, seed: int = 0, oracles: tuple[Name, ...] = ORACLES) -> Result:
    """Put one program through the engine and compare. Never raises: crashes and mismatches are outcomes."""
    try:
        file = opened(description.source(), folder)
        plain = file.plain()
        if plain.size != 1 or not np.isfinite(plain).all():
            return Result("invalid", reason="the loss is not finite")
    except Exception as error:
        return Result("invalid", reason=f"{type(error).__name__}: {error}")
    result = Result("agreed")
    made_by = {statement.made_by for statement in description.statements}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _compare(description, file, plain, folder, seed, oracles, result)
    except engine.ChainstepError as error:
        result.outcome, result.stage, result.reason = "refused", type(error).__name__, str(error.reason)
        raised = _RAISED.search(error.reason)
        if error.__cause__ is not None and _INTERNAL.search(error.reason):
            result.outcome, result.stage = "crash", _place(error.__cause__)
        elif raised is not None:
            result.outcome, result.stage = "crash", f"{raised[1]} only when it is recorded"
        elif "besides its arguments" in error.reason and not made_by & {"beyond_the_table", "swallowed"}:
            result.outcome, result.stage = "mismatch", "recording"
    except Mismatch as error:
        result.outcome, result.stage, result.reason = "mismatch", error.stage, str(error)
    except Exception as error:
        result.outcome, result.stage = "crash", _place(error)
        result.reason = f"{result.stage}: {error}"
    return result


def _place(error: BaseException) -> str:
    """``IndexError in entry.py:_reduce``, the innermost function of the engine."""
    where = traceback.extract_tb(error.__traceback__)
    inside = [f for f in where if "/engine/" in f.filename] or list(where)
    return f"{type(error).__name__} in {Path(inside[-1].filename).name}:{inside[-1].name}"


def _compare(
    description: Description,
    file: File,
    plain: Array,
    folder: Path,
    seed: int,
    oracles: tuple[Name, ...],
    result: Result,
) -> None:
    program = engine.trace(file.loss, file.params, file.data)
    result.operations = {node.op for node in program.nodes}
    tape = program.run(file.params, file.data)
    right = _right(file, oracles, result)
    _same_pass("loss", tape, file, plain, right, result)
    long = program.unfused()
    long_tape = long.run(file.params, file.data)
    _same_pass("unfused", long_tape, file, plain, right, result)
    _lines("lines", tape)
    _lines("unfused lines", long_tape)
    image = _mirrored(program, tape, file, result)
    _checked(tape, right, result)
    _run_again(description, program, folder, seed, oracles, result)
    try:
        readings = [tape, long_tape, *([image] if image is not None else [])]
        read_everything(readings[seed % len(readings)], np.random.default_rng(seed))
    except engine.ChainstepError as error:
        raise Mismatch("reading", f"refuses to be read: {error}") from error


def _right(file: File, oracles: tuple[Name, ...], result: Result) -> Answer | None:
    """The right gradients; None at a kink, which is counted."""
    try:
        found = answer(*file.wide, oracles)
    except NoAnswer:
        result.oracles.append("nobody")
        result.notes.append("kink")
        return None
    result.oracles.append(found.oracle)
    return found


def _same_pass(stage: str, tape: engine.Tape, file: File, plain: Array, right: Answer | None, result: Result) -> None:
    """The loss bit for bit, the gradients within the oracle's tolerance, shapes and dtypes exactly."""
    own = np.asarray(tape.value(tape.program.loss))
    if (own.dtype, own.shape, own.tobytes()) != (plain.dtype, plain.shape, plain.tobytes()):
        # a sum of the same numbers may add them up in another order when they lie otherwise than they were traced
        if stage == OTHERWISE and np.allclose(own, plain, rtol=1e-4 if file.single else 1e-12, atol=1e-9):
            result.notes.append("another layout: the last bits differ")
            return
        raise Mismatch(stage, f"the loss is {own!r}, plainly it is {plain!r}")
    arrays = [array for _, array in leaves(file.params)]
    gradients = list(tape.gradients.values())
    if [(g.shape, g.dtype) for g in gradients] != [(a.shape, a.dtype) for a in arrays]:
        raise Mismatch(f"{stage} gradient", "a gradient has not the shape and dtype of its parameter")
    if right is None:
        return
    said = _far(gradients, right, file.single)
    if said is not None and (tape.first_not_finite() or "B").startswith("F"):
        result.notes.append("not finite on the way")
    elif said is not None:
        _settle(f"{stage} gradient", said, gradients, right, file, result)


def _far(gradients: list[Array], right: Answer, single: bool) -> str | None:
    """What is wrong with the gradients; None if nothing is."""
    scale = max([1e-3, *(float(np.abs(g).max(initial=0.0)) for g in right.gradients)])
    allowed = (1e-3 if single else right.tolerance) * scale
    for number, (own, expected) in enumerate(zip(gradients, right.gradients, strict=True)):
        off = np.abs(own - expected).max(initial=0.0)
        if not off <= allowed:
            return f"parameter {number}: {own.tolist()} instead of {expected.tolist()} ({right.oracle})"
    return None


def _settle(stage: str, said: str, gradients: list[Array], right: Answer, file: File, result: Result) -> None:
    """Two who disagree may both be right where there are ties, and float32 may round far; anything else is wrong."""
    try:
        third = by_differences(*file.wide)
    except NoAnswer:
        result.notes.append("kink")
        return
    if _far(gradients, third, file.single) is None:
        result.notes.append(f"differences side with chainstep against {right.oracle}")
        return
    if file.single:
        loss, params, data = file.wide
        wide = engine.trace(loss, params, data).run(params, data)
        if _far(list(wide.gradients.values()), third, False) is None:
            result.notes.append("float32 rounds far")
            return
    raise Mismatch(stage, said)


def _lines(stage: str, tape: engine.Tape) -> None:
    try:
        lines_give_the_values(tape)
    except AssertionError as error:
        raise Mismatch(stage, str(error).splitlines()[0]) from error
    except Exception as error:
        raise Mismatch(stage, f"the lines do not run: {type(error).__name__}: {error}") from error


def _mirrored(program: engine.Program, tape: engine.Tape, file: File, result: Result) -> engine.Tape | None:
    """The other convention has the same loss and the gradients with their last two axes swapped, to rounding."""
    try:
        other = program.mirror().run(file.params, file.data)
    except engine.MirrorError as error:
        if error.__cause__ is not None and _INTERNAL.search(error.reason):
            raise error.__cause__ from None
        result.notes.append("no mirror: " + generalised(error.reason))
        return None
    result.notes.append("mirrored")
    _same_turned("mirror", other, tape, file.single)
    _same_turned("unfused mirror", program.mirror().unfused().run(file.params, file.data), tape, file.single)
    _lines("mirror lines", other)
    return other


def _same_turned(stage: str, other: engine.Tape, tape: engine.Tape, single: bool) -> None:
    """The same loss, and the gradients with their last two axes swapped."""
    rounding = 2e-3 if single else 1e-9
    if not np.isclose(other.loss, tape.loss, rtol=rounding, atol=rounding, equal_nan=True):
        raise Mismatch(stage, f"the loss is {other.loss}, as written it is {tape.loss}")
    scale = max([1e-3, *(float(np.abs(g[np.isfinite(g)]).max(initial=0.0)) for g in tape.gradients.values())])
    for name, gradient in tape.gradients.items():
        turned = other.gradients[name]
        expected = np.swapaxes(gradient, -1, -2) if gradient.ndim >= 2 else gradient
        if turned.ndim == gradient.ndim + 1:
            expected = expected[..., None] if turned.shape[-1] == 1 and gradient.shape[-1:] != (1,) else expected[None]
        if turned.size != gradient.size or turned.dtype != gradient.dtype:
            raise Mismatch(stage, f"the gradient of {name} is {turned.dtype} of shape {turned.shape}")
        if not np.allclose(turned.reshape(expected.shape), expected, rtol=0, atol=rounding * scale, equal_nan=True):
            raise Mismatch(stage, f"the gradient of {name} is {turned.tolist()}, as written {gradient.tolist()}")


def _checked(tape: engine.Tape, right: Answer | None, result: Result) -> None:
    """The engine's own check finds no fault in a right gradient."""
    report = engine.check(tape)
    if not report.ok and right is not None and "kink" not in result.notes and "float32 rounds far" not in result.notes:
        raise Mismatch(
            "check", report.message + "; " + "; ".join(v.message for v in report.results.values() if not v.ok)
        )


def _run_again(
    description: Description,
    program: engine.Program,
    folder: Path,
    seed: int,
    oracles: tuple[Name, ...],
    result: Result,
) -> None:
    """Run on other arrays of the same shapes: right, or refused with a reason."""
    rng = np.random.default_rng(seed + 1)
    others = redrawn(description, rng)
    turned = replace(others, leaves=tuple(replace(x, layout="F" if x.layout == "C" else "C") for x in others.leaves))
    for stage, changed in (("again", others), (OTHERWISE, turned)):
        file = opened(changed.source(), folder)
        try:
            plain = file.plain()
        except Exception:
            result.notes.append("again: the file itself fails")
            continue
        if plain.size != 1 or not np.isfinite(plain).all():
            continue
        try:
            tape = program.run(file.params, file.data)
        except engine.RunError as error:
            result.notes.append("again refused: " + generalised(error.reason))
            continue
        right = None
        if stage == "again":
            try:
                right = answer(*file.wide, oracles)
            except NoAnswer:
                result.notes.append("kink")
        _same_pass(stage, tape, file, plain, right, result)
        if "mirrored" in result.notes:
            _same_turned(f"{stage}, mirrored", program.mirror().run(file.params, file.data), tape, file.single)


def generalised(reason: str) -> str:
    """A reason without the names and numbers of one program."""
    reason = re.sub(r"^\w+ (has|holds) ", r"_ \1 ", reason)
    reason = re.sub(r"the labels \w* are", "the labels _ are", reason)
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "N", reason).splitlines()[0][:140]
