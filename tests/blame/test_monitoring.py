"""Both ways of listening to Python tell the same run, and leave the interpreter as it was."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.blame import judge
from engine.blame.linetrace import Run, run
from engine.blame.tracing.listening import listening, tracing
from engine.blame.tracing.monitoring import free_tool, monitoring
from engine.scenario import load
from tests.blame.learner import STYLES
from tests.blame.test_linetrace import CASES, traced

pytestmark = pytest.mark.filterwarnings("error")
WATCH: Any = getattr(sys, "monitoring", None)
from_312 = pytest.mark.skipif(WATCH is None, reason="sys.monitoring is there from Python 3.12")


def by_tool(told: Any, own: Any) -> Any:
    """`monitoring` under a free number."""
    tool = free_tool()
    assert tool is not None
    return monitoring(told, own, tool)


def story(done: Run) -> list[tuple[Any, ...]]:
    """Everything a run says."""
    told: list[tuple[Any, ...]] = [
        (
            *(v.number, v.turn, v.name, tuple(v.names), v.array.tolist(), v.statement.line, v.statement.text, v.frame),
            *(v.function, v.given, v.reads, v.then, v.used, v.before, v.copy_of),
        )
        for v in done.versions
    ]
    return [*told, (repr(done.raised), done.stopped)]


def both(backward: Callable[..., Any], arguments: dict[str, Any], seconds: float = 20.0) -> Run:
    """The run by `sys.monitoring`, once it is the same as the one by `sys.settrace`."""
    one = run(backward, copy.deepcopy(arguments), seconds, tracing)
    other = run(backward, copy.deepcopy(arguments), seconds, by_tool)
    assert story(one) == story(other)
    return other


@from_312
@pytest.mark.parametrize("style", STYLES, ids=lambda file: file.stem)
def test_both_tell_the_same_of_every_style(style: Path) -> None:
    """Every version with its line, what it read and whether it was read."""
    scenario = load(style)
    assert scenario.backward is not None
    names = scenario.backward.__code__.co_varnames[: scenario.backward.__code__.co_argcount]
    known = {"params": scenario.params, "data": scenario.data} | scenario.params | scenario.data
    done = both(scenario.backward, {name: known[name] for name in names})
    assert done.versions and done.raised is None


def comprehensions(W: np.ndarray, x: np.ndarray) -> Any:
    rows = [
        w * 2
        for w in W
    ]  # fmt: skip
    total = sum(w @ x for w in W)
    pick = (lambda z: z * 3)(x)
    return rows, total, pick


def generators(W: np.ndarray) -> Any:
    def layers() -> Any:
        for w in W:
            scaled = w * 2
            yield scaled
            scaled = scaled + 1

    got = np.zeros(W.shape[1])
    for one in layers():
        got += one
        if got[0] > 4:
            break
    source = layers()
    first = next(source)
    try:
        source.throw(KeyError("stop"))
    except KeyError:
        last = first * 3
    return got, last


def handlers(x: np.ndarray) -> Any:
    z = x * 2
    for k in range(3):
        try:
            z = z + inner(x, k)
        except ValueError:
            z = z * 5
        finally:
            x = x + 1
    with np.errstate(all="ignore"):
        z = z / 0
    return z * x


def inner(x: np.ndarray, k: int) -> np.ndarray:
    y = x * k
    if k == 1:
        raise ValueError("one")
    return y


def raising(x: np.ndarray) -> Any:
    z = x * 2
    return deeper(z)


def deeper(z: np.ndarray) -> Any:
    h = z + 1
    return h @ np.ones(5)


def leaving(x: np.ndarray) -> Any:
    z = x * 2
    sys.exit(int(z.size))


def recursive(x: np.ndarray, k: int = 3) -> np.ndarray:
    if k == 0:
        return x
    y = recursive(x * 2, k - 1)
    return y + 1


def called_by_numpy(x: np.ndarray) -> Any:
    def one(v: float) -> float:
        w = v * 2
        return w + 1

    return np.vectorize(one)(x), sorted([2.0, 1.0], key=lambda v: -v)


HARD = [comprehensions, generators, handlers, raising, leaving, recursive, called_by_numpy]


@from_312
@pytest.mark.parametrize("backward", HARD, ids=lambda f: f.__name__)
def test_both_tell_the_same_of_hard_cases(backward: Callable[..., Any]) -> None:
    """Generators, handlers, exceptions, exits, recursion, functions that NumPy calls."""
    known = {"W": np.arange(6.0).reshape(2, 3), "x": np.array([1.0, -2.0, 3.0])}
    code = backward.__code__
    both(backward, {n: known[n] for n in code.co_varnames[: code.co_argcount] if n in known})


@from_312
@pytest.mark.parametrize("case", sorted(CASES))
def test_both_tell_the_same_of_what_people_write(tmp_path: Path, case: str) -> None:
    """Loops on one line, `;`, handlers, closures: each round and each statement is a version of its own in both."""
    one, _ = traced(tmp_path, CASES[case], how=tracing)
    other, _ = traced(tmp_path, CASES[case], how=by_tool)
    assert one.versions and story(one) == story(other)


@from_312
def test_both_stop_an_endless_loop_at_the_same_line() -> None:
    """The cap on lines ends it; nothing of what catches exceptions holds that up."""

    def backward(x: np.ndarray) -> Any:
        while True:
            try:
                x = x * 1.0
            except Exception:
                break

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.blame.tracing.recorder.LINES_AT_MOST", 500)
        done = both(backward, {"x": np.ones(2)})
    assert "does not seem to end" in done.stopped


@from_312
def test_the_number_is_free_again_whatever_happens() -> None:
    """After a run, one that raises, and one that is stopped: no tool, no events, no callback."""
    before = [WATCH.get_tool(k) for k in range(6)]
    for backward in (handlers, raising, leaving):
        run(backward, {"x": np.ones(3)}, 5.0)
        assert [WATCH.get_tool(k) for k in range(6)] == before
    code = deeper.__code__
    number = free_tool()
    assert number is not None
    WATCH.use_tool_id(number, "probe")
    assert WATCH.get_events(number) == 0 and WATCH.get_local_events(number, code) == 0
    WATCH.free_tool_id(number)


@from_312
def test_where_every_number_is_taken_the_other_way_is_gone() -> None:
    """Debugger, coverage and profilers hold all of them: the run is told by sys.settrace."""
    taken = [k for k in range(6) if WATCH.get_tool(k) is None]
    plain = story(run(handlers, {"x": np.ones(3)}, 5.0))
    for k in taken:
        WATCH.use_tool_id(k, "other")
    try:
        assert free_tool() is None
        assert story(run(handlers, {"x": np.ones(3)}, 5.0)) == plain
    finally:
        for k in taken:
            WATCH.free_tool_id(k)


@from_312
def test_code_that_another_run_did_not_want_is_heard_when_it_is_the_persons_own() -> None:
    """Not wanting to hear of a function holds for one run only."""
    heard = len(run(handlers, {"x": np.ones(3)}, 5.0).versions)

    def other(x: np.ndarray) -> Any:
        return x

    moved = other.__code__.replace(co_filename="/elsewhere/file.py")
    other.__code__ = moved
    run(other, {"x": np.ones(3)}, 5.0)
    assert len(run(handlers, {"x": np.ones(3)}, 5.0).versions) == heard


def test_a_debuggers_trace_function_is_put_back_and_hears_nothing_wrong() -> None:
    """Someone else's sys.settrace is the same one after a run, and the run is the same."""
    plain = story(run(handlers, {"x": np.ones(3)}, 5.0))
    lines: list[int] = []

    def debugger(frame: Any, event: str, _: Any) -> Any:
        lines.append(frame.f_lineno)
        return debugger

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        told = story(run(handlers, {"x": np.ones(3)}, 5.0))
        held = sys.gettrace()
    finally:
        sys.settrace(before)
    assert told == plain and held is debugger


def test_other_threads_are_not_listened_to() -> None:
    """The same function in another thread, all the while, adds nothing."""
    plain = story(run(handlers, {"x": np.ones(3)}, 5.0))
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            handlers(np.ones(3))

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        told = story(run(handlers, {"x": np.ones(3)}, 20.0))
    finally:
        over.set()
        thread.join()
    assert told == plain


def test_a_judgement_does_not_depend_on_the_way_of_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole answer is the same under sys.settrace."""
    scenario = load(STYLES[0])
    assert scenario.backward is not None
    program = engine.trace(scenario.loss, scenario.params, scenario.data)
    answers = []
    for how in (listening, tracing):
        monkeypatch.setattr("engine.blame.linetrace.run.__defaults__", (how,))
        mine = judge(program, scenario.backward, scenario.params, scenario.data, seconds=60.0)
        answers.append((mine.verdict, [(one.line, one.name, one.verdict, one.explanation) for one in mine.lines]))
    assert answers[0] == answers[1]
