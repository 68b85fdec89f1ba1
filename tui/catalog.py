"""What TARGET can be: the name of a prepared scenario, or the path of a person's own file.

Prepared scenarios are found by listing the package, and their titles are read without running them.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import LookupFailed

_NEAREST = 4


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario that comes with chainstep: ``name`` opens it, ``title`` is the first line of its docstring."""

    name: str
    title: str
    path: Path


def prepared() -> tuple[Prepared, ...]:
    """All prepared scenarios in alphabetical order."""
    return tuple(Prepared(name, title_of(path), path) for name, path in _paths().items())


def _paths() -> dict[str, Path]:
    folder = Path(str(files("scenarios")))
    return {path.stem: path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")}


def title_of(path: Path) -> str:
    """The first line of a file's docstring, else its name; the file is read, not run."""
    try:
        docstring = ast.get_docstring(ast.parse(path.read_bytes()))
    except (OSError, SyntaxError, ValueError):
        docstring = None
    return (docstring or "").strip().partition("\n")[0] or path.stem


def resolve(target: str) -> Path:
    """The file that TARGET means. Raises LookupFailed where it is neither a scenario nor a file, with nearest names.

    A prepared name wins over a file of that name in the current folder, which ``./name`` still reaches.
    """
    known = _paths()
    if target in known:
        return known[target]
    try:
        path = Path(target).expanduser()
        if path.is_dir():
            raise _failed(f"{target} is a folder, not a Python file.")
        if path.exists():
            return path
        nearest = _nearest(path, list(known))
    except (OSError, RuntimeError) as error:  # a name that is too long, a folder that is closed to us, ~nobody
        raise _failed(f"{target} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if _is_path(target):
        raise _failed(f"{target}: there is no such file.", nearest)
    raise _failed(f"There is no prepared scenario and no file `{target}`.", nearest or tuple(known))


def _failed(reason: str, nearest: tuple[str, ...] = ()) -> LookupFailed:
    from engine.errors import LookupFailed  # brings NumPy with it, which a list of names does without

    return LookupFailed(reason, nearest)


def _is_path(target: str) -> bool:
    """Whether a person who types this means a file: ``net.py``, ``./net``."""
    return target.endswith(".py") or "/" in target or "\\" in target


def _nearest(path: Path, names: list[str]) -> tuple[str, ...]:
    """Prepared names and Python files beside ``path`` that are spelled like it."""
    folder = path.parent
    beside = [str(folder / other.name) for other in folder.glob("*.py")] if folder.is_dir() else []
    close = difflib.get_close_matches(path.stem, names, n=_NEAREST, cutoff=0.5)
    close += difflib.get_close_matches(str(path), beside, n=_NEAREST, cutoff=0.7)
    return tuple(close[:_NEAREST])
