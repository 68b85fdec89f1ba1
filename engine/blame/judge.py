"""Judging one backward: run it, compare what it returns, walk through its lines."""

from __future__ import annotations

import linecache
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from engine.blame.hidden import invisible
from engine.blame.linetrace import Run, run
from engine.blame.matching import beside
from engine.blame.model import FirstWrong, Judged, Mine, Outcome, Raised
from engine.blame.quantities import Quantities, Quantity
from engine.blame.reference import Reference, Wording
from engine.blame.repair.cure import Cure
from engine.blame.repair.cures import Repairs
from engine.blame.repair.influence import innocent
from engine.blame.repair.search import mended, plainly_mended
from engine.blame.repair.trials import Trials
from engine.blame.repair.unsettled import first_of
from engine.blame.returned import answer, gradients_of
from engine.blame.roles import items_of, said
from engine.blame.sentences import Sentences, stopped
from engine.blame.walk import Entry, Walk
from engine.blame.walker import Walker
from engine.copies import copied
from engine.errors import RunError, TraceError
from engine.program import Program
from engine.trace import argument_names, arguments_of

_WALKING, _MENDING = 0.35, 0.6
"""Shares of the time for comparing arrays and for trying cures."""
_AGAIN = 0.3
"""Share of the time that is left for comparing arrays anew with one change made."""


def judge(
    program: Program,
    backward: Callable[..., Any],
    params: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    returns: str | None = None,
    seconds: float = 5.0,
) -> Mine:
    """Judge ``backward`` line by line against the program of its own loss; ``params`` and ``data`` stay as they are.

    ``program`` must be traced with these very ``params`` and ``data``. ``returns`` names the entries of a bare tuple
    (``"dW1 db1"``); ``seconds`` bounds the whole judgement. Raises RunError for a return value that cannot be read as
    gradients or arguments that do not fit.
    """
    started = time.monotonic()
    until = started + seconds
    if not isinstance(backward, FunctionType | MethodType):
        raise RunError(
            f"backward is a {type(backward).__name__}, whose lines cannot be followed.",
            cure="Define it with `def backward(...)`.",
        )
    file = backward.__code__.co_filename
    try:
        names = argument_names(backward, params, data)
    except TraceError as error:
        reason = error.reason.replace("loss asks", "backward asks")
        raise RunError(reason, file=error.file, line=error.line, cure=error.cure) from None
    if returns is None:
        said = getattr(backward, "__globals__", {}).get("RETURNS")
        returns = said if isinstance(said, str) else None
    quantities = Quantities(program)
    done = run(backward, arguments_of(names, copied(dict(params)), copied(dict(data))), 0.6 * seconds)
    if done.stopped:
        return Mine("raised", {}, None, (), (), done.stopped)
    if done.raised is not None:
        return _stopped(quantities, done, done.raised, file, until)
    returned = gradients_of(done.returned, quantities, returns, file)
    answers = {p: answer(value, quantities.by_parameter[p].true, quantities.tolerance) for p, value in returned.items()}
    outcome: Outcome = "right" if all(a.ok for a in answers.values()) else "wrong"
    items = items_of(done, quantities, returned)
    walker = Walker(quantities, items, outcome == "wrong", started + _WALKING * seconds, done.ran)
    if outcome == "right":
        walk = walker.best()
    else:
        try:
            trials = Trials(
                backward,
                lambda: arguments_of(names, copied(dict(params)), copied(dict(data))),
                lambda value: gradients_of(value, quantities, returns, file),
                lambda gradients: _right(gradients, quantities),
                linecache.getlines(file),
                started + (_WALKING + _MENDING) * seconds,
            )
        except SyntaxError:  # somebody is writing into the file just now
            walk = walker.best()
        else:
            walk = _wrong(walker, done, trials, returned)
    loss = getattr(backward, "__globals__", {}).get("loss")
    hidden = invisible(quantities, params, data, until, loss if callable(loss) else None)
    message = ""
    if time.monotonic() > until or not walk.finished:
        message = f"Not finished: after {seconds:g} seconds some explanations were not tried."
    first, lines = _said(walk, walker, outcome)
    return Mine(outcome, answers, first, lines, hidden, message)


def _right(returned: Mapping[str, Any], quantities: Quantities) -> frozenset[str]:
    by, tolerance = quantities.by_parameter, quantities.tolerance
    return frozenset(p for p, value in returned.items() if answer(value, by[p].true, tolerance).ok)


def _wrong(walker: Walker, done: Run, trials: Trials, returned: Mapping[str, Any]) -> Walk:
    """The walk through a backward with a wrong gradient, helped by trying things out where the run can be repeated."""
    right = trials.right(returned)
    if trials.plain() != right:
        return walker.best()
    walker.clear(innocent(trials, done, walker.items, walker.feeding, right))
    repairs = Repairs(walker, done, trials, returned)
    plain = plainly_mended(repairs, walker.roughly) if walker.is_long else None
    if plain is not None:
        return plain
    walk = walker.best()
    return mended(walk, repairs, lambda meant: walker.again(walk.habit, meant), lambda cure: _anew(repairs, cure))


def _anew(repairs: Repairs, cure: Cure) -> Walk | None:
    """The walk through the backward with one change made; None where it cannot be run so."""
    trials = repairs.trials
    with repairs.after(cure) as later:
        done = trials.traced(trials.left)
        if done is None:
            return None
        returned = trials.read(done.returned)
        items = items_of(done, repairs.quantities, returned)
        walker = Walker(repairs.quantities, items, True, time.monotonic() + _AGAIN * trials.left, done.ran)
        walker.clear(innocent(trials, done, items, walker.feeding, later.right))
        walk = walker.best()
        again = Repairs(walker, done, trials, returned)
        return mended(walk, again, lambda meant: walker.again(walk.habit, meant))


def _stopped(quantities: Quantities, done: Run, raised: Raised, file: str, until: float) -> Mine:
    """A run that raised: the line with its shapes, and what earlier lines made, as far as something read it."""
    items = [
        item
        for item in items_of(done, quantities, {})
        if item.given or any(done.versions[n].used for n in item.versions)
    ]
    walker = Walker(quantities, items, True, until, done.ran)
    walker.feeding = set(items)
    walk = _without_rounds(walker.best(), quantities.program.examples)
    first, lines = _said(walk, walker, "raised")
    return Mine("raised", {}, first, lines, (), stopped(raised, file), raised)


def _without_rounds(walk: Walk, examples: int | None) -> Walk:
    """The walk without what a loop over the examples has made by then: the rest of it nobody knows."""
    if examples is None or examples < 2:
        return walk
    wrong = [e for e in walk.entries if e.verdict in ("own-error", "inherited")]
    rounds = {e.item for e in wrong if _is_of_some(e, examples)}
    if all(e.item in rounds for e in wrong if e.verdict == "own-error"):
        rounds |= {e.item for e in wrong}
    return replace(walk, entries=[e for e in walk.entries if e.item not in rounds])


def _is_of_some(entry: Entry, examples: int) -> bool:
    """Whether an array is that of one example, or of a few on top of each other, where the quantity is of all."""
    array, q = entry.item.array, entry.quantity
    few = array.shape[0] if entry.item.stacked else 1
    return q is not None and few < examples and array.size * examples == few * q.true.size


def _said(walk: Walk, walker: Walker, outcome: Outcome) -> tuple[FirstWrong | None, tuple[Judged, ...]]:
    sentences = Sentences(walker.quantities, walk)
    first = first_of(walk) if outcome != "right" else None
    entries = [_not_blamed(e) for e in walk.entries] if outcome == "right" else walk.entries
    judged = [_judged(entry, walk, walker, sentences, first) for entry in entries if _is_shown(entry)]
    if first is None:
        return None, tuple(judged)
    place = first.place.statement
    symbol = first.quantity.symbol if first.quantity is not None else first.item.name
    wrong = FirstWrong(
        str(Path(place.file)), place.line, place.text, symbol, _mistakes(first), sentences.of(first, first)
    )
    return wrong, tuple(judged)


def _not_blamed(entry: Entry) -> Entry:
    """Where every gradient is right no line is wrong, whatever its array was taken for."""
    if entry.verdict not in ("own-error", "inherited"):
        return entry
    return Entry(entry.item, None, "unrecognised")


def _is_shown(entry: Entry) -> bool:
    quantity = entry.quantity
    return quantity is None or not (quantity.leaf or (quantity.kind == "part" and entry.verdict == "right"))


def _judged(entry: Entry, walk: Walk, walker: Walker, sentences: Sentences, first: Entry | None) -> Judged:
    place = entry.place.statement
    q = entry.quantity
    theirs, engines = (None, None) if q is None else beside(entry.item, q, walk.habit)
    return Judged(
        place.line,
        place.text,
        _name(entry),
        _equals(q, sentences.quantities.references),
        entry.verdict,
        _mistakes(entry),
        sentences.of(entry, first),
        values=q.values.get(0, frozenset()) if q is not None else frozenset(),
        missing=_missing(entry, walk),
        feeds=_feeds(entry, walk, walker),
        file=str(Path(place.file)),
        theirs=theirs,
        engines=engines,
    )


def _name(entry: Entry) -> str:
    """The variable; where the line blamed is one that calls, the name that it gives the array."""
    line = entry.line
    if line is None or line.statement is entry.item.statement:
        return entry.item.name
    return next((said(n) for n in line.statement.targets.exact if n in entry.item.names), entry.item.name)


def _equals(q: Quantity | None, references: Sequence[Reference]) -> str | None:
    """The quantity as it is said: its symbol, or the expression of the loss that it stands in."""
    if q is None or q.kind == "part":
        return None
    if q.nameless:
        return Wording(references[0], False).expression(q.target[0]) or None
    return q.symbol or None


def _missing(entry: Entry, walk: Walk) -> frozenset[int]:
    """The values of the step that a wrong line goes without, the one next to the line."""
    for explanation in entry.explanations[:1]:
        for q in explanation.meant:
            if q not in walk.own_names and 0 in q.values:
                return q.values[0]
    return frozenset()


def _feeds(entry: Entry, walk: Walk, walker: Walker) -> frozenset[int]:
    """The values of the next quantity with a name that is made of an array which is none itself."""
    if _is_named(entry.quantity):
        return frozenset()
    known = {e.item: e.quantity for e in walk.entries}
    seen, made = {entry.item}, [entry.item]
    while made:
        made = list(dict.fromkeys(r for item in made for r in walker.readers(item) if r not in seen))
        for item in sorted(made, key=lambda one: one.turn):
            q = known.get(item)
            if q is not None and _is_named(q):
                return q.values[0]
        seen.update(made)
    return frozenset()


def _is_named(q: Quantity | None) -> bool:
    return q is not None and 0 in q.values and q.kind != "part" and not (q.leaf or q.nameless)


def _mistakes(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m for e in entry.explanations for m in e.mistakes))
