"""One recording in progress, and what every stand-in knows of itself.

Only operations of the table are recorded. On a value that depends on data alone anything else is allowed too: it is
computed on the real array, and the array that was read is remembered as *frozen*, so that a later run with other data
is refused instead of being wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from engine.copies import copied_array
from engine.errors import TraceError
from engine.graph import Graph
from engine.instead import instead_of
from engine.ir import Frozen
from engine.names import Namer
from engine.source import calling_frame, is_returned, source_of


class Unrecorded(Exception):
    """A call that the table cannot say: the reason, and what to write instead."""

    def __init__(self, reason: str, cure: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


class Standing:
    """What stands for one array of a recording: ``index`` addresses the graph."""

    __slots__ = ("index", "session")

    def __init__(self, session: Session, index: int) -> None:
        self.session = session
        self.index = index

    @property
    def array(self) -> Any:
        return self.session.graph.cells[self.index].array

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.array)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.session.graph.cells[self.index].dtype


class Session:
    """The graph, the user's names, frozen reads, the first refusal; ``stand_in`` makes a stand-in of this session."""

    def __init__(self, stand_in: Callable[..., Any]) -> None:
        self.stand_in = stand_in
        self.graph = Graph()
        self.namer = Namer()
        self.frozen: list[Frozen] = []
        self.error: TraceError | None = None
        self.given_back: tuple[Any, Any, TraceError] | None = None
        self._constants: dict[int, list[tuple[Any, int]]] = {}

    def leaves(self, tree: Any, kind: str, path: str) -> Any:
        """``tree`` with every array in it replaced by a stand-in; anything else stays as it is."""
        if isinstance(tree, dict):
            return {k: self.leaves(v, kind, f"{path}[{k!r}]") for k, v in tree.items()}
        if isinstance(tree, list | tuple):
            items = [self.leaves(v, kind, f"{path}[{k}]") for k, v in enumerate(tree)]
            if isinstance(tree, list):
                return items
            return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
        if isinstance(tree, np.ndarray | np.generic) and tree.dtype.kind in "biufc":
            name = path if path.isidentifier() else None
            index = self.graph.leaf(tree, kind, name, None if name else path)
            return self.stand_in(self, index, fixed=True)
        return tree

    def refuse(self, reason: str, cure: str = "", frame: FrameType | None = None) -> NoReturn:
        """Raise TraceError at the user's line, and remember it in case the user's code swallows it."""
        error = self._at(reason, cure, frame)
        if self.error is None:
            self.error = error
        raise error

    def _at(self, reason: str, cure: str, frame: FrameType | None = None) -> TraceError:
        where = source_of(frame or calling_frame())
        return TraceError(
            reason,
            file=where.file if where else None,
            line=where.line if where else None,
            text=where.text if where else "",
            cure=cure,
        )

    def operand(self, value: Any, beside: np.dtype[Any] | None = None) -> int:
        """The index of an operand: a stand-in's, a literal's, or a captured constant's (copied)."""
        if isinstance(value, Standing):
            return value.index
        if isinstance(value, np.generic) and value.dtype.kind in "biuf" and beside in (np.float64, None):
            value = value.item()
        if type(value) in (bool, int, float):
            return self.graph.literal(value)
        if isinstance(value, list | tuple):
            if contains_standin(value):
                self.refuse(
                    "a list that holds recorded values is used as an array.",
                    "Make it one array: np.stack([...]) or np.concatenate([...]).",
                )
            value = np.asarray(value)
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "biuf":
            kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
            self.refuse(f"{kind} takes part in the computation; only real numbers can be recorded.")
        known = self._constants.setdefault(id(value), [])
        for original, index in known:
            kept = self.graph.cells[index].array
            if (
                original is value
                and kept.dtype == value.dtype
                and np.array_equal(kept, value, equal_nan=value.dtype.kind == "f")
            ):
                return index
        if (
            isinstance(value, np.ndarray)
            and value.dtype == np.arange(1).dtype
            and np.array_equal(value, np.arange(value.size))
        ):
            index = self.graph.apply("arange", (), {"size": value.size})
            known.append((value, index))
            return index
        frozen = value
        if isinstance(value, np.ndarray):
            frozen = copied_array(value)
            frozen.setflags(write=False)
        index = self.graph.leaf(frozen, "constant", None)
        self.namer.constant(index, value, calling_frame())
        known.append((value, index))
        return index

    def apply(self, op: str, operands: tuple[Any, ...], spelling: str, **attributes: Any) -> Any:
        """Execute and record one operation; NumPy's own exceptions pass through to the user's code."""
        frame = calling_frame()
        self.namer.observe(frame)
        beside = next((v.dtype for v in operands if isinstance(v, Standing) and v.dtype.kind == "f"), None)
        indices = tuple(self.operand(v, beside) for v in operands)
        index = self.graph.apply(op, indices, attributes, spelling=spelling, source=source_of(frame))
        return self.stand_in(self, index)

    def read(self, standin: Standing, what: str) -> Any:
        """The real array, for code that needs numbers; only where it depends on data alone."""
        cell = self.graph.cells[standin.index]
        if cell.depends:
            self.refuse(*self._needs_number(what))
        self.freeze(standin)
        return cell.array

    def _needs_number(self, what: str) -> tuple[str, str]:
        where = source_of(calling_frame())
        return (
            f"{what} needs the number itself, but this value depends on a parameter; "
            "what follows from it could not be differentiated.",
            instead_of(what, where.text if where else "")
            or "Keep it an array and use NumPy operations (np.stack for a list), or compute it outside loss.",
        )

    def number(self, standin: Standing, what: str) -> Any:
        """A Python number; of what depends on a parameter only where it is nothing but what ``loss`` returns.

        Whether it really comes back is seen when the recording ends: another number was computed from it.
        """
        cell = self.graph.cells[standin.index]
        returned = cell.depends and cell.dtype.kind == "f" and self.given_back is None and is_returned(calling_frame())
        if not returned:
            return self.read(standin, what).item()
        value = cell.array.item()
        loss = standin if cell.dtype == np.float64 else self.apply("astype", (standin,), "method", dtype="float64")
        self.given_back = (value, loss, self._at(*self._needs_number(what)))
        return value

    def returned(self, result: Any) -> Any:
        """What ``loss`` returned, or the recorded value that it turned into a number as the last thing."""
        if self.given_back is None:
            return result
        value, loss, error = self.given_back
        if result is not value:
            self.error = self.error or error
        return loss

    def freeze(self, standin: Standing) -> None:
        """Remember that the program is only good for arrays that give this value again."""
        if not any(f.value == standin.index for f in self.frozen):
            kept = np.array(self.graph.cells[standin.index].array)
            kept.setflags(write=False)
            self.frozen.append(Frozen(standin.index, kept, source_of(calling_frame())))

    def concrete(self, tree: Any, what: str) -> Any:
        """Arguments of a function that is not in the table, with stand-ins replaced by the arrays they stand for."""
        if isinstance(tree, Standing):
            return np.array(self.read(tree, what))
        if isinstance(tree, list | tuple):
            return type(tree)(self.concrete(v, what) for v in tree)
        if isinstance(tree, dict):
            return {k: self.concrete(v, what) for k, v in tree.items()}
        return tree

    def unsupported(
        self, name: str, function: Callable[..., Any], args: Any, kwargs: Any, reason: str = "", cure: str = ""
    ) -> Any:
        """What is outside the table: computed on data, refused on anything that depends on a parameter."""
        if depends(args) or depends(kwargs):
            self.refuse(
                reason or f"{name} is not among the operations chainstep records.",
                cure or instead_of(name),
            )
        return function(*self.concrete(args, name), **self.concrete(kwargs, name))


def contains_standin(tree: Any) -> bool:
    """Whether nested containers hold a stand-in."""
    if isinstance(tree, Standing):
        return True
    if isinstance(tree, dict):
        return any(contains_standin(v) for v in tree.values())
    return isinstance(tree, list | tuple) and any(contains_standin(v) for v in tree)


def depends(tree: Any) -> bool:
    """Whether anything in nested containers depends on a parameter."""
    if isinstance(tree, Standing):
        return tree.session.graph.cells[tree.index].depends
    if isinstance(tree, dict):
        return any(depends(v) for v in tree.values())
    return isinstance(tree, list | tuple) and any(depends(v) for v in tree)


def plain_array(value: Any) -> Any:
    """The array behind a stand-in; anything else is returned as it is."""
    return value.array if isinstance(value, Standing) else value


def dtype_of(value: Any) -> Any:
    """The dtype of an array, a stand-in or a plain value."""
    return value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
