"""``chainstep new``: writes a starting file, a plain NumPy scenario, for a given architecture."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from tui.commands.outcome import Outcome
from tui.starting.datafile import read
from tui.starting.plan import Asked, FileData, Plan, plan_of
from tui.starting.refusal import StartingError
from tui.starting.template import starting_text, summary


def run(path: Path, asked: Asked, force: bool) -> Outcome:
    """Write ``path`` and say so in one line. Raises StartingError before anything is written."""
    try:
        _check_path(path, force)
        examples = read(asked.data, asked.target) if asked.data is not None else None
        plan = plan_of(asked, examples)
        _write(path, starting_text(plan, path))
    except OSError as error:  # a name that is too long, a folder that is closed to us, a full disk
        raise StartingError(f"{error.filename or path}: {error.strerror or error}.") from error
    return Outcome(0, [f"{path}: {summary(plan)}; {_origin(plan)}. Next: chainstep {shlex.quote(str(path))}"])


def _origin(plan: Plan) -> str:
    if not isinstance(plan.data, FileData):
        return f"{plan.examples} drawn examples"
    of = f" of the {plan.data.examples}" if plan.data.few is not None else ""
    return f"{plan.examples}{of} examples from {plan.data.file.name}"


def _check_path(path: Path, force: bool) -> None:
    if path.suffix != ".py":
        raise StartingError(f"{path} is no name of a Python file.", cure=f"Call it {path.with_suffix('.py').name}.")
    if path.stem in sys.stdlib_module_names or path.stem == "numpy":
        reason = f"A file called {path.name} would be imported in place of the module {path.stem}."
        raise StartingError(reason, cure="Choose another name, such as net.py.")
    if path.is_dir():
        raise StartingError(f"{path} is a folder.", cure="Choose another name.")
    if path.exists() and not force:
        raise StartingError(f"{path} exists already.", cure="Choose another name, or say --force to write over it.")
    if not path.parent.is_dir():
        raise StartingError(f"There is no folder {path.parent}.", cure="Make it first, or choose another place.")


def _write(path: Path, text: str) -> None:
    """All of it or nothing: what stood there before stays until the new text is complete."""
    place = path.resolve()
    unfinished = place.with_name(f".{place.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(place)
    except OSError as error:
        raise StartingError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
