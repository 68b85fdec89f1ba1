"""A tape as a person reads it: steps, parts, chains, entries, the answer to *why a transpose?*."""

from engine.reading.aim import path_target
from engine.reading.entry import entry
from engine.reading.idioms import idioms
from engine.reading.prepare import prepare
from engine.reading.steps import chain
from engine.reading.strip import reached, strip
from engine.reading.why import why

__all__ = ["chain", "entry", "idioms", "path_target", "prepare", "reached", "strip", "why"]
