"""Recording: one run of ``loss`` on stand-in arrays, and the proof that the recording is faithful.

The stand-ins speak NumPy's own protocols (NEP 13 ``__array_ufunc__``, NEP 18 ``__array_function__``) and Python's
operators; every operation is executed at once on the real arrays, with the user's spelling, and appended to the graph.
What cannot be recorded faithfully raises `TraceError`; the error is kept, so that a user's ``except Exception`` does
not turn it into a silently wrong gradient.
"""

from __future__ import annotations

import inspect
import io
import pickle
import random
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine import given
from engine.copies import copied
from engine.errors import TraceError
from engine.fresh import constructors
from engine.graph import Graph
from engine.held import standing_in
from engine.ir import Frozen, Node
from engine.names import Namer
from engine.ops import TABLE
from engine.outside import read_outside
from engine.session import Session, plain_array
from engine.source import source_of, user_frame
from engine.standin import StandIn
from engine.streams import apart

Loss = Callable[..., Any]
# How often a loss is recorded again to find the line where a number changes from run to run.
_ATTEMPTS = 5
_INDEPENDENT = "loss does not depend on any parameter, so there is no gradient to show."


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What one recorded run leaves behind: the forward graph, its loss, its leaves and the user's names."""

    graph: Graph
    loss: int
    arguments: tuple[str, ...]
    parameters: tuple[int, ...]
    data: tuple[int, ...]
    constants: tuple[int, ...]
    frozen: tuple[Frozen, ...]
    namer: Namer
    file: str | None
    plain: Mapping[str, Any]


def record(loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any]) -> Recording:
    """Run ``loss`` once plainly on copies and once on stand-ins, and compare the two bit for bit.

    Raises TraceError for whatever cannot be recorded, with file, line and source text.
    """
    given.check(params, data, _definition(loss)[0])
    names = argument_names(loss, params, data)
    own_params, own_data = copied((dict(params), dict(data)))

    def again() -> Any:
        return _plain(loss, names, own_params, own_data, params)

    plain = again()
    drawn = _random_state()
    try:
        recording = _recorded(loss, names, params, data)
    except _NoGradient:
        _refuse_outside(loss, again, params, plain)
        raise
    traced = recording.graph.cells[recording.loss].array
    random_numbers = _random_state() != drawn and _draws(again)
    if _bits(plain) != _bits(traced) or random_numbers:
        others = (_recorded(loss, names, params, data) for _ in range(_ATTEMPTS))
        raise _unfaithful(loss, plain, traced, recording, others)
    _refuse_outside(loss, again, params, plain)
    if read_outside(lambda: _bits(again()), data, _bits(plain)) is not None:
        return replace(recording, frozen=(*recording.frozen, *_as_constants(recording)))
    return recording


def _refuse_outside(loss: Loss, again: Callable[[], Any], params: Mapping[str, Any], plain: Any) -> None:
    """Refuse a loss that reads the memory of a parameter in another way than through the array in ``params``."""
    outside = read_outside(lambda: _bits(again()), params, _bits(plain))
    if outside is not None:
        file, line = _definition(loss)
        raise TraceError(
            f"loss reads the parameter {outside} past its arguments, from a view or a tuple that was made outside; "
            "the gradient would lack that share.",
            file=file,
            line=line,
            cure=f"Use the argument {outside}, or make its slice, transpose or tuple inside loss.",
        )


class _NoGradient(TraceError):
    """The loss does not depend on a parameter that was followed."""


def _as_constants(recording: Recording) -> list[Frozen]:
    """Data that loss reads past its arguments cannot be followed: a run with other data is refused."""
    cells = recording.graph.cells
    return [Frozen(i, np.array(cells[i].array), None) for i in recording.data if cells[i].dtype.kind == "f"]


def argument_names(loss: Loss, params: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[str, ...]:
    """The names by which ``loss`` is called, out of ``params`` and ``data``. Raises TraceError for any other."""
    file, line = _definition(loss)
    both = sorted(set(params) & set(data))
    if both:
        raise TraceError(f"`{both[0]}` is in params and in data; it must be in one of them.", file=file)
    result = []
    for parameter in inspect.signature(loss).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            result += [k for k in (*params, *data) if k not in result]
        elif parameter.name in params or parameter.name in data or parameter.name in ("params", "data"):
            result.append(parameter.name)
        elif parameter.default is parameter.empty:
            raise TraceError(
                f"loss asks for `{parameter.name}`, which is in neither params nor data.",
                file=file,
                line=line,
                cure=f"Add `{parameter.name}` to params (gradients are taken) or to data. "
                f"There are: {', '.join((*params, *data))}.",
            )
    return tuple(result)


def arguments_of(names: tuple[str, ...], params: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of ``loss``; the names ``params`` and ``data`` stand for the whole mappings."""
    whole = {"params": params, "data": data}
    return {n: params[n] if n in params else data[n] if n in data else whole[n] for n in names}


def _plain(
    loss: Loss, names: tuple[str, ...], params: Mapping[str, Any], data: Mapping[str, Any], own: Mapping[str, Any]
) -> Any:
    """What ``loss`` returns for copies; ``own`` are the parameters themselves, which it may hold somewhere."""
    copies = copied(dict(params))
    arguments = arguments_of(names, copies, copied(dict(data)))
    try:
        with apart(sys.stderr), np.errstate(all="ignore"), standing_in(loss, own, copies):
            return _first(loss(**arguments))
    except (Exception, SystemExit) as error:
        raise _raised(error, loss) from None


def _recorded(loss: Loss, names: tuple[str, ...], params: Mapping[str, Any], data: Mapping[str, Any]) -> Recording:
    session = Session(StandIn)
    tree_params = {k: session.leaves(v, "parameter", k) for k, v in params.items()}
    tree_data = {k: session.leaves(v, "data", k) for k, v in data.items()}
    try:
        streams, quiet = apart(io.StringIO()), np.errstate(all="ignore")
        with streams, quiet, constructors(session, loss), standing_in(loss, params, tree_params):
            result = session.returned(_first(loss(**arguments_of(names, tree_params, tree_data))))
    except TraceError:
        result = None
    except (Exception, SystemExit) as error:
        if session.error is None:
            raise _raised(error, loss, "when it is recorded") from None
        result = None
    if session.error is not None:
        raise session.error
    session.namer.finish()
    index = _loss_index(result, loss, session)
    leaves = [(i, c.kind) for i, c in enumerate(session.graph.cells)]
    return Recording(
        graph=session.graph,
        loss=index,
        arguments=names,
        parameters=tuple(i for i, kind in leaves if kind == "parameter"),
        data=tuple(i for i, kind in leaves if kind == "data"),
        constants=tuple(i for i, kind in leaves if kind == "constant"),
        frozen=tuple(replace(f, nodes=_below(session.graph, f.value)) for f in session.frozen),
        namer=session.namer,
        file=_definition(loss)[0],
        plain=given.plain(params, data),
    )


def _first(result: Any) -> Any:
    """The loss of ``return loss, gradients``: the first entry of a tuple, if that is one number."""
    if isinstance(result, tuple) and result and np.size(plain_array(result[0])) == 1:
        return result[0]
    return result


def _loss_index(result: Any, loss: Loss, session: Session) -> int:
    file, line = _definition(loss)
    if result is None:
        raise TraceError("loss returns nothing.", file=file, line=line, cure="End it with `return` and the loss.")
    if not isinstance(result, StandIn):
        if isinstance(result, np.ndarray | np.generic | int | float):
            raise _NoGradient(_INDEPENDENT, file=file, line=line)
        reason = f"loss returns a {type(result).__name__}; it must return one number."
        cure = "Put the loss first: `return loss, ...`." if isinstance(result, tuple) else ""
        raise TraceError(reason, file=file, line=line, cure=cure)
    shape = np.shape(session.graph.cells[result.index].array)
    if int(np.prod(shape, dtype=np.int64)) != 1:
        raise TraceError(
            f"loss returns an array of shape {shape}; it must return one number.",
            file=file,
            line=line,
            cure="Sum it or take its mean: np.sum(...) or np.mean(...).",
        )
    if not session.graph.cells[result.index].active:
        raise _without_gradient(session.graph, result.index, file, line)
    return result.index


def _without_gradient(graph: Graph, loss: int, file: str | None, line: int | None) -> TraceError:
    """The loss does not change with a parameter, or only in jumps: then the operation that jumps is named."""
    jump = next((n for n in reversed(_below(graph, loss)) if TABLE[n.op].flat and graph.cells[n.output].depends), None)
    if jump is None or jump.source is None:
        return _NoGradient(_INDEPENDENT, file=file, line=line)
    where = jump.source
    reason = f"every gradient of loss is zero: {TABLE[jump.op].flat}."
    return TraceError(reason, file=where.file, line=where.line, text=where.text)


def _below(graph: Graph, value: int) -> tuple[Node, ...]:
    """The nodes that a value is computed from, in order."""
    needed = {value}
    kept = []
    for node in reversed(graph.nodes):
        if node.output in needed:
            needed.update(node.inputs)
            kept.append(node)
    return tuple(reversed(kept))


def _definition(loss: Loss) -> tuple[str | None, int | None]:
    code = getattr(loss, "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code is not None else (None, None)


def _raised(error: Exception | SystemExit, loss: Loss, when: str = "") -> TraceError:
    """The user's own exception, with the user's own line."""
    if isinstance(error, TraceError):
        return error
    frames = [f for f, _ in traceback.walk_tb(error.__traceback__)]
    frame = next((f for f in reversed(frames) if user_frame(f) is f), None)
    where = source_of(frame, _lasti(error, frame)) if frame is not None else None
    file, line = _definition(loss)
    return TraceError(
        f"loss raises {type(error).__name__}{' ' + when if when else ''}: {error}",
        file=where.file if where else file,
        line=where.line if where else line,
        text=where.text if where else "",
    )


def _lasti(error: BaseException, frame: Any) -> int | None:
    step = error.__traceback__
    while step is not None:
        if step.tb_frame is frame:
            return step.tb_lasti
        step = step.tb_next
    return None


def _bits(value: Any) -> tuple[str, bytes]:
    array = np.asarray(value)
    return (str(array.dtype), array.reshape(-1).tobytes())


def _random_state() -> bytes:
    """What the global random generators would draw next. A loss that seeds them leaves the same state every time."""
    return pickle.dumps((np.random.get_state(legacy=False), random.getstate()))  # noqa: NPY002


def _draws(run: Callable[[], Any]) -> bool:
    """Whether a run moves the global generators on: the first time it may have been another thread."""
    before = _random_state()
    run()
    return _random_state() != before


def _unfaithful(loss: Loss, plain: Any, traced: Any, first: Recording, others: Iterable[Recording]) -> TraceError:
    """Runs differ: name the line that brought in a changing number if there is one."""
    node = next((node for node in (_changing(first, other) for other in others) if node is not None), None)
    if node is not None:
        where = node.source
        return TraceError(
            "a number that is used here changes from run to run (random numbers or hidden state?); "
            "a gradient of it would not be the gradient of what ran.",
            file=where.file if where else None,
            line=where.line if where else None,
            text=where.text if where else "",
            cure="Draw it once outside loss and put it in data.",
        )
    one, two = (float(np.asarray(v).reshape(-1)[0]) for v in (plain, traced))
    found = (
        f"gives {one!r} on plain arrays but {two!r} when it is recorded: it depends on something besides its arguments "
        "(random numbers, hidden state, a test of types)."
        if _bits(plain) != _bits(traced)
        else "draws random numbers, so that it is another function every time."
    )
    file, line = _definition(loss)
    return TraceError(f"loss {found}", file=file, line=line)


def _changing(first: Recording, second: Recording) -> Node | None:
    """The first operation that two recordings do on different constants or numbers."""
    for a, b in zip(first.graph.nodes, second.graph.nodes, strict=False):
        for i, j in zip(a.inputs, b.inputs, strict=False):
            one, two = first.graph.cells[i], second.graph.cells[j]
            fixed = one.kind in ("constant", "literal")
            if fixed and (one.shape != two.shape or _bits(one.array) != _bits(two.array)):
                return a
    return None
