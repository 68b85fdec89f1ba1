"""A person's Python file: read, compiled and run as an import would run it, every failure told with its line.

Always from the text and never from bytecode, so that running it a second time sees every edit.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import linecache
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, TracebackType
from typing import NoReturn

from engine.errors import ScenarioError
from engine.source import forget
from engine.streams import apart


class UserFile:
    """The text of one Python file. Opening and running it raises ScenarioError for whatever goes wrong.

    ``path`` is absolute, ``docstring`` the file's own, without indentation (empty where there is none).
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self._lines: list[str] = []
        self._text = self._read()
        self._lines = self._text.splitlines()
        self._tree = self._parse()
        self._definitions = {(name, key): line for name, key, line in _definitions(self._tree)}
        self.docstring = ast.get_docstring(self._tree) or ""

    def refuse(
        self, reason: str, *, cure: str = "", line: int | None = None, cause: BaseException | None = None
    ) -> NoReturn:
        """Raise the ScenarioError for this file; the source text of ``line`` is added."""
        text = self._lines[line - 1].strip() if line is not None and 0 < line <= len(self._lines) else ""
        raise ScenarioError(reason, file=str(self.path), line=line, text=text, cure=cure) from cause

    def line_of(self, name: str, key: object = None) -> int | None:
        """The line where ``name`` is defined, or where ``key`` stands in that dict; None where it cannot be seen."""
        return self._definitions.get((name, key), self._definitions.get((name, None)))

    def run(self) -> ModuleType:
        """Execute the file in a fresh module. KeyboardInterrupt passes, everything else becomes a ScenarioError."""
        # One private name per path: a reload takes the place of what was there before.
        module = ModuleType(f"_chainstep_{self.path.stem}_{zlib.crc32(os.fsencode(self.path)):08x}")
        module.__file__ = str(self.path)
        # No modification time: the text that ran is quoted, even after the file on disk was edited.
        lines = self._text.splitlines(keepends=True)
        forget()
        linecache.cache[str(self.path)] = (len(self._text), None, lines, str(self.path))
        try:
            code = compile(self._text, str(self.path), "exec", dont_inherit=True)
            with _import_of(module, self.path.parent):
                exec(code, vars(module))
        except SyntaxError as error:
            self._refuse_syntax(error)
        except ImportError as error:
            self.refuse(
                f"An import failed: {_said(error)}.",
                cure="A file can import what is installed beside chainstep and what lies in its own folder.",
                line=self._line_reached(error.__traceback__),
                cause=error,
            )
        except SystemExit as error:
            self.refuse(
                "The file ends the program while it is being opened.",
                cure='Put that call under `if __name__ == "__main__":`.',
                line=self._line_reached(error.__traceback__),
                cause=error,
            )
        except FileNotFoundError as error:
            self._refuse_missing(error)
        except AssertionError as error:
            said = _said(error)
            self.refuse(
                f"The file stops itself here: {said}." if said else "An assertion of the file does not hold.",
                line=self._line_reached(error.__traceback__),
                cause=error,
            )
        except Exception as error:
            self.refuse(
                f"Running the file failed here with {type(error).__name__}: {_said(error) or 'no reason given'}",
                line=self._line_reached(error.__traceback__),
                cause=error,
            )
        return module

    def _read(self) -> str:
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError as error:
            self.refuse("There is no such file.", cause=error)
        except IsADirectoryError as error:
            self.refuse("This is a folder, not a Python file.", cause=error)
        except (OSError, ValueError) as error:
            self.refuse(f"The file cannot be read: {getattr(error, 'strerror', None) or error}.", cause=error)
        if self.path.suffix != ".py":
            self.refuse("This is not a Python file: its name does not end in .py.")
        try:
            return importlib.util.decode_source(raw)
        except (UnicodeDecodeError, SyntaxError) as error:  # SyntaxError: a coding comment names no known encoding
            self.refuse("The file is not readable text.", cure="Save it as UTF-8.", cause=error)

    def _parse(self) -> ast.Module:
        try:
            return ast.parse(self._text, str(self.path))
        except SyntaxError as error:
            self._refuse_syntax(error)
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes; thousands of nested brackets
            self.refuse(f"Python cannot read this file: {_said(error) or type(error).__name__}.", cause=error)

    def _refuse_syntax(self, error: SyntaxError) -> NoReturn:
        if error.filename == str(self.path):
            self.refuse(f"This is not valid Python: {error.msg}.", line=error.lineno, cause=error)
        # Something that this file imports or evaluates.
        where = (
            f"{Path(error.filename).name}, line {error.lineno}," if error.filename else "Text that is evaluated here"
        )
        reason = f"{where} is not valid Python: {error.msg}."
        self.refuse(reason, line=self._line_reached(error.__traceback__), cause=error)

    def _refuse_missing(self, error: FileNotFoundError) -> NoReturn:
        """A file that this one opens; NumPy's text readers name it in the message only."""
        name = str(error.filename or _said(error).removesuffix(" not found."))
        relative = "" if Path(name).is_absolute() else f" A relative name starts at {Path.cwd()}, where chainstep runs."
        self.refuse(
            f"A file that is read here does not exist: {name}",
            cure=f"Put it there, or correct the name.{relative}",
            line=self._line_reached(error.__traceback__),
            cause=error,
        )

    def _line_reached(self, trace: TracebackType | None) -> int | None:
        """The innermost line of this file that an exception passed through."""
        line = None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(self.path):
                line = trace.tb_lineno
            trace = trace.tb_next
        return line


def _said(error: BaseException) -> str:
    """An exception's message on one line."""
    return " ".join(str(error).split())


def _definitions(tree: ast.Module) -> Iterator[tuple[str, object, int]]:
    """(name, key or None, line) of everything that is defined at top level, and of the entries of dicts there."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, None, node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, None, node.lineno
                    yield from ((target.id, key, line) for key, line in _entries(node.value))
                elif isinstance(target, ast.Subscript):  # params["W1"] = ...
                    name, key = getattr(target.value, "id", None), getattr(target.slice, "value", None)
                    if name is not None and key is not None:
                        yield name, key, node.lineno


def _entries(value: ast.expr | None) -> Iterator[tuple[object, int]]:
    """(key, line) of the entries of ``{"W1": ...}`` and ``dict(W1=...)``."""
    if isinstance(value, ast.Dict):
        yield from ((key.value, key.lineno) for key in value.keys if isinstance(key, ast.Constant))
    elif isinstance(value, ast.Call):
        yield from ((keyword.arg, keyword.lineno) for keyword in value.keywords if keyword.arg)


@contextlib.contextmanager
def _import_of(module: ModuleType, folder: Path) -> Iterator[None]:
    """The surroundings of an import: ``module`` registered, ``folder`` first on the path, prints on stderr.

    Neighbouring files that were imported are forgotten afterwards: the next load reads them anew, and a file of the
    same name in another folder is not taken for them. No bytecode is written, which could hide an edit.
    """
    known, writes_no_bytecode = set(sys.modules), sys.dont_write_bytecode
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        with apart(sys.stderr):
            yield
    except BaseException:
        sys.modules.pop(module.__name__, None)
        raise
    finally:
        sys.dont_write_bytecode = writes_no_bytecode
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        _forget_neighbours(set(sys.modules) - known, folder)


def _forget_neighbours(names: set[str], folder: Path) -> None:
    """Drop those of the modules ``names`` that are files or packages of ``folder``."""
    neighbours = set()
    for name in names:
        origin = getattr(sys.modules[name], "__file__", None)
        if origin is not None and Path(origin) in (folder / f"{name}.py", folder / name / "__init__.py"):
            neighbours.add(name)
    for name in names:
        if name.partition(".")[0] in neighbours:
            del sys.modules[name]
