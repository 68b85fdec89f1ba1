"""``chainstep list``: the prepared scenarios and their titles."""

from __future__ import annotations

from tui.catalog import prepared
from tui.commands.outcome import Outcome
from tui.jsontext import FORMAT, json_lines


def run(form: str) -> Outcome:
    """One line per scenario, or the same as JSON."""
    found = prepared()
    if form == "json":
        scenarios = [{"name": one.name, "title": one.title, "path": str(one.path)} for one in found]
        return Outcome(0, json_lines({"format": FORMAT, "scenarios": scenarios}))
    width = max(len(one.name) for one in found)
    return Outcome(0, [f"{one.name:<{width}}  {one.title}" for one in found])
