"""The claims of the test modules as plain calls: a parametrised test becomes one call for each of its cases."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import itertools
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
ENGINE = (
    "test_table", "test_operations", "test_rules_pinned", "test_check", "test_mirror", "test_broadcast_corners",
    "test_by_hand", "test_short_forms", "test_naming", "test_frozen_data", "test_refusals", "test_given",
    "test_fresh_arrays", "test_outside", "test_run_arguments", "test_tape",
)  # fmt: skip
SECONDS = 10.0


class TooLong(BaseException):
    """A damaged function does not come to an end. No Exception: the engine must not turn it into a refusal."""


@dataclass(frozen=True)
class Claim:
    """One test with its arguments."""

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    def holds(self) -> bool:
        """Whether the test passes; an error is a failure, and so is no end."""
        quiet = contextlib.redirect_stdout(io.StringIO())
        with limited(SECONDS), warnings.catch_warnings(), np.errstate(), quiet:
            warnings.simplefilter("ignore")
            try:
                self.function(**self.arguments)
            except (Exception, TooLong):
                return False
            except BaseException as outcome:
                # pytest's own outcomes: `pytest.fail` and a `raises` that raised nothing fail, a skip does not
                if type(outcome).__name__ not in ("Failed", "Skipped"):
                    raise
                return type(outcome).__name__ == "Skipped"
        return True


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    def over(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def modules(everything: bool) -> list[str]:
    """The test modules whose claims are run: those about rules, or every one that needs no screen."""
    if not everything:
        return [f"tests.engine.{name}" for name in ENGINE]
    folders = ("engine", "ported", "scenarios", "networks")
    files = [f for folder in folders for f in sorted((ROOT / "tests" / folder).glob("test_*.py"))]
    return [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in files]


def collected(names: list[str]) -> list[Claim]:
    """All claims of these modules that need no fixture."""
    found: list[Claim] = []
    for name in names:
        module = importlib.import_module(name)
        for label, function in vars(module).items():
            if inspect.isclass(function) and label.startswith("Test"):
                found += [c for n, f in vars(function).items() for c in _cases(f"{label}.{n}", n, f, name, function)]
            else:
                found += _cases(label, label, function, name, None)
    return found


def _cases(label: str, name: str, function: Any, module: str, holder: type | None) -> Iterator[Claim]:
    plain = inspect.isfunction(function) and not inspect.iscoroutinefunction(function)
    if not plain or not name.startswith("test_") or function.__module__ != module:
        return
    marks = [*getattr(holder, "pytestmark", []), *getattr(function, "pytestmark", [])]
    if any(mark.name in ("skip", "skipif", "xfail", "usefixtures") for mark in marks):
        return
    sets = [list(_settings(mark)) for mark in marks if mark.name == "parametrize"]
    bound = function if holder is None else getattr(holder(), name)
    needed = {p.name for p in inspect.signature(bound).parameters.values() if p.default is p.empty}
    if hasattr(function, "hypothesis"):
        needed = set()
    for number, combination in enumerate(itertools.product(*sets)):
        arguments = {key: value for settings in combination for key, value in settings.items()}
        if needed <= set(arguments):
            words = [str(getattr(v, "__name__", v))[:40] for v in arguments.values()]
            case = f"[{number}: {', '.join(w for w in words if w != '<lambda>')}]" if sets else ""
            yield Claim(f"{module.rpartition('.')[2]}::{label}{case}", bound, arguments)


def _settings(mark: Any) -> Iterator[dict[str, Any]]:
    """The arguments of each case of one ``parametrize``."""
    names = mark.args[0] if len(mark.args) > 0 else mark.kwargs["argnames"]
    names = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
    for case in mark.args[1] if len(mark.args) > 1 else mark.kwargs["argvalues"]:
        values = getattr(case, "values", case) if type(case).__name__ == "ParameterSet" else case
        if len(names) == 1 and type(case).__name__ != "ParameterSet":
            values = (values,)
        yield dict(zip(names, values, strict=True))
