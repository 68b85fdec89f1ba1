"""Which value carries which of the user's names.

At every recorded operation the locals of the user's frames are compared with what was bound before; frames are kept,
because their locals stay readable after the return. No tracing hook, no bytecode. The outermost frame's name wins; an
argument of a helper names nothing (``relu(x)`` does not call everything ``x``) except a nested parameter; a name that
is bound again is numbered. Names for hidden values, gradients and temporaries come from the same pool.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import is_
from types import FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

_NUMBERED = re.compile(r"(.*?[^\W\d_])_?(\d+)")
_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RESERVED = {"np", "numpy"}
# What holds nothing under names of its own and stands in nearly every frame.
_PLAIN = frozenset((int, float, bool, str, list, tuple, range, type(None), np.ndarray))


@dataclass(frozen=True, slots=True)
class _Held:
    """What a container held when it was last read, and how many in-place writes there had been by then."""

    keys: list[Any]
    values: list[Any]
    writes: int


@dataclass(slots=True)
class _Seen:
    """A user's frame and what its names were last bound to."""

    frame: FrameType
    depth: int
    bound: dict[str, int] = field(default_factory=dict)
    held: dict[str, _Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binding:
    """A name was bound to a value; ``argument`` marks a helper's argument."""

    depth: int
    order: int
    name: str
    value: int
    argument: bool


class Namer:
    """Collects bindings while the program is recorded."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self.bindings: list[Binding] = []
        self.constants: dict[int, str] = {}
        self.writes = 0
        """In-place writes so far: each gives an array that a container holds another value."""

    def observe(self, frame: FrameType | None) -> None:
        """Compare the locals of every user's frame on the stack with what was bound before."""
        stack: list[FrameType] = []
        while frame is not None and frame.f_code.co_name != "_recorded":
            stack.append(frame)
            frame = frame.f_back
        for depth, one in enumerate(reversed(stack)):
            known = self._seen.get(id(one))
            if known is None or known.frame is not one:
                known = self._seen[id(one)] = _Seen(one, depth)
                self._compare(known, arguments=depth > 0)
            else:
                self._compare(known)

    def harvest(self, frame: FrameType | None) -> None:
        """Read the frames that have returned a last time and let them go, so that they keep no views alive."""
        live = set()
        self.observe(frame)
        while frame is not None:
            live.add(id(frame))
            frame = frame.f_back
        for key in [k for k in self._seen if k not in live]:
            self._compare(self._seen.pop(key))

    def finish(self) -> None:
        """The recording is over: read all frames a last time."""
        for known in self._seen.values():
            self._compare(known)
        self._seen.clear()

    def constant(self, index: int, value: Any, frame: FrameType | None) -> None:
        """Remember the name under which the user holds a captured array, if there is one."""
        while frame is not None and frame.f_code.co_name != "_recorded":
            for scope in (frame.f_locals, frame.f_globals):
                for name, held in list(scope.items()):
                    if held is value and name.isidentifier() and not name.startswith("_"):
                        self.constants[index] = name
                        return
            frame = frame.f_back

    def _compare(self, known: _Seen, arguments: bool = False) -> None:
        code = known.frame.f_code
        own = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) if arguments else set()
        for name, held in list(known.frame.f_locals.items()):
            if type(held).__name__ == "StandIn":
                self._bind(known, name, held, name in own)
            elif type(held) not in _PLAIN:
                self._compare_items(known, name, held, name in own and type(held) is dict)

    def _compare_items(self, known: _Seen, name: str, holder: Any, argument: bool) -> None:
        """Compare what ``holder`` holds under names of its own with what it held before.

        What it still holds in the same order is told by identity alone: a dict may hold every activation of a long
        loop, and this is asked at every operation.
        """
        items = _items(holder)
        before = known.held.get(name)
        if not items and before is None:
            return
        keys, values = list(items), list(items.values())
        same = 0
        if before is not None and before.writes == self.writes and before.keys == keys[: len(before.keys)]:
            same = len(before.keys) if all(map(is_, before.values, values)) else 0
        known.held[name] = _Held(keys, values, self.writes)
        for key, item in zip(keys[same:], values[same:], strict=True):
            if isinstance(key, str) and key.isidentifier():
                self._bind(known, key, item, argument, deeper=1)

    def _bind(self, known: _Seen, name: str, held: Any, argument: bool, deeper: int = 0) -> None:
        index = getattr(held, "index", None)
        if type(held).__name__ != "StandIn" or index is None:
            return
        slot = name if not deeper else f"[{name}]"
        if known.bound.get(slot) != index:
            known.bound[slot] = index
            self.bindings.append(Binding(2 * known.depth + deeper, len(self.bindings), name, index, argument))


def _items(holder: Any) -> dict[Any, Any]:
    """What a local name holds under names of its own: a dict's items, or an object's attributes (``self.z1``)."""
    if type(holder) is dict:
        return holder
    if isinstance(holder, ModuleType | FunctionType | MethodType | type | np.ndarray | np.generic):
        return {}
    found = getattr(holder, "__dict__", {})
    return found if type(found) is dict else dict(found)


@dataclass(slots=True)
class Pool:
    """Identifiers in use; one pool for values, gradients and temporaries, so that nothing collides."""

    taken: set[str] = field(default_factory=set)
    # The number from which to look for a free variant; a name is never given back.
    _next: dict[str, int] = field(default_factory=dict)

    def take(self, name: str) -> str:
        """``name``, or the nearest free variant of it (``z1``, ``z1_1``, ``z1_2``, ...)."""
        if self.free(name):
            self.taken.add(name)
            return name
        return self.take(f"{name}_{self._number(f'{name}_')}")

    def free(self, name: str) -> bool:
        return name not in self.taken and name not in _RESERVED and not keyword.iskeyword(name) and name.isidentifier()

    def fresh(self, stem: str) -> str:
        """The next free ``t1``, ``t2``, ..."""
        return self.take(f"{stem}{self._number(stem)}")

    def _number(self, stem: str) -> int:
        count = self._next.get(stem, 1)
        while not self.free(f"{stem}{count}"):
            count += 1
        self._next[stem] = count + 1
        return count

    def numbered(self, name: str, count: int, first: int = 1) -> list[str]:
        """``h1, h2, ...`` for a name bound ``count`` times, ``h_1, h_2, ...`` where those are taken."""
        plain = [f"{name}{k}" for k in range(first, first + count)]
        if name[-1].isdigit() or not all(self.free(p) for p in plain):
            return [self.take(f"{name}_{k}") for k in range(first, first + count)]
        self.taken.update(plain)
        return plain


def choose(bindings: Iterable[Binding], leaves: set[int], unnamed_leaves: set[int]) -> dict[int, str]:
    """The user's name of each value: the outermost, then the earliest. Unnamed leaves take a loop variable's."""
    best: dict[int, Binding] = {}
    for binding in bindings:
        if binding.value in leaves and binding.value not in unnamed_leaves:
            continue
        if binding.argument and binding.value not in unnamed_leaves:
            continue
        if binding.name.startswith("_"):
            continue
        known = best.get(binding.value)
        if known is None or (binding.argument, binding.depth, binding.order) < (
            known.argument,
            known.depth,
            known.order,
        ):
            best[binding.value] = binding
    return {value: binding.name for value, binding in best.items()}


def symbol(name: str) -> str:
    """A name as mathematics: ``W1`` is W₁, ``h_2`` is h₂."""
    match = _NUMBERED.fullmatch(name)
    return match[1] + match[2].translate(_DIGITS) if match else name


def gradient_name(name: str) -> str:
    return f"d{name}"
