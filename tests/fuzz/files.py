"""A program as a file that is opened, the way chainstep opens it."""

from __future__ import annotations

import itertools
import linecache
import sys
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.copies import copied
from engine.scenario import load
from tests.fuzz.description import Array

_NUMBERS = itertools.count()
_OPENED: deque[str] = deque()


@dataclass(frozen=True, eq=False)
class File:
    """A loaded file: the loss and its arrays, and the same in double precision."""

    loss: Callable[..., Any]
    params: dict[str, Any]
    data: dict[str, Any]
    wide: tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]
    single: bool

    def plain(self) -> Array:
        """The loss of a plain run; the arrays stay as they are."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(self.loss(**copied(self.params), **copied(self.data)))


def opened(text: str, folder: Path) -> File:
    """Write the program to a file, load it as chainstep does, and once more with every float in double precision."""
    # a name of its own: what is remembered of one file must not be taken for another
    path = folder / f"program{next(_NUMBERS)}.py"
    path.write_text(text, encoding="utf-8")
    scenario = load(path)
    path.unlink()
    # thousands of programs in one process: what is remembered of each file is forgotten after a while
    sys.modules.pop(scenario.loss.__module__, None)
    _OPENED.append(str(path))
    if len(_OPENED) > 50:
        linecache.cache.pop(_OPENED.popleft(), None)
    scope: dict[str, Any] = {}
    exec(compile(text.replace("np.float32", "np.float64"), "wide", "exec"), scope)
    wide = (scope["loss"], scope["params"], scope["data"])
    return File(scenario.loss, scenario.params, scenario.data, wide, "float32" in text)
