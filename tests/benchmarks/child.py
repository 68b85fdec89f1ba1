"""Runs one measurement in a fresh process with one BLAS thread and reads its JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("OMP", "OPENBLAS", "MKL")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in _LIBRARIES}


def environment() -> dict[str, str]:
    """The surroundings of every measured process."""
    return {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)}


def measured(module: str, **settings: Any) -> Any:
    """What ``tests.benchmarks.<module>`` prints for these settings. Raises CalledProcessError with its stderr shown."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", json.dumps(settings)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def settings() -> dict[str, Any]:
    """In the measured process: what the parent asked for. The process stays on one core where the system allows."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    found: dict[str, Any] = json.loads(sys.argv[1])
    return found
