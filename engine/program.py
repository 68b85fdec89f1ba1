"""The program: a network with its backward pass, static; what a `Tape` is a run of."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import given
from engine import mirror as mirroring
from engine.build import Built, Forward, Leaf, build, evaluate_value, forward_of
from engine.emit import Compiler, Printer
from engine.errors import ChainstepError, LookupFailed, MirrorError, RunError, TraceError
from engine.intake import Intake
from engine.ir import Node, Value
from engine.labels import label_test
from engine.tape import Tape
from engine.trace import Loss, record

if TYPE_CHECKING:
    from engine.reading.chain import Chains
    from engine.reading.directory import Directory
    from engine.reading.formula import Formula
    from engine.reading.model import Step
    from engine.reading.strip import Stops
    from engine.reading.wiring import Wiring


def trace(
    loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any], references: Mapping[str, str] | None = None
) -> Program:
    """Record ``loss(**params, **data)`` (arguments by name) and build the program with its backward pass.

    ``references`` map quantities to where they are derived (``{"dW1": "eq. (17)"}``).

    Raises TraceError, naming file, line, text and reason, for whatever cannot be recorded faithfully.
    """
    forward = forward_of(record(loss, params, data))
    try:
        return Program(
            forward, convention=mirroring.convention_of(forward), as_written=True, fused=True, references=references
        )
    except ChainstepError:
        raise
    except Exception as error:
        where = forward.nodes[-1].source if forward.nodes else None
        raise TraceError(
            f"the gradient of this loss cannot be built: {type(error).__name__}: {error}",
            file=where.file if where else forward.file,
            line=where.line if where else None,
            text=where.text if where else "",
        ) from error


_QUICKLY_MIRRORED = 400
"""Nodes of a program whose mirror image is made while somebody waits for one page."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where leaves sit in the function's arguments and values in a frame."""

    leaves: tuple[int, ...]
    kept: tuple[int, ...]
    position: Mapping[int, int]


class Program:
    """Values, nodes and steps of one network in one convention; immutable.

    ``convention`` is ``column`` (feature × batch), ``row`` (batch × feature) or ``as-written`` where no product with a
    parameter decides. ``as_written`` tells whether it is the convention of the user's file; ``fused`` whether the
    notes' short forms are used.
    """

    def __init__(
        self,
        forward: Forward,
        *,
        convention: str,
        as_written: bool,
        fused: bool,
        references: Mapping[str, str] | None = None,
        other: Program | None = None,
    ) -> None:
        self.references: Mapping[str, str] = references or {}
        self.convention = convention
        self.as_written = as_written
        self.fused = fused
        self._forward = forward
        self._mirror = other
        self._no_mirror: MirrorError | None = None
        self._unfused: Program | None = None
        built = build(forward, fused=fused)
        self.values: tuple[Value, ...] = built.values
        self.nodes: tuple[Node, ...] = built.nodes
        self.loss: int = built.loss
        self.plans = built.plans
        self.groups = built.groups
        self.conditions = built.conditions
        self.gradients_of: Mapping[int, int] = built.gradients
        self.literals: Mapping[int, Any] = built.literals
        self.constants: Mapping[int, Any] = built.constants
        self.labels: Mapping[int, str] = built.labels
        self.names: dict[int, str] = {v.index: v.name for v in built.values if v.name is not None and not v.literal}
        self.by_name: dict[str, int] = {name: index for index, name in self.names.items()}
        self._layout = self._laid_out()
        self._label_tests = [(c, label_test(c.kind, c.axis, *self._kind(c.value))) for c in self.conditions]
        self._intake = Intake(self._source_leaves(), [self.values[i] for i in self._layout.leaves])
        self._function = self._proved(built)

    def _kind(self, index: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
        return self.values[index].shape, self.values[index].dtype

    # compiling
    def _laid_out(self) -> _Layout:
        leaves = tuple(i for i, v in enumerate(self.values) if v.role in ("parameter", "data") or i in self.constants)
        computed = self.order()
        kept = (*leaves, *computed)
        return _Layout(leaves, kept, {index: k for k, index in enumerate(kept)})

    def order(self) -> tuple[int, ...]:
        """The named values in the order in which the lines compute them."""
        return tuple(i for plan in self.plans for i in (*plan.temporaries, plan.quantity))

    def _compiled(self, fast: bool) -> Callable[..., tuple[Any, ...]]:
        compiler = Compiler(self.values, self.nodes, self.literals, fast)
        computed = {i: self.names[i] for i in self.order()}
        return compiler.compile(self._layout.leaves, self.order(), computed, self._layout.kept)

    @cached_property
    def _spelled_out(self) -> Callable[..., tuple[Any, ...]]:
        return self._compiled(fast=False)

    def _proved(self, built: Built) -> Callable[..., tuple[Any, ...]]:
        """The compiled function, after it has given every recorded value bit for bit."""
        leaves = [built.arrays[i] for i in self._layout.leaves]
        for fast in (True, False):
            function = self._compiled(fast)
            with np.errstate(all="ignore"):
                frame = function(*leaves)
            wrong = next(
                (
                    i
                    for i, array in zip(self._layout.kept, frame, strict=True)
                    if not _same_bits(array, built.arrays[i])
                ),
                None,
            )
            if wrong is None:
                return function
        assert wrong is not None
        node = self.nodes[self.values[wrong].node or 0]
        where = node.source
        raise TraceError(
            f"replaying the recording does not give {self.names.get(wrong, 'a value')} again bit for bit.",
            file=where.file if where else None,
            line=where.line if where else None,
            text=where.text if where else "",
        )

    # running
    @property
    def parameters(self) -> tuple[Value, ...]:
        return tuple(v for v in self.values if v.role == "parameter")

    def run(self, params: Mapping[str, Any], data: Mapping[str, Any]) -> Tape:
        """One forward and backward pass. Raises RunError for other shapes, dtypes, frozen data or labels.

        ``params`` and ``data`` are as given to ``trace`` (in the file's own convention); arrays are kept by reference
        and never written to.
        """
        written = self if self.as_written or self._mirror is None else self._mirror
        arrays: Sequence[Any] = written._intake.gather(params, data)
        as_traced = written._intake.as_traced(arrays)
        if not as_traced:
            written._intake.check(arrays)
        if self._forward.plain:
            self._check_plain(params, data)
        if self._forward.frozen:
            written._check_frozen(arrays)
        if not self.as_written:
            arrays = mirroring.leaf_arrays(arrays, self._forward)
        return self._pass(arrays, as_traced)

    def _check_plain(self, params: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        name = given.changed(self._forward.plain, params, data)
        if name is not None:
            raise RunError(
                f"{name} holds other plain values or another number of items than when the program was traced.",
                cure="Trace again with it.",
            )

    def recorded(self) -> Tape:
        """The tape of the arrays that the program was traced with."""
        return self._pass([leaf.array for leaf in self._source_leaves()], True)

    def _pass(self, arrays: Sequence[Any], as_traced: bool) -> Tape:
        """Run on the leaf arrays in the program's own order and convention.

        The cheap spellings were proved for the traced layout in memory; in another one BLAS may add up in another
        order, so there the user's own spellings run.
        """
        function = self._function if as_traced else self._spelled_out
        try:
            with np.errstate(all="ignore"):
                tape = Tape(self, function(*arrays))
                if self._label_tests:
                    self._check_labels(tape)
        except (IndexError, ValueError) as error:
            raise RunError(
                f"the program cannot run on these arrays: {error}.", cure="Trace again with these arrays."
            ) from None
        return tape

    def _check_labels(self, tape: Tape) -> None:
        for condition, holds in self._label_tests:
            if not holds(tape.raw(condition.value)):
                raise RunError(
                    f"{self._labels(condition.value)} no longer {_HELD.get(condition.kind, condition.kind)}: "
                    "the short form p − 𝟙(y) does not hold for them.",
                    cure="Trace again with these labels.",
                )

    def _labels(self, index: int) -> str:
        name = self.names.get(index)
        return f"the labels {name} are" if name else "the labels that loss computes are"

    def _source_leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for leaf in self._forward.leaves if leaf.kind != "literal")

    def _check_frozen(self, arrays: Sequence[Any]) -> None:
        forward = self._forward
        known = {leaf.index: leaf.array for leaf in forward.leaves}
        known |= {leaf.index: array for leaf, array in zip(self._source_leaves(), arrays, strict=True)}
        changed = [f for f in forward.frozen if not _same_bits(evaluate_value(known, f.nodes, f.value), f.array)]
        if changed:
            where = changed[0].source
            raise RunError(
                "the program took this for plain numbers when it was recorded, and with these arrays it is different.",
                file=where.file if where else None,
                line=where.line if where else None,
                text=where.text if where else "",
                cure="Trace again with these data.",
            )

    # other readings of the same network
    def mirror(self) -> Program:
        """The program in the other convention. Raises MirrorError where there is none."""
        if self._no_mirror is not None:
            raise self._no_mirror
        if self._mirror is None:
            try:
                self._mirror = self._mirrored()
            except MirrorError as error:
                self._no_mirror = error
                raise
            except Exception as error:
                reason = f"this loss has no mirror image: {type(error).__name__}: {error}"
                self._no_mirror = MirrorError(reason, file=self._forward.file)
                raise self._no_mirror from error
        return self._mirror

    @property
    def mirror_at_hand(self) -> bool:
        """Whether ``mirror()`` answers at once: it is known already, or the program is small."""
        return self._mirror is not None or self._no_mirror is not None or len(self.nodes) <= _QUICKLY_MIRRORED

    def _mirrored(self) -> Program:
        """The mirror image, after it has given the same loss to rounding."""
        image = Program(
            mirroring.mirrored(self._forward),
            convention={"column": "row", "row": "column"}.get(self.convention, "as-written"),
            as_written=not self.as_written,
            fused=self.fused,
            references=self.references,
            other=self,
        )
        if not _same_to_rounding(self.recorded(), image.recorded()):
            raise MirrorError("the mirror image of this loss does not give the same number.", file=self._forward.file)
        return image

    def unfused(self) -> Program:
        """The program with the long chain: one step per operation, no short forms."""
        if not self.fused:
            return self
        if self._unfused is None:
            written = self._mirror.unfused() if not self.as_written and self._mirror is not None else None
            self._unfused = Program(
                self._forward,
                convention=self.convention,
                as_written=self.as_written,
                fused=False,
                references=self.references,
                other=written,
            )
        return self._unfused

    # looking things up
    @cached_property
    def printer(self) -> Printer:
        return Printer(self.values, self.nodes, self.names, literals=self.literals)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """One step per quantity, in the order in which a person goes through them."""
        from engine.reading.steps import steps

        return steps(self)

    @cached_property
    def step_ids(self) -> dict[str, str]:
        """The id of the step that makes each quantity, in the order of the steps."""
        ids: dict[str, str] = {}
        counts = {"F": 0, "B": 0}
        for plan in self.plans:
            letter = "B" if plan.phase == "backward" else "F"
            counts[letter] += 1
            ids[self.names[plan.quantity]] = f"{letter}{counts[letter]}"
        return ids

    def step(self, key: str) -> Step:
        """A step by id (``B6``, ``B6a``), quantity (``dW1``) or symbol (``∂L/∂W₁``). Raises LookupFailed."""
        number = self.directory.find(key)
        if number is not None:
            return self.steps[number]
        known = [k for s in self.steps for k in (s.id, s.quantity, s.symbol)]
        nearest = tuple(difflib.get_close_matches(key, known, n=4, cutoff=0.3))
        raise LookupFailed(f"There is no step or quantity `{key}`.", nearest or tuple(s.id for s in self.steps[:4]))

    @cached_property
    def examples(self) -> int | None:
        """The size of the axis of examples, None where the program has none."""
        indices = (*(plan.quantity for plan in self.plans), *range(len(self.values)))
        values = (self.values[i] for i in indices)
        return next((v.shape[v.axes.index("n")] for v in values if "n" in v.axes), None)

    # what the readings of the program share (`engine.reading`), each worked out when it is first asked for
    @cached_property
    def directory(self) -> Directory:
        """Steps by the names that people give them."""
        from engine.reading.directory import Directory

        return Directory(self)

    @cached_property
    def wiring(self) -> Wiring:
        """Which step makes and reads which value."""
        from engine.reading.wiring import Wiring

        return Wiring(self)

    @cached_property
    def formula(self) -> Formula:
        """The printer of formulas."""
        from engine.reading.formula import Formula

        return Formula(self)

    @cached_property
    def written(self) -> Formula:
        """The printer of formulas as the notes write them, the sum over a batch left out."""
        from engine.reading.formula import Formula

        return Formula(self, sum_implied=True)

    @cached_property
    def chains(self) -> Chains:
        """The chains that lead to its gradients."""
        from engine.reading.chain import Chains

        return Chains(self)

    @cached_property
    def stops(self) -> Stops:
        """The network strip."""
        from engine.reading.strip import Stops

        return Stops(self)

    def source(self) -> str:
        """The program as NumPy lines, one step after the other."""
        return "\n".join(line for step in self.steps for line in step.lines)


# what a short form takes for granted of the labels, as the end of a sentence
_HELD = {"sums to one": "numbers that sum to one"}


def _same_to_rounding(one: Tape, other: Tape) -> bool:
    """Whether two passes give the same loss but for rounding, or both none that is finite."""
    single = any(v.dtype == np.float32 for v in one.program.parameters)
    return bool(np.isclose(one.loss, other.loss, rtol=1e-3 if single else 1e-7, atol=1e-9, equal_nan=True))


def _same_bits(a: Any, b: Any) -> bool:
    if a is b:
        return True
    one, two = np.asarray(a), np.asarray(b)
    if one.shape != two.shape or one.dtype != two.dtype:
        return False
    if one.tobytes() == two.tobytes():
        return True
    if one.dtype.kind != "f":
        return bool(np.array_equal(one, two))
    # A NaN is a NaN, whichever of its many bit patterns it has; a zero keeps its sign.
    finite = ~np.isnan(one)
    signs = np.array_equal(np.signbit(one)[finite], np.signbit(two)[finite])
    return bool(np.array_equal(one, two, equal_nan=True)) and signs
