"""What the command palette finds: every step by id, quantity or symbol, and everything that has a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.keys import KEYS
from tui.screens.actions import action_of
from tui.screens.moves import Moves

if TYPE_CHECKING:
    from engine.reading.model import Step

_EXACT = 1e9
"""More than any fuzzy match, so that B1 is B1 and not B10."""


class Places(Provider):
    """Steps to go to and actions of the key registry; the debugger's screen is the one that is searched."""

    async def discover(self) -> Hits:
        """Everything with a key, before anything is typed."""
        for title, keys, run in self._actions():
            yield DiscoveryHit(Content(title), run, text=title, help=keys)

    async def search(self, query: str) -> Hits:
        """Steps and actions that match; a step's own name comes first."""
        matcher = self.matcher(query)
        wanted = query.strip().casefold()
        for step in self._steps():
            names = (step.id, step.quantity, step.symbol)
            text = "  ".join((*names, *step.lines[-1:]))
            score = _EXACT if wanted in {name.casefold() for name in names} else matcher.match(text)
            if score > 0:
                yield Hit(score, Content(text), partial(self._go, step.id), text=text, help=f"go to {step.id}")
        for title, keys, run in self._actions():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, Content(title), run, text=title, help=keys)

    def _steps(self) -> tuple[Step, ...]:
        place = getattr(self.screen, "debugger", None)
        return () if place is None else place.steps

    def _go(self, step: str) -> None:
        if isinstance(self.screen, Moves):
            self.screen.move(lambda here: here.go_to(step))

    def _actions(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        for key in KEYS:
            if key.action != "command_palette":
                yield key.title, key.shown, partial(self.screen.run_action, action_of(key))
