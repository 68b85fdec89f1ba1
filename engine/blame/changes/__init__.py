"""The changes of a reference step that have a name, by what of the step they change.

Nothing here knows a network. A change puts another expression in the place of one value of the step: an operand left
out, turned round or exchanged, a sum along another axis, a contribution lost.
"""

from __future__ import annotations

from engine.blame.changes.facts import Change, Facts, Site

__all__ = ["Change", "Facts", "Site"]
