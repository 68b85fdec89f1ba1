"""What is the person's own: the file of the backward and those beside it, the classes and the code in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

_INSTALLED = (sys.prefix + os.sep, sys.base_prefix + os.sep, str(Path(os.__file__).parent) + os.sep)
_OPTIMIZED = 0x1
_COMPREHENSIONS = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")


class Own:
    """Tells the person's own code from the standard library and installed packages."""

    def __init__(self, backward: Callable[..., Any]) -> None:
        self.file = backward.__code__.co_filename
        self._folder = str(Path(self.file).parent) + os.sep
        self._modules = {getattr(backward, "__globals__", {}).get("__name__")}
        self._known_files: dict[str, bool] = {}
        self._known_classes: dict[type, bool] = {SimpleNamespace: True}

    def has_file(self, file: str) -> bool:
        """Whether the file is the backward's, or lies in its folder and belongs to no installation."""
        if file not in self._known_files:
            self._known_files[file] = file == self.file or (
                file.startswith(self._folder) and "site-packages" not in file and not file.startswith(_INSTALLED)
            )
        return self._known_files[file]

    def follows(self, code: CodeType) -> bool:
        """Whether the lines of this code are followed: functions of own files, comprehensions and class bodies not."""
        optimized = code.co_flags & _OPTIMIZED and code.co_name not in _COMPREHENSIONS
        return bool(optimized) and self.has_file(code.co_filename)

    def has_class(self, kind: type) -> bool:
        """Whether the attributes of such an object are looked at."""
        if kind not in self._known_classes:
            self._known_classes[kind] = self._made_here(kind)
        return self._known_classes[kind]

    def _made_here(self, kind: type) -> bool:
        if kind.__module__ == "builtins":
            return False
        if kind.__module__ in self._modules:
            return True
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        if file is not None:
            return self.has_file(file)
        functions = (v for v in vars(kind).values() if hasattr(v, "__code__"))
        return any(self.has_file(f.__code__.co_filename) for f in functions)
