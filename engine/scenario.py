"""Opens a scenario: a plain NumPy file with a ``loss``, the ``params`` it is a function of, and ``data``.

What is missing or cannot be used is told in one sentence each. ``loss`` itself is not called here.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from engine.userfile import UserFile

_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


@dataclass(frozen=True)
class Scenario:
    """What a file offers: a loss, the parameters to take gradients of, and the data that stay as they are.

    ``params`` and ``data`` may nest dicts, lists and tuples; every leaf of ``params`` is a float32 or float64 array
    without NaN. ``references`` maps a quantity (``dW1``) to an equation (``eq. (17)``). ``title`` is the first line of
    the file's docstring, else its name. ``backward`` is the backward pass that the file brings, else None.
    """

    name: str
    path: Path
    title: str
    loss: Callable[..., Any]
    params: dict[str, Any]
    data: dict[str, Any]
    references: dict[str, str]
    learning_rate: float | None
    iterations: int | None
    backward: Callable[..., Any] | None

    @property
    def has_backward(self) -> bool:
        """Whether the file brings a backward pass of its own."""
        return self.backward is not None


def load(path: str | os.PathLike[str]) -> Scenario:
    """Run the file at ``path`` and return what it defines; raises ScenarioError with file, line, reason and cure.

    The file is run as an import is: ``__name__`` is not ``__main__``, its prints go to stderr.
    """
    file = UserFile(path)
    names = vars(file.run())
    loss, params, data = _loss(file, names), _mapping(file, names, "params"), _mapping(file, names, "data")
    _check_names(file, loss, params, data)
    for name, value in params.items():
        _check_parameter(file, name, value, file.line_of("params", name))
        _check_nan(file, name, value, file.line_of("params", name))
    for name, value in data.items():
        _check_nan(file, name, value, file.line_of("data", name))
    return Scenario(
        name=file.path.stem,
        path=file.path,
        title=file.docstring.strip().partition("\n")[0] or file.path.stem,
        loss=loss,
        params=_containers(params),
        data=_containers(data),
        references=_references(file, names),
        learning_rate=_learning_rate(file, names),
        iterations=_iterations(file, names),
        backward=names["backward"] if callable(names.get("backward")) else None,
    )


def _loss(file: UserFile, names: dict[str, Any]) -> Callable[..., Any]:
    if "loss" not in names:
        known = {name for which in ("params", "data") if isinstance(names.get(which), dict) for name in names[which]}
        other = next((name for name, held in names.items() if _is_called_with(held, known)), None)
        cure = "Write `def loss(x, y, W1, b1): ...` that returns one number."
        if other is not None:
            cure = f"If `{other}` is the loss, write `loss = {other}` below it."
        file.refuse("There is no function `loss`.", cure=cure)
    loss: Callable[..., Any] = names["loss"]
    if not callable(loss):
        file.refuse(f"`loss` is {_kind(loss)}, not a function.", line=file.line_of("loss"))
    return loss


def _is_called_with(held: object, known: set[str]) -> bool:
    """Whether it is a function of the file that takes nothing but what stands in ``params`` and ``data``."""
    if not isinstance(held, FunctionType):
        return False
    own = set(inspect.signature(held).parameters)
    return bool(own) and own <= known | {"params", "data"} and held.__name__ != "backward"


def _mapping(file: UserFile, names: dict[str, Any], which: str) -> dict[str, Any]:
    """``params`` or ``data`` with strings as keys; ``data`` may be left out, ``params`` must not be empty.

    A list of layers or one flat array, which ``loss`` takes as ``params``, stands under that name.
    """
    line = file.line_of(which)
    value = names.get(which, {})
    if isinstance(value, list | tuple | np.ndarray) and len(value) and _takes(names["loss"], which):
        return {which: value}
    if not isinstance(value, dict):
        file.refuse(f"`{which}` is {_kind(value)}, not a dict from names to arrays.", line=line)
    for key in value:
        if not isinstance(key, str):
            file.refuse(f"`{which}` has the key {key!r}, which is no name: keys are strings.", line=line)
    if which == "params" and not value:
        what = "is empty" if which in names else "is missing"
        cure = 'Write `params = {"W1": ..., "b1": ...}` with the arrays that gradients are taken of.'
        file.refuse(f"`params` {what}: there is nothing to take a gradient of.", cure=cure, line=line)
    return value


def _containers(tree: Any) -> Any:
    """The same arrays in dicts and lists of their own: the file's may change while its loss is recorded."""
    if type(tree) is dict:
        return {key: _containers(held) for key, held in tree.items()}
    return [_containers(held) for held in tree] if type(tree) is list else tree


def _takes(loss: Callable[..., Any], name: str) -> bool:
    try:
        return name in inspect.signature(loss).parameters
    except (TypeError, ValueError):
        return False


def _check_names(file: UserFile, loss: Callable[..., Any], params: dict[str, Any], data: dict[str, Any]) -> None:
    """Every argument of ``loss`` must have a value; ``params`` and ``data`` themselves may be asked for whole."""
    for name in params:
        if name in data:
            line = file.line_of("data", name)
            file.refuse(f"{name} is in `params` and in `data`.", cure="Keep it in one of them.", line=line)
    line = file.line_of("loss")
    try:
        arguments = inspect.signature(loss).parameters
    except (TypeError, ValueError) as error:
        file.refuse("The arguments of `loss` cannot be read.", cure="Write it with `def`.", line=line, cause=error)
    known = params.keys() | data.keys() | {"params", "data"}
    for name, argument in arguments.items():
        if argument.kind is argument.POSITIONAL_ONLY:
            file.refuse(f"`loss` does not take {name} by name.", cure="Leave out the `/` in its arguments.", line=line)
        elif name not in known and argument.default is argument.empty and argument.kind not in _COLLECTING:
            reason = f"`loss` takes {name}, which is neither in `params` nor in `data`."
            file.refuse(reason, cure="Add it to one of them, or give it a default value.", line=line)


def _check_parameter(file: UserFile, place: str, value: object, line: int | None) -> None:
    """Every leaf of a parameter is a plain array of float64 or float32."""
    if isinstance(value, dict | list | tuple) and not _is_numbers(value):
        for inner, leaf in _items(place, value):
            _check_parameter(file, inner, leaf, line)
    elif type(value) is not np.ndarray or value.dtype not in _FLOATS:
        content = str(value) if _is_number(value) else "..."
        dtype = "" if isinstance(value, float) else ", dtype=float"
        reason = f"The parameter {place} is {_kind(value)}, not an array of float64 or float32."
        cure = f"Write np.array({content}{dtype})."
        if hasattr(value, "__dict__") and not isinstance(value, np.ndarray):
            cure = f"Write a dict of its arrays, or make {type(value).__name__} a NamedTuple."
        file.refuse(reason, cure=cure, line=line)


def _check_nan(file: UserFile, place: str, value: object, line: int | None) -> None:
    """No number anywhere in ``value`` is NaN; the first one that is, is named with its index."""
    if isinstance(value, dict | list | tuple):
        for inner, leaf in _items(place, value):
            _check_nan(file, inner, leaf, line)
    elif isinstance(value, float | complex | np.inexact | np.ndarray) and np.asarray(value).dtype.kind in "fc":
        entries = np.argwhere(np.isnan(value))
        if len(entries):
            index = f"[{', '.join(map(str, entries[0]))}]" if entries.shape[1] else ""
            others = f", and {len(entries) - 1} more" if len(entries) > 1 else ""
            cure = "Start from numbers: from NaN only NaN can follow."
            file.refuse(f"{place}{index} is NaN{others}.", cure=cure, line=line)


def _references(file: UserFile, names: dict[str, Any]) -> dict[str, str]:
    value = names.get("references", {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        file.refuse(
            "`references` is not a dict from quantities to equations, both strings.",
            cure='Write `references = {"dW1": "eq. (17)"}`.',
            line=file.line_of("references"),
        )
    return value


def _learning_rate(file: UserFile, names: dict[str, Any]) -> float | None:
    value = names.get("learning_rate")
    if value is None:
        return None
    if not _is_number(value) or not 0 < value < float("inf"):
        file.refuse(f"`learning_rate` is {value!r}, not a number above 0.", line=file.line_of("learning_rate"))
    return float(value)


def _iterations(file: UserFile, names: dict[str, Any]) -> int | None:
    value = names.get("iterations")
    if value is None:
        return None
    if isinstance(value, float | np.floating) or not _is_number(value) or value < 1:
        file.refuse(f"`iterations` is {value!r}, not a whole number above 0.", line=file.line_of("iterations"))
    return int(value)


def _items(place: str, value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, object]]:
    """The entries of a container with their places: ``layers[0]``, ``layers[0]['W']``."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield f"{place}[{key!r}]", inner


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _is_numbers(value: object) -> bool:
    """A list of numbers, or of such lists: meant as one array."""
    return _is_number(value) or (isinstance(value, list | tuple) and bool(value) and all(map(_is_numbers, value)))


def _kind(value: object) -> str:
    """``a list``, ``an int``, ``an array of int64``, ``None``."""
    if value is None:
        return "None"
    if type(value) is np.ndarray:
        return f"an array of {value.dtype}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
