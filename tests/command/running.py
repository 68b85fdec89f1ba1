"""Runs the command as a person does: in a process of its own, its output going into a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT = 60


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as one JSON document, NaN and Infinity not allowed."""
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def environment(**changes: str) -> dict[str, str]:
    """The environment of a command that finds this checkout; nothing about colours or locale is inherited."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "LC_ALL", "PYTHONIOENCODING")}
    return kept | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"} | changes


def chainstep(*arguments: str, cwd: Path | None = None, **changes: str) -> Ran:
    """``chainstep ARGUMENTS`` with its output read as UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        capture_output=True,
        timeout=TIMEOUT,
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
