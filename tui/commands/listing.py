"""``chainstep list``: the prepared scenarios and their titles, or the operations that can be recorded."""

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


def operations(form: str) -> Outcome:
    """Every operation with the ways to write it, by group, or the same as JSON."""
    from engine import operations as recorded

    found = recorded()
    if form == "json":
        rows = [
            {"name": o.name, "group": o.group, "calls": list(o.calls), "gradient": o.gradient, "reason": o.reason}
            for o in found
        ]
        return Outcome(0, json_lines({"format": FORMAT, "operations": rows}))
    lines: list[str] = []
    width = max(len(one.name) for one in found)
    for group in dict.fromkeys(one.group for one in found):
        lines += ([""] if lines else []) + [group]
        for one in (o for o in found if o.group == group):
            jumps = "   (gradient 0: it jumps)" if not one.gradient and group not in _WITHOUT else ""
            lines.append(f"  {one.name:<{width}}  {'   '.join(one.calls)}{jumps}")
    lines += ["", *_ELSE]
    return Outcome(0, lines)


# groups in which nothing has a gradient of its own, which goes without saying
_WITHOUT = ("masks", "new arrays")
_ELSE = (
    "Masks say where a gradient passes. Methods stand for functions and the other way round.",
    "Anything else is fine where it depends on data alone; on a parameter it is refused with file, line and reason.",
)
