"""Everything that is damaged: the rules and the other fields of every row, and the functions that all rows share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager
from types import FunctionType
from typing import Any

import numpy as np

import engine.axes
import engine.backward
import engine.graph
import engine.mirror
import engine.op
import engine.ref
from engine.op import Op
from engine.ops import TABLE
from tests.mutation.functions import closure, code_of, coded, definition, functions_of, rebuilt
from tests.mutation.mutant import Mutant, row_with
from tests.mutation.operators import Mutation, mutations
from tests.mutation.wrapping import wrapped

HANDLES = (
    "T", "matrix_T", "shaped", "cast", "identity", "counting", "contracted", "truth", "negated", "sum", "kept",
    "spread", "count", "scatter", "setitem",
)  # fmt: skip
SHARED: dict[str, list[Callable[..., Any]]] = {
    "(axes)": [
        *functions_of(engine.axes),
        *functions_of(
            engine.graph, of_class=engine.graph.Graph, only=("_axes", "_inferred", "_whole_axis", "_reshaped")
        ),
    ],
    "(mirror)": functions_of(engine.mirror),
    "(handles)": [
        *functions_of(engine.ref, of_class=engine.ref.Ref, only=HANDLES),
        *functions_of(engine.op, only=("along", "part", "index_key")),
    ],
    "(sums)": functions_of(engine.backward, only=("_by_rule", "_total", "_fitted", "_same_axis", "_zero")),
}
# what a row is taken for in place of its own family
_FAMILIES = ("elementwise", "reduce", "along", "reshape", "transpose", "unheard of")


def rows() -> list[str]:
    """The rows with a gradient rule."""
    return [name for name, op in TABLE.items() if op.gradient is not None]


def of_row(name: str, positions: list[int]) -> list[Mutant]:
    """All mutants of one row: of its rule, of what the rule gives, and of its other fields."""
    return [*wrapped(name, positions), *_of_source(name), *_of_fields(TABLE[name])]


def of_shared(subject: str) -> list[Mutant]:
    """All mutants of the functions of one part of the engine."""
    made = []
    for function in SHARED[subject]:
        for mutation in mutations(definition(function), every_name=False):
            made.append(
                Mutant(
                    subject,
                    mutation.text,
                    (function.__qualname__, mutation.line),
                    functools.partial(_coded, function, mutation),
                )
            )
    return made


def _coded(function: Callable[..., Any], mutation: Mutation) -> AbstractContextManager[None]:
    return coded(function, code_of(mutation.tree, function))


def _of_source(name: str) -> Iterator[Mutant]:
    rule = TABLE[name].gradient
    assert rule is not None
    for part, function in closure(rule).items():
        for mutation in mutations(definition(function), every_name=True):
            damage = functools.partial(_with_source, name, "gradient", rule, part, function, mutation)
            yield Mutant(name, mutation.text, ("line", name, mutation.line), damage)


def _with_source(
    name: str, field: str, root: Callable[..., Any], part: str, function: Callable[..., Any], mutation: Mutation
) -> AbstractContextManager[None]:
    return row_with(name, **{field: rebuilt(root, {part: code_of(mutation.tree, function)})})


def _of_fields(op: Op) -> Iterator[Mutant]:
    def with_field(text: str, **fields: Any) -> Mutant:
        return Mutant(op.name, text, _recorded(op.name), lambda: row_with(op.name, **fields))

    for family in _FAMILIES:
        if family != op.family:
            yield with_field(f"family: '{op.family}' → '{family}'", family=family)
    for linear in ("", "linear", "multilinear"):
        if linear != op.linear:
            yield with_field(f"linear: '{op.linear}' → '{linear}'", linear=linear)
    if op.flat:
        yield with_field("flat: left out", flat="")
    if op.analytic is not None:
        yield with_field("analytic: left out", analytic=None)
        yield with_field("analytic: slope times 1.01", analytic=_slope(op.analytic, 1.01))
        yield with_field("analytic: slope times −1", analytic=_slope(op.analytic, -1.0))
        function = op.analytic
        written = isinstance(function, FunctionType) and function.__name__ != "<lambda>"
        if written and not function.__code__.co_freevars:
            for part, one in closure(function).items():
                for mutation in mutations(definition(one), every_name=True):
                    damage = functools.partial(_with_source, op.name, "analytic", function, part, one, mutation)
                    yield Mutant(op.name, f"analytic: {mutation.text}", _recorded(op.name), damage)


def _recorded(name: str) -> Hashable:
    return ("operation", name)


def _slope(function: Callable[..., Any], times: float) -> Callable[..., Any]:
    """The complex form with its derivative, the imaginary part, off by a factor."""

    def damaged(*operands: Any, **settings: Any) -> Any:
        found = np.asarray(function(*operands, **settings))
        return found.real + 1j * times * found.imag

    return damaged
