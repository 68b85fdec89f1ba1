"""Who imports whom, seen from a fresh interpreter: the engine stands alone, and quick commands start no Textual."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after ``code``; prints of ``code`` are ignored."""
    report = "\nimport sys; print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("LOADED")]
    return set(line.split()[1:])


def run_command(arguments: str) -> str:
    """Code that runs the command with these arguments, whatever its exit status."""
    return f"""
import sys
from tui.cli import main
sys.argv = ["chainstep", *{arguments.split()!r}]
try:
    main()
except SystemExit:
    pass
"""


@pytest.mark.parametrize(
    "code",
    [
        "import engine",
        "import engine.scenario",
        "import engine, numpy as np; "
        "program = engine.trace(lambda w: (w**2).sum(), {'w': np.ones(3)}, {}); "
        "program.steps, program.run({'w': np.ones(3)}, {}).gradients",
    ],
)
def test_the_engine_needs_numpy_only(code: str) -> None:
    """Importing and using it loads nothing of the screen and no prepared file."""
    loaded = loaded_by(code)
    assert "numpy" in loaded
    assert not loaded & {"tui", "scenarios", "textual", "rich"}


def test_a_prepared_file_is_importable_by_itself() -> None:
    """It is an ordinary module that knows nothing of ours."""
    loaded = loaded_by("import scenarios.softmax")
    assert not loaded & {"engine", "tui", "textual", "rich"}


@pytest.mark.parametrize("arguments", ["--version", "list", "show regression", "check regression", "show nowhere.py"])
def test_commands_that_only_print_load_no_textual(arguments: str) -> None:
    """They answer at once, also with an error message; the app is not even imported."""
    assert "textual" not in loaded_by(run_command(arguments))


def test_drawing_is_importable_without_textual_and_rich() -> None:
    """The painters serve ``chainstep show`` as well as the app."""
    loaded = loaded_by("import tui.canvas, tui.numbers, tui.debugger, tui.paint")
    assert not loaded & {"textual", "rich"}
