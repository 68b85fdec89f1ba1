"""A step of the reference evaluated many times with other changes: only what a change reaches is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.blame.changes.facts import Change
from engine.blame.reference import Apply, Array, Cannot, Cut, Expr, Given, Known, Of, Reference, Was, applied

_SMALL = 4096
"""Entries up to which the values of changes are compared with those that were tried already."""


class Attempts:
    """The values of one step; the arrays of ``cut`` stand for what the learner has."""

    def __init__(self, reference: Reference, target: int, cut: Cut) -> None:
        self.reference, self.target, self.cut = reference, target, cut
        self.order = sorted(reference.step(target, cut))
        self._plain: dict[int, Any] = {}
        self._below_cut = frozenset(cut)
        self._above: dict[int, tuple[int, ...]] = {}
        self._tried: dict[tuple[int, tuple[int, ...], bytes], Array | None] = {}

    def plain(self, index: int) -> Any:
        """A value on the cut with nothing changed. Raises Cannot where the arrays of the cut do not fit."""
        if index in self._plain:
            return self._plain[index]
        if index in self.cut and index != self.target:
            made = self.cut[index]
        elif index in self.reference.program.literals:
            made = self.reference.program.literals[index]
        elif (node := self.reference.node(index)) is None or not self.reference.below(index) & self._below_cut:
            made = self.reference.arrays[index]
        else:
            made = applied(self.reference.function(node), [self.plain(i) for i in node.inputs])
        self._plain[index] = made
        return made

    def right(self) -> Array | None:
        """The target without a change; None where the arrays of the cut do not fit."""
        try:
            return np.asarray(self.plain(self.target))
        except Cannot:
            return None

    def changed(self, changes: Sequence[Change]) -> Array | None:
        """The target with the changes made; None where shapes do not allow it."""
        self.reference.spend()
        overlay = {change.at: change.instead for change in changes}
        if len(overlay) > 1:
            return self._run(self._reached(overlay), overlay, {})
        at, expression = next(iter(overlay.items()))
        try:
            made = self._expression(expression, {})
        except Cannot:
            return None
        array = np.asarray(made)
        if array.size > _SMALL:
            return self._run(self._through(at)[1:], {}, {at: made})
        key = (at, array.shape, array.tobytes())
        if key not in self._tried:
            self._tried[key] = self._run(self._through(at)[1:], {}, {at: made})
        return self._tried[key]

    def _run(self, indices: Sequence[int], overlay: dict[int, Expr], now: dict[int, Any]) -> Array | None:
        try:
            for index in indices:
                if index in overlay:
                    now[index] = self._expression(overlay[index], now)
                    continue
                node = self.reference.node(index)
                assert node is not None
                operands = [now[i] if i in now else self.plain(i) for i in node.inputs]
                now[index] = applied(self.reference.function(node), operands)
            return np.asarray(now[self.target])
        except Cannot:
            return None

    def _reached(self, overlay: dict[int, Expr]) -> list[int]:
        return sorted({i for at in overlay for i in self._through(at)})

    def _through(self, at: int) -> tuple[int, ...]:
        """The values of the step that depend on this one, in the order in which they are made."""
        if at not in self._above:
            found = {at}
            for index in self.order:
                node = self.reference.node(index)
                if node is not None and index > at and not found.isdisjoint(node.inputs):
                    found.add(index)
            self._above[at] = tuple(sorted(found))
        return self._above[at]

    def _expression(self, expression: Expr, now: dict[int, Any]) -> Any:
        match expression:
            case Of(value):
                return now[value] if value in now else self.plain(value)
            case Was(value):
                return self.plain(value)
            case Known(value):
                return self.cut[value] if value in self.cut else self.plain(value)
            case Given(array):
                return array
            case Apply(_, operands):
                return applied(self.reference.applied(expression), [self._expression(o, now) for o in operands])
            case number:
                return number
