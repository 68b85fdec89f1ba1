"""Which line and which sub-expression of the user's file is being executed, read from a frame."""

from __future__ import annotations

import ast
import dis
import functools
import linecache
import os
import sys
from pathlib import Path
from types import CodeType, FrameType

import numpy as np

from engine.ir import Source

_ENGINE = str(Path(__file__).absolute().parent) + os.sep
_NUMPY = str(Path(np.__file__).absolute().parent) + os.sep
_OPERATORS = frozenset(
    code
    for name, code in dis.opmap.items()
    if name.startswith(("BINARY_", "COMPARE_OP", "UNARY_", "STORE_SUBSCR", "STORE_SLICE", "INPLACE_"))
)
# from Python 3.12 on a slice has an instruction of its own
_STORES = frozenset(code for name, code in dis.opmap.items() if name in ("STORE_SUBSCR", "STORE_SLICE"))
# what stands between an in-place operator and the store that follows it
_BETWEEN = frozenset(code for name, code in dis.opmap.items() if name in ("CACHE", "SWAP", "COPY"))


@functools.lru_cache(maxsize=4096)
def is_ours(filename: str) -> bool:
    """Whether a file belongs to the engine or to NumPy."""
    return filename.startswith((_ENGINE, _NUMPY, "<__array_function__", "<chainstep"))


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame at or outside ``frame`` that belongs neither to the engine nor to NumPy."""
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def calling_frame() -> FrameType | None:
    """The user's frame that is executing an operation right now."""
    return user_frame(sys._getframe(1))


@functools.lru_cache(maxsize=4096)
def _positions(code: CodeType) -> tuple[tuple[int | None, int | None, int | None, int | None], ...]:
    return tuple(code.co_positions())


def is_operator(frame: FrameType | None) -> bool:
    """Whether the user's frame is executing an operator (``a + b``) rather than a call."""
    return frame is not None and frame.f_code.co_code[frame.f_lasti] in _OPERATORS


def stores_back(frame: FrameType | None) -> bool:
    """Whether the operator being executed is ``a[i] += b``: what it gives is written to the same place at once."""
    if frame is None:
        return False
    code = frame.f_code.co_code
    for position in range(frame.f_lasti + 2, len(code), 2):
        if code[position] in _STORES:
            return True
        if code[position] not in _BETWEEN:
            return False
    return False


def is_returned(frame: FrameType | None) -> bool:
    """Whether what the call in ``frame`` gives is returned at once, by every function down to the recorded loss."""
    while frame is not None and frame.f_code.co_name != "_recorded":
        code = frame.f_code.co_code
        after = (code[k] for k in range(frame.f_lasti + 2, len(code), 2))
        if next((c for c in after if c != dis.opmap["CACHE"]), None) != dis.opmap["RETURN_VALUE"]:
            return False
        frame = frame.f_back
    return frame is not None


def source_of(frame: FrameType | None, lasti: int | None = None) -> Source | None:
    """The sub-expression that ``frame`` is executing; without debug ranges, its line alone."""
    if frame is None:
        return None
    code = frame.f_code
    positions = _positions(code)
    number = (frame.f_lasti if lasti is None else lasti) // 2
    line, end_line, column, end_column = positions[number] if number < len(positions) else (None, None, None, None)
    if line is None:
        line = frame.f_lineno
    elif column is not None and code.co_code[2 * number] in _STORES:
        line, end_line, column, end_column = _statement(code.co_filename, line, column) or (
            line,
            end_line,
            column,
            end_column,
        )
    return _source(code.co_filename, line, end_line, column, end_column)


@functools.lru_cache(maxsize=4096)
def _statement(file: str, line: int, column: int) -> tuple[int, int, int, int] | None:
    """The whole assignment whose target starts here; Python itself tells only the target (``h[h < 0]``)."""
    for node in _assignments(file):
        if (node.lineno, node.col_offset) <= (line, column) < (node.end_lineno or 0, node.end_col_offset or 0):
            return node.lineno, node.end_lineno or node.lineno, node.col_offset, node.end_col_offset or 0
    return None


@functools.lru_cache(maxsize=16)
def _assignments(file: str) -> tuple[ast.stmt, ...]:
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ()
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign))


@functools.lru_cache(maxsize=16384)
def _source(file: str, line: int, end_line: int | None, column: int | None, end_column: int | None) -> Source:
    lines = linecache.getlines(file)
    if column is None or end_column is None or end_line is None or not 0 < line <= end_line <= len(lines):
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return Source(file, line, None, None, None, text)
    first, last = lines[line - 1], lines[end_line - 1]
    start, end = _characters(first, column), _characters(last, end_column)
    if line == end_line:
        text = first[start:end]
    else:
        middle = [text.strip() for text in lines[line : end_line - 1]]
        text = " ".join([first[start:].strip(), *middle, last[:end].strip()])
    return Source(file, line, start, end_line, end, text)


def forget() -> None:
    """Files may have changed on disk: what was read of them is read again."""
    linecache.checkcache()
    for remembered in (_source, _statement, _assignments):
        remembered.cache_clear()


def _characters(line: str, column: int) -> int:
    """Python counts columns in bytes of UTF-8; a person counts characters."""
    return len(line.encode()[:column].decode(errors="ignore"))
