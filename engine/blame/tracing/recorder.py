"""Keeps every array that a statement made, as it was then.

Before a statement begins, and where a function ends, what the variables hold is compared with kept copies (plain
comparison beats hashing). What is new or changed is a *version*, made by the statement that ran before. Where the text
of a statement says that it only makes what it assigns to, only that is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FrameType
from typing import Any

import numpy as np

from engine.blame.statements import Place, Statement, Statements
from engine.blame.tracing.arrays import Found, arrays_in, same, walk
from engine.blame.tracing.own import Own
from engine.blame.tracing.records import Stop, Version

LINES_AT_MOST = 150_000
"""Lines after which a run is taken for an endless loop."""
BYTES_AT_MOST = 1 << 28
"""What the kept copies may take together."""
_RESULT = "return"
_SUSPENDS = 0x20 | 0x80 | 0x200
"""Code flags of generators and coroutines, whose frames go on after they have handed something out."""


@dataclass(slots=True)
class _Kept:
    thing: Any
    copy: np.ndarray[Any, Any]
    version: int


@dataclass(slots=True, eq=False)
class _Open:
    """A call that runs: the place of the line it is on, what was kept, and what came in since that line began.

    ``first`` is the number of the first version that is made inside. ``received`` are the versions that functions
    called by the line handed back; ``called``: there were some; ``failed``: the line has raised.
    """

    number: int
    first: int
    place: Place
    line: int
    caller: _Open | None
    globals: tuple[str, ...]
    kept: dict[str, _Kept] = field(default_factory=dict)
    received: list[int] = field(default_factory=list)
    called: bool = False
    failed: bool = False


class Recorder:
    """Is told what happens in the person's own functions (`engine.blame.tracing.listening`), and keeps the versions."""

    def __init__(self, own: Own, seconds: float) -> None:
        self.own = own
        self.versions: list[Version] = []
        self.by_object: dict[int, int] = {}
        self.ran: dict[Statement, int] = {}
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._open: dict[FrameType, _Open] = {}
        self._alive: list[Any] = []
        self._statements: dict[str, Statements] = {}
        self._globals: dict[CodeType, tuple[str, ...]] = {}
        self._turn = self._lines = self._bytes = self._count = 0

    # ---- what happens --------------------------------------------------------------------------------------

    def entered(self, frame: FrameType) -> None:
        """A function begins, or a generator goes on."""
        caller = self._caller(frame)
        if caller is not None:
            caller.called = True
        opened = self._open.get(frame)
        if opened is not None:
            opened.caller = caller
            return
        self._count += 1
        code = frame.f_code
        place = self.statements(code.co_filename).on(frame.f_lineno)
        opened = _Open(self._count, len(self.versions), place, frame.f_lineno, caller, self._mentioned(code))
        self._open[frame] = opened
        reads = self._reads_of_call(caller) if caller is not None else ()
        for path, thing, array in arrays_in(self._variables(frame, opened), self.own):
            # what an argument computes is made by the line that calls: ``relu(W @ x + b)``
            made = caller is not None and array.ndim > 0 and path.split("[")[0] in _arguments(code)
            statement = caller.place.statements[-1] if caller is not None and made else place.statements[-1]
            self._put(frame, opened, statement, reads, (path, thing, array), given=not made)

    def moved(self, frame: FrameType, line: int) -> None:
        """A line begins."""
        opened = self._open.get(frame)
        if opened is None:
            return
        self._tick(line)
        place = self.statements(frame.f_code.co_filename).on(line)
        again = place is opened.place and (line != opened.line or not place.loops)
        if not again:
            self._compare(frame, opened, going_to=line)
            opened.place = place
            opened.received, opened.called, opened.failed = [], False, False
        opened.line = line

    def failed(self, frame: FrameType) -> None:
        """The line that runs has raised."""
        opened = self._open.get(frame)
        if opened is not None:
            opened.failed = True

    def left(self, frame: FrameType, result: Any) -> None:
        """A function ends, or a generator hands something out; None also where it ends by an exception."""
        opened = self._open.get(frame)
        if opened is None:
            return
        self._tick(opened.line)
        self._compare(frame, opened, result=result)
        if opened.caller is not None:
            handed = [
                k.version
                for p, k in opened.kept.items()
                if p == _RESULT or p.startswith((_RESULT + "[", _RESULT + "."))
            ]
            opened.caller.received += handed if result is not None else []
        if not frame.f_code.co_flags & _SUSPENDS:
            del self._open[frame]

    # ---- looking -------------------------------------------------------------------------------------------

    def statements(self, file: str) -> Statements:
        """The statements of a file."""
        if file not in self._statements:
            self._statements[file] = Statements(file)
        return self._statements[file]

    def _tick(self, line: int) -> None:
        self._lines += 1
        if self._lines > LINES_AT_MOST:
            raise Stop(f"Stopped after {LINES_AT_MOST:,} lines, on line {line}: the backward does not seem to end.")
        if self._lines % 64 == 0 and time.monotonic() > self._until:
            raise Stop(f"Not finished after {self._seconds:g} seconds and {self._lines:,} lines, on line {line}.")

    def _caller(self, frame: FrameType) -> _Open | None:
        """The nearest of the person's own calls above; NumPy may stand in between (``np.vectorize``)."""
        above = frame.f_back
        while above is not None:
            if above in self._open:
                return self._open[above]
            above = above.f_back
        return None

    def _mentioned(self, code: CodeType) -> tuple[str, ...]:
        """The names of a function that are neither its own nor attributes."""
        if code not in self._globals:
            names = self.statements(code.co_filename).names
            self._globals[code] = tuple(name for name in code.co_names if name in names)
        return self._globals[code]

    def _variables(self, frame: FrameType, opened: _Open) -> list[tuple[str, Any]]:
        """Everything that the function can see by name: its own variables, and the global ones it mentions."""
        found = list(frame.f_locals.items())
        if opened.globals:
            around, own = frame.f_globals, frame.f_locals
            found += [(name, around[name]) for name in opened.globals if name in around and name not in own]
        return found

    def _reads_of_call(self, caller: _Open) -> tuple[int, ...]:
        """What the statement that calls has read."""
        reads = [n for one in caller.place.statements for n in self._reads(caller, one)]
        return tuple(dict.fromkeys([*reads, *caller.received]))

    def _reads(self, opened: _Open, statement: Statement) -> tuple[int, ...]:
        return tuple(dict.fromkeys(kept.version for path, kept in opened.kept.items() if statement.looks_at(path)))

    # ---- comparing -----------------------------------------------------------------------------------------

    def _compare(self, frame: FrameType, opened: _Open, going_to: int = 0, result: Any = None) -> None:
        """What is new since the line began, told to be made by the statements that stand there."""
        place = opened.place
        self._turn += 1
        for statement in place.statements:
            self.ran.setdefault(statement, self._turn)
        found = self._found(frame, opened)
        if result is not None:
            found += walk(_RESULT, result, self.own)
        changed: list[tuple[Found, bool]] = []
        for one in found:
            path, thing, array = one
            kept = opened.kept.get(path)
            known = kept is not None and (kept.thing is thing or array.ndim == 0) and same(kept.copy, array)
            if not known:
                changed.append((one, False))
            elif kept is not None and self._written(opened, kept, one, going_to):
                changed.append((one, True))
        self._mark(opened, [one[0] for one, _ in changed])
        for statement, parts in _shared(place, changed):
            reads = tuple(dict.fromkeys([*self._reads(opened, statement), *opened.received]))
            for one, anew in sorted(parts, key=lambda part: not statement.writes_to(part[0][0])):
                self._put(frame, opened, statement, reads, one, anew=anew)

    def _found(self, frame: FrameType, opened: _Open) -> list[Found]:
        """What may have changed. All of it, unless the one statement of the line only makes what it assigns to."""
        statement = opened.place.statements[-1]
        if len(opened.place.statements) == 1 and statement.makes and not opened.called and not opened.failed:
            names = self._only_names(opened, statement)
            if names is not None:
                variables = frame.f_locals
                some = [(name, variables[name]) for name in names if name in variables]
                return list(arrays_in(some, self.own))
        found = list(arrays_in(self._variables(frame, opened), self.own))
        if len(opened.kept) > len(found):
            paths = {path for path, _, _ in found}
            for path in [p for p in opened.kept if p not in paths]:
                del opened.kept[path]
        return found

    def _only_names(self, opened: _Open, statement: Statement) -> Iterable[str] | None:
        """The plain names that a statement makes anew; None where it changes what stands there."""
        targets = statement.targets
        if not targets.names or any(name in opened.globals for name in targets.exact):
            return None
        if targets.added:
            kept = [opened.kept.get(name) for name in targets.exact]
            if not all(k is not None and isinstance(k.thing, float) for k in kept):
                return None
        return targets.exact

    def _written(self, opened: _Open, kept: _Kept, one: Found, going_to: int) -> bool:
        """Whether an array that is as it was has been written all the same: with the very numbers it had."""
        place, (path, thing, array) = opened.place, one
        if opened.failed:
            return False
        if not all(statement.simple for statement in place.statements):
            # a loop that goes on has taken the next of its numbers
            body = place.statements[0].body
            return (
                body is not None and going_to in body and array.ndim == 0 and path in place.statements[0].targets.exact
            )
        for statement in place.statements:
            targets = statement.targets
            if path in targets.exact and (array.ndim == 0 or (targets.added and kept.thing is thing)):
                return True
            if path in targets.entries and kept.thing is thing:
                return True
        return False

    def _mark(self, opened: _Open, changed: list[str]) -> None:
        """Versions that the line read are used, unless the line itself put something in their place."""
        replaced = {kept.version for path in changed if (kept := opened.kept.get(path)) is not None}
        reads = {n for statement in opened.place.statements for n in self._reads(opened, statement)}
        for number in reads.union(opened.received) - replaced:
            self.versions[number].used = True

    # ---- keeping -------------------------------------------------------------------------------------------

    def _put(
        self,
        frame: FrameType,
        opened: _Open,
        statement: Statement,
        reads: tuple[int, ...],
        one: Found,
        *,
        given: bool = False,
        anew: bool = False,
    ) -> None:
        path, thing, array = one
        old = opened.kept.get(path)
        known = self.by_object.get(id(thing)) if array.ndim or isinstance(thing, np.generic) else None
        alias = known is not None and not anew and same(self.versions[known].array, array)
        bare = statement.only_renames(path)
        # a function that hands back what it was handed has made nothing of it: that can be the mistake
        unchanged = path == _RESULT and known is not None and known < opened.first
        renamed = alias and not given and (bare or (opened.number == 1 and path.startswith(_RESULT)) or unchanged)
        if known is not None and alias and not renamed:
            version = self.versions[known]
            if path not in version.names:
                version.names.append(path)
            opened.kept[path] = _Kept(thing, version.array, known)
            return
        copy = np.array(array)
        self._weigh(copy, old, statement)
        number = len(self.versions)
        self.versions.append(
            Version(
                number,
                self._turn,
                path,
                copy,
                statement,
                opened.number,
                frame.f_code.co_name,
                given,
                tuple(n for n in reads if n != number),
                [path],
                before=old.version if old is not None else None,
                copy_of=known if renamed else None,
                listed=isinstance(thing, list),
            )
        )
        if old is not None and self.versions[old.version].then is None and not given:
            self.versions[old.version].then = number
        opened.kept[path] = _Kept(thing, copy, number)
        self.by_object[id(thing)] = number
        self._alive.append(thing)

    def _weigh(self, copy: np.ndarray[Any, Any], old: _Kept | None, statement: Statement) -> None:
        """Count what is kept. A sum that grows round by round is kept once; everything else version by version."""
        self._bytes += copy.nbytes
        before = self.versions[old.version] if old is not None else None
        if before is not None and statement.grows and before.statement is statement and not before.used:
            self._bytes -= before.array.nbytes
            before.array = np.empty(0)
        if self._bytes > BYTES_AT_MOST:
            raise Stop(f"Stopped after keeping {BYTES_AT_MOST >> 20} MB of arrays: run it on less data.")


def _arguments(code: CodeType) -> tuple[str, ...]:
    """The names that a function's arguments have inside it."""
    stars = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]


def _shared(place: Place, changed: list[tuple[Found, bool]]) -> list[tuple[Statement, list[tuple[Found, bool]]]]:
    """Which of the statements on a line made what: the last one that assigns to it, else the first that looks at it."""
    statements = place.statements
    if len(statements) == 1:
        return [(statements[0], changed)] if changed else []
    shares: dict[int, list[tuple[Found, bool]]] = {}
    for one in changed:
        path = one[0][0]
        writing = [k for k, statement in enumerate(statements) if statement.writes_to(path)]
        looking = [k for k, statement in enumerate(statements) if statement.looks_at(path)]
        chosen = writing[-1] if writing else looking[0] if looking else len(statements) - 1
        shares.setdefault(chosen, []).append(one)
    return [(statements[k], shares[k]) for k in sorted(shares)]
