"""Runs a backward with one statement changed, and says which of the gradients it returns are right."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any

import numpy as np

from engine.blame.linetrace import Run, run
from engine.blame.repair.slots import Slot
from engine.blame.statements import Statement
from engine.blame.tracing.records import Stop
from engine.streams import apart

_PROBE = "__chainstep_probe__"
_LONGER, _MORE = 6, 0.01
"""How many times longer than the plain run a trial may take, and how many seconds more."""
Right = frozenset[str]


class Trials:
    """``arguments`` makes fresh ones for each run; ``read`` makes gradients by parameter of a returned value, and
    ``right`` says which of them are right. ``gradients`` are those of the last run, None where it raised.

    Only functions and methods that the file of ``backward`` defines at its top level are changed, and only while a
    trial runs. A run that takes much longer than the plain one is stopped: a change can keep a loop from ending, or
    make a list grow and grow.
    """

    def __init__(
        self,
        backward: Callable[..., Any],
        arguments: Callable[[], dict[str, Any]],
        read: Callable[[Any], Mapping[str, Any]],
        right: Callable[[Mapping[str, Any]], Right],
        lines: list[str],
        until: float,
    ) -> None:
        self.backward, self.arguments, self.read, self.right, self.until = backward, arguments, read, right, until
        self.gradients: Mapping[str, Any] | None = None
        self._seconds = max(0.0, until - time.monotonic())
        own = backward.__func__ if isinstance(backward, MethodType) else backward
        assert isinstance(own, FunctionType)
        self.file, self.globals = own.__code__.co_filename, own.__globals__
        self._functions = list(_functions(own, self.file))
        self.tree = ast.parse("".join(lines))
        self._top = {id(node): top for top in self.tree.body for node in ast.walk(top)}
        self._shared = set(_run_by(self.globals.get("loss"), self._functions))
        self._kept: list[ast.stmt] = []

    def find(self, statement: Statement) -> ast.stmt | None:
        """The statement in the tree that is changed; None where it stands elsewhere or may not be changed.

        What the loss itself runs is not changed: the gradients are those of that loss.
        """
        wanted = statement.tree
        if statement.file != self.file or not isinstance(wanted, ast.stmt):
            return None
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.stmt) or type(node) is not type(wanted) or id(node) not in self._top:
                continue  # or it stands there for a trial
            if (node.lineno, node.col_offset) == (wanted.lineno, wanted.col_offset):
                function = self.function_of(node)
                return None if function is None or _first_line(function) in self._shared else node
        return None

    def slot_of(self, statement: ast.stmt) -> Slot:
        """Where a statement stands."""
        for node in ast.walk(self._top[id(statement)]):
            for name in ("body", "orelse", "finalbody", "handlers"):
                for index, inner in enumerate(getattr(node, name, None) or ()):
                    if inner is statement:
                        return Slot(node, name, index)
        raise AssertionError("a statement of a function stands in a body")

    def function_of(self, statement: ast.stmt) -> ast.FunctionDef | None:
        """The outermost function or method that a statement stands in."""
        top = self._top[id(statement)]
        for node in ast.walk(top):  # the outer ones first
            if isinstance(node, ast.FunctionDef) and any(inner is statement for inner in ast.walk(node)):
                return node
        return None

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(0.0, self.until - time.monotonic())

    def plain(self) -> Right | None:
        """What is right as it stands; None where the backward does not come to its end a second time."""
        started = time.monotonic()
        try:
            right = self._right()
        except (Exception, SystemExit, Stop):
            return None
        self._seconds = _LONGER * (time.monotonic() - started) + _MORE
        return right

    def probed(self, statement: ast.stmt, probe: Callable[[Any], Any]) -> Right:
        """With ``probe`` between what the statement computes and what it assigns to."""
        assert isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return)
        value = statement.value
        assert value is not None
        call = ast.copy_location(ast.Call(ast.copy_location(ast.Name(_PROBE, ast.Load()), value), [value], []), value)
        statement.value = call
        self.globals[_PROBE] = probe
        try:
            return self.run(statement)
        finally:
            statement.value = value
            del self.globals[_PROBE]

    @contextlib.contextmanager
    def keeping(self, statement: ast.stmt) -> Iterator[None]:
        """Every run in it takes what is changed of ``statement`` along."""
        self._kept.append(statement)
        try:
            yield
        finally:
            self._kept.remove(statement)

    def run(self, statement: ast.stmt) -> Right:
        """With the tree as it is now, in which something of ``statement`` is changed. Nothing where it raises."""
        self.gradients = None
        codes = self._compiled(statement)
        if codes is None:
            return frozenset()
        with self._swapped(codes):
            try:
                return self._right()
            except (Exception, SystemExit, Stop):
                return frozenset()

    def traced(self, seconds: float) -> Run | None:
        """A run under the line trace with the changes that are kept; None where it does not come to its end."""
        codes = self._compiled()
        if codes is None:
            return None
        with self._swapped(codes), apart(io.StringIO()):
            done = run(self.backward, self.arguments(), seconds)
        return None if done.stopped or done.raised is not None else done

    def _compiled(self, *statements: ast.stmt) -> dict[tuple[str, int], CodeType] | None:
        """The code of what the statements and the kept ones stand in, as the tree is now; None where it is none."""
        tops = {id(top): top for top in (self._top[id(one)] for one in (*self._kept, *statements))}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # no text of the person's
                return dict(_codes(compile(ast.Module([*tops.values()], []), self.file, "exec", dont_inherit=True)))
        except (SyntaxError, ValueError, TypeError, RecursionError):
            return None

    def _right(self) -> Right:
        self.gradients = None
        gradients = self.read(self._called())
        right = self.right(gradients)
        self.gradients = gradients
        return right

    def _called(self) -> Any:
        arguments = self.arguments()
        with np.errstate(all="ignore"), apart(io.StringIO()), _stopped_after(self._seconds, self.file):
            return self.backward(**arguments)

    @contextlib.contextmanager
    def _swapped(self, codes: dict[tuple[str, int], CodeType]) -> Iterator[None]:
        kept: list[tuple[FunctionType, CodeType]] = []
        try:
            for function in self._functions:
                own = function.__code__
                code = codes.get((own.co_qualname, own.co_firstlineno))
                if code is not None and code.co_freevars == own.co_freevars:
                    kept.append((function, own))
                    function.__code__ = code
            yield
        finally:
            for function, own in kept:
                function.__code__ = own


def takes_a_probe(statement: ast.stmt) -> bool:
    """Whether something can stand between what a statement computes and the one thing that it makes of it."""
    if isinstance(statement, ast.Assign):
        return len(statement.targets) == 1 and not isinstance(statement.targets[0], ast.Tuple | ast.List)
    return isinstance(statement, ast.AnnAssign | ast.Return) and statement.value is not None


@contextlib.contextmanager
def _stopped_after(seconds: float, file: str) -> Iterator[None]:
    """Raises Stop at the first line of ``file`` that begins after this time."""
    until = time.monotonic() + seconds

    def listen(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call" and frame.f_code.co_filename != file:
            return None
        if time.monotonic() > until:
            raise Stop("a change made the backward run on")
        return listen

    before = sys.gettrace()
    sys.settrace(listen)
    try:
        yield
    finally:
        sys.settrace(before)


def _functions(own: FunctionType, file: str) -> Iterable[FunctionType]:
    """The functions of a file that can be reached by name, methods of its classes included."""
    found = {id(own): own}
    for thing in list(own.__globals__.values()):
        members = list(vars(thing).values()) if isinstance(thing, type) else [thing]
        for member in members:
            plain = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(plain, FunctionType) and plain.__code__.co_filename == file:
                found[id(plain)] = plain
    return found.values()


def _first_line(function: ast.FunctionDef) -> int:
    """That of its first decorator, as in the ``co_firstlineno`` of its code."""
    return min([function.lineno, *(one.lineno for one in function.decorator_list)])


def _run_by(loss: Any, functions: Sequence[FunctionType]) -> Iterator[int]:
    """The first lines of the functions that ``loss`` calls, directly or through others, by their names.

    A method counts where its class, or a global object of it, is named as well.
    """
    stack = [loss.__code__] if isinstance(loss, FunctionType) else []
    seen, named = set(stack), set[str]()
    while stack:
        code = stack.pop()
        named.update(code.co_names, *(inner.co_names for _, inner in _codes(code)))
        objects = [loss.__globals__[name] for name in named if name in loss.__globals__]
        classes = {thing.__name__ if isinstance(thing, type) else type(thing).__name__ for thing in objects}
        for function in functions:
            owner = function.__qualname__.rpartition(".")[0]
            known = function.__name__ in named and (not owner or owner in classes)
            if known and function.__code__ not in seen:
                seen.add(function.__code__)
                stack.append(function.__code__)
                yield function.__code__.co_firstlineno


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield (constant.co_qualname, constant.co_firstlineno), constant
            yield from _codes(constant)
