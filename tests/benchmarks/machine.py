"""What the figures were measured on, in words that say nothing of whose machine it was."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.child import ONE_THREAD

_SETTINGS = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES")


def lines() -> list[str]:
    """Markdown list: processor, Python, NumPy with its BLAS, threads, other engines, what else the machine is doing."""
    found = [
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
        f"Python {platform.python_version()}, NumPy {np.__version__} with {_blas()}, Textual {_version('textual')}",
        "one BLAS thread (" + ", ".join(f"`{name}=1`" for name in ONE_THREAD) + "), one core",
        *(f"`{name}={os.environ[name]}`" for name in _SETTINGS if name in os.environ),
    ]
    peers = [f"{name} {_version(name)}" for name in ("autograd", "torch") if _version(name) != "absent"]
    return [f"- {line}" for line in (*found, *([", ".join(peers)] if peers else []))]


def load() -> str:
    """How many processes wanted a core during the last minute; figures from a busy machine are worth less."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        pairs = (line.partition(":") for line in information.read_text().splitlines())
        fields = {name.strip(): value.strip() for name, _, value in pairs}
        names = [fields.get("model name", platform.machine())]
        names += [f"family {fields['cpu family']} model {fields['model']}"] if "cpu family" in fields else []
        return ", ".join(names)
    return platform.processor() or platform.machine()


def _blas() -> str:
    configuration: Any = np.show_config(mode="dicts")
    blas = configuration["Build Dependencies"]["blas"]
    return f"{blas['name']} {blas['version']}"


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
