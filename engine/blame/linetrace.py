"""One run of a backward under a line trace: every array that a line made, kept as it was then.

After each line of the person's own file, what its variables hold is compared with kept copies. What is new or changed
is a *version*, made by the statement that ran. Containers, attributes, lists of numbers and floats count as arrays.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from engine.blame.statements import Statement, Statements

LINES_AT_MOST = 200_000
"""Lines after which a run is taken for an endless loop."""
_BYTES_AT_MOST = 1 << 28
_DEEPEST = 4
_RESULT = "return"


@dataclass(slots=True, eq=False)
class Version:
    """What ``name`` held after ``statement``; ``given`` ones came in as an argument.

    ``reads`` are the versions that the statement looked at, ``then`` is the version that took its place under the same
    name, ``used`` whether any other statement read it. ``turn`` counts the statements of the run;
    ``copy_of`` is the version that a bare ``dz = dh`` gives a second name.
    """

    number: int
    turn: int
    name: str
    array: np.ndarray[Any, Any]
    statement: Statement
    frame: int
    function: str
    given: bool
    reads: tuple[int, ...]
    names: list[str] = field(default_factory=list)
    then: int | None = None
    used: bool = False
    before: int | None = None
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the backward: where it came from in the person's file."""

    kind: str
    text: str
    line: int
    source: str
    shapes: str


@dataclass(slots=True, eq=False)
class Run:
    """All versions in the order of the run, what was returned, and how the run ended."""

    versions: list[Version]
    returned: Any
    raised: Raised | None
    stopped: str
    held: dict[int, int]


class _Stop(BaseException):
    """Leaves a run that does not end; no ``except Exception`` of the person's file holds it up."""


@dataclass(slots=True)
class _Kept:
    thing: Any
    copy: np.ndarray[Any, Any]
    version: int


@dataclass(slots=True)
class _Open:
    number: int
    line: int
    kept: dict[str, _Kept] = field(default_factory=dict)


def run(backward: Callable[..., Any], arguments: dict[str, Any], seconds: float) -> Run:
    """Call ``backward(**arguments)`` under the trace. The arguments are the caller's copies: they may be written to."""
    return _Tracer(backward, seconds).run(arguments)


def numbers(thing: Any) -> np.ndarray[Any, Any] | None:
    """What counts as an array: an array, a float, a list of numbers or of such lists."""
    if isinstance(thing, np.ndarray | np.generic):
        return np.asarray(thing) if thing.dtype.kind in "biuf" else None
    if type(thing) is float:
        return np.asarray(thing)
    if isinstance(thing, list) and thing and all(isinstance(v, float | int | list | np.generic) for v in thing):
        try:
            made = np.array(thing)
        except ValueError:
            return None
        return made if made.dtype.kind in "iuf" else None
    return None


class _Tracer:
    def __init__(self, backward: Callable[..., Any], seconds: float) -> None:
        self.backward = backward
        code = backward.__code__
        self.file = code.co_filename
        self.folder = str(Path(self.file).parent)
        self.until = time.monotonic() + seconds
        self.seconds = seconds
        self.versions: list[Version] = []
        self.frames: dict[FrameType, _Open] = {}
        self.by_object: dict[int, int] = {}
        self.alive: list[Any] = []
        self.statements: dict[str, Statements] = {}
        self.turn = self.lines = self.bytes = self.count = 0

    def run(self, arguments: dict[str, Any]) -> Run:
        returned, raised, stopped = None, None, ""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            with np.errstate(all="ignore"):
                returned = self.backward(**arguments)
        except _Stop as stop:
            stopped = str(stop)
        except (Exception, SystemExit) as error:
            sys.settrace(before)
            raised = self._raised(error)
        finally:
            sys.settrace(before)
        return Run(self.versions, returned, raised, stopped, dict(self.by_object))

    # the trace
    def _called(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        inner = frame.f_code.co_name in ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
        if event != "call" or inner or not self._is_own(frame.f_code.co_filename):
            return None
        self.count += 1
        opened = _Open(self.count, frame.f_lineno)
        self.frames[frame] = opened
        self._compare(frame, opened, given=True)
        return self._local

    def _is_own(self, file: str) -> bool:
        return file == self.file or (
            file.startswith(self.folder) and "site-packages" not in file and not file.startswith(sys.prefix)
        )

    def _local(self, frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        opened = self.frames[frame]
        if event in ("line", "return"):
            self.lines += 1
            if self.lines > LINES_AT_MOST:
                raise _Stop(f"Stopped after {LINES_AT_MOST} lines: the backward does not seem to end.")
            if self.lines % 64 == 0 and time.monotonic() > self.until:
                raise _Stop(f"Not finished after {self.seconds:g} seconds.")
            self.turn += 1
            self._compare(frame, opened, result=arg if event == "return" else None)
            opened.line = frame.f_lineno
        return self._local

    def _statement(self, frame: FrameType, line: int) -> Statement:
        file = frame.f_code.co_filename
        if file not in self.statements:
            self.statements[file] = Statements(file)
        return self.statements[file].at(line)

    def _compare(self, frame: FrameType, opened: _Open, *, given: bool = False, result: Any = None) -> None:
        statement = self._statement(frame, opened.line)
        reads: tuple[int, ...] | None = None
        if not given:
            reads = self._reads(opened, statement)
        changed: list[tuple[str, Any, np.ndarray[Any, Any]]] = []
        found = list(_arrays(frame.f_locals, self._is_own))
        if result is not None:
            found += list(_walk(_RESULT, result, 0, self._is_own, set()))
        for path, thing, array in found:
            kept = opened.kept.get(path)
            if kept is not None and (kept.thing is thing or array.ndim == 0) and _same(kept.copy, array):
                continue
            changed.append((path, thing, array))
        changed.sort(key=lambda item: not statement.writes_to(item[0]))
        for number in reads or ():
            version = self.versions[number]
            if not any(opened.kept.get(p) is not None and opened.kept[p].version == number for p, _, _ in changed):
                version.used = True
        for path, thing, array in changed:
            self._put(frame, opened, statement, reads or (), path, thing, array, given)

    def _put(
        self,
        frame: FrameType,
        opened: _Open,
        statement: Statement,
        reads: tuple[int, ...],
        path: str,
        thing: Any,
        array: np.ndarray[Any, Any],
        given: bool,
    ) -> None:
        old = opened.kept.get(path)
        known = self.by_object.get(id(thing)) if array.ndim or isinstance(thing, np.generic) else None
        alias = known is not None and _same(self.versions[known].array, array)
        bare = statement.copies and statement.writes_to(path)
        renamed = alias and not given and (bare or (opened.number == 1 and path.startswith(_RESULT)))
        if known is not None and alias and not renamed:
            version = self.versions[known]
            if path not in version.names:
                version.names.append(path)
            opened.kept[path] = _Kept(thing, version.array, known)
            return
        again = old is not None and statement.grows and self.versions[old.version].statement is statement
        # a sum that grows round by round is kept once; everything else version by version
        copy = np.array(array)
        self.bytes += copy.nbytes
        if again and old is not None and not self.versions[old.version].used:
            kept_bytes = self.versions[old.version].array.nbytes
            self.bytes -= kept_bytes
            self.versions[old.version].array = np.empty(0)
        if self.bytes > _BYTES_AT_MOST:
            raise _Stop(f"Stopped after keeping {_BYTES_AT_MOST >> 20} MB of arrays: run it on less data.")
        number = len(self.versions)
        version = Version(
            number,
            self.turn,
            path,
            copy,
            statement,
            opened.number,
            frame.f_code.co_name,
            given,
            reads,
            [path],
            before=old.version if old is not None else None,
            copy_of=known if renamed else None,
        )
        self.versions.append(version)
        if old is not None and self.versions[old.version].then is None and not given:
            self.versions[old.version].then = number
        opened.kept[path] = _Kept(thing, copy, number)
        self.by_object[id(thing)] = number
        self.alive.append(thing)

    def _reads(self, opened: _Open, statement: Statement) -> tuple[int, ...]:
        found = []
        for path, kept in opened.kept.items():
            if statement.looks_at(path):
                found.append(kept.version)
        return tuple(dict.fromkeys(found))

    def _raised(self, error: BaseException) -> Raised:
        place = None
        step = error.__traceback__
        while step is not None:
            if self._is_own(step.tb_frame.f_code.co_filename):
                place = step
            step = step.tb_next
        if place is None:
            return Raised(type(error).__name__, str(error), self.backward.__code__.co_firstlineno, "", "")
        frame = place.tb_frame
        statement = self._statement(frame, place.tb_lineno)
        shapes = [
            f"{path} {array.shape}".replace(" ", "\u00a0")
            for path, _, array in _arrays(frame.f_locals, self._is_own)
            if array.ndim and statement.looks_at(path)
        ]
        return Raised(
            type(error).__name__, str(error), statement.line, statement.text, ", ".join(shapes).replace("\u00a0", " ")
        )


def _arrays(scope: dict[str, Any], is_own: Callable[[str], bool]) -> Iterator[tuple[str, Any, np.ndarray[Any, Any]]]:
    seen: set[int] = set()
    for name, thing in list(scope.items()):
        if not name.startswith(("__", ".")):
            yield from _walk(name, thing, 0, is_own, seen)


def _walk(
    path: str, thing: Any, depth: int, is_own: Callable[[str], bool], above: set[int]
) -> Iterator[tuple[str, Any, np.ndarray[Any, Any]]]:
    array = numbers(thing)
    if array is not None:
        yield path, thing, array
        return
    if depth >= _DEEPEST or thing is None or isinstance(thing, str | int | float | bool):
        return
    items: list[tuple[str, Any]] = []
    if isinstance(thing, dict):
        items = [(f"{path}[{key!r}]", value) for key, value in list(thing.items())]
    elif isinstance(thing, list | tuple):
        items = [(f"{path}[{k}]", value) for k, value in enumerate(thing[:64])]
    elif hasattr(thing, "__dict__") and not isinstance(thing, type) and _made_here(thing, is_own):
        items = [(f"{path}.{name}", value) for name, value in list(vars(thing).items())]
    if id(thing) in above:
        return
    above.add(id(thing))
    for inner, value in items:
        yield from _walk(inner, value, depth + 1, is_own, above)
    above.discard(id(thing))


def _made_here(thing: Any, is_own: Callable[[str], bool]) -> bool:
    """Whether an object is of a class of the person's own file."""
    module = sys.modules.get(type(thing).__module__)
    file = getattr(module, "__file__", None)
    if file is not None:
        return is_own(file)
    functions = (v for v in vars(type(thing)).values() if hasattr(v, "__code__"))
    return any(is_own(f.__code__.co_filename) for f in functions)


def _same(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
